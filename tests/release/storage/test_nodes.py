"""What is said of one node: read once where it is little."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from pyoxigraph import Literal, NamedNode

from cper_lod.core.sorted_lines import SortedLines
from cper_lod.release.storage.nodes import SMALL_NODE_QUADS, Descriptions

LITTLE, MUCH = NamedNode("https://example.org/little"), NamedNode("https://example.org/much")
NAME = "https://example.org/name"


@pytest.fixture
def data(tmp_path: Path) -> Iterator[SortedLines]:
    lines = [f'{MUCH} <{NAME}> "{number:03}" .' for number in range(SMALL_NODE_QUADS + 10)]
    lines += [f'{LITTLE} <{NAME}> "a" <https://example.org/graph/{number}> .' for number in (1, 2)]
    lines += [f"{LITTLE} <{NAME}> <<( {MUCH} <{NAME}> {MUCH} )>> ."]
    path = tmp_path / "data.nq"
    path.write_text("".join(f"{line}\n" for line in sorted(lines)), "utf-8")
    with SortedLines(path) as found:
        yield found


def test_a_small_node_is_read_once(data: SortedLines) -> None:
    descriptions = Descriptions(data)
    told = descriptions.of(LITTLE, 5)
    assert told == ({NAME: [Literal("a")]}, True)  # of two graphs once, and nothing of a triple term
    with patch.object(data, "beginning", side_effect=AssertionError):
        assert descriptions.of(LITTLE, 5) == told


def test_of_a_large_node_no_more_is_read_than_is_wanted(data: SortedLines) -> None:
    told, whole = Descriptions(data).of(MUCH, SMALL_NODE_QUADS + 5)
    assert ([each.value for each in told[NAME]], whole) == (
        [f"{number:03}" for number in range(SMALL_NODE_QUADS + 5)],
        False,
    )
    assert Descriptions(data).of(MUCH, SMALL_NODE_QUADS + 10)[1]


def test_nothing_is_said_of_a_node_that_is_not_there(data: SortedLines) -> None:
    assert Descriptions(data).of(NamedNode("https://example.org/mu"), 5) == ({}, True)


def test_what_is_remembered_goes_with_its_release(data: SortedLines) -> None:
    descriptions = Descriptions(data)
    descriptions.of(LITTLE, 5)
    left = weakref.ref(descriptions)
    gc.disable()  # as for what a server has frozen
    try:
        del descriptions
        assert left() is None
    finally:
        gc.enable()
