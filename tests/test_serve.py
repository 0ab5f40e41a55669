"""A real `cper-lod serve`: how it starts, starts again, is watched, and ends, without cutting or leaving behind anything. Reads /proc."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import alive, clock_ticks, descendants, ended, eventually, is_for_queries
from tests.support.server import FERRY, Server, listening, workers_of

pytestmark = [pytest.mark.server, pytest.mark.slow]


def fetch(url: str, timeout: float = 120) -> tuple[bytes, str]:
    with urllib.request.urlopen(url, timeout=timeout) as response:
        return response.read(), response.headers["ETag"]


def test_ends_by_ctrl_c_and_leaves_no_child(start: Callable[..., Server]) -> None:
    server = start()
    fetch(server.url + FERRY)
    children = descendants(server.process.pid)
    assert len(children) >= 5, "a worker, and its queries' processes with their template"
    for process in (*sorted(children), server.process.pid):  # it reaches the whole group; here each is told by itself
        os.kill(process, signal.SIGINT)
    assert server.process.wait(120) == 0
    assert eventually(lambda: not alive(children))
    assert eventually(lambda: not listening(server.port))
    assert "Traceback" not in server.log.read_text("utf-8")


def test_ends_although_a_query_runs(start: Callable[..., Server]) -> None:
    server = start("--query-timeout", "60")
    slow = "SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B" + ".".join(f"%3Fa{n}%20%3Fb{n}%20%3Fc{n}" for n in range(9)) + "%7D"
    ask = f"import urllib.request; urllib.request.urlopen('{server.url}/sparql?query={slow}')"
    asking = subprocess.Popen([sys.executable, "-c", ask], stderr=subprocess.DEVNULL)

    def is_asked() -> bool:
        """Whether a query runs: its process may start after the first page is served."""
        return any(is_for_queries(each) and clock_ticks(each) > 50 for each in descendants(server.process.pid))

    assert eventually(is_asked)
    children = descendants(server.process.pid)
    server.process.terminate()
    assert server.process.wait(120) == 0
    assert eventually(lambda: not alive(children))
    assert asking.wait(120) != 0


def test_killed_main_process_leaves_no_orphan(start: Callable[..., Server]) -> None:
    server = start()
    assert eventually(lambda: len(descendants(server.process.pid)) >= 5), "the server, and those for queries"
    children = descendants(server.process.pid)
    server.process.kill()
    server.process.wait()
    assert eventually(lambda: not alive(children))
    assert eventually(lambda: not listening(server.port))


def test_worker_that_dies_is_replaced_and_no_other_server_joins(start: Callable[..., Server], where: list[str]) -> None:
    """The server listens with SO_REUSEPORT: a second one could join it without a word."""
    server = start()
    (worker,) = workers_of(server)
    queries = descendants(worker)
    before = fetch(server.url + FERRY)
    os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: not alive(queries))

    def answers() -> bool:
        """Whether the process that replaces it answers."""
        try:
            return fetch(server.url + FERRY) == before
        except OSError:  # URLError and TimeoutError are
            return False

    assert eventually(answers)
    second = ended(sys.executable, "-m", "cper_lod", "serve", "--port", server.port, *where, "--lang", "en")
    assert (second.returncode, second.stdout) == (2, "")
    assert "Address already in use." in second.stderr
    assert f"127.0.0.1:{server.port}" in second.stderr
    assert fetch(server.url + "/health")


class Asking(threading.Thread):
    """A client that asks again and again on one connection, until none is taken; each answer is checked."""

    def __init__(self, server: Server, path: str, expected: bytes) -> None:
        super().__init__(daemon=True)
        self._server, self._path, self._expected = server, path, expected
        self.whole, self.cut, self.refused = 0, list[str](), 0

    def run(self) -> None:
        while not self.refused:
            connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=120)
            try:
                connection.connect()
            except OSError:
                self.refused += 1
                return
            self._ask_on(connection)

    def _ask_on(self, connection: http.client.HTTPConnection) -> None:
        answering = False
        try:
            while True:
                answering = False
                connection.request("GET", self._path)
                answer = connection.getresponse()
                answering = True
                body = answer.read()
                if answer.status != 200 or body != self._expected:
                    self.cut.append(f"{answer.status} {len(body)}")
                self.whole += 1
                if answer.getheader("connection") == "close":
                    return
        except (OSError, http.client.HTTPException) as error:
            # A kept-alive connection may be closed between two answers; within one it may not.
            if answering:
                self.cut.append(repr(error))
        finally:
            connection.close()


def test_an_end_under_load_cuts_no_answer(start: Callable[..., Server]) -> None:
    server = start("--log-level", "info")
    paths = [
        FERRY,
        "/doc/bac/fictif-1.html",
        "/sparql.csv?query=SELECT%20%2A%20%7B%3Fs%20%3Fp%20%3Fo%7D",
        "/dump/tout.ttl",
    ]
    expected = {path: urllib.request.urlopen(server.url + path, timeout=120).read() for path in paths}
    children = descendants(server.process.pid)
    clients = [Asking(server, path, expected[path]) for path in paths for _ in range(3)]
    for client in clients:
        client.start()
    assert eventually(lambda: all(client.whole > 20 for client in clients))
    server.process.terminate()
    assert server.process.wait(120) == 0
    for client in clients:
        client.join(120)
    assert [each for client in clients for each in client.cut] == []
    assert all(client.refused for client in clients)
    assert eventually(lambda: not alive(children))
    assert not listening(server.port)
    answered = sum(client.whole for client in clients)
    logged = server.log.read_text().count('"event": "request"')
    assert logged >= answered, "every answer has its line"
    assert "Traceback" not in server.log.read_text()


def test_a_request_under_way_is_answered_after_the_signal(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start("--log-level", "info")
    query = b"ASK { ?a ?b ?c }"
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: {len(query)}"
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as half:
        half.sendall(head.encode() + b"\r\n\r\n" + query[:5])
        time.sleep(0.2)
        server.process.terminate()
        assert eventually(lambda: not listening(server.port)), "no new connection is taken"
        half.sendall(query[5:])
        answer = half.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'{"head":{},"boolean":true}')
    assert server.process.wait(120) == 0
    assert '"method": "POST", "path": "/sparql", "status": 200, "bytes": 26' in server.log.read_text()
