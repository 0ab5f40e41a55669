"""JSON-LD of one resource: our writer compared with rdflib's serializer and pyld's framing; CPU time and bytes."""

import contextlib
import gc
import gzip
import json
import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import rdflib

from benchmarks import peers
from benchmarks.harness import ROOT, alternate, flags, median, publish, ratio, verdict
from cper_lod.core.formats import N_TRIPLES
from cper_lod.core.namespaces import BASE
from cper_lod.rdf import jsonld
from cper_lod.rdf.serialize import write
from cper_lod.release.build.build import ensure_release
from cper_lod.release.documents import document
from cper_lod.release.release import CONTEXT, Release

try:
    from pyld import jsonld as pyld
except ModuleNotFoundError as error:
    sys.exit(peers.missing_package(error))

OURS: Final = "cper-lod"
INLINED: Final = "cper-lod, context within"
RDFLIB: Final = "rdflib, our context"
PLAIN: Final = "rdflib, no context"
COMPACT: Final = "rdflib, auto_compact"
PYLD: Final = "pyld, framed"
ADDRESS: Final = "http://127.0.0.1:8000/context/1.0.0.jsonld"
CONTRACT: Final = BASE + "id/contrat/hauts-de-france-2021-2027"
RESOURCES: Final = {
    "contract": CONTRACT,
    "axis": CONTRACT + "/axe/2",
    "body": BASE + "id/organisme/region-hauts-de-france",
}
AHEAD: Final = {RDFLIB: 3, PYLD: 15}
"""How many times our processor time each of them has to spend."""
SHARE: Final = 0.5
"""How much of the bytes ours may have that rdflib writes of the same graph where nothing more is asked of it."""


@dataclass(frozen=True)
class Writers:
    """The writers of one resource, each with its material ready: the triples in the form that it works on."""

    about: str
    by_name: dict[str, Callable[[], bytes]]


def writers(release: Release, about: str) -> Writers:
    """Return the writers of a resource; rdflib and pyld get the context as a value, since they would fetch an address.

    Ours begins with pyoxigraph's quads, rdflib with its graph in memory, pyld with its dataset in memory. pyld makes
    expanded JSON-LD of it, then frames that by the IRI of the resource.
    """
    quads = document(release, about).quads
    context: dict[str, Any] = json.loads((release.folder / CONTEXT).read_bytes())
    ntriples = write(quads, N_TRIPLES, root=about).decode()
    graph = rdflib.Graph().parse(data=ntriples, format="nt")
    dataset = pyld.JsonLdProcessor.parse_nquads(ntriples)

    def rdflib_writer(**options: object) -> bytes:
        made: bytes = graph.serialize(format="json-ld", encoding="utf-8", **options)  # type: ignore[call-overload]
        return made

    def pyld_writer() -> bytes:
        frame = {"@context": context["@context"], "id": about}
        made = pyld.frame(pyld.from_rdf(dataset), frame, {"documentLoader": None})
        return json.dumps(made, indent=2, ensure_ascii=False).encode()

    return Writers(
        about,
        {
            OURS: lambda: jsonld.write(quads, about, release.context, address=ADDRESS),
            INLINED: lambda: jsonld.write(quads, about, release.context, address=None),
            RDFLIB: lambda: rdflib_writer(context=context["@context"]),
            COMPACT: lambda: rdflib_writer(auto_compact=True),
            PLAIN: rdflib_writer,
            PYLD: pyld_writer,
        },
    )


def timer(work: Callable[[], bytes], seconds: float) -> Callable[[], float]:
    """Return what tells the microseconds of processor time that one call takes, over calls of `seconds` at least."""

    def run() -> float:
        calls, start = 0, time.process_time()
        while (spent := time.process_time() - start) < seconds or not calls:
            work()
            calls += 1
        return spent / calls * 1e6

    return run


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep literals as they are written, as ours does, and rdflib from telling of its own old names."""
    before = rdflib.NORMALIZE_LITERALS
    logging.getLogger("rdflib.term").disabled = True
    rdflib.NORMALIZE_LITERALS = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            rdflib.NORMALIZE_LITERALS = before
            logging.getLogger("rdflib.term").disabled = False


def row(resource: str, name: str, spent: dict[str, list[float]], made: dict[str, bytes]) -> Sequence[object]:
    """Return the figures of one writer of a resource, its ratios to ours, and whether a target is met."""
    times, share = ratio(spent[name], spent[OURS]), len(made[OURS]) / len(made[name])
    told = []
    if name in AHEAD:
        told.append(verdict(times, AHEAD[name], at_least=True))
    if name == PLAIN:
        told.append(f"bytes {verdict(share, SHARE)}")
    sizes = (len(made[name]), len(gzip.compress(made[name], 9, mtime=0)))
    return (resource, name, median(spent[name]), times, *sizes, share, ", ".join(told))


def main() -> None:
    """Measure every writer on every resource, in turn."""
    options = flags("jsonld", __doc__).parse_args()
    rounds, seconds = (3, 0.02) if options.quick else (9, 0.2)
    rows = []
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as folder, quiet():
        release, _ = ensure_release(Path(folder), ROOT)
        for resource, about in RESOURCES.items():
            each = writers(release, about)
            made = {name: work() for name, work in each.by_name.items()}  # warm
            gc.collect()
            gc.freeze()  # what is there already is nobody's garbage
            spent = alternate(rounds, {name: timer(work, seconds) for name, work in each.by_name.items()})
            rows += [row(resource, name, spent, made) for name in each.by_name]
    head = ("resource", "writer", "CPU µs", "CPU × ours", "bytes", "gzip", "ours / bytes", "target")
    publish(
        options.json, "JSON-LD of one resource", {f"One process, in memory; medians of {rounds} rounds": (head, rows)}
    )


if __name__ == "__main__":
    main()
