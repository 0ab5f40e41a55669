"""Sorted quads in a file, found by how they begin."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.release.storage import quad_file
from cper_lod.release.storage.quad_file import LookupGraph, QuadFile

LINES = st.lists(st.text(alphabet="ab </é", max_size=6), max_size=40, unique=True)


@given(LINES, st.text(alphabet="ab </é", min_size=1, max_size=4))
@example([], "a")
@example(["a", "b" * 5000, "c"], "b")
def test_finds_what_a_search_of_every_line_finds(tmp_path_factory: pytest.TempPathFactory, texts: list[str], text: str):
    lines, start = sorted(text.encode() for text in texts), text.encode()
    path: Path = tmp_path_factory.mktemp("lines") / "lines"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    file = QuadFile(path)
    assert list(file.beginning(start)) == [line for line in lines if line.startswith(start)]
    for line in lines:
        assert line in list(file.beginning(line[:3])) or not line


def test_a_graph_over_a_file_reads_again_what_it_no_longer_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quad_file, "_KEPT_NODES", 1)
    path = tmp_path / "quads.nq"
    path.write_text('<urn:a> <urn:p> "1" .\n<urn:a> <urn:p> "2" .\n<urn:b> <urn:p> "3" .\n')
    a, b, p = NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:p")
    graph = LookupGraph([Quad(a, p, Literal("2")), Quad(a, p, Literal("0"))], QuadFile(path))
    for _ in range(2):
        assert sorted(each.value for each in graph.all(a, "urn:p")) == ["0", "1", "2"]
        assert [each.value for each in graph.all(b, "urn:p")] == ["3"]
    assert graph.all(NamedNode("urn:c"), "urn:p") == []
