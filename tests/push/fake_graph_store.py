"""A graph store of the tests' own, in this process: it keeps what it is sent, and fails where a test wants."""

import contextlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.support.server import serving


class Store:
    """The graphs of a store by name, each request that came, and what is to go wrong."""

    def __init__(self) -> None:
        self.graphs: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        self.chunked = False
        self.challenge = ""
        self.logins: set[str] = set()
        self.fails_after = 1_000_000
        self.loses = ""
        """The graph of which it keeps nothing, although it says so."""
        self.seen: list[dict[str, bytes]] = []
        """What a reader would have met before each request."""
        self.url = ""


def _handler(store: Store) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # so named in the standard library
            """Say nothing."""

        def _answer(self, status: int, body: bytes = b"", kind: str = "application/n-triples", **more: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **more}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def _handle(self) -> None:
            (graph,) = parse_qs(urlsplit(self.path).query)["graph"]
            store.chunked |= "Transfer-Encoding" in self.headers
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            login = self.headers.get("Authorization", "")
            if store.challenge and not login:
                self._answer(401, WWW_Authenticate=store.challenge)
                return
            store.logins.add(login.partition(" ")[0])
            store.seen.append(dict(store.graphs))
            store.requests.append((self.command, graph))
            if self.command != "GET" and sum(method != "GET" for method, _ in store.requests) > store.fails_after:
                self._answer(500, b"no room\nat all", "text/plain")
            elif self.command in ("PUT", "POST"):
                store.graphs[graph] = (store.graphs.get(graph, b"") if self.command == "POST" else b"") + body
                if graph == store.loses:
                    store.graphs[graph] = b""
                self._answer(204)
            elif graph not in store.graphs:
                self._answer(404)
            elif self.command == "DELETE":
                del store.graphs[graph]
                self._answer(204)
            else:
                self._answer(200, store.graphs[graph])

        do_GET = do_PUT = do_POST = do_DELETE = _handle  # noqa: N815  # so named in the standard library

    return Handler


@contextlib.contextmanager
def running() -> Iterator[Store]:
    """Run a store until the end."""
    store = Store()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(store))
    server.daemon_threads = True
    with serving(server) as url:
        store.url = url + "/store"
        yield store
