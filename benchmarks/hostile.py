"""Every hostile input, one by one: the response, what other clients got meanwhile, the memory of the server."""

import argparse
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from benchmarks.client import asking
from benchmarks.harness import flags, publish
from benchmarks.hostile_clients import HostileRequest, Target
from benchmarks.hostile_queries import QUERIES, HostileQuery, mix
from benchmarks.hostile_requests import REQUESTS
from benchmarks.outcomes import Outcome, attempt, request, summarize
from benchmarks.probes import Probes
from benchmarks.processes import MIB, MemoryWatch, idle_after, memory_bytes, tree
from benchmarks.servers import NAMES, OURS, Server, material, running

HEAD: Final = (
    "input",
    "what came back",
    "s",
    "ASK ms",
    "/health ms",
    "page ms",
    "peak MiB",
    "busy after",
    "kept",
)


class ServerState:
    """A server that is started again where it has died or no longer answers."""

    def __init__(self, start: Callable[[], Server], end: Callable[[], None]) -> None:
        self._start, self._end = start, end
        self.server = start()

    def restored(self) -> str:
        """Start the server again where it does not answer a short query; return what was found, empty where well."""
        if self.server.died():
            found = f"SERVER DIED ({self.server.process.returncode if self.server.process else ''})"
        elif attempt(self.server, asking(self.server.query, "ASK {}"), 5).what != "200":
            found = "SERVER STUCK"
        elif self.server.name != OURS and idle_after(self.server.pid, 1) is None:
            found = "still working"
        else:
            return ""
        self._end()
        self.server = self._start()
        return found


def measure(
    standing: ServerState, name: str, is_kept: Callable[[list[Outcome]], bool], run: Callable[[Server], list[Outcome]]
) -> tuple[Sequence[object], bool]:
    """Return the row of one hostile input, and whether the promise was kept."""
    server = standing.server
    with MemoryWatch(server.pid, server.kill) as memory, Probes(server, source="127.0.0.2") as probes:
        time.sleep(0.3)  # others were there before
        outcomes = run(server)
    busy = idle_after(server.pid, 5)
    found = "ENDED BY THE BENCHMARK (memory)" if memory.ended else ""
    found = "; ".join(filter(None, (found, standing.restored())))
    kept = not found and is_kept(outcomes)
    kept = kept and not any(taken.failed for taken in probes.taken.values())
    said = "; ".join(filter(None, (summarize(outcomes), found)))
    meanwhile = [probes.taken[kind].words() if kind in probes.taken else "–" for kind in ("ASK", "/health", "page")]
    slowest = max((outcome.seconds for outcome in outcomes), default=float("nan"))
    after = "> 5 s" if busy is None else f"{busy:.1f} s"
    peak, after = (round(memory.peak / MIB), after) if server.pid else ("–", "–")
    return (name, said, slowest, *meanwhile, peak, after, "yes" if kept else "NO"), kept


def all_kept(wanted: str, outcomes: Sequence[Outcome]) -> bool:
    """Return whether every outcome is what the pattern wants."""
    return all(outcome.kept(wanted) for outcome in outcomes)


def line_by_line(standing: ServerState, setting: Target, only: str) -> list[Sequence[object]]:
    """Return a row for every hostile input whose name holds `only`."""
    rows = []

    def of_query(query: HostileQuery) -> Callable[[Server], list[Outcome]]:
        return lambda server: [attempt(server, request(server, query, query.text(7)), setting.limit)]

    def of_request(hostile: HostileRequest) -> Callable[[Server], list[Outcome]]:
        return lambda server: hostile.run(server, setting)

    for each in (*QUERIES, *REQUESTS):
        if only.lower() in each.name.lower():
            if isinstance(each, HostileQuery):
                row, _ = measure(standing, each.name, partial(all_kept, each.wanted), of_query(each))
            else:
                row, _ = measure(standing, each.name, each.kept, of_request(each))
            print("·", *row[:3], row[-1], sep=" | ", flush=True)
            rows.append(row)
    return rows


