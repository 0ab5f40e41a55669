"""The press release is quoted whole, and no quotation of any document stops within a parenthesis."""

from collections.abc import Iterable
from pathlib import Path

from cper_lod.core.namespaces import BASE, OA, PROV
from cper_lod.core.quoted_text import Place, QuotableText, read_text
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.release.sources.files import rdf_files
from tests.support.paths import ROOT

DOCUMENT = f"{BASE}id/document/communique-2023-01-09"
HEADINGS = ["COMMUNIQUE", "PRESSE", "Au-delà,", "Chiffres", "clés"]
DATA = Graph(quad for path in rdf_files(ROOT / "data") for quad in read(path))
QUOTATIONS = {node: words for node in DATA.subjects() if (words := DATA.value(node, OA + "exact"))}


def cut_short(quotations: Iterable[str]) -> list[str]:
    """Return the quotations that leave a parenthesis or a quotation mark open; the source may close too many."""
    return [each for each in quotations if any(each.count(one) > each.count(end) for one, end in ("()", "«»"))]


def test_no_quotation_stops_within_a_parenthesis() -> None:
    assert sum("(Axe" in each for each in QUOTATIONS.values()) > 6
    assert cut_short(QUOTATIONS.values()) == []
    stopped = ["milieux naturels (Axe 1", "Axe 1 « Accélérer"]
    assert cut_short([*stopped, "Axe 1)"]) == stopped


def left_out(path: Path, places: Iterable[Place], quoted: Iterable[str]) -> list[str]:
    """Return the words of a text that stand in no quotation, nor are printed again elsewhere."""
    text, known = read_text(path), {word for words in quoted for word in words.split()}
    inside = {place for start, end in places for place in range(start, end)}
    rest = "".join(" " if place in inside else char for place, char in enumerate(text))
    words = QuotableText(rest).words(Place(0, len(rest))).split()
    return [word for word in words if word not in known and any(char.isalnum() for char in word)]


def test_every_sentence_of_the_press_release_is_quoted() -> None:
    """The words that no statement quotes are headings, and the contact, which is printed twice."""
    quoted = {node: words for node, words in QUOTATIONS.items() if DATA.value(node, PROV + "wasQuotedFrom") == DOCUMENT}
    assert len(quoted) >= 50
    places = [Place(int(DATA.value(node, OA + "start")), int(DATA.value(node, OA + "end"))) for node in quoted]
    path = ROOT / "data" / "sources" / "communique-2023-01-09.md"
    assert left_out(path, places, quoted.values()) == HEADINGS
    assert "neuf" in left_out(path, places[:1], [])
