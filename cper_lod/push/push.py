"""Pushes a sealed release to another triple store, so that readers never see a mixture of two releases.

The default graph of the release is stored as a named graph with the id of the release in its IRI, beside that of the
previous release; it is complete before any server uses it. Then the named graphs are replaced. The state
graph is written last, once the store has counted as many triples in each graph as the release has: it names the release,
and the server relies on it (`engine.remote`). Each graph is one PUT, which a store should perform completely or not at
all; a push that was broken off resumes: the default graph is not sent again if the store counts all its triples.
"""

import gzip
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from cper_lod.core.errors import Problem
from cper_lod.core.files import AtomicFile, disk_errors
from cper_lod.core.i18n import phrase
from cper_lod.core.namespaces import DCT, GRAPH_PUSHING, GRAPH_STORED
from cper_lod.engine.remote import VERIFIED_SECONDS, stored_graph
from cper_lod.push.graph_store import GraphStore
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines

CHUNK_BYTES: Final = 256 * 1024
"""Bytes of a body that are sent at once."""


def graph_lines(release: Release) -> Iterator[tuple[bytes, str]]:
    """Yield the triples of a release as lines of N-Triples, each with the name of its graph, "" for the default graph."""
    for quad in parse_lines(release.lines()):
        graph: Any = quad.graph_name
        yield f"{quad.triple} .\n".encode(), getattr(graph, "value", "")


def measure_graphs(release: Release) -> tuple[Counter[str], Counter[str]]:
    """Return the bytes of the N-Triples of each graph of a release, and their number, by name, that of the default graph being ""."""
    sizes, triples = Counter({"": 0}), Counter({"": 0})
    for triple, name in graph_lines(release):
        sizes[name] += len(triple)
        triples[name] += 1
    return sizes, triples


ProgressCallback = Callable[[int, int], None]
"""Called with the number of bytes sent, and of all bytes."""
_STATE_NODE: Final = NamedNode(GRAPH_STORED)
_IDENTIFIER, _PART, _REPLACES, _CREATED = (
    NamedNode(DCT + name) for name in ("identifier", "hasPart", "replaces", "created")
)


class GraphUpload(NamedTuple):
    """A graph of the store to replace, the graph of the release that it gets ("": the default one), and its size."""

    graph: str
    source: str
    size: int


@dataclass(frozen=True)
class GraphTriples:
    """The N-Triples of one graph, in chunks; can be iterated several times, as HTTP authentication requires.

    After each chunk, `on_progress` is called; `done` bytes of `size` have been sent before this graph.
    """

    release: Release
    name: str
    done: int
    size: int
    on_progress: ProgressCallback

    def __iter__(self) -> Iterator[bytes]:
        chunk, done = bytearray(), self.done
        for triple, name in chain(graph_lines(self.release), [(b"", self.name)]):  # the end sends the rest
            if name == self.name:
                chunk += triple
            if len(chunk) >= CHUNK_BYTES or (chunk and not triple):
                yield bytes(chunk)
                done += len(chunk)
                self.on_progress(done, self.size)
                chunk.clear()


@dataclass(frozen=True)
class StoreState:
    """The state graph of a store: the digest of the release that it holds, by its default graph; the default graph of the
    release before it; and all graphs that pushes have begun to fill.
    """

    digests: dict[str, str]
    previous: str = ""
    graphs: frozenset[str] = frozenset()

    @classmethod
    def read(cls, body: bytes) -> "StoreState":
        """Parse the state graph; an empty body is the state of an empty store."""
        digests, links = dict[str, str](), defaultdict[NamedNode, list[str]](list)
        for quad in parse(body, RdfFormat.N_TRIPLES):
            value = str(getattr(quad.object, "value", ""))
            if quad.predicate == _IDENTIFIER:
                digests[str(quad.subject)[1:-1]] = value
            else:
                links[quad.predicate].append(value)
        return cls(digests, "".join(links[_REPLACES][-1:]), frozenset(links[_PART]))

    def write(self) -> bytes:
        """Return the state graph as N-Triples."""
        triples = [Triple(NamedNode(graph), _IDENTIFIER, Literal(digest)) for graph, digest in self.digests.items()]
        links = {_PART: self.graphs, _REPLACES: [self.previous]}
        triples += [
            Triple(_STATE_NODE, link, NamedNode(each)) for link, graphs in links.items() for each in graphs if each
        ]
        written = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
        return b"".join(sorted(written.splitlines(keepends=True)))


@dataclass(frozen=True)
class PushPlan:
    """The requests that push a release, and the states written in between.

    `start_state` is written before the default graph is sent, `partial_state` before named graphs are replaced: it names no
    release, so that the server refuses queries rather than mixing two releases. Every state lists the graphs that were begun, so that
    the next push removes what an interrupted one leaves.
    """

    release: Release
    triples: dict[str, int]
    """How many triples each graph of the release has, by its name in the store."""
    uploads: tuple[GraphUpload, ...]
    found_state: StoreState
    start_state: StoreState
    partial_state: StoreState
    final_state: StoreState
    removals: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """Whether the store has the release already, and nothing else."""
        return not (self.uploads or self.removals) and self.found_state == self.final_state

    def bodies(self, on_progress: ProgressCallback) -> Iterator[tuple[GraphUpload, Iterable[bytes]]]:
        """Yield each upload with its N-Triples in chunks; `on_progress` is called for each chunk that was sent."""
        done, size = 0, sum(upload.size for upload in self.uploads)
        for upload in self.uploads:
            yield upload, GraphTriples(self.release, upload.source, done, size, on_progress)
            done += upload.size


