"""The text of a document as it reads, with passages marked: nested, overlapping, over paragraphs, of any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from cper_lod.core.quoted_text import Place
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.marked_text import MarkedText, fragment, marked_text
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.release.plan.passages import (
    MAX_SHOWN,
    AnnotatedText,
    PlacedStatement,
    annotated_text,
    statements_of,
    text_of,
)
from cper_lod.release.release import Release
from tests.support.names import BASE

KINDS = {"text": "", "heading": "# ", "item": "- "}


def shown(marked: MarkedText) -> str:
    """Return a text as it is shown: `{1:` begins a mark with a note, `{:` one without, `}` ends it; `_` is what is styled."""
    paragraphs = []
    for each in marked.paragraphs:
        parts = [KINDS[each.kind]]
        for piece in each.pieces:
            style = "_" * (piece.strong or piece.emphasis)
            marks = "".join("{%s:" % (mark.note or ("" if mark.is_first else "+")) for mark in piece.opened)
            parts += [marks, style, piece.text, style, "}" * piece.closed]
        paragraphs.append("".join(parts))
    return " | ".join(paragraphs)


CASES = {
    # text, passages by their words, what is shown
    "paragraphs": ("\n a b \nc\n\n \n d\n", [], "a b \nc | d"),
    "marks of lines": ("# T\nx\n- a\n * ⇒ b\n> q\n---\nz", [], "# T | x | - a | - b\nq | z"),
    "styles": ("**a b** *c* __d__", [], "_a b_ _c_ _d_"),
    "no styles": ("2 * 3 * 4, snake__case__x, **a, \\*b\\*", [], "2 * 3 * 4, snake__case__x, **a, *b*"),
    "links are their text": ("[a **b**](http://x_y*z/) ![i](u) <https://e.fr/a>", [], "a _b_ i https://e.fr/a"),
    "HTML is text": ("<b>a</b> &amp; [x] (y)", [], "<b>a</b> &amp; [x] (y)"),
    "one passage": ("a b c", ["b"], "a {1:b} c"),
    "nested": ("a b c d", ["a b c d", "b c", "c"], "{1:a {2:b {3:c}} d}"),
    "the same beginning": ("a b c", ["a b", "a"], "{1:{:a} b} c"),
    "the same words": ("a b", ["a", "a"], "{1:a} b"),
    "a bracket before": ("x (a b)", ["(a b)", "a"], "x {1:({:a} b)}"),
    "overlapping": ("a b c d", ["a b", "b c"], "{1:a {2:b}}{+: c} d"),
    "side by side": ("ab", ["a", "b"], "{1:a}{2:b}"),
    "over paragraphs": ("a b\n\n- c d", ["b\n\n- c"], "a {1:b} | - {+:c} d"),
    "over a line": ("a b\nc d", ["b\nc"], "a {1:b\nc} d"),
    "styled in part": ("**a b** c", ["b** c"], "_a _{1:_b_ c}"),
    "from a mark": ("x **a** y", ["**a**"], "x {1:_a_} y"),
}


@pytest.mark.parametrize("case", CASES)
def test_passages_are_marked_in_what_is_read(case: str):
    raw, words, expected = CASES[case]
    places = [Place(at := raw.index(each), at + len(each)) for each in words]
    marked = marked_text(raw, places)
    assert shown(marked) == expected
    assert {place for note in marked.notes for place in note} == set(places)


@pytest.mark.parametrize("place", [Place(-1, 2), Place(2, 2), Place(3, 1), Place(0, 4)])
def test_what_is_no_place_of_the_text_is_not_marked(place: Place):
    assert marked_text("abc", [place]).notes == ()


@given(
    st.text("ab *_[](<>\\\n-#é", max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6)
)
def test_marks_are_closed_and_each_passage_has_one_fragment(raw: str, spans: list[tuple[int, int]]):
    marked = marked_text(raw, [Place(*each) for each in spans])
    fragments = []
    for each in marked.paragraphs:
        depth = 0
        for piece in each.pieces:
            assert piece.text
            depth += len(piece.opened) - piece.closed
            assert depth >= 0
            fragments += [mark.fragment for mark in piece.opened if mark.is_first]
        assert depth == 0
    assert sorted(fragments) == sorted(fragment(place) for note in marked.notes for place in note)


COMMUNIQUE = f"{BASE}id/document/communique-2023-01-09"


def statements(release: Release) -> tuple[PlacedStatement, ...]:
    found = statements_of(release, COMMUNIQUE)
    assert found
    return found


def annotated(release: Release, limit: int = MAX_SHOWN) -> AnnotatedText:
    observations = ObservationReader(ReleaseGraph(release), "fr")
    return annotated_text(observations, text_of(release, COMMUNIQUE), statements(release), limit)


def test_what_is_marked_is_what_is_quoted(release: Release):
    read, open_marks = dict[str, str](), list[str]()
    for paragraph in annotated(release).text.paragraphs:
        for piece in paragraph.pieces:
            open_marks += [mark.fragment for mark in piece.opened]
            read |= {each: read.get(each, "") + piece.text for each in open_marks}
            del open_marks[len(open_marks) - piece.closed :]
        read = {name: f"{text} " for name, text in read.items()}
    observations = ObservationReader(ReleaseGraph(release), "fr")
    for each in statements(release):
        quote = observations.quote(NamedNode(each.iri))
        assert quote, each.iri
        assert " ".join(read[quote.fragment].split()) == quote.text


def test_beside_a_passage_stands_what_is_taken_from_it(release: Release):
    notes = {}
    for note in annotated(release).notes:
        facts = [
            (each.figure.value if each.figure else "", [one.value for one in each.computed]) for each in note.facts
        ]
        notes[note.quote.fragment] = note.is_missing, [each for each in facts if any(each)]
    assert notes["char=1007,1061"] == (False, [("57.3", ["1579761000"])])
    assert notes["char=2752,2772"] == (False, [("994000000", []), ("36", [])])
    assert notes["char=1715,1780"] == (True, [])


def test_of_a_text_that_is_too_long_the_passages_are_shown(release: Release):
    found, every = annotated(release, 3000), statements(release)
    assert (found.text.paragraphs, found.left, found.length) == ((), 0, 3293)
    assert {each.quote.href for each in found.unplaced} <= {each.iri for each in every}
    assert len(found.unplaced) > 20


def test_a_text_that_nothing_is_taken_from_is_shown_as_such(release: Release):
    found = annotated_text(ObservationReader(ReleaseGraph(release), "fr"), "a\n\nb", ())
    assert [len(group) for group in found.text.groups] == [2]
    assert (shown(found.text), found.notes, found.left) == ("a | b", (), 0)
