"""A large result as CSV, JSON, French CSV and a workbook: time, bytes and memory, and the latency of others meanwhile."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.client import Connection, post
from benchmarks.endless import Probes
from benchmarks.generator import generate
from benchmarks.harness import flags, median, percentile, publish, verdict
from benchmarks.processes import MIB, MemoryWatch, cpu_seconds, memory_bytes
from benchmarks.servers import OURS, Server, material, running
from cper_lod.core.namespaces import CPER

FORMATS: Final = {"plain CSV": ".csv", "results JSON": ".srj", "French CSV": ".tableur.csv", "XLSX": ".xlsx"}
QUERY: Final = (
    f"PREFIX c: <{CPER}> PREFIX dct: <http://purl.org/dc/terms/>"
    + """
SELECT ?subsidy ?contract ?grantor ?beneficiary ?before ?amount ?share ?date ?axis ?line {{
  ?subsidy a c:Subvention ; c:contrat ?contract ; c:attribuant ?grantor ; c:beneficiaire ?beneficiary ;
    c:montantAttribue ?amount ; dct:date ?date ; c:subdivision ?axis ; c:ligne ?line
  OPTIONAL {{ ?subsidy c:montantAvantRepartition ?before }} OPTIONAL {{ ?subsidy c:partDuBeneficiaire ?share }} }} LIMIT {rows}"""
)
"""Ten columns: five IRIs, four numbers and a date."""
STALL: Final = 100
"""Milliseconds that the slowest short query may take meanwhile."""


def measure(server: Server, rows: int, rounds: int) -> list[Sequence[object]]:
    """Return the figures of each format; raises RuntimeError for a response that is not 200."""
    query = QUERY.format(rows=rows).encode()
    found: list[Sequence[object]] = []
    for name, suffix in FORMATS.items():
        wall, cpu, before = [], [], memory_bytes(server.pid)
        with MemoryWatch(server.pid, server.kill) as memory, Probes(server) as others:
            for number in range(rounds):
                began = cpu_seconds(server.pid)
                with Connection(server.port) as connection:
                    reply = connection.ask(post(f"{server.query}{suffix}", query + f" # {number}".encode()))
                if reply.status != 200:
                    raise RuntimeError(f"{name}: {reply.status} {reply.code()}")
                wall.append(reply.seconds)
                cpu.append(cpu_seconds(server.pid) - began)
        asked = others.taken["ASK"].milliseconds
        figures = (median(wall), median(cpu), len(reply.body) / MIB, (memory.peak - before) / MIB)
        found.append((name, *figures, median(asked), percentile(asked, 1), verdict(percentile(asked, 1), STALL)))
    return found


def main() -> None:
    """Measure the formats of one answer."""
    parser = flags("spreadsheets", __doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="rows of the answer, ten columns (%(default)s)")
    options = parser.parse_args()
    rounds, rows = (1, 100) if options.quick else (7, options.rows)
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as folder:
        generate(Path(folder) / "sources", 40 * rows)
        with material(Path(folder) / "sources") as data, running(OURS, data) as server:
            found = measure(server, rows, rounds)
    head = ("format", "s", "CPU s", "MiB", "memory MiB", "ASK ms", "slowest ASK ms", "target")
    publish("Spreadsheets", {f"{rows} rows of 10 columns; medians of {rounds} rounds": (head, found)})


if __name__ == "__main__":
    main()
