"""Processes below another, read from /proc, and waiting for a condition."""

import gc
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks import processes


def alive(pids: Iterable[int]) -> set[int]:
    """Return those of `pids` that still run; one that nobody has buried yet does not."""
    return set(filter(processes.alive, pids))


def descendants(pid: int) -> set[int]:
    """Return the processes below `pid` that live (the dead that nobody has buried yet do not)."""
    return alive(processes.tree(pid)[1:])


def parent(pid: int) -> int:
    """Return the process that started `pid`."""
    return int(processes.fields(pid)[1])


def clock_ticks(pid: int) -> int:
    """Return the CPU time that a process has used outside the kernel, in clock ticks; 0 once it has ended."""
    try:
        return int(processes.fields(pid)[11])
    except OSError:
        return 0


def is_for_queries(pid: int) -> bool:
    """Return whether a process is a query process, or the one from which such are forked."""
    try:
        return b"fork_server.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def stop(pid: int) -> None:
    """Stop a process with SIGSTOP, and wait until it has stopped.

    The kernel tells one thread; until that one runs, the others go on.
    """
    os.kill(pid, signal.SIGSTOP)
    assert eventually(lambda: all(") T " in stat.read_text() for stat in Path(f"/proc/{pid}/task").glob("*/stat")))


def eventually(holds: Callable[[], bool], seconds: float = 120) -> bool:
    """Return whether something comes to hold within so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return found


def child_processes(of: Path = Path("/proc/self")) -> set[int]:
    """The processes below this one that are not reaped: templates, and the forks of those."""
    return set(processes.tree(os.getpid() if of.name == "self" else int(of.name))[1:])


def open_files() -> int:
    """How many file descriptors this process has, once those that other tests left to the collector are gone."""
    gc.collect()
    gc.freeze()  # what lives on is not looked at again: there are hundreds of thousands of objects
    return len(list(Path("/proc/self/fd").iterdir()))


def ended(*words: object, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
    """Run a program to its end, whatever becomes of it, for two minutes at most; `options` are those of subprocess.run."""
    return subprocess.run(
        [*map(str, words)], capture_output=True, text=True, check=False, **{"timeout": 120, **options}
    )
