"""The competency questions: expected rows, coverage of the ontology, honest sums, and proof that a fault in the data shows."""

import csv
import io
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, QueryResultsFormat, RdfFormat, Store, serialize
from rdflib import Graph

from cper_lod.core.namespaces import CPER, OA, ONTOLOGY, PREFIXES, SKOS
from cper_lod.engine.syntax import iris
from cper_lod.importing.contracts import importer
from cper_lod.rdf.graph import Term
from cper_lod.rdf.report import Report
from cper_lod.release.release import INDEX, Release
from cper_lod.release.sources.questions import in_language, load_questions
from cper_lod.release.sources.read import read_sources
from tests.importing.workbooks import from_csv, plain
from tests.support.one_contract import copy_contract
from tests.support.paths import FICTION, ROOT, TESTS
from tests.support.refusals import refused

FOLDER = ROOT / "ontology" / "questions"
QUESTIONS = {each.slug: each for each in load_questions(FOLDER)}
NOTHING_YET = {
    "qui-paie-quoi": "no amount of one funder for one subdivision",
    "fichiers-de-subventions": "no subsidy of the contract is known",
    "subventions-par-subdivision-et-attribuant": "no subsidy of the contract is known",
    "subventions-et-leur-origine": "no subsidy of the contract is known",
}
"""Questions that the shipped data do not answer yet, and why; the contracts of tests do."""


def published(folder: Path) -> Store:
    """Return what is published of a folder of sources."""
    store, sources = Store(), read_sources(folder)
    store.bulk_load(path=sources.published.path, format=RdfFormat.N_QUADS)
    return store


def rows(store: Store, text: str) -> bytes:
    """Return the answer to a query as CSV."""
    results: Any = store.query(text)
    return bytes(results.serialize(format=QueryResultsFormat.CSV))


@pytest.fixture(scope="session")
def store() -> Store:
    """Load the sources that are published; tests that change data take a copy."""
    return published(ROOT)


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Load the same with the contracts of tests: those of real announcements, entered by workbook, and an invented one."""
    folder = tmp_path_factory.mktemp("many")
    for name in ("ontology", "shapes", "data"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(FICTION / "data", folder / "data", dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importer, "check", lambda *_: Report(()))  # has tests of its own
        for path in sorted(each for each in (TESTS / "contracts").iterdir() if each.is_dir()):
            workbook = importer.Workbook(plain(folder / "contrat.xlsx", from_csv(path)), folder)
            workbook.check()
            for name, data in workbook.files.items():
                (folder / name).write_bytes(data)
    return published(folder)


def answer(store: Store, slug: str) -> bytes:
    return rows(store, QUESTIONS[slug].text)


MEASURES = (
    *("montantTotal", "montantParFinanceur", "montantParSubdivision", "montantCroise"),
    *("partParFinanceur", "partParSubdivision"),
)
SUMS = """
hauts-de-france-2021-2027             2700 2757    -  -  100 99.9
bretagne-2021-2027                     975    -    -  -  100    -
pays-de-la-loire-2021-2027            3400 3400    -  -    -    -
provence-alpes-cote-d-azur-2021-2027  5000 5200    -  -    -    -
armorique-test-2030-2034               190  200    -  -  100  100
auvergne-rhone-alpes                  4400    -    -  -    -    -
bourgogne-franche-comte               2750    - 2740  -    -    -
nouvelle-aquitaine                    6500    - 1902  -    -    -
occitanie-2021-2027                   6400 6360    -  -    -    -
"""
"""What the figures of each contract add up to, by measure, as its documents give them: millions of euros, or percent."""


def added(store: Store, name: str) -> dict[str, Decimal]:
    """Return the plain sum that a newcomer writes over a property, for each contract that has a figure with it."""
    text = f"SELECT ?contrat (SUM(?m) AS ?sum) {{ ?x {name} ?m ; cper:contrat ?contrat }} GROUP BY ?contrat"
    found: Any = store.query(text, prefixes=PREFIXES)
    return {row["contrat"].value.rpartition("/")[2]: Decimal(row["sum"].value) for row in found}


@pytest.mark.slow
@pytest.mark.parametrize("measure", MEASURES)
def test_the_plain_sum_over_a_measure_is_what_the_documents_give(many: Store, measure: str) -> None:
    millions, column = 1_000_000 if measure.startswith("montant") else 1, 1 + MEASURES.index(measure)
    rows = [line.split() for line in SUMS.strip().splitlines()]
    expected_sums = {row[0]: Decimal(row[column]) * millions for row in rows if row[column] != "-"}
    assert added(many, f"cper:{measure}") == expected_sums


def test_a_sum_over_subsidies_counts_each_beneficiary_once(two: Store) -> None:
    """One subsidy of 100 000 € has two beneficiaries, who get 60 and 40 %; its amount is on the row of each."""
    assert [*added(two, "subv:montantAttribue").values()] == [
        Decimal("12000.50") + 60_000 + 40_000 + 800 + Decimal("2500.75")
    ]


def expected(slug: str) -> bytes:
    return (FOLDER / f"{slug}.csv").read_bytes()


def terms(store: Store) -> set[str]:
    """Return the classes and properties that the ontology defines."""
    kinds = "?kind IN (owl:Class, owl:ObjectProperty, owl:DatatypeProperty, owl:AnnotationProperty)"
    text = f"SELECT DISTINCT ?term {{ ?term rdfs:isDefinedBy <{ONTOLOGY}> ; a ?kind FILTER({kinds}) }}"
    found: Any = store.query(text, prefixes=PREFIXES)
    return {row["term"].value for row in found}


def test_each_question_has_expected_rows_and_each_expected_rows_a_question() -> None:
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(QUESTIONS)
    assert {path.suffix for path in FOLDER.iterdir()} == {".rq", ".csv"}


@pytest.mark.parametrize("slug", QUESTIONS)
def test_rows(store: Store, slug: str) -> None:
    """After the data changed: `python -m tests.release.sources.test_questions`, and read the difference against the sources."""
    assert answer(store, slug) == expected(slug)
    assert (len(expected(slug).splitlines()) == 1) is (slug in NOTHING_YET), "take it off the table"
    assert "ORDER BY" in QUESTIONS[slug].text


@pytest.mark.parametrize("slug", sorted(path.stem for path in (FICTION / "questions").glob("*.csv")))
def test_the_invented_subsidies_are_told_whole(two: Store, slug: str) -> None:
    assert answer(two, slug) == (FICTION / "questions" / f"{slug}.csv").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("slug", QUESTIONS)
def test_rdflib_gives_the_same_rows(two: Store, in_rdflib: Graph, slug: str) -> None:
    found = in_rdflib.query(QUESTIONS[slug].text).serialize(format="csv")
    assert found is not None
    assert told(found) == told(answer(two, slug))


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Load a shipped contract and the invented one: rdflib takes long over more."""
    folder = copy_contract(ROOT / "data", "hauts-de-france-2021-2027", tmp_path_factory.mktemp("two") / "sources")
    shutil.copytree(FICTION / "data", folder / "data", dirs_exist_ok=True)
    return published(folder)


