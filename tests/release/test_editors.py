"""What a schema-aware query editor finds by itself: our prefixes, and every question as an example."""

from pathlib import Path

import pytest
from pyoxigraph import Store

from cper_lod.core.namespaces import PREFIXES
from cper_lod.release.sources.questions import load_questions
from tests.support.paths import ROOT

EDITORS = Path(__file__).parent / "editors"
QUESTIONS = {question.iri: question for question in load_questions(ROOT / "ontology" / "questions")}


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
        (iri, question.titles[lang], question.text) for iri, question in QUESTIONS.items() for lang in ("fr", "en")
    )
    assert len(found) >= 50
