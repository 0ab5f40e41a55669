"""A large answer in a file: read in chunks, closed with its last reference."""

import gc
import os
from pathlib import Path

import pytest

from cper_lod.engine.base import CHUNK_SIZE, Spool
from cper_lod.engine.worker.output import unnamed_file
from tests.support.processes import open_files

BODY = bytes(range(256)) * 1000


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """A spool of 256 000 bytes."""
    file = unnamed_file(str(tmp_path))
    os.write(file, BODY)
    return Spool(file, len(BODY))


def test_reading(spool: Spool) -> None:
    assert len(spool) == len(BODY)
    assert spool.read() == BODY
    assert spool.read(100) == BODY[100:]
    assert spool.read(100, 10) == BODY[100:110]
    assert spool.read(len(BODY) - 5, CHUNK_SIZE) == BODY[-5:]
    assert spool.read(len(BODY)) == b""
    assert b"".join(spool.read(at, CHUNK_SIZE) for at in range(0, len(spool), CHUNK_SIZE)) == BODY


def test_only_the_given_size_is_read(tmp_path: Path) -> None:
    file = unnamed_file(str(tmp_path))
    os.write(file, BODY)
    assert Spool(file, 10).read() == BODY[:10]


def test_closing_twice_is_harmless(spool: Spool) -> None:
    before = open_files()
    spool.close()
    assert open_files() == before - 1
    other = os.open("/dev/null", os.O_RDONLY)  # it reuses the file descriptor
    spool.close()
    os.fstat(other)
    os.close(other)
    with pytest.raises(OSError, match="Bad file descriptor"):
        spool.read()


def test_a_spool_is_closed_with_its_last_reference(tmp_path: Path) -> None:
    before = open_files()
    spool = Spool(unnamed_file(str(tmp_path)), 0)
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
    assert os.fstat(file).st_nlink == 0
    assert not os.get_inheritable(file)
    os.close(file)
