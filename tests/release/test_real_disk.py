"""A disk that is really full or mounted read-only: a tmpfs in a namespace of its own, and the commands on it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cper_lod.release.history.history import History
from tests.support.paths import TINY

SCRIPT = r"""
import errno, json, os, random, shutil, subprocess, sys, time, urllib.error, urllib.request
from pathlib import Path

tiny, place = Path(sys.argv[1]), Path(sys.argv[2])
sources, disk = place / "sources", place / "disk"
releases = disk / "releases"
shutil.copytree(tiny, sources)
disk.mkdir()
data = sources / "data" / "bacs.ttl"
text = data.read_text("utf-8")
where = ["--sources", str(sources), "--releases", str(releases), "--lang", "en"]
told = {}


def say(number):
    data.write_text(text.replace(' 1"', f' {number}"'), "utf-8")


def mount(*options):
    subprocess.run(["mount", *options, str(disk)], check=True)


def run(name, *command):
    before = state()
    done = subprocess.run(
        [sys.executable, "-m", "cper_lod", *command, *where], capture_output=True, text=True, timeout=120
    )
    told[name] = [done.returncode, done.stdout, done.stderr, state() == before]


def state():
    files = (path for path in releases.rglob("*") if path.is_file() and path.name not in (".lock", "refused.json"))
    return {str(path): path.read_bytes() for path in files}


def serve(name):
    port = random.SystemRandom().randrange(20_000, 32_000)  # below those that the system gives to clients meanwhile
    command = [sys.executable, "-m", "cper_lod", "serve", *where, "--port", str(port), "--query-workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            answers = {}
            for path in ("/ready", "/health", "/doc/bac/fictif-1.ttl", "/sparql.csv?query=ASK%7B%7D", "/metrics"):
                for _ in range(400):
                    try:
                        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                            answers[path] = [answer.status, answer.read().decode()]
                        break
                    except urllib.error.HTTPError as error:
                        answers[path] = [error.code, error.read().decode()]
                        break
                    except OSError:
                        time.sleep(0.05)
            told[name] = answers
        finally:
            server.terminate()
            told[f"{name}, log"] = server.communicate()[0]


mount("-t", "tmpfs", "-o", "size=48m", "none")
run("first", "build")

mount("-o", "remount,ro")
try:
    (disk / "x").write_bytes(b"x")
except OSError as error:
    told["read-only"] = error.errno == errno.EROFS
run("read-only, the same", "build")
say(2)
run("read-only, changed", "build")
run("read-only, back", "rollback")
serve("read-only, changed, served")

mount("-o", "remount,rw")
free = os.statvfs(disk)
with (disk / "filler").open("wb") as filler:
    filler.write(bytes(free.f_bavail * free.f_frsize - 400 * 1024))
told["left"] = os.statvfs(disk).f_bavail * free.f_frsize
run("full, changed", "build")
serve("full, changed, served")
(disk / "filler").unlink()
run("with room again", "build")
told["entries"] = sorted(path.name for path in (releases / "history").iterdir())
told["left over"] = [str(path) for path in releases.rglob(".building-*")]
shutil.copytree(releases, place / "kept")
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what became of each command on such a disk; where the kernel allows no namespace nothing can be seen."""
    place, namespace = tmp_path_factory.mktemp("disk"), ["unshare", "--user", "--map-root-user", "--mount"]
    allowed = subprocess.run([*namespace, "mount", "-t", "tmpfs", "none", str(place)], capture_output=True, check=False)
    if allowed.returncode:
        pytest.skip(f"no mount namespace here: {allowed.stderr.decode().strip()}")
    command = [*namespace, sys.executable, "-c", SCRIPT, str(TINY), str(place)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "kept": str(place / "kept")}


pytestmark = pytest.mark.slow
FULL = ("No space left on device", "disk is full")
"""As the system says it, and as SQLite does, of which the search is made."""
READY = ("/ready", "/health", "/doc/bac/fictif-1.ttl", "/sparql.csv?query=ASK%7B%7D", "/metrics")


def told_of(error: str) -> list[str]:
    """Return the lines of standard error but those that tell how far a command is, which a slow machine has time for."""
    return [line for line in error.splitlines() if not line.endswith(" %")]


def test_a_read_only_disk_serves_the_last_release_and_reports_why(told: dict[str, Any]) -> None:
    assert told["first"][0] == 0
    assert told["read-only"]
    assert told["read-only, the same"][0] == 0
    for name in ("read-only, changed", "read-only, back"):
        code, out, error, same = told[name]
        assert (code, out, same) == (2, "", True), name
        assert len(told_of(error)) == 1, error
        assert name.endswith("back") or "Read-only file system" in error, error
    answers = told["read-only, changed, served"]
    assert [answers[path][0] for path in READY] == [200] * 5, answers
    assert "n° 1" in answers["/doc/bac/fictif-1.ttl"][1]
    assert "Traceback" not in told["read-only, changed, served, log"]
    assert "Read-only file system" in told["read-only, changed, served, log"]


def test_a_full_disk_keeps_what_is_there_and_the_next_build_has_it(told: dict[str, Any]) -> None:
    assert told["left"] < 1024 * 1024
    code, out, error, same = told["full, changed"]
    assert (code, out, same) == (2, "", True)
    assert any(words in error for words in FULL), error
    assert len(told_of(error)) == 1, error
    answers = told["full, changed, served"]
    assert [answers[path][0] for path in READY] == [200] * 5, answers
    assert "n° 1" in answers["/doc/bac/fictif-1.ttl"][1]
    assert any(words in told["full, changed, served, log"] for words in FULL)
    assert "Traceback" not in told["full, changed, served, log"]
    assert told["with room again"][0] == 0
    assert told["left over"] == []
    assert len(History(Path(told["kept"])).entries()) == 2
