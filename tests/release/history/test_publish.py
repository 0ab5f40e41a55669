"""Publishing and going back: what is served, what is held back, what is kept, and who waits for whom."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.release.build.build import ValidationFailed
from cper_lod.release.history import publish as publishing
from cper_lod.release.history import rejection
from cper_lod.release.history.history import FOLDER
from cper_lod.release.history.publish import PublishResult, publish_sources, roll_back
from cper_lod.release.jobs.locks import LOCK, exclusive_lock
from tests.support.changing_sources import ChangingSources
from tests.support.processes import eventually
from tests.support.refusals import refused
from tests.support.watcher import CountingWatcher


class Place(ChangingSources):
    """Sources that can be published."""

    def publish(self, number: object = None, automatic: bool = False) -> PublishResult:
        if number:
            self.say(number)
        return publish_sources(self.settings, automatic=automatic)

    def served(self) -> str:
        current = self.history.current()
        return current.release if current else ""

    def numbers(self) -> int:
        return len(self.history.entries())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return sources that nothing was made from yet."""
    return Place(tmp_path)


def test_published_once(place: Place) -> None:
    first = place.publish()
    assert (first.built, first.held_back, first.entry.number) == (True, False, 1)
    again = place.publish()
    assert (again.release.folder, again.built, again.entry) == (first.release.folder, False, first.entry)
    second = place.publish(2)
    assert (second.built, second.entry.number, place.served()) == (True, 2, second.release.id)
    third = place.publish(1, automatic=True)  # sealed already, and served anew
    assert (third.built, third.release.id, third.entry.number) == (False, first.release.id, 3)


def test_rolled_back_sources_are_not_published_automatically(place: Place) -> None:
    first, second = place.publish(), place.publish(2)
    back = roll_back(place.settings)
    assert (back.release.id, back.entry.how, place.served()) == (first.release.id, "rollback", first.release.id)
    held = place.publish(automatic=True)
    assert (held.held_back, held.release.id, place.numbers()) == (True, first.release.id, 3)
    forward = place.publish()
    assert (forward.release.id, forward.held_back, forward.built, place.numbers()) == (
        second.release.id,
        False,
        False,
        4,
    )
    roll_back(place.settings)
    changed = place.publish(3, automatic=True)
    assert (changed.held_back, changed.entry.number, place.served()) == (False, 6, changed.release.id)


def test_sources_that_were_never_served_are_held_back_too(place: Place) -> None:
    first, _ = place.publish(), place.publish(2)
    place.say(3)
    roll_back(place.settings)
    assert place.publish(automatic=True).release.id == first.release.id
    place.data.unlink()
    place.data.mkdir()  # sources that cannot be read
    shutil.rmtree(place.sources / "shapes")
    forward = roll_back(place.settings, place.history.entries()[1].digest)
    assert forward.entry.instead_of == first.entry.sources


@pytest.mark.slow
def test_rollback_twice(place: Place) -> None:
    ids = [place.publish(number).release.id for number in (1, 2, 3)]
    assert roll_back(place.settings).release.id == ids[1]
    assert roll_back(place.settings).release.id == ids[0]
    with refused("rollback-first") as raised:
        roll_back(place.settings)
    assert raised.value.params == {"release": ids[0], "offers": [ids[1], ids[2]]}
    forward = roll_back(place.settings, ids[2][:8])
    assert (forward.release.id, place.served(), forward.held_back) == (ids[2], ids[2], True)
    number = place.numbers()
    again = roll_back(place.settings, ids[2])
    assert (again.entry, again.held_back) == (forward.entry, True), "it is served already, and holds back these sources"
    place.say(4)
    again = roll_back(place.settings, ids[2])
    assert (again.entry.number, again.held_back) == (number, False), "nothing holds back these"
    with refused("release-unknown", ids[2]):
        roll_back(place.settings, "0123456789abcdef")
    with pytest.raises(Problem, match="No release"):
        roll_back(place.settings, "g")
    assert place.numbers() == number


def test_rollback_without_an_earlier_release(place: Place) -> None:
    with refused("history-empty", str(place.releases)):
        roll_back(place.settings)


def test_rollback_to_what_was_served_meanwhile(place: Place) -> None:
    first, second = place.publish(), place.publish(2)
    place.publish(1)
    with refused("rollback-first") as raised:
        roll_back(place.settings)
    assert raised.value.words("fr").remedy.endswith(f"après cper-lod rollback : {second.release.id}.")
    assert raised.value.words("en").detail.startswith(f"The release in service, {first.release.id}, was also the first")
    shutil.rmtree(second.release.folder)
    with pytest.raises(Problem, match="No other release") as raised:
        roll_back(place.settings)
    assert first.release.id in raised.value.words("fr").detail


