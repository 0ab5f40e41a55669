"""A sealed release loaded into another store: what is to be done, and doing it, so that no reader meets a mixture.

The default graph goes into a graph that has the id of the release in its name, beside that of the release before: it is
there whole before anybody asks for it. The named graphs, which keep their names, are replaced after that, those that
changed. The marker graph comes last: it names the release, and the server believes it (`engine.remote`). Each graph is
one PUT, which a store does whole or not at all.
"""

import gzip
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import DCT, GRAPH_STORED
from cper_lod.engine.remote.engine import stored
from cper_lod.engine.worker.remote import SURE
from cper_lod.push.graph_store import GraphStore
from cper_lod.release.release import DATA, Release

PIECE: Final = 256 * 1024
"""Bytes of a body that are handed over at once."""
_TERM: Final = rb'(?:<[^>]*>|_:\S+|"(?:[^"\\]++|\\.)*+"(?:\^\^<[^>]*>|@[\w-]+)?)'
_QUAD: Final = re.compile(rb"((?:<[^>]*>|_:\S+) <[^>]*> " + _TERM + rb" )(?:<([^>]*)> )?\.\n")


def split(line: bytes) -> tuple[bytes, str]:
    r"""Return a line of canonical N-Quads as one of N-Triples, and the name of its graph; "" is the default graph.

    >>> split(b'<a:s> <a:p> "o <a:x> ." <a:g> .\n'), split(b'<a:s> <a:p> <a:o> .\n')
    ((b'<a:s> <a:p> "o <a:x> ." .\n', 'a:g'), (b'<a:s> <a:p> <a:o> .\n', ''))
    """
    if found := _QUAD.fullmatch(line):
        return found[1] + b".\n", (found[2] or b"").decode()
    (quad,) = parse(line, RdfFormat.N_QUADS)  # a triple term, or whatever else the expression does not know
    graph: Any = quad.graph_name
    return f"{quad.triple} .\n".encode(), getattr(graph, "value", "")


@dataclass
class StoredGraph:
    """A named graph of a release, or its default graph (""): how many triples and bytes, and their digest."""

    name: str
    triples: int = 0
    size: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """The SHA-256 of its N-Triples, in hexadecimal."""
        return str(self.sha256.hexdigest())


def graphs(release: Release) -> dict[str, StoredGraph]:
    """Return the graphs of a release by their names, the default graph among them; one pass over its data."""
    found = {"": StoredGraph("")}
    with (release.folder / DATA).open("rb") as file:
        for line in file:
            triple, name = split(line)
            graph = found.setdefault(name, StoredGraph(name))
            graph.triples += 1
            graph.size += len(triple)
            graph.sha256.update(triple)
    return found


class Triples:
    """The N-Triples of one graph: an iterable of bytes that can be gone over again, as HTTP may have to."""

    def __init__(self, data: Path, name: str) -> None:
        self._data, self._name = data, name

    def __iter__(self) -> Iterator[bytes]:
        piece = bytearray()
        with self._data.open("rb") as file:
            for line in file:
                triple, name = split(line)
                if name == self._name:
                    piece += triple
                    if len(piece) >= PIECE:
                        yield bytes(piece)
                        piece.clear()
        if piece:
            yield bytes(piece)


Tell = Callable[[int, int], None]
"""Is told how many bytes are done, and of how many."""
_MARKER: Final = NamedNode(GRAPH_STORED)
_IDENTIFIER, _PART, _REPLACES, _REQUIRES, _GONE = (
    NamedNode(DCT + name) for name in ("identifier", "hasPart", "replaces", "requires", "relation")
)


class Step(NamedTuple):
    """One request: a graph of the store that is written (`source`: its name in the release) or removed (None)."""

    graph: str
    source: str | None
    size: int = 0


@dataclass(frozen=True)
class Marker:
    """What a store says that it holds: graphs with their digests, the one before, one begun, those to be removed."""

    digests: dict[str, str]
    before: str = ""
    begun: str = ""
    gone: frozenset[str] = frozenset()

    @classmethod
    def read(cls, body: bytes) -> "Marker":
        """Return what the marker graph says, as N-Triples; of none, that there is nothing."""
        digests, links, gone = dict[str, str](), dict[NamedNode, str](), set[str]()
        for quad in parse(body, RdfFormat.N_TRIPLES):
            subject, value = str(quad.subject)[1:-1], str(getattr(quad.object, "value", ""))
            if quad.predicate == _IDENTIFIER:
                digests[subject] = value
            elif quad.predicate in (_REPLACES, _REQUIRES):
                links[quad.predicate] = value
            elif quad.predicate == _GONE:
                gone.add(value)
        return cls(digests, links.get(_REPLACES, ""), links.get(_REQUIRES, ""), frozenset(gone))

    def write(self) -> bytes:
        """Return the marker graph as N-Triples."""
        triples = [Triple(NamedNode(graph), _IDENTIFIER, Literal(told)) for graph, told in self.digests.items()]
        triples += [Triple(_MARKER, _PART, NamedNode(graph)) for graph in self.digests]
        triples += [Triple(_MARKER, _GONE, NamedNode(graph)) for graph in self.gone]
        if self.before:
            triples.append(Triple(_MARKER, _REPLACES, NamedNode(self.before)))
        if self.begun:
            triples.append(Triple(_MARKER, _REQUIRES, NamedNode(self.begun)))
        written = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
        return b"".join(sorted(written.splitlines(keepends=True)))


