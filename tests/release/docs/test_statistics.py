"""The classes in use, counted."""

import pytest

from cper_lod.core.namespaces import CPER
from cper_lod.release.build.build import build_data
from cper_lod.release.docs.vocabulary import ClassCount, classes
from cper_lod.release.release import Release
from tests.support.paths import ROOT

DATA = """
@prefix : <http://e.org/> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
:a a :A, :B . :b a :A . _:x a :A . _:y a :Blank . :c a "a literal class" . :d a <<( :a :b :c )>> .
:e :p rdf:type . rdf:type :p :e . :f a _:class .
GRAPH :g { :a a :A . :h a :InGraph } GRAPH rdf:type { :a :p :A }
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of a few typed resources."""
    folder = tmp_path_factory.mktemp("statistics")
    (folder / "data.trig").write_text(DATA, "utf-8")
    return build_data(folder / "releases", ROOT, (folder / "data.trig",))


def test_classes_are_counted_once_a_resource_the_most_frequent_first(small: Release):
    e = "http://e.org/"
    assert classes(small) == [
        ClassCount(e + "A", 3, e + "a"),
        ClassCount(e + "B", 1, e + "a"),
        ClassCount(e + "Blank", 1, ""),
        ClassCount(e + "InGraph", 1, e + "h"),
    ]


def test_classes_of_the_contract(release: Release):
    counts = {row.iri: row.count for row in classes(release)}
    assert counts[CPER + "Axe"] == 6
    assert counts[CPER + "Priorite"] == 4
    assert counts[CPER + "Signataire"] == 9
    assert counts[CPER + "Engagement"] == 3
    assert all(row.example for row in classes(release) if row.iri.startswith(CPER))
