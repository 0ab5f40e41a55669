"""Checking sources: SHACL, canonical files, and what a query or RDF/XML would see otherwise."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.formats import RDF_XML
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import ONTOLOGY, ONTOLOGY_VERSION, OWL, shorten
from cper_lod.rdf.formatter import is_canonical, rewritten_literals
from cper_lod.rdf.report import Finding, Report, Severity, merge
from cper_lod.rdf.serialize import write
from cper_lod.release.catalog.datasets import is_catalogue_file
from cper_lod.release.check.incremental import previous_validation
from cper_lod.release.docs.ontology import DEPRECATED, defined, deprecated
from cper_lod.release.docs.versions import NUMBER, by_number
from cper_lod.release.jobs.parallel import MAX_PROCESSES
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.sources.files import VERSIONS_FOLDER, display_path
from cper_lod.release.sources.read import Sources
from cper_lod.release.sources.statements import SubjectIndex
from cper_lod.release.storage.nodes import parse_quads

_TOGETHER: Final = 100_000
"""Literals that are looked at at once."""
_DOUBTFUL: Final = re.compile(rb'\\u|\\U|\\b|\\f|"@[A-Za-z0-9-]+--|<<\(|\xef\xbf[\xbe\xbf]')
"""What has to be in a line that RDF/XML cannot write for its values: what is escaped, a direction, a triple term."""


def check(sources: Sources, progress: Progress = SILENT, releases: Path | None = None) -> Report:
    """Return everything found wrong with `sources`: what SHACL finds, and what only the files themselves show.

    Of large sources only what changed since the last release in `releases` is validated again, with what that can
    touch. `progress` is told how far it is.
    """
    # Imported here: rdflib and pyshacl cost a third of a second, and serving a sealed release needs neither.
    from cper_lod.rdf.shacl.api import Since, validate_file  # noqa: PLC0415

    progress.begin("check")
    before = previous_validation(releases, sources) if releases else None
    report = validate_file(
        sources.published.path,
        sources.shapes,
        more=sources.unpublished,
        files=SubjectIndex(sources.statements),
        since=Since(*before) if before else None,
        processes=min(os.cpu_count() or 1, MAX_PROCESSES),
        progress=partial(progress.set_share, "check"),
    )
    files = [*_uncanonical(sources), *_rewritten(sources), *_unwritable(sources), *_unassigned(sources)]
    report = merge(report, [*files, *check_versions(sources), *check_deprecated(sources)])
    progress.end("check")
    return report


def _uncanonical(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each Turtle file that `cper-lod format` would change, or refuse for its comments."""
    for path in sources.files:
        if path.suffix.lower() != ".ttl":
            continue
        name = display_path(path, sources.folder)
        try:
            if not is_canonical(path):
                yield finding("warning", "uncanonical", name, (name,), path=name)
        except Problem as problem:
            if problem.kind.code != "source-comments":
                raise
            yield finding("warning", "comments", name, (name,), **{**problem.params, "path": name})


