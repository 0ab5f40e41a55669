"""Sorting on disk: the same bytes whether the lines fit in memory or not; nothing is left of what fails."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.sorting import Sorter, merge_files

LINES = st.lists(st.text(alphabet="ab é\U0001f600<>", min_size=1, max_size=5).map(str.encode), max_size=30)


@given(LINES, LINES, st.sampled_from([1, 20, 1 << 20]))
def test_sorted_as_bytes_each_once_and_more_lines_in_their_places(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], more: list[bytes], memory: int
) -> None:
    folder = tmp_path_factory.mktemp("sorted")
    with Sorter(folder / "to", memory) as sorter:
        for line in lines:
            sorter.write(line + b"\n")
    assert (folder / "to").read_bytes() == b"".join(line + b"\n" for line in sorted({*lines}))
    merge_files([folder / "to"], folder / "merged", more)
    assert {*(folder / "merged").read_bytes().splitlines()} == {*lines, *more}
    assert {path.name for path in folder.iterdir()} == {"to", "merged"}


def test_what_fails_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a fault"), Sorter(tmp_path / "to", 1) as sorter:
        sorter.write(b"a\n")
        raise ValueError("a fault")
    assert not list(tmp_path.iterdir())
