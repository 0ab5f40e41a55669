"""A sorted file examined in parts: the tasks, and the processes that do them, each of which opens the file itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import rdflib
import rdflib.plugins.sparql
from rdflib import Graph

from cper_lod.core.errors import Problem
from cper_lod.core.processes import process_pool
from cper_lod.rdf.report import Finding
from cper_lod.rdf.shacl.prefilter.changes import Change, shapes_of
from cper_lod.rdf.shacl.prefilter.prefilter import Found, Prefilter
from cper_lod.rdf.shacl.prefilter.sorted_file import SortedTriples
from cper_lod.rdf.shacl.prefilter.tokens import read_line, term_of
from cper_lod.rdf.shacl.prefilter.triples import Backwards, Held

SUBJECTS: Final = "subjects"
OBJECTS: Final = "objects"
REST: Final = "rest"

Task = tuple[str, int, int]
"""Subjects from a byte to a byte of the file; one of so many parts of the objects; or what remains."""


class Work(NamedTuple):
    """What all tasks have in common: the second file and what it has; the rules not to trust; what changed, if told."""

    sayers: Path
    wanted: Backwards
    distrusted: frozenset[int] = frozenset()
    change: Change | None = None


def graph_of(lines: Iterable[str]) -> Graph:
    """Return lines of N-Quads as a graph of rdflib, each term as it is written, whichever graph it is in."""
    graph = Graph("SimpleMemory", bind_namespaces="none")
    for line in lines:
        if found := read_line(line):
            subject, predicate, value = map(term_of, found)
            graph.add((subject, predicate, value))
    return graph


@contextmanager
def literals_as_written() -> Iterator[None]:
    """Keep rdflib from rewriting literals and from loading graphs that a query names; put its settings back."""
    before = rdflib.NORMALIZE_LITERALS, rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS
    rdflib.NORMALIZE_LITERALS = False
    rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS, rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = before


class Parts:
    """The tasks over one file."""

    def __init__(self, path: Path, shapes: Sequence[str], more: Sequence[str]) -> None:
        self._shapes = shapes
        self._triples = SortedTriples(path, Held(more))
        self._examination = Prefilter(self._triples, graph_of(shapes))
        self._work: Work | None = None

    def divided(self, number: int) -> list[tuple[int, int]]:
        """Return at most so many parts of the file, from a byte to a byte."""
        return self._triples.parts(number)

    def backwards(self) -> Backwards:
        """Return what subjects are looked for by."""
        return self._examination.backwards()

    def extract(self, part: tuple[int, int], wanted: Backwards, to: Path) -> list[Path]:
        """Write what is wanted of a part of the file, sorted by predicate and object; return where."""
        return self._triples.extracted(part, wanted, to)

    def examine(self, work: Work, task: Task) -> Found:
        """Return what one task finds; raises `shapes-invalid`."""
        if self._work != work:
            self._work = work
            self._triples.look_back(work.sayers, work.wanted)
            if work.distrusted:
                self._examination.distrust(work.distrusted)
            elif work.change:
                self._examination.limit(work.change)
        kind, one, other = task
        if kind == SUBJECTS:
            self._examination.subjects(self._triples.described(one, other))
        elif kind == OBJECTS:
            self._examination.objects(one, other)
        else:
            self._examination.subjects(self._triples.held_only())
            self._examination.named()
        return self._examination.finish()

    def touched(self, change: Change) -> set[str]:
        """Return the shapes of which a change can touch more than the nodes that changed."""
        numbers = self._examination.limit(change)
        return {name for number in numbers for name in shapes_of(self._examination.rules[number])}

    def unreached(self, reached: set[int]) -> tuple[list[Finding], int]:
        """Return the findings about rules that reached nothing, and the number of rules."""
        return list(self._examination.unreached(reached)), len(self._examination.rules)


_here: dict[str, Callable[[], Parts]] = {}
"""What a process of the pool opens for its first task: what fails then is told as that of a task."""


def _open(path: Path, shapes: Sequence[str], more: Sequence[str]) -> None:
    """Prepare a process of the pool."""
    rdflib.NORMALIZE_LITERALS = False
    rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False
    _here["parts"] = cache(partial(Parts, path, shapes, more))


def _do(method: str, *arguments: object) -> Any:  # noqa: ANN401
    return getattr(_here["parts"](), method)(*arguments)


class WorkerPool:
    """Does tasks: in so many processes, or in this one. Raises what a task raises, `build-process` of one killed."""

    def __init__(self, processes: int, path: Path, shapes: Sequence[str], more: Sequence[str]) -> None:
        self._parts: Parts | None = None
        self._pool: ProcessPoolExecutor | None = None
        if processes > 1:
            self._pool = process_pool(processes, _open, path, shapes, more)
        else:
            self._parts = Parts(path, shapes, more)

    def each(self, method: str, argument_lists: Iterable[tuple[object, ...]]) -> Iterator[Any]:
        """Yield what comes of each task, in the order in which they are done."""
        if self._pool is None:
            yield from (getattr(self._parts, method)(*each) for each in argument_lists)
            return
        do: Callable[..., Any] = partial(_do, method)
        try:
            for done in as_completed([self._pool.submit(do, *each) for each in argument_lists]):
                yield done.result()
        except BrokenProcessPool as error:
            raise Problem("build-process", message="check") from error

    def one(self, method: str, *arguments: object) -> Any:  # noqa: ANN401
        """Return what comes of one task."""
        return next(self.each(method, [arguments]))

    def close(self) -> None:
        """End the processes; what they had not begun is left."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
