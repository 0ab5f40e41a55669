"""What validation against all our shapes costs, compared with pyshacl and pyrudof: time and memory, by size."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import RdfFormat, parse

from benchmarks import peers
from benchmarks.generator import generate
from benchmarks.harness import ROOT, flags, median, publish, ratio, verdict
from benchmarks.processes import MIB, MemoryWatch, cpu_seconds
from benchmarks.shacl_engines import OURS, PYRUDOF, STOCK, Outcome
from cper_lod.release.sources.read import read_sources

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
FAULTS: Final = 0.001
HEAD: Final = (
    "triples",
    "engine",
    "rounds",
    "wall s",
    "CPU s",
    "peak MiB",
    "of pyrudof's CPU",
    "results (–: had not ended)",
)


class Engine(NamedTuple):
    """What validates, and the most triples that it is given."""

    code: str
    most: int


_PEERS: Final = 1_000_000
"""More is not given to anybody else."""
ENGINES: Final = {
    "cper-lod": Engine(OURS, SIZES[-1]),
    "pyrudof": Engine(PYRUDOF, _PEERS),
    "pyshacl": Engine(STOCK, 100_000),
}
_CEILING: Final = 16 * 1024 * MIB
_PATIENCE: Final = 300
"""Seconds after which stock pyshacl is ended where it has not ended: it costs more than that, and the row says so."""
_LONG: Final = 60
"""Seconds from which an engine is measured once."""
_SORT: Final = ("sort", "-u", "-S", "300M")


def prepare(folder: Path, triples: int) -> None:
    """Write sources of so many triples, one subsidy in a thousand with a fault, as the engines read them.

    `data.nq` is sorted. pyrudof refuses blank nodes as focus nodes and a pattern with a reference back: in `named.nt`
    the first have names, in `named-shapes.nt` one shape has no pattern.
    """
    sources = folder / "sources"
    generate(sources, triples, faults=FAULTS)
    own = {path.relative_to(ROOT) for path in (ROOT / "data").rglob("*")}
    made = [path for path in sorted((sources / "data").rglob("*")) if path.relative_to(sources) not in own]
    with (folder / "data.nq").open("wb") as out:
        process = subprocess.Popen(
            [*_SORT, "-T", str(folder)], stdin=subprocess.PIPE, stdout=out, env=os.environ | {"LC_ALL": "C"}
        )
        assert process.stdin  # noqa: S101
        with process, process.stdin as pipe:
            pipe.writelines(line.encode() for line in _lines(made))
    with (folder / "shapes.nq").open("w", encoding="utf-8") as out:
        shapes = sorted((sources / "shapes").rglob("*.ttl"))
        out.writelines(f"{each} .\n" for path in shapes for each in parse(path=path, rename_blank_nodes=True))
    shutil.rmtree(sources)
    if triples <= _PEERS:
        for name, named in (("data.nt", False), ("named.nt", True)):
            with (folder / name).open("w", encoding="utf-8") as out:
                out.writelines(_triples(folder / "data.nq", named=named))
        lines = (folder / "shapes.nq").read_text("utf-8").splitlines(keepends=True)
        (folder / "shapes.nt").write_text("".join(lines), "utf-8")
        (folder / "named-shapes.nt").write_text("".join(line for line in lines if r",\\2" not in line), "utf-8")


def _lines(made: Sequence[Path]) -> Iterator[str]:
    """Yield the quads of the project and those that were made, as lines."""
    yield from (f"{each} .\n" for each in read_sources(ROOT).published)
    for path in made:
        if path.suffix in (".ttl", ".nt"):
            format_ = RdfFormat.TURTLE if path.suffix == ".ttl" else RdfFormat.N_TRIPLES
            yield from (f"{each} .\n" for each in parse(path=path, format=format_, rename_blank_nodes=True))


def _triples(path: Path, *, named: bool) -> Iterator[str]:
    """Yield the lines without their graphs, each blank node with a name if wanted."""
    for quad in parse(path=path, format=RdfFormat.N_QUADS):
        terms = map(str, (quad.subject, quad.predicate, quad.object))
        yield (
            " ".join(f"<urn:bnode:{each[2:]}>" if named and each.startswith("_:") else each for each in terms) + " .\n"
        )


def run(engine: Engine, folder: Path) -> Outcome:
    """Have an engine validate, in a process of its own; its time and memory are those of its tree.

    One that has not ended after `_PATIENCE` is ended, and has no results. Raises RuntimeError for one that fails.
    """
    python = peers.python("pyrudof") if engine.code == PYRUDOF else Path(sys.executable)
    program = Path(__file__).with_name("shacl_engines.py")
    command = [str(python), str(program), engine.code, str(folder)]
    began = time.perf_counter()
    spent, ended = 0.0, False
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        with MemoryWatch(process.pid, process.kill, _CEILING) as watch:
            while not _waited(process):
                spent = max(spent, cpu_seconds(process.pid))
                if engine.code == STOCK and time.perf_counter() - began > _PATIENCE:
                    process.kill()
                    ended = True
        told = process.stdout.read() if process.stdout else ""
        ended |= watch.ended
    wall = time.perf_counter() - began
    if process.returncode and not ended:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    found = json.loads(told) if told and not ended else {}
    return Outcome(wall, max(spent, found.get("cpu", 0.0)), watch.peak / MIB, found.get("results"))


def _waited(process: "subprocess.Popen[str]") -> bool:
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return False
    return True


def rows(triples: int, rounds: int) -> list[tuple[object, ...]]:
    """Measure the engines that a size is bearable for, in turn and back; return their rows."""
    works = {name: each for name, each in ENGINES.items() if triples <= each.most}
    found: dict[str, list[Outcome]] = {name: [] for name in works}
    with tempfile.TemporaryDirectory(prefix="cper-lod-shacl-") as name:
        prepare(Path(name), triples)
        for count in range(rounds):
            for each in works if count % 2 == 0 else reversed(works):
                if all(outcome.wall < _LONG for outcome in found[each]):
                    found[each].append(run(works[each], Path(name)))
                    print(triples, each, found[each][-1], file=sys.stderr, flush=True)
    theirs = [each.cpu for each in found.get("pyrudof", [])]
    made: list[tuple[object, ...]] = []
    for name, outcomes in found.items():
        wall, cpu = [each.wall for each in outcomes], [each.cpu for each in outcomes]
        peak = median([each.peak for each in outcomes])
        told = median(wall), median(cpu), peak, ratio(cpu, theirs), outcomes[-1].results
        made.append((triples, name, len(outcomes), *told))
    return made


def verdicts(found: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return what was aimed at, and whether it is met, where both sides were measured."""
    by = {(row[0], row[1]): row for row in found}

    def share(size: int, ours: str, theirs: str, column: int) -> float:
        if (size, ours) not in by or (size, theirs) not in by:
            return float("nan")
        return ratio([float(str(by[size, ours][column]))], [float(str(by[size, theirs][column]))])

    return [
        ("pyshacl's CPU by ours, 1 000", share(1_000, "pyshacl", "cper-lod", 4), 9, True),
        ("pyshacl's CPU by ours, 100 000, at least", share(100_000, "pyshacl", "cper-lod", 4), 9, True),
        ("our CPU by pyrudof's, 1 000 000", share(1_000_000, "cper-lod", "pyrudof", 4), 1, False),
        ("our memory by pyrudof's, 1 000 000", share(1_000_000, "cper-lod", "pyrudof", 5), 0.25, False),
    ]


def main() -> None:
    """Measure and print."""
    parser: argparse.ArgumentParser = flags("shacl", __doc__)
    parser.add_argument("--triples", type=int, nargs="+", default=list(SIZES), help="sizes (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    peers.require(["pyrudof"])
    sizes, rounds = ([1_000], 1) if given.quick else (given.triples, given.rounds)
    found = [row for size in sizes for row in rows(size, rounds if size <= 100_000 else 1)]
    aims = [(name, value, verdict(value, aim, at_least=least)) for name, value, aim, least in verdicts(found)]  # type: ignore[arg-type]
    publish(given.json, "SHACL", {"Validation": (HEAD, found), "Aims": (("what", "ratio", "aim"), aims)})


if __name__ == "__main__":
    main()
