"""What `check` costs, whose shapes pyshacl and pyrudof get too, with the same data: time and memory, by size."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import RdfFormat, parse

from benchmarks import peers
from benchmarks.generator import generate
from benchmarks.harness import ROOT, flags, median, publish, ratio
from benchmarks.processes import MIB, MemoryWatch, cpu_seconds
from benchmarks.servers import cper_lod
from cper_lod.release.sources.read import read_sources

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
FAULTS: Final = 0.001
OURS: Final = "cper-lod check"
MOST: Final[dict[str, int]] = {OURS: 10_000_000, "pyrudof": 1_000_000, "pyshacl": 10_000}
"""The most triples that an engine is given."""
CEILING: Final = 16 * 1024 * MIB
PATIENCE: Final = 300
"""Seconds after which an engine is ended; the row says so by its missing results."""
LONG: Final = 60
"""Seconds from which an engine is measured once."""
PYSHACL: Final = """
import sys, pyshacl, rdflib
rdflib.NORMALIZE_LITERALS = False
data, shapes = (rdflib.Graph().parse(path, format="nt") for path in sys.argv[1:])
_, found, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
print(len(set(found.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult))))
"""
PYRUDOF: Final = """
import sys, pyrudof
engine = pyrudof.Rudof(pyrudof.RudofConfig())
engine.read_data(sys.argv[1], pyrudof.RDFFormat.NTriples)
engine.read_shacl(sys.argv[2], pyrudof.ShaclFormat.NTriples)
print(len(engine.validate_shacl(pyrudof.ShaclValidationMode.Native)))
"""


class Outcome(NamedTuple):
    """What a validation cost: seconds by the clock and of processors, MiB at most; and how many results it had."""

    wall: float
    cpu: float
    peak: float
    results: int | None


def prepare(folder: Path, triples: int) -> None:
    """Write sources, and their data and shapes as N-Triples for the peers.

    pyrudof refuses blank nodes as focus nodes and a pattern with a back reference: all engines but ours get names
    instead of blank nodes of the data, and one shape without its pattern.
    """
    generate(folder / "sources", triples, faults=FAULTS)
    if triples > MOST["pyrudof"]:
        return
    with (folder / "data.nt").open("w", encoding="utf-8") as out:
        for quad in read_sources(folder / "sources").published:
            terms = (str(term).replace("_:", "urn:blank:") for term in quad.triple)
            out.write(" ".join(f"<{term}>" if term.startswith("urn:blank:") else term for term in terms) + " .\n")
    with (folder / "shapes.nt").open("w", encoding="utf-8") as out:
        for path in sorted((folder / "sources" / "shapes").rglob("*.ttl")):
            quads = parse(path=path, format=RdfFormat.TURTLE, rename_blank_nodes=True)
            out.writelines(line for quad in quads if r",\\2" not in (line := f"{quad} .\n"))


def run(engine: str, folder: Path) -> Outcome:
    """Have an engine validate, in a process of its own; its time and memory are those of its tree.

    One that has not ended after `PATIENCE`, or that grows beyond `CEILING`, is ended and has no results.
    """
    words = cper_lod("check", "--sources", folder / "sources", "--format", "json")
    if engine != OURS:
        python, code = (sys.executable, PYSHACL) if engine == "pyshacl" else (peers.python(engine), PYRUDOF)
        words = [str(python), "-c", code, str(folder / "data.nt"), str(folder / "shapes.nt")]
    began, spent = time.perf_counter(), 0.0
    with tempfile.TemporaryFile("w+") as out, subprocess.Popen(words, stdout=out, cwd=ROOT) as process:
        with MemoryWatch(process.pid, process.kill, CEILING) as watch:
            while process.poll() is None:
                spent = max(spent, cpu_seconds(process.pid))
                time.sleep(0.02)
                if time.perf_counter() - began > PATIENCE and engine != OURS:
                    process.kill()
        wall = time.perf_counter() - began
        out.seek(0)
        told = out.read() if process.returncode in (0, 1) else ""
    if engine == OURS:
        return Outcome(wall, spent, watch.peak / MIB, len(json.loads(told)["findings"]))
    return Outcome(wall, spent, watch.peak / MIB, int(told) if told else None)


def measure(triples: int, rounds: int) -> list[Sequence[object]]:
    """Measure the engines that are given so many triples, in turn and back; return their rows."""
    found: dict[str, list[Outcome]] = {name: [] for name, most in MOST.items() if triples <= most}
    with tempfile.TemporaryDirectory(prefix="cper-lod-shacl-") as name:
        prepare(Path(name), triples)
        for count in range(rounds):
            for engine in found if count % 2 == 0 else reversed(found):
                if all(outcome.wall < LONG for outcome in found[engine]):
                    found[engine].append(run(engine, Path(name)))
    ours = [each.cpu for each in found[OURS]]
    rows: list[Sequence[object]] = []
    for engine, outcomes in found.items():
        cpu, peak = [each.cpu for each in outcomes], median([each.peak for each in outcomes])
        wall = median([each.wall for each in outcomes])
        rows.append((triples, engine, len(outcomes), wall, median(cpu), peak, ratio(cpu, ours), outcomes[-1].results))
    return rows


def main() -> None:
    """Measure every size."""
    parser = flags("shacl", __doc__)
    parser.add_argument("--triples", type=int, nargs="+", default=list(SIZES), help="sizes (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.quick:
        MOST.update(pyshacl=0, pyrudof=0)  # the first takes minutes at any size, the second has to be installed
    sizes, rounds = ([1_000], 1) if options.quick else (options.triples, options.rounds)
    rows = [row for size in sizes for row in measure(size, rounds)]
    head = ("triples", "engine", "rounds", "wall s", "CPU s", "peak MiB", "CPU × ours", "results (–: had not ended)")
    publish("SHACL", {"Validation against all our shapes": (head, rows)})


if __name__ == "__main__":
    main()
