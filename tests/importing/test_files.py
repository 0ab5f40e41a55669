"""Writing several files together, all of them or none; the days of imports."""

import os
from pathlib import Path

import pytest

from cper_lod.core.namespaces import DCT
from cper_lod.importing.contracts.importer import import_dates
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


@pytest.mark.parametrize("at", [1, 6, 10])
def test_an_interruption_changes_nothing_or_all(at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known, fsync, calls = before(tmp_path), os.fsync, list[int]()

    def stop(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == at:
            raise KeyboardInterrupt
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, FILES, ["data/old.ttl"])
    assert contents(tmp_path) == (FILES if at == 10 else known)


@pytest.mark.parametrize(
    ("known", "changed", "issued", "modified"),
    [
        ("", True, "2026-11-30", "2026-11-30"),
        ("2025-01-01", False, "2025-01-01", "2025-01-01"),
        ("2025-01-01", True, "2025-01-01", "2026-11-30"),
        ("2036-01-01", False, "2026-11-30", "2026-11-30"),  # by a clock that was wrong
    ],
)
def test_the_days_of_an_import(
    known: str, changed: bool, issued: str, modified: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796000000")  # 30 November 2026
    path = tmp_path / "catalogue.ttl"
    days = "".join(f'<http://e.org/d> <{DCT}{name}> "{known}" .\n' for name in ("issued", "modified") if known)
    path.write_text(days)
    found = [quad.object.value for quad in import_dates(path, ["http://e.org/d"], changed=changed)]  # type: ignore[union-attr]
    assert found == [issued, modified]
