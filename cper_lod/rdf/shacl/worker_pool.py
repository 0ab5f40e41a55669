"""Check a sorted file in parts: the tasks, and the processes that run them, each of which opens the file."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import cache, partial
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, NoReturn, Self

import rdflib
import rdflib.plugins.sparql

from cper_lod.core.errors import Problem
from cper_lod.core.processes import SpawnPoolExecutor
from cper_lod.core.time_limit import TimeLimitReached, ignore_interruptions, interruptible
from cper_lod.rdf.report import Finding, short_name
from cper_lod.rdf.shacl.messages import ShapeMessages
from cper_lod.rdf.shacl.prefilter.graphs import graph_of
from cper_lod.rdf.shacl.prefilter.prefilter import Prefilter, PrefilterResult
from cper_lod.rdf.shacl.prefilter.rules import DataChange, shapes_of
from cper_lod.rdf.shacl.prefilter.triples import MemoryTriples, ReversePatterns, Triples
from cper_lod.rdf.shacl.sorted_file import SortedTriples

SUBJECTS: Final = "subjects"
OBJECTS: Final = "objects"
REST: Final = "rest"

Task = tuple[str, int, int]
"""`SUBJECTS` and a range of bytes; `OBJECTS`, a part and the number of parts; or `REST`, for the remaining focus nodes."""


class Work(NamedTuple):
    """Common to all tasks: the index and its patterns, the rules that pyshacl must check alone, and the change, if any."""

    index_file: Path
    patterns: ReversePatterns
    rules_to_recheck: frozenset[int] = frozenset()
    change: DataChange | None = None


TaskFindings = PrefilterResult[tuple[int, Finding]]
"""Findings with the number of their rule."""


class Checker:
    """The rules of some shapes, applied to some triples, with findings in our languages."""

    def __init__(self, triples: Triples, shapes: Iterable[str]) -> None:
        graph = graph_of(shapes)
        self._messages = ShapeMessages(graph)
        self.prefilter = Prefilter(triples, graph)

    def finish(self) -> TaskFindings:
        """Return the findings since the last call; raises InvalidShapeError."""
        found = self.prefilter.finish()
        rules = self.prefilter.rules
        findings = [(each.rule, self._messages.finding(rules[each.rule].shape, each)) for each in found.results]
        return PrefilterResult(findings, found.reached, found.nodes, found.missed)

    def findings_for_unreached(self, reached: set[int]) -> tuple[list[Finding], int]:
        """Return the findings about rules without a focus node, and the number of rules."""
        unreached = self.prefilter.unreached(reached)
        return [self._messages.unreached(each.shape) for each in unreached], len(self.prefilter.rules)


class FileChecker(Checker):
    """Runs tasks over one file."""

    def __init__(self, path: Path, shapes: Sequence[str], more: Sequence[str]) -> None:
        self.triples = SortedTriples(path, MemoryTriples(more))
        self._work: Work | None = None
        super().__init__(self.triples, shapes)

    def examine(self, work: Work, task: Task) -> TaskFindings:
        """Run one task and return its findings; raises InvalidShapeError, and TimeLimitReached with the rule it was in."""
        try:
            return self._examine(work, *task)
        except TimeLimitReached:
            shape = self.prefilter.current_shape
            raise TimeLimitReached(*([short_name(shape)] if shape else [])) from None

    def _examine(self, work: Work, kind: str, one: int, other: int) -> TaskFindings:
        if self._work != work:
            self._work = work
            self.triples.use_index(work.index_file, work.patterns)
            if work.rules_to_recheck:
                self.prefilter.check_all_nodes(work.rules_to_recheck)
            elif work.change:
                self.prefilter.restrict_to_change(work.change)
        if kind == SUBJECTS:
            self.prefilter.check_subjects(self.triples.in_part(one, other))
        elif kind == OBJECTS:
            self.prefilter.check_objects(one, other)
        else:
            self.prefilter.check_subjects(self.triples.not_in_file())
            self.prefilter.check_named_nodes()
        return self.finish()

    def affected_shapes(self, change: DataChange) -> set[str]:
        """Return the shapes whose results a change can affect on nodes that did not change."""
        numbers = self.prefilter.restrict_to_change(change)
        return {name for number in numbers for name in shapes_of(self.prefilter.rules[number])}


_checker: dict[str, Callable[[], FileChecker]] = {}
"""Opens the file in a process of the pool, during its first task, so that an error is raised as that of a task."""


def _open(path: Path, shapes: Sequence[str], more: Sequence[str]) -> None:
    """Initialize a process of the pool."""
    rdflib.NORMALIZE_LITERALS = False
    rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False
    ignore_interruptions()  # tasks are interruptible
    _checker["open"] = cache(partial(FileChecker, path, shapes, more))


def _do(method: str, *arguments: object) -> Any:  # noqa: ANN401
    try:
        with interruptible():
            return attrgetter(method)(_checker["open"]())(*arguments)
    except TimeLimitReached:
        _checker["open"] = _refuse
        raise


def _refuse() -> NoReturn:
    """Refuse a task, since this process has been interrupted."""
    raise TimeLimitReached


INTERRUPTIONS: Final = 10
"""How often the tasks under way are interrupted, a second apart, before their processes are killed."""


class WorkerPool:
    """Runs tasks in several processes, or in this one; raises what a task raises, and `build-process` if one was killed.

    A context manager: at an error, `TimeLimitReached` among them, the tasks under way are interrupted.
    """

    def __init__(self, processes: int, path: Path, shapes: Sequence[str], more: Sequence[str]) -> None:
        self._checker: FileChecker | None = None
        self._pool: SpawnPoolExecutor | None = None
        self._tasks: list[Future[Any]] = []
        if processes > 1:
            self._pool = SpawnPoolExecutor(processes, _open, path, shapes, more)
        else:
            self._checker = FileChecker(path, shapes, more)

    def each(self, method: str, argument_lists: Iterable[tuple[object, ...]]) -> Iterator[Any]:
        """Yield the result of each task, a method of `FileChecker` or of its parts, in the order in which they end."""
        if self._pool is None:
            yield from (attrgetter(method)(self._checker)(*each) for each in argument_lists)
            return
        do: Callable[..., Any] = partial(_do, method)
        try:
            self._tasks = [self._pool.submit(do, *each) for each in argument_lists]
            for done in as_completed(self._tasks):
                yield done.result()
        except BrokenProcessPool as error:
            self._pool.kill_workers()
            raise Problem("build-process", message="check") from error

    def one(self, method: str, *arguments: object) -> Any:  # noqa: ANN401
        """Return the result of one task."""
        return next(self.each(method, [arguments]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes; raises `TimeLimitReached` with the rules of the tasks that it interrupts."""
        if self._pool is None:
            return
        rules = self._interrupt() if error else []
        self._pool.shutdown(cancel_futures=True)
        if isinstance(error, TimeLimitReached):
            raise TimeLimitReached(*error.args, *rules) from None

    def _interrupt(self) -> list[str]:
        """End all tasks and return the rules that those under way were in."""
        signal.setitimer(signal.ITIMER_REAL, 0)  # this process has been interrupted, now the others are
        for number in range(INTERRUPTIONS + 1):
            for pid in filter(None, (each.pid for each in multiprocessing.active_children())):
                with suppress(ProcessLookupError):  # it has just ended
                    os.kill(pid, signal.SIGALRM if number < INTERRUPTIONS else signal.SIGKILL)
            if not wait(self._tasks, 1).not_done:
                break
        errors = [each.exception() for each in self._tasks]
        return sorted({rule for each in errors if isinstance(each, TimeLimitReached) for rule in each.args})
