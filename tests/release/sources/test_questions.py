"""The competency questions: expected rows, coverage of the ontology, honest sums, and proof that a fault in the data shows."""

import csv
import io
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Store, serialize
from rdflib import Graph
from rdflib.paths import Path as PropertyPath
from rdflib.paths import SequencePath
from rdflib.plugins.sparql import prepareQuery

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import BASE, CPER, DCT, OA, ONTOLOGY, OWL, PROV, QB, RDF, RDFS, SH, SKOS
from cper_lod.engine.syntax.prologue import iris
from cper_lod.importing.contracts import importer
from cper_lod.rdf.report import Report
from cper_lod.release.sources.questions import (
    CompetencyQuestion,
    describe_questions,
    in_language,
    load_questions,
)
from tests.support.expected_rows import FOLDER, QUESTIONS, published, rows
from tests.support.paths import FICTION, ROOT, TESTS
from tests.support.refusals import refused

EVERYDAY = ("signataires", "subdivisions-par-niveau", "montants-par-financeur", "sommes-par-mesure")
NOTHING_YET = {
    "qui-paie-quoi": "no amount of one funder for one subdivision",
    "fichiers-de-subventions": "no subsidy of the contract is known",
    "subventions-par-subdivision-et-attribuant": "no subsidy of the contract is known",
    "subventions-et-leur-origine": "no subsidy of the contract is known",
}
"""Questions that the shipped data do not answer yet, and why; the contracts of tests do."""
CONTRACT = BASE + "id/contrat/hauts-de-france-2021-2027"
Step = tuple[str, str, str]


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
            workbook = importer.Workbook(path, folder)
            workbook.check()
            for name, data in workbook.files.items():
                (folder / name).write_bytes(data)
    return published(folder)


def copied(store: Store) -> Store:
    copy = Store()
    copy.extend(store)
    return copy


def answer(store: Store, slug: str) -> bytes:
    return rows(store, QUESTIONS[slug].text)


SUMS: dict[str, dict[str, str]] = {
    "hauts-de-france-2021-2027": {
        **{"montantTotal": "2700", "montantParFinanceur": "2757"},
        **{"partParFinanceur": "100", "partParSubdivision": "99.9"},
    },
    "bretagne-2021-2027": {"montantTotal": "975", "partParFinanceur": "100"},
    "pays-de-la-loire-2021-2027": {"montantTotal": "3400", "montantParFinanceur": "3400"},
    "provence-alpes-cote-d-azur-2021-2027": {"montantTotal": "5000", "montantParFinanceur": "5200"},
    "armorique-test-2030-2034": {
        **{"montantTotal": "190", "montantParFinanceur": "200"},
        **{"partParFinanceur": "100", "partParSubdivision": "100"},
    },
    "auvergne-rhone-alpes": {"montantTotal": "4400"},
    "bourgogne-franche-comte": {"montantTotal": "2750", "montantParSubdivision": "2740"},
    "nouvelle-aquitaine": {"montantTotal": "6500", "montantParSubdivision": "1902"},
    "occitanie-2021-2027": {"montantTotal": "6400", "montantParFinanceur": "6360"},
}
"""What the figures of each contract add up to, by measure, as its documents give them: millions of euros, or percent."""
MEASURES = (
    *("montantTotal", "montantParFinanceur", "montantParSubdivision", "montantCroise"),
    *("partParFinanceur", "partParSubdivision"),
)


def added(store: Store, name: str) -> dict[str, str]:
    """Return the plain sum that a newcomer writes over a property, for each contract that has a figure with it."""
    text = f"SELECT ?contrat (SUM(?m) AS ?sum) {{ ?x <{CPER}{name}> ?m ; <{CPER}contrat> ?contrat }} GROUP BY ?contrat"
    found: Any = store.query(text)
    return {
        each["contrat"].value.removeprefix(f"{BASE}id/contrat/"): each["sum"].value if each["sum"] else ""
        for each in found
        if each["contrat"]
    }


@pytest.mark.parametrize("measure", MEASURES)
def test_the_plain_sum_over_a_measure_is_what_the_documents_give(many: Store, measure: str) -> None:
    millions = 1_000_000 if measure.startswith("montant") else 1
    expected_sums = {slug: Decimal(sums[measure]) * millions for slug, sums in SUMS.items() if measure in sums}
    assert {slug: Decimal(value) for slug, value in added(many, measure).items()} == expected_sums


