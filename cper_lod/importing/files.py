"""Writing several files so that all of them are there afterwards, or everything is as it was before."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from cper_lod.core.errors import Problem


def refuse_existing(folder: Path, paths: Iterable[str]) -> None:
    """Raise `contract-exists` where one of the paths is there already."""
    for path in paths:
        if (folder / path).exists():
            raise Problem("contract-exists", path=folder / path)


def write_all(folder: Path, files: Mapping[str, bytes], gone: Iterable[str]) -> None:
    """Write `files` below `folder` and remove `gone`, or change nothing; raises `permission`.

    Each file is written beside its place first; only then are they moved there, and put back where one cannot be.
    """
    staged: dict[Path, Path] = {}
    before: dict[Path, bytes | None] = {}
    removed = [path for name in gone if (path := folder / name).exists()]
    try:
        for name, data in files.items():
            staged[folder / name] = _stage(folder / name, data)
        for path in (*staged, *removed):
            before[path] = path.read_bytes() if path.exists() else None
        for path, temporary in staged.items():
            temporary.replace(path)
        for path in removed:
            path.unlink()
    except OSError as error:
        _put_back(before, staged)
        raise Problem("permission", path=error.filename or folder, message=error.strerror or error) from error
    except BaseException:
        _put_back(before, staged)
        raise


def _stage(path: Path, data: bytes) -> Path:
    """Write a file beside its place, hidden, so that nothing reads it as a source; return where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(data)
            file.flush()
            os.fsync(handle)
        os.chmod(name, 0o644)  # noqa: PTH101
    except BaseException:  # a full disk: who stages knows of no file that is not whole
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _put_back(before: Mapping[Path, bytes | None], staged: Mapping[Path, Path]) -> None:
    for path, data in before.items():
        with suppress(OSError):
            if data is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != data if path.exists() else True:
                path.write_bytes(data)
    for temporary in staged.values():
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
