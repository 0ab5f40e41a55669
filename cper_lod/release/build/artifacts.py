"""The files of a release: data, index, report, dumps, counts, and the manifest that names them all."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, Quad

from cper_lod.core.external_sort import insert_lines
from cper_lod.core.formats import N_QUADS
from cper_lod.core.namespaces import BASE, GRAPH_REPORT, GRAPH_VOID
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.rdf.report import Report, as_json, as_quads
from cper_lod.rdf.serialize import write
from cper_lod.rdf.statements import lines
from cper_lod.release import release as layout
from cper_lod.release.build import index_search, indexes
from cper_lod.release.build.indexes import complete_store, load_store, write_backlinks
from cper_lod.release.catalog import void
from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.catalog.void import GraphCounts, count_graph
from cper_lod.release.check.incremental import unpublished_digest, validators
from cper_lod.release.jobs.parallel import PARALLEL_BYTES, Task, run_parallel
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.release import Release, ReleaseMode, file_digest, program_id, release_digest
from cper_lod.release.sources.read import Sources
from cper_lod.release.storage.dumps import GraphDump, write_gzip
from cper_lod.release.storage.quad_file import LookupGraph, lines_of
from cper_lod.release.tables import datapackage

_TRIPLES_PER_PROCESS: Final = 1_000_000
"""Triples of graphs that one process counts, or writes: more than its start takes."""


def json_bytes(value: object) -> bytes:
    """Return a value as JSON, the same bytes for the same value."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def write_artifacts(
    aside: Path, sources: Sources, report: Report, mode: ReleaseMode, progress: Progress = SILENT
) -> Counter[str]:
    """Write every file of a release but its manifest; return how many quads each graph has.

    The sources, which were read into a folder of their own, are gone then. Raises OSError.
    """
    parallel = sources.published.path.stat().st_size > PARALLEL_BYTES
    with SortedLines(sources.published.path) as published:
        graph = LookupGraph(sources.statements.catalogue if mode == "contract" else (), published)
        begun = partial(load_store, sources.published.path, aside / layout.INDEX)
        whole, parts = _counted(sources, void.linked_datasets(graph), mode, progress, parallel, begun)
        counted = void.describe_counts(whole, parts, graph, ours=mode == "contract")
    (aside / layout.COUNTS).write_bytes(write(counted, N_QUADS))
    own = [*_within(GRAPH_REPORT, as_quads(report)), *_within(GRAPH_VOID, counted)] if mode == "contract" else []
    more = [line.encode() for line in lines(own)]
    insert_lines(sources.published.path, more, aside / layout.DATA)
    _small_files(aside, sources, report)
    (aside / layout.DUMP).mkdir()
    return Counter(run_parallel(_tasks(aside, sources, mode, more), progress, parallel=parallel)["mentions"])


def _small_files(aside: Path, sources: Sources, report: Report) -> None:
    """Write the files whose size does not hang on that of the data."""
    questions = [{"slug": each.slug, "title": each.titles, "text": each.text} for each in sources.questions]
    (aside / layout.SHAPES).write_bytes(write(sources.shapes, N_QUADS))
    (aside / layout.REPORT).write_bytes(as_json(report))
    (aside / layout.CONTEXT).write_bytes(sources.context)
    (aside / layout.CONTEXTS).write_bytes(json_bytes(dict(sources.contexts)))
    (aside / layout.QUESTIONS).write_bytes(json_bytes(questions))
    (aside / layout.VERSIONS).write_bytes(write(sources.versions, N_QUADS))


def _counted(
    sources: Sources, targets: Iterable[str], mode: ReleaseMode, progress: Progress, parallel: bool, beside: Task
) -> tuple[GraphCounts, dict[CatalogueDataset, GraphCounts]]:
    """Return what all that is published counts, and each dataset of it; the index is begun `beside` that."""
    space = BASE if mode == "contract" else ""
    tasks: dict[str, Task] = {"index begun": beside, "count": partial(_count, [sources.whole_dump], space, tuple(targets))}
    for number, some in enumerate(_batches(sources.datasets.values())):
        tasks[f"count {number}"] = partial(_count, some, space)
    found = run_parallel(tasks, progress, parallel=parallel)
    del found["index begun"]
    counted = {name: each for some in found.values() for name, each in some.items()}
    return found["count"][sources.whole_dump.name], {part: counted[held.name] for part, held in sources.datasets.items()}


