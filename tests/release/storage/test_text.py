"""Words as a reader looks for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.release.storage.text import SearchWords, highlight, snippet, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Œuvre d'ÉTAT", ["oeuvre", "d", "etat"]),
        ("Straße, ﬁn, Łódź", ["strasse", "fin", "lodz"]),
        ("snake_case", ["snake", "case"]),
        ("½ x²", ["1", "2", "x2"]),
        ("des pas, os, 12s", ["des", "pas", "os", "12s"]),
        ("process, Hess, xxss, 2021s", ["process", "hess", "xxss", "2021"]),
    ],
)
def test_words_are_folded(text: str, expected: list[str]):
    assert words(text) == expected


@given(st.text())
def test_folding_is_done_once(text: str):
    once = words(text)
    assert words(" ".join(once)) == once
    assert all(word.isalnum() for word in once)


@given(st.text(), st.text(min_size=1))
def test_marks_stand_in_the_text_and_lose_nothing(text: str, sought: str):
    looked_for = SearchWords(tuple(words(sought)))
    for made in (highlight(text, looked_for), snippet(text, looked_for)):
        assert "".join(piece for piece, _ in made.pieces) == made.text
        assert all(0 <= start < end <= len(made.text) for start, end in made.marks)
    assert highlight(text, looked_for).text == text
