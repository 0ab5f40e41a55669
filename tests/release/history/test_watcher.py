"""Looking at sources: what counts as a change, and that nothing is built of a file that is still being written."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cper_lod.core.settings import Settings
from cper_lod.release.history import rejection
from cper_lod.release.history import watcher as watching
from cper_lod.release.history.publish import publish_sources
from cper_lod.release.history.rejection import Rejection
from cper_lod.release.history.watcher import take_snapshot
from tests.release.history.watcher import CountingWatcher
from tests.support.paths import TINY
from tests.support.processes import eventually


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a copy of the smallest sources."""
    return Path(shutil.copytree(TINY, tmp_path / "sources"))


def written(path: Path, text: str = "x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def moved_over(path: Path) -> None:
    """Put another file of the same size and moment in the place of one."""
    stat = path.stat()
    other = path.with_name(".other")
    other.write_bytes(path.read_bytes()[::-1])
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.rename(path)


CHANGES: dict[str, tuple[Callable[[Path], object], bool]] = {
    "written": (lambda data: (data / "bacs.ttl").write_text("longer" * 999), True),
    "another in its place": (lambda data: moved_over(data / "bacs.ttl"), True),
    "new in a new folder": (lambda data: written(data / "new" / "new.ttl"), True),
    "gone": (lambda data: (data / "bacs.ttl").unlink(), True),
    "a question": (lambda data: written(data.parent / "ontology" / "questions" / "new.rq"), True),
    "all gone": (shutil.rmtree, True),
    "nothing": (lambda data: (data / "bacs.ttl").read_bytes(), False),
    "hidden": (lambda data: written(data / ".bacs.ttl.swp"), False),
    "beside": (lambda data: written(data.parent / "releases" / "new.ttl"), False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_counts_as_a_change(sources: Path, change: str) -> None:
    before = take_snapshot(sources)
    assert before == take_snapshot(sources)
    work, seen = CHANGES[change]
    work(sources / "data")
    assert (take_snapshot(sources) != before) is seen


@pytest.fixture
def settings(sources: Path, tmp_path: Path) -> Settings:
    """Return the settings of a watcher."""
    return Settings(sources=sources, releases=tmp_path / "releases")


@pytest.fixture
def watcher(settings: Settings) -> Iterator[CountingWatcher]:
    """Return a watcher; it is stopped in the end."""
    watcher = CountingWatcher(settings)
    yield watcher
    watcher.stop()
    assert not watcher.is_alive()


def test_a_file_being_written_is_not_read(watcher: CountingWatcher, settings: Settings, sources: Path) -> None:
    publish_sources(settings)
    watcher.begin(sources)
    text = watcher.data.read_text("utf-8")
    for end in range(0, len(text), 40):  # written piece by piece, quicker than anybody looks
        watcher.data.write_text(text[:end])
        time.sleep(0.002)
    watcher.data.write_text(text + "\n")
    # Where the machine stops the writer for long, a piece may be read, but not for good.
    assert eventually(lambda: watcher.read[-1:] == [text + "\n"])
    assert len(watcher.read) < 5


def test_an_internal_error_does_not_stop_the_watcher(
    watcher: CountingWatcher, sources: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watching, "RETRY", 0.02)
    faults = [RuntimeError("a fault"), OSError(11, "no process to be had")]

    def read_rejection(releases: Path) -> Rejection | None:
        if faults:
            raise faults.pop()
        return rejection.read_rejection(releases)

    monkeypatch.setattr(watching, "read_rejection", read_rejection)
    with caplog.at_level("ERROR", "cper_lod"):
        watcher.begin(sources)
        assert eventually(lambda: bool(watcher.read))
    assert "a fault" in caplog.text
    assert "no process to be had" in caplog.text
