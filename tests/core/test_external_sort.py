"""Sorting on disk: here and by sort(1) the same bytes; a few lines put in their places; what fails says why."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core import external_sort
from cper_lod.core.external_sort import Sorter, insert_lines

LINES = st.lists(st.text(alphabet="ab é\U0001f600<>", min_size=1, max_size=5).map(str.encode), max_size=30)


@pytest.mark.parametrize("few", [0, 20, 1 << 20])
def test_sorted_as_bytes_each_once(tmp_path: Path, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external_sort, "MAX_IN_MEMORY", few)
    lines = [b"b", b"a b", b"a", "é".encode(), b"B", b"a\tb", b"b", "\U0001f600".encode(), b"z"]
    with Sorter(tmp_path / "to") as sorter:
        for line in lines:
            sorter.write(line + b"\n")
        sorter.write(b"c\nb\n")
    assert (tmp_path / "to").read_bytes().splitlines() == sorted({*lines, b"c"})


def test_nothing_is_an_empty_file(tmp_path: Path) -> None:
    with Sorter(tmp_path / "to"):
        pass
    assert (tmp_path / "to").read_bytes() == b""


@pytest.mark.parametrize("few", [0, 1 << 20])
def test_what_fails_writes_nothing(tmp_path: Path, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external_sort, "MAX_IN_MEMORY", few)
    with pytest.raises(ValueError, match="a fault"), Sorter(tmp_path / "to") as sorter:
        sorter.write(b"a\n")
        raise ValueError("a fault")
    assert not list(tmp_path.iterdir())


def test_sort_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external_sort, "MAX_IN_MEMORY", 0)
    with pytest.raises(OSError, match="No such file") as raised, Sorter(tmp_path / "not" / "there") as sorter:
        sorter.write(b"a\n")
    assert raised.value.filename == str(tmp_path / "not" / "there")


@given(LINES, LINES)
def test_a_few_lines_come_to_their_places(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], more: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("insert_lines")
    ends = [{line + b" ." for line in each} for each in (lines, more)]  # no line begins another, as in N-Quads
    (folder / "lines").write_bytes(b"".join(line + b"\n" for line in sorted(ends[0])))
    insert_lines(folder / "lines", ends[1], folder / "to")
    assert (folder / "to").read_bytes().splitlines() == sorted(ends[0] | ends[1])
