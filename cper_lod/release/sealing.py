"""The files of a release: data, index, report, dumps, counts, and the manifest that names them all."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from cper_lod.rdf.report import Report, as_json, as_quads
from cper_lod.rdf.writing import write
from cper_lod.release import listing_index, search_index, table_schema, void
from cper_lod.release import release as sealed
from cper_lod.release.dumps import Dumped, packed
from cper_lod.release.parts import parts
from cper_lod.release.release import Mode, Release, file_digest, program, seal
from cper_lod.release.sources import Sources
from cper_lod.terms.formats import N_QUADS
from cper_lod.terms.namespaces import GRAPH_REPORT, GRAPH_VOID


def as_bytes(value: object) -> bytes:
    """Return a value as JSON, the same bytes for the same value."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def write_files(aside: Path, sources: Sources, report: Report, mode: Mode) -> None:
    """Write every file of a release but its manifest."""
    quads = list(sources.published)
    found = {part: Dumped.of(part.slug, part.quads(sources.stated)) for part in parts(quads)} if sources.stated else {}
    graphs = [whole := Dumped.of("tout", quads), *found.values()]
    counted = void.describe(whole, found, quads, ours=mode == "contract")
    (aside / sealed.COUNTS).write_bytes(write(counted, N_QUADS))
    if mode == "contract":
        quads += [*_within(GRAPH_REPORT, as_quads(report)), *_within(GRAPH_VOID, counted)]
    nquads = write(quads, N_QUADS)
    questions = [{"slug": each.slug, "title": each.titles, "text": each.text} for each in sources.questions]
    (aside / sealed.DATA).write_bytes(nquads)
    (aside / sealed.SHAPES).write_bytes(write(sources.shapes, N_QUADS))
    (aside / sealed.REPORT).write_bytes(as_json(report))
    (aside / sealed.CONTEXT).write_bytes(sources.context)
    (aside / sealed.CONTEXTS).write_bytes(as_bytes(dict(sources.contexts)))
    (aside / sealed.QUESTIONS).write_bytes(as_bytes(questions))
    (aside / sealed.VERSIONS).write_bytes(write(sources.versions, N_QUADS))
    (aside / sealed.MENTIONS).write_bytes(_mentions(quads))
    listing_index.write(aside / sealed.DATA, aside / sealed.MEMBERS, aside / sealed.LISTING)
    search_index.write(aside / sealed.DATA, aside / sealed.SEARCH, every_graph=mode == "data")
    _index(aside / sealed.INDEX, nquads)
    (aside / sealed.DUMP).mkdir()
    for name, content in _dumps(graphs, nquads, sources, mode):
        (aside / sealed.DUMP / name).write_bytes(content)
    if mode == "contract":
        table_schema.write(Release(aside, {"mode": mode}), aside / sealed.DUMP)


def _mentions(quads: Iterable[Quad]) -> bytes:
    """Return the lines by which an IRI is found where it is object, predicate or graph name, sorted."""
    lines = set()
    for quad in quads:
        line = f"{quad} .".encode()
        for node in (quad.object, quad.predicate, quad.graph_name):
            if isinstance(node, NamedNode | BlankNode):
                lines.add(f"{node}\t".encode() + line)
    return b"".join(line + b"\n" for line in sorted(lines))


def _index(folder: Path, nquads: bytes) -> None:
    """Write the Oxigraph index; the writing store is gone before anybody opens it read-only."""
    store = Store(folder)
    if b"_:" in nquads:
        # A bulk load would give blank nodes names by chance: answers are to be the same wherever the index is made.
        store.bulk_extend(quad for quad in parse(nquads, format=RdfFormat.N_QUADS) if isinstance(quad, Quad))
    else:
        store.bulk_load(nquads, RdfFormat.N_QUADS)
    store.optimize()
    store.flush()
    del store


def _within(graph: str, quads: Iterable[Quad]) -> list[Quad]:
    name = NamedNode(graph)
    return [Quad(quad.subject, quad.predicate, quad.object, name) for quad in quads]


def _dumps(graphs: list[Dumped], nquads: bytes, sources: Sources, mode: Mode) -> Iterable[tuple[str, bytes]]:
    """Yield the dumps by file name: the default graph and its datasets in several forms, all graphs as N-Quads."""
    yield f"{graphs[0].name}.nq.gz", packed(nquads)
    for graph in graphs:
        yield from graph.files(sources.context) if mode == "contract" else [graph.packed()]


def manifest(aside: Path, sources: Sources, mode: Mode, source_digest: str) -> dict[str, Any]:
    """Return the manifest of the release whose files are in `aside`."""
    names = [path for path in sorted(aside.rglob("*")) if path.is_file() and sealed.INDEX not in path.parts]
    files: dict[str, dict[str, str | int]] = {
        path.relative_to(aside).as_posix(): {"sha256": file_digest(path), "bytes": path.stat().st_size}
        for path in names
    }
    for path in (aside / sealed.DUMP).iterdir():
        files[f"{sealed.DUMP}/{path.name}"]["sha512"] = file_digest(path, "sha512")
    counts = Counter(quad.graph_name for quad in parse(path=aside / sealed.DATA, format=RdfFormat.N_QUADS))
    return {
        "format": sealed.FORMAT,
        "program": program(),
        "mode": mode,
        "context": sources.context_version,
        "sources": source_digest,
        "sealed": int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()),  # reproducible-builds.org
        "digest": seal({name: str(files[name]["sha256"]) for name in sealed.SEALED}),
        "files": files,
        "index": sealed.index_sizes(aside / sealed.INDEX),
        "triples": counts.pop(DefaultGraph(), 0),
        "graphs": {str(getattr(graph, "value", graph)): count for graph, count in sorted(counts.items(), key=str)},
    }
