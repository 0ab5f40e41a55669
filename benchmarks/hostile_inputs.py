"""Hostile queries and uses of HTTP, each with the accepted outcomes: a documented status, never a part of a result."""

import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple
from urllib.parse import quote

from benchmarks.client import DIRECT, FORM, JSON, Connection, Reply, asking, get, post
from benchmarks.endless import CROSS, endless_query
from benchmarks.processes import MIB
from benchmarks.servers import Server
from cper_lod.web.http.limits import MAX_OF_CLIENT

ASK: Final = quote("ASK {}", safe="")


class Outcome(NamedTuple):
    """What one client met (`503 query-timeout`, `closed`, `cut`, `no answer in 30 s`), and after how many seconds."""

    what: str
    seconds: float

    def matches(self, wanted: str) -> bool:
        """Return whether the outcome matches a pattern, up to a blank: the code of a problem is not part of it.

        >>> Outcome("503 query-timeout", 1).matches("400|503"), Outcome("200 cut", 1).matches("200")
        (True, False)
        """
        return re.fullmatch(rf"(?:{wanted})(?: (?!cut)[a-z0-9-]+)?", self.what) is not None


class Patience(NamedTuple):
    """Seconds that a client waits: `limit` for an answer, `hold` if it does nothing itself."""

    limit: float
    hold: float


Run = Callable[[Server, Patience], Sequence[Outcome]]


class HostileInput(NamedTuple):
    """What is done to a server, and a pattern of the outcomes that are accepted.

    `may_stay` is how many clients that never finish may still be connected: under WSGI each holds a thread without a
    time-out, so their number is limited (`web.http.limits`).
    """

    name: str
    run: Run
    wanted: str
    may_stay: int = 0

    def kept(self, outcomes: Sequence[Outcome]) -> bool:
        """Return whether the outcomes are accepted."""
        ended = [each for each in outcomes if not (self.may_stay and each.what.startswith("open after"))]
        return len(outcomes) - len(ended) <= self.may_stay and all(each.matches(self.wanted) for each in ended)


def describe(reply: Reply) -> str:
    """Return the words for a response, with what it should never hold."""
    secret = "FILE READ" if b"root:x:0" in reply.body else reply.code()
    return " ".join(filter(None, (str(reply.status), secret, "INJECTED" if "x-injected" in reply.headers else "")))


def attempt(server: Server, data: bytes, limit: float) -> Outcome:
    """Send bytes on a connection of their own and return what came back within `limit` seconds."""
    began = time.monotonic()
    try:
        with Connection(server.port, limit) as connection:
            what = describe(connection.ask(data))
    except TimeoutError:
        what = f"no answer in {limit:.0f} s"
    except EOFError as error:
        what = str(error)
    except OSError:
        what = "closed"
    except (ValueError, IndexError):
        what = "no HTTP/1.1"
    return Outcome(what, time.monotonic() - began)


def at_once(count: int, work: Callable[[], Outcome]) -> list[Outcome]:
    """Return what came of the same work done by so many clients at once."""
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(work()), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def until_closed(connection: Connection, limit: float, drip: bytes = b"") -> Outcome:
    """Return what a server says, or that it closes, to a client that never finishes; `drip` is sent every second."""
    began = time.monotonic()
    connection.socket.settimeout(1)
    while time.monotonic() - began < limit:
        try:
            said = connection.socket.recv(65536)
        except TimeoutError:
            connection.send(drip)
            continue
        except OSError:
            said = b""
        what = said[9:12].decode("latin-1") if said.startswith(b"HTTP/1.1 ") else "no HTTP/1.1" if said else "closed"
        return Outcome(what, time.monotonic() - began)
    return Outcome(f"open after {limit:.0f} s", limit)


def query(text: str, method: str = "POST") -> Run:
    """Return what asks a query."""

    def run(server: Server, patience: Patience) -> list[Outcome]:
        if method == "form":
            request = post(server.query, b"query=" + quote(text, safe="").encode(), FORM)
        elif method == "GET":
            request = asking(server.query, text)
        else:
            request = post(server.query, text.encode(), accept="text/turtle" if text.startswith("CONSTRUCT") else JSON)
        return [attempt(server, request, patience.limit)]

    return run


def sent(*each: Callable[[str], bytes]) -> Run:
    """Return what sends the bytes that each makes of the query path, one after the other."""
    return lambda server, patience: [attempt(server, make(server.query), patience.hold) for make in each]


def paths(*targets: str) -> Run:
    """Return what asks for addresses, sent as they are; `PATH` stands for where queries are answered."""
    return sent(*(lambda path, target=target: get(target.replace("PATH", path), "*/*") for target in targets))


