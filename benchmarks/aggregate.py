"""Grouping, joining and counting 100 000 made-up triples: ours, raw pyoxigraph, and the peers through HTTP."""

import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Store

from benchmarks.client import Connection, asking
from benchmarks.data import EX, write_index, write_ntriples
from benchmarks.isolation import raw
from benchmarks.measure import alternate, flags, median, publish, ratio, verdict
from benchmarks.servers import IN_MEMORY, NAMES, OURS, RDFLIB, Server, material, together
from cper_lod.engine.embedded import EmbeddedEngine
from cper_lod.engine.engine import Query
from cper_lod.terms.formats import RESULTS_JSON, TURTLE
from cper_lod.terms.settings import Settings

QUERIES: Final = {
    "group": "SELECT ?programme (COUNT(*) AS ?n) (SUM(?amount) AS ?sum) (NTH AS ?nth) WHERE { "
    "?s ex:programme ?programme ; ex:amount ?amount } GROUP BY ?programme",
    "join and group": "SELECT ?region ?year (SUM(?amount) AS ?sum) (NTH AS ?nth) WHERE { "
    "?s ex:territory ?t ; ex:year ?year ; ex:amount ?amount . ?t ex:region ?region } GROUP BY ?region ?year",
    "join": "SELECT ?name ?programme ?amount (NTH AS ?nth) WHERE { ?s ex:beneficiary ?b ; ex:amount ?amount ; "
    "ex:programme ?p . ?b ex:name ?name . ?p ex:name ?programme FILTER(?amount > 500000) }",
    "count": "SELECT (COUNT(*) AS ?n) (NTH AS ?nth) WHERE { ?s ?p ?o }",
}
"""Each answer holds a number that is new each time (NTH), so that nobody has it ready."""
SLOWER: Final = 1.15
AHEAD: Final = {"group": 10, "join and group": 10, "join": 10}
AHEAD_IN_MEMORY: Final = 20
_numbers = itertools.count(1)


def text(case: str) -> str:
    """Return the query of a case, new each time."""
    return f"PREFIX ex: <{EX}def/> {QUERIES[case].replace('NTH', str(next(_numbers)))}"


def timed(work: Callable[[str], object], case: str) -> Callable[[], float]:
    """Return what asks once and returns the milliseconds."""

    def run() -> float:
        asked = text(case)
        began = time.perf_counter()
        work(asked)
        return (time.perf_counter() - began) * 1e3

    return run


def over_http(server: Server) -> Callable[[str], object]:
    """Return what asks a server, and raises RuntimeError for an answer that is none."""

    def ask(asked: str) -> object:
        with Connection(server.port, 120) as connection:
            reply = connection.ask(asking(server.query, asked))
        if reply.status != 200:
            raise RuntimeError(f"{server.name}: {reply.status} {reply.body[:300]!r}")
        return reply

    return ask


def inside(index: Path, ntriples: Path, rounds: int) -> list[tuple[object, ...]]:
    """Return the rows of ours without HTTP beside raw pyoxigraph on the same index, and in memory."""
    rows: list[tuple[object, ...]] = []
    with EmbeddedEngine(index, Settings(), ()) as engine:
        store, memory = Store.read_only(str(index)), Store()
        memory.bulk_load(path=str(ntriples), format=RdfFormat.N_TRIPLES)
        for case in QUERIES:
            works = {
                "raw": timed(lambda asked: raw(store, asked), case),
                "engine": timed(lambda asked: engine.ask(Query(asked, RESULTS_JSON, TURTLE)), case),
                "memory": timed(lambda asked: raw(memory, asked), case),
            }
            alternate(2, works)
            spent = alternate(rounds, works)
            times = ratio(spent["engine"], spent["raw"])
            medians = [median(spent[each]) for each in works]
            rows.append((case, *medians, times, verdict(times, SLOWER)))
    return rows


def outside(servers: list[Server], rounds: int) -> list[tuple[object, ...]]:
    """Return the rows of the servers, asked through HTTP."""
    rows: list[tuple[object, ...]] = []
    for case in QUERIES:
        works = {server.name: timed(over_http(server), case) for server in servers}
        alternate(1, works)
        spent = alternate(rounds, works)
        for name in (OURS, IN_MEMORY, *NAMES[1:]):
            times = ratio(spent[name], spent[OURS])
            told = ""
            if name == RDFLIB and case in AHEAD:
                inside_memory = ratio(spent[name], spent[IN_MEMORY])
                told = f"{verdict(times, AHEAD[case], at_least=True)}; in memory {inside_memory:.3g} times: "
                told += verdict(inside_memory, AHEAD_IN_MEMORY, at_least=True)
            rows.append((case, name, median(spent[name]), times, told))
    return rows


def main() -> None:
    """Measure both tables on the same data."""
    parser = flags("aggregate", __doc__)
    parser.add_argument("--triples", type=int, default=100_000)
    options = parser.parse_args()
    rounds, few = (5, 1) if options.quick else (31, 7)
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as name:
        ntriples = write_ntriples(Path(name) / "subsidies.nt", options.triples)
        within = inside(write_index(Path(name) / "index", ntriples), ntriples, rounds)
        with material(ntriples) as data, together((IN_MEMORY, *NAMES), data) as servers:
            through = outside(servers, few)
    publish(
        options.json,
        f"Aggregates over {options.triples} triples",
        {
            f"EmbeddedEngine beside raw pyoxigraph, medians of {rounds}": (
                ("query", "raw ms", "engine ms", "raw, in memory ms", "engine × raw", "target"),
                within,
            ),
            f"Through HTTP, medians of {few}": (("query", "server", "ms", "× cper-lod", "target"), through),
        },
    )


if __name__ == "__main__":
    main()
