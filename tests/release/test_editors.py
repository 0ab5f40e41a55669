"""What a schema-aware query editor finds by itself: our prefixes, and every question as an example."""

from itertools import chain
from pathlib import Path

import pytest
from pyoxigraph import Store

from cper_lod.core.namespaces import CPER, PREFIXES, SH
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.release.check.check import check_questions
from cper_lod.release.release import Release
from cper_lod.release.sources.questions import CompetencyQuestion, load_questions
from tests.support.paths import ROOT

EDITORS = Path(__file__).parent / "editors"
QUESTIONS = {question.iri: question for question in load_questions(ROOT / "ontology" / "questions")}


@pytest.fixture(scope="module")
def store(release: Release) -> Store:
    """Open the index of the release, as the endpoint does."""
    return Store.read_only(str(release.folder / "index"))


def rows(store: Store, name: str) -> list[tuple[str, ...]]:
    """Return the answer to the query that an editor sends: the values of each row."""
    found = store.query((EDITORS / f"{name}.rq").read_text("utf-8"))
    return [tuple(value.value for value in row) for row in found]


@pytest.mark.parametrize("name", ["prefixes", "declarations"])
def test_prefixes(store: Store, name: str) -> None:
    assert rows(store, name) == sorted(PREFIXES.items())


def test_examples(store: Store) -> None:
    found = rows(store, "examples")
    assert sorted(found) == sorted(
        (iri, question.titles[lang], question.text)
        for iri, question in QUESTIONS.items()
        for lang in ("fr", "en")
        if not question.requires  # there is no subsidy yet
    )
    assert len(found) >= 50


DECLARED = f"PREFIX cper: <{CPER}>\nprefix sh:\t<{SH}>\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{DECLARED}SELECT * {{}}", False),
        ("SELECT * {}", False),
        (f"{DECLARED}PREFIX autre: <http://e.org/> SELECT * {{}}", True),
        (f"{DECLARED}prefix\n autre: <http://e.org/> SELECT * {{}}", True),
        ("PREFIX cper: <http://e.org/> SELECT * {}", True),
        (f"PREFIX : <{CPER}> SELECT * {{}}", True),
    ],
)
def test_a_prefix_that_is_not_declared_is_found(text: str, found: bool) -> None:
    question = CompetencyQuestion("q", {"fr": "Quoi ?", "en": "What?"}, text)
    declarations = Graph(read(ROOT / "ontology" / "prefixes.ttl"))
    findings = list(chain.from_iterable(check_questions([question], declarations)))
    assert [(each.severity, each.node, each.files) for each in findings] == [
        ("violation", question.iri, ("ontology/questions/q.rq",))
    ] * found
    assert list(check_questions([question], Graph([]))) == [], "an ontology without prefixes holds questions to none"