def plan_push(release: Release, state: StoreState, counted: Mapping[str, int]) -> PushPlan:
    """Return the plan for a store in this state; it has no uploads if the store holds the release.

    `counted` is how many triples the store counts in each graph: a default graph that is there is not sent again, the named
    ones are, since they keep their names. The default graph of the previous release is kept, for servers that still use it and for
    a rollback. Raises push-graph for a graph without an IRI.
    """
    sizes, numbers = measure_graphs(release)
    if nameless := next((name for name in sizes if name and ":" not in name), ""):
        raise Problem("push-graph", graph=nameless)
    default_graph = stored_graph(release.digest)
    triples = {name or default_graph: number for name, number in numbers.items()}
    lacking = {graph for graph, number in triples.items() if counted.get(graph, 0) != number}
    others = {graph: digest for graph, digest in state.digests.items() if graph != default_graph}
    is_held = not (lacking or others) and default_graph in state.digests
    uploads = tuple(
        GraphUpload(name or default_graph, name, size)
        for name, size in sorted(sizes.items())
        if not is_held and (name or default_graph in lacking)
    )
    previous = next(iter(others), state.previous).replace(default_graph, "")
    begun = state.graphs | triples.keys()
    return PushPlan(
        release,
        triples,
        uploads,
        state,
        StoreState(others, previous, begun),
        StoreState({}, previous, begun),
        StoreState({default_graph: release.digest}, previous, begun),
        tuple(sorted(begun - {*triples, previous})),
    )


def read_state(store: GraphStore) -> StoreState:
    """Return the state of a store; raises push-failed."""
    with _syntax_errors(store, GRAPH_STORED):
        return StoreState.read(store.get(GRAPH_STORED))


@contextmanager
def _syntax_errors(store: GraphStore, graph: str) -> Iterator[None]:
    """Raise what a store sends and is no RDF as `push-failed`."""
    try:
        yield
    except SyntaxError as error:
        raise Problem("push-failed", url=store.display_url, graph=graph, message=str(error)) from error


@contextmanager
def exclusive_push(store: GraphStore, *, force: bool = False) -> Iterator[None]:
    """Keep other pushes out of a store; `force` removes a mark that a broken push left. Raises push-busy, push-failed.

    Each push adds a mark of its own to a graph and then reads that graph; if it finds another mark, it sends nothing. Of
    two that begin at once at most one goes on, because the one that reads last finds both marks.
    """
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    own = Triple(NamedNode(f"urn:uuid:{uuid.uuid4()}"), _CREATED, Literal(now))
    if force:
        store.delete(GRAPH_PUSHING)
    store.post(GRAPH_PUSHING, serialize([own], format=RdfFormat.N_TRIPLES) or b"")
    with _syntax_errors(store, GRAPH_PUSHING):
        marks = {quad.triple for quad in parse(store.get(GRAPH_PUSHING), RdfFormat.N_TRIPLES)}
    if marks != {own}:  # without its own, another push has ended meanwhile
        began = min((str(getattr(each.object, "value", "")) for each in marks - {own}), default=now)
        raise Problem("push-busy", url=store.display_url, graph=GRAPH_PUSHING, date=began)
    try:
        yield
    finally:
        with suppress(Problem):  # the next push names the mark that remains
            store.delete(GRAPH_PUSHING)


def push(
    store: GraphStore,
    plan: PushPlan,
    on_progress: ProgressCallback,
    count: Callable[[], Mapping[str, int]],
    grace_period: float = VERIFIED_SECONDS,
) -> None:
    """Carry out a plan; `count` returns how many triples the store has in each graph, before it names the release.

    Raises push-failed and what `count` raises, after which the same command resumes. A server may query an old default
    graph for up to `grace_period` seconds after it was replaced.
    """
    written, started = plan.found_state, time.monotonic()
    for upload, body in plan.bodies(on_progress):
        state = plan.partial_state if upload.source else plan.start_state
        if state is not written:
            write_state(store, state)
            written = state
        store.put(upload.graph, body, upload.size)
    counted = count()
    for graph, expected in plan.triples.items():
        if (found := counted.get(graph, 0)) != expected:
            message = phrase("push-counts", found=found, expected=expected)
            raise Problem("push-failed", url=store.display_url, graph=graph, message=message)
    if plan.uploads or plan.found_state != plan.final_state:
        write_state(store, plan.final_state)
    for graph in plan.removals:
        if graph.startswith(GRAPH_STORED + "/"):  # the default graph of a release
            time.sleep(max(0, started + grace_period - time.monotonic()))
        store.delete(graph)
    if plan.removals:
        write_state(store, replace(plan.final_state, graphs=plan.final_state.graphs.difference(plan.removals)))


def write_state(store: GraphStore, state: StoreState) -> None:
    """Write the state graph; raises push-failed."""
    body = state.write()
    store.put(GRAPH_STORED, [body], len(body))


def write_file(release: Release, path: Path, on_progress: ProgressCallback) -> int:
    """Write a release to one N-Quads file (compressed if its name ends in `.gz`), atomically; return the number of quads.

    Raises permission, push-graph.
    """
    plan = plan_push(release, StoreState({}), {})
    count = 0
    with disk_errors(path), AtomicFile(path) as new:
        # Without the name and the time, the bytes are reproducible.
        packed = gzip.GzipFile("", "wb", fileobj=new.file, mtime=0) if path.suffix == ".gz" else nullcontext(new.file)
        with packed as file:
            state = plan.final_state.write()
            bodies = chain(
                ((upload.graph, body) for upload, body in plan.bodies(on_progress)), [(GRAPH_STORED, [state])]
            )
            for graph, body in bodies:
                for chunk in body:
                    count += chunk.count(b"\n")
                    file.write(chunk.replace(b" .\n", f" <{graph}> .\n".encode()))
        new.commit()
    return count
