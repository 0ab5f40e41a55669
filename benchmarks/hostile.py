"""Every hostile input, one by one: the response, what other clients got meanwhile, the memory of the server."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final

from benchmarks.client import asking
from benchmarks.endless import Latencies, Probes
from benchmarks.harness import flags, publish
from benchmarks.hostile_inputs import QUERIES, REQUESTS, HostileInput, Patience, attempt
from benchmarks.processes import MIB, MemoryWatch, idle_after
from benchmarks.servers import NAMES, OURS, Server, material, running

HEAD: Final = ("input", "what came back", "s", "ASK ms", "/health ms", "page ms", "peak MiB", "busy after", "kept")


def fault(server: Server) -> str:
    """Return what is wrong with a server after an input, empty if nothing is."""
    if server.died():
        return "SERVER DIED"
    if attempt(server, asking(server.query, "ASK {}"), 5).what != "200":
        return "SERVER STUCK"
    return "still working" if idle_after(server.pid, 5) is None else ""


def slowest(taken: Latencies | None) -> str:
    """Return the slowest of other clients' requests in milliseconds, and how many failed if some did."""
    if taken is None:
        return "–"
    failed = f" ({taken.failed} of {len(taken.milliseconds)} failed)" if taken.failed else ""
    return f"{max(taken.milliseconds, default=0):.0f}{failed}"


def measure(server: Server, hostile: HostileInput, patience: Patience) -> tuple[Sequence[object], bool]:
    """Return the row of one input, and whether the server has to be started again."""
    with MemoryWatch(server.pid, server.kill) as memory, Probes(server, source="127.0.0.2") as probes:
        time.sleep(0.3)  # others were there before
        outcomes = hostile.run(server, patience)
    busy = idle_after(server.pid, 5)
    wrong = "ENDED BY THE BENCHMARK (memory)" if memory.ended else fault(server)
    kept = not wrong and hostile.kept(outcomes) and not any(taken.failed for taken in probes.taken.values())
    counts = Counter(outcome.what for outcome in outcomes).most_common()
    told = ", ".join(what if count == 1 else f"{count} × {what}" for what, count in counts)
    meanwhile = [slowest(probes.taken.get(kind)) for kind in ("ASK", "/health", "page")]
    seconds = max(outcome.seconds for outcome in outcomes)
    after = "> 5 s" if busy is None else f"{busy:.1f} s"
    figures = (seconds, *meanwhile, memory.peak // MIB, after, "yes" if kept else "NO")
    return (hostile.name, f"{told}; {wrong}" if wrong else told, *figures), bool(wrong)


def main() -> None:
    """Try every input on one server, started again whenever it has died or hangs."""
    parser = flags("hostile", __doc__)
    parser.add_argument("--peer", choices=NAMES, default=OURS, help="which server (%(default)s)")
    parser.add_argument("--only", default="", help="only inputs whose name holds this")
    parser.add_argument("--query-timeout", type=int, default=10, help="limit of a query in seconds (%(default)s)")
    options = parser.parse_args()
    timeout = 1 if options.quick else options.query_timeout
    patience = Patience(timeout + 20, 2 if options.quick else 35)
    wanted = [each for each in (*QUERIES, *REQUESTS) if options.only.lower() in each.name.lower()]
    rows = []
    with ExitStack() as whole, material(keep=options.keep) as data:
        current = whole.enter_context(ExitStack())
        start: Callable[[], Server] = lambda: current.enter_context(running(options.peer, data, timeout))  # noqa: E731
        server = start()
        for hostile in wanted[:: 12 if options.quick else 1]:
            row, broken = measure(server, hostile, patience)
            print("·", *row[:3], row[-1], sep=" | ", flush=True)
            rows.append(row)
            if broken:
                current.close()
                server = start()
    caption = f"Limit of a query {timeout} s; for others: the slowest response, and how many failed, meanwhile"
    publish(f"Hostile input: {options.peer}", {caption: (HEAD, rows)})


if __name__ == "__main__":
    main()
