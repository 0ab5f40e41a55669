"""Every quotation stands word for word in the press release, and every published value in its quotation."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest
from pyoxigraph import Literal, Quad

from cper_lod.core.namespaces import BASE, CPER, OA
from cper_lod.rdf.reader import read
from tests.support.paths import ROOT
from tests.support.requirements import SOURCE

DOCUMENT = f"{BASE}id/document/communique-2023-01-09"
_AUTOLINK = re.compile(r"<(https?://[^>]*)>")
_BULLET = re.compile(r"^[ \t]*-[ \t]+(?:⇒)?", re.MULTILINE)


def words(text: str) -> str:
    """Return a text on one line, without the marks of Markdown: emphasis, bullets, their arrow, brackets of links."""
    return " ".join(_BULLET.sub(" ", _AUTOLINK.sub(r"\1", text.replace("**", ""))).split())


@dataclass(frozen=True)
class Quotation:
    """The words of a passage and what stands around them, as the data give them."""

    node: str
    exact: str
    prefix: str = ""
    suffix: str = ""

    def stands_in(self, text: str) -> bool:
        """Whether the words, with what stands around them, are in `text` (which is on one line)."""
        return bool(self.exact) and words(self.prefix + self.exact + self.suffix) in text


def quads() -> list[Quad]:
    files = sorted((ROOT / "data").rglob("*.ttl"))
    return [quad for place, path in enumerate(files) for quad in read(path, scope=f"f{place}")]


def values(found: Iterable[Quad], predicate: str) -> dict[str, list[str]]:
    """Return the values of a property by subject."""
    rows: dict[str, list[str]] = {}
    for quad in found:
        if quad.predicate.value == predicate and not hasattr(quad.subject, "predicate"):
            value = quad.object.value if hasattr(quad.object, "value") else ""
            rows.setdefault(getattr(quad.subject, "value", ""), []).append(value)
    return rows


DATA = quads()
PARTS = {part: values(DATA, OA + part) for part in ("exact", "prefix", "suffix")}
QUOTATIONS = [
    Quotation(node, exact, *("".join(PARTS[part].get(node, ())) for part in ("prefix", "suffix")))
    for node, found in sorted(PARTS["exact"].items())
    for exact in found
]
CITATIONS = values(DATA, CPER + "citation")


@pytest.fixture(scope="module")
def text() -> str:
    """Return the press release on one line."""
    return words(SOURCE.read_text("utf-8"))


@pytest.mark.source
def test_every_quotation_stands_in_the_press_release(text: str) -> None:
    assert len(QUOTATIONS) >= 50
    assert all(quotation.node.startswith(f"{DOCUMENT}/passage/") for quotation in QUOTATIONS), "of that document"
    assert [quotation for quotation in QUOTATIONS if not quotation.stands_in(text)] == []


@pytest.mark.source
def test_every_citation_stands_in_the_press_release(text: str) -> None:
    assert len(CITATIONS) >= 50
    assert all(len(found) == 1 for found in CITATIONS.values())
    assert sorted(found[0] for found in CITATIONS.values() if words(found[0]) not in text) == []


@pytest.mark.source
def test_a_changed_letter_would_show(text: str) -> None:
    for quotation in QUOTATIONS:
        middle = len(quotation.exact) // 2
        changed = quotation.exact[:middle] + "\u0416" + quotation.exact[middle + 1 :]
        assert not replace(quotation, exact=changed).stands_in(text)
        assert not replace(quotation, exact=quotation.exact + "\u0416").stands_in(text)
    accent = next(quotation for quotation in QUOTATIONS if "é" in quotation.exact)
    assert not replace(accent, exact=accent.exact.replace("é", "e", 1)).stands_in(text)
    assert not Quotation("", "").stands_in(text), "nothing is no quotation"


@pytest.mark.source
def test_what_stands_around_tells_one_place_from_another(text: str) -> None:
    """A quotation that would be found twice says what stands before or after it."""
    around = [quotation for quotation in QUOTATIONS if quotation.prefix or quotation.suffix]
    assert len(around) >= 5
    loose = [each for each in QUOTATIONS if each not in around and text.count(words(each.exact)) > 1]
    assert [each.exact for each in loose if not each.node.endswith("/document-contact/citation")] == []


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
