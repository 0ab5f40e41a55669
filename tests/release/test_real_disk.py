"""A disk that is really full or mounted read-only: a tmpfs in a namespace of its own, and the commands on it."""

import json
import subprocess
import sys
from typing import Any

import pytest

SCRIPT = r"""
import json, os, subprocess, sys
from contextlib import closing
from pathlib import Path

from cper_lod.release.history.history import History
from tests.support.changing_sources import ChangingSources, PersistentClient
from tests.support.server import FERRY, Server

place = Path(sys.argv[1])
at, told = ChangingSources(place), {}
at.releases.mkdir()


def mount(*options):
    subprocess.run(["mount", *options, str(at.releases)], check=True)


def state():
    files = (path for path in at.releases.rglob("*") if path.is_file() and path.name not in (".lock", "refused.json"))
    return {str(path): path.read_bytes() for path in files}


def run(name, command):
    before, where = state(), ["--sources", str(at.sources), "--releases", str(at.releases), "--lang", "en"]
    done = subprocess.run([sys.executable, "-m", "cper_lod", command, *where], capture_output=True, text=True)
    told[name] = [done.returncode, done.stdout, done.stderr, state() == before]


def serve(name):
    paths = (FERRY, "/ready", "/health", "/sparql.csv?query=ASK%7B%7D", "/metrics")
    with closing(Server(at.flags(), place / "log")) as server, closing(PersistentClient(server)) as client:
        answers = [client.get(path) for path in paths]
    told[name] = [[status for status, _, _ in answers], answers[0][1].decode(), (place / "log").read_text()]


mount("-t", "tmpfs", "-o", "size=48m", "none")
run("first", "build")
mount("-o", "remount,ro")
run("read-only, the same", "build")
at.say(2)
run("read-only, changed", "build")
run("read-only, back", "rollback")
serve("read-only, served")
mount("-o", "remount,rw")
free, filler = os.statvfs(at.releases), at.releases / "filler"
filler.write_bytes(bytes(free.f_bavail * free.f_frsize - 400 * 1024))
run("full, changed", "build")
serve("full, served")
filler.unlink()
run("with room again", "build")
told["left over"] = [str(path) for path in at.releases.rglob(".building-*")]
told["kept"] = len(History(at.releases).entries())
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what became of each command on such a disk; where the kernel allows no namespace nothing can be seen."""
    place, namespace = tmp_path_factory.mktemp("disk"), ["unshare", "--user", "--map-root-user", "--mount"]
    allowed = subprocess.run([*namespace, "mount", "-t", "tmpfs", "none", str(place)], capture_output=True, check=False)
    if allowed.returncode:
        pytest.skip(f"no mount namespace here: {allowed.stderr.decode().strip()}")
    command = [*namespace, sys.executable, "-c", SCRIPT, str(place)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


pytestmark = pytest.mark.slow
FULL = ("No space left on device", "disk is full")
"""As the system says it, and as SQLite does, of which the search is made."""


def assert_refused(told: list[Any], *words: str) -> None:
    """Check that a command said one sentence with one of some words, and changed nothing; it may tell how far it was too."""
    code, out, error, same = told
    sentences = [line for line in error.splitlines() if not line.endswith(" %")]
    assert (code, out, same, len(sentences)) == (2, "", True, 1), error
    assert any(each in error for each in words), error


def assert_served(told: list[Any], *words: str) -> None:
    """Check that the last release is served, and that the log says why the sources are not."""
    statuses, document, log = told
    assert (statuses, "n° 1" in document, "Traceback" in log) == ([200] * 5, True, False), log
    assert any(each in log for each in words), log


def test_a_read_only_disk_serves_the_last_release_and_reports_why(told: dict[str, Any]) -> None:
    assert told["first"][0] == told["read-only, the same"][0] == 0
    assert_refused(told["read-only, changed"], "Read-only file system")
    assert_refused(told["read-only, back"], "Read-only file system")
    assert_served(told["read-only, served"], "Read-only file system")


def test_a_full_disk_keeps_what_is_there_and_the_next_build_has_it(told: dict[str, Any]) -> None:
    assert_refused(told["full, changed"], *FULL)
    assert_served(told["full, served"], *FULL)
    assert (told["with room again"][0], told["left over"], told["kept"]) == (0, [], 2)
