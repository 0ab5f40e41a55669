"""A real `cper-lod serve`: how it starts, starts again, ends, and what it leaves behind: nothing. Reads /proc."""

import gzip
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.paths import TINY
from tests.support.processes import alive, clock_ticks, descendants, eventually, is_for_queries
from tests.support.server import FERRY, Server, listening, workers_of

pytestmark = [pytest.mark.server, pytest.mark.slow]


def fetch(url: str, timeout: float = 5) -> tuple[bytes, str]:
    with urllib.request.urlopen(url, timeout=timeout) as response:
        return response.read(), response.headers["ETag"]


def test_says_in_one_line_where_to_look_and_starts_again_faster(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    flags = ["--sources", str(TINY), "--releases", str(tmp_path / "r")]
    for lang, said, words in (
        ("fr", "Publication scellée : ", "cper-lod écoute : ouvrez"),
        ("en", "Release already sealed: ", "cper-lod is listening: open"),
    ):
        began = time.perf_counter()
        server = Server([*flags, "--lang", lang], tmp_path / "log")
        record_property(f"{said}seconds to first answer", time.perf_counter() - began)
        server.close()
        progress = re.compile(r"(Publication :|Release:) \d+ %")  # a slow machine shows it
        first, second = (each for each in server.log.read_text("utf-8").splitlines() if not progress.fullmatch(each))
        assert first.startswith(said)
        assert second.startswith(f"{words} {server.url}/ (Ctrl+C ")
        assert server.process.returncode == 0


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_ends_when_told_and_leaves_no_child(start: Callable[..., Server], sent: signal.Signals) -> None:
    server = start()
    fetch(server.url + FERRY)
    children = descendants(server.process.pid)
    assert len(children) >= 5, "a worker, and its queries' processes with their template"
    if sent == signal.SIGINT:  # Ctrl+C reaches the whole group; here each is told by itself
        for child in sorted(children):
            os.kill(child, sent)
    server.process.send_signal(sent)
    assert server.process.wait(20) == 0
    assert eventually(lambda: not alive(children))
    assert eventually(lambda: not listening(server.port))
    assert "Traceback" not in server.log.read_text("utf-8")


def test_ends_although_a_query_runs(start: Callable[..., Server]) -> None:
    server = start("--query-timeout", "60")
    slow = "SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B" + ".".join(f"%3Fa{n}%20%3Fb{n}%20%3Fc{n}" for n in range(9)) + "%7D"
    ask = f"import urllib.request; urllib.request.urlopen('{server.url}/sparql?query={slow}')"
    asking = subprocess.Popen([sys.executable, "-c", ask], stderr=subprocess.DEVNULL)
    children = descendants(server.process.pid)
    assert eventually(lambda: any(is_for_queries(child) and clock_ticks(child) > 50 for child in children), 30), (
        "the query runs"
    )
    server.process.terminate()
    assert server.process.wait(20) == 0
    assert eventually(lambda: not alive(children))
    assert asking.wait(20) != 0


def test_killed_main_process_leaves_no_orphan(start: Callable[..., Server]) -> None:
    server = start("--workers", "2")
    assert eventually(lambda: len(descendants(server.process.pid)) >= 10, 10), (
        "two workers, and four for the queries of each"
    )
    children = descendants(server.process.pid)
    server.process.kill()
    server.process.wait()
    assert eventually(lambda: not alive(children))
    assert eventually(lambda: not listening(server.port))


def patiently(url: str) -> tuple[bytes, str]:
    """Fetch from whichever worker answers: a connection that the system gave to one that does not is given up."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            return fetch(url, timeout=0.3)
        except OSError:  # URLError and TimeoutError are
            time.sleep(0.02)
    raise AssertionError("no worker answers")


def test_worker_that_dies_is_replaced(start: Callable[..., Server]) -> None:
    server = start()
    (worker,) = workers_of(server)
    queries = descendants(worker)
    before = fetch(server.url + FERRY)
    os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: not alive(queries))
    assert patiently(server.url + FERRY) == before


def test_occupied_port_is_refused(start: Callable[..., Server], where: list[str]) -> None:
    """Another cper-lod listens with SO_REUSEPORT: a second one could join it without a word."""
    server = start()
    command = [sys.executable, "-m", "cper_lod", "serve", "--port", str(server.port), *where]
    for lang, words in (("fr", "Adresse déjà occupée."), ("en", "Address already in use.")):
        second = subprocess.run([*command, "--lang", lang], capture_output=True, text=True, timeout=30, check=False)
        assert (second.returncode, second.stdout) == (2, "")
        assert words in second.stderr
        assert f"127.0.0.1:{server.port}" in second.stderr
    assert fetch(server.url + "/health")


def test_index_that_cannot_be_read_is_said_and_ends_the_server(tmp_path: Path) -> None:
    flags = ["--sources", str(TINY), "--releases", str(tmp_path / "r"), "--index-memory", "0"]
    Server(flags, tmp_path / "log").close()
    for table in (tmp_path / "r").glob("*/index/*.sst"):
        table.write_bytes(bytes(table.stat().st_size))
    for manifest in (tmp_path / "r").glob("*/index/MANIFEST-*"):
        manifest.write_bytes(bytes(manifest.stat().st_size))
    with pytest.raises(AssertionError, match=r"ended with [1-9]"):
        Server(flags, tmp_path / "log")
    log = (tmp_path / "log").read_text("utf-8")
    assert "Publication endommagée." in log
    assert "Traceback" not in log


def test_a_relative_folder_of_releases_is_that_of_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(Server(["--sources", str(TINY), "--releases", "r"], tmp_path / "log")) as server:
        whole = fetch(server.url + "/dump/tout.nt.gz")[0]
    assert gzip.decompress(whole).count(b"\n") > 10
