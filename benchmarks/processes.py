"""What a tree of processes costs: its members, their CPU time and memory, read from /proc (Linux)."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

MIB: Final = 1024 * 1024


def tree(root: int) -> list[int]:
    """Return `root` and every process below it; those that end meanwhile are left out."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        with suppress(OSError):
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            found.append(pid)
            for task in tasks:
                with suppress(OSError):  # a thread that has just ended
                    waiting += map(int, (task / "children").read_text().split())
    return found


def own_seconds(pid: int) -> float:
    """Return the processor time (user and system) of one process, to the nanosecond; 0 if it has ended.

    /proc/<pid>/stat has the same in steps of 10 ms; the clock of another process is its number, coded as
    clock_getcpuclockid(3) does.
    """
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


def cpu_seconds(root: int) -> float:
    """Return the processor time of a tree: of its members, and of their children that have ended and been waited for."""
    total = 0.0
    for pid in tree(root):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")  # cutime, cstime (proc(5))
            total += own_seconds(pid)
    return total


def memory_bytes(root: int) -> int:
    """Return the memory of a tree (PSS: a shared page counts once, by shares)."""
    total = 0
    for pid in tree(root):
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def idle_after(root: int, limit: float, share: float = 0.2, step: float = 0.1) -> float | None:
    """Return after how many seconds a tree uses less than `share` of one processor, None if not within `limit`."""
    began = time.monotonic()
    before = cpu_seconds(root)
    while (passed := time.monotonic() - began) < limit:
        time.sleep(step)
        after = cpu_seconds(root)
        if after - before < share * step:
            return passed
        before = after
    return None


class MemoryWatch:
    """A thread that notes the greatest memory of a tree; a context manager.

    A tree that grows beyond `ceiling` bytes is ended by `kill`: other programs need the machine too.
    """

    def __init__(self, root: int, kill: Callable[[], None], ceiling: int = 6 * 1024 * MIB) -> None:
        self.peak = 0
        self.ended = False
        self._root, self._kill, self._ceiling = root, kill, ceiling
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.peak = max(self.peak, memory_bytes(self._root))
            if self.peak > self._ceiling and not self.ended:
                self.ended = True
                self._kill()
            if self._stop.wait(0.05):
                return
