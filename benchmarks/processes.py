"""What a tree of processes costs: its members, their CPU time and memory, read from /proc (Linux)."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

TICKS: Final = os.sysconf("SC_CLK_TCK")
MIB: Final = 1024 * 1024


def tree(root: int) -> list[int]:
    """Return `root` and every process below it; those that end meanwhile are left out."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        try:
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
        except OSError:
            continue
        found.append(pid)
        for task in tasks:
            try:
                waiting += map(int, (task / "children").read_text().split())
            except OSError:  # a thread that has just ended
                continue
    return found


def fields(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat from the third on (proc(5)): what a name holds cannot mislead."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def alive(pid: int) -> bool:
    """Return whether a process still runs; one that is dead and not yet buried does not."""
    try:
        return fields(pid)[0] not in "ZX"
    except OSError:
        return False


def own_seconds(pid: int) -> float:
    """Return the processor time (user and system) of one process, to the nanosecond; 0 where it is gone.

    /proc/<pid>/stat tells the same in steps of 10 ms; the clock of another process is its number, coded as
    clock_getcpuclockid(3) does.
    """
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


def cpu_seconds(root: int) -> float:
    """Return the processor time of a tree: of its members, and of the children that they have buried."""
    total = 0.0
    for pid in tree(root):
        try:
            buried = sum(map(int, fields(pid)[13:15])) / TICKS  # cutime, cstime
        except OSError:
            continue
        total += own_seconds(pid) + buried
    return total


def memory_bytes(root: int, kind: str = "Pss") -> int:
    """Return the memory of a tree: `Pss` counts a shared page once, by shares; `Rss` once a process.

    `Anonymous` leaves out what is mapped from files.
    """
    total = 0
    for pid in tree(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(kind + ":"))
    return total


def peak_bytes(root: int) -> int:
    """Return the most memory that one process of a tree has ever had resident (VmHWM, proc(5)), the largest of all."""
    peaks = [0]
    for pid in tree(root):
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            peaks += [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")]
    return max(peaks)


def idle_after(root: int, limit: float, share: float = 0.2, step: float = 0.1) -> float | None:
    """Return after how many seconds a tree uses less than `share` of one processor, None where not within `limit`."""
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

    A tree that grows beyond `ceiling` bytes is ended by `kill`: the machine belongs to others too.
    """

    def __init__(self, root: int, kill: Callable[[], None], ceiling: int = 6 * 1024 * MIB, step: float = 0.05) -> None:
        self.peak = 0
        self.ended = False
        self._root, self._kill, self._ceiling, self._step = root, kill, ceiling, step
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.peak = max(self.peak, memory_bytes(self._root))
            if self.peak > self._ceiling and not self.ended:
                self.ended = True
                self._kill()
            if self._stop.wait(self._step):
                return
