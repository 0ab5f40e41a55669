"""Run the steps of a large build in parallel, each in a process of its own; those of a small one one after the other."""

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from typing import Any, Final, TypeVar

from cper_lod.core.errors import Problem
from cper_lod.core.processes import end_with_parent
from cper_lod.release.jobs.progress import Progress

PARALLEL_BYTES: Final = 64 << 20
"""Bytes of data from which processes are worth starting."""
MAX_PROCESSES: Final = 4
"""Processes at a time, however many cores there are: each takes memory."""

Task = Callable[[], Any]
Result = TypeVar("Result")


def run_parallel(tasks: Mapping[str, Task], progress: Progress, *, parallel: bool) -> dict[str, Any]:
    """Run the tasks and return their results by name; with `parallel`, in other processes.

    Tasks start in the order given; their names are those of steps of the build, or `<step> …`. In parallel, a task and
    its result must be picklable; after one that fails, no other begins, and the end of this process ends them all. Raises
    what a task raises, and `build-process` if a process was killed.
    """
    left, results = Counter(map(_step, tasks)), dict[str, Any]()
    here = ((name, task()) for name, task in tasks.items())
    with closing(_in_processes(tasks) if parallel else here) as finished:
        for name, result in finished:
            results[name] = result
            left[_step(name)] -= 1
            if not left[_step(name)]:
                progress.end(_step(name))
    return results


def run_task(task: Callable[[], Result], *, apart: bool) -> Result:
    """Run a task and return its result; with `apart`, in another process, as `run_parallel` does."""
    ((_, result),) = _in_processes({"check": task}) if apart else [("", task())]
    return result


def _step(name: str) -> str:
    return name.partition(" ")[0]


def _in_processes(tasks: Mapping[str, Task]) -> Generator[tuple[str, Any]]:
    """Yield the result of each task when it is there, with its name."""
    # Not forked: libraries of this process may have threads, which a fork would cut off.
    context, most = multiprocessing.get_context("spawn"), min(os.cpu_count() or 1, MAX_PROCESSES)
    pool = ProcessPoolExecutor(most, context, _begin, (os.getpid(),))
    names = {pool.submit(task): name for name, task in tasks.items()}
    try:
        for done in as_completed(list(names)):
            result = done.result()
            yield names.pop(done), result
    except BrokenProcessPool:
        raise Problem("build-process", message=", ".join(names.values())) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(parent: int) -> None:
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends this process without a traceback; the parent tells
