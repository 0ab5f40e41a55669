"""Push to another store: every quad, never a mixture, nothing sent twice, errors reported."""

import contextlib
import gzip
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import GRAPH_PUSHING, GRAPH_STORED
from cper_lod.engine.remote import stored_graph
from cper_lod.push import graph_store
from cper_lod.push.graph_store import N_TRIPLES, GraphStore
from cper_lod.push.push import StoreState, exclusive_push, plan_push, push, read_state, write_file
from cper_lod.release.build.build import build
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines
from tests.engine.certificates import REFUSED, Certificates
from tests.engine.fake_endpoint import Endpoint, Reply, answer, speaking_tls
from tests.support.names import GRAPH_CATALOGUE, GRAPH_REPORT, GRAPH_VOID
from tests.support.paths import ROOT
from tests.support.refusals import refused
from tests.support.server import serving

pytestmark = pytest.mark.usefixtures("no_certificates")


@dataclass
class Store:
    """A graph store: its graphs by name, each request that came, and what is to go wrong."""

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


def made(folder: Path, default: str, catalogue: str, *summarize_graphs: str) -> Release:
    """Return a release with few triples and the graphs of a real one."""
    path = folder / "data.trig"
    texts = {
        GRAPH_CATALOGUE: f"<urn:c> <urn:p> {catalogue}",
        **dict.fromkeys((GRAPH_REPORT, *summarize_graphs), "<urn:r> <urn:p> 1"),
    }
    named = "\n".join(f"GRAPH <{name}> {{ {text} }}" for name, text in texts.items())
    path.write_text(f'<urn:s> <urn:p> {default} , "a <urn:x> ."@fr , _:b . _:b <urn:q> "\\u0007é\\n𝄞" .\n{named}')
    return build(folder / "releases", ROOT, data=(path,))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return made(tmp_path_factory.mktemp("small"), "1", "1", GRAPH_VOID)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return made(tmp_path_factory.mktemp("other"), "2", "2")


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    with serving(make_server("127.0.0.1", 0, store.answer, threaded=True)) as url:
        store.url = url + "/store"
        yield store


def pushed(store: Store, release: Release, *, login: str = "") -> list[tuple[int, int]]:
    """Push a release; return the progress reports."""
    told: list[tuple[int, int]] = []
    with GraphStore(store.url, login) as client:
        plan = plan_push(release, read_state(client), counted(store))
        if not plan.is_done:
            push(client, plan, lambda done, size: told.append((done, size)), lambda: counted(store), 0)
    return told


def counted(store: Store) -> dict[str, int]:
    """How many triples the store has in each graph, as it answers a query."""
    return {name: body.count(b"\n") for name, body in store.graphs.items()}


def quads(release: Release) -> set[Quad]:
    """The quads of a release as another store holds them."""
    mine = NamedNode(stored_graph(release.digest))
    found = (each for each in parse_lines(release.lines()) if isinstance(each, Quad))
    return {Quad(*each.triple, mine if each.graph_name == DefaultGraph() else each.graph_name) for each in found}


def held(store: Store, *but: str) -> set[Quad]:
    """The quads of a store, except those of some graphs."""
    found = {name: parse(body, RdfFormat.N_TRIPLES) for name, body in store.graphs.items() if name not in but}
    return {Quad(*each.triple, NamedNode(name)) for name, quads in found.items() for each in quads}


def requests_of(store: Store, release: Release) -> list[tuple[str, str]]:
    """Push a release; return what was sent."""
    store.requests.clear()
    pushed(store, release)
    return [each for each in store.requests if each[0] != "GET"]


def named(store: Store, at: int) -> set[str]:
    """The releases that the state graph names before a request, as a server would see them."""
    state = StoreState.read(store.seen[at].get(GRAPH_STORED, b""))
    return {graph for graph in state.digests if graph.startswith(GRAPH_STORED + "/")}


def test_every_quad_is_stored_and_the_state_is_written_last(store: Store, small: Release) -> None:
    told = pushed(store, small)
    mine = stored_graph(small.digest)
    assert store.requests == [
        ("GET", GRAPH_STORED),
        ("PUT", GRAPH_STORED),
        ("PUT", mine),
        ("PUT", GRAPH_STORED),
        ("PUT", GRAPH_CATALOGUE),
        ("PUT", GRAPH_REPORT),
        ("PUT", GRAPH_VOID),
        ("PUT", GRAPH_STORED),
    ]
    assert held(store, GRAPH_STORED) == quads(small)
    assert not store.chunked
    assert not any(named(store, at) for at in range(8))
    state = StoreState.read(store.graphs[GRAPH_STORED])
    assert (state.digests, state.previous) == ({mine: small.digest}, "")
    assert told[-1][0] == told[-1][1] == sum(len(body) for name, body in store.graphs.items() if name != GRAPH_STORED)
    assert requests_of(store, small) == [], "nothing is sent again"