@pytest.fixture(scope="session")
def in_rdflib(two: Store) -> Graph:
    triples = (quad.triple for quad in two.quads_for_pattern(None, None, None, DefaultGraph()))
    return Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES) or b"", format="nt")


def told(answer: bytes) -> list[list[str]]:
    """Return the cells of a CSV, numbers as they are told: rdflib writes 2757000000.0."""
    return [[cell.removesuffix(".0") for cell in row] for row in csv.reader(io.StringIO(answer.decode()))]


@pytest.fixture(scope="session")
def quoted(store: Store) -> set[Term]:
    """Return the texts that are those of a source, in French."""
    names = (OA + "exact", CPER + "valeurPubliee", SKOS + "altLabel")
    return {quad.object for each in names for quad in store.quads_for_pattern(None, NamedNode(each), None, None)}


@pytest.mark.parametrize("slug", sorted({*QUESTIONS} - {*NOTHING_YET}))
def test_a_question_answers_in_the_language_asked_for(store: Store, quoted: set[Term], slug: str) -> None:
    text = in_language(QUESTIONS[slug].text, "en")
    assert in_language(QUESTIONS[slug].text, "fr") == QUESTIONS[slug].text
    english: Any = store.query(text)
    found = [value for row in english for value in row]
    assert len(found) == len([value for row in store.query(QUESTIONS[slug].text) for value in row])  # type: ignore[union-attr]
    french = [each for each in found if isinstance(each, Literal) and each.language == "fr" and each not in quoted]
    assert french == []


def test_every_term_is_used_and_every_used_term_is_defined(store: Store) -> None:
    used = {iri for question in QUESTIONS.values() for iri in iris(question.text) if iri.startswith(CPER)}
    assert terms(store) - used == set(), "terms of the ontology that no question uses"
    assert used - terms(store) == set(), "terms that the ontology does not define"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("q.rq", b"# fr: Quoi ?\nSELECT * { ?a ?b ?c }\n", "question-invalid"),
        ("q.rq", b"# fr: Quoi ?\n# en: What?\n# en: Which?\nSELECT * { ?a ?b ?c }\n", "question-invalid"),
        ("q.rq", b"SELECT * { ?a ?b ?c }\n# fr: Quoi ?\n# en: What?\n", "question-invalid"),
        ("q.rq", b"# fr: Quoi ?\n# en: What?\n# requires: <urn:c>\nSELECT * { ?a ?b ?c }\n", "question-invalid"),
        ("q.rq", b"# fr: Quoi ?\n# en: What?\nINSERT DATA {}\n", "question-invalid"),
        ("q.rq", b"# fr: Quoi ?\n# en: What?\nASK {}\n", "question-invalid"),
        ("Q q.rq", b"# fr: Quoi ?\n# en: What?\nSELECT * { ?a ?b ?c }\n", "question-invalid"),
        ("q.rq", b"# fr: \xe9 ?\n# en: What?\nSELECT * { ?a ?b ?c }\n", "source-encoding"),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(data)
    with refused(code, name):
        load_questions(tmp_path)


if __name__ == "__main__":
    shipped = published(ROOT)
    for slug, question in QUESTIONS.items():
        (FOLDER / f"{slug}.csv").write_bytes(rows(shipped, question.text))


@pytest.fixture(scope="module")
def index(release: Release) -> Store:
    """Return the index of the real release, which a schema-aware query editor asks."""
    return Store.read_only(str(release.folder / INDEX))


def values(store: Store, name: str) -> list[tuple[str, ...]]:
    found: Any = store.query((TESTS / "release" / "editors" / f"{name}.rq").read_text("utf-8"))
    return [tuple(value.value for value in row) for row in found]


@pytest.mark.parametrize("name", ["prefixes", "declarations"])
def test_an_editor_finds_our_prefixes(index: Store, name: str) -> None:
    assert values(index, name) == sorted(PREFIXES.items())


def test_an_editor_finds_every_question_as_an_example(index: Store) -> None:
    told = [(each.iri, each.titles[lang], each.text) for each in QUESTIONS.values() for lang in ("fr", "en")]
    assert sorted(values(index, "examples")) == sorted(told)
