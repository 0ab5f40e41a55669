"""Building a release: read, validate, describe, index, seal; what does not conform is refused and nothing is lost."""

import gzip
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from cper_lod.rdf import jsonld
from cper_lod.rdf.context import Context
from cper_lod.rdf.report import Report, as_json, as_quads
from cper_lod.rdf.writing import write
from cper_lod.release import listing_index, search_index, table_schema
from cper_lod.release import release as sealed
from cper_lod.release.checking import check
from cper_lod.release.release import Mode, Release, file_digest, open_release, program, seal
from cper_lod.release.sources import Sources, data_paths, fingerprint, paths, read_data, read_sources
from cper_lod.release.workshop import workshop
from cper_lod.terms.formats import N_QUADS, N_TRIPLES, TURTLE
from cper_lod.terms.namespaces import GRAPH_REPORT
from cper_lod.terms.problems import Problem


class Refused(Exception):
    """The sources do not conform: nothing was sealed; `report` says why."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.problem = Problem("not-conforming", count=report.count("violation"))
        super().__init__(str(self.problem))


def ensure(releases: Path, folder: Path, data: tuple[Path, ...] = ()) -> tuple[Release, bool]:
    """Return the release of the sources in `folder` (or of the files in `data`), and whether it had to be built.

    A sealed release is reused where the sources are the same to the byte and this very program made it. Raises the
    problems of reading, `permission`, and `Refused`.
    """
    found = find(releases, _fingerprint(folder, data))
    if found:
        return found, False
    return (build_data(releases, folder, data) if data else build(releases, folder)), True


def _fingerprint(folder: Path, data: tuple[Path, ...]) -> str:
    if data:
        return fingerprint(data_paths(data, folder))
    if not folder.is_dir():
        raise Problem("source-missing", path=folder)
    return fingerprint(paths(folder), folder)


def find(releases: Path, sources: str) -> Release | None:
    """Return the whole release that this program made from sources of this fingerprint, None where there is none."""
    ours = program()
    for manifest in sorted(releases.glob(f"[!.]*/{sealed.MANIFEST}")):
        try:
            row = json.loads(manifest.read_bytes())
            if row["sources"] == sources and row["program"] == ours:
                return open_release(manifest.parent)
        except (Problem, OSError, ValueError, KeyError, TypeError):
            continue  # a damaged release is not reused: it is built again in its place
    return None


def build(releases: Path, folder: Path) -> Release:
    """Read, validate and seal the sources in `folder`; return the release.

    Raises the problems of reading, `permission`, and `Refused` where a finding is a violation.
    """
    before, sources = _unchanged(lambda: _fingerprint(folder, ()), lambda: read_sources(folder))
    report = check(sources)
    if not report.conforms:
        raise Refused(report)
    return _seal(releases, sources, report, "contract", before)


def build_data(releases: Path, folder: Path, data: tuple[Path, ...]) -> Release:
    """Seal the files in `data` exactly as given, nothing added and nothing validated; return the release."""
    before, sources = _unchanged(lambda: _fingerprint(folder, data), lambda: read_data(data, folder))
    return _seal(releases, sources, Report(), "data", before)


def _unchanged(mark: Callable[[], str], read: Callable[[], Sources]) -> tuple[str, Sources]:
    """Return the fingerprint of the sources with what was read; read again where a file was edited meanwhile."""
    before = mark()
    while True:
        sources = read()
        after = mark()
        if after == before:
            return before, sources
        before = after


def _seal(releases: Path, sources: Sources, report: Report, mode: Mode, source_digest: str) -> Release:
    """Write a release aside, then move it to its place in one step; raises `permission` where that cannot be."""
    try:
        with workshop(releases) as aside:
            _write(aside, sources, report, mode)
            manifest = _manifest(aside, sources, mode, source_digest)
            (aside / sealed.MANIFEST).write_bytes(_json(manifest))
            aside.chmod(0o755)
            place = releases / f"{manifest['digest'][:16]}-{manifest['program'].rpartition('+')[2]}"
            _move(aside, place, manifest)
        return open_release(place)
    except OSError as error:
        raise Problem("permission", path=error.filename or releases, message=error.strerror or error) from error


def _move(aside: Path, place: Path, manifest: dict[str, Any]) -> None:
    """Put the new release in its place; an equal one that is already there is kept, a damaged one gives way.

    Another build may do the same at the same moment: whoever comes second finds the place taken and looks again.
    """
    old = aside.with_name(f"{aside.name}-old")
    for _ in range(10):
        # First, and not after a look: what was not there a moment ago may be there now, and is good then.
        with suppress(OSError):
            aside.rename(place)
            return
        with suppress(Problem):
            there = dict(open_release(place).manifest)
            if there["sources"] != manifest["sources"]:  # other files, of which the same release is made
                (aside / sealed.MANIFEST).write_bytes(_json({**there, "sources": manifest["sources"]}))
                (aside / sealed.MANIFEST).replace(place / sealed.MANIFEST)
            return
        with suppress(FileNotFoundError):
            place.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    aside.rename(place)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def _write(aside: Path, sources: Sources, report: Report, mode: Mode) -> None:
    """Write every file of a release but its manifest."""
    quads = list(sources.published)
    if mode == "contract":
        graph = NamedNode(GRAPH_REPORT)
        quads.extend(Quad(quad.subject, quad.predicate, quad.object, graph) for quad in as_quads(report))
    nquads = write(quads, N_QUADS)
    questions = [{"slug": each.slug, "title": each.titles, "text": each.text} for each in sources.questions]
    (aside / sealed.DATA).write_bytes(nquads)
    (aside / sealed.SHAPES).write_bytes(write(sources.shapes, N_QUADS))
    (aside / sealed.REPORT).write_bytes(as_json(report))
    (aside / sealed.CONTEXT).write_bytes(sources.context)
    (aside / sealed.QUESTIONS).write_bytes(_json(questions))
    (aside / sealed.MENTIONS).write_bytes(_mentions(quads))
    listing_index.write(aside / sealed.DATA, aside / sealed.MEMBERS, aside / sealed.LISTING)
    search_index.write(aside / sealed.DATA, aside / sealed.SEARCH, every_graph=mode == "data")
    _index(aside / sealed.INDEX, nquads)
    (aside / sealed.DUMP).mkdir()
    for name, content in _dumps(quads, nquads, sources, mode):
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


def _dumps(quads: list[Quad], nquads: bytes, sources: Sources, mode: Mode) -> Iterable[tuple[str, bytes]]:
    """Yield the dumps by file name: the default graph as N-Triples, Turtle and JSON-LD, and all graphs as N-Quads."""
    default = [quad for quad in quads if isinstance(quad.graph_name, DefaultGraph)]
    # No time in the gzip header: the same release has the same bytes.
    yield "tout.nt.gz", gzip.compress(write(default, N_TRIPLES), mtime=0)
    yield "tout.nq.gz", gzip.compress(nquads, mtime=0)
    if mode == "contract":
        yield "tout.ttl", write(default, TURTLE)
        yield "tout.jsonld", jsonld.write(default, None, Context.parse(sources.context), address=None)


def _manifest(aside: Path, sources: Sources, mode: Mode, source_digest: str) -> dict[str, Any]:
    names = [path for path in sorted(aside.rglob("*")) if path.is_file() and sealed.INDEX not in path.parts]
    files = {
        path.relative_to(aside).as_posix(): {"sha256": file_digest(path), "bytes": path.stat().st_size}
        for path in names
    }
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
