"""A quotation is found where its words stand in a text, whatever the white space and the marks, and nowhere else."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.quoted_text import MAX_TEXT_MIB, Nearest, Place, QuotableText, read_text
from tests.support.refusals import refused

STANDS = {
    "as it is": ("L'État : 994 M€ (36 %)", "L'État : 994 M€ (36 %)"),
    "no-break and narrow spaces": ("État\u00a0: 994\u202fM€ (36\u2009%)", "État : 994 M€ (36 %)"),
    "apostrophes": ("l’État et lʼaxe d'Armor", "l'État et l'axe d’Armor"),
    "hyphens": ("Hauts‑de‐France", "Hauts-de-France"),
    "composed by the quotation": (unicodedata.normalize("NFD", "préfecture à Ålesund"), "préfecture à Ålesund"),
    "signs with another form": ("10 \u212b et 3 \u2126", "10 Å et 3 Ω"),
    "soft hyphens and zero width": ("déve\u00adlop\u200bpe\ufeffment", "développement"),
    "a word divided at a line end": ("de dévelop-\n  pement ici", "de développement ici"),
    "a soft hyphen there": ("dévelop\u00ad\r\npement", "développement"),
    "a compound name at a line end": ("les Hauts-de-\nFrance", "les Hauts-de-France"),
    "emphasis": ("**Accompagner la *transition*** __ici__", "Accompagner la transition ici"),
    "emphasis in the quotation": ("Accompagner la transition", "**Accompagner** la transition"),
    "bullets": ("en :\n\n- un ;\n * deux ;\n+ trois", "en : un ; deux ; trois"),
    "bullets that are quoted": ("en :\n- un ;\n- deux", "en : - un ; - deux"),
    "a heading that is quoted within a line": ("avant\n## Un titre", "avant ## Un titre"),
    "bullet and arrow": ("clés :\n\n- ⇒ Véritable levier", "clés : Véritable levier"),
    "headings and block quotations": ("## Un titre\n> cité\n> > encore", "Un titre cité encore"),
    "links": ("voir [le site](https://e.org/a_b), <https://e.org/x-y>.", "voir le site, https://e.org/x-y."),
    "brackets of no link": ("[sic] a](b) <3", "[sic] a](b) <3"),
    "cells of a table": ("1\n994 M€", "994 M€"),
}
DOES_NOT = {
    "case": ("État", "état"),
    "accents": ("Etat", "État"),
    "another digit": ("État : 994 M€", "État : 995 M€"),
    "a word more": ("Vous pouvez retrouver", "Vous ne pouvez retrouver"),
    "within a word": ("les Départements", "Département"),
    "within a number": ("994 M€", "94 M€"),
    "after a decimal comma": ("2,7 milliards", "7 milliards"),
    "without thousands": ("1 994 M€", "994 M€"),
    "a sign less": ("évolution : - 5 %", "évolution : 5 %"),
    "a sign before the words": ("évolution : 5 %", "-5 %"),
    "a space for a hyphen": ("peut-être", "peut être"),
    "a dash for a hyphen": ("2021-2027", "2021–2027"),
    "quotation marks": ("« ici »", '"ici"'),
    "nothing": ("un deux", " ** "),
    "an empty text": ("", "un"),
}


@pytest.mark.parametrize("case", STANDS)
def test_words_that_stand_in_a_text(case: str) -> None:
    raw, words = STANDS[case]
    text = QuotableText(f"avant\n\n{raw}\n\naprès")
    (place,) = text.find(words)
    assert text.at(place.start, words) == place
    assert text.find(text.words(place)) == [place], text.words(place)
    assert not any(text.at(place.start + step, words) for step in (-1, 1))
    assert 7 <= place.start < place.end <= 7 + len(raw)


@pytest.mark.parametrize("case", DOES_NOT)
def test_words_that_do_not_stand_in_a_text(case: str) -> None:
    raw, words = DOES_NOT[case]
    text = QuotableText(raw)
    assert text.find(words) == []
    assert not any(text.at(start, words) for start in range(len(raw) + 1))


def test_places_are_those_of_the_file_as_it_is() -> None:
    raw = "- **Accompagner la\r\n  transition** vers [un site](https://e.org) <https://e.org/a>\n"
    text = QuotableText(raw)
    assert [raw[slice(*place)] for place in text.find("Accompagner la transition")] == [
        "Accompagner la\r\n  transition"
    ]
    assert [raw[slice(*place)] for place in text.find("un site https://e.org/a")] == [
        "un site](https://e.org) <https://e.org/a"
    ]
    e_acute = unicodedata.normalize("NFD", "é")
    assert QuotableText(f"a {e_acute} b").find("é") == [Place(2, 4)]


def test_words_that_stand_twice_are_found_twice() -> None:
    text = QuotableText("Tél : 1. Mél : 2. Tél : 1.")
    assert text.find("Tél : 1") == [Place(0, 7), Place(18, 25)]
    assert text.at(18, "Tél : 1") == Place(18, 25)
    assert text.at(9, "Tél : 1") is None


NEAREST = {
    "a digit": ("Région : 994 M€ (36 %)", "Région : 995 M€ (36 %)", "995", "994"),
    "a word more": ("Vous ne pouvez pas retrouver l'accord", "Vous pouvez retrouver l'accord", "", "ne"),
    "a word less": ("Vous retrouver l'accord sur le site", "Vous pouvez retrouver l'accord sur le site", "pouvez", ""),
    "the last word": ("retrouver l'accord sur le papier", "retrouver l'accord sur le site", "site", "papier"),
    "a sign": ("évolution : + 5 %", "évolution : - 5 %", "-", "+"),
}
TEXT = "# Chiffres\n\n- État : 994 M€ (36 %)\n- Région : 995 M€ (36 %)\n\n**Vous pouvez** retrouver l’accord sur le site.\n\névolution : - 5 %\n\n2,7 milliards sur 7 ans, soit 1 994 000 M€ en tout\n"
PADDING = "\n".join(f"Paragraphe {number} sur le sujet {number * 7919}, sans rien de commun." for number in range(1000))


@pytest.mark.parametrize("case", NEAREST)
@pytest.mark.parametrize("padding", ["", PADDING], ids=["short", "long"])
def test_the_nearest_passage_is_told_with_the_first_difference(case: str, padding: str) -> None:
    words, near, there, here = NEAREST[case]
    raw = f"{padding}\n\n{TEXT}\n{padding}"
    text = QuotableText(raw)
    found = text.nearest(words)
    assert found
    assert found[1:] == (near, there, here)
    assert text.find(near) == [found.place]


def test_nothing_is_near_what_is_not_there() -> None:
    assert QuotableText(TEXT).nearest("XQZW KJXQ") is None
    assert QuotableText("").nearest("un") is None
    assert QuotableText(TEXT).nearest("**") is None


def test_a_long_quotation_is_found_and_its_one_change_is_told() -> None:
    text = QuotableText(PADDING)
    quotation = PADDING[PADDING.index("Paragraphe 300 ") :][:10_000].rpartition(" ")[0].replace("\n", " ")
    (place,) = text.find(quotation)
    found = text.nearest(quotation.replace("sujet 2462809", "sujet 2462808"))
    assert found == Nearest(place, quotation, "2462809,", "2462808,")


LETTERS = ("É", "e\u0301", "a", "ç", "Ω", "l’", "l'", "mot", "€", ",", ".", "«", "»")
SPACES = (" ", "\u00a0", "\n", "\n\n", "\r\n", "\t", "\u00ad", "\u200b")
MARKS = ("-", "–", "+", ">", "#", "*", "**", "__", "⇒ ", "- ", "\n- ", "\n## ")
PIECES = (*LETTERS, *SPACES, *MARKS, "[mot](https://e.org/a-b)", "<https://e.org/a>")


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.data())
def test_any_words_of_any_text_are_found_at_their_place(raw: str, data: st.DataObject) -> None:
    text = QuotableText(f"début {raw} fin")
    (whole,) = text.find(f"début {raw} fin")
    assert whole == (0, len(raw) + 10)
    words = text.words(whole).split(" ")
    start = data.draw(st.integers(0, len(words) - 1))
    quotation = " ".join(words[start : data.draw(st.integers(start + 1, len(words)))])
    (rest,) = text.find(" ".join(words[start:]))
    place = text.at(rest.start, quotation)
    if quotation.strip("-–+>#⇒ "):
        assert place
        quoted = QuotableText(quotation).words(Place(0, len(quotation)))
        assert text.words(place).replace(" ", "") == quoted.replace(" ", "")
    else:
        assert text.find(quotation) == []
    for form in ("NFC", "NFD"):
        assert text.at(rest.start, unicodedata.normalize(form, quotation)) == place


TEXTS: dict[str, tuple[bytes, str, tuple[str, ...]]] = {
    "plain": ("é\r\nà\tb\f".encode(), "é\r\nà\tb\f", ()),
    "with a byte order mark": ("\ufeffé".encode(), "é", ()),
    "UTF-16": ("un".encode("utf-16"), "text-encoding", ()),
    "another encoding": (b"un\ndeux \xe9", "text-encoding", ("line 2", "0xE9")),
    "empty": (b"", "text-empty", ()),
    "a control character": (b"un\n\x07", "text-control", ("line 2", "U+0007")),
    "too large": (b"a" * ((MAX_TEXT_MIB << 20) + 1), "text-large", ()),
}


@pytest.mark.parametrize("case", TEXTS)
def test_the_bytes_of_a_file_are_its_text_or_a_problem(tmp_path: Path, case: str) -> None:
    content, expected, words = TEXTS[case]
    path = tmp_path / "document.txt"
    path.write_bytes(content)
    if expected.startswith("text-"):
        with refused(expected, path, *words):
            read_text(path)
    else:
        assert read_text(path) == expected


def test_what_is_no_file_is_a_problem(tmp_path: Path) -> None:
    with refused("source-missing"):
        read_text(tmp_path / "none.txt")
    with refused("source-endless"):
        read_text(tmp_path)
