"""Looking at sources: what counts as a change, and that nothing is built of a file that is still being written."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path
from unittest.mock import Mock

import pytest

from cper_lod.release.history import watcher as watching
from cper_lod.release.history.publish import publish_sources
from cper_lod.release.history.watcher import take_snapshot
from tests.support.changing_sources import ChangingSources, CountingWatcher
from tests.support.processes import eventually


@pytest.fixture
def place(tmp_path: Path) -> ChangingSources:
    """Return sources that a test changes."""
    return ChangingSources(tmp_path)


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
    "another in its place": (lambda data: moved_over(data / "bacs.ttl"), True),
    "new in a new folder": (lambda data: written(data / "new" / "new.ttl"), True),
    "a question": (lambda data: written(data.parent / "ontology" / "questions" / "new.rq"), True),
    "all gone": (shutil.rmtree, True),
    "nothing": (lambda data: (data / "bacs.ttl").read_bytes(), False),
    "hidden": (lambda data: written(data / ".bacs.ttl.swp"), False),
    "beside": (lambda data: written(data.parent / "releases" / "new.ttl"), False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_counts_as_a_change(place: ChangingSources, change: str) -> None:
    before = take_snapshot(place.sources)
    work, seen = CHANGES[change]
    work(place.sources / "data")
    assert (take_snapshot(place.sources) != before) is seen


@pytest.fixture
def watcher(place: ChangingSources) -> Iterator[CountingWatcher]:
    """Return a watcher; it is stopped in the end."""
    watcher = CountingWatcher(place.settings)
    yield watcher
    watcher.stop()
    assert not watcher.is_alive()


def test_a_file_being_written_is_not_read(watcher: CountingWatcher, place: ChangingSources) -> None:
    publish_sources(place.settings)
    watcher.start()
    for end in range(0, len(place.text), 8):  # written piece by piece, quicker than anybody looks
        place.data.write_text(place.text[:end])
        time.sleep(0.002)
    place.data.write_text(place.text + "\n")
    # Where the machine stops the writer for long, a piece may be read, but not for good.
    assert eventually(lambda: watcher.read[-1:] == [place.text + "\n"])
    assert len(watcher.read) < 5


def test_an_internal_error_does_not_stop_the_watcher(
    watcher: CountingWatcher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults = (RuntimeError("a fault"), OSError(11, "no process to be had"))
    monkeypatch.setattr(watching, "RETRY", 0.02)
    monkeypatch.setattr(watching, "read_rejection", Mock(side_effect=chain(faults, repeat(None))))
    watcher.start()
    assert eventually(lambda: bool(watcher.read))
    assert [str(fault) in caplog.text for fault in faults] == [True, True]
