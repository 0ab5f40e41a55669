"""The things by class: who is in a list, its pages from the first to the last and back, and what a list is called."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.release.storage.class_listing import LARGE_NODE_QUADS, Listing
from tests.release.history.trig_release import release_of_trig

E = "http://e.org/"


def made(folder: Path, trig: str) -> Listing:
    """Return the lists of what TriG says."""
    return release_of_trig(folder, trig).listing


def test_a_thing_is_once_in_each_of_its_classes(tmp_path: Path):
    listing = made(
        tmp_path, f':1 a :A, :B . :g {{ :1 a :A . :2 a :A }} _:b a :A . :3 a "a literal" ; :p :A . <{E}A/x> a <{E}A/> .'
    )
    counts = [(E + "A", 2, 1), (E + "A/", 1, 0), (E + "B", 1, 0)]
    assert [(each.iri, each.count, each.nameless) for each in listing.classes] == counts
    assert listing.page(E + "A", "", 10).iris == (E + "1", E + "2")
    assert (listing.count(E + "A"), listing.of(E + "C"), listing.more) == (2, None, False)
    assert (listing.page(E + "C", "", 10).iris, listing.page(E + "C", "", 10).next) == ((), None)


IRIS = st.sets(st.text(alphabet="ab/-.:é1", min_size=1, max_size=5), max_size=30)


@given(IRIS, st.integers(1, 7))
def test_pages_hold_everything_once_and_lead_back(tmp_path_factory: pytest.TempPathFactory, names: set[str], size: int):
    """From the first page to the last by `next`, and back by `previous`: the same pages, each thing once."""
    folder = tmp_path_factory.mktemp("listing")
    # Neighbours of the class must not leak in: their IRIs begin or end alike.
    things = "".join(f"<{E}{name}> a :A . " for name in names)
    listing = made(folder, f"{things} :z a :AA . :y a : . :x a <{E}A.> .")
    pages = [listing.page(E + "A", "", size)]
    while (after := pages[-1].next) is not None:
        pages.append(listing.page(E + "A", after, size))
        assert len(pages) <= 30
    assert [iri for page in pages for iri in page.iris] == sorted(E + name for name in names)
    assert all(len(page.iris) == size for page in pages[:-1])
    assert {page.last for page in pages} == {pages[-1].after}
    back = [pages[-1].previous]
    while back[-1] is not None:
        back.append(listing.page(E + "A", back[-1], size).previous)
    assert back[::-1] == [None, *(page.after for page in pages[:-1])]


def test_what_lies_below_an_iri_is_found_without_reading_what_lies_deeper(tmp_path: Path):
    names = ("a", "a#x", "a-b", "a/1", "a/1/2", "a/10", "b/1/2", "é")
    listing = made(tmp_path, "".join(f'<{E}{name}> :p "x" . ' for name in names))
    assert list(dict.fromkeys(listing.segments(E))) == ["a", "a-b", "b", "é"]
    assert list(dict.fromkeys(listing.segments(E, "a-"))) == ["a-b", "a", "b", "é"]
    assert list(listing.segments(E + "a/")) == ["1", "1", "10"]
    assert list(listing.described(E + "a/1")) == [E + "a/1", E + "a/1/2", E + "a/10"]
    assert list(listing.described(E + "a", E + "a/10")) == [E + "a/10"]
    assert list(listing.segments(E + "nothing/")) == []


def test_values_are_counted_by_property_where_a_node_is_large(tmp_path: Path):
    many = ", ".join(map(str, range(LARGE_NODE_QUADS)))
    assert made(tmp_path, f":1 :p {many} .").value_counts(E + "1") == {}
    listing = made(tmp_path, f':1 :p {many} ; :a "x" . _:b :p {many}, {LARGE_NODE_QUADS} .')
    assert list(listing.value_counts(E + "1").items()) == [(E + "a", 1), (E + "p", LARGE_NODE_QUADS)]
    assert listing.value_counts("_:b") == {E + "p": LARGE_NODE_QUADS + 1}
    assert listing.property_counts() == {E + "p": 2 * LARGE_NODE_QUADS + 1, E + "a": 1}
