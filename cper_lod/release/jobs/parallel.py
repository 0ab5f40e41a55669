"""Run the steps of a large build in parallel, each in a process of its own; those of a small one one after the other."""

import os
import pickle
import signal
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from multiprocessing import active_children, get_context
from typing import Any, Final, TypeVar

from cper_lod.core.errors import Problem
from cper_lod.core.processes import end_with_parent
from cper_lod.release.jobs.progress import SILENT, Progress

PARALLEL_BYTES: Final = 64 << 20
"""Bytes of data from which processes are worth starting."""
MAX_PROCESSES: Final = 4
"""Processes at a time, however many cores there are: each takes memory."""

Task = Callable[[], Any]
Result = TypeVar("Result")


def run_parallel(tasks: Mapping[str, Task], progress: Progress, *, parallel: bool) -> dict[str, Any]:
    """Run the tasks and return their results by name; with `parallel`, each in a process of its own.

    Tasks start in the order given; their names are those of steps of the build, or `<step> …`. In parallel, a task and
    its result must be picklable; the first task that fails, and the end of this process, end all others. Raises what a
    task raises, RuntimeError with the words of an error that cannot be pickled, and `build-process` if its process was killed.
    """
    left, results = Counter(map(_step, tasks)), dict[str, Any]()
    with closing((_in_processes if parallel else _in_order)(tasks, progress)) as finished:
        for name, result in finished:
            results[name] = result
            left[_step(name)] -= 1
            if not left[_step(name)]:
                progress.end(_step(name))
    return results


def run_task(task: Callable[[], Result], *, apart: bool) -> Result:
    """Run a task and return its result; with `apart`, in a process of its own, as `run_parallel` does."""
    ((_, result),) = _in_processes({"": task}, SILENT) if apart else [("", task())]
    return result


def _step(name: str) -> str:
    return name.partition(" ")[0]


def _in_order(tasks: Mapping[str, Task], progress: Progress) -> Generator[tuple[str, Any]]:
    for name, task in tasks.items():
        progress.begin(_step(name))
        yield name, task()


def _in_processes(tasks: Mapping[str, Task], progress: Progress) -> Generator[tuple[str, Any]]:
    others, processes = set(active_children()), min(len(tasks), os.cpu_count() or 1, MAX_PROCESSES)
    # Not forked: libraries of this process may have threads, which a fork would cut off.
    # A process for each task: when it ends, its memory is given back.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (os.getpid(),), max_tasks_per_child=1)
    names = dict[Future[Any], str]()
    try:
        for name, task in tasks.items():
            progress.begin(_step(name))
            names[pool.submit(_run, task)] = name
        for future in as_completed(tuple(names)):
            yield names[future], future.result()
            del names[future]
    except BrokenProcessPool:
        raise Problem("build-process", message=", ".join(names.values())) from None
    finally:
        if names:
            for process in set(active_children()) - others:
                process.kill()
        pool.shutdown()


def _begin(parent: int) -> None:
    """Prepare a process: it ends with its parent, which Ctrl+C ends."""
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run(task: Callable[[], Result]) -> Result:
    """Run a task in its process; an error that the other process could not read is told by its words."""
    try:
        return task()
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301  # its own bytes
        except Exception:
            raise RuntimeError(repr(error)) from error
        raise
