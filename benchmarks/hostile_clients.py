"""Hostile clients: they send half a request, read nothing, ask without end, leave early, or send random bytes."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from benchmarks.client import DIRECT, JSON, Connection, asking, get
from benchmarks.endless_queries import CROSS, each_new
from benchmarks.hostile_queries import MIB
from benchmarks.outcomes import Listener, Outcome, attempt, format_outcome, until_closed
from benchmarks.processes import idle_after
from benchmarks.servers import Server

ASK: Final = quote("ASK {}", safe="")


@dataclass(frozen=True)
class Target:
    """How long a client is patient: `limit` beyond what a query may take, `hold` where it does nothing itself."""

    limit: float
    hold: float


Run = Callable[[Server, Target], list[Outcome]]


@dataclass(frozen=True)
class HostileRequest:
    """A hostile use of the connection, and a pattern of the outcomes that keep the promise.

    `may_stay` is how many clients that never finish may still be connected: under WSGI each holds a thread without a
    time-out, so their number is limited (`web.http.limits`).
    """

    name: str
    run: Run
    wanted: str
    may_stay: int = 0

    def kept(self, outcomes: list[Outcome]) -> bool:
        """Return whether the outcomes keep the promise."""
        ended = [each for each in outcomes if not each.what.startswith("open after")] if self.may_stay else outcomes
        return len(outcomes) - len(ended) <= self.may_stay and all(each.kept(self.wanted) for each in ended)


def at_once(count: int, work: Callable[[], Outcome]) -> list[Outcome]:
    """Return what came of the same work done by so many clients at once."""
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(work()), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def bytes_of(*each: Callable[[str], bytes]) -> Run:
    """Return what sends the bytes that each makes of the query path, one after the other."""
    return lambda server, setting: [attempt(server, make(server.query), setting.hold) for make in each]


def unfinished(count: int, start: Callable[[str], bytes], drip: bytes = b"") -> Run:
    """Return what opens so many connections, sends a start and goes no further, or a drip a second."""

    def client(server: Server, setting: Target) -> Outcome:
        try:
            with Connection(server.port, setting.hold) as connection:
                connection.send(start(server.query))
                return until_closed(connection, setting.hold, drip)
        except OSError:
            return Outcome("closed", 0)

    return lambda server, setting: at_once(count, lambda: client(server, setting))


def slow_at_once(server: Server, setting: Target) -> list[Outcome]:
    """Ask 200 runaways at once."""
    texts = each_new()
    lock = threading.Lock()

    def client() -> Outcome:
        with lock:
            text = next(texts)
        return attempt(server, asking(server.query, text), setting.limit)

    return at_once(200, client)


def unread(server: Server, setting: Target) -> list[Outcome]:
    """Ask for large answers by 30 clients that only read after a long while."""
    text = f"SELECT * WHERE {{ {CROSS} }} LIMIT 20000"

    def client() -> Outcome:
        began = time.monotonic()
        try:
            with Connection(server.port, setting.limit) as connection:
                connection.send(asking(server.query, text))
                time.sleep(setting.hold)
                what = format_outcome(connection.reply(0.0))
        except EOFError as error:
            what = str(error)
        except OSError as error:
            what = f"no answer in {setting.limit:.0f} s" if isinstance(error, TimeoutError) else "closed"
        return Outcome(what, time.monotonic() - began)

    return at_once(30, client)


def pipelined(server: Server, setting: Target) -> list[Outcome]:
    """Send 20 requests in one piece and count the answers."""
    outcomes: list[Outcome] = []
    began = time.monotonic()
    with Connection(server.port, setting.limit) as connection:
        connection.send(get(f"{server.query}?query={ASK}") * 20)
        for _ in range(20):
            try:
                what = format_outcome(connection.reply(0.0))
            except (OSError, EOFError) as error:
                what = "closed" if isinstance(error, EOFError) else type(error).__name__
            outcomes.append(Outcome(what, time.monotonic() - began))
    return outcomes


def endless(server: Server, setting: Target) -> list[Outcome]:
    """Send 64 MB of a chunked body that says nowhere that it ends."""
    began = time.monotonic()
    with Connection(server.port, setting.hold) as connection:
        connection.send(chunked(server.query))
        with suppress(OSError):
            for _ in range(64):
                connection.socket.sendall(b"100000\r\n" + b"#" * MIB + b"\r\n")
        outcome = until_closed(connection, setting.hold)
    return [Outcome(outcome.what, time.monotonic() - began)]


def leaving(server: Server, setting: Target) -> list[Outcome]:
    """Ask ten runaways and go away after 0.3 s; say how long the server still works for nobody."""
    texts = each_new()
    connections = []
    for _ in range(10):
        connection = Connection(server.port)
        connection.send(asking(server.query, next(texts)))
        connections.append(connection)
    time.sleep(0.3)
    for connection in connections:
        connection.socket.close()
    if not server.pid:
        return [Outcome("not known", 0.0)]
    ended = idle_after(server.pid, setting.limit)
    return [Outcome("work ended", ended) if ended is not None else Outcome("still working", setting.limit)]


def calling(server: Server, setting: Target) -> list[Outcome]:
    """Ask the server to ask another (SERVICE), here a socket of ours on loopback, in three spellings."""
    outcomes = []
    for template in (
        "SERVICE <{}> {{ ?s ?p ?o }}",
        "SERVICE SILENT <{}> {{ ?s ?p ?o }}",
        "\\u0053ERVICE <{}> {{ ?s ?p ?o }}",
    ):
        listener = Listener()
        text = f"SELECT * WHERE {{ {template.format(f'http://127.0.0.1:{listener.port}/')} }}"
        outcome = attempt(server, asking(server.query, text), min(setting.limit, 3))
        outcomes.append(Outcome("IT CALLED", outcome.seconds) if listener.called() else outcome)
        listener.close()
    return outcomes


def chunked(path: str, *more: str) -> bytes:
    """Return the head of a POST with a chunked body (RFC 9112, section 7.1)."""
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {DIRECT}", "Transfer-Encoding: chunked", *more]
    return "\r\n".join([*head, "", ""]).encode()


def with_headers(count: int, size: int) -> Callable[[str], bytes]:
    """Return what makes a request with so many headers of so many characters."""
    return lambda path: get(f"{path}?query={ASK}", JSON, **{f"X_{number}": "a" * size for number in range(count)})


def with_paths(*targets: str) -> Run:
    """Return what asks for addresses, sent as they are; `PATH` stands for where queries are answered."""
    return bytes_of(*(lambda path, target=target: get(target.replace("PATH", path), "*/*") for target in targets))
