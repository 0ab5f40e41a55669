"""Files that are written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from cper_lod.core.files import AtomicFile, atomic_write, replace_content


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("umask", "given", "expected"), [(0o027, None, 0o640), (0o077, 0o644, 0o644), (0, 0o600, 0o600)]
)
def test_the_mode_is_the_one_given_or_that_of_the_umask(
    umask: int, given: int | None, expected: int, tmp_path: Path
) -> None:
    before = os.umask(umask)
    try:
        atomic_write(tmp_path / "a", b"new", mode=given)
    finally:
        os.umask(before)
    assert mode(tmp_path / "a") == expected


def test_only_a_commit_changes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_bytes(b"old")
    with AtomicFile(path) as new:
        new.file.write(b"new")
        new.close()
        assert path.read_bytes() == b"old"
        assert list(tmp_path.glob("*.ttl")) == [path], "nothing takes the temporary file for a source"
    assert [each.name for each in tmp_path.iterdir()] == ["a.ttl"]
    assert path.read_bytes() == b"old"
    with AtomicFile(path) as new:
        new.file.write(b"new")
        new.commit(modified=1_000_000_000)
    assert (path.read_bytes(), path.stat().st_mtime) == (b"new", 1_000_000_000)
    assert [each.name for each in tmp_path.iterdir()] == ["a.ttl"]


def test_the_temporary_file_can_stand_in_another_folder(tmp_path: Path) -> None:
    (tmp_path / "temp").mkdir()
    long = "x" * os.pathconf(tmp_path, "PC_NAME_MAX")
    with AtomicFile(tmp_path / long, temp_dir=tmp_path / "temp") as new:
        assert list((tmp_path / "temp").iterdir()) == [new.temp_path]
        new.commit()
    assert not list((tmp_path / "temp").iterdir())
    assert (tmp_path / long).read_bytes() == b""


@pytest.mark.parametrize("step", ["fsync", "fchmod", "replace"])
def test_a_failure_at_any_step_leaves_the_old_file(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path if step == "replace" else os, step, full)
    with pytest.raises(OSError, match="No space left"):
        replace_content(path, b"new")
    monkeypatch.undo()
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    assert path.read_bytes() == b"old"


def test_replaced_content_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "a"
    replace_content(path, b"one")
    assert mode(path) == 0o644
    path.chmod(0o600)
    replace_content(path, b"two")
    assert (path.read_bytes(), mode(path)) == (b"two", 0o600)
