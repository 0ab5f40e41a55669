"""Long hostile texts against everything that reads a cell or a quotation, and against every pattern of the shapes."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import pytest
from pyoxigraph import Literal

from cper_lod.core import french
from cper_lod.core.namespaces import SH
from cper_lod.core.quoted_text import QuotableText
from cper_lod.core.text import slug
from cper_lod.importing.contracts.model import RawCell, normalized_name
from cper_lod.importing.contracts.parse_cells import KINDS, UnreadableCell
from cper_lod.importing.contracts.printed import read_printed, refusal
from cper_lod.importing.subsidies import parse_cells
from cper_lod.importing.subsidies.parse_cells import InvalidCell
from cper_lod.release.sources.read import read_sources
from tests.importing.limited import limited
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow
LETTERS = ("a", "a-", "a.b", "a@a.", "a ", "é", "A.")
NUMBERS = ("1", "1 ", "1,", "1.", "12 345 ", "2021-", "1 1,", "1 1,1 1", "1 1,1 2,1 1),(", "-0.5 ")
MARKS = ("-", "**", "« ", "« a", "(", "(( ", "[", "<", "'", "d'", "| ", "|a", " ", "\xa0", "\n")
WORDS = ("https://a.a", "1er janvier ", "5 M€ ", "plus de ", "cent ", "mille deux ", "de la ")
PARTS = (*LETTERS, *NUMBERS, *MARKS, *WORDS)
ENDS = ("", "!")
STARTS = ("", "POLYGON((")
SECONDS = 10
"""Of processor time for all texts: they take one; a pattern that grows as a power takes minutes."""
CELL, TEXT = 1_000, 5_000
"""Characters of a cell and of the text of a document."""


def read_cell(kind: str, text: str) -> object:
    return KINDS[kind].parse(RawCell(text, "text"))


READERS: dict[str, Callable[[str], object]] = {
    **{f"a cell of {kind}": partial(read_cell, kind) for kind in KINDS},
    "a printed value": read_printed,
    "why a value is not read": refusal,
    "a name": normalized_name,
    "an address": slug,
    "numbers in a quotation": lambda text: [*french.quantities(text)],
    "years in a quotation": french.years,
    **{
        f"a cell of subsidies, {name}": getattr(parse_cells, name)
        for name in vars(parse_cells)
        if name.startswith("parse_")
    },
}
TEXTS: dict[str, Callable[[str], object]] = {
    "a text": QuotableText,
    "words in a text": lambda text: QuotableText(text).find(text[:CELL]),
    "words near a text": lambda text: QuotableText(text).nearest("Le contrat : 5 M€ de la mer"),
}
PATTERNS = [
    re.compile(quad.object.value)
    for quad in read_sources(ROOT).shapes
    if quad.predicate.value == SH + "pattern" and isinstance(quad.object, Literal)
]


def hostile(length: int) -> Iterator[str]:
    """Yield long texts of one part."""
    for part in PARTS:
        yield from (f"{start}{part * (length // len(part))}{end}" for start in STARTS for end in ENDS)


def read_all(reader: Callable[[str], object], length: int) -> str:
    for text in hostile(length):
        with suppress(UnreadableCell, InvalidCell):
            reader(text)
    return "read"


@pytest.mark.parametrize("name", READERS)
def test_a_hostile_cell_is_read_in_time(name: str) -> None:
    assert limited(partial(read_all, READERS[name], CELL), SECONDS) == "read"


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_read_in_time(name: str) -> None:
    assert limited(partial(read_all, TEXTS[name], TEXT), SECONDS) == "read"


def test_the_patterns_of_the_shapes_are_matched_in_time() -> None:
    def match(text: str) -> None:
        for pattern in PATTERNS:
            pattern.search(text)

    assert limited(partial(read_all, match, CELL), SECONDS) == "read"


def test_a_pattern_that_grows_as_a_power_is_stopped() -> None:
    assert limited(partial(read_all, re.compile("(a|aa)+$").search, CELL), 1).startswith("killed")
