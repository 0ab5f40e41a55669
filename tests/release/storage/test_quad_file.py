"""Sorted quads in a file, found by how they begin."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cper_lod.release.storage.quad_file import QuadFile

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
