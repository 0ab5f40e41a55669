"""Hostile HTTP, each with the accepted outcomes: bodies, headers, lengths, URLs."""

from typing import Final

from benchmarks.client import FORM, get, post
from benchmarks.hostile_clients import (
    ASK,
    HostileRequest,
    bytes_of,
    calling,
    chunked,
    endless,
    leaving,
    pipelined,
    slow_at_once,
    unfinished,
    unread,
    with_headers,
    with_paths,
)
from benchmarks.hostile_queries import MIB
from cper_lod.web.http.limits import MAX_OF_CLIENT

CLOSED: Final = "400|408|closed"
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
BAD_UTF8: Final = b"ASK { ?s ?p '\xff\xfe' }"
PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
REQUESTS: Final = (
    HostileRequest("200 slow queries at once", slow_at_once, "429|503"),
    HostileRequest("SERVICE to loopback, three spellings", calling, "400"),
    HostileRequest(
        "40 half-sent bodies", unfinished(40, lambda path: post(path, b"SELECT", length="1000")), BUSY, OF_CLIENT
    ),
    HostileRequest(
        "40 bodies, a byte a second",
        unfinished(40, lambda path: post(path, b"S", length="1000"), b"E"),
        BUSY,
        OF_CLIENT,
    ),
    HostileRequest(
        "40 slow headers", unfinished(40, lambda path: f"GET {path} HTTP/1.1\r\n".encode(), b"X-A: 1\r\n"), CLOSED
    ),
    HostileRequest("100 idle connections", unfinished(100, lambda _: b""), "408|closed|open.*"),
    HostileRequest("30 unread answers of 10 MB", unread, "200|429|503|closed|cut"),
    HostileRequest("20 pipelined requests", pipelined, "200"),
    HostileRequest("chunked body, a chunk a second", unfinished(10, chunked, b"1\r\n#\r\n"), BUSY, OF_CLIENT),
    HostileRequest("chunked body, 64 MB at once", endless, "400|408|413|closed"),
    HostileRequest(
        "Content-Length shorter than the body", bytes_of(lambda path: post(path, b"ASK {}", length="3")), "400"
    ),
    HostileRequest(
        "Content-Length that is none, huge, told twice",
        bytes_of(
            lambda path: post(path, b"ASK {}", length="-1"),
            lambda path: post(path, b"ASK {}", length="six"),
            lambda path: post(path, b"ASK {}", length="9" * 18),
            lambda path: post(path, b"ASK {}", length="6\r\nContent-Length: 7"),
        ),
        REFUSED,
    ),
    HostileRequest(
        "both lengths: chunked and Content-Length",
        bytes_of(lambda path: chunked(path, "Content-Length: 6") + b"6\r\nASK {}\r\n0\r\n\r\n"),
        "200|400|closed",
    ),
    HostileRequest(
        "header injection in parameters and paths",
        with_paths(
            f"PATH?query={ASK}&default-graph-uri=http://x/{INJECTED}",
            f"/id/x{INJECTED}",
            f"/doc/x{INJECTED}",
            f"/describe?iri=http://x/{INJECTED}",
            f"/?lang=fr{INJECTED}",
        ),
        "200|303|4[0-9][0-9]",
    ),
    HostileRequest("path traversal, six spellings", with_paths(*UP), "40[04]"),
    HostileRequest(
        "NUL in a path, a query, a header", with_paths("/doc/%00", f"PATH?query={ASK}%00", "/doc/x\0y"), REFUSED
    ),
    HostileRequest(
        "bad UTF-8 in the address, a body, a form",
        bytes_of(
            lambda path: get(f"{path}?query=ASK%20%7B%7D%ff%fe"),
            lambda path: post(path, BAD_UTF8),
            lambda path: post(path, b"query=ASK%7B%7D%C0%AF", FORM),
        ),
        "400",
    ),
    HostileRequest("100 headers", bytes_of(with_headers(100, 20)), "200|400|431"),
    HostileRequest("10 000 headers", bytes_of(with_headers(10_000, 20)), REFUSED),
    HostileRequest(
        "a header of 1 MB, an address of 1 MB",
        bytes_of(with_headers(1, MIB), lambda path: get(path + "?" + "a" * MIB)),
        REFUSED,
    ),
    HostileRequest(
        "no query, two queries, a query and an update",
        with_paths("PATH?query=", f"PATH?query={ASK}&query={ASK}", f"PATH?query={ASK}&update=CLEAR%20ALL"),
        "400",
    ),
    HostileRequest(
        "no HTTP: TLS, noise",
        bytes_of(
            lambda _: bytes.fromhex("16030100c8010000c40303") + bytes(200),
            lambda _: bytes(range(256)) * 40 + b"\r\n\r\n",
        ),
        REFUSED,
    ),
    HostileRequest(
        "HTTP/2 without a word before", unfinished(1, lambda _: PREFACE), f"{REFUSED}|505|open.*|no HTTP/1.1"
    ),
    HostileRequest("ten clients leave in the middle", leaving, "work ended|not known"),
)