def test_another_release_replaces_it_without_a_mixture(store: Store, small: Release, other: Release) -> None:
    pushed(store, small)
    store.seen.clear()
    store.requests.clear()
    pushed(store, other)
    old, new = stored_graph(small.digest), stored_graph(other.digest)
    before = {name: body for name, body in store.seen[0].items() if name != GRAPH_STORED}
    whole = 0
    for at, graphs_then in enumerate(store.seen):
        if old in named(store, at):  # while the marker names a release, all of that is there
            whole += 1
            assert {name: graphs_then[name] for name in before} == before
        elif new in named(store, at):  # what is gone is removed after that
            assert store.requests[at] in (("DELETE", GRAPH_VOID), ("PUT", GRAPH_STORED))
    assert whole == 4  # until the default graph of the new one is there
    kept = {each for each in quads(small) if each.graph_name == NamedNode(old)}
    assert held(store, GRAPH_STORED) - quads(other) == kept
    assert quads(other) <= held(store)
    assert GRAPH_VOID not in store.graphs
    assert StoreState.read(store.graphs[GRAPH_STORED]).previous == old
    assert ("PUT", old) not in requests_of(store, small), "a rollback sends no default graph"
    assert quads(small) <= held(store)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return made(tmp_path_factory.mktemp("odd"), "3", "1", "http://e.org/a%20b?x=1&y+z#\u00e9'()")


@pytest.mark.parametrize("order", [(0,), (0, 1), (2, 1, 0)])
def test_a_failure_at_any_request_leaves_no_stale_graph(
    store: Store, small: Release, other: Release, odd: Release, order: tuple[int, ...]
) -> None:
    """The next push does not send the default graph again; then the store holds the graphs that the state names, and no others."""
    *before, last = [(small, other, odd)[place] for place in order]
    for after in range(10):
        store.graphs.clear()
        for each in before:
            pushed(store, each)
        store.fails_after = sum(method != "GET" for method, _ in store.requests) + after
        with contextlib.suppress(Problem):
            pushed(store, last)
        is_there, store.fails_after = stored_graph(last.digest) in store.graphs, 1_000_000
        assert (("PUT", stored_graph(last.digest)) in requests_of(store, last)) is not is_there
        assert set(store.graphs) == {GRAPH_STORED, *StoreState.read(store.graphs[GRAPH_STORED]).graphs}
        assert quads(last) <= held(store)
        assert requests_of(store, last) == []


