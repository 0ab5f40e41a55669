"""Facts and their words: each kind of corrupted fact of the real contract is a violation that names it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import CPER, LIENS, PREFIXES, RDF, RDFS, SCHEMA, shorten
from cper_lod.rdf.graph import Graph
from cper_lod.release.check.actors import ACTOR_RULES
from cper_lod.release.check.documents import DOCUMENT_RULES
from cper_lod.release.check.facts import ATTESTED, FACT_RULES
from cper_lod.release.sources.read import Sources, read_sources
from tests.release.check.corruption import fact_findings, with_lines
from tests.support.one_contract import copy_contract
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("read_once")
DOMAINS, BELOW = (RDFS + "domain", SCHEMA + "domainIncludes"), RDFS + "subClassOf"
MEASURE = NamedNode(PREFIXES["qb"] + "MeasureProperty")
Corrupted = Callable[[str, dict[str, str]], Sources]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Return the sources of the contract whose document has a text."""
    folder = tmp_path_factory.mktemp("one") / "sources"
    return read_sources(copy_contract(ROOT / "data", "hauts-de-france-2021-2027", folder))


@pytest.fixture(scope="module")
def lines(sources: Sources) -> list[str]:
    """Return the published lines."""
    return [line.decode() for line in sources.published.lines()]


@pytest.fixture
def corrupted(sources: Sources, lines: list[str], tmp_path: Path) -> Corrupted:
    """Return what makes sources in which parts of the lines that a pattern finds are replaced."""

    def make(pattern: str, parts: dict[str, str]) -> Sources:
        chosen, changed = re.compile(pattern), lines
        for old, new in parts.items():
            before = changed
            changed = [line.replace(old, new) if old in line and chosen.search(line) else line for line in before]
            assert changed != before, f"no line of {pattern} has {old}"
        return with_lines(sources, map(str.encode, changed), tmp_path / "changed.nq")

    return make


def test_the_real_facts_stand_in_their_words(sources: Sources) -> None:
    assert list(fact_findings(sources)) == []
    statements = [line for line in sources.published.lines() if f"<{CPER}atteste>".encode() in line]
    assert len(statements) > 50


NOT_STATED = {
    *("contrat", "divergeDe", "avenant", LIENS + "jeuLie"),  # links between things
    *(
        "enonce",
        "lecture",
        "motif",
        "pas",
        "signePar",
    ),  # how it is stated, why not, computed from what is printed, from signatories
    *("composeDe", "exclusif", "nature", "partieDe", "perimetre", "theme"),  # may be readings; words go with the nature
}


def test_each_property_of_what_has_statements_must_be_attested_or_is_known_not_to(sources: Sources) -> None:
    ontology = Graph(sources.ontology)
    stated = {each.value for each in ontology.all(NamedNode(CPER + "enonce"), SCHEMA + "domainIncludes")}
    below = {
        each.value for each in ontology.subjects() if any(NamedNode(cls) in ontology.all(each, BELOW) for cls in stated)
    }
    found = {
        node.value.removeprefix(CPER)
        for node in ontology.subjects()
        if (stated | below) & {each.value for name in DOMAINS for each in ontology.all(node, name)}
        and MEASURE not in set(ontology.all(node, RDF + "type"))
    }
    must = {each.removeprefix(CPER) for each in ATTESTED if each.startswith(CPER)}
    assert found == must | NOT_STATED
    assert not must & NOT_STATED


def test_a_quotation_that_is_not_there_is_told_with_the_nearest_passage(corrupted: Corrupted) -> None:
    changed = corrupted(r"enonce/montant-total> <\S+exact>", {"le CPER mobilise": "le CPER mobilise généreusement"})
    (found,) = (each for each in fact_findings(changed, DOCUMENT_RULES) if each.rule == "quotation-differs")
    assert "mobilise une enveloppe globale (hors mobilités)" in found.messages["fr"]
    assert found.files == ("data/statements/hauts-de-france-2021-2027.ttl",)


@pytest.mark.parametrize("data", [b"Sign\xe9", b"\xef\xbb\xbfSign\xc3\xa9"], ids=["encoding", "BOM"])
def test_a_text_that_cannot_be_read_is_a_problem(data: bytes, sources: Sources, tmp_path: Path) -> None:
    path = tmp_path / "communique-2023-01-09.md"
    path.write_bytes(data)
    with pytest.raises(Problem) as caught:
        list(fact_findings(replace(sources, texts={path.stem: path}), DOCUMENT_RULES))
    assert caught.value.kind.code.startswith("text-")
    assert caught.value.params["path"] == path


def test_a_text_of_another_document_is_told(sources: Sources, tmp_path: Path) -> None:
    path = tmp_path / "autre.txt"
    path.write_text("Un texte.", "utf-8")
    found = {each.rule: each for each in fact_findings(replace(sources, texts={path.stem: path}), DOCUMENT_RULES)}
    assert found["text-undescribed"].node.endswith("/document/autre")
    assert {"text-missing", "quotation-without-text"} <= found.keys()


def test_a_day_whose_year_nothing_says_is_a_warning(corrupted: Corrupted) -> None:
    """The words lack the year, and the day is not of the year of the document."""
    parts = {"ce lundi 9 janvier 2023": "ce 9 janvier", '"2023-01-09"': '"2022-01-09"'}
    found = fact_findings(corrupted("exact>|signature> ", parts), FACT_RULES)
    (warning,) = (each for each in found if each.rule.startswith("quotation"))
    assert (warning.severity, shorten(warning.path or "")) == ("warning", "dct:date")


@pytest.mark.parametrize(
    ("changes", "rule", "known"),
    [
        ({'"Lille"': '"Saint-Denis"', '"59350"': '"97411"'}, "identifier-of", "Saint-Denis (commune, 974)"),
        ({'"59350"': '"00000"'}, "identifier-differs", "59350"),
    ],
    ids=["of another town of that name", "of nobody"],
)
def test_a_code_that_is_not_of_its_town_is_told_with_the_known_one(
    changes: dict[str, str], rule: str, known: str, corrupted: Corrupted
) -> None:
    found = fact_findings(corrupted("^<[^>]*/territoire/lille> ", changes), ACTOR_RULES)
    (about,) = (each for each in found if each.value == changes['"59350"'].strip('"'))
    assert about.rule == rule
    assert known in about.messages["fr"]


@pytest.mark.parametrize(
    "values", [("sNaN", "9" * 5000, ""), ("1e999999999", "²²²²", "9" * 5000)], ids=["no number", "too much"]
)
def test_a_value_of_any_form_is_told_and_nothing_fails(values: tuple[str, ...], corrupted: Corrupted) -> None:
    olds = ("994000000", "2023-01-09", "2021")
    parts = {f'"{old}"': f'"{value}"' for old, value in zip(olds, values, strict=True)}
    changed = corrupted(r"valeur>|date>|startDate>", parts)
    told = {shorten(each.path or "") for each in fact_findings(changed)}
    assert {"cper:valeur", "dct:date", "dcat:startDate"} <= told
