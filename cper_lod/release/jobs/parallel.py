"""Run the steps of a large build in parallel, each in a process of its own; those of a small one one after the other."""

import multiprocessing
import os
import pickle
import signal
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
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
    """Run the tasks and return their results by name; with `parallel`, each in a process of its own.

    Tasks start in the order given; their names are those of steps of the build, or `<step> …`. In parallel, a task and
    its result must be picklable; the first task that fails, and the end of this process, end all others. Raises what a
    task raises, and `build-process` if its process was killed.
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
    """Run a task and return its result; with `apart`, in a process of its own, as `run_parallel` does."""
    ((_, result),) = _in_processes({"": task}) if apart else [("", task())]
    return result


def _step(name: str) -> str:
    return name.partition(" ")[0]


def _in_processes(tasks: Mapping[str, Task]) -> Generator[tuple[str, Any]]:
    waiting, running = list(tasks), dict[Connection, tuple[str, BaseProcess]]()
    try:
        while waiting or running:
            while waiting and len(running) < min(os.cpu_count() or 1, MAX_PROCESSES):
                name = waiting.pop(0)
                running.update([_start(name, tasks[name])])
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)  # noqa: S101
                name, process = running[ready]
                result = _result(ready, name, process)
                del running[ready]
                yield name, result
    finally:
        for pipe, (_, process) in running.items():
            process.kill()
            process.join()
            pipe.close()


def _start(name: str, task: Task) -> tuple[Connection, tuple[str, BaseProcess]]:
    # Not forked: libraries of this process may have threads, which a fork would cut off.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, os.getpid(), task), name=name, daemon=True)
    process.start()
    theirs.close()
    return ours, (name, process)


def _result(pipe: Connection, name: str, process: BaseProcess) -> Any:  # noqa: ANN401 - what the task returns
    """Return the result of a process; raises what it raised."""
    try:
        good, value = pipe.recv()
    except EOFError:
        process.join()
        raise Problem("build-process", message=f"{name}: {process.exitcode}") from None
    process.join()
    pipe.close()
    if good:
        return value
    raise value


def _work(pipe: Connection, parent: int, task: Task) -> None:
    """Run a task in this process and send its result, or the exception that it raised."""
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends this process
    try:
        pipe.send((True, task()))
    except Exception as error:  # the parent raises it
        with suppress(Exception):
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
            pipe.send((False, error))
            return
        pipe.send((False, RuntimeError(repr(error))))
