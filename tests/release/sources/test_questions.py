"""The competency questions: expected rows, coverage of the ontology, and proof that a fault in the data shows."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QueryResultsFormat, Store
from rdflib.paths import Path as PropertyPath
from rdflib.paths import SequencePath
from rdflib.plugins.sparql import prepareQuery

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import BASE, CPER, DCT, GRAPH_CATALOGUE, OA, ONTOLOGY, PREFIXES, QB, RDF, RDFS, SH, SKOS
from cper_lod.engine.syntax.prologue import iris
from cper_lod.rdf import reader
from cper_lod.release.sources.questions import (
    CompetencyQuestion,
    describe_questions,
    in_language,
    load_questions,
)
from tests.support.paths import ROOT
from tests.support.refusals import refused

FOLDER = ROOT / "ontology" / "questions"
QUESTIONS = {question.slug: question for question in load_questions(FOLDER)}
EVERYDAY = ("signataires", "axes-par-priorite", "axes-de-la-priorite-2", "parts-par-axe", "engagements-par-financeur")
NOTHING_YET = {
    "fichiers-de-subventions": "no subsidy of the contract is known",
    "subventions-par-axe-attribuant-et-territoire": "no subsidy of the contract is known",
    "subventions-et-leur-origine": "no subsidy of the contract is known",
}
"""Questions that the real data do not answer yet, and why; the rows of the fictitious contract are in tests/fictif."""
CONTACT_TEXTS = {PREFIXES["vcard"] + name for name in ("fn", "street-address", "locality")}
CONTRACT = BASE + "id/contrat/hauts-de-france-2021-2027"
Step = tuple[str, str, str]


def source_files() -> list[Path]:
    return sorted([*(ROOT / "ontology").glob("*.ttl"), *(ROOT / "data").rglob("*.ttl")])


def quads(path: Path, data: bytes) -> Iterator[Quad]:
    graph = NamedNode(GRAPH_CATALOGUE) if path.name == "catalog.ttl" else DefaultGraph()
    for quad in reader.parse(data, path=path, scope=path.stem):
        yield Quad(quad.subject, quad.predicate, quad.object, graph)


@pytest.fixture(scope="session")
def store() -> Store:
    """Load the sources that are published; tests that change data take a copy."""
    loaded = Store()
    for path in source_files():
        loaded.extend(quads(path, path.read_bytes()))
    return loaded


def copied(store: Store) -> Store:
    copy = Store()
    copy.extend(store)
    return copy


def answer(store: Store, slug: str) -> bytes:
    results: Any = store.query(QUESTIONS[slug].text)
    return bytes(results.serialize(format=QueryResultsFormat.CSV))


def test_no_sum_of_published_amounts_meets_a_computed_one(store: Store):
    """The source publishes 994, 995 and 768 M€; a subproperty of that amount would be added to them."""
    amount = "http://data.openbudgets.eu/ontology/dsd/measure/amount"
    for path in (f"<{amount}>", f"(<{CPER}engagement>/<{amount}>)"):
        (row,) = store.query(f"SELECT (SUM(?amount) AS ?sum) {{ ?x {path} ?amount }}")  # type: ignore[misc]
        assert row["sum"].value == "2757000000"  # type: ignore[index]
    own = ("montantDerive", "borneInferieure", "borneSuperieure", "montantAvantRepartition", "montantAttribue")
    measures = ", ".join(f"<{CPER}{name}>" for name in own)
    assert not store.query(f"ASK {{ ?measure <{RDFS}subPropertyOf> ?any FILTER(?measure IN ({measures})) }}")
    assert not store.query(f"ASK {{ ?x <{CPER}montantDerive> ?computed ; <{amount}> ?published }}")


def test_a_sum_over_subsidies_counts_each_beneficiary_once_and_no_commitment(store: Store):
    """One subsidy of 100 000 € has two beneficiaries, who get 60 and 40 %; its amount is on the row of each."""
    with_subsidies = copied(store)
    for path in (ROOT / "tests" / "fictif" / "data" / "subventions").rglob("*.nt"):
        with_subsidies.load(path=path)
    sums = {
        measure: with_subsidies.query(f"SELECT (SUM(?amount) AS ?sum) {{ ?x <{measure}> ?amount }}")
        for measure in (CPER + "montantAttribue", "http://data.openbudgets.eu/ontology/dsd/measure/amount")
    }
    found = [next(iter(rows))["sum"].value for rows in sums.values()]  # type: ignore[index, arg-type]
    assert found == [str(Decimal("12000.50") + 60_000 + 40_000 + 800 + Decimal("2500.75")), "2757000000"]


def expected(slug: str) -> bytes:
    return (FOLDER / f"{slug}.csv").read_bytes()


def terms(store: Store) -> set[str]:
    """Return the classes and properties that the ontology defines."""
    defined = store.quads_for_pattern(None, NamedNode(RDFS + "isDefinedBy"), NamedNode(ONTOLOGY), None)
    return {iri for quad in defined if (iri := getattr(quad.subject, "value", "")).startswith(CPER)}


def patterns(node: object) -> int:
    """Count the triple patterns of a parsed query; each step of a path `a/b` is one."""
    if isinstance(node, dict):
        own = sum(steps(predicate) for _, predicate, _ in node["triples"]) if "triples" in node else 0
        return own + sum(patterns(value) for key, value in node.items() if key != "triples")
    return sum(map(patterns, node)) if isinstance(node, list | tuple) else 0


def steps(predicate: object) -> int:
    if not isinstance(predicate, PropertyPath):
        return 1
    inner = getattr(predicate, "args", None) or [getattr(predicate, "path", None) or getattr(predicate, "arg", None)]
    return (sum if isinstance(predicate, SequencePath) else max)(map(steps, inner))


def test_each_question_has_expected_rows_and_each_expected_rows_a_question() -> None:
    assert len(QUESTIONS) >= 25
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(QUESTIONS)
    assert {path.suffix for path in FOLDER.iterdir()} == {".rq", ".csv"}


@pytest.mark.parametrize("slug", QUESTIONS)
def test_rows(store: Store, slug: str) -> None:
    assert answer(store, slug) == expected(slug)
    elsewhere = ROOT / "tests" / "fictif" / "questions" / f"{slug}.csv"
    shown = elsewhere.read_bytes() if slug in NOTHING_YET else expected(slug)
    assert len(shown.splitlines()) > 1, "a question that finds nothing shows nothing"
    assert (len(expected(slug).splitlines()) == 1) is (slug in NOTHING_YET), "take it off the table"
    assert "ORDER BY" in QUESTIONS[slug].text


@pytest.mark.parametrize("slug", sorted({*QUESTIONS} - {*NOTHING_YET}))
def test_a_question_answers_in_the_language_asked_for(store: Store, slug: str) -> None:
    text = in_language(QUESTIONS[slug].text, "en")
    assert in_language(QUESTIONS[slug].text, "fr") == QUESTIONS[slug].text
    rows: Any = store.query(text)
    found = [value for row in rows for value in row]
    assert len(found) == len([value for row in store.query(QUESTIONS[slug].text) for value in row])  # type: ignore[union-attr]
    quoted = {each.object for each in store if each.predicate.value in SOURCE_TEXTS}
    french = [each for each in found if isinstance(each, Literal) and each.language == "fr" and each not in quoted]
    assert (french == []) or slug == "titres-en-deux-langues"


SOURCE_TEXTS = {CPER + "citation", CPER + "valeurPubliee", SKOS + "altLabel", DCT + "title", *CONTACT_TEXTS}
"""The properties whose texts are those of a source, in French."""


def test_questions_that_find_nothing_wait_for_data() -> None:
    assert {slug for slug, question in QUESTIONS.items() if question.requires} == {*NOTHING_YET}


@pytest.mark.parametrize("slug", QUESTIONS)
def test_rows_stay_the_same_beside_another_contract(two_contracts: Store, slug: str) -> None:
    assert answer(two_contracts, slug) == expected(slug)


@pytest.fixture(scope="session")
def two_contracts(store: Store) -> Store:
    """Load the sources twice, as they are and as those of a fictitious region, with the questions described."""
    both = copied(store)
    both.extend(describe_questions(QUESTIONS.values(), terms(store)))
    for path in source_files():
        if path.is_relative_to(ROOT / "data") and path.name != "catalog.ttl":
            text = path.read_text("utf-8")
            for real, made_up in (("hauts-de-france", "region-fictive"), ("Hauts-de-France", "Région fictive")):
                text = text.replace(real, made_up)
            text = text.replace("communique-2023-01-09", "communique-fictif").replace("/id/lien/", "/id/lien/fictif-")
            both.extend(quads(path, text.encode()))
    assert both.query(f"ASK {{ <{BASE}id/contrat/region-fictive-2021-2027> a <{CPER}ContratDePlan> }}")
    return both


@pytest.mark.parametrize("slug", QUESTIONS)
def test_header_puts_the_question_in_both_languages(slug: str) -> None:
    fr, en = (QUESTIONS[slug].titles[lang] for lang in ("fr", "en"))
    assert fr.endswith(" ?")
    assert en.endswith("?")
    assert not en.endswith(" ?")
    assert not QUESTIONS[slug].text.startswith("#")


def test_every_term_is_used_and_every_used_term_is_defined(store: Store) -> None:
    used = {iri for question in QUESTIONS.values() for iri in iris(question.text) if iri.startswith(CPER)}
    assert terms(store) - used == set(), "terms of the ontology that no question uses"
    assert used - terms(store) == set(), "terms that the ontology does not define"
    assert len(used) >= 45


@pytest.mark.parametrize("slug", EVERYDAY)
def test_everyday_questions_are_short(slug: str) -> None:
    assert 1 <= patterns(prepareQuery(QUESTIONS[slug].text).algebra) <= 4


def test_the_count_of_patterns_counts() -> None:
    text = (
        "SELECT * { ?a <a:>/<b:> ?b OPTIONAL { ?b <c:>|<d:> ?c } FILTER EXISTS { ?c ^<e:> 1 } { ?d (<f:>/<g:>)+ 2 } }"
    )
    assert patterns(prepareQuery(text).algebra) == 6


MUTATIONS: dict[str, tuple[str, Step]] = {
    "axis 2 has no share": ("parts-par-axe", ("/part/axe-2", CPER + "pourcentage", "57.3")),
    "axis 6 has no reason": ("parts-publiees-et-manquantes", ("/part/axe-6", CPER + "motif", "*")),
    "the sum lacks axis 1": ("somme-des-parts", ("/part/axe-1", CPER + "pourcentage", "19")),
    "a signatory is gone": ("signataires", ("", CPER + "signePar", BASE + "id/organisme/departement-oise")),
    "axis 3 serves nothing": ("axes-de-la-priorite-2", ("/axe/3", CPER + "sert", "*")),
    "a figure has no words": ("chiffres-et-mots", ("/part/etat", CPER + "enonce", "*")),
    "the amendment was never said": ("avenant-a-une-date", ("/avenant/mobilites", CPER + "enonce", "*")),
    "a derived value has no assumption": ("montants-derives", ("/derive/axe-1", CPER + "hypothese", "*")),
    "the envelope has no bound": ("enveloppe-et-somme", ("/enveloppe", CPER + "minimum", "*")),
    "a statement supports nothing": ("faits-et-mots", ("/enonce/premier-cper", OA + "hasBody", "*")),
}


@pytest.mark.parametrize("fault", MUTATIONS)
def test_a_fault_in_the_data_changes_the_rows(store: Store, fault: str) -> None:
    slug, (subject, predicate, value) = MUTATIONS[fault]
    faulty = copied(store)
    found = faulty.quads_for_pattern(NamedNode(CONTRACT + subject), NamedNode(predicate), None, None)
    removed = [quad for quad in found if value in ("*", getattr(quad.object, "value", None))]
    assert removed
    for quad in removed:
        faulty.remove(quad)
    assert answer(faulty, slug) != expected(slug)


def test_description(store: Store) -> None:
    question = CompetencyQuestion(
        "q-1", {"fr": "Quoi ?", "en": "What?"}, f"SELECT ?a {{ ?a a <{CPER}Axe>, <{QB}Slice> }}\n"
    )
    name = NamedNode(BASE + "id/question/q-1")
    assert [
        (quad.subject, quad.predicate.value, quad.object) for quad in describe_questions([question], terms(store))
    ] == [
        (name, RDF + "type", NamedNode(SH + "SPARQLExecutable")),
        (name, SKOS + "prefLabel", Literal("Quoi ?", language="fr")),
        (name, RDFS + "comment", Literal("Quoi ?", language="fr")),
        (name, SKOS + "prefLabel", Literal("What?", language="en")),
        (name, RDFS + "comment", Literal("What?", language="en")),
        (name, SH + "select", Literal(question.text)),
        (name, RDF + "type", NamedNode(SH + "SPARQLSelectExecutable")),
        (name, SH + "prefixes", NamedNode(ONTOLOGY)),
        (name, DCT + "references", NamedNode(CPER + "Axe")),
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("PREFIX c: <http://c/#> SELECT * { ?x c:a.b ?y. }", {"http://c/#a.b"}),
        ("prefix : <http://c/> SELECT * { ?x :a/:b|^:c ?y }", {"http://c/a", "http://c/b", "http://c/c"}),
        ("BASE <http://c/d> PREFIX e: <#> SELECT * { ?x <f> e:g }", {"http://c/f", "http://c/d#g"}),
        ('PREFIX c: <http://c/> SELECT * { ?x ?y "c:a", """c:b " <http://d>""", \'c:e\' } # c:f', set()),
        ('PREFIX c: <http://c/> SELECT * { ?c ?y "\\" c:a"@fr, "1"^^c:b }', {"http://c/b"}),
        ("PREFIX c: <http://c/> SELECT * { _:c c:é\\/1 ?d FILTER(?c < 1 && ?d > 2) }", {"http://c/é/1"}),
    ],
)
def test_names_in_a_text(text: str, named: set[str]) -> None:
    assert set(iris(text)) == named


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("q.rq", b"# fr: Quoi ?\nSELECT * { ?a ?b ?c }\n", "question-invalid"),
        ("q.rq", b"# fr: Quoi ?\n# en: What?\n# en: Which?\nSELECT * { ?a ?b ?c }\n", "question-invalid"),
        ("q.rq", b"# fr: Quoi ?\n# en:\nSELECT * { ?a ?b ?c }\n", "question-invalid"),
        ("q.rq", b"SELECT * { ?a ?b ?c }\n# fr: Quoi ?\n# en: What?\n", "question-invalid"),
        ("q.rq", b"# fr: Quoi ?\n# en: What?\n", "question-invalid"),
        ("q.rq", b"# fr: Quoi ?\n# en: What?\nINSERT DATA {}\n", "question-invalid"),
        ("Q q.rq", b"# fr: Quoi ?\n# en: What?\nSELECT * { ?a ?b ?c }\n", "question-invalid"),
        ("q.rq", b"# fr: \xe9 ?\n# en: What?\nSELECT * { ?a ?b ?c }\n", "source-encoding"),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Problem) as raised:
        load_questions(tmp_path)
    assert (raised.value.kind.code, raised.value.kind.exit_code) == (code, 2)
    assert all(name in raised.value.words(lang).detail for lang in ("fr", "en"))


def test_reading(tmp_path: Path) -> None:
    with refused("source-missing", match="none"):
        load_questions(tmp_path / "none")
    (tmp_path / "b.rq").write_bytes(
        b"\xef\xbb\xbf# en: B?\r\n#fr: B ?\r\n\r\n# aside\r\nSELECT *\r\n# kept\r\n{ ?a ?b ?c }"
    )
    (tmp_path / "a.rq").write_bytes(b"# fr: A ?\n# en: A?\nASK { }\n\n")
    first, second = load_questions(tmp_path)
    assert (first.slug, first.text, first.iri) == ("a", "ASK { }\n", BASE + "id/question/a")
    assert second == CompetencyQuestion("b", {"fr": "B ?", "en": "B?"}, "SELECT *\n# kept\n{ ?a ?b ?c }\n")
