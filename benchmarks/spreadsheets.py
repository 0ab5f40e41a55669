"""A large result as plain CSV, CSV for French spreadsheets and a workbook, and the latency of others meanwhile."""

import io
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import openpyxl
from pyoxigraph import QueryResultsFormat, parse_query_results

from benchmarks.client import Connection, asking, post
from benchmarks.harness import alternate, flags, median, publish, ratio, verdict
from benchmarks.processes import MIB, MemoryWatch, cpu_seconds, memory_bytes
from benchmarks.servers import OURS, Server, material, running
from benchmarks.synthetic_triples import write_ntriples
from cper_lod.rdf.spreadsheets import csv_fr, xlsx
from cper_lod.rdf.spreadsheets.cells import Cell, cell
from cper_lod.rdf.spreadsheets.xlsx import Worksheet

FORMS: Final = {"plain CSV": ".csv", "results JSON": ".srj", "French CSV": ".tableur.csv", "XLSX": ".xlsx"}
QUERY: Final = """PREFIX d: <https://example.org/def/>
SELECT ?subsidy ?beneficiary ?name ?amount ?year ?territory ?place ?region ?programme ?title {{
  ?subsidy a d:Subsidy ; d:beneficiary ?beneficiary ; d:amount ?amount ; d:year ?year ; d:territory ?territory ;
    d:programme ?programme . ?beneficiary d:name ?name . ?territory d:name ?place ; d:region ?region .
  ?programme d:name ?title }} LIMIT {rows}"""
"""Ten columns: five of things, three of texts, an amount and a year."""
STALL: Final = 100
"""Milliseconds that the slowest `ASK {}` may take meanwhile."""


class SteadyClient:
    """A client that asks `ASK {}` again and again while something else is done; a context manager."""

    def __init__(self, server: Server) -> None:
        self.milliseconds: list[float] = []
        self._server, self._stop = server, threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        with Connection(self._server.port) as connection:
            while not self._stop.wait(0.002):
                self.milliseconds.append(connection.ask(asking(self._server.query, "ASK {}")).seconds * 1000)


def measure(server: Server, rows: int, rounds: int) -> list[Sequence[object]]:
    """Return the figures of each form: the request, the processor time, the bytes, the memory, the others."""
    query = QUERY.format(rows=rows).encode()
    with Connection(server.port) as connection:
        connection.ask(post(f"{server.query}.xlsx", query))  # warm
    told: list[Sequence[object]] = []
    for name, suffix in FORMS.items():
        took, spent, before = [], [], memory_bytes(server.pid)
        with MemoryWatch(server.pid, server.kill) as memory, SteadyClient(server) as steady:
            for _ in range(rounds):
                began = cpu_seconds(server.pid)
                with Connection(server.port) as connection:
                    reply = connection.ask(post(f"{server.query}{suffix}", query))
                if reply.status != 200:
                    raise SystemExit(f"{name}: {reply.status} {reply.code()}")
                took.append(reply.seconds)
                spent.append(cpu_seconds(server.pid) - began)
        slowest = max(steady.milliseconds)
        met = verdict(slowest, STALL) if suffix in (".xlsx", ".tableur.csv") else ""
        told.append(
            (
                name,
                median(took),
                median(spent),
                rows / median(took),
                len(reply.body) / MIB,
                (memory.peak - before) / MIB,
                median(steady.milliseconds),
                slowest,
                met,
            )
        )
    told.append(("nothing", *([None] * 5), *_alone(server)))
    return told


def _alone(server: Server) -> tuple[float, float, str]:
    with SteadyClient(server) as steady:
        time.sleep(2)
    return median(steady.milliseconds), max(steady.milliseconds), ""


def writers(server: Server, rows: int, rounds: int) -> list[Sequence[object]]:
    """Return what the writers take by themselves, ours beside openpyxl, on the cells of the same answer."""
    with Connection(server.port) as connection:
        body = connection.ask(post(f"{server.query}.srj", QUERY.format(rows=rows).encode())).body
    found = parse_query_results(body, format=QueryResultsFormat.JSON)
    table: list[Sequence[Cell | None]] = [[each and cell(each) for each in solution] for solution in found]  # type: ignore[union-attr]
    works = {
        "rdf.xlsx": lambda: len(xlsx.write([Worksheet("x", table)])),
        "rdf.french_csv": lambda: len(csv_fr.write(table)),
        "openpyxl, write-only": lambda: _openpyxl(table),
    }
    sizes = dict.fromkeys(works, 0)

    def timed(name: str) -> float:
        began = time.process_time()
        sizes[name] = works[name]()
        return time.process_time() - began

    spent = alternate(rounds, {name: lambda name=name: timed(name) for name in works})  # type: ignore[misc]
    return [(name, median(times), ratio(times, spent["rdf.xlsx"]), sizes[name] / MIB) for name, times in spent.items()]


def _openpyxl(table: Sequence[Sequence[Cell | None]]) -> int:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("x")
    for row in table:
        sheet.append([each and (float(each.text) if each.kind == "number" else each.text) for each in row])
    file = io.BytesIO()
    book.save(file)
    return len(file.getvalue())


def main() -> None:
    """Measure the forms of one answer, and the writers alone."""
    parser = flags("spreadsheets", __doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="rows of the answer, ten columns (%(default)s)")
    options = parser.parse_args()
    rounds = 2 if options.quick else 7
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as folder:
        made = write_ntriples(Path(folder) / "subsidies.nt", 6 * options.rows + 20_000)
        with material(made) as data, running(OURS, data) as server:
            forms, alone = measure(server, options.rows, rounds), writers(server, options.rows, rounds)
    head = ("form", "s", "CPU s", "rows/s", "MiB", "memory MiB", "ASK ms", "slowest ASK ms", "target")
    publish(
        options.json,
        "Spreadsheets",
        {
            f"{options.rows} rows of 10 columns; medians of {rounds} rounds": (head, forms),
            "The writers alone": (("writer", "CPU s", "× rdf.xlsx", "MiB"), alone),
        },
    )


if __name__ == "__main__":
    main()