def unfinished(count: int, start: Callable[[str], bytes], drip: bytes = b"") -> Run:
    """Return what opens so many connections, sends a start and goes no further, or a drip a second."""

    def run(server: Server, patience: Patience) -> list[Outcome]:
        def client() -> Outcome:
            try:
                with Connection(server.port, patience.hold) as connection:
                    connection.send(start(server.query))
                    return until_closed(connection, patience.hold, drip)
            except OSError:
                return Outcome("closed", 0)

        return at_once(count, client)

    return run


def slow_at_once(server: Server, patience: Patience) -> list[Outcome]:
    """Ask 200 endless queries at once."""
    texts = iter(range(200))
    return at_once(200, lambda: attempt(server, asking(server.query, endless_query(next(texts))), patience.limit))


def calling(server: Server, patience: Patience) -> list[Outcome]:
    """Ask the server to ask another (SERVICE), here a socket on loopback, in three spellings."""
    outcomes = []
    for keyword in ("SERVICE", "SERVICE SILENT", "\\u0053ERVICE"):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            text = f"SELECT * {{ {keyword} <http://127.0.0.1:{listener.getsockname()[1]}/> {{ ?s ?p ?o }} }}"
            outcome = attempt(server, asking(server.query, text), min(patience.limit, 3))
            with suppress(BlockingIOError):
                listener.accept()[0].close()
                outcome = Outcome("IT CALLED", outcome.seconds)
        outcomes.append(outcome)
    return outcomes


def chunked(path: str, *more: str) -> bytes:
    """Return the head of a POST with a chunked body (RFC 9112, section 7.1)."""
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {DIRECT}", "Transfer-Encoding: chunked", *more]
    return "\r\n".join([*head, "", ""]).encode()


def headers(count: int, size: int) -> Callable[[str], bytes]:
    """Return what makes a request with so many headers of so many characters."""
    return lambda path: get(f"{path}?query={ASK}", JSON, **{f"X_{number}": "a" * size for number in range(count)})


def nested(opening: str, inside: str, closing: str, depth: int = 5000) -> str:
    """Return an ASK with `inside` in so many brackets.

    >>> nested("(", "1", ")", 3)
    'ASK { (((1))) }'
    """
    return f"ASK {{ {opening * depth}{inside}{closing * depth} }}"


def not_exists(depth: int) -> str:
    """Return a query with so many FILTER NOT EXISTS in each other, over all statements."""
    inner = "?a ?b ?c ."
    for level in range(depth):
        inner = f"?a ?b{level} ?c{level} . FILTER NOT EXISTS {{ {inner} }}"
    return f"SELECT (COUNT(*) AS ?n) WHERE {{ {inner} }}"


def regex(pattern: str) -> str:
    """Return a query that matches a pattern against a string which nearly fits it."""
    return f'SELECT (COUNT(*) AS ?n) WHERE {{ VALUES ?s {{ "{"a" * 40}!" }} FILTER(REGEX(?s, "{pattern}")) }}'


def doubled(times: int) -> str:
    """Return a query that doubles a string of 16 characters so many times: 27 times make 2 GiB."""
    binds = " ".join(f"BIND(CONCAT(?s{index}, ?s{index}) AS ?s{index + 1})" for index in range(times))
    return f'SELECT (STRLEN(?s{times}) AS ?n) WHERE {{ BIND("{"x" * 16}" AS ?s0) {binds} }}'


