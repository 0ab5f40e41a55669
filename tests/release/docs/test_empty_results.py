"""Why a query has no result: each kind of reason, with what is nearest; never of what the data have."""

from collections.abc import Callable, Iterator

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import GRAPH_FORMATS, RESULTS_JSON, SOLUTION_FORMATS, TURTLE, Format
from cper_lod.core.namespaces import BASE, CPER, SKOS, shorten
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Engine, Query
from cper_lod.release.docs.empty_results import MAX_REASONS, MAX_TEXT, EmptyResults, Reason, is_empty
from cper_lod.release.engines import open_engine
from cper_lod.release.release import Release

HERE = "http://127.0.0.1:8131"
SETTINGS = Settings(public_url=HERE, query_workers=1)
CONTRACT = "id/contrat/hauts-de-france-2021-2027"
Reasons = Callable[[str], list[Reason]]


@pytest.fixture(scope="module")
def engine(release: Release) -> Iterator[Engine]:
    with open_engine(release, SETTINGS) as engine:
        yield engine


@pytest.fixture(scope="module")
def reasons(release: Release, engine: Engine) -> Reasons:
    return lambda text: EmptyResults(release, SETTINGS).reasons(Query(text, RESULTS_JSON, TURTLE), engine.query)


CLASS, PROPERTY, UNUSED = "class", "property", "unused"
TERMS: dict[str, dict[tuple[str, str], str]] = {
    "?x a cper:Etapee": {(CLASS, "Etapee"): "Etape"},
    "?x a cper:ETAPE ; cper:Financeur ?y": {(CLASS, "ETAPE"): "Etape", (PROPERTY, "Financeur"): "financeur"},
    "?x cper:périmètre ?y": {(PROPERTY, "périmètre"): "perimetre"},
    "?x cper:zzzzzzzz ?y": {(PROPERTY, "zzzzzzzz"): ""},
    f"?x cper:{'z' * 3000} ?y": {(PROPERTY, "z" * 3000): ""},
    f"PREFIX c: <{CPER}> SELECT * {{ ?x a c:Etapee , c:Etape }}": {(CLASS, "Etapee"): "Etape"},
    f"?x a <{CPER}Etapee> , <{CPER}Etape>": {(CLASS, "Etapee"): "Etape"},
    "BASE <https://w3id.org/cper-lod/> SELECT * { ?x a <ontology#Etapee> }": {(CLASS, "Etapee"): "Etape"},
    r"?x a cper:Et\u0061pee": {(CLASS, "Etapee"): "Etape"},
    "?x a 'cper:Etapee' , \"<https://w3id.org/cper-lod/ontology#Etapee>\" # cper:Etapee \n": {},
    # In the wrong role.
    "?x a cper:subdivision": {(CLASS, "subdivision"): "Subdivision"},
    "?x cper:Part ?y": {(PROPERTY, "Part"): "partParSubdivision"},
    "?x a cper:financeurs ; cper:Contrat/cper:Etape ?y": {
        (CLASS, "financeurs"): "financeur", (PROPERTY, "Contrat"): "contrat", (PROPERTY, "Etape"): "",
    },
    f"?x a <{BASE}{CONTRACT}>": {(CLASS, f"{BASE}{CONTRACT}"): ""},
    # What people guess: the nearest one is of the same kind, or has that name in JSON or as a label.
    "?x cper:montant ?y ; cper:montants ?z ; cper:amount ?a": {
        (PROPERTY, name): "montantTotal" for name in ("montant", "montants", "amount")
    },
    "?x a cper:Axe , cper:Priorite": {(CLASS, "Axe"): "Subdivision", (CLASS, "Priorite"): "Subdivision"},
    "?x cper:axe ?y . ?z cper:axeConcerne ?y": {
        (PROPERTY, "axe"): "subdivision", (PROPERTY, "axeConcerne"): "subdivision",
    },
    "?x cper:engagement ?y ; cper:enveloppe ?z": {
        (PROPERTY, "engagement"): "montantParFinanceur", (PROPERTY, "enveloppe"): "montantTotal",
    },
    "?x cper:part/cper:pourcentage ?y": {
        (PROPERTY, "part"): "partParSubdivision", (PROPERTY, "pourcentage"): "partParSubdivision",
    },
    "?x cper:codeInsee ?y ; cper:nom ?z": {(PROPERTY, "codeInsee"): "igeo:codeINSEE", (PROPERTY, "nom"): "skos:prefLabel"},
    "?x a cper:Region , cper:Contract": {(CLASS, "Region"): "igeo:Region", (CLASS, "Contract"): "Contrat"},
    # Other vocabularies, and values.
    "?x cper:subdivision/skos:prefLabell ?y": {(PROPERTY, "skos:prefLabell"): "skos:prefLabel"},
    "?x a skos:Concet": {(CLASS, "skos:Concet"): "skos:Concept"},
    "?x foaf:knows ?y": {(PROPERTY, "foaf:knows"): ""},
    "?x dct:type <http://e.org/nothing>": {(UNUSED, "http://e.org/nothing"): ""},
    "?x ?y ?z FILTER(?y = skos:prefLabell)": {(UNUSED, "skos:prefLabell"): "skos:prefLabel"},
    "VALUES ?c { cper:Etapee } ?x a ?c": {(UNUSED, "Etapee"): "Etape"},
    "?x skos:prefLabel ?z FILTER(DATATYPE(?z) = rdf:HTML && xsd:double(?z) = '1'^^rdf:XMLLiteral)": {},
    "CONSTRUCT { ?x schema:alternateName ?y ; cper:Etapee 1 } { ?x skos:altLabell ?y }": {
        (PROPERTY, "skos:altLabell"): "skos:altLabel"
    },
    "CONSTRUCT WHERE { ?x skos:altLabell ?y }": {(PROPERTY, "skos:altLabell"): "skos:altLabel"},
    # Languages.
    '?x rdfs:label "Culture"@de': {("language", "de"): "en, fr"},
    "?x rdfs:label ?l FILTER(lang( ?l ) = 'de' && langMatches(LANG(?l), \"FR\"))": {("language", "de"): "en, fr"},
    '?x rdfs:label ?l FILTER(LANGMATCHES(LANG(?l), "fr-CA"))': {("language", "fr-CA"): "en, fr"},
    '?x rdfs:label ?l FILTER(LANGMATCHES(LANG(?l), "en") || LANG(?l) = "FR")': {},
    f"?x a cper:Etapee #{'x' * MAX_TEXT}\n": {},
}  # fmt: skip


