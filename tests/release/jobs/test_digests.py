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
from cper_lod.release.jobs.digests import DIGESTS_FILE, MIN_CACHED_BYTES, DigestCache
from cper_lod.release.release import DATA, Release, open_release


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a large file that nobody has touched for a while, as far as the module can tell."""
    monkeypatch.setattr(digests, "STABLE_NANOSECONDS", -1)
    path = tmp_path / "large"
    path.write_bytes(b"a" * MIN_CACHED_BYTES)
    return path


@pytest.fixture
def memory(tmp_path: Path) -> DigestCache:
    """Return the memory of a folder."""
    return DigestCache(tmp_path)


def told(memory: DigestCache, path: Path) -> str:
    with path.open("rb") as file:
        return memory.digest(file)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def planted(folder: Path) -> None:
    """Have the memory tell something false of each file, which shows whether it is believed."""
    known = json.loads((folder / DIGESTS_FILE).read_bytes())
    (folder / DIGESTS_FILE).write_text(json.dumps({name: [place, "false"] for name, (place, _) in known.items()}))


def test_a_large_file_that_has_not_changed_is_not_read_again(memory: DigestCache, large: Path, tmp_path: Path):
    assert told(memory, large) == sha256(large)
    memory.save()
    assert (tmp_path / DIGESTS_FILE).stat().st_mode & 0o777 == 0o644
    planted(tmp_path)
    assert told(DigestCache(tmp_path), large) == "false"
    assert told(memory, large) == "false", "what another process wrote is seen"


def test_a_file_that_was_written_replaced_or_moved_is_read(memory: DigestCache, large: Path, tmp_path: Path):
    told(memory, large)
    memory.save()
    planted(tmp_path)
    times = large.stat()
    time.sleep(0.02)
    with large.open("r+b") as file:  # as long as before
        file.write(b"b")
    os.utime(large, ns=(times.st_atime_ns, times.st_mtime_ns))  # and as old, as far as anybody can say so
    assert told(memory, large) == sha256(large)
    memory.save()
    planted(tmp_path)
    (tmp_path / "other").write_bytes(b"c" * MIN_CACHED_BYTES)
    (tmp_path / "other").replace(large)
    assert told(DigestCache(tmp_path), large) == sha256(large)
    shutil.copy2(large, tmp_path / "copy")
    assert told(DigestCache(tmp_path), tmp_path / "copy") == sha256(large)


def test_what_was_written_a_moment_ago_is_not_remembered(memory: DigestCache, tmp_path: Path):
    """Its times could be those of a later change too."""
    path = tmp_path / "large"
    path.write_bytes(b"a" * MIN_CACHED_BYTES)
    assert told(memory, path) == sha256(path)
    memory.save()
    assert not (tmp_path / DIGESTS_FILE).exists()


def test_small_files_are_read_each_time(memory: DigestCache, large: Path, tmp_path: Path):
    small = tmp_path / "small"
    small.write_bytes(b"a" * (MIN_CACHED_BYTES - 1))
    assert (told(memory, small), told(memory, large)) == (sha256(small), sha256(large))
    memory.save()
    assert [Path(name).name for name in json.loads((tmp_path / DIGESTS_FILE).read_bytes())] == ["large"]


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"x": 1}', b'{"x": [1, 2, 3]}', b"\xff", b"[" * 100_000])
def test_a_memory_that_is_damaged_is_none(large: Path, tmp_path: Path, damaged: bytes):
    (tmp_path / DIGESTS_FILE).write_bytes(damaged)
    memory = DigestCache(tmp_path)
    assert told(memory, large) == sha256(large)
    memory.save()
    assert json.loads((tmp_path / DIGESTS_FILE).read_bytes())


def test_what_is_gone_is_forgotten_and_a_folder_that_cannot_be_written_is_no_fault(
    memory: DigestCache, large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told(memory, large)
    memory.save()
    large.rename(tmp_path / "elsewhere")
    told(memory, tmp_path / "elsewhere")
    memory.save()
    assert [Path(name).name for name in json.loads((tmp_path / DIGESTS_FILE).read_bytes())] == ["elsewhere"]
    (tmp_path / DIGESTS_FILE).unlink()
    (tmp_path / DIGESTS_FILE).mkdir()  # what stands in its place is left, and nothing lies about
    large.write_bytes(b"b" * MIN_CACHED_BYTES)
    told(memory, large)
    memory.save()
    assert sorted(path.name for path in tmp_path.iterdir()) == [DIGESTS_FILE, "elsewhere", "large"]
    nowhere = DigestCache(tmp_path / "nowhere")
    assert told(nowhere, tmp_path / "elsewhere")
    nowhere.save()
    assert not (tmp_path / "nowhere").exists()


def test_a_release_whose_bytes_changed_is_found_out_although_it_was_remembered(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(digests, "STABLE_NANOSECONDS", -1)
    monkeypatch.setattr(digests, "MIN_CACHED_BYTES", 1)
    folder = tmp_path / "releases" / release.folder.name
    shutil.copytree(release.folder, folder)
    open_release(folder)
    digests.digest_cache(folder.parent).save()
    assert len(json.loads((folder.parent / DIGESTS_FILE).read_bytes())) > 10
    open_release(folder)
    time.sleep(0.02)
    with (folder / DATA).open("r+b") as file:
        file.write(b"<")
        file.seek(100)
        file.write(b"~")
    with pytest.raises(Problem, match=DATA):
        open_release(folder)
