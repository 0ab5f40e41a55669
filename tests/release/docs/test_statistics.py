"""The classes in use, counted."""

import pytest

from cper_lod.core.namespaces import CPER
from cper_lod.release.build.build import build_data
from cper_lod.release.docs.vocabulary import class_counts
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


def test_a_class_counts_each_resource_once(small: Release):
    e = "http://e.org/"
    assert class_counts(small) == {e + "A": 3, e + "B": 1, e + "Blank": 1, e + "InGraph": 1}


def test_classes_of_the_contract(release: Release):
    counts = class_counts(release)
    assert counts[CPER + "Axe"] == 6
    assert counts[CPER + "Priorite"] == 4
    assert counts[CPER + "Signataire"] == 9
    assert counts[CPER + "Engagement"] == 3
