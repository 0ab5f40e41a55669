"""A disk that is full, or that nobody may write to: one sentence, an exit code, and what was there stays whole."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.release.build.build import sources_fingerprint
from cper_lod.release.history.history import History
from cper_lod.release.history.publish import publish_sources, roll_back
from cper_lod.release.history.watcher import take_snapshot
from tests.support.paths import TINY


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of sources that were published, and that have changed since."""
    settings = Settings(sources=Path(shutil.copytree(TINY, tmp_path / "sources")), releases=tmp_path / "releases")
    publish_sources(settings)
    data = settings.sources / "data" / "bacs.ttl"
    data.write_text(data.read_text("utf-8").replace(' 1"', ' 2"'), "utf-8")
    return settings


def state(releases: Path) -> dict[str, bytes]:
    """Return every file that counts, with its bytes; why a build was refused, and the lock, are beside the point."""
    files = (path for path in releases.rglob("*") if path.is_file() and path.name not in (".lock", "refused.json"))
    return {path.relative_to(releases).as_posix(): path.read_bytes() for path in files}


LIMITED = """
import resource, sys
from cper_lod.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
main(sys.argv[2:])
"""


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 100, 1000, 3000, 20_000, 70_000])
def test_files_that_may_not_grow(settings: Settings, size: int) -> None:
    before = state(settings.releases)
    where = ["--sources", str(settings.sources), "--releases", str(settings.releases), "--lang", "en"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(size), "build", *where],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "CPER_LOD_LANG": "en"},
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("Error: No space left on device.")
    assert len(done.stderr.splitlines()) == 1
    assert state(settings.releases) == before
    assert publish_sources(settings).entry.number == 2


def test_a_folder_that_may_not_be_written_to(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is served is found without writing; what would have to be written is refused."""
    served = History(settings.releases).entries()
    back = Settings(sources=TINY, releases=settings.releases)

    def refuse(path: object, flags: int, *given: Any, **more: Any) -> int:  # noqa: ANN401
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(30, "Read-only file system", str(path))
        return opened(path, flags, *given, **more)

    opened: Callable[..., int] = os.open
    monkeypatch.setattr(os, "open", refuse)
    assert publish_sources(back).entry == served[0]
    for work in (lambda: publish_sources(settings), lambda: roll_back(settings, served[0].release)):
        with pytest.raises(Problem, match="Read-only file system") as raised:
            work()
        assert raised.value.kind.code == "permission"
    assert History(settings.releases).entries() == served


@pytest.mark.slow
def test_ten_thousand_files(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """They are looked at, read and published; how long each takes is told, not judged."""
    settings = Settings(sources=Path(shutil.copytree(TINY, tmp_path / "sources")), releases=tmp_path / "releases")
    for number in range(10_000):
        folder = settings.sources / "data" / f"many{number % 100}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.nt").write_text(
            f"<https://example.org/{number}> <https://example.org/p> <https://example.org/o> .\n"
        )
    told = {}
    for name, work in (
        ("look", lambda: take_snapshot(settings.sources)),
        ("fingerprint", lambda: sources_fingerprint(settings.sources)),
        ("publish", lambda: publish_sources(settings)),
        ("again", lambda: publish_sources(settings)),
    ):
        began = time.perf_counter()
        found = work()
        told[name] = round(time.perf_counter() - began, 3)
    record_property("seconds for 10 000 files", told)
    print("10 000 files, seconds:", told)
    assert len(take_snapshot(settings.sources)) > 10_000
    assert found.release.manifest["triples"] > 10_000
