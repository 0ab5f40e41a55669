"""Sorted lines, found by bisection."""

from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cper_lod.core.sorted_lines import SortedLines

LINES = st.lists(st.text(alphabet="ab </é", max_size=6), max_size=40, unique=True)


def written(folder: Path, lines: list[bytes], *, fenced: bool = True) -> SortedLines:
    path = folder / "lines"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return SortedLines(path, fenced=fenced)


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


@given(LINES, st.text(alphabet="ab </é", max_size=4), st.integers(0, 9), st.sampled_from(["", "a" * 157, "b" * 300]))
def test_where_bisection_begins_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], text: str, fences: int, long: str
):
    wanted, key = sorted((long + each).encode() for each in texts), (long + text).encode()
    folder = tmp_path_factory.mktemp("lines")
    with (
        patch("cper_lod.core.sorted_lines.FENCES", max(fences, 1)),
        patch("cper_lod.core.sorted_lines.FENCE_DISTANCE", 1),
        written(folder, wanted, fenced=fences > 0) as found,
    ):
        told = [line for line in wanted if line.startswith(key)]
        assert list(found.beginning(key)) == told
        assert list(found.preceding(key)) == told[::-1]
        assert found.count(key) == (len(told), True)


def test_the_file_may_go_while_it_is_read(tmp_path: Path):
    with written(tmp_path, [b"a", b"b"]) as lines:
        (tmp_path / "lines").unlink()
        assert list(lines.beginning(b"b")) == [b"b"]


@given(LINES, st.text(alphabet="ab </é", max_size=4), st.text(alphabet="ab </é", min_size=1, max_size=4))
def test_reads_backwards_and_jumps(tmp_path_factory: pytest.TempPathFactory, texts: list[str], text: str, since: str):
    lines, key, place = sorted(text.encode() for text in texts), text.encode(), since.encode()
    ours = [line for line in lines if line.startswith(key)]
    with written(tmp_path_factory.mktemp("lines"), lines) as found:
        assert list(found.preceding(key)) == ours[::-1]
        if place.startswith(key):
            assert list(found.beginning(key, place)) == [line for line in ours if line >= place]
            assert list(found.preceding(key, place)) == [line for line in ours if line < place][::-1]
        beyond = [line for line in lines if line > key and not line.startswith(key)]
        assert found.next_after(key) == (beyond[0] if beyond and key else None)
        letters = dict.fromkeys(line[: len(key) + 1] for line in ours if line != key)
        longer = [line for line in lines if line != key]
        with written(tmp_path_factory.mktemp("lines"), longer) as other:
            assert list(other.beginnings(key, lambda line: line[: len(key) + 1])) == list(letters)
        assert found.count(key) == (len(ours), True)


@given(LINES.filter(bool), st.integers(0, 40), st.integers(1, 5))
def test_a_place_is_a_number_of_bytes(tmp_path_factory: pytest.TempPathFactory, texts: list[str], nth: int, back: int):
    lines = sorted(text.encode() for text in texts)
    starts = [sum(len(line) + 1 for line in lines[:place]) for place in range(len(lines))]
    nth %= len(lines)
    with written(tmp_path_factory.mktemp("lines"), lines) as found:
        assert list(found.beginning(b"", at=starts[nth])) == lines[nth:]
        assert found.back(b"", starts[nth], back) == starts[max(nth - back, 0)]
        known = set(starts)
        assert [at for at in range(starts[-1] + 1) if found.is_line(b"", at)] == sorted(known)
        assert not found.is_line(b"", -1)
        assert not found.is_line(b"x", 0)


@given(LINES, LINES, st.booleans())
def test_differing_lines_are_those_of_one_file_alone(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], others: list[str], cut: bool
):
    """Also where a file has lost its last line feed: whoever reads it comes to an end."""
    ours, theirs = (sorted(text.encode() for text in each) for each in (texts, others))
    (folder := tmp_path_factory.mktemp("lines")).joinpath("other").mkdir()
    with written(folder, ours) as left, written(folder / "other", theirs) as right:
        wanted = sorted(
            [
                *((line, False) for line in ours if line not in theirs),
                *((line, True) for line in theirs if line not in ours),
            ]
        )
        assert list(left.differing(right)) == wanted
        if not (cut and ours and ours[-1]):
            return
        whole = (folder / "lines").read_bytes()
        (folder / "cut").write_bytes(whole[:-1])
        with SortedLines(folder / "cut") as found:
            assert list(found.differing(right)) == wanted
            assert list(right.differing(found)) == [(line, not new) for line, new in wanted]
            assert list(found.beginning(b"")) == ours
            assert list(found.beginning(ours[-1])) == ours[-1:]
            assert found.next_after(ours[-1] + b"~") is None
            assert list(found.preceding(ours[-1])) == ours[-1:]


def test_lines_are_counted_in_a_window_only(tmp_path: Path):
    with written(tmp_path, [*(f"a{number:06}".encode() for number in range(40_000)), b"b"]) as lines:
        assert lines.count(b"b") == (1, True)
        counted = lines.count(b"a")
        assert not counted.exact
        assert 30_000 < counted.number <= 40_000
    with written(tmp_path, [b"a" * 300_000, b"ab"]) as lines:
        assert lines.count(b"a") == (1, False)
