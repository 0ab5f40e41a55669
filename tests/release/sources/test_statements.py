"""What is divided in processes side by side is what one divides: the same bytes, the same counts."""

import random
from pathlib import Path

import pytest

from cper_lod.release.sources.statements import SourceFile, StatementIndex, TempDir, read_statements

FILES = tuple(SourceFile(f"data/{number}.nt", "data") for number in range(3))


def stated(folder: Path, rows: list[str]) -> StatementIndex:
    """Return what some rows state: of each a line, a tab, the number of a file."""
    scratch = TempDir(folder)
    path = scratch.folder / "stated"
    path.write_bytes("".join(f"{row}\n" for row in sorted(rows)).encode())
    return StatementIndex(scratch, path, FILES, ())


def drawn(chance: random.Random, subjects: int) -> list[str]:
    """Return rows of which many are said by two or three files, and some are long."""
    return [
        f'<urn:{number}> <urn:p> "{"x" * chance.choice((1, 9, 400))}" .\t{file}'
        for number in range(subjects)
        for file in chance.sample(range(3), chance.randint(1, 3))
    ]


@pytest.mark.parametrize("seed", range(20))
def test_ranges_hold_every_statement_once_and_whole(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # the same rows each time
    rows = drawn(chance, chance.choice((0, 1, 2, 30, 300)))
    whole = stated(tmp_path, rows)
    for most in (1, 2, 3, 7, 50):
        ranges = whole.ranges(most)
        assert 1 <= len(ranges) <= most
        assert [start for start, _ in ranges] == [0, *(end for _, end in ranges[:-1])]
        assert ranges[-1][1] == whole.path.stat().st_size
        found = [each for within in ranges for each in read_statements(whole.path, len(FILES), within)]
        assert found == list(whole.statements())
        assert sum(len(files) for _, files in found) == len(rows)
