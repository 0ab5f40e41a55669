"""Grouping, joining and counting 100 000 synthetic triples: cper-lod, pyoxigraph alone, and the peers over HTTP."""

import itertools
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Store

from benchmarks.client import Connection, asking
from benchmarks.harness import alternate, flags, median, publish, ratio, verdict
from benchmarks.isolation import raw
from benchmarks.servers import NAMES, ON_DISK, OURS, RDFLIB, Server, material, run_all
from benchmarks.synthetic_triples import EX, write_index, write_ntriples
from cper_lod.core.formats import RESULTS_JSON, TURTLE
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Query
from cper_lod.engine.embedded import EmbeddedEngine

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
AHEAD: Final = frozenset({"group", "join and group", "join"})
"""Where rdflib-endpoint has to take so many times as long: in memory, and on disk."""
TIMES: Final = (20, 10)
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
    """Return the rows of ours without HTTP beside raw pyoxigraph, on the index on disk and in memory."""
    rows: list[tuple[object, ...]] = []
    large = replace(Settings(), index_memory=1024)
    with EmbeddedEngine(index, large, ()) as engine, EmbeddedEngine(index, large, (), ntriples) as shared:
        store, memory = Store.read_only(str(index)), Store()
        memory.bulk_load(path=str(ntriples), format=RdfFormat.N_TRIPLES)
        for case in QUERIES:
            works = {
                "raw": timed(lambda asked: raw(store, asked), case),
                "engine": timed(lambda asked: engine.query(Query(asked, RESULTS_JSON, TURTLE)), case),
                "raw, in memory": timed(lambda asked: raw(memory, asked), case),
                "engine, in memory": timed(lambda asked: shared.query(Query(asked, RESULTS_JSON, TURTLE)), case),
            }
            alternate(2, works)
            spent = alternate(rounds, works)
            for kind, where in (("", "on disk"), (", in memory", "in memory")):
                ours, theirs = spent["engine" + kind], spent["raw" + kind]
                times = ratio(ours, theirs)
                rows.append((case, where, median(theirs), median(ours), times, verdict(times, SLOWER)))
    return rows


def outside(servers: list[Server], rounds: int, *, held: bool) -> list[tuple[object, ...]]:
    """Return the rows of the servers, asked through HTTP; `held` says that ours has the data in memory by itself."""
    rows: list[tuple[object, ...]] = []
    for case in QUERIES:
        works = {server.name: timed(over_http(server), case) for server in servers}
        alternate(1, works)
        spent = alternate(rounds, works)
        for name in (OURS, ON_DISK, *NAMES[1:]):
            times = ratio(spent[name], spent[OURS])
            told = ""
            if name == RDFLIB and case in AHEAD:
                told = verdict(times, TIMES[0] if held else TIMES[1], at_least=True)
                told += f"; {ratio(spent[name], spent[ON_DISK]):.3g} times ours on disk"
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
        with material(ntriples) as data, run_all((ON_DISK, *NAMES), data) as servers:
            held = ntriples.stat().st_size <= Settings().index_memory << 20
            through = outside(servers, few, held=held)
    publish(
        options.json,
        f"Aggregates over {options.triples} triples",
        {
            f"EmbeddedEngine beside raw pyoxigraph, medians of {rounds}": (
                ("query", "data", "raw ms", "engine ms", "engine × raw", "target"),
                within,
            ),
            f"Through HTTP, medians of {few}": (("query", "server", "ms", "× cper-lod", "target"), through),
        },
    )


if __name__ == "__main__":
    main()
