"""What a release says of one IRI, the same as queries return; what a page shows of it: a little, and said where not all."""

from collections import defaultdict
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple

from cper_lod.core.formats import N_TRIPLES
from cper_lod.core.namespaces import MODULES, ONTOLOGY, SKOS
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Query
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.release import documents
from cper_lod.release.build.build import ensure_release
from cper_lod.release.documents import MAX_PROPERTIES, MAX_VALUES, Document, document, excerpt
from cper_lod.release.release import Release, open_engine
from tests.release.history.trig_release import release_of_trig
from tests.support.nquads_release import release_of_quads
from tests.support.paths import TINY
from tests.support.refusals import refused

E = "http://e.org/"
DATA = r"""
:a :p :b, [ :p [ :p "deep" ] ] . :a\/1 :p :c . :a\#x :p "fragment" . :a1 :p "not under" . :a-b :p "not under" .
:b skos:prefLabel "B"@fr, "b"@en ; rdfs:label "worse" ; :p "of b" .
:c a rdfs:Class ; rdfs:label "a class" .
:only :p :mentioned . :mentioned\/1 :p "under what is only mentioned" .
GRAPH :g { :a :p :in-g . :in-g rdfs:label "in g" }
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of a few triples."""
    return release_of_trig(tmp_path_factory.mktemp("small"), DATA)


def subjects(about: Document) -> set[str]:
    return {quad.subject.value for quad in about.quads if isinstance(quad.subject, NamedNode)}


def test_a_document_has_the_resource_its_parts_and_the_labels_of_others(small: Release):
    about = document(small, E + "a")
    assert about.described
    assert subjects(about) == {E + "a", E + "a/1", E + "a#x", E + "b", E + "in-g"}
    said = {quad.predicate.value for quad in about.quads if quad.subject == NamedNode(E + "b")}
    assert said == {SKOS + "prefLabel"}
    assert len({quad.subject for quad in about.quads if isinstance(quad.subject, BlankNode)}) == 2
    assert any(quad.object == Literal("deep") for quad in about.quads)


@pytest.mark.parametrize("iri", ["http://e.org", "http://e.or", "http://e.org/nothing", "x:", ""])
def test_an_unknown_iri_is_not_found(small: Release, iri: str):
    with refused("not-found"):
        document(small, iri)
    assert not documents.has_document(small, iri)


@pytest.mark.parametrize(
    ("name", "limit", "least", "pages"),
    [
        ("mentioned", "MAX_MENTIONS", 1, "/describe/list?of=mentions&iri=http%3A%2F%2Fe.org%2Fmentioned"),
        ("p", "MAX_MENTIONS", 12, "/describe/list?of=mentions&iri=http%3A%2F%2Fe.org%2Fp"),
        ("a", "MAX_QUADS", 7, "/describe.html?iri=http%3A%2F%2Fe.org%2Fa"),
    ],
)
def test_a_document_that_is_too_large_is_an_error(
    small: Release, monkeypatch: pytest.MonkeyPatch, name: str, limit: str, least: int, pages: str
):
    """The names of other things do not count; what lies under the thing and inside blank nodes does."""
    monkeypatch.setattr(documents, limit, least)
    whole = document(small, E + name).quads
    monkeypatch.setattr(documents, limit, least - 1)
    with refused("document-too-large", pages):
        len(document(small, E + name).quads)
    assert len(whole) >= least


def of(iri: str, properties: int, values: int) -> list[str]:
    """Return lines that say of a thing so many values of each of so many properties."""
    return [f'<{iri}> <{E}p{number:03}> "{value}"' for number in range(properties) for value in range(values)]


@pytest.mark.parametrize(
    ("properties", "values"), [(199, 60), (MAX_PROPERTIES, MAX_VALUES), (31, MAX_VALUES), (200, 8)]
)
def test_a_resource_with_many_values_of_many_properties_is_bounded(tmp_path: Path, properties: int, values: int):
    """Each property has some of its values there, and leads to the others."""
    release = release_of_quads(tmp_path, of(f"{E}wide", properties, values))
    found = excerpt(release, document(release, E + "wide"))
    shown = [quad.predicate.value for quad in found.quads]
    assert documents.MAX_EXCERPT_QUADS - properties < len(shown) <= documents.MAX_EXCERPT_QUADS
    assert len({shown.count(name) for name in shown}) == 1
    assert len(set(shown)) == properties
    assert found.value_counts == {(E + "wide", name): (values, True) for name in shown}
    assert not found.truncated


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
            in_module = iri == ONTOLOGY and subject.startswith((*MODULES.values(),))  # which has a document of its own
            if subject == iri or (subject.startswith((f"{iri}/", f"{iri}#")) and not in_module):
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
