"""JSON-LD of one resource: our writer compared with rdflib's serializer and PyLD's framing; CPU time and bytes."""

import gzip
import json
import logging
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import rdflib
from pyld import jsonld as pyld

from benchmarks.harness import ROOT, alternate, flags, median, publish, ratio, verdict
from benchmarks.servers import CONTRACT
from cper_lod.core.formats import N_TRIPLES
from cper_lod.core.namespaces import BASE
from cper_lod.rdf import jsonld
from cper_lod.rdf.serialize import write
from cper_lod.release.build.build import ensure_release
from cper_lod.release.documents import document
from cper_lod.release.release import Release

OURS: Final = "cper-lod"
RDFLIB: Final = "rdflib, our context"
PYLD: Final = "pyld, framed"
RESOURCES: Final = {"contract": CONTRACT, "axis": f"{CONTRACT}/axe/2", "body": "organisme/region-hauts-de-france"}
AHEAD: Final = {RDFLIB: 3, PYLD: 15}
"""How many times our processor time each of them has to spend."""


def writers(release: Release, about: str) -> dict[str, Callable[[], bytes]]:
    """Return the writers of a resource, each with the triples in its own memory.

    rdflib and PyLD get the context as a value, since they would fetch an address; PyLD frames by the IRI of the resource.
    """
    quads = document(release, about).quads
    context: dict[str, Any] = dict(release.context.document)
    ntriples = write(quads, N_TRIPLES, root=about).decode()
    graph = rdflib.Graph().parse(data=ntriples, format="nt")
    dataset = pyld.JsonLdProcessor.parse_nquads(ntriples)

    def with_pyld() -> bytes:
        frame = {"@context": context, "id": about}
        made = pyld.frame(pyld.from_rdf(dataset), frame, {"documentLoader": None})
        return json.dumps(made, indent=2, ensure_ascii=False).encode()

    return {
        OURS: lambda: jsonld.write(quads, about, release.context, address=None),
        RDFLIB: lambda: graph.serialize(format="json-ld", encoding="utf-8", context=context),
        "rdflib, no context": lambda: graph.serialize(format="json-ld", encoding="utf-8"),
        PYLD: with_pyld,
    }


def timer(work: Callable[[], bytes], seconds: float) -> Callable[[], float]:
    """Return what measures the microseconds of processor time of one call, over calls of `seconds` at least."""

    def run() -> float:
        calls, start = 0, time.process_time()
        while (spent := time.process_time() - start) < seconds or not calls:
            work()
            calls += 1
        return spent / calls * 1e6

    return run


def main() -> None:
    """Measure every writer on every resource, in turn."""
    options = flags("jsonld", __doc__).parse_args()
    rounds, seconds = (1, 0.001) if options.quick else (9, 0.2)
    rdflib.NORMALIZE_LITERALS = False  # literals stay as they are written, as in ours
    logging.getLogger("rdflib.term").disabled = True
    warnings.simplefilter("ignore")
    rows = []
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as folder:
        release, _ = ensure_release(options.keep / "own" / "releases" if options.keep else Path(folder), ROOT)
        for resource, path in RESOURCES.items():
            by_name = writers(release, f"{BASE}id/{path}")
            made = {name: work() for name, work in by_name.items()}
            spent = alternate(rounds, {name: timer(work, seconds) for name, work in by_name.items()})
            for name, body in made.items():
                times = ratio(spent[name], spent[OURS])
                target = verdict(times, AHEAD[name], at_least=True) if name in AHEAD else ""
                rows.append((resource, name, median(spent[name]), times, len(body), len(gzip.compress(body)), target))
    head = ("resource", "writer", "CPU µs", "CPU × ours", "bytes", "gzip", "target")
    caption = f"One process, in memory; medians of {rounds} rounds"
    publish("JSON-LD of one resource", {caption: (head, rows)})


if __name__ == "__main__":
    main()
