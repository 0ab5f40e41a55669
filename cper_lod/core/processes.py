"""Child processes that end with the process that started them, even when that is killed.

Query processes have `engine.worker.fork_server.die_with_parent` instead, since they import nothing else of cper_lod.
Run as a script, this module replaces itself by another program (`command`); it imports the standard library only.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import active_children, get_context
from typing import Any, TypeVar

T = TypeVar("T")


def end_with_parent(parent: int) -> None:
    """Have Linux kill this process when its parent ends; end it now if its parent is no longer the process `parent`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


class SpawnPoolExecutor(ProcessPoolExecutor):
    """A pool of new processes, not forks, that end with this one; each calls `start(*arguments)` first.

    If a process dies while another one starts, `submit` of CPython 3.11 may raise an OSError without a number, and
    `shutdown` may wait without end for the process that has just started.
    """

    def __init__(self, processes: int, start: Callable[..., None], *arguments: object) -> None:
        """Start no process yet."""
        super().__init__(processes, get_context("spawn"), partial(_start, os.getpid(), start, *arguments))

    def submit(self, function: Callable[..., T], /, *arguments: Any, **more: Any) -> Future[T]:  # noqa: ANN401
        """Return the future of a call in one of the processes; raises BrokenProcessPool if one has died."""
        try:
            return super().submit(function, *arguments, **more)
        except OSError as error:
            if error.errno is not None:
                raise
            raise BrokenProcessPool(str(error)) from error

    def kill_workers(self) -> None:
        """End the pool and kill its processes, as from Python 3.14 on: all that `multiprocessing` started here."""
        for process in active_children():
            process.kill()
        self.shutdown(cancel_futures=True)


def _start(parent: int, start: Callable[..., None], *arguments: object) -> None:
    end_with_parent(parent)
    start(*arguments)


def command(*arguments: str) -> list[str]:
    """Return the command line of a program that ends with this process; `arguments` start with the program's name."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *arguments]


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    try:
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"{sys.argv[2]}: {error.strerror}")
