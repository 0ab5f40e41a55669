"""A real `cper-lod serve`: how it starts, starts again, is watched, and ends, without cutting or leaving behind anything. Reads /proc."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.support.processes import alive, clock_ticks, descendants, ended, eventually, is_for_queries
from tests.support.server import FERRY, Server, answers, listening, workers_of

pytestmark = [pytest.mark.server, pytest.mark.slow]


def fetch(url: str, timeout: float = 120) -> tuple[bytes, str]:
    with urllib.request.urlopen(url, timeout=timeout) as response:
        return response.read(), response.headers["ETag"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_ends_and_leaves_no_child(start: Callable[..., Server], sent: signal.Signals) -> None:
    server = start()
    assert eventually(lambda: len(descendants(server.process.pid)) >= 5), "the server, and those for queries"
    children = descendants(server.process.pid)
    # Ctrl+C reaches the whole group; here each is told by itself.
    for process in (*(sorted(children) if sent == signal.SIGINT else ()), server.process.pid):
        os.kill(process, sent)
    assert server.process.wait(120) == (0 if sent == signal.SIGINT else -sent)
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


def test_worker_that_dies_is_replaced_and_no_other_server_joins(start: Callable[..., Server], where: list[str]) -> None:
    """The server listens with SO_REUSEPORT: a second one could join it without a word."""
    server = start()
    (worker,) = workers_of(server)
    queries = descendants(worker)
    before = fetch(server.url + FERRY)
    os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: not alive(queries))

    assert eventually(lambda: answers(server.url + FERRY)), "the process that replaces it"
    assert fetch(server.url + FERRY) == before
    second = ended(sys.executable, "-m", "cper_lod", "serve", "--port", server.port, *where, "--lang", "en")
    assert (second.returncode, second.stdout) == (2, "")
    assert "Address already in use." in second.stderr
    assert f"127.0.0.1:{server.port}" in second.stderr
    assert fetch(server.url + "/health")


def ask_until_refused(server: Server, path: str, expected: bytes, answers: list[str]) -> None:
    """Ask again and again, each time on a connection that is kept, until none is taken; add what was wrong, "" for nothing."""
    while True:
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)) as connection:
            try:
                connection.connect()
            except OSError:
                return
            answer = None
            try:
                while answer is None or answer.getheader("connection") != "close":
                    answer = None
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    is_whole = answer.status == 200 and answer.read() == expected
                    answers.append("" if is_whole else f"{answer.status} {path}")
            except (OSError, http.client.HTTPException) as error:
                if answer:  # a connection that is kept may be closed between two answers, not within one
                    answers.append(repr(error))


def test_an_end_under_load_cuts_no_answer(start: Callable[..., Server]) -> None:
    server = start("--log-level", "info")
    query = "/sparql.csv?query=SELECT%20%2A%20%7B%3Fs%20%3Fp%20%3Fo%7D"
    expected = {
        path: fetch(server.url + path)[0] for path in (FERRY, "/doc/bac/fictif-1.html", query, "/dump/tout.ttl")
    }
    children, answers = descendants(server.process.pid), [list[str]() for _ in range(12)]
    with ThreadPoolExecutor(len(answers)) as pool:
        asking = [
            pool.submit(ask_until_refused, server, path, body, found)
            for found, (path, body) in zip(answers, [*expected.items()] * 3, strict=True)
        ]
        assert eventually(lambda: all(len(found) > 20 for found in answers))
        server.process.terminate()
        assert server.process.wait(120) == 0
    assert [each.result() for each in asking] == [None] * len(asking)
    assert {answer for found in answers for answer in found} == {""}
    assert eventually(lambda: not alive(children))
    assert not listening(server.port)
    log = server.log.read_text("utf-8")
    assert log.count('"event": "request"') >= sum(map(len, answers)), "every answer has its line"
    assert "Traceback" not in log


def test_a_request_under_way_is_answered_after_the_signal(start: Callable[..., Server]) -> None:
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
