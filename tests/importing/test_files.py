"""Writing several files together, all of them or none; `tests/test_interruptions.py` kills it at each step."""

from pathlib import Path

from cper_lod.release.sources.writing import write_all
from tests.support.refusals import refused

FILES = {"data/a.ttl": b"new a", "data/deep/b.ttl": b"new b", "data/c.ttl": b"new c"}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def before(folder: Path) -> dict[str, bytes]:
    (folder / "data").mkdir()
    (folder / "data" / "a.ttl").write_bytes(b"old a")
    (folder / "data" / "old.ttl").write_bytes(b"old")
    return contents(folder)


def test_all_are_written_and_what_is_gone_is_removed(tmp_path: Path) -> None:
    before(tmp_path)
    write_all(tmp_path, FILES, ["data/old.ttl", "data/never.ttl"])
    assert contents(tmp_path) == FILES
    assert (tmp_path / "data" / "a.ttl").stat().st_mode & 0o777 == 0o644


def test_none_is_written_where_one_cannot_be_staged(tmp_path: Path) -> None:
    known = before(tmp_path)
    (tmp_path / "data" / "deep").write_bytes(b"a file where a folder is needed")
    with refused("permission"):
        write_all(tmp_path, FILES, ["data/old.ttl"])
    assert contents(tmp_path) == {**known, "data/deep": b"a file where a folder is needed"}
