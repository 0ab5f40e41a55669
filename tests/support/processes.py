"""Processes below another, read from /proc, and waiting for a condition."""

import gc
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def stat(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat from the third on (proc(5)): state, parent, …; none once it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def alive(pids: Iterable[int]) -> set[int]:
    """Return those of `pids` that still run; one that has ended and was not waited for does not."""
    return {pid for pid in pids if (fields := stat(pid)) and fields[0] not in "ZX"}


def below(pid: int) -> set[int]:
    """Return the processes below `pid`, those included that have ended and were not waited for."""
    children = {int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in _words(file)}
    return children.union(*map(below, children))


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:  # of a thread that has just ended
        return []


def descendants(pid: int) -> set[int]:
    """Return the processes below `pid` that still run."""
    return alive(below(pid))


def parent(pid: int) -> int:
    """Return the process that started `pid`."""
    return int(stat(pid)[1])


def clock_ticks(pid: int) -> int:
    """Return the CPU time that a process has used outside the kernel, in clock ticks; 0 once it has ended."""
    return int((stat(pid) or ["0"] * 12)[11])


def is_for_queries(pid: int) -> bool:
    """Return whether a process is a query process, or the one from which such are forked."""
    try:
        return b"from cper_lod.engine.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def stop(pid: int) -> None:
    """Stop a process with SIGSTOP, and wait until it has stopped.

    The kernel tells one thread; until that one runs, the others go on.
    """
    os.kill(pid, signal.SIGSTOP)
    assert eventually(lambda: all(") T " in each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/stat")))


def eventually(holds: Callable[[], bool], seconds: float = 120) -> bool:
    """Return whether something comes to hold within so many seconds.

    It is looked at less and less often: what looks may be a request, and takes time from what it waits for.
    """
    deadline, pause = time.monotonic() + seconds, 0.002
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
    return found


def child_processes() -> set[int]:
    """Return the processes below this one."""
    return below(os.getpid())


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
