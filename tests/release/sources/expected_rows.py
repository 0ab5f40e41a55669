"""The expected rows of the competency questions: `python -m tests.release.sources.expected_rows` writes them from the shipped data.

After data changed; what git then shows as different is read by a person, against the sources, before it is kept.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pyoxigraph import QueryResultsFormat, RdfFormat, Store

from cper_lod.release.sources.questions import CompetencyQuestion, load_questions
from cper_lod.release.sources.read import read_sources
from tests.support.paths import ROOT

FOLDER: Final = ROOT / "ontology" / "questions"
QUESTIONS: Final[Mapping[str, CompetencyQuestion]] = {each.slug: each for each in load_questions(FOLDER)}


def published(folder: Path) -> Store:
    """Return what is published of a folder of sources."""
    store, sources = Store(), read_sources(folder)
    store.bulk_load(path=sources.published.path, format=RdfFormat.N_QUADS)
    return store


def rows(store: Store, text: str) -> bytes:
    """Return the answer to a query as CSV."""
    results: Any = store.query(text)
    return bytes(results.serialize(format=QueryResultsFormat.CSV))


if __name__ == "__main__":
    shipped = published(ROOT)
    for slug, question in QUESTIONS.items():
        (FOLDER / f"{slug}.csv").write_bytes(rows(shipped, question.text))
