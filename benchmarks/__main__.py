"""Runs benchmarks: `python -m benchmarks TABLE…`, `--all`, or nothing for a list. Writes charts beside the JSON."""

import argparse
import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import peers
from benchmarks.charts import Bar, chart
from benchmarks.harness import RESULTS, ROOT


@dataclass(frozen=True)
class Table:
    """A program of this folder: the peers that it wants, and what its chart shows, where it has one.

    `chart` names a column of groups, one of what is compared, and one of values with its unit.
    """

    peers: Sequence[str] = ()
    chart: tuple[str, str, str, str] | None = None


_CPU: Final = ("CPU µs", "processor time a request, µs")
TABLES: Final[Mapping[str, Table]] = {
    "small": Table(("oxigraph", "rdflib-endpoint"), ("query", "server", *_CPU)),
    "isolation": Table(),
    "aggregate": Table(("oxigraph", "rdflib-endpoint"), ("query", "server", "ms", "ms")),
    "endpoints": Table(
        ("oxigraph", "rdflib-endpoint", "rdflib", "virtuoso"), ("query", "peer", "CPU ms", "processor time, ms")
    ),
    "ready": Table(("nginx", "gunicorn"), ("request", "server", *_CPU)),
    "cold": Table((), ("page of a", "triples", "HTTP ms", "processor time of the first request, ms")),
    "serving": Table(),
    "building": Table(),
    "shipped": Table(("oxigraph",)),
    "shacl": Table(("pyrudof",)),
    "jsonld": Table((), ("resource", "writer", *_CPU)),
    "spreadsheets": Table((), ("writer", "writer", "CPU s", "processor time, s")),
    "fairness": Table(("oxigraph", "rdflib-endpoint")),
    "runaway": Table(),
    "hostile": Table(),
}
"""The tables in the order in which `--all` makes them. The others of this folder have flags of their own."""


def charts(results: Path, table: Table, name: str) -> list[Path]:
    """Write a chart of each table of a file of results that has the columns, beside it; return their paths."""
    told = json.loads(results.read_bytes())
    made: list[Path] = []
    for caption, rows in told["tables"].items():
        bars = _bars(rows, table.chart)
        if not bars or table.chart is None:
            continue
        path = results.with_name(f"{name}{'-' + str(len(made) + 1) if made else ''}.svg")
        path.write_text(chart(told["title"], table.chart[3], bars, caption), "utf-8")
        made.append(path)
    return made


def _bars(rows: Sequence[Mapping[str, Any]], wanted: tuple[str, str, str, str] | None) -> list[Bar]:
    if wanted is None:
        return []
    group, series, value, _ = wanted
    return [
        Bar(str(row[group]), str(row[series]), float(row[value]))
        for row in rows
        if {group, series, value} <= set(row) and isinstance(row[value], int | float)
    ]


def list_tables() -> str:
    """Return the tables, with what each measures and the peers that it needs; imports none of them."""
    lines = []
    for name, table in TABLES.items():
        source = Path(__file__).with_name(f"{name}.py").read_text("utf-8")
        doc = (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
        lines.append(f"{name:13} {doc}" + (f" [{', '.join(table.peers)}]" if table.peers else ""))
    return "\n".join(lines)


def run(name: str, more: Sequence[str]) -> int:
    """Make one table, print its charts; return how the program ended."""
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *more], cwd=ROOT, check=False)
    results = RESULTS / f"{name}.json"
    if not done.returncode and results.exists():
        for path in charts(results, TABLES[name], name):
            print(f"SVG: {path}")
    return done.returncode


def main() -> None:
    """Make the tables that are named; ends with 1 where a peer is missing or a table could not be made."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=list_tables(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE")
    parser.add_argument("--all", action="store_true", help="every table")
    parser.add_argument("--quick", action="store_true", help="short runs; their figures are rough")
    given = parser.parse_args()
    wanted = [*TABLES] if given.all else given.tables
    if unknown := [name for name in wanted if name not in TABLES]:
        parser.error(f"no such table: {', '.join(unknown)}\n{list_tables()}")
    if not wanted:
        print(list_tables())
        return
    # Before anything is measured: a run of an hour must not end at a package or a peer that is missing.
    for name in wanted:
        importlib.import_module(f"benchmarks.{name}")
    peers.require(list(dict.fromkeys(peer for name in wanted for peer in TABLES[name].peers)))
    print(", ".join(f"{name} {version}" for name, version in peers.versions().items()), flush=True)
    failed = [name for name in wanted if run(name, ["--quick"] if given.quick else [])]
    if failed:
        sys.exit(f"not made: {', '.join(failed)}")


if __name__ == "__main__":
    main()