def test_every_contract_with_a_figure_is_in_the_table_of_sums(many: Store) -> None:
    assert {*added(many, "valeurPubliee")} == {*SUMS}


@pytest.mark.parametrize("name", ["valeur", "pas", "borneInferieure", "borneSuperieure"])
def test_the_plain_sum_over_a_value_that_is_to_be_read_gives_nothing(many: Store, name: str) -> None:
    sums = added(many, name)
    assert sums
    assert set(sums.values()) == {""}


def test_a_sum_over_subsidies_counts_each_beneficiary_once(many: Store) -> None:
    """One subsidy of 100 000 € has two beneficiaries, who get 60 and 40 %; its amount is on the row of each."""
    found = added(many, "montantAttribue").values()
    assert [*found] == [str(Decimal("12000.50") + 60_000 + 40_000 + 800 + Decimal("2500.75"))]


def expected(slug: str) -> bytes:
    return (FOLDER / f"{slug}.csv").read_bytes()


def terms(store: Store) -> set[str]:
    """Return the classes and properties that the ontology defines."""
    defined = store.quads_for_pattern(None, NamedNode(RDFS + "isDefinedBy"), NamedNode(ONTOLOGY), None)
    kinds = [NamedNode(OWL + kind) for kind in ("Class", "ObjectProperty", "DatatypeProperty")]
    return {
        quad.subject.value
        for quad in defined
        if isinstance(quad.subject, NamedNode)
        and any(True for kind in kinds for _ in store.quads_for_pattern(quad.subject, None, kind, None))
    }


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
    assert 20 <= len(QUESTIONS) <= 28
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(QUESTIONS)
    assert {path.suffix for path in FOLDER.iterdir()} == {".rq", ".csv"}


@pytest.mark.parametrize("slug", QUESTIONS)
def test_rows(store: Store, slug: str) -> None:
    """After the data changed: `python -m tests.support.expected_rows`, and read the difference against the sources."""
    assert answer(store, slug) == expected(slug)
    assert (len(expected(slug).splitlines()) == 1) is (slug in NOTHING_YET), "take it off the table"
    assert "ORDER BY" in QUESTIONS[slug].text


ROWS_OF_TESTS = {
    "apport-de-l-etat": 5,
    "autres-chiffres": 5,
    "chiffres-lies": 11,
    "chiffres-par-subdivision": 19,
    "etapes": 9,
    "fichiers-de-subventions": 6,
    "montants-totaux": 5,
    "qui-paie-quoi": 4,
    "subventions-et-leur-origine": 6,
    "subventions-par-subdivision-et-attribuant": 4,
    "total-et-somme": 2,
}
"""How many rows a question has on the contracts of tests, counted by hand."""


@pytest.mark.parametrize("slug", QUESTIONS)
def test_each_row_says_which_contract_it_is_of(store: Store, many: Store, slug: str) -> None:
    header, *found = csv.reader(io.StringIO(answer(many, slug).decode()))
    assert found
    if "contrat" not in header:
        assert slug == "termes-des-listes-de-codes"
        return
    place, shipped, known = header.index("contrat"), contracts(store), contracts(many)
    assert {row[place] for row in found} <= known | ({""} if slug == "faits-et-mots" else set())
    # The rows of the shipped contracts stay what they are beside others.
    alone = list(csv.reader(io.StringIO(expected(slug).decode())))[1:]
    assert [row for row in found if row[place] in shipped] == [row for row in alone if row[place] in shipped]
    others = [row for row in found if row[place] in known - shipped]
    assert len(others) == ROWS_OF_TESTS.get(slug, len(others))


@pytest.mark.parametrize("slug", sorted(path.stem for path in (FICTION / "questions").glob("*.csv")))
def test_the_invented_subsidies_are_told_whole(many: Store, slug: str) -> None:
    assert answer(many, slug) == (FICTION / "questions" / f"{slug}.csv").read_bytes()


