"""A large answer in a file: read in chunks, closed with its last reference."""

import gc
import os
from pathlib import Path

import pytest

from cper_lod.engine.base import Spool
from cper_lod.engine.worker.output import unnamed_file
from tests.support.processes import open_files

BODY = bytes(range(256)) * 1000


def spool_in(folder: Path, size: int = len(BODY)) -> Spool:
    file = unnamed_file(str(folder))
    os.write(file, BODY)
    return Spool(file, size)


def test_reading(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    assert (len(spool), spool.read(), b"".join(spool.chunks())) == (len(BODY), BODY, BODY)
    assert (spool.read(100), spool.read(100, 10), spool.read(len(BODY))) == (BODY[100:], BODY[100:110], b"")
    assert spool_in(tmp_path, 10).read() == BODY[:10], "only the given size"


def test_it_is_closed_once_and_with_its_last_reference(tmp_path: Path) -> None:
    before, spool = open_files(), spool_in(tmp_path)
    spool.close()
    assert open_files() == before
    other = os.open("/dev/null", os.O_RDONLY)  # it reuses the file descriptor
    spool.close()
    os.fstat(other)
    os.close(other)
    spool = spool_in(tmp_path)
    assert open_files() == before + 1
    del spool
    gc.collect()
    assert open_files() == before


@pytest.mark.parametrize("without", [False, True])
def test_a_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: bool) -> None:
    if without:  # a system without O_TMPFILE
        monkeypatch.delattr(os, "O_TMPFILE")
    file = unnamed_file(str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert (os.fstat(file).st_nlink, os.get_inheritable(file)) == (0, False)
    os.close(file)
