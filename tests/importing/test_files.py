"""Writing several files together: all of them, or none."""

import os
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.importing.files import refuse_existing, write_all
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


@pytest.mark.parametrize(("owner", "name"), [(Path, "replace"), (os, "fsync")], ids=["moved", "synced"])
@pytest.mark.parametrize("fails", [1, 2, 3])
def test_none_is_written_where_one_cannot_be(
    owner: object, name: str, fails: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, works, calls = before(tmp_path), getattr(owner, name), []

    def full(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == fails:
            raise OSError(28, "No space left on device")
        return works(*arguments)

    monkeypatch.setattr(owner, name, full)
    with pytest.raises(Problem, match="No room left"):
        write_all(tmp_path, FILES, ["data/old.ttl"])
    assert contents(tmp_path) == known


def test_none_is_written_where_one_cannot_be_staged(tmp_path: Path) -> None:
    known = before(tmp_path)
    (tmp_path / "data" / "deep").write_bytes(b"a file where a folder is needed")
    with refused("permission"):
        write_all(tmp_path, FILES, ["data/old.ttl"])
    assert contents(tmp_path) == {**known, "data/deep": b"a file where a folder is needed"}


def test_an_interruption_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = before(tmp_path)

    unlink = Path.unlink

    def stop(path: Path, missing_ok: bool = False) -> None:
        if not missing_ok:  # the file that is to go: those that were staged are cleared away with missing_ok
            raise KeyboardInterrupt
        unlink(path, missing_ok=True)

    monkeypatch.setattr(Path, "unlink", stop)
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, FILES, ["data/old.ttl"])
    assert contents(tmp_path) == known


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    before(tmp_path)
    refuse_existing(tmp_path, ["data/c.ttl"], {})
    with refused("contract-exists"):
        refuse_existing(tmp_path, FILES, {})
