"""Why a query has no result: each kind of reason, with what is nearest; never of what the data have."""

import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.core.formats import GRAPH_FORMATS, RESULT_FORMATS, RESULTS_JSON, TURTLE, Format
from cper_lod.core.namespaces import RDF, shorten
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Engine, Query
from cper_lod.release.docs.empty_results import MAX_TEXT, EmptyReason, EmptyResults, QueryPatterns, is_empty
from cper_lod.release.release import Release, open_engine
from tests.support.names import BASE

HERE = "http://127.0.0.1:8131"
SETTINGS = Settings(public_url=HERE, query_workers=1)
CONTRACT = "id/contrat/hauts-de-france-2021-2027"
Reasons = Callable[[str], list[EmptyReason]]


@pytest.fixture(scope="module")
def engine(release: Release) -> Iterator[Engine]:
    with open_engine(release, SETTINGS) as engine:
        yield engine


@pytest.fixture(scope="module")
def reasons(release: Release, engine: Engine) -> Reasons:
    return lambda text: EmptyResults(release, SETTINGS).reasons(Query(text, RESULTS_JSON, TURTLE), engine.query)


CLASS, PROPERTY, UNUSED = "class", "property", "unused"
TERMS: dict[str, dict[tuple[str, str], str]] = {
    "?x a cper:ETAPE ; cper:Financeur ?y": {(CLASS, "ETAPE"): "Etape", (PROPERTY, "Financeur"): "financeur"},
    "?x cper:zzzzzzzz ?y": {(PROPERTY, "zzzzzzzz"): ""},
    r"?x a cper:Et\u0061pee": {(CLASS, "Etapee"): "Etape"},
    "?x a 'cper:Etapee' , \"<https://w3id.org/cper-lod/ontology#Etapee>\" # cper:Etapee \n": {},
    # In the wrong role.
    "?x a subv:Subvention ; subv:rna ?y": {(CLASS, "subv:Subvention"): "", (PROPERTY, "subv:rna"): ""},  # nothing was misspelt
    "?x a cper:subdivision ; cper:Part ?y": {(CLASS, "subdivision"): "Subdivision", (PROPERTY, "Part"): "partParSubdivision"},
    "?x a cper:financeurs ; cper:Contrat/cper:Etape ?y": {
        (CLASS, "financeurs"): "financeur", (PROPERTY, "Contrat"): "contrat", (PROPERTY, "Etape"): "",
    },
    # What people guess: the nearest one is of the same kind, or has that name in JSON or as a label.
    "?x cper:montant ?y ; cper:montants ?z ; cper:amount ?a": {
        (PROPERTY, name): "montantTotal" for name in ("montant", "montants", "amount")
    },
    "?x a cper:Axe , cper:Region ; cper:part/cper:codeInsee ?y": {
        (CLASS, "Axe"): "Subdivision", (CLASS, "Region"): "igeo:Region",
        (PROPERTY, "part"): "partParSubdivision", (PROPERTY, "codeInsee"): "igeo:codeINSEE",
    },
    '?x rdfs:label ?y FILTER(LANG(?y) = "de" || langMatches(lang(?y), "FR"))': {("language", "de"): "en, fr"},
    '?x rdfs:label ?y FILTER(LANG(?y) = "en" && ?y = "zz"@en)': {},
    # Other vocabularies, and values.
    "?x cper:subdivision/skos:prefLabell ?y": {(PROPERTY, "skos:prefLabell"): "skos:prefLabel"},
    "?x foaf:knows ?y": {(PROPERTY, "foaf:knows"): ""},
    "?x ?y ?z FILTER(?y = skos:prefLabell)": {(UNUSED, "skos:prefLabell"): "skos:prefLabel"},
    "?x skos:prefLabel ?z FILTER(DATATYPE(?z) = rdf:HTML && xsd:double(?z) = '1'^^rdf:XMLLiteral)": {},
    "CONSTRUCT { ?x schema:alternateName ?y ; cper:Etapee 1 } { ?x skos:altLabell ?y }": {
        (PROPERTY, "skos:altLabell"): "skos:altLabel"
    },
    # Named graphs.
    f"GRAPH <{BASE}graph/catalogue> {{ ?x a cper:Etape }}": {},
    f"?x a cper:Etapee #{'x' * MAX_TEXT}\n": {},
}  # fmt: skip