def repeated(server: Server, count: int, clients: int, limit: float) -> list[Sequence[object]]:
    """Return the memory of the server through so many hostile queries, a row every tenth of them."""
    waiting: queue.SimpleQueue[tuple[HostileQuery, str]] = queue.SimpleQueue()
    for asked in mix(count):
        waiting.put(asked)
    done: list[tuple[Outcome, bool]] = []

    def client() -> None:
        while True:
            try:
                query, text = waiting.get_nowait()
            except queue.Empty:
                return
            outcome = attempt(server, request(server, query, text), limit)
            done.append((outcome, outcome.kept(query.wanted)))

    rows: list[Sequence[object]] = [_now(server, 0, 0, "", "")]
    threads = [threading.Thread(target=client, daemon=True) for _ in range(clients)]
    with MemoryWatch(server.pid, server.kill) as memory:
        for thread in threads:
            thread.start()
        step = max(1, count // 10)
        for mark in range(step, count + 1, step):
            while len(done) < mark and not server.died() and any(thread.is_alive() for thread in threads):
                time.sleep(0.05)
            so_far = done[mark - step : mark]
            broken = sum(not kept for _, kept in so_far)
            rows.append(_now(server, mark, memory.peak, broken, summarize([outcome for outcome, _ in so_far])))
        for thread in threads:
            thread.join()
    time.sleep(2)
    rows.append(_now(server, "2 s later", memory.peak, "", ""))
    return rows


def _now(server: Server, mark: object, peak: int, *more: object) -> Sequence[object]:
    """Return a row of what the server takes now."""
    return (mark, memory_bytes(server.pid) // MIB, round(peak / MIB), len(tree(server.pid)), *more)


def require_loopback(url: str) -> Server:
    """Return a server that runs already; raises ValueError where it is not on loopback."""
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1" or not parts.port:
        raise ValueError("only http://127.0.0.1:<port>/…: these are attacks")
    return Server(OURS, parts.port, parts.path or "/", "/health", "/")


def parser() -> argparse.ArgumentParser:
    """Return the flags."""
    made = flags("hostile", __doc__)
    made.add_argument("--peer", choices=NAMES, default=OURS, help="which server (%(default)s)")
    made.add_argument("--url", help="a server that runs already, on 127.0.0.1, instead of one started here")
    made.add_argument("--only", default="", help="only inputs whose name holds this")
    made.add_argument("--repeat", type=int, metavar="N", help="memory through N hostile queries instead of the table")
    made.add_argument("--clients", type=int, default=8, help="clients of --repeat (%(default)s)")
    made.add_argument("--query-timeout", type=int, help="limit of a query in seconds (10; 2 with --quick or --repeat)")
    return made


def main() -> None:
    """Run the table, or the repetition, on one server."""
    options = parser().parse_args()
    timeout = options.query_timeout or (2 if options.quick or options.repeat else 10)
    setting = Target(timeout + 20, 6 if options.quick else 35)
    with ExitStack() as whole:
        current = whole.enter_context(ExitStack())
        if options.url:
            server = require_loopback(options.url)
            standing = ServerState(lambda: server, lambda: None)
        else:
            data = whole.enter_context(material())
            standing = ServerState(lambda: current.enter_context(running(options.peer, data, timeout)), current.close)
        if options.repeat:
            head: Sequence[str] = ("queries", "MiB now", "MiB peak", "processes", "not kept", "what came back")
            rows = repeated(standing.server, options.repeat, options.clients, setting.limit)
            caption = f"PSS of the process tree through {options.repeat} hostile queries, {options.clients} clients"
        else:
            head, rows = HEAD, line_by_line(standing, setting, options.only)
            caption = f"Limit of a query {timeout} s; for others: the slowest answer, and how many failed, meanwhile"
    publish(options.json, f"Hostile input: {options.url or options.peer}", {caption: (head, rows)})


if __name__ == "__main__":
    main()