def _unassigned(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each file that a dataset names and that is not there, and each data file that none names."""
    # As they are described: what is published leaves out a dataset of which nothing is there.
    datasets, names = sources.declared_datasets, set(sources.statements.file_names())
    for part in datasets:
        for path in part.paths:
            if not path.endswith("/") and path not in names:
                yield finding("violation", "absent", part.iri, ("data/catalog.ttl",), path=path)
    for path in sorted(names) if datasets else ():
        apart = not path.startswith("data/") or is_catalogue_file(path)
        if not apart and not any(part.includes(path) for part in datasets):
            yield finding("warning", "unassigned", path, (path,), path=path)


def _files(sources: Sources, quad: Quad) -> tuple[str, ...]:
    """Return the files that speak of the subject of a statement."""
    subject = quad.subject
    found = sources.statements.files_about(subject.value) if isinstance(subject, NamedNode) else []
    return tuple(path.as_posix() for path in found)


def _rewritten(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each literal that a query would see otherwise than it is written."""
    # What has no datatype is seen as it is written.
    typed = (line for line in sources.published.lines() if b'"^^<' in line)
    while some := list(islice(typed, _TOGETHER)):
        for quad, becomes in rewritten_literals(parse_quads(some)):
            node = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
            written = str(quad.object)
            yield finding("warning", "rewritten", node, _files(sources, quad), becomes=str(becomes), written=written)


def _unwritable(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each quad that RDF/XML cannot write: the release offers that form of every document."""
    good = set[bytes]()
    for line in sources.published.lines():
        predicate = line.split(b" ", 2)[1]
        if predicate in good and not _DOUBTFUL.search(line):
            continue
        (quad,) = parse_quads([line])
        try:
            write([quad], RDF_XML)
        except Problem:
            node = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
            yield finding("violation", "unwritable", node, _files(sources, quad), written=str(quad.predicate))
        else:
            good.add(predicate)


def finding(severity: Severity, key: str, node: str, files: tuple[str, ...], **values: object) -> Finding:
    """Return a finding whose words are the sentences `finding-<key>` and `remedy-<key>`."""
    line = values.get("line")
    return Finding(
        severity,
        node,
        {lang: translate(f"finding-{key}", lang, **values) for lang in LANGUAGES},
        {lang: translate(f"remedy-{key}", lang, **values) for lang in LANGUAGES},
        value=str(values["written"]) if "written" in values else None,
        files=files,
        line=line if isinstance(line, int) else None,
    )


_DEPRECATED = f" <{DEPRECATED}> ".encode()
HEADER = "ontology/cper.ttl"
"""Where the ontology says its version."""


def check_versions(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each version that is named and not kept, kept and not named, or not what its name says."""
    kept = by_number(sources.versions)
    ontology = sources.ontology
    for number, quads in kept.items():
        if not NUMBER.fullmatch(number) or _said(quads, "versionIRI") != [ONTOLOGY_VERSION + number]:
            yield finding("violation", "version-name", ONTOLOGY_VERSION + number, (_file(number),), path=_file(number))
    chain: list[str] = []
    named = [(HEADER, each) for each in _said(ontology, "priorVersion")]
    while named:
        file, iri = named.pop()
        number = iri.removeprefix(ONTOLOGY_VERSION)
        if number not in kept:
            path = _file(number)
            yield finding("violation", "version-absent", ONTOLOGY, (file,), iri=iri, path=path)
        elif number not in chain:
            chain.append(number)
            named += [(_file(number), each) for each in _said(kept[number], "priorVersion")]
    for number in kept:
        if number not in chain:
            yield finding(
                "violation",
                "version-unchained",
                ONTOLOGY_VERSION + number,
                (_file(number),),
                iri=ONTOLOGY_VERSION + number,
            )
    yield from _promises(kept, ontology)


def _promises(kept: dict[str, list[Quad]], ontology: Sequence[Quad]) -> Iterator[Finding]:
    """Yield a finding for each term of a version with which the ontology says it is compatible, and that it lacks."""
    ours = defined(ontology)
    for iri in _said(ontology, "backwardCompatibleWith"):
        for term in defined(kept.get(iri.removeprefix(ONTOLOGY_VERSION), ())):
            if term not in ours:
                yield finding("violation", "version-broken", term, (HEADER,), term=shorten(term), iri=iri)


def check_deprecated(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each deprecated term of ours and each file of data that still uses it."""
    gone = deprecated(parse_quads(line for line in sources.published.lines() if _DEPRECATED in line))
    uses = sources.statements.count_uses(partial(_used, {f"<{term}>".encode(): term for term in gone})) if gone else {}
    for (name, term), count in uses.items():
        yield finding("warning", "deprecated", term, (name,), term=shorten(term), path=name, count=count)


def _used(terms: Mapping[bytes, str], line: bytes) -> Iterable[str]:
    """Return which of some terms a statement uses: its property, and its class or its code."""
    _, predicate, rest = line.split(b" ", 2)
    return [terms[each] for each in (predicate, rest.partition(b" ")[0]) if each in terms]


def _said(quads: Iterable[Quad], name: str) -> list[str]:
    """Return the IRIs that the header of an ontology gives for a property of OWL."""
    header, predicate = NamedNode(ONTOLOGY), NamedNode(OWL + name)
    return [
        each.object.value
        for each in quads
        if each.subject == header and each.predicate == predicate and isinstance(each.object, NamedNode)
    ]


def _file(number: str) -> str:
    return f"{VERSIONS_FOLDER.as_posix()}/{number}.ttl"
