"""Why a query has no result: each kind of reason, with what is nearest; never of what the data have."""

from collections.abc import Callable, Iterator

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import GRAPH_FORMATS, RESULTS_JSON, SOLUTION_FORMATS, TURTLE, Format
from cper_lod.core.namespaces import BASE, shorten
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Engine, Query
from cper_lod.release.docs.empty_results import MAX_TEXT, EmptyReason, EmptyResults, is_empty
from cper_lod.release.engines import open_engine
from cper_lod.release.release import Release

HERE = "http://127.0.0.1:8131"
SETTINGS = Settings(public_url=HERE, query_workers=1)
CONTRACT, BRETAGNE = "id/contrat/hauts-de-france-2021-2027", "id/contrat/bretagne-2021-2027"
Reasons = Callable[[str], list[EmptyReason]]


@pytest.fixture(scope="module")
def engine(release: Release) -> Iterator[Engine]:
    with open_engine(release, SETTINGS) as engine:
        yield engine


@pytest.fixture(scope="module")
def reasons(release: Release, engine: Engine) -> Reasons:
    return lambda text: EmptyResults(release, SETTINGS).reasons(Query(text, RESULTS_JSON, TURTLE), engine.query)


CLASS, PROPERTY, UNUSED = "class", "property", "unused"
GRAPHS = ", ".join(f"{BASE}graph/{name}" for name in ("catalogue", "documentation", "rapport", "void"))
TERMS: dict[str, dict[tuple[str, str], str]] = {
    "?x a cper:Etapee": {(CLASS, "Etapee"): "Etape"},
    "?x a cper:ETAPE ; cper:Financeur ?y": {(CLASS, "ETAPE"): "Etape", (PROPERTY, "Financeur"): "financeur"},
    "?x cper:périmètre ?y": {(PROPERTY, "périmètre"): "perimetre"},
    "?x cper:zzzzzzzz ?y": {(PROPERTY, "zzzzzzzz"): ""},
    r"?x a cper:Et\u0061pee": {(CLASS, "Etapee"): "Etape"},
    "?x a 'cper:Etapee' , \"<https://w3id.org/cper-lod/ontology#Etapee>\" # cper:Etapee \n": {},
    # In the wrong role.
    "?x a cper:subdivision": {(CLASS, "subdivision"): "Subdivision"},
    "?x cper:Part ?y": {(PROPERTY, "Part"): "partParSubdivision"},
    "?x a cper:financeurs ; cper:Contrat/cper:Etape ?y": {
        (CLASS, "financeurs"): "financeur", (PROPERTY, "Contrat"): "contrat", (PROPERTY, "Etape"): "",
    },
    # What people guess: the nearest one is of the same kind, or has that name in JSON or as a label.
    "?x cper:montant ?y ; cper:montants ?z ; cper:amount ?a": {
        (PROPERTY, name): "montantTotal" for name in ("montant", "montants", "amount")
    },
    "?x a cper:Axe , cper:Priorite": {(CLASS, "Axe"): "Subdivision", (CLASS, "Priorite"): "Subdivision"},
    "?x cper:part/cper:pourcentage ?y": {
        (PROPERTY, "part"): "partParSubdivision", (PROPERTY, "pourcentage"): "partParSubdivision",
    },
    "?x cper:codeInsee ?y ; cper:nom ?z": {(PROPERTY, "codeInsee"): "igeo:codeINSEE", (PROPERTY, "nom"): "skos:prefLabel"},
    "?x a cper:Region , cper:Contract": {(CLASS, "Region"): "igeo:Region", (CLASS, "Contract"): "Contrat"},
    '?x rdfs:label ?y FILTER(LANG(?y) = "de" || langMatches(lang(?y), "FR"))': {("language", "de"): "en, fr"},
    '?x rdfs:label ?y FILTER(LANG(?y) = "en" && ?y = "zz"@en)': {},
    # Other vocabularies, and values.
    "?x cper:subdivision/skos:prefLabell ?y": {(PROPERTY, "skos:prefLabell"): "skos:prefLabel"},
    "?x a skos:Concet": {(CLASS, "skos:Concet"): "skos:Concept"},
    "?x foaf:knows ?y": {(PROPERTY, "foaf:knows"): ""},
    "?x ?y ?z FILTER(?y = skos:prefLabell)": {(UNUSED, "skos:prefLabell"): "skos:prefLabel"},
    "?x skos:prefLabel ?z FILTER(DATATYPE(?z) = rdf:HTML && xsd:double(?z) = '1'^^rdf:XMLLiteral)": {},
    "CONSTRUCT { ?x schema:alternateName ?y ; cper:Etapee 1 } { ?x skos:altLabell ?y }": {
        (PROPERTY, "skos:altLabell"): "skos:altLabel"
    },
    # Named graphs.
    f"GRAPH <{BASE}graph/zzz> {{ ?x ?y ?z }}": {("graph", f"{BASE}graph/zzz"): GRAPHS},
    f"SELECT * FROM NAMED <{BASE}graph/zzz> {{ ?x ?y ?z }}": {("graph", f"{BASE}graph/zzz"): GRAPHS},  # noqa: S608  # SPARQL
    f"GRAPH <{BASE}graph/catalogue> {{ ?x a cper:Etape }}": {},
    f"?x a cper:Etapee #{'x' * MAX_TEXT}\n": {},
}  # fmt: skip


