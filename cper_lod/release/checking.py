"""Checking sources: SHACL, canonical files, and what a query or RDF/XML would see otherwise."""

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from cper_lod.rdf.formatting import is_canonical, rewritten_literals
from cper_lod.rdf.report import Finding, Report, merge
from cper_lod.rdf.writing import write
from cper_lod.release.findings import finding
from cper_lod.release.parts import in_catalogue, parts
from cper_lod.release.sources import Sources, shown
from cper_lod.release.version_checking import check_deprecated, check_versions
from cper_lod.terms.formats import RDF_XML
from cper_lod.terms.problems import Problem


def check(sources: Sources) -> Report:
    """Return everything found wrong with `sources`: what SHACL finds, and what only the files themselves show."""
    # Imported here: rdflib and pyshacl cost a third of a second, and serving a sealed release needs neither.
    from cper_lod.rdf.validation import validate  # noqa: PLC0415

    report = validate((*sources.published, *sources.kept_back), sources.shapes, files=sources.files)
    files = [*_uncanonical(sources), *_rewritten(sources), *_unwritable(sources), *_unassigned(sources)]
    return merge(report, [*files, *check_versions(sources), *check_deprecated(sources)])


def _uncanonical(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each Turtle file that `cper-lod format` would change, or refuse for its comments."""
    for path in sources.paths:
        if path.suffix.lower() != ".ttl":
            continue
        name = shown(path, sources.folder)
        try:
            if not is_canonical(path):
                yield finding("warning", "uncanonical", name, (name,), path=name)
        except Problem as problem:
            if problem.kind.code != "source-comments":
                raise
            yield finding("warning", "comments", name, (name,), **{**problem.where, "path": name})


def _unassigned(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each file that a dataset names and that is not there, and each data file that none names."""
    # As they are described: what is published leaves out a dataset of which nothing is there.
    datasets = parts(quad for quads in sources.stated.values() for quad in quads)
    for part in datasets:
        for path in part.paths:
            if not path.endswith("/") and path not in sources.stated:
                yield finding("violation", "absent", part.iri, ("data/catalog.ttl",), path=path)
    for path in sorted(sources.stated) if datasets else ():
        apart = not path.startswith("data/") or in_catalogue(path)
        if not apart and not any(part.holds(path) for part in datasets):
            yield finding("warning", "unassigned", path, (path,), path=path)


def _files(sources: Sources, quad: Quad) -> tuple[str, ...]:
    subject = quad.subject
    return (
        tuple(sorted(path.as_posix() for path in sources.files.get(subject.value, ())))
        if isinstance(subject, NamedNode)
        else ()
    )


def _rewritten(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each literal that a query would see otherwise than it is written."""
    for quad, becomes in rewritten_literals(sources.published):
        yield finding(
            "warning",
            "rewritten",
            quad.subject.value if isinstance(quad.subject, NamedNode) else "",
            _files(sources, quad),
            becomes=str(becomes),
            written=str(quad.object),
        )


def _unwritable(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each quad that RDF/XML cannot write: the release offers that form of every document."""
    try:
        write(sources.published, RDF_XML)
    except Problem:
        for quad in sources.published:
            try:
                write([quad], RDF_XML)
            except Problem:
                node = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
                yield finding("violation", "unwritable", node, _files(sources, quad), written=str(quad.predicate))
