"""Validates the sources: SHACL, facts and their words, canonical files, literals, catalogue entries, versions."""

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from typing import Final

from pyoxigraph import NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.formats import RDF_XML
from cper_lod.core.namespaces import ONTOLOGY, ONTOLOGY_VERSION, OWL, SH, shorten
from cper_lod.core.time_limit import TimeLimitReached, interruptible
from cper_lod.rdf.formatter import is_canonical, rewritten_literals
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.report import Finding, Report, add_findings, finding
from cper_lod.rdf.serialize import write
from cper_lod.release.catalog.datasets import is_catalogue_file
from cper_lod.release.check.published import files_about
from cper_lod.release.docs.ontology import DEPRECATED, defined, deprecated
from cper_lod.release.docs.versions import NUMBER, by_number
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.sources.files import VERSIONS_FOLDER, display_path
from cper_lod.release.sources.questions import CompetencyQuestion
from cper_lod.release.sources.read import Sources
from cper_lod.release.storage.nodes import parse_quads

_BATCH: Final = 100_000
"""Literals that are checked at once."""
_PREFIX: Final = re.compile(r"prefix\s+([^:<\s]*):\s*<([^<>]*)>", re.IGNORECASE)
_SUSPICIOUS: Final = re.compile(rb'\\u|\\U|\\b|\\f|"@[A-Za-z0-9-]+--|<<\(|\xef\xbf[\xbe\xbf]')
"""What a line must contain for RDF/XML to be unable to write its values: escapes, a base direction, a triple term."""


def check(sources: Sources, progress: Progress = SILENT, timeout: float = 0) -> Report:
    """Return all findings about `sources`: those of SHACL, and those that only the files show.

    Raises `check-timeout` after `timeout` seconds (0: no limit), or when another process sends SIGALRM.
    """
    # Imported here: rdflib and pyshacl take a third of a second to import, and serving a release needs neither, nor the
    # reader of number words. Before the limit: an interrupted import cannot be repeated.
    from cper_lod.rdf.shacl.api import validate  # noqa: PLC0415
    from cper_lod.release.check.facts import check_facts  # noqa: PLC0415

    progress.begin("check")
    try:
        with interruptible(timeout):
            report = validate(
                chain(sources.published, sources.unpublished),
                sources.shapes,
                files=sources.statements.files_about,
                progress=partial(progress.set_share, "check"),
            )
            rules = (_uncanonical, _rewritten, _unwritable, _unassigned, check_facts, check_versions, check_deprecated)
            found = chain.from_iterable(rule(sources) for rule in rules)
            report = add_findings(report, [*found, *check_questions(sources.questions, sources.ontology)])
    except TimeLimitReached as reached:
        raise Problem("check-timeout", rule=list(reached.args) or _place(reached)) from None
    progress.end("check")
    return report


def _place(error: BaseException) -> str:
    """Return the innermost function of this package in which an error was raised: a rule, or what it calls."""
    frames = [
        frame
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__package__") == __package__
    ]
    return f"{frames[-1].f_globals['__name__']}.{frames[-1].f_code.co_qualname}"