ANY_END: Final = "200|400|503"
"""For what may be answered in full, found too large or too deep, or stopped at a limit."""
PATH: Final = "(<urn:p>|!<urn:p>)"
LONG: Final = f"ASK {{ FILTER(1 IN ({', '.join(['1'] * (MIB // 3))})) }}"
VALUES: Final = f"SELECT ?x WHERE {{ VALUES ?x {{ {'1 ' * 100_000} }} }}"
UNIONS: Final = " UNION ".join(f"{{ ?s ?p {number} }}" for number in range(3000))
QUERIES: Final = (
    HostileInput("query of 1 MB, GET", query(LONG, "GET"), "400|413|414|431"),
    HostileInput("query of 1 MB, POST", query(LONG), "413"),
    HostileInput("query of 1 MB, POST form", query(LONG, "form"), "413"),
    HostileInput("100 000 VALUES, 200 kB", query(VALUES), "200|400|413|503"),
    HostileInput("5 000 nested groups", query(nested("{", "?s ?p 1", "}")), "400"),
    HostileInput("5 000 nested parentheses", query(nested("FILTER(" + "(" * 4999, "1", ")" * 5000, 1)), "400"),
    HostileInput("a sum of 50 000 terms", query(f"ASK {{ FILTER(1{'+1' * 50_000}) }}"), ANY_END),
    HostileInput("3 000 UNION branches", query(f"SELECT * WHERE {{ {UNIONS} }}"), ANY_END),
    HostileInput("catastrophic regex", query(regex("^(a+)+$")), ANY_END),
    HostileInput("regex of a thousand million states", query(regex("((a{1,999}){1,999}){1,999}")), ANY_END),
    HostileInput("2 GiB string by CONCAT", query(doubled(27)), "400|503"),
    HostileInput("ORDER BY over a cross join", query(f"SELECT * {{ {CROSS} }} ORDER BY ?l ?i LIMIT 1"), "503"),
    HostileInput("path over everything", query(f"SELECT (COUNT(*) AS ?n) {{ ?a {PATH}* ?b }}"), "200|503"),
    HostileInput("60 nested FILTER NOT EXISTS", query(not_exists(60)), ANY_END),
    HostileInput("GROUP_CONCAT of a cross join", query(f"SELECT (GROUP_CONCAT(?c) AS ?all) {{ {CROSS} }}"), "400|503"),
    HostileInput("SELECT of a cross join", query(f"SELECT * WHERE {{ {CROSS} }}"), "400|503"),
    HostileInput("a file as dataset", query("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }"), "400"),
    HostileInput("an update in escapes", query("\\u0049NSERT DATA { <urn:a> <urn:b> 1 }"), "400"),
)
BUSY: Final = "429|503|400|413|closed"
OF_CLIENT: Final = MAX_OF_CLIENT["transfer"]
REFUSED: Final = "4[0-9][0-9]|closed"
INJECTED: Final = "%0d%0aX-Injected:%20yes"
UP: Final = (
    "/doc/../../../../etc/passwd",
    "/doc/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/static/..%2f..%2f..%2f..%2fetc/passwd",
    "/dump/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/static//etc/passwd",
    "/release/..%5c..%5cetc%5cpasswd",
)


def post_of(body: bytes, length: str | None = None, kind: str = DIRECT) -> Callable[[str], bytes]:
    """Return what makes a POST of a body that claims a length."""
    return lambda path: post(path, body, kind, length)


REQUESTS: Final = (
    HostileInput("200 slow queries at once", slow_at_once, "429|503"),
    HostileInput("SERVICE to loopback, three spellings", calling, "400"),
    HostileInput("40 half-sent bodies", unfinished(40, post_of(b"SELECT", "1000")), BUSY, OF_CLIENT),
    HostileInput("40 bodies, a byte a second", unfinished(40, post_of(b"S", "1000"), b"E"), BUSY, OF_CLIENT),
    HostileInput(
        "40 slow headers",
        unfinished(40, lambda path: f"GET {path} HTTP/1.1\r\n".encode(), b"X-A: 1\r\n"),
        "400|408|closed",
    ),
    HostileInput("chunked body, a chunk a second", unfinished(10, chunked, b"1\r\n#\r\n"), BUSY, OF_CLIENT),
    HostileInput("Content-Length shorter than the body", sent(post_of(b"ASK {}", "3")), "400"),
    HostileInput(
        "Content-Length that is no number, huge, told twice",
        sent(*(post_of(b"ASK {}", each) for each in ("-1", "six", "9" * 18, "6\r\nContent-Length: 7"))),
        REFUSED,
    ),
    HostileInput(
        "both lengths: chunked and Content-Length",
        sent(lambda path: chunked(path, "Content-Length: 6") + b"6\r\nASK {}\r\n0\r\n\r\n"),
        "200|400|closed",
    ),
    HostileInput(
        "header injection in parameters and paths",
        paths(
            f"PATH?query={ASK}&default-graph-uri=http://x/{INJECTED}",
            *(f"{path}{INJECTED}" for path in ("/id/x", "/doc/x", "/describe?iri=http://x/", "/?lang=fr")),
        ),
        "200|303|4[0-9][0-9]",
    ),
    HostileInput("path traversal, six spellings", paths(*UP), "40[04]"),
    HostileInput("NUL in a path, a query", paths("/doc/%00", f"PATH?query={ASK}%00", "/doc/x\0y"), REFUSED),
    HostileInput(
        "bad UTF-8 in the address, a body, a form",
        sent(
            lambda path: get(f"{path}?query=ASK%20%7B%7D%ff%fe"),
            post_of(b"ASK { ?s ?p '\xff\xfe' }"),
            post_of(b"query=ASK%7B%7D%C0%AF", kind=FORM),
        ),
        "400",
    ),
    HostileInput("10 000 headers", sent(headers(10_000, 20)), REFUSED),
    HostileInput(
        "a header and an address of 1 MB", sent(headers(1, MIB), lambda path: get(path + "?" + "a" * MIB)), REFUSED
    ),
    HostileInput(
        "no HTTP: TLS, noise",
        sent(
            lambda _: bytes.fromhex("16030100c8010000c40303") + bytes(200),
            lambda _: bytes(range(256)) * 40 + b"\r\n\r\n",
        ),
        REFUSED,
    ),
)
