"""Validates the sources: SHACL, facts and their words, canonical files, literals, catalogue entries."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode

from cper_lod.core.errors import Problem
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import ONTOLOGY, RDF, SHAPES, VOCABULARIES
from cper_lod.core.processes import TimeLimitReached, interruptible
from cper_lod.rdf.formatter import forms_of_nquads, is_canonical, literal_lines
from cper_lod.rdf.reader import FORMATS, TURTLE_LIKE, iter_nquads, read_bytes
from cper_lod.rdf.report import AppliedRule, Finding, Report, finding
from cper_lod.release.catalog.datasets import is_catalogue_file, is_example_file
from cper_lod.release.check.published import DataRule, PublishedData, apply_rule, files_about
from cper_lod.release.jobs.parallel import PARALLEL_BYTES, run_task
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.sources.files import WITHDRAWALS, display_path, uses_program
from cper_lod.release.sources.read import Sources
from cper_lod.release.storage.quad_file import parse_quads

_CONTEXTS: Final = "ontology/context/"
_MAX_SEARCHED: Final = 64 << 20
"""Bytes of the largest file that is searched for lines: some seconds."""
_BLANK: Final = re.compile(rb"(?:\A|> )_:f[0-9]")
"""A blank node of a file, and perhaps a text that looks like one."""


TIME_LIMIT: float = 1800
"""Seconds that the shapes may take, and as many for the other rules: ten million triples need a fifth of them."""


def check(sources: Sources, progress: Progress = SILENT) -> Report:
    """Return all findings about `sources`: those of SHACL, and those that only the files show.

    Shapes and other rules have a process each, one after the other, where the data are large: the system has its memory back
    when it ends. Raises `check-timeout` if one takes more than `TIME_LIMIT` seconds.
    """
    apart = sources.published.path.stat().st_size > PARALLEL_BYTES
    report = run_task(partial(_by_shapes, sources, *(() if apart else (progress,))), apart=apart)
    found, rules = run_task(partial(_by_rules, sources), apart=apart)
    progress.end("check")
    return replace(report, findings=(*report.findings, *found), rules=rules)


def _by_shapes(sources: Sources, progress: Progress = SILENT) -> Report:
    """Return the report of SHACL."""
    # Imported here: rdflib and pyshacl take a third of a second to import, and serving a release does not need them.
    # Before the limit: an interrupted import cannot be repeated.
    from cper_lod.rdf.shacl.api import validate  # noqa: PLC0415

    try:
        with interruptible(TIME_LIMIT):
            report = validate(
                sources.published,
                sources.shapes,
                files=sources.statements.files_about,
                progress=partial(progress.set_share, "check"),
            )
    except TimeLimitReached as reached:
        raise Problem("check-timeout", rule=list(reached.args)) from None
    return _merge_unreached(report) if sources.folder and uses_program(sources.folder, "shapes") else report


def _by_rules(sources: Sources) -> tuple[list[Finding], tuple[AppliedRule, ...]]:
    """Return the findings of the rules that no shape states, and these rules."""
    # Imported here: serving a release does not need the reader of number words.
    from cper_lod.release.check.actors import ACTOR_RULES  # noqa: PLC0415
    from cper_lod.release.check.documents import DOCUMENT_RULES  # noqa: PLC0415
    from cper_lod.release.check.facts import FACT_RULES  # noqa: PLC0415

    data, findings, rules, applying = PublishedData(sources), list[Finding](), list[AppliedRule](), ""
    try:
        with interruptible(TIME_LIMIT):
            for rule in (*FILE_RULES, *FACT_RULES, *DOCUMENT_RULES, *ACTOR_RULES):
                applying = rule.key
                found, applied = apply_rule(rule, data)
                findings += found
                rules.append(applied)
    except TimeLimitReached:
        raise Problem("check-timeout", rule=applying) from None
    return findings, tuple(rules)


def _merge_unreached(report: Report) -> Report:
    """Return a report with one finding for all rules of the program that found no node: the data may not have such things yet."""
    unreached = [each for each in report.findings if each.rule == "rule-unreached"]
    others = tuple(each for each in report.findings if each.rule != "rule-unreached")
    merged = [finding("info", "unreached", SHAPES, (), count=len(unreached))] if unreached else []
    return replace(report, findings=(*others, *merged))


def _rdf_files(sources: Sources, *apart: str) -> Iterator[tuple[Path, str]]:
    """Yield the RDF files of sources, each with its name, but for those in some folders."""
    for path in sources.files:
        name = display_path(path, sources.folder)
        if path.suffix.lower() in FORMATS and not name.startswith(apart):
            yield path, name


def _uncanonical(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each RDF file: `cper-lod format` would change it, or refuse because of its comments.

    Also about each of its literals that is not in canonical form.
    """
    for path, name in _rdf_files(data.sources, _CONTEXTS):
        found = []
        if path.suffix.lower() == ".ttl":
            try:
                if is_canonical(path):
                    yield []
                    continue
                found.append(finding("warning", "uncanonical", name, (name,), path=name))
            except Problem as problem:
                if problem.kind.code != "source-comments":
                    raise
                found.append(finding("warning", "comments", name, (name,), **{**problem.params, "path": name}))
        yield [*found, *_uncanonical_literals(path, name, data.sources.names)]