@pytest.mark.parametrize("pattern", TERMS)
def test_terms(reasons: Reasons, pattern: str) -> None:
    text = pattern if pattern.startswith(("PREFIX", "BASE", "SELECT", "CONSTRUCT")) else f"SELECT * {{ {pattern} }}"
    found = [each for each in reasons(text) if each.kind in (CLASS, PROPERTY, UNUSED, "graph", "language")]
    short = {
        (each.kind, shorten(each.term).removeprefix("cper:")): shorten(each.nearest).removeprefix("cper:")
        for each in found
    }
    assert short == TERMS[pattern]


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        (f"{HERE}/{CONTRACT}", CONTRACT),
        (f"/{CONTRACT}", CONTRACT),
        (CONTRACT, CONTRACT),
        ("/doc/contrat/hauts-de-france-2021-2027.json", CONTRACT),
        ("/doc/contrat/haut-de-france-2021-2027/axe/2.ttl?lang=en", f"{CONTRACT}/axe/2"),
        (f"{BASE}doc/contrat/hauts-de-france-2021-2027", CONTRACT),
        (f"{BASE.replace('https', 'http')}{CONTRACT}", CONTRACT),
        (f"{HERE}/id/contrat/zzzz", ""),
        (f"{BASE}id/contrats/haut-de-france-2021-2027/axe/2", f"{CONTRACT}/axe/2"),
        (f"{BASE}{CONTRACT}/", CONTRACT),
        (f"{BASE}id/territoire/nrod", "id/territoire/nord"),
        (f"{BASE}id/territoire/zzzz", ""),
        (f"{BASE}id/zzzz/{'z' * 3000}", ""),
    ],
)
def test_things_that_no_data_describe(reasons: Reasons, written: str, nearest: str) -> None:
    for query in (f"SELECT * {{ <{written}> ?p ?o }}", f"SELECT * {{ ?s ?p ?o FILTER(?o = <{written}>) }}"):
        (found,) = reasons(query)
        assert (found.nearest, found.kind) == (nearest and BASE + nearest, "unused")


TYPED = f"<{BASE}id/code/type-d-organisme/etat>"
UNMATCHED = {
    # A property on another class, and the way to it.
    "?s a cper:Signataire ; cper:siren ?n": ("?s a cper:Signataire . ?s prov:agent/cper:siren ?n",),
    "?c a cper:Contrat ; cper:montantTotal ?m": ("?c a cper:Contrat . ?_0 cper:contrat ?c . ?_0 cper:montantTotal ?m",),
    f"<{BASE}{CONTRACT}> cper:montantTotal ?m": (f"?_0 cper:contrat <{BASE}{CONTRACT}> . ?_0 cper:montantTotal ?m",),
    # A text in another form, a number that is a code, another property.
    '?x rdfs:label "département du nord"': ('?x rdfs:label "Département du Nord"@fr',),
    "?x cper:siren 200053742": ('?x cper:siren "200053742"',),
    f"?x cper:financeur {TYPED}": (f"?x org:classification {TYPED}",),
    '?x cper:siren "200 053 742"': ('?x cper:siren "200053742"',),
    # The thing or the class that is named is kept, with another property of that kind.
    f"?m cper:contrat <{BASE}{BRETAGNE}> ; cper:montantParFinanceur ?v": (
        f"?m cper:contrat <{BASE}{BRETAGNE}> . ?m cper:montantTotal ?v",
    ),
    "?e a cper:Enonce ; dct:publisher ?d": ("?e a cper:Enonce . ?e prov:wasQuotedFrom/dct:publisher ?d",),
    # In another graph.
    "?d a dcat:Dataset": (f"GRAPH <{BASE}graph/catalogue> {{ ?d a dcat:Dataset }}",),
    # None of what an answer can do without.
    "?s a cper:Signataire OPTIONAL { ?s cper:siren ?n }": (),
    "?s a cper:Signataire FILTER NOT EXISTS { ?s cper:siren ?n }": ("FILTER",),
    "{ ?s a cper:Part } UNION { ?s cper:siren ?n }": (),
    "?s a cper:Part . { SELECT ?n { ?s cper:siren ?n } }": (),
    "GRAPH ?g { ?s a cper:Part }": (),
    "?s (cper:siren|^cper:siren)/cper:contrat* ?n . ?s a cper:Signataire": (),
    "?s a cper:Part ; cper:contrat ?c . ?c cper:signePar ?x": (),
}


