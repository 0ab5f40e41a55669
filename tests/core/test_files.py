"""Modes of files, lack of rights, and folders that are exchanged; `test_cli` says what a full disk leaves of a file."""

import ctypes
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cper_lod.core.files import atomic_write, exchange, file_problem, make_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("umask", "given", "expected"), [(0o027, {}, 0o644), (0o077, {"mode": 0o640}, 0o640), (0, {"mode": 0o600}, 0o600)]
)
def test_the_mode_is_the_one_given_whatever_the_umask(
    umask: int, given: dict[str, int], expected: int, tmp_path: Path
) -> None:
    before = os.umask(umask)
    try:
        atomic_write(tmp_path / "a", b"new", **given)
        make_folder(tmp_path / "folder")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "a"), mode(tmp_path / "folder")) == (expected, 0o755)


def test_a_lack_of_rights_names_the_owner_and_the_mode(tmp_path: Path) -> None:
    (tmp_path / "a").touch(0o600)
    owner = (tmp_path / "a").owner()
    error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "a"))
    problem = file_problem(error, tmp_path)
    assert (problem.kind.code, problem.params["path"]) == ("permission", tmp_path / "a")
    assert f"Permission denied (owner {owner}, mode 0600; this process runs as {owner})" in str(problem)
    assert f"(propriétaire {owner}, mode 0600" in problem.words("fr").detail
    assert "emove" not in str(problem)
    tmp_path.chmod(0o750)
    hidden = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "none"))
    assert f"(folder {tmp_path.name}/: owner {owner}, mode 0750;" in str(file_problem(hidden, tmp_path))
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "a"))
    assert "owner" not in str(file_problem(full, tmp_path))
    of_oxigraph = OSError(f"IO error: While appending to file: a: {os.strerror(errno.EFBIG)}")
    assert file_problem(of_oxigraph, tmp_path).kind.code == "disk-full"


@pytest.mark.parametrize("library", [ctypes.CDLL, lambda _: None], ids=["by the kernel", "by renaming"])
def test_two_folders_are_exchanged(
    library: Callable[[None], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"in {name}").touch()
    monkeypatch.setattr(ctypes, "CDLL", library)
    exchange(tmp_path / "a", tmp_path / "b")
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {"a", "b", "a/in b", "b/in a"}
