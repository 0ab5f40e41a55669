"""Processes: a time limit for the work of one, by SIGALRM, and a child that ends with the process that started it.

CPython handles signals in the main thread, between two instructions and within a regular expression.
"""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

AGAIN: Final = 1.0
"""Seconds until the work is interrupted again: some libraries catch whatever is raised, here and there."""


class TimeLimitReached(BaseException):
    """Raised in the work that is interrupted; the arguments are the rules that it was in, if it knows them.

    Not an Exception, since libraries catch those.
    """


@contextmanager
def interruptible(seconds: float = 0) -> Iterator[None]:
    """Raise `TimeLimitReached` in the work within when SIGALRM arrives, and after so many seconds (0: no limit).

    Does nothing in a thread other than the main one, which has no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def ignore_interruptions() -> None:
    """Have SIGALRM interrupt only what is `interruptible`, in this process and those that it starts."""
    signal.signal(signal.SIGALRM, signal.SIG_IGN)


def _interrupt(*_: object) -> NoReturn:
    signal.setitimer(signal.ITIMER_REAL, AGAIN)
    raise TimeLimitReached


def end_with_parent(parent: int) -> None:
    """Have Linux kill this process when its parent ends; end it now if its parent is no longer the process `parent`.

    Query processes have `engine.worker._die_with_parent` instead, since they import nothing else of cper_lod.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)