@pytest.mark.parametrize("pattern", UNMATCHED)
def test_patterns_that_match_nothing(reasons: Reasons, pattern: str) -> None:
    found = reasons(f"SELECT * {{ {pattern} }}")
    assert all(each.kind in ("pattern", "clause") for each in found)
    assert tuple(each.nearest if each.kind == "pattern" else each.term for each in found) == UNMATCHED[pattern]


HINTS: dict[str, tuple[str, ...]] = {
    # Numbers to be read, and those that add up.
    "* { ?x cper:valeur ?v FILTER(?v > 1000000000) }": ("FILTER", "number"),
    "* { ?x cper:valeur ?v FILTER(xsd:decimal(STR(?v)) < 0) }": ("FILTER",),
    "(SUM(?v) AS ?n) { ?x cper:valeur ?v }": ("SUM", "number"),
    "(AVG(?v) AS ?n) { ?x rdfs:label ?v }": ("AVG",),
    # Texts with a language, and their case.
    '* { ?x rdfs:label ?v FILTER(?v = "Nord") }': ("FILTER", "text"),
    '* { ?x rdfs:label ?v FILTER(?v = "zzz"@fr) }': ("FILTER",),
    '* { ?x cper:siren ?v FILTER(?v = "1") }': ("FILTER",),
    '* { ?x rdfs:label ?v FILTER(CONTAINS(STR(?v), "NORD-ZZZ")) }': ("FILTER", "case"),
    '* { ?x rdfs:label ?v FILTER(CONTAINS(LCASE(?v), "nord-zzz")) }': ("FILTER",),
    f"* {{ ?x a cper:Part FILTER(?x = <{BASE}{CONTRACT}>) }}": ("FILTER",),
}


@pytest.mark.parametrize("query", HINTS)
def test_what_leaves_nothing_of_matches(reasons: Reasons, engine: Engine, query: str) -> None:
    assert is_empty(engine.query(Query(f"SELECT {query}", RESULTS_JSON, None)))
    clause, *hints = reasons(f"SELECT {query}")
    assert (clause.term, *(each.kind for each in hints)) == HINTS[query]
    assert all(each.term == "?v" for each in hints)


def test_what_is_nearest_is_a_query_with_an_answer(engine: Engine) -> None:
    for near in {near for found in UNMATCHED.values() for near in found if "?" in near}:
        assert not is_empty(engine.query(Query(f"SELECT * {{ {near} }} LIMIT 1", RESULTS_JSON, None))), near


def test_a_limit_of_the_engine_leaves_no_reason(release: Release) -> None:
    def busy(query: Query) -> Answer:
        raise Problem("query-timeout", limit=1)

    empty = EmptyResults(release, SETTINGS)
    assert empty.reasons(Query("ASK { ?s a cper:Signataire ; cper:siren ?n }", RESULTS_JSON, None), busy) == []


def test_no_question_has_an_unknown_term(release: Release) -> None:
    assert len(release.questions) > 20
    for question in release.questions:
        found = EmptyResults(release, SETTINGS).reasons(Query(question["text"], RESULTS_JSON, None), _silent)
        unknown = [each for each in found if not release.triples.describes(each.term)]
        assert unknown == [], question["slug"]  # no link of the shipped data was checked yet: cper:lignes has no value


def _silent(query: Query) -> Answer:
    raise Problem("query-queue")


EMPTY = ["SELECT ?x { ?x <urn:y> ?z }", "ASK { ?x <urn:y> ?z }", "CONSTRUCT WHERE { ?x <urn:y> ?z }",
         "SELECT (COUNT(*) AS ?n) (SUM(?x) AS ?s) (MAX(?x) AS ?m) (GROUP_CONCAT(?x) AS ?g) { ?x <urn:y> ?z }",
         "SELECT (COUNT(*) AS ?value) { ?x <urn:y> ?z }", "SELECT * {}"]  # fmt: skip
FULL = ["SELECT (0.5 AS ?x) {}", "ASK {}", "CONSTRUCT { <urn:a> <urn:b> 0 } {}", 'SELECT ("0 " AS ?x) {}',
        "SELECT (<urn:0> AS ?x) {}", "SELECT (BNODE() AS ?x) {}", "SELECT (COUNT(*) AS ?n) {}",
        'SELECT ("" AS ?x) ("a" AS ?y) {}']  # fmt: skip


@pytest.mark.parametrize("format", [*SOLUTION_FORMATS, *GRAPH_FORMATS], ids=lambda each: each.name)
def test_what_is_empty(engine: Engine, format: Format) -> None:
    kinds = ("CONSTRUCT",) if format in GRAPH_FORMATS else ("SELECT", "ASK")
    for text, empty in [*((each, True) for each in EMPTY), *((each, False) for each in FULL)]:
        if text.startswith(kinds):
            assert is_empty(engine.query(Query(text, format, format)._replace(**_accepted(format)))) is empty, text


def _accepted(format: Format) -> dict[str, Format | None]:
    graph = format in GRAPH_FORMATS
    return {"solutions": None if graph else format, "graph": format if graph else None}
