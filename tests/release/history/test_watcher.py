"""Looking at sources: what counts as a change, and that nothing is built of a file that is still being written."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cper_lod.core.errors import table
from cper_lod.core.settings import Settings
from cper_lod.release.build.build import sources_fingerprint
from cper_lod.release.history import rejection
from cper_lod.release.history import watcher as watching
from cper_lod.release.history.history import History
from cper_lod.release.history.publish import publish_sources
from cper_lod.release.history.rejection import Rejection
from cper_lod.release.history.watcher import Watcher, take_snapshot
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


@pytest.mark.slow  # builds are processes
def test_a_check_that_reaches_its_limit_is_told_and_the_next_correction_is_published(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(sources=sources, releases=tmp_path / "releases")
    shape, data = sources / "shapes" / "lent.ttl", sources / "data" / "a.ttl"
    skos = "http://www.w3.org/2004/02/skos/core#"
    data.write_text(f'<https://w3id.org/cper-lod/id/bac/fictif-1> <{skos}notation> "{40 * "a"}b" .')
    endless = '@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:x:lent> sh:pattern "^(a+)+$" ; '
    endless += f"sh:path <{skos}notation> ; sh:targetSubjectsOf <{skos}notation> ."
    shape.write_text(endless)
    watcher = Watcher(settings)
    watcher.interval = 0.05
    (tmp_path / "cper_lod").mkdir()  # a package of our name in the working directory is none of ours
    (tmp_path / "cper_lod" / "__main__.py").write_text("raise SystemExit('not ours')")
    monkeypatch.chdir(tmp_path)
    hasty = "from cper_lod.release.check import check; check.TIME_LIMIT = 2; "
    hasty += "from cper_lod.__main__ import main; main()"
    command = watcher._command()
    watcher._command = lambda: [*command[:2], "-c", hasty, *command[4:]]  # type: ignore[method-assign]
    watcher.start()
    try:
        assert eventually(lambda: rejection.read_rejection(settings.releases) is not None)
        told = rejection.read_rejection(settings.releases)
        assert told
        assert (told.code, told.is_permanent, told.sources) == ("check-timeout", True, sources_fingerprint(sources))
        assert eventually(lambda: table()["check-timeout"].words["fr"].title in caplog.text)
        shape.write_text(endless.replace("(a+)+", "a+b"))
        assert eventually(lambda: History(settings.releases).current() is not None)
        assert eventually(lambda: rejection.read_rejection(settings.releases) is None)
    finally:
        watcher.stop()
