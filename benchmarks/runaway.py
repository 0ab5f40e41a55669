"""How far a runaway query exceeds its limit: until the client is told, the process ends, the next response comes."""

import math
import threading
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.client import asking
from benchmarks.endless_queries import each_new
from benchmarks.harness import flags, median, publish, verdict
from benchmarks.processes import alive, own_seconds, tree
from benchmarks.servers import OURS, Server, material, running

LIMIT: Final = 1
"""Seconds that a query may take (--query-timeout)."""
OVERSHOOT: Final = 100
NEXT: Final = 50
"""Milliseconds: a runaway is gone by its limit and so much, and the next query answered within so much."""
TEXTS: Final = each_new()


class RunawayTimes(threading.Thread):
    """The thread that finds the processes which run the queries, and notes when the last of them is gone."""

    def __init__(self, server: Server, began: float) -> None:
        super().__init__(daemon=True)
        self.at: float | None = None
        self.count = 0
        self._server, self._began = server, began
        self.start()

    def run(self) -> None:
        """Compare what each process has spent at two moments well within the limit, then wait for those to end."""
        time.sleep(max(0.0, self._began + LIMIT * 0.3 - time.monotonic()))
        before = {pid: own_seconds(pid) for pid in tree(self._server.pid)}
        time.sleep(LIMIT * 0.4)
        busy = [pid for pid, spent in before.items() if own_seconds(pid) - spent > LIMIT * 0.02]
        self.count = len(busy)
        while busy and time.monotonic() < self._began + LIMIT + 5:
            time.sleep(0.0005)
            busy = [pid for pid in busy if alive(pid)]
        if not busy and self.count:
            self.at = time.monotonic()


def refused(server: Server, heard: list[float], told: list[str]) -> None:
    """Ask a runaway; note when the answer came, and what it was."""
    try:
        reply = server.ask(asking(server.query, next(TEXTS)), LIMIT + 30)
        told.append(f"{reply.status} {reply.code()}".strip())
    except (OSError, EOFError) as error:
        told.append(type(error).__name__)
    heard.append(time.monotonic())


def measure_once(server: Server, at_once: int) -> tuple[tuple[float, float, float], str]:
    """Return milliseconds (the last 503 beyond the limit, the last process gone, the next answer) and what was said."""
    heard: list[float] = []
    told: list[str] = []
    threads = [threading.Thread(target=refused, args=(server, heard, told)) for _ in range(at_once)]
    began = time.monotonic()
    gone = RunawayTimes(server, began)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = time.monotonic()
    reply = server.ask(asking(server.query, f"ASK {{ BIND({int(after * 1e6)} AS ?nth) }}"))
    next_ = (time.monotonic() - after) * 1e3
    gone.join()
    if reply.status != 200:
        told.append(f"next: {reply.status}")
    end = (gone.at - began - LIMIT) * 1e3 if gone.at else float("nan")
    return ((max(heard) - began - LIMIT) * 1e3, end, next_), ", ".join(sorted(set(told)))


def main() -> None:
    """Measure one runaway at a time, then as many as run at once."""
    parser = flags("runaway", __doc__)
    parser.add_argument("--at-once", type=int, default=2, help="runaways in the second measurement (%(default)s)")
    options = parser.parse_args()
    rounds = 3 if options.quick else 20
    rows: list[Sequence[object]] = []
    with material() as data, running(OURS, data, LIMIT) as server:
        for at_once in (1, options.at_once):
            found = []
            for _ in range(rounds):
                found.append(measure_once(server, at_once))
                time.sleep(0.3)  # the spare process is born again
            said = ", ".join(sorted({words for _, words in found}))
            for index, (what, target) in enumerate((("503", OVERSHOOT), ("process gone", OVERSHOOT), ("next", NEXT))):
                values = [times[index] for times, _ in found]
                worst = float("nan") if any(map(math.isnan, values)) else max(values)  # nan: never
                rows.append((at_once, what, median(values), worst, said, verdict(worst, target)))
    head = ("at once", "what", "median ms", "worst ms", "answers", "target")
    caption = f"Beyond a limit of {LIMIT} s; the next query: from the last 503; {rounds} rounds"
    publish(options.json, "A runaway and its limit", {caption: (head, rows)})


if __name__ == "__main__":
    main()
