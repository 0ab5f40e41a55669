"""Steps that a test has other processes take: they return, fail, or go on for ever."""

import os
import signal
import time

from cper_lod.core.errors import Problem


def say(pid: int) -> None:
    """Write a line at once: of `print`, the end of a line may come after what another process writes."""
    os.write(1, f"{pid}\n".encode())


def sleep(seconds: float) -> None:
    """Say who this is, and rest."""
    say(os.getpid())
    time.sleep(seconds)


def fail() -> None:
    """Raise a problem."""
    raise Problem("search-impossible", version="0", message="no")


def die() -> None:
    """End without a word, as a process that takes too much memory does."""
    os.kill(os.getpid(), signal.SIGKILL)
