"""Every quotation stands word for word in the press release, at its place, and every published value in its quotation."""

import hashlib
import re
from collections.abc import Iterable

import pytest
from pyoxigraph import Literal, Quad

from cper_lod.core.namespaces import BASE, CPER, PREFIXES, PROV, SCHEMA
from cper_lod.rdf.reader import read
from tests.support.paths import ROOT
from tests.support.requirements import SOURCE

DOCUMENT = f"{BASE}id/document/communique-2023-01-09"
_HYPERLINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_AUTOLINK = re.compile(r"<(https?://[^>]*)>")
_BULLET = re.compile(r"^[ \t]*-[ \t]+(?:⇒)?", re.MULTILINE)


def words(text: str) -> str:
    """Return a text on one line, without the marks of Markdown: emphasis, bullets, their arrow, marks of links."""
    plain = _HYPERLINK.sub(r"\1", _AUTOLINK.sub(r"\1", text.replace("**", "")))
    return " ".join(_BULLET.sub(" ", plain).split())


def quads(folder: str = "data") -> list[Quad]:
    files = sorted((ROOT / folder).rglob("*.ttl"))
    return [quad for place, path in enumerate(files) for quad in read(path, scope=f"f{place}")]


def values(found: Iterable[Quad], predicate: str) -> dict[str, list[str]]:
    """Return the values of a property by subject."""
    rows: dict[str, list[str]] = {}
    for quad in found:
        if quad.predicate.value == predicate and not hasattr(quad.subject, "predicate"):
            value = quad.object.value if hasattr(quad.object, "value") else ""
            rows.setdefault(getattr(quad.subject, "value", ""), []).append(value)
    return rows


def misplaced(found: list[Quad], text: str) -> list[str]:
    """Return the statements whose words do not begin at their place in a text."""
    places = values(found, SCHEMA + "position")
    return [
        f"{statement}: {citation}"
        for statement, (citation,) in values(found, CPER + "citation").items()
        if not words(text[int(places[statement][0]) :]).startswith(words(citation))
    ]


DATA = quads()
CITATIONS = values(DATA, CPER + "citation")
_ITS_OWN = {name for name, found in values(DATA, PROV + "wasDerivedFrom").items() if found == [DOCUMENT]}
RELEASE = [quad for quad in DATA if getattr(quad.subject, "value", "") in _ITS_OWN]
"""What is said of the statements taken from the press release, the one document whose text is at hand."""


@pytest.fixture(scope="module")
def text() -> str:
    """Return the press release."""
    return SOURCE.read_text("utf-8")


def cut_short(citations: Iterable[str]) -> list[str]:
    """Return the quotations that leave a parenthesis or a quotation mark open; the source may close too many."""
    return [each for each in citations if any(each.count(one) > each.count(end) for one, end in ("()", "«»"))]


def test_no_quotation_stops_within_a_parenthesis() -> None:
    found = [each for (each,) in CITATIONS.values()]
    assert sum("(Axe" in each for each in found) > 6
    assert cut_short(found) == []
    stopped = ["milieux naturels (Axe 1", "Axe 1 « Accélérer"]
    assert cut_short([*stopped, "Axe 1)"]) == stopped


@pytest.mark.source
def test_the_data_say_from_which_text_they_were_made() -> None:
    checksums = values(DATA, PREFIXES["spdx"] + "checksumValue")
    assert checksums == {f"{DOCUMENT}/empreinte": [hashlib.sha256(SOURCE.read_bytes()).hexdigest()]}


@pytest.mark.source
def test_every_quotation_stands_at_its_place_in_the_press_release(text: str) -> None:
    assert len(CITATIONS) >= 50
    assert all(len(found) == 1 for found in CITATIONS.values())
    assert len(values(RELEASE, CPER + "citation")) >= 50
    assert misplaced(RELEASE, text) == []


@pytest.mark.source
def test_every_sentence_of_the_press_release_is_quoted(text: str) -> None:
    """The words that no statement quotes are headings, and the contact, which is printed twice."""
    places = values(RELEASE, SCHEMA + "position")
    quoted = [False] * len(text)
    for statement, (citation,) in values(RELEASE, CPER + "citation").items():
        start = int(places[statement][0])
        end = next(each for each in range(start, len(text) + 1) if words(text[start:each]) == words(citation))
        quoted[start:end] = [True] * (end - start)
    left = words("".join(" " if known else char for char, known in zip(text, quoted, strict=True)))
    repeated = {word for (citation,) in values(RELEASE, CPER + "citation").values() for word in words(citation).split()}
    assert [word for word in left.split() if word not in repeated and word.strip(".,:;")] == HEADINGS


HEADINGS = ["COMMUNIQUE", "PRESSE", "Au-delà,", "Chiffres", "clés"]


@pytest.mark.source
def test_a_changed_letter_or_place_would_show(text: str) -> None:
    for quad in RELEASE:
        if quad.predicate.value == CPER + "citation":
            changed = Literal(quad.object.value[:-1] + "\u0416", language="fr")
            others = [each for each in RELEASE if each.subject == quad.subject and each != quad]
            assert misplaced([Quad(quad.subject, quad.predicate, changed), *others], text)
            assert misplaced([quad, *others], text[1:])


def test_the_fictitious_contract_is_quoted_at_its_places_too() -> None:
    text = (ROOT / "tests" / "fictif" / "communique-fictif.md").read_text("utf-8")
    assert misplaced(quads("tests/fictif/data/statements"), text) == []


def test_every_published_value_is_part_of_its_citation() -> None:
    statements = values(DATA, CPER + "enonce")
    published = values(DATA, CPER + "valeurPubliee")
    assert len(published) >= 11
    for node, found in published.items():
        (value,) = found
        cited = [quote for statement in statements[node] for quote in CITATIONS[statement]]
        assert any(value in quote for quote in cited), f"{node}: {value} is not in {cited}"


def test_every_published_value_is_french_text() -> None:
    found = [quad.object for quad in DATA if quad.predicate.value in (CPER + "valeurPubliee", CPER + "citation")]
    assert len(found) > 60
    assert all(isinstance(value, Literal) and value.language == "fr" for value in found)


def test_marks_are_set_aside_and_words_are_not() -> None:
    assert words("- **Accompagner**,  la\n transition ;\n- ⇒ Le <https://e.org/a-b> - fin") == (
        "Accompagner, la transition ; Le https://e.org/a-b - fin"
    )
    assert words(" - Région : 995 M€ (36 %)") == "Région : 995 M€ (36 %)"
    assert words("a\u00a0b") == "a b", "no-break spaces are white space"
    assert words("[e.org/a](https://e.org/a) **b**") == "e.org/a b"
