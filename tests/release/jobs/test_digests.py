"""What is remembered of large files: used as long as nothing of the file has changed, and never for what has."""

import hashlib
import json
import os
import shutil
import time
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.release.jobs import digests
from cper_lod.release.jobs.digests import LARGE, MEMORY, Memory
from cper_lod.release.release import Release, open_release


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a large file that nobody has touched for a while, as far as the module can tell."""
    monkeypatch.setattr(digests, "_SETTLED", -1)
    path = tmp_path / "large"
    path.write_bytes(b"a" * LARGE)
    return path


def told(memory: Memory, path: Path) -> str:
    with path.open("rb") as file:
        return memory.digest(file)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def planted(folder: Path) -> None:
    """Have the memory tell something false of each file, which shows whether it is believed."""
    known = json.loads((folder / MEMORY).read_bytes())
    (folder / MEMORY).write_text(json.dumps({name: [place, "false"] for name, (place, _) in known.items()}))


def test_a_large_file_that_has_not_changed_is_not_read_again(large: Path, tmp_path: Path):
    memory = Memory(tmp_path)
    assert told(memory, large) == sha256(large)
    memory.keep()
    assert (tmp_path / MEMORY).stat().st_mode & 0o777 == 0o644
    planted(tmp_path)
    assert told(Memory(tmp_path), large) == "false"
    assert told(memory, large) == "false", "what another process wrote is seen"


def test_a_file_that_was_written_replaced_or_moved_is_read(large: Path, tmp_path: Path):
    memory = Memory(tmp_path)
    told(memory, large)
    memory.keep()
    planted(tmp_path)
    times = large.stat()
    time.sleep(0.02)
    with large.open("r+b") as file:  # as long as before
        file.write(b"b")
    os.utime(large, ns=(times.st_atime_ns, times.st_mtime_ns))  # and as old, as far as anybody can say so
    assert told(memory, large) == sha256(large)
    memory.keep()
    planted(tmp_path)
    (tmp_path / "other").write_bytes(b"c" * LARGE)
    (tmp_path / "other").replace(large)
    assert told(Memory(tmp_path), large) == sha256(large)
    shutil.copy2(large, tmp_path / "copy")
    assert told(Memory(tmp_path), tmp_path / "copy") == sha256(large)


def test_what_was_written_a_moment_ago_is_not_remembered(tmp_path: Path):
    """Its times could be those of a later change too."""
    path = tmp_path / "large"
    path.write_bytes(b"a" * LARGE)
    memory = Memory(tmp_path)
    assert told(memory, path) == sha256(path)
    memory.keep()
    assert not (tmp_path / MEMORY).exists()


def test_small_files_are_read_each_time(large: Path, tmp_path: Path):
    small = tmp_path / "small"
    small.write_bytes(b"a" * (LARGE - 1))
    memory = Memory(tmp_path)
    assert (told(memory, small), told(memory, large)) == (sha256(small), sha256(large))
    memory.keep()
    assert [Path(name).name for name in json.loads((tmp_path / MEMORY).read_bytes())] == ["large"]


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"x": 1}', b'{"x": [1, 2, 3]}', b"\xff", b"[" * 100_000])
def test_a_memory_that_is_damaged_is_none(large: Path, tmp_path: Path, damaged: bytes):
    (tmp_path / MEMORY).write_bytes(damaged)
    memory = Memory(tmp_path)
    assert told(memory, large) == sha256(large)
    memory.keep()
    assert json.loads((tmp_path / MEMORY).read_bytes())


def test_what_is_gone_is_forgotten_and_a_folder_that_cannot_be_written_is_no_fault(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    memory = Memory(tmp_path)
    told(memory, large)
    memory.keep()
    large.rename(tmp_path / "elsewhere")
    told(memory, tmp_path / "elsewhere")
    memory.keep()
    assert [Path(name).name for name in json.loads((tmp_path / MEMORY).read_bytes())] == ["elsewhere"]
    (tmp_path / MEMORY).unlink()
    (tmp_path / MEMORY).mkdir()  # what stands in its place is left, and nothing lies about
    large.write_bytes(b"b" * LARGE)
    told(memory, large)
    memory.keep()
    assert sorted(path.name for path in tmp_path.iterdir()) == [MEMORY, "elsewhere", "large"]
    nowhere = Memory(tmp_path / "nowhere")
    assert told(nowhere, tmp_path / "elsewhere")
    nowhere.keep()
    assert not (tmp_path / "nowhere").exists()


def test_a_release_whose_bytes_changed_is_found_out_although_it_was_remembered(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(digests, "_SETTLED", -1)
    monkeypatch.setattr(digests, "LARGE", 1)
    folder = tmp_path / "releases" / release.folder.name
    shutil.copytree(release.folder, folder)
    open_release(folder)
    digests.memory(folder.parent).keep()
    assert len(json.loads((folder.parent / MEMORY).read_bytes())) > 10
    open_release(folder)
    time.sleep(0.02)
    with (folder / "data.nq").open("r+b") as file:
        file.write(b"<")
        file.seek(100)
        file.write(b"~")
    with pytest.raises(Problem, match="data"):
        open_release(folder)
