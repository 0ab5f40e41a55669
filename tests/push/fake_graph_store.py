"""A graph store of the tests' own, in this process: it keeps what it is sent, and fails where a test wants."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.support.server import serving


@dataclass
class Store:
    """The graphs of a store by name, each request that came, and what is to go wrong."""

    graphs: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    seen: list[dict[str, bytes]] = field(default_factory=list)
    """What a reader would have met before each request."""
    logins: set[str] = field(default_factory=set)
    chunked: bool = False
    challenge: str = ""
    fails_after: int = 1_000_000
    loses: str = ""
    """The graph of which it keeps nothing, although it says so."""
    url: str = ""

    @Request.application
    def answer(self, request: Request) -> Response:
        """Return the response to a request of the graph store protocol."""
        graph, body, method = request.args["graph"], request.get_data(), request.method
        self.chunked |= "Transfer-Encoding" in request.headers
        login = request.headers.get("Authorization", "")
        if self.challenge and not login:
            return Response(status=401, headers={"WWW-Authenticate": self.challenge})
        self.logins.add(login.partition(" ")[0])
        self.seen.append(dict(self.graphs))
        self.requests.append((method, graph))
        if method != "GET" and sum(each != "GET" for each, _ in self.requests) > self.fails_after:
            return Response(b"no room\nat all", 500, mimetype="text/plain")
        if method in ("PUT", "POST"):
            kept = (self.graphs.get(graph, b"") if method == "POST" else b"") + body
            self.graphs[graph] = b"" if graph == self.loses else kept
            return Response(status=204)
        if graph not in self.graphs:
            return Response(status=404)
        held = self.graphs.pop(graph) if method == "DELETE" else self.graphs[graph]
        return Response(held, mimetype="application/n-triples")


@contextlib.contextmanager
def running() -> Iterator[Store]:
    """Run a store until the end."""
    store = Store()
    with serving(make_server("127.0.0.1", 0, store.answer, threaded=True)) as url:
        store.url = url + "/store"
        yield store
