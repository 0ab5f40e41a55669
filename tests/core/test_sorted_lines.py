"""Sorted lines, found by bisection."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cper_lod.core.sorted_lines import SortedLines

LINES = st.lists(st.text(alphabet="ab </é", max_size=6), max_size=40, unique=True)


def written(folder: Path, lines: list[bytes]) -> SortedLines:
    path = folder / "lines"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return SortedLines(path)


@given(LINES, st.text(alphabet="ab </é", min_size=1, max_size=4))
@example([], "a")
@example(["a", "b" * 5000, "c"], "b")
def test_finds_what_a_search_of_every_line_finds(tmp_path_factory: pytest.TempPathFactory, texts: list[str], text: str):
    lines, key = sorted(text.encode() for text in texts), text.encode()
    folder = tmp_path_factory.mktemp("lines")
    with written(folder, lines) as found:
        assert list(found.beginning(key)) == [line for line in lines if line.startswith(key)]
        assert (key in found) == any(line.startswith(key) for line in lines)
        for line in lines:
            assert line in list(found.beginning(line[:3])) or not line


def test_the_file_may_go_while_it_is_read(tmp_path: Path):
    with written(tmp_path, [b"a", b"b"]) as lines:
        (tmp_path / "lines").unlink()
        assert list(lines.beginning(b"b")) == [b"b"]
