"""Steps of a build side by side: each in a process of its own where there is much to do, else one after the other."""

import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final

from cper_lod.core.errors import Problem
from cper_lod.core.processes import end_with_parent
from cper_lod.release.jobs.progress import Progress

MUCH: Final = 64 << 20
"""Bytes of data from which on processes of their own are worth starting."""
PROCESSES: Final = 4
"""How many processes there are at once at most, however many cores: each takes memory."""
_LOOK: Final = 0.5

Task = Callable[[], Any]


def run_parallel(tasks: Mapping[str, Task], tell: Progress, *, much: bool) -> dict[str, Any]:
    """Do every task, and return what each returns, by its name; `much` says that each has a process of its own.

    The first that fails ends all, and so does the end of whoever called. A task is begun in the order given, and has
    to pickle, with what it returns. Its name is that of a step of the build, or `<step> …`. Raises what a task raises,
    `build-process` where its process was killed.
    """
    steps = {name: name.partition(" ")[0] for name in tasks}
    if much:
        return _apart(tasks, steps, tell)
    found = {}
    for name, task in tasks.items():
        tell.begin(steps[name])
        found[name] = task()
        if steps[name] not in {steps[each] for each in tasks if each not in found}:
            tell.end(steps[name])
    return found


def _apart(tasks: Mapping[str, Task], steps: Mapping[str, str], tell: Progress) -> dict[str, Any]:
    waiting, found = list(tasks), dict[str, Any]()
    running: dict[Connection, tuple[str, BaseProcess]] = {}
    cores = min(os.cpu_count() or 1, PROCESSES)
    try:
        while waiting or running:
            while waiting and len(running) < cores:
                name = waiting.pop(0)
                running.update([_started(name, tasks[name])])
                tell.begin(steps[name])
            for ready in wait(list(running), _LOOK):
                assert isinstance(ready, Connection)  # noqa: S101
                name, process = running[ready]
                found[name], seconds = _received(ready, name, process)
                tell.spent[name] = seconds
                del running[ready]
                if steps[name] not in {steps[each] for each in (*waiting, *(name for name, _ in running.values()))}:
                    tell.end(steps[name])
            tell.look()
    finally:
        for pipe, (_, process) in running.items():
            process.kill()
            process.join()
            pipe.close()
    return found


def _started(name: str, task: Task) -> tuple[Connection, tuple[str, BaseProcess]]:
    # Not forked: libraries of this process may have threads, which a fork would cut off.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, os.getpid(), task), name=name, daemon=True)
    process.start()
    theirs.close()
    return ours, (name, process)


def _received(pipe: Connection, name: str, process: BaseProcess) -> tuple[Any, float]:
    """Return what a process has returned, and its processor time; raises what it raised."""
    try:
        good, value, seconds = pipe.recv()
    except EOFError:
        process.join()
        raise Problem("build-process", message=f"{name}: {process.exitcode}") from None
    process.join()
    pipe.close()
    if good:
        return value, seconds
    raise value


def _work(pipe: Connection, parent: int, task: Task) -> None:
    """Do a task in this process, and say what it returned, or raised."""
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    try:
        pipe.send((True, task(), _seconds()))
    except Exception as error:  # whatever it is, who started it raises it
        with suppress(Exception):
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
            pipe.send((False, error, _seconds()))
            return
        pipe.send((False, RuntimeError(repr(error)), _seconds()))


def _seconds() -> float:
    """Return the processor time of this process and of the children that have ended."""
    return sum(os.times()[:4])
