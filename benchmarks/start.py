"""The project's own sources: what a check and a build take, and a server from its start to its first responses."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from benchmarks import peers
from benchmarks.client import get
from benchmarks.harness import ROOT, alternate, flags, median, publish, verdict
from benchmarks.processes import cpu_seconds
from benchmarks.servers import OURS, OXIGRAPH, Material, cper_lod, environment, material, running
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import PREFIXES

TARGETS: Final = {"build": 2.0, "build after an edit": 2.0, f"{OURS}: /ready": 0.5, f"{OURS}: /": 0.5}
"""Seconds on the clock."""
EDITED: Final = Path("data", "catalog.ttl")
KEYWORD: Final = f"<{PROGRAM.address}catalogue> <{PREFIXES['dcat']}keyword>"

Cost = tuple[float, float]
"""Seconds on the clock, and of processor time."""


def run(*words: object) -> Cost:
    """Return what a command costs; raises CalledProcessError."""
    began, before = time.perf_counter(), os.times()
    subprocess.run([*map(str, words)], cwd=ROOT, env=environment(), capture_output=True, check=True)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, spent


def build(sources: Path, releases: Path) -> Cost:
    """Return what a build costs that finds no earlier release."""
    shutil.rmtree(releases, ignore_errors=True)
    return run(*cper_lod("build", "--sources", sources, "--releases", releases))


def build_edited(sources: Path, releases: Path, numbers: Iterator[int]) -> Cost:
    """Return what a build costs after an edit of one file, beside earlier releases."""
    with (sources / EDITED).open("a", encoding="utf-8") as out:
        print(f'{KEYWORD} "CPER {next(numbers)}"@fr .', file=out)
    return run(*cper_lod("build", "--sources", sources, "--releases", releases))


def load(ntriples: Path, index: Path) -> Cost:
    """Return what Oxigraph's own bulk load of the same triples costs."""
    shutil.rmtree(index, ignore_errors=True)
    return run(peers.program(OXIGRAPH), "load", "--location", index, "--file", ntriples)


def start(name: str, path: str, data: Material) -> Cost:
    """Return what a server costs from its start to its first response of a path."""
    began = time.perf_counter()
    with running(name, data) as server:
        server.ask(get(path, "text/html"))
        return time.perf_counter() - began, cpu_seconds(server.pid)


def rows(found: Mapping[str, Sequence[Cost]]) -> list[Sequence[object]]:
    """Return the medians and the spread of each command or start."""
    made: list[Sequence[object]] = []
    for name, costs in found.items():
        wall, spent = ([cost[place] for cost in costs] for place in (0, 1))
        target = verdict(median(wall), TARGETS[name]) if name in TARGETS else ""
        made.append((name, median(wall), min(wall), max(wall), median(spent), target))
    return made


def main() -> None:
    """Measure the commands, then the starts, in turn."""
    parser = flags("start", __doc__)
    parser.add_argument("--sources", type=Path, metavar="DIR", default=ROOT, help="other sources")
    options = parser.parse_args()
    rounds = 1 if options.quick else 7
    with (
        material(options.sources, options.keep, options.sources.name) as data,
        tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as name,
    ):
        folder = Path(name)
        for part in ("ontology", "shapes", "data"):
            shutil.copytree(options.sources / part, folder / "sources" / part)
        numbers = count(1)
        build_edited(folder / "sources", folder / "edited", numbers)
        commands = {
            "check": partial(run, *cper_lod("check", "--sources", options.sources)),
            "build": partial(build, options.sources, folder / "releases"),
            "build after an edit": partial(build_edited, folder / "sources", folder / "edited", numbers),
            "oxigraph load": partial(load, data.ntriples, folder / "index"),
        }
        built = alternate(rounds, commands)
        starts = [(OURS, "/ready"), (OURS, "/"), (OXIGRAPH, "/")]
        begun = alternate(rounds, {f"{server}: {path}": partial(start, server, path, data) for server, path in starts})
    head = ("s", "least", "most", "CPU s", "target")
    tables = {
        "Commands, medians": (("command", *head), rows(built)),
        "From the start of a server to its first response, medians": (("response", *head), rows(begun)),
    }
    publish("The project's own sources", tables)


if __name__ == "__main__":
    main()