def _uncanonical_literals(path: Path, name: str, names: SiteNames) -> Iterator[Finding]:
    forms = dict(chain.from_iterable(forms_of_nquads(piece).items() for piece in iter_nquads(path, names=names)))
    places: list[tuple[int | None, object]] = []
    if forms and path.suffix.lower() in TURTLE_LIKE and path.stat().st_size <= _MAX_SEARCHED:
        places += literal_lines(read_bytes(path), path, forms, names)
    places += [(None, literal) for literal in forms.keys() - {found for _, found in places}]
    for line, literal in places:
        becomes = str(forms[literal])  # type: ignore[index]  # found among them
        yield finding("warning", "literal", name, (name,), becomes=becomes, written=str(literal), line=line)


def _anonymous(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each data file: it has blank nodes, which nothing can refer to."""
    published = data.sources.published
    any_ = published.mapped.find(b"_:f") >= 0 and any(map(_BLANK.search, published.lines()))
    for path, name in _rdf_files(data.sources, "ontology/", "shapes/"):
        pieces = iter_nquads(path, scope="f0", names=data.sources.names) if any_ else ()
        lines = (line for piece in pieces for line in piece.splitlines() if _BLANK.search(line))
        if any(BlankNode in (type(quad.subject), type(quad.object)) for quad in parse_quads(lines)):
            yield [finding("violation", "anonymous", name, (name,))]
        else:
            yield []


def _absent(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each file that a dataset names: it does not exist."""
    names = set(data.sources.statements.file_names())
    for dataset in data.sources.declared_datasets:  # All of them: those without triples are not published.
        for path in dataset.paths:
            exists = path.endswith("/") or path in names
            key = "derived-absent" if path.startswith("data/derived/") else "absent"
            yield [] if exists else [finding("violation", key, dataset.iri, ("data/catalog.ttl",), path=path)]


def _unassigned(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each data file: it is in no dataset."""
    datasets, names = data.sources.declared_datasets, set(data.sources.statements.file_names())
    for path in sorted(names) if datasets else ():
        own = path.startswith("data/") and path != WITHDRAWALS
        if own and not is_catalogue_file(path) and not is_example_file(path, names):
            assigned = any(dataset.includes(path) for dataset in datasets)
            yield [] if assigned else [finding("warning", "unassigned", path, (path,), path=path)]


def _elsewhere(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each thing of a class of ours: it has a name of another site, which its sources cannot describe."""
    names, seen = data.sources.names, set[str]()
    for subject, cls in ((each[0], each[2]) for each in data.triples_with(f"> <{RDF}type> <{ONTOLOGY}")):
        node = subject[1:-1]
        if not subject.startswith("<") or not cls[1:].startswith(VOCABULARIES) or node in seen:
            continue
        seen.add(node)
        if node.startswith(names.shared_start):
            yield []
            continue
        files = files_about(data.sources, node)
        line = _line_of(data.sources.folder, files[:1], subject)
        yield [finding("violation", "name-elsewhere", node, files, line=line, address=names.address)]


def _line_of(folder: Path | None, files: Iterable[str], written: str) -> int | None:
    """Return the first line, from 1, of a file that holds a name, None if none does, or the file is too large."""
    paths = [folder / each for each in files] if folder else []
    for path in (each for each in paths if each.is_file() and each.stat().st_size <= _MAX_SEARCHED):
        lines = path.read_bytes().splitlines()
        return next((number for number, line in enumerate(lines, 1) if written.encode() in line), None)
    return None


FILE_RULES: Final = (
    DataRule("uncanonical", _uncanonical, "warning"),
    DataRule("anonymous", _anonymous),
    DataRule("absent", _absent),
    DataRule("unassigned", _unassigned, "warning"),
    DataRule("name-elsewhere", _elsewhere),
)
