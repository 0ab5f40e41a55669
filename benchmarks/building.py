"""What a build costs compared with the bulk load of the same data into Oxigraph: time, CPU, memory, growth.

Validation is left out, unless `--check` is given: then it is a step of its own, and counts for none of the ratios.
"""

import gzip
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pyoxigraph

from benchmarks.generator import generate
from benchmarks.harness import alternate, flags, median, publish, ratio, table
from benchmarks.processes import MIB, MemoryWatch
from cper_lod.core.config import default_spool
from cper_lod.rdf.report import Report
from cper_lod.release.build import artifacts
from cper_lod.release.build import build as building
from cper_lod.release.jobs.parallel import Task
from cper_lod.release.jobs.progress import Progress
from cper_lod.release.release import DATA
from cper_lod.release.sources.read import read_sources
from cper_lod.release.storage.quad_file import gzip_lines

SIZES: Final = (100_000, 1_000_000, 10_000_000)
CORE: Final = ("read", "divide", "count", "index")
"""Reading and sorting, dividing by datasets, counting, indexing: what the target is held against."""
_LOOK: Final = 0.5

Measured = dict[str, Any]


class Timed(Progress):
    """Notes what each step of a build takes: seconds, and processor seconds of what runs in no other process."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.seconds: dict[str, float] = {}
        self.processor: dict[str, float] = {}
        self._at: dict[str, tuple[float, float]] = {}

    def begin(self, step: str, size: int = 0) -> None:
        """Note when a step begins."""
        self._at.setdefault(step, (time.perf_counter(), processor()))
        super().begin(step, size)

    def end(self, step: str) -> None:
        """Note what it took."""
        began, spent = self._at.pop(step)
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - began
        self.processor[step] = self.processor.get(step, 0.0) + processor() - spent
        super().end(step)

    def of(self, step: str) -> float:
        """Return the processor time of a step, wherever it ran."""
        apart = [seconds for name, seconds in self.cpu_seconds.items() if name.partition(" ")[0] == step]
        return sum(apart) if apart else self.processor.get(step, 0.0)


def processor() -> float:
    """Return the processor time of this process and of the children that it has buried."""
    return sum(os.times()[:4])


def core(sources: Path, folder: Path) -> Measured:
    """Do what the target is held against, and nothing else; return what it took."""
    told = Timed()
    folder.mkdir()
    began = time.perf_counter()
    read = read_sources(sources, temp_parent=folder, progress=told)
    dumps = _data_alone(artifacts._dump_tasks)
    with patch.object(artifacts, "_dump_tasks", dumps), patch.object(artifacts, "_write_lists_and_search", _no_lists):
        artifacts.write_artifacts(folder, read, Report(), "contract", told)
    seconds, spent = time.perf_counter() - began, processor()
    triples = sum(1 for _ in gzip_lines(folder / DATA))
    steps = {step: told.of(step) for step in told.seconds if step in CORE}
    return {
        "seconds": seconds,
        "processor": spent,
        "check processor": 0.0,
        "steps": steps,
        "wall": told.seconds,
        "triples": triples,
        "data": str(folder / DATA),
    }


def _data_alone(tasks: Callable[..., Mapping[str, Task]]) -> Callable[..., Mapping[str, Task]]:
    return lambda *given: {"dumps": tasks(*given)["dumps"]}


def _no_lists(*_: object) -> Counter[str]:
    return Counter()


def _conforms(*_: object) -> Report:
    return Report()


def build(sources: Path, releases: Path, *, check: bool) -> Measured:
    """Build a release, and return what it took."""
    told = Timed()
    began = time.perf_counter()
    with nullcontext() if check else patch.object(building, "check", _conforms):
        release = building.build(releases, sources, told)
    return {
        "seconds": time.perf_counter() - began - told.seconds.get("check", 0.0),
        "processor": processor() - told.processor.get("check", 0.0),
        "check": told.seconds.get("check", 0.0),
        "check processor": told.processor.get("check", 0.0),
        "steps": {step: told.of(step) for step in told.seconds},
        "wall": told.seconds,
        "triples": release.manifest["triples"] + sum(release.graphs.values()),
        "data": str(release.folder / DATA),
    }


def bare(data: Path, folder: Path) -> Measured:
    """Load the data into an index, as `oxigraph load` does and no more, and return what it took."""
    began = time.perf_counter()
    store = pyoxigraph.Store(folder)
    store.bulk_load(path=data, format=pyoxigraph.RdfFormat.N_QUADS)
    store.optimize()
    store.flush()
    return {"seconds": time.perf_counter() - began, "processor": processor()}


def apart(*given: str | Path) -> Measured:
    """Measure in a process of its own; return what it says, and the most memory of its tree."""
    command = [sys.executable, "-m", "benchmarks.building", "--one", *map(str, given)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101
        with MemoryWatch(process.pid, process.kill, step=_LOOK) as watch:
            said = process.stdout.read()
        if process.wait():
            raise RuntimeError(f"{command} ended with {process.returncode}")
    told: Measured = json.loads(said.splitlines()[-1])
    return told | {"memory": watch.peak}


def compare(triples: int, rounds: int, what: str) -> dict[str, list[Measured]]:
    """Build from so many synthetic triples, and load what the release holds, in turn."""
    with tempfile.TemporaryDirectory(prefix="cper-lod-building-", dir=default_spool()) as name:
        place = Path(name)
        generate(place / "sources", triples)
        count = iter(range(10**6))

        def built() -> Measured:
            return apart(what, place / "sources", place / f"releases{next(count)}")

        first = built()
        data = place / "data.nq"
        data.write_bytes(gzip.decompress(Path(first["data"]).read_bytes()))
        works = {"bare": lambda: apart("bare", data, place / f"index{next(count)}")}
        if rounds == 1:  # what was built to have the data is that round
            return alternate(1, works) | {"build": [first]}
        return alternate(rounds, works | {"build": built})


def row(triples: int, found: dict[str, list[Measured]]) -> list[object]:
    """Return the line of a size: medians."""
    ours, theirs = found["build"], found["bare"]

    def of(key: str, those: Sequence[Measured]) -> list[float]:
        return [float(each[key]) for each in those]

    core = [sum(each["steps"].get(step, 0.0) for step in CORE) for each in ours]
    return [
        f"{ours[0]['triples']:,}",
        median(of("seconds", theirs)),
        median(of("processor", theirs)),
        median(core),
        ratio(core, of("processor", theirs)),
        median(of("seconds", ours)),
        median(of("processor", ours)),
        ratio(of("seconds", ours), of("seconds", theirs)),
        median(of("memory", theirs)) / MIB,
        median(of("memory", ours)) / MIB,
        median(of("check processor", ours)) or None,
    ]


HEAD: Final = (
    "quads",
    "bare s",
    "bare CPU s",
    "core CPU s",
    "core ÷ bare, CPU",
    "build s",
    "build CPU s",
    "build ÷ bare, s",
    "bare MiB",
    "build MiB",
    "check CPU s",
)


def growth(results: dict[int, dict[str, list[Measured]]]) -> list[list[object]]:
    """Return the exponent of growth from each size to the next: 1 is as much more as there is more data."""
    sizes = sorted(results)
    rows: list[list[object]] = []
    for small, large in pairwise(sizes):
        more = math.log(results[large]["build"][0]["triples"] / results[small]["build"][0]["triples"])
        exponents = [
            math.log(
                median([each[key] for each in results[large]["build"]])
                / median([each[key] for each in results[small]["build"]])
            )
            / more
            for key in ("seconds", "processor")
        ]
        rows.append([f"{small:,} → {large:,}", *exponents])
    return rows


def steps(results: dict[int, dict[str, list[Measured]]]) -> list[list[object]]:
    """Return the processor time of each step at each size, medians."""
    names = dict.fromkeys(step for found in results.values() for each in found["build"] for step in each["steps"])
    return [
        [name, *(median([each["steps"].get(name, 0.0) for each in results[size]["build"]]) for size in sorted(results))]
        for name in names
    ]


def main() -> None:
    """Measure every size and print the tables."""
    if sys.argv[1:2] == ["--one"]:
        what, source, to = sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
        works: dict[str, Callable[[Path, Path], Measured]] = {
            "bare": bare,
            "core": core,
            "build": partial(build, check=False),
            "check": partial(build, check=True),
        }
        print(json.dumps(works[what](source, to)))
        return
    parser = flags("building", __doc__)
    parser.add_argument("--triples", type=int, nargs="+", default=None, help="sizes (100000 1000000 10000000)")
    parser.add_argument("--rounds", type=int, default=3, help="of each size; of ten million, one")
    parser.add_argument("--check", action="store_true", help="validate too: measured apart")
    parser.add_argument("--core", action="store_true", help="read, sort, divide, count and index, and nothing else")
    given = parser.parse_args()
    results = {}
    for size in given.triples or ((20_000,) if given.quick else SIZES):
        rounds = 1 if given.quick or size > SIZES[1] else given.rounds
        results[size] = compare(size, rounds, "core" if given.core else "check" if given.check else "build")
        print(table(HEAD, [row(size, results[size])]), flush=True)
    tables: dict[str, tuple[Sequence[str], Sequence[Sequence[object]]]] = {
        "A build beside the bare load": (HEAD, [row(size, found) for size, found in results.items()]),
        "Processor seconds of each step": (("step", *(f"{size:,}" for size in sorted(results))), steps(results)),
        "Exponent of growth": (("triples", "time", "processor"), growth(results)),
    }
    publish(given.json, "Building releases", tables)


if __name__ == "__main__":
    main()