def test_the_default_graph_of_a_release_that_a_server_may_still_ask_is_removed_later(
    store: Store, small: Release, other: Release, odd: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (small, other):
        pushed(store, each)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        assert stored_graph(small.digest) in store.graphs
        waits.append(seconds)

    monkeypatch.setattr(time, "sleep", wait)
    with GraphStore(store.url) as client:
        plan = plan_push(odd, read_state(client), counted(store))
        push(client, plan, lambda *_: None, lambda: counted(store), 300)
    assert len(waits) == 1 and 0 < waits[0] <= 300
    assert stored_graph(small.digest) not in store.graphs


@pytest.mark.parametrize("graph", ["", GRAPH_CATALOGUE])
def test_a_graph_that_has_lost_triples_is_sent_again_with_the_named_ones(
    store: Store, small: Release, graph: str
) -> None:
    pushed(store, small)
    mine = stored_graph(small.digest)
    store.graphs[graph or mine] = store.graphs[graph or mine].partition(b"\n")[2]
    first = [] if graph else [GRAPH_STORED, mine]
    then = [*first, GRAPH_STORED, GRAPH_CATALOGUE, GRAPH_REPORT, GRAPH_VOID, GRAPH_STORED]
    assert requests_of(store, small) == [("PUT", each) for each in then]
    assert held(store, GRAPH_STORED) == quads(small)


def test_a_store_that_keeps_less_than_it_was_sent_is_not_told_to_name_the_release(
    store: Store, small: Release, other: Release
) -> None:
    pushed(store, small)
    store.loses = GRAPH_CATALOGUE
    for _ in range(2):
        with refused("push-failed", GRAPH_CATALOGUE, "0 triple(s) instead of 1"):
            pushed(store, other)
        state = StoreState.read(store.graphs[GRAPH_STORED])
        assert not {stored_graph(each.digest) for each in (small, other)} & {*state.digests}
    store.loses = ""
    assert [graph for _, graph in requests_of(store, other)][1] == GRAPH_CATALOGUE
    assert quads(other) <= held(store)


@pytest.mark.parametrize(
    ("challenge", "scheme"),
    [('Basic realm="x"', "Basic"), ('Digest realm="x", nonce="abc", qop="auth", algorithm="MD5"', "Digest")],
)
def test_login_uses_the_requested_scheme(store: Store, small: Release, challenge: str, scheme: str) -> None:
    store.challenge = challenge
    with refused("push-failed", "HTTP 401"):
        pushed(store, small)
    assert store.requests == []
    pushed(store, small, login="name:secret-word")
    assert store.logins == {scheme}
    assert held(store, GRAPH_STORED) == quads(small)


def test_two_pushes_that_begin_at_the_same_moment_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one writes and reads between what the first one writes and what it reads."""
    with GraphStore(store.url) as first, GraphStore(store.url) as second:

        def get(graph: str) -> bytes:
            with refused("push-busy"), exclusive_push(second):
                pytest.fail("pushed")
            return GraphStore.get(first, graph)

        monkeypatch.setattr(first, "get", get)
        with refused("push-busy"), exclusive_push(first):
            pytest.fail("pushed")


def test_a_push_that_fails_leaves_no_mark_and_one_that_is_killed_does(store: Store) -> None:
    with GraphStore(store.url) as client:
        with pytest.raises(ZeroDivisionError), exclusive_push(client):
            assert [*store.graphs] == [GRAPH_PUSHING]
            raise ZeroDivisionError
        assert store.graphs == {}
        client.post(GRAPH_PUSHING, b'<urn:uuid:x> <http://purl.org/dc/terms/created> "2026-11-01T10:00:00Z" .\n')
        with refused("push-busy", "2026-11-01T10:00:00Z", "--force"), exclusive_push(client):
            pytest.fail("pushed")
        with exclusive_push(client, force=True):
            assert b"2026-11-01" not in store.graphs[GRAPH_PUSHING]


def test_a_graph_of_its_own_that_is_no_rdf_is_a_problem(store: Store) -> None:
    store.graphs |= {GRAPH_STORED: b"<html>", GRAPH_PUSHING: b"<html>"}
    with GraphStore(store.url + "?key=secret-word") as client:
        with refused("push-failed", store.url) as caught:
            read_state(client)
        assert "secret-word" not in str(caught.value)
        with refused("push-failed"), exclusive_push(client):
            pytest.fail("pushed")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer(b"<html>", kind="text/html"), "text/html"),
        (answer(b"#" * 200_000, kind=N_TRIPLES), "exceeds 100000 bytes"),
        (answer(b"", "Location: http://127.0.0.1/", status="307 Found", kind=N_TRIPLES), "HTTP 307"),
        (lambda connection: connection.recv(1), "no answer within 0 s"),
    ],
)
def test_what_a_store_answers_is_bounded(reply: Reply, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_store, "_TIMEOUT", 0.1 if callable(reply) else 30)
    monkeypatch.setattr(graph_store, "_MAX_RESPONSE", 100_000)
    with Endpoint(reply) as endpoint, GraphStore(endpoint.url) as client, refused("push-failed", words):
        client.get("urn:g")


def test_a_graph_without_a_name_is_not_pushed(tmp_path: Path) -> None:
    data = tmp_path / "x.trig"
    data.write_text("GRAPH _:g { <a:s> <a:p> 1 }")
    with refused("push-graph"):
        plan_push(build(tmp_path / "releases", ROOT, data=(data,)), StoreState({}), {})


@pytest.mark.parametrize("name", ["release.nq", "release.nq.gz"])
def test_a_file_for_a_bulk_loader(store: Store, small: Release, tmp_path: Path, name: str) -> None:
    """It holds what a push would leave in an empty store."""
    path = tmp_path / name
    count = write_file(small, path, lambda *_: None)
    body = path.read_bytes()
    found = {*parse(gzip.decompress(body) if name.endswith(".gz") else body, RdfFormat.N_QUADS)}
    pushed(store, small)
    assert found == held(store)
    assert count == len(found)
    write_file(small, path, lambda *_: None)
    assert path.read_bytes() == body
    assert list(tmp_path.iterdir()) == [path]
    with refused("permission"):
        write_file(small, tmp_path / "none" / name, lambda *_: None)


@pytest.mark.parametrize(("name", "words"), REFUSED.items())
def test_a_store_whose_certificate_is_refused(name: str, words: str, trusted: Certificates) -> None:
    with Endpoint(answer(b""), speaking_tls(trusted.good, [])) as endpoint:
        with GraphStore(f"https://localhost:{endpoint.port}/") as client:
            client.delete("urn:g")
        assert len(endpoint.requests) == 1
    with (
        Endpoint(answer(b""), speaking_tls(trusted.refused[name], [])) as endpoint,
        GraphStore(f"https://localhost:{endpoint.port}/") as client,
        refused("push-failed", words),
    ):
        client.get("urn:g")
    assert endpoint.requests == []
