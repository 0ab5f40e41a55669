"""What is kept of sealed releases: the number, the age, what is served now; and what nobody may remove."""

import json
import shutil
import time
from pathlib import Path

import pytest

from cper_lod.core.settings import Settings
from cper_lod.release.history.history import ENTRY, FOLDER, History, Publication
from cper_lod.release.history.publish import prune, publish_sources
from cper_lod.release.jobs.locks import LOCK, shared_lock
from tests.support.paths import TINY

DAY = 86_400


def digest(name: str) -> str:
    return name * 64


def folder(releases: Path, name: str) -> Path:
    return releases / f"{digest(name)[:16]}-abc"


def seal(releases: Path, name: str, age: int, mode: str = "contract") -> None:
    """Write what is looked at of a release that was sealed `age` days ago."""
    folder(releases, name).mkdir(parents=True)
    row = {"digest": digest(name), "sealed": time.time() - age * DAY, "mode": mode}
    (folder(releases, name) / "manifest.json").write_text(json.dumps(row))


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """Return five releases, each served for a day, the last one since yesterday."""
    for number, name in enumerate("abcde", 1):
        seal(tmp_path, name, age=100)
        serve(tmp_path, number, name, age=6 - number)
    return tmp_path


def serve(releases: Path, number: int, name: str, age: int) -> None:
    at = int(time.time()) - age * DAY
    entry = Publication(number, digest(name)[:16], digest(name), at, "build", "0.1.0+abc", "f")
    place = releases / FOLDER / f"{number:06}"
    place.mkdir(parents=True)
    (place / ENTRY).write_text(json.dumps(entry._asdict()))


def left(releases: Path) -> str:
    return "".join(name for name in "abcdefgh" if folder(releases, name).exists())


# a was served until four days ago, b until three, c until two, d until one, e is served
@pytest.mark.parametrize(
    ("keep", "days", "kept"),
    [(2, 0, "de"), (3, 0, "cde"), (9, 0, "abcde"), (2, 4, "bcde"), (2, 3, "cde"), (4, 2, "bcde"), (2, 99, "abcde")],
)
def test_number_and_age(releases: Path, keep: int, days: int, kept: str) -> None:
    seal(releases, "h", age=9, mode="data")
    removed = prune(releases, History(releases), keep, days)
    assert left(releases) == kept + "h", "another server may use those of --data"
    assert {path.name[0] for path in removed} == set("abcde") - set(kept)
    assert len(History(releases).entries()) == 5, "the history stays"


def test_the_served_release_is_kept_however_old(releases: Path) -> None:
    serve(releases, 6, "a", age=0)
    for name in "fg":  # never served
        seal(releases, name, age=0)
    prune(releases, History(releases), 2, 0)
    assert (len(left(releases)), left(releases)[0]) == (2, "a")


def test_a_release_in_use_is_kept_until_its_last_reader_closes_it(releases: Path) -> None:
    """A server that has not turned yet, or that shows an earlier release, reads its files by their names still."""
    ends = [shared_lock(folder(releases, name)) for name in "aab"]
    assert [path.name[0] for path in prune(releases, History(releases), 2, 0)] == ["c"]
    ends[0]()
    assert prune(releases, History(releases), 2, 0) == []
    ends[1]()
    assert [path.name[0] for path in prune(releases, History(releases), 2, 0)] == ["a"]
    with pytest.raises(FileNotFoundError):
        shared_lock(folder(releases, "a"))


def test_publishing_prunes_old_releases(tmp_path: Path) -> None:
    settings = Settings(sources=tmp_path / "sources", releases=tmp_path / "r", keep_releases=2, keep_days=0)
    shutil.copytree(TINY, settings.sources)
    data = settings.sources / "data" / "bacs.ttl"
    folders = list[Path]()
    for number in (2, 3, 4):
        data.write_text(data.read_text("utf-8").replace(f' {number - 1}"', f' {number}"'), "utf-8")
        folders.append(publish_sources(settings).release.folder)
    assert [each.exists() for each in folders] == [False, True, True]
    hidden = {path.name for path in settings.releases.iterdir() if path.name.startswith(".")}
    assert hidden == {LOCK}