@pytest.mark.parametrize("pattern", TERMS)
def test_terms_and_languages(reasons: Reasons, pattern: str) -> None:
    text = pattern if "{" in pattern.replace("VALUES ?c {", "") else f"SELECT * {{ {pattern} }}"
    found = [each for each in reasons(text) if each.kind not in ("pattern", "clause")]
    short = {
        (each.kind, shorten(each.term).removeprefix("cper:")): shorten(each.nearest).removeprefix("cper:")
        for each in found
    }
    assert short == TERMS[pattern]


def test_a_query_with_many_faults_has_few_reasons(reasons: Reasons) -> None:
    assert len(reasons(f"SELECT * {{ ?x a {' , '.join(f'cper:nothing{n}' for n in range(20))} }}")) == MAX_REASONS


@pytest.mark.parametrize(
    ("written", "nearest", "kind"),
    [
        (f"{HERE}/{CONTRACT}", CONTRACT, "address"),
        (f"/{CONTRACT}", CONTRACT, "address"),
        (CONTRACT, CONTRACT, "address"),
        ("/doc/contrat/hauts-de-france-2021-2027.json", CONTRACT, "address"),
        ("/doc/contrat/haut-de-france-2021-2027/axe/2.ttl?lang=en", f"{CONTRACT}/axe/2", "address"),
        (f"{BASE}doc/contrat/hauts-de-france-2021-2027", CONTRACT, "address"),
        (f"{BASE.replace('https', 'http')}{CONTRACT}", CONTRACT, "address"),
        (f"{HERE}/id/contrat/zzzz", "", "address"),
        (f"{BASE}id/contrats/haut-de-france-2021-2027/axe/2", f"{CONTRACT}/axe/2", "unused"),
        (f"{BASE}{CONTRACT}/", CONTRACT, "unused"),
        (f"{BASE}id/territoire/nrod", "id/territoire/nord", "unused"),
        (f"{BASE}id/territoire/zzzz", "", "unused"),
        (f"{BASE}id/zzzz/{'z' * 3000}", "", "unused"),
    ],
)
def test_things_that_no_data_describe(reasons: Reasons, written: str, nearest: str, kind: str) -> None:
    for query in (f"SELECT * {{ <{written}> ?p ?o }}", f"SELECT * {{ ?s ?p ?o FILTER(?o = <{written}>) }}"):
        (found,) = reasons(query)
        assert (found.nearest, found.kind) == (nearest and BASE + nearest, kind)