@pytest.mark.parametrize("pattern", TERMS)
def test_terms(reasons: Reasons, pattern: str) -> None:
    text = pattern if pattern.startswith(("PREFIX", "BASE", "SELECT", "CONSTRUCT")) else f"SELECT * {{ {pattern} }}"
    found = [each for each in reasons(text) if each.kind in (CLASS, PROPERTY, UNUSED, "language")]
    short = {
        (each.kind, shorten(each.term).removeprefix("cper:")): shorten(each.nearest).removeprefix("cper:")
        for each in found
    }
    assert short == TERMS[pattern]


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        (f"{HERE}/{CONTRACT}", CONTRACT),
        (CONTRACT, CONTRACT),
        ("/doc/contrat/haut-de-france-2021-2027/axe/2.ttl?lang=en", f"{CONTRACT}/axe/2"),
        (f"{BASE}doc/contrat/hauts-de-france-2021-2027", CONTRACT),
        (f"{BASE.replace('https', 'http')}{CONTRACT}", CONTRACT),
        (f"{BASE}id/contrats/haut-de-france-2021-2027/axe/2", f"{CONTRACT}/axe/2"),
        (f"{BASE}id/zzzz/{'z' * 3000}", ""),
    ],
)
def test_things_that_no_data_describe(reasons: Reasons, written: str, nearest: str) -> None:
    for query in (f"SELECT * {{ <{written}> ?p ?o }}", f"SELECT * {{ ?s ?p ?o FILTER(?o = <{written}>) }}"):
        (found,) = reasons(query)
        assert (found.nearest, found.kind) == (nearest and BASE + nearest, "unused")


UNMATCHED = {
    # A property on another class, and the way to it.
    "?s a cper:Signataire ; cper:siren ?n": ("?s a cper:Signataire . ?s prov:agent/cper:siren ?n",),
    "?s a cper:Signataire ; cper:siren/rdfs:label ?n": ("?s a cper:Signataire . ?s prov:agent/cper:siren ?_v",),
    "?c a cper:Contrat ; cper:montantTotal ?m": ("?c a cper:Contrat . ?_0 cper:contrat ?c . ?_0 cper:montantTotal ?m",),
    f"<{BASE}{CONTRACT}> cper:montantTotal ?m": (f"?_0 cper:contrat <{BASE}{CONTRACT}> . ?_0 cper:montantTotal ?m",),
    "?e a cper:Part ; foaf:name ?d": ("",),
    # None of what the data have.
    "?s a cper:Part ; cper:contrat ?c . ?c cper:signePar ?x FILTER(false)": (),
    "?s (cper:siren|^cper:siren)/cper:contrat* ?n . ?s a cper:Signataire": (),
    "?s cper:siren ?n . ?s cper:montantTotal ?m": (),
}


@pytest.mark.parametrize("pattern", UNMATCHED)
def test_properties_that_a_class_has_not(reasons: Reasons, pattern: str) -> None:
    found = [each for each in reasons(f"SELECT * {{ {pattern} }}") if each.kind == "pattern"]
    assert tuple(each.nearest for each in found) == UNMATCHED[pattern]


@pytest.mark.parametrize("value", ["200053742", '"200 053 742"', '"200053742"@fr', '"200053742"'])
def test_values_that_nothing_has(reasons: Reasons, value: str) -> None:
    found = reasons(f"SELECT * {{ ?x cper:siren {value} }}")
    if value == '"200053742"':
        assert found == []
    else:
        (reason,) = found
        assert (reason.kind, reason.term) == ("value", f"?x cper:siren {value}")
        assert re.fullmatch('"[0-9]{9}"', reason.nearest), "as it is written"


def test_what_is_nearest_is_a_query_with_an_answer(engine: Engine) -> None:
    for near in {near for found in UNMATCHED.values() for near in found if "?" in near}:
        assert not is_empty(engine.query(Query(f"SELECT * {{ {near} }} LIMIT 1", RESULTS_JSON, None))), near


def test_a_limit_of_the_engine_leaves_no_reason(release: Release) -> None:
    empty = EmptyResults(release, SETTINGS)
    assert empty.reasons(Query("ASK { ?s a cper:Signataire ; cper:siren ?n }", RESULTS_JSON, None), _silent) == []


def test_no_question_has_an_unknown_term(release: Release) -> None:
    assert len(release.questions) > 20
    for question in release.questions:
        found = EmptyResults(release, SETTINGS).reasons(Query(question["text"], RESULTS_JSON, None), _silent)
        unknown = [each for each in found if not release.triples.describes(each.term)]
        assert unknown == [], question["slug"]  # no link of the shipped data was checked yet: liens:lignes has no value