def _uncanonical(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each Turtle file that `cper-lod format` would change, or refuse because of its comments."""
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
    """Yield a finding for each file that a dataset names but does not exist, and each data file in no dataset."""
    # All declared datasets: those without triples are not published.
    datasets, names = sources.declared_datasets, set(sources.statements.file_names())
    for dataset in datasets:
        for path in dataset.paths:
            if not path.endswith("/") and path not in names:
                yield finding("violation", "absent", dataset.iri, ("data/catalog.ttl",), path=path)
    for path in sorted(names) if datasets else ():
        exempt = not path.startswith("data/") or is_catalogue_file(path)
        if not exempt and not any(dataset.includes(path) for dataset in datasets):
            yield finding("warning", "unassigned", path, (path,), path=path)


def _rewritten(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each literal that queries return in another lexical form."""
    # Plain literals are never rewritten.
    typed = (line for line in sources.published.lines() if b'"^^<' in line)
    while batch := list(islice(typed, _BATCH)):
        for quad, rewritten in rewritten_literals(parse_quads(batch)):
            node = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
            files, written = files_about(sources, node), str(quad.object)
            yield finding("warning", "rewritten", node, files, becomes=str(rewritten), written=written)


def _unwritable(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each quad that RDF/XML cannot express, since every document is offered in it."""
    writable = set[bytes]()
    for line in sources.published.lines():
        predicate = line.split(b" ", 2)[1]
        if predicate in writable and not _SUSPICIOUS.search(line):
            continue
        (quad,) = parse_quads([line])
        try:
            write([quad], RDF_XML)
        except Problem:
            node = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
            yield finding("violation", "unwritable", node, files_about(sources, node), written=str(quad.predicate))
        else:
            writable.add(predicate)


_DEPRECATED = f" <{DEPRECATED}> ".encode()
HEADER = "ontology/cper.ttl"
"""The file with the version of the ontology."""


def check_versions(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each version that is named but missing, present but not named, or misnamed.

    Also for each term that a version has but the ontology lacks, though it claims compatibility.
    """
    versions = by_number(sources.versions)
    ontology = sources.ontology
    for number, quads in versions.items():
        iri, file = ONTOLOGY_VERSION + number, _version_file(number)
        if not NUMBER.fullmatch(number) or _header_values(quads, "versionIRI") != [iri]:
            yield finding("violation", "version-name", iri, (file,), path=file)
    chain: list[str] = []
    pending = [(HEADER, each) for each in _header_values(ontology, "priorVersion")]
    while pending:
        file, iri = pending.pop()
        number = iri.removeprefix(ONTOLOGY_VERSION)
        if number not in versions:
            path = _version_file(number)
            yield finding("violation", "version-absent", ONTOLOGY, (file,), iri=iri, path=path)
        elif number not in chain:
            chain.append(number)
            pending += [(_version_file(number), each) for each in _header_values(versions[number], "priorVersion")]
    for number in versions:
        if number not in chain:
            iri = ONTOLOGY_VERSION + number
            yield finding("violation", "version-unchained", iri, (_version_file(number),), iri=iri)
    current_terms = defined(ontology)
    for iri in _header_values(ontology, "backwardCompatibleWith"):
        for term in defined(versions.get(iri.removeprefix(ONTOLOGY_VERSION), ())):
            if term not in current_terms:
                yield finding("violation", "version-broken", term, (HEADER,), term=shorten(term), iri=iri)


def check_deprecated(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each deprecated term of the ontology and each data file that still uses it."""
    terms = deprecated(parse_quads(line for line in sources.published.lines() if _DEPRECATED in line))
    uses = (
        sources.statements.count_uses(partial(_used_terms, {f"<{term}>".encode(): term for term in terms}))
        if terms
        else {}
    )
    for (name, term), count in uses.items():
        yield finding("warning", "deprecated", term, (name,), term=shorten(term), path=name, count=count)


def _used_terms(terms: Mapping[bytes, str], line: bytes) -> Iterable[str]:
    """Return which of `terms` a statement uses, as property or as object."""
    _, predicate, rest = line.split(b" ", 2)
    return [terms[each] for each in (predicate, rest.partition(b" ")[0]) if each in terms]


def check_questions(questions: Iterable[CompetencyQuestion], ontology: Iterable[Quad]) -> Iterator[Finding]:
    """Yield a finding for each prefix of a question that is not among those of the ontology, if it declares any."""
    graph = Graph(ontology)
    declarations = graph.all(NamedNode(ONTOLOGY), SH + "declare")
    declared = {(graph.value(each, SH + "prefix"), graph.value(each, SH + "namespace")) for each in declarations}
    for question in questions if declared else ():
        for prefix, namespace in _PREFIX.findall(question.text):
            if (prefix, namespace) not in declared:
                path = f"ontology/questions/{question.slug}.rq"
                yield finding("violation", "question-prefix", question.iri, (path,), prefix=prefix)


def _header_values(quads: Iterable[Quad], name: str) -> list[str]:
    """Return the IRIs of an OWL property in the header of an ontology."""
    header, predicate = NamedNode(ONTOLOGY), NamedNode(OWL + name)
    return [
        each.object.value
        for each in quads
        if each.subject == header and each.predicate == predicate and isinstance(each.object, NamedNode)
    ]


def _version_file(number: str) -> str:
    return f"{VERSIONS_FOLDER.as_posix()}/{number}.ttl"
