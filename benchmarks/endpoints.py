"""The same queries over the same synthetic subsidies: cper-lod, Oxigraph's server, rdflib-endpoint, Virtuoso 7, rdflib."""

import base64
import itertools
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple, cast

from benchmarks import peers
from benchmarks.client import Connection, asking
from benchmarks.generator import generate
from benchmarks.harness import alternate, flags, median, publish, ratio
from benchmarks.processes import cpu_seconds
from benchmarks.servers import OURS, OXIGRAPH, RDFLIB, VIRTUOSO, Server, material, running
from cper_lod.core.namespaces import CPER, PREFIXES

MEMORY: Final = "rdflib, in memory"
HTTP: Final = (OURS, OXIGRAPH, VIRTUOSO, RDFLIB)
_PREFIXES: Final = f"PREFIX cper: <{CPER}> PREFIX dct: <{PREFIXES['dct']}> "
QUERIES: Final = {
    "one subsidy": "SELECT ?p ?o WHERE { <SUBSIDY> ?p ?o FILTER(NTH > 0) }",
    "an axis, its subsidies": "SELECT (COUNT(?s) AS ?n) (SUM(?amount) AS ?sum) WHERE { "
    "?s cper:axeConcerne <CONTRACT/axe/1> ; a cper:Subvention ; cper:montantAttribue ?amount FILTER(NTH > 0) }",
    "by grantor": "SELECT ?body (COUNT(?s) AS ?n) (SUM(?amount) AS ?sum) WHERE { "
    "?s cper:contrat <CONTRACT> ; cper:attribuant ?body ; cper:montantAttribue ?amount FILTER(NTH > 0) } GROUP BY ?body",
    "by grantor, all contracts": "SELECT ?body (COUNT(?s) AS ?n) (SUM(?amount) AS ?sum) WHERE { "
    "?s a cper:Subvention ; cper:attribuant ?body ; cper:montantAttribue ?amount FILTER(NTH > 0) } GROUP BY ?body",
    "the largest ten": "SELECT ?s ?amount ?date WHERE { ?s a cper:Subvention ; cper:montantAttribue ?amount ; dct:date ?date "
    "FILTER(NTH > 0) } ORDER BY DESC(?amount) ?s LIMIT 10",
}
"""Each with a number that is new each time (NTH), so that nobody has the answer ready."""
_numbers = itertools.count(1)


class Cost(NamedTuple):
    """What one query cost: milliseconds of waiting and of processor time of the process tree; how many rows it has."""

    wall: float
    cpu: float
    rows: int


def over_http(server: Server, text: Callable[[], str]) -> Callable[[], Cost]:
    """Return what asks a server once; raises RuntimeError for an answer that is none."""

    def run() -> Cost:
        before = cpu_seconds(server.pid)
        with Connection(server.port, 300) as connection:
            reply = connection.ask(asking(server.query, text()))
        if reply.status != 200:
            raise RuntimeError(f"{server.name}: {reply.status} {reply.body[:300]!r}")
        spent = (cpu_seconds(server.pid) - before) * 1e3
        return Cost(reply.seconds * 1e3, spent, len(json.loads(reply.body)["results"]["bindings"]))

    return run


@contextmanager
def in_memory(ntriples: Path) -> Iterator[Callable[[Callable[[], str]], Callable[[], Cost]]]:
    """Yield what asks a Graph of rdflib in a process of its own; raises peers.MissingPeer."""
    words = [str(peers.python("rdflib")), str(Path(__file__).with_name("rdflib_memory.py")), str(ntriples)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        asked, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        answers.readline()

        def asker(text: Callable[[], str]) -> Callable[[], Cost]:
            def run() -> Cost:
                began = time.perf_counter()
                asked.write(base64.b64encode(text().encode()) + b"\n")
                asked.flush()
                rows, spent = answers.readline().split()
                return Cost((time.perf_counter() - began) * 1e3, float(spent) * 1e3, int(rows))

            return run

        try:
            yield asker
        finally:
            process.kill()


def load_all(folder: Path, triples: int) -> tuple[Path, str, str]:
    """Write synthetic data as one file of N-Triples; return it, a subsidy and its contract."""
    generate(folder / "sources", triples)
    data = folder / "sources" / "data"
    ntriples, subsidy, contract = folder / "subventions.nt", "", ""
    with ntriples.open("wb") as out:
        for path in sorted(data.glob("subventions/*/*fictif*.nt")):
            out.write(path.read_bytes())
    with ntriples.open("rb") as lines:
        for line in lines:
            if line.split(b" ")[1] == f"<{CPER}contrat>".encode() and b"/subvention/" in line:
                subsidy, _, contract = (each[1:-1].decode() for each in line.split(b" ")[:3])
                break
    return ntriples, subsidy, contract


def rows(found: dict[str, dict[str, list[Cost]]]) -> list[tuple[object, ...]]:
    """Return the figures of each query and peer, with ratios to ours; raises ValueError where they disagree."""
    told: list[tuple[object, ...]] = []
    for query, by_name in found.items():
        counts = {name: {cost.rows for cost in costs} for name, costs in by_name.items()}
        if len(set(map(frozenset, counts.values()))) > 1:
            raise ValueError(f"{query}: {counts}")
        ours = by_name[OURS]
        for name, costs in by_name.items():
            wall, cpu = [cost.wall for cost in costs], [cost.cpu for cost in costs]
            against = [cost.wall for cost in ours], [cost.cpu for cost in ours]
            told.append(
                (query, name, costs[0].rows, median(wall), median(cpu), ratio(wall, against[0]), ratio(cpu, against[1]))
            )
    return told


def main() -> None:
    """Ask all peers in turn, there and back."""
    parser = flags("endpoints", __doc__)
    parser.add_argument("--triples", type=int, default=100_000)
    options = parser.parse_args()
    rounds, triples = (2, 20_000) if options.quick else (7, options.triples)
    peers.require(["oxigraph", "rdflib-endpoint", "rdflib", "virtuoso"])
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as name, ExitStack() as stack:
        ntriples, subsidy, contract = load_all(Path(name), triples)
        data = stack.enter_context(material(ntriples))
        servers = [stack.enter_context(running(each, data)) for each in HTTP]
        memory = stack.enter_context(in_memory(ntriples))
        found = {}
        for query, pattern in QUERIES.items():

            def text(pattern: str = pattern) -> str:
                number = str(next(_numbers))
                filled = pattern.replace("NTH", number).replace("SUBSIDY", subsidy).replace("CONTRACT", contract)
                return _PREFIXES + filled

            works = {server.name: over_http(server, text) for server in servers} | {MEMORY: memory(text)}
            alternate(1, works)
            found[query] = alternate(rounds, works)
    head = ("query", "peer", "rows", "ms", "CPU ms", "ms × ours", "CPU × ours")
    caption = f"Medians of {rounds} rounds, all peers in turn, each text new"
    publish(options.json, f"SPARQL endpoints over {triples} synthetic triples", {caption: (head, rows(found))})


if __name__ == "__main__":
    main()