def _silent(query: Query) -> Answer:
    raise Problem("query-timeout", limit=1)


EMPTY = ["SELECT ?x { ?x <urn:y> ?z }", "ASK { ?x <urn:y> ?z }", "CONSTRUCT WHERE { ?x <urn:y> ?z }",
         "SELECT (COUNT(*) AS ?n) (SUM(?x) AS ?s) (MAX(?x) AS ?m) (GROUP_CONCAT(?x) AS ?g) { ?x <urn:y> ?z }",
         "SELECT (COUNT(*) AS ?value) { ?x <urn:y> ?z }", "SELECT * {}"]  # fmt: skip
FULL = ["SELECT (0.5 AS ?x) {}", "ASK {}", "CONSTRUCT { <urn:a> <urn:b> 0 } {}", 'SELECT ("0 " AS ?x) {}',
        "SELECT (<urn:0> AS ?x) {}", "SELECT (BNODE() AS ?x) {}", "SELECT (COUNT(*) AS ?n) {}",
        'SELECT ("" AS ?x) ("a" AS ?y) {}']  # fmt: skip


@pytest.mark.parametrize("format", RESULT_FORMATS, ids=lambda each: each.name)
def test_what_is_empty(engine: Engine, format: Format) -> None:
    kinds, forms = (("CONSTRUCT",), (None, format)) if format in GRAPH_FORMATS else (("SELECT", "ASK"), (format, None))
    for text, empty in [*((each, True) for each in EMPTY), *((each, False) for each in FULL)]:
        if text.startswith(kinds):
            assert is_empty(engine.query(Query(text, *forms))) is empty, text


# The patterns and roles of a query: what each solution needs, and no more

A = f"<{RDF}type>"


def patterns(text: str) -> list[str]:
    return [" ".join(each) for each in QueryPatterns(text, "http://b/").patterns]


READ = {
    "ASK { ?x a <A> ; <p> 1 , -2 ; . ?y <q> 'a. ; {b}'@fr }": [
        f"?x {A} <http://b/A>", "?x <http://b/p> 1", "?x <http://b/p> -2", "?y <http://b/q> 'a. ; {b}'@fr",
    ],
    "ASK { ?x <urn:p>/<urn:q>/a $y }": ["?x <urn:p> ?_v"],
    "PREFIX p: <urn:> ASK { _:b p:q '1'^^p:t , true }": ["?_b <urn:q> '1'^^<urn:t>", "?_b <urn:q> true"],
    "ASK { ?x ^<urn:p> ?y . ?x <urn:p>* ?y . ?x (<urn:p>|<urn:q>)/<urn:r> ?z . ?x !<urn:p> ?y . ?x <urn:p>|<urn:q> ?y }": [],
    "ASK { ?x <urn:p> 1 , [ <urn:q> 1 ] , ( 1 2 ) . ?y <urn:q> 2 }": ["?y <urn:q> 2"],
    "ASK { ?x <urn:p> 1 FILTER(?x > 2 && ?x = <urn:z>) . ?x <urn:q> 2 }": ["?x <urn:p> 1", "?x <urn:q> 2"],
    "ASK { ?x <urn:p> 1 OPTIONAL { ?x <urn:q> 2 } GRAPH <urn:g> { ?x <urn:r> 3 } }": [
        "?x <urn:p> 1", "?x <urn:q> 2", "?x <urn:r> 3",
    ],
    "CONSTRUCT { ?x <urn:p> 1 } WHERE { VALUES (?x ?y) { (<urn:a> <urn:b>) } ?x <urn:q> ?y }": ["?x <urn:q> ?y"],
    "SELECT (COUNT(*) AS ?n) ?b ?c { ?x <urn:p> 1 } GROUP BY ?b ?c HAVING (?n > 1) ORDER BY ?b ?c LIMIT 1": ["?x <urn:p> 1"],
    r"ASK { ?x <urn:\u0070> 1 } # . ?x <urn:q> 2": ["?x <urn:p> 1"],
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_the_patterns_of_a_query(text: str) -> None:
    assert patterns(text) == READ[text]


SIGNS = [
    *"{}()[].;,/|*+?!^a-<>=1",
    *(f" {each} " for each in ("ASK", "VALUES", "NOT EXISTS", "?x", "<urn:p>", "'a'", "@fr", "^^")),
]


@given(st.lists(st.sampled_from(SIGNS), max_size=40))
def test_any_text_is_read(parts: list[str]) -> None:
    assert isinstance(patterns("PREFIX e: <urn:e> ASK " + "".join(parts)), list)
