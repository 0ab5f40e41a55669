"""A document and the queries that describe its subjects have the same triples: of every resource of the real sources."""

from collections import defaultdict
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple

from cper_lod.core.formats import N_TRIPLES
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Query
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.release.build.build import ensure_release
from cper_lod.release.documents import document
from cper_lod.release.release import Release, open_engine
from tests.support.paths import TINY

BATCH = 40
"""Resources that one query describes."""
LITERALS = """@prefix : <http://e.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :p 19.0, 01, "+1"^^xsd:nonNegativeInteger, "2024-01-01T00:00:00+00:00"^^xsd:dateTimeStamp, 1e3, "1"^^xsd:boolean,
  "P1Y12M"^^xsd:duration, "x"^^xsd:integer, "0.12345678901234567890123"^^xsd:decimal, "B"@FR-fr ; :q [ :p 7.50 ] .
:a\\/b :p 00.1 .
"""


def described(engine: ProcessEngine, subjects: list[str], graphs: tuple[str, ...]) -> dict[str, set[Triple]]:
    """Return what DESCRIBE returns of each subject."""
    found: dict[str, set[Triple]] = defaultdict(set)
    for start in range(0, len(subjects), BATCH):
        text = f"DESCRIBE {' '.join(f'<{iri}>' for iri in subjects[start : start + BATCH])}"
        answer = engine.query(Query(text, None, N_TRIPLES, default_graphs=graphs))
        for quad in pyoxigraph.parse(answer.read(), format=RdfFormat.N_TRIPLES):
            assert isinstance(quad, Quad)
            if isinstance(quad.subject, NamedNode):
                found[quad.subject.value].add(quad.triple)
    return found


def check_documents(release: Release) -> int:
    """Compare each document with what queries return of its subjects; return the number of documents."""
    subjects = release.triples.subjects()
    graphs = tuple(release.graphs)
    with open_engine(release, Settings()) as engine:
        answers = described(engine, subjects, ())
        for graph in graphs:
            for iri, triples in described(engine, subjects, (graph,)).items():
                answers[iri] |= triples
    for iri in subjects:
        quads = [quad for quad in document(release, iri).quads if isinstance(quad.subject, NamedNode)]
        found: dict[str, set[Triple]] = defaultdict(set)
        for quad in quads:
            found[quad.subject.value].add(quad.triple)
        for subject, triples in found.items():
            if subject == iri or subject.startswith((f"{iri}/", f"{iri}#")):
                assert triples == answers[subject], iri
            else:  # only its name
                assert triples <= answers[subject], iri
    return len(subjects)


@pytest.mark.slow
def test_every_document_says_what_queries_return(release: Release) -> None:
    assert check_documents(release) > 900


def test_literals_in_any_form_are_the_same_in_documents_and_queries(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(LITERALS)
    given = ensure_release(tmp_path / "releases", TINY, (tmp_path / "a.ttl",))[0]
    assert check_documents(given) == 2
    values = {str(quad.object) for quad in document(given, "http://e.org/a").quads}
    xsd = "http://www.w3.org/2001/XMLSchema#"
    assert {f'"19"^^<{xsd}decimal>', f'"1"^^<{xsd}integer>', f'"7.5"^^<{xsd}decimal>', f'"x"^^<{xsd}integer>'} <= values
