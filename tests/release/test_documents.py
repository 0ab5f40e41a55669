"""What a release says of one IRI, and what a page shows of it: never more than a little, and said where it is less than all."""

from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.namespaces import SKOS
from cper_lod.release import documents
from cper_lod.release.documents import (
    MAX_EXCERPT_QUADS,
    MAX_PROPERTIES,
    MAX_VALUES,
    Document,
    document,
    excerpt,
    has_document,
)
from cper_lod.release.release import Release
from tests.release.history.trig_release import release_of_trig
from tests.support.nquads_release import release_of_quads
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
    assert MAX_EXCERPT_QUADS - properties < len(shown) <= MAX_EXCERPT_QUADS
    assert len({shown.count(name) for name in shown}) == 1
    assert len(set(shown)) == properties
    assert found.value_counts == {(E + "wide", name): (values, True) for name in shown}
    assert not found.truncated
