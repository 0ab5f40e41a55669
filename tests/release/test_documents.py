"""What a release says of one IRI, and quads seen as subjects with properties."""

from collections.abc import Callable

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.namespaces import SKOS
from cper_lod.release import documents
from cper_lod.release.documents import Document, document, has_document
from cper_lod.release.release import Release
from tests.support.refusals import refused

E = "http://e.org/"
DATA = r"""
@prefix : <http://e.org/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
:a :p :b, [ :p [ :p "deep" ] ] . :a\/1 :p :c . :a\#x :p "fragment" . :a1 :p "not under" . :a-b :p "not under" .
:b skos:prefLabel "B"@fr, "b"@en ; rdfs:label "worse" ; :p "of b" .
:c a rdfs:Class ; rdfs:label "a class" .
:only :p :mentioned . :mentioned\/1 :p "under what is only mentioned" .
GRAPH :g { :a :p :in-g . :in-g rdfs:label "in g" }
"""


@pytest.fixture(scope="module")
def small(release_of: Callable[[str], Release]) -> Release:
    """A release of a few triples."""
    return release_of(DATA)


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
    assert not has_document(small, iri)


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
