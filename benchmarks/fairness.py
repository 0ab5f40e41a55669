"""How fast short requests are answered while many clients send runaway queries."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from benchmarks.endless_queries import Flood, always_the_same, each_new
from benchmarks.harness import flags, publish, verdict
from benchmarks.probes import Probes
from benchmarks.servers import NAMES, OURS, Material, material, running

TARGETS: Final = {"new texts, one other address": 10, "new texts, an address a client": 1500}
"""Milliseconds of the 95th percentile of a short query; none where a client shares what it holds with itself."""
HERE: Final = ["127.0.0.1"]
OTHERS: Final = [f"127.0.0.{number}" for number in range(2, 252)]
SCENES: Final[dict[str, tuple[Callable[[], Iterator[str]], list[str]] | None]] = {
    "nothing else": None,
    "one text, the prober's own address": (always_the_same, HERE),
    "new texts, the prober's own address": (each_new, HERE),
    "new texts, one other address": (each_new, OTHERS[:1]),
    "new texts, an address a client": (each_new, OTHERS),
}


def measure(
    name: str, data: Material, scene: str, clients: int, seconds: float, timeout: int
) -> list[Sequence[object]]:
    """Return the rows of one server in one scene: a line a kind of request."""
    load = SCENES[scene]
    with running(name, data, timeout) as server:
        if load is None:
            with Probes(server) as probes:
                time.sleep(seconds)
            answers = "–"
        else:
            with Flood(server, clients, *load) as flood:
                time.sleep(1)  # every slot is taken
                with Probes(server) as probes:
                    time.sleep(seconds)
            answers = ", ".join(f"{count} × {what}" for what, count in flood.answers.most_common()) or "none yet"
    rows: list[Sequence[object]] = []
    for kind, taken in probes.taken.items():
        has_target = name == OURS and kind == "ASK" and scene in TARGETS
        told = verdict(taken.at(0.95), TARGETS[scene]) if has_target else ""
        if told and taken.failed:
            told = f"MISSED ({taken.failed} failed)"
        counts = f"{len(taken.milliseconds) - taken.failed}/{len(taken.milliseconds)}"
        rows.append((scene, name, kind, taken.at(0.5), taken.at(0.95), taken.at(1.0), counts, answers, told))
    return rows


def main() -> None:
    """Measure every scene on every server, each started anew."""
    parser = flags("fairness", __doc__)
    parser.add_argument("--clients", type=int, default=24, help="clients that keep a runaway asked (%(default)s)")
    parser.add_argument("--query-timeout", type=int, default=10, help="limit of a query in seconds (%(default)s)")
    parser.add_argument("--servers", nargs="*", choices=NAMES, default=list(NAMES))
    options = parser.parse_args()
    seconds = 4 if options.quick else 30
    rows = []
    with material() as data:
        for scene in SCENES:
            for name in options.servers:
                rows += measure(name, data, scene, options.clients, seconds, options.query_timeout)
    head = ("load", "server", "request", "p50 ms", "p95 ms", "max ms", "answered", "the load's answers", "target")
    caption = f"{options.clients} clients, limit {options.query_timeout} s, {seconds} s a scene"
    publish(options.json, "Short requests beside runaways", {caption: (head, rows)})


if __name__ == "__main__":
    main()