def test_rejected_sources_leave_the_served_release(place: Place) -> None:
    first = place.publish()
    place.spoil()
    with pytest.raises(ValidationFailed):
        place.publish()
    assert (place.served(), place.numbers()) == (first.release.id, 1)


def test_publishing_served_sources_writes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = place.publish()

    def fail(*_: object) -> None:
        raise AssertionError("written")

    monkeypatch.setattr(publishing, "exclusive_lock", fail)
    assert place.publish(automatic=True).entry == first.entry
    monkeypatch.undo()
    place.publish(2)
    roll_back(place.settings)
    monkeypatch.setattr(publishing, "exclusive_lock", fail)
    assert place.publish(automatic=True).held_back


# Who waits for whom


def test_the_second_waits_and_finds_it_made(place: Place) -> None:
    waited, done = list[str](), list[PublishResult]()
    with exclusive_lock(place.releases):
        second = threading.Thread(
            target=lambda: done.append(
                publish_sources(place.settings, automatic=False, on_wait=lambda: waited.append("said once"))
            )
        )
        second.start()
        while not waited:
            time.sleep(0.001)
        assert not done
    second.join(30)
    assert (waited, len(done), place.numbers()) == (["said once"], 1, 1)
    assert not publish_sources(place.settings, automatic=False, on_wait=lambda: waited.append("not alone")).built
    assert waited == ["said once"]


def test_lock_of_a_process_that_was_killed_is_gone(place: Place) -> None:
    holds = "import sys, time; from pathlib import Path; from cper_lod.release.jobs.locks import exclusive_lock\n"
    holds += "with exclusive_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", holds, place.releases], stdout=subprocess.PIPE)
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == b"held\n"
    process.kill()
    process.wait()
    with exclusive_lock(place.releases, lambda: pytest.fail("it waits for nobody")):
        assert (place.releases / LOCK).exists()


def test_folder_that_cannot_be_locked(tmp_path: Path) -> None:
    (tmp_path / LOCK).mkdir()
    with refused("permission", ".lock"), exclusive_lock(tmp_path):
        pytest.fail("held")


# The command


@pytest.mark.slow
def test_rollback_on_the_command_line(place: Place) -> None:
    first, second = place.publish(), place.publish(2)
    where = ("--sources", place.sources, "--releases", place.releases)

    def run(*arguments: object, lang: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cper_lod", *map(str, arguments), *map(str, where)]
        environment = {**os.environ, "CPER_LOD_LANG": lang}
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)

    done = run("rollback", lang="fr")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Version en service : {first.release.id} (n° 3 de l'historique).")
    done = run("rollback", "0000", lang="en")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: Unknown release. No release “0000” was served here.")
    assert place.served() == first.release.id
    done = run("build", lang="en")
    assert (done.returncode, done.stdout) == (0, f"Digest: {second.release.digest}\n")
    assert place.served() == second.release.id
    done = run("rollback", second.release.id[:8], lang="en")
    assert (done.returncode, done.stdout) == (
        0,
        f"Release {second.release.id} is already in service: nothing has changed.\n",
    )
    entry = json.loads((place.releases / FOLDER / "000004" / "entry.json").read_bytes())
    assert (entry["how"], entry["release"]) == ("build", second.release.id)


@pytest.mark.parametrize("fault", ['1"@fr ; ; <', "2"])
def test_sources_corrected_during_a_failing_build_are_not_rejected(
    place: Place, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Somebody saves the mended file while the faulty one is still being checked: the mended one is to be published."""
    place.publish()
    place.say(fault)
    real = publishing.build

    def slow(releases: Path, folder: Path, *_: object) -> object:
        try:
            release = real(releases, folder)
            raise Problem("permission", path=release.folder, message="full")
        finally:
            place.say(3)

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "build", slow)
        with pytest.raises(Problem):
            place.publish(automatic=True)
    told = rejection.read_rejection(place.releases)
    assert told is not None
    assert told.sources == ""
    watcher = CountingWatcher(replace(place.settings, watch=0.01))  # type: ignore[arg-type]
    watcher.begin(place.sources)
    assert eventually(lambda: bool(watcher.read)), "a watcher builds them"
    watcher.stop()
    assert place.publish(automatic=True).built
    assert rejection.read_rejection(place.releases) is None