def contracts(store: Store) -> set[str]:
    found = store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(CPER + "Contrat"), None)
    return {quad.subject.value for quad in found if isinstance(quad.subject, NamedNode)}


@pytest.mark.slow
@pytest.mark.parametrize("slug", QUESTIONS)
def test_rdflib_gives_the_same_rows(many: Store, in_rdflib: Graph, slug: str) -> None:
    found = in_rdflib.query(QUESTIONS[slug].text).serialize(format="csv")
    assert found is not None
    assert told(found) == told(answer(many, slug))


@pytest.fixture(scope="session")
def in_rdflib(many: Store) -> Graph:
    triples = (quad.triple for quad in many.quads_for_pattern(None, None, None, DefaultGraph()))
    return Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES) or b"", format="nt")


def told(answer: bytes) -> list[list[str]]:
    """Return the cells of a CSV, numbers as they are told: rdflib writes 2757000000.0."""
    return [[cell.removesuffix(".0") for cell in row] for row in csv.reader(io.StringIO(answer.decode()))]


@pytest.mark.parametrize("slug", sorted({*QUESTIONS} - {*NOTHING_YET}))
def test_a_question_answers_in_the_language_asked_for(store: Store, slug: str) -> None:
    text = in_language(QUESTIONS[slug].text, "en")
    assert in_language(QUESTIONS[slug].text, "fr") == QUESTIONS[slug].text
    english: Any = store.query(text)
    found = [value for row in english for value in row]
    assert len(found) == len([value for row in store.query(QUESTIONS[slug].text) for value in row])  # type: ignore[union-attr]
    quoted = {each.object for each in store if each.predicate.value in SOURCE_TEXTS}
    french = [each for each in found if isinstance(each, Literal) and each.language == "fr" and each not in quoted]
    assert french == []


SOURCE_TEXTS = {OA + "exact", CPER + "valeurPubliee", SKOS + "altLabel"}
"""The properties whose texts are those of a source, in French."""


def test_questions_that_need_a_class_find_nothing_without_it() -> None:
    assert {slug for slug, question in QUESTIONS.items() if question.requires} <= {*NOTHING_YET}


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
    assert 1 <= patterns(prepareQuery(QUESTIONS[slug].text).algebra) <= 6


def test_the_count_of_patterns_counts() -> None:
    text = (
        "SELECT * { ?a <a:>/<b:> ?b OPTIONAL { ?b <c:>|<d:> ?c } FILTER EXISTS { ?c ^<e:> 1 } { ?d (<f:>/<g:>)+ 2 } }"
    )
    assert patterns(prepareQuery(text).algebra) == 6


MUTATIONS: dict[str, tuple[str, Step]] = {
    "axis 2 has no share": ("chiffres-par-subdivision", ("/part/axe-2", CPER + "valeurPubliee", "*")),
    "axis 6 has no reason": ("chiffres-par-subdivision", ("/part/axe-6", CPER + "motif", "*")),
    "the sum lacks axis 1": ("sommes-par-mesure", ("/part/axe-1", CPER + "partParSubdivision", "*")),
    "a signatory is gone": ("signataires", ("", CPER + "signePar", BASE + "id/organisme/departement-oise")),
    "axis 3 serves nothing": ("subdivisions-par-niveau", ("/axe/3", SKOS + "broader", "*")),
    "a figure has no words": ("chiffres-et-mots", ("/part/etat", CPER + "enonce", "*")),
    "nothing is said of the amendment": ("avenants", ("/etape/avenant-mobilites-prevu", CPER + "avenant", "*")),
    "a derived value has no assumption": ("montants-calcules", ("/derive/axe-1", CPER + "hypothese", "*")),
    "the sum has no origin": ("total-et-somme", ("/derive/somme-des-financeurs", PROV + "wasGeneratedBy", "*")),
    "a statement supports nothing": (
        "faits-et-mots",
        ("", CPER + "enonce", f"{BASE}id/contrat/hauts-de-france-2021-2027/enonce/premier-cper"),
    ),
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
        "q-1", {"fr": "Quoi ?", "en": "What?"}, f"SELECT ?a {{ ?a a <{CPER}Contrat>, <{QB}Slice> }}\n"
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
        (name, DCT + "references", NamedNode(CPER + "Contrat")),
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