@dataclass(frozen=True)
class Plan:
    """What makes a store hold a release: the graphs that are sent, what the marker says by and by, what is removed.

    `begun` is said before the default graph is sent, and `between` while named graphs are replaced: it names no release
    then, so that the server answers no query rather than from two releases. Each says what is to be removed until that
    is done, so that whoever goes on after a fault knows it.
    """

    release: Release
    steps: tuple[Step, ...]
    begun: Marker
    between: Marker
    marker: Marker
    last: tuple[Step, ...]

    @property
    def size(self) -> int:
        """How many bytes are sent."""
        return sum(step.size for step in self.steps)


def plan(release: Release, store: Marker, *, again: bool = False) -> Plan:
    """Return what is to be done where the store is marked so; no steps where it holds the release.

    `again` sends every graph, as if it held none. The default graph of the release before is kept, for whoever still
    serves that and for going back to it. Raises push-graph for a graph without an IRI.
    """
    found, mine = graphs(release), stored(release.digest)
    if nameless := next((name for name in found if name and ":" not in name), ""):
        raise Problem("push-graph", graph=nameless)
    digests = {name or mine: graph.digest if name else release.digest for name, graph in found.items()}
    held = {} if again else dict(store.digests)
    if mine == store.before and mine != store.begun and not again:
        held[mine] = release.digest
    steps = tuple(
        Step(name or mine, name, graph.size)
        for name, graph in sorted(found.items())
        if held.get(name or mine) != digests[name or mine]
    )
    served = next((each for each in store.digests if _is_default(each) and each != mine), "")
    before = served or ("" if store.before == mine else store.before)
    sent = {step.graph for step in steps}
    rest = {each: told for each, told in store.digests.items() if each not in sent}
    gone = frozenset({*store.digests, store.before, store.begun, *store.gone} - {*digests, before, ""})
    return Plan(
        release,
        steps,
        begun=Marker(rest | _defaults(store.digests), before, mine, gone),
        between=Marker({each: told for each, told in rest.items() if not _is_default(each)}, before, mine, gone),
        marker=Marker(digests, before, gone=gone),
        last=tuple(Step(each, None) for each in sorted(gone)),
    )


def _defaults(digests: dict[str, str]) -> dict[str, str]:
    """Return those of graphs that are the default graph of a release."""
    return {each: told for each, told in digests.items() if _is_default(each)}


def _is_default(graph: str) -> bool:
    """Whether a graph of a store is the default graph of a release."""
    return graph.startswith(GRAPH_STORED + "/")


def read_marker(store: GraphStore) -> Marker:
    """Return what a store says that it holds; raises push-failed."""
    try:
        return Marker.read(store.get(GRAPH_STORED))
    except SyntaxError as error:
        raise Problem("push-failed", url=store.shown, graph=GRAPH_STORED, message=str(error)) from error


def push(store: GraphStore, work: Plan, tell: Tell, sure: float = SURE) -> None:
    """Do what is planned; raises push-failed, after which the same command goes on where this one ended.

    A server may ask a default graph for `sure` seconds after another took its place, which was before this began.
    """
    data, done, marked, began = work.release.folder / DATA, 0, False, time.monotonic()
    for step in work.steps:
        if step.source == "":
            mark(store, work.begun)
        elif not marked:
            mark(store, work.between)
            marked = True
        store.put(step.graph, Told(Triples(data, step.source or ""), done, work.size, tell), step.size)
        done += step.size
    if work.steps:
        mark(store, work.marker)
    for step in work.last:
        if _is_default(step.graph):
            time.sleep(max(0, began + sure - time.monotonic()))
        store.delete(step.graph)
    if work.last:
        mark(store, replace(work.marker, gone=frozenset()))


class Told:
    """The bytes of a graph, which can be gone over again, and of which somebody is told."""

    def __init__(self, pieces: Triples, before: int, size: int, tell: Tell) -> None:
        self._pieces, self._before, self._size, self._tell = pieces, before, size, tell

    def __iter__(self) -> Iterator[bytes]:
        done = self._before
        for piece in self._pieces:
            yield piece
            done += len(piece)
            self._tell(done, self._size)


def mark(store: GraphStore, marker: Marker) -> None:
    """Have a store say what it holds; raises push-failed."""
    body = marker.write()
    store.put(GRAPH_STORED, [body], len(body))


def write_file(release: Release, path: Path, tell: Tell) -> int:
    """Write a release as one file, whole or not at all; return its quads.

    N-Quads, compressed where the name ends so (`.gz`). Raises permission, push-graph.
    """
    work = plan(release, Marker({}))
    aside, done, count = path.with_name(f".{path.name}.part"), 0, 0
    try:
        with aside.open("wb") as raw, _opened(path, raw) as file:
            for step in work.steps:
                end = f" <{step.graph}> .\n".encode()
                for piece in Told(Triples(release.folder / DATA, step.source or ""), done, work.size, tell):
                    count += piece.count(b"\n")
                    file.write(piece.replace(b" .\n", end))
                done += step.size
            mark = work.marker.write()
            count += mark.count(b"\n")
            file.write(mark.replace(b" .\n", f" <{GRAPH_STORED}> .\n".encode()))
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise Problem("permission", path=path, message=error.strerror or error) from error
    return count


@contextmanager
def _opened(path: Path, raw: BinaryIO) -> Iterator[BinaryIO]:
    """Give the file by which bytes get into `raw`, compressed where its name says so, the same bytes each time."""
    if path.suffix != ".gz":
        yield raw
        return
    with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
        yield cast(BinaryIO, packed)