TYPED = f"<{BASE}id/code/type-d-organisme/etat>"
UNMATCHED = {
    # A property on another class, and the way to it.
    "?s a cper:Signataire ; cper:siren ?n": ("?s a cper:Signataire . ?s prov:agent/cper:siren ?n",),
    "?s cper:siren ?n ; a cper:Signataire": ("?s a cper:Signataire . ?s prov:agent/cper:siren ?n",),
    "?c a cper:Contrat ; cper:montantTotal ?m": ("?c a cper:Contrat . ?_0 cper:contrat ?c . ?_0 cper:montantTotal ?m",),
    f"<{BASE}{CONTRACT}> cper:montantTotal ?m": (f"?_0 cper:contrat <{BASE}{CONTRACT}> . ?_0 cper:montantTotal ?m",),
    # A text in another form, a number that is a code, another property.
    '?x rdfs:label "département du nord"': ('?x rdfs:label "Département du Nord"@fr',),
    "?x cper:siren 200053742": ('?x cper:siren "200053742"',),
    f"?x cper:financeur {TYPED}": (f"?x org:classification {TYPED}",),
    # In another graph.
    "?d a dcat:Dataset": (f"GRAPH <{BASE}graph/catalogue> {{ ?d a dcat:Dataset }}",),
    '?x rdfs:label "nothing is called so"': ("",),
    # No more than one reason for each fault, and none of what an answer can do without.
    '?s a cper:Signataire ; cper:siren "1" ; rdfs:label ?l': ("",),
    "?s a cper:Signataire OPTIONAL { ?s cper:siren ?n }": (),
    "?s a cper:Signataire FILTER NOT EXISTS { ?s cper:siren ?n }": ("FILTER",),
    "?s a cper:Signataire MINUS { ?s a ?c }": ("MINUS",),
    "{ ?s a cper:Part } UNION { ?s cper:siren ?n }": (),
    "?s a cper:Part . { SELECT ?n { ?s cper:siren ?n } }": (),
    "GRAPH ?g { ?s a cper:Part }": (),
    "?s (cper:siren|^cper:siren)/cper:contrat* ?n . ?s a cper:Signataire": (),
    '?s a cper:Montant ; rdfs:label ?l FILTER(?l = "Nord")': ("FILTER",),
    "?s a cper:Part ; cper:contrat ?c . ?c cper:signePar ?x": (),
}


@pytest.mark.parametrize("pattern", UNMATCHED)
def test_patterns_that_match_nothing(reasons: Reasons, pattern: str) -> None:
    found = reasons(f"SELECT * {{ {pattern} }}")
    assert all(each.kind in ("pattern", "clause") for each in found)
    assert tuple(each.nearest if each.kind == "pattern" else each.term for each in found) == UNMATCHED[pattern]


def test_what_is_nearest_is_a_query_with_an_answer(engine: Engine) -> None:
    for near in {near for found in UNMATCHED.values() for near in found if "?" in near}:
        assert not is_empty(engine.query(Query(f"SELECT * {{ {near} }} LIMIT 1", RESULTS_JSON, None))), near


def test_a_limit_of_the_engine_leaves_no_reason(release: Release) -> None:
    def busy(query: Query) -> Answer:
        raise Problem("query-timeout", limit=1)

    empty = EmptyResults(release, SETTINGS)
    assert empty.reasons(Query("ASK { ?s a cper:Signataire ; cper:siren ?n }", RESULTS_JSON, None), busy) == []


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ <{BASE}{CONTRACT}> ?p <{BASE}id/territoire/nord> }}",
        f"PREFIX c: <{BASE}id/contrat/> SELECT * {{ c:hauts-de-france-2021-2027 ?p ?o }}",
        f"SELECT * {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), STR(<{BASE}id/contrat/>))) }}",
        f"CONSTRUCT {{ <{BASE}id/mine> ?p ?o }} {{ ?s ?p ?o }}",
        f"SELECT * FROM <{BASE}graph/catalogue> {{ ?s a cper:Part ; cper:siren ?n }}",  # noqa: S608  # SPARQL
    ],
)
def test_what_the_data_have_is_no_reason(reasons: Reasons, query: str) -> None:
    assert [each for each in reasons(query) if each.kind != "clause" and not each.nearest] == []


def test_no_question_has_an_unknown_term(release: Release) -> None:
    assert len(release.questions) > 20
    for question in release.questions:
        found = EmptyResults(release, SETTINGS).reasons(Query(question["text"], RESULTS_JSON, None), _silent)
        assert found == [], question["slug"]


def _silent(query: Query) -> Answer:
    raise Problem("query-queue")


def test_no_term_that_data_have_is_called_unused(release: Release) -> None:
    used = {line.split(b" ", 2)[1].decode() for line in release.lines() if line.startswith(b"<")}
    assert len(used) > 100
    for predicate in used:
        query = Query(f"SELECT * {{ ?s {predicate} ?o }}", RESULTS_JSON, None)
        assert EmptyResults(release, SETTINGS).reasons(query, _silent) == [], predicate


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


def test_the_words_name_both() -> None:
    term = Reason("class", CPER + "Etapee", CPER + "Etape")
    assert term.words("fr") == "Rien ici n'est de la classe cper:Etapee ; la plus proche est cper:Etape."
    assert term.words("en") == "Nothing here is of the class cper:Etapee; the nearest one is cper:Etape."
    assert Reason("property", "http://e.org/#x").words("en") == "Nothing here has the property http://e.org/#x."
    thing = Reason("unused", BASE + "id/axe/3", BASE + "id/axe/2")
    assert thing.words("fr") == (
        f"Aucune donnée n'emploie {BASE}id/axe/3 ici ; le plus proche de ce qu'elles emploient est {BASE}id/axe/2."
    )
    assert thing._replace(kind="address").words("en") == (
        f"{BASE}id/axe/3 is an address, not an identifier; the nearest IRI in the data is {BASE}id/axe/2."
    )
    assert Reason("unused", SKOS + "x").words("en") == "No data here use skos:x."
