"""ontology/MIRO.md has every item of the MIRO guidelines with its importance; its numbers are those of the files."""

import re

import pytest
from pyoxigraph import Store

from cper_lod.core.namespaces import ONTOLOGY, OWL
from tests.ontology.checking import COUNTED, HEAD, ontology, with_counts
from tests.support.paths import ROOT

ITEMS = {
    "A": "name owner license URL repository framework",
    "B": "Need Competition audience",
    "C": "coverage community Communication",
    "D": "methodology location? selection?",
    "E": "language environment- metrics? ontologies convention policy policy ontology relationships pattern IRI?",
    "F": "plan strategy policy",
    "G": "Testing Evaluation use endorsement- use",
}
"""The last word of each item of the guidelines; `?` marks those that should, `-` those that may be reported."""
IMPORTANCE = {"?": "SHOULD", "-": "OPTIONAL"}


@pytest.fixture(scope="module")
def report() -> str:
    return (ROOT / "ontology" / "MIRO.md").read_text("utf-8")


@pytest.fixture(scope="module")
def ours() -> Store:
    return ontology()


def test_every_item_is_reported_with_its_importance(report: str) -> None:
    told = re.findall(r"^\*\*([A-G]\.\d+) ([^(]+) \((MUST|SHOULD|OPTIONAL)\)\.\*\* (\S.{10,})", report, re.MULTILINE)
    wanted = []
    for section, words in ITEMS.items():
        for place, word in enumerate(words.split(), 1):
            wanted.append((f"{section}.{place}", word.rstrip("?-"), IMPORTANCE.get(word[-1], "MUST")))
    assert [(item, title.split()[-1], importance) for item, title, importance, _ in told] == wanted
    assert len(wanted) == 34
    assert len(re.findall(r"^## [A-G]\. ", report, re.MULTILINE)) == 7


def test_numbers_are_those_of_the_files(report: str, ours: Store) -> None:
    assert with_counts(report, ours) == report, "python -m tests.ontology writes them"
    for name in (*COUNTED, "competency questions"):
        assert re.search(rf"\b\d+ {name}\b", report), name


def test_what_the_report_says_of_the_files_is_so(report: str, ours: Store) -> None:
    whole = " ".join(report.split())
    (version,) = {quad.object.value for quad in ours if quad.predicate.value == OWL + "versionInfo"}
    assert f"version {version}" in whole
    assert f"`{ONTOLOGY}/{version}`" in whole
    nothing = {
        "owl:imports": "None is imported",
        "owl:deprecated": "None is deprecated yet",
        "owl:priorVersion": "no prior",
    }
    for name, words in nothing.items():
        assert words in whole
        assert not ours.query(f"{HEAD}ASK {{ ?x {name} ?y }}"), f"the report says there is no {name}"
    assert ours.query(f"{HEAD}ASK {{ ?x a owl:FunctionalProperty }}")
    outside = "?x rdfs:subClassOf+ ?y FILTER(!STRSTARTS(STR(?y), STR(cper:)))"
    assert not ours.query(f"{HEAD}ASK {{ ?x a owl:Class FILTER NOT EXISTS {{ {outside} }} }}"), "a subclass of theirs"
    for name in re.findall(r"`([\w./-]+\.(?:md|ttl|cff)|\w+/)`", report):
        assert (ROOT / "ontology" / name).exists() or (ROOT / name).exists(), name
