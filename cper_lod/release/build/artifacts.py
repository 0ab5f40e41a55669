"""Writes the files of a release: data, indexes, report, dumps, VoID counts, and the manifest that lists them."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import Quad

from cper_lod.core.config import now
from cper_lod.core.formats import N_QUADS
from cper_lod.core.names import SiteNames
from cper_lod.core.sorting import merge_files
from cper_lod.rdf.graph import in_graph
from cper_lod.rdf.report import Report, as_json, as_quads
from cper_lod.rdf.serialize import write
from cper_lod.rdf.statements import nquads_lines
from cper_lod.release import release as layout
from cper_lod.release.build import index_search, indexes
from cper_lod.release.build.indexes import load_store
from cper_lod.release.catalog import void
from cper_lod.release.catalog.void import GraphCounts, count_graph
from cper_lod.release.jobs.parallel import PARALLEL_BYTES, Task, run_parallel
from cper_lod.release.jobs.progress import Progress
from cper_lod.release.plan.subsidies import write_totals
from cper_lod.release.release import ReleaseMode, being_built, file_digest, program_id, release_digest
from cper_lod.release.sources.read import Sources
from cper_lod.release.storage.dumps import GraphDump, write_gzip
from cper_lod.release.storage.quad_file import LookupGraph, lines_of
from cper_lod.release.tables import metadata
from cper_lod.release.tables.class_table import write_class_tables


def json_bytes(value: object) -> bytes:
    """Return a value as JSON, the same bytes for the same value."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


class WrittenData(NamedTuple):
    """The number of quads of each graph of a release, and SHA-256 and size of all of them as N-Quads."""

    graphs: Counter[str]
    sha256: str
    size: int


def write_artifacts(
    folder: Path, sources: Sources, report: Report, mode: ReleaseMode, progress: Progress
) -> WrittenData:
    """Write every file of a release except its manifest; raises OSError."""
    parallel = sources.published.path.stat().st_size > PARALLEL_BYTES
    generated = list[Quad]()
    if mode == "contract":
        graph = LookupGraph(sources.statements.catalogue, sources.published)
        whole = partial(_count, [sources.whole_dump], sources.names, tuple(void.linked_datasets(graph)))
        datasets = partial(_count, [*sources.datasets.values()], sources.names)
        counted = run_parallel({"count": whole, "count datasets": datasets}, progress, parallel=parallel)
        counts = dict(zip(sources.datasets, counted["count datasets"], strict=True))
        void_quads = void.describe_counts(counted["count"][0], counts, graph, sources.names)
        names = sources.names
        generated = [
            *in_graph(as_quads(report, names), names.report_graph),
            *in_graph(void_quads, names.void_graph),
        ]
    generated_lines = [line.encode() for line in nquads_lines(generated)]
    data = sources.statements.temp_dir.folder / "data.nq"
    merge_files([sources.published.path], data, generated_lines)
    _small_files(folder, sources, report)
    (folder / layout.DUMP).mkdir()
    lists = partial(_write_lists_and_search, data, folder / layout.SITE, mode, sources.names)
    tasks: dict[str, Task] = {"lists": lists, "index": partial(load_store, data, folder / layout.INDEX)}
    indexed = run_parallel(tasks, progress, parallel=parallel)
    written = run_parallel(_dump_tasks(folder, data, sources, mode), progress, parallel=parallel)
    return WrittenData(indexed["lists"], *written["dumps"])


def _small_files(folder: Path, sources: Sources, report: Report) -> None:
    """Write the files whose size does not depend on that of the data."""
    questions = [{"slug": each.slug, "title": each.titles, "text": each.text} for each in sources.questions]
    (folder / layout.SHAPES).write_bytes(write(sources.shapes, N_QUADS))
    (folder / layout.REPORT).write_bytes(as_json(report))
    (folder / layout.CONTEXT).write_bytes(sources.context)
    (folder / layout.QUESTIONS).write_bytes(json_bytes(questions))
    (folder / layout.TEXTS).mkdir()
    for name, path in sources.texts.items():
        (folder / layout.TEXTS / f"{name}.txt").write_bytes(path.read_bytes())


def _count(graphs: Sequence[GraphDump], names: SiteNames, targets: tuple[str, ...] = ()) -> list[GraphCounts]:
    """Return the counts of each graph."""
    return [count_graph(each.quads.default(), names, targets) for each in graphs]


def _write_lists_and_search(data: Path, target: Path, mode: ReleaseMode, names: SiteNames) -> Counter[str]:
    graphs = indexes.write_lists(data, target)
    index_search.write_search_index(data, target, names, every_graph=mode == "data")
    return graphs


def _dump_tasks(folder: Path, data: Path, sources: Sources, mode: ReleaseMode) -> Mapping[str, Task]:
    """Return the tasks that write files from the data and its indexes, independent of each other, longest first."""
    dump = folder / layout.DUMP
    context = sources.context if mode == "contract" else None
    return {
        "tables": partial(_write_tables, folder, data, mode, sources.names, _derived_files(sources)),
        "dumps": partial(_write_data, data, folder / layout.DATA),
        "dumps whole": partial(_write_dumps, [sources.whole_dump], dump, context),
        "dumps datasets": partial(_write_dumps, [*sources.datasets.values()], dump, context),
    }


def _write_dumps(graphs: Sequence[GraphDump], folder: Path, context: bytes | None) -> None:
    """Write each graph in its formats; without a context, only as N-Triples."""
    for each in graphs:
        each.write(folder, context)


def _derived_files(sources: Sources) -> dict[str, list[Path]]:
    """Return the files with the triples of derived datasets, by contract."""
    found: dict[str, list[Path]] = {}
    for dataset, dump in sources.datasets.items():
        if dataset.is_derived:
            found.setdefault(dataset.contract, []).append(dump.quads.path)
    return found


def _write_tables(
    folder: Path, data: Path, mode: ReleaseMode, names: SiteNames, contracts: Mapping[str, Sequence[Path]]
) -> None:
    """Write the totals of subsidies, and then the tables of contracts, which read them."""
    with being_built(folder, mode, names) as release:
        write_totals(release, lines_of(data))
        write_class_tables(release, contracts)
        if mode == "contract":
            metadata.write_data_package(release, folder / layout.DUMP)


def _write_data(data: Path, to: Path) -> tuple[str, int]:
    return write_gzip(lines_of(data), to)


def make_manifest(
    folder: Path, sources: Sources, mode: ReleaseMode, source_digest: str, data: WrittenData
) -> dict[str, Any]:
    """Return the manifest of the release in `folder`."""
    files: dict[str, dict[str, Any]] = {
        path.relative_to(folder).as_posix(): {"sha256": file_digest(path), "bytes": path.stat().st_size}
        | ({"sha512": file_digest(path, "sha512")} if path.parent.name == layout.DUMP else {})
        for path in sorted(folder.rglob("*"))
        if path.is_file() and layout.INDEX not in path.parts
    }
    return {
        "format": layout.FORMAT,
        "program": program_id(),
        "mode": mode,
        "address": sources.names.address,
        "context": sources.context_version,
        "sources": source_digest,
        "sealed": now(),
        "digest": release_digest({name: str(files[name]["sha256"]) for name in layout.DIGESTED_FILES}, data.sha256),
        "quads": {"sha256": data.sha256, "bytes": data.size},
        "files": files,
        "index": layout.index_sizes(folder / layout.INDEX),
        "triples": data.graphs[""],
        "graphs": {graph: count for graph, count in sorted(data.graphs.items()) if graph},
    }
