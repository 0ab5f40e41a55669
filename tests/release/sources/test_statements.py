"""What is divided in processes side by side is what one divides: the same bytes, the same counts."""

import random
from pathlib import Path

import pytest

from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.jobs.progress import SILENT
from cper_lod.release.sources import statements as module
from cper_lod.release.sources.statements import SourceFile, StatementIndex, TempDir, partition, read_statements

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


@pytest.mark.slow
def test_parallel_processes_write_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        *drawn(random.Random(1), 400),  # noqa: S311  # the same rows each time
        "<urn:n> <urn:p> <urn:o> <urn:graph> .\t0",
    ]
    parts = [CatalogueDataset("https://e.test/a", ("data/0.nt",)), CatalogueDataset("https://e.test/b", ("data/",))]
    begun = []
    run_all = module.run_parallel

    def told(tasks: dict[str, module.Task], *given: object, parallel: bool) -> dict[str, object]:
        begun.append((len(tasks), parallel))
        return run_all(tasks, *given, parallel=parallel)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "run_parallel", told)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    one, those = partition(stated(tmp_path, rows), parts, SILENT)
    monkeypatch.setattr(module, "BYTES_PER_PROCESS", 1000)
    many, others = partition(stated(tmp_path, rows), parts, SILENT)
    assert begun == [(1, False), (3, True)]
    assert one.quads.path.read_bytes() == many.quads.path.read_bytes() != b""
    assert one.triples == many.triples == len({row.partition("\t")[0] for row in rows}) - 1
    for part in parts:
        assert those[part].quads.path.read_bytes() == others[part].quads.path.read_bytes()
        assert those[part].triples == others[part].triples > 0
    assert b"urn:graph" in one.quads.path.read_bytes()
    assert b"urn:graph" not in those[parts[0]].quads.path.read_bytes()
    assert not list(many.quads.path.parent.glob("*.1.nq"))