def _count(graphs: Sequence[GraphDump], space: str, targets: tuple[str, ...] = ()) -> dict[str, GraphCounts]:
    """Return what each graph counts, by its name."""
    return {each.name: count_graph(each.quads.default(), each.triples, space, targets) for each in graphs}


def _batches(graphs: Iterable[GraphDump]) -> list[list[GraphDump]]:
    """Return graphs in shares, each worth a process of its own."""
    shares: list[list[GraphDump]] = []
    room = 0
    for each in sorted(graphs, key=lambda each: (-each.triples, each.name)):
        if not shares or room < each.triples:
            shares.append([])
            room = _TRIPLES_PER_PROCESS
        shares[-1].append(each)
        room -= each.triples
    return shares


def _tasks(aside: Path, sources: Sources, mode: ReleaseMode, more: Sequence[bytes]) -> Mapping[str, Task]:
    """Return what is made of the data, each thing apart from the others, that which takes longest first.

    The index has all but what a release says of itself: these lines `more`.
    """
    data, dump = aside / layout.DATA, aside / layout.DUMP
    tasks: dict[str, Task] = {
        "index": partial(complete_store, b"\n".join([*more, b""]), aside / layout.INDEX),
        "search": partial(index_search.write_search_index, data, aside / layout.SEARCH, every_graph=mode == "data"),
        "tables": partial(_lists, aside, mode),
        "mentions": partial(write_backlinks, data, aside / layout.MENTIONS),
        "dumps": partial(_pack, data, dump / f"{sources.whole_dump.name}.nq.gz", sources.whole_dump.triples),
    }
    for number, some in enumerate(_batches([sources.whole_dump, *sources.datasets.values()])):
        tasks[f"dumps {number}"] = partial(_dump, some, dump, sources.context if mode == "contract" else None)
    return tasks


def _dump(graphs: Sequence[GraphDump], folder: Path, context: bytes | None) -> None:
    """Write each graph in the forms that there are of it; without a context, as N-Triples alone."""
    for each in graphs:
        each.write(folder, context)


def _lists(aside: Path, mode: ReleaseMode) -> None:
    """Write the lists of things by class and, from these, the tables."""
    indexes.write_class_listing(aside / layout.DATA, aside / layout.MEMBERS, aside / layout.LISTING)
    if mode == "contract":
        datapackage.write_data_package(Release(aside, {"mode": mode}), aside / layout.DUMP)


def _pack(data: Path, to: Path, triples: int) -> None:
    write_gzip(lines_of(data), to, triples)


def _within(graph: str, quads: Iterable[Quad]) -> list[Quad]:
    name = NamedNode(graph)
    return [Quad(quad.subject, quad.predicate, quad.object, name) for quad in quads]


def make_manifest(
    aside: Path, sources: Sources, mode: ReleaseMode, source_digest: str, graphs: Counter[str]
) -> dict[str, Any]:
    """Return the manifest of the release whose files are in `aside`, with so many quads in its graphs."""
    names = [path for path in sorted(aside.rglob("*")) if path.is_file() and layout.INDEX not in path.parts]
    files: dict[str, dict[str, str | int]] = {
        path.relative_to(aside).as_posix(): {"sha256": file_digest(path), "bytes": path.stat().st_size}
        for path in names
    }
    for path in (aside / layout.DUMP).iterdir():
        files[f"{layout.DUMP}/{path.name}"]["sha512"] = file_digest(path, "sha512")
    return {
        "format": layout.FORMAT,
        "program": program_id(),
        "validators": validators(),
        "mode": mode,
        "context": sources.context_version,
        "sources": source_digest,
        "kept_back": unpublished_digest(sources.unpublished),
        "sealed": int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()),  # reproducible-builds.org
        "digest": release_digest({name: str(files[name]["sha256"]) for name in layout.DIGESTED_FILES}),
        "files": files,
        "index": layout.index_sizes(aside / layout.INDEX),
        "triples": graphs[""],
        "graphs": {graph: count for graph, count in sorted(graphs.items()) if graph},
    }
