"""Reports of checks: findings, and their output as text, JSON and RDF.

Independent of SHACL: other checks (a file that is not canonical, a literal that a query would see differently) create
their own `Finding` and add it.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode, Quad

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import sentence, translate
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import DCT, RDF, RDFS, SH, VOCABULARY, shorten
from cper_lod.core.text import single_stopped
from cper_lod.rdf.graph import IriTriple, in_languages, to_quads

Severity = Literal["violation", "warning", "info"]

_RANK: Final[Mapping[str, int]] = {"violation": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Finding:
    """One finding: its severity, its node, what is wrong (`messages`) and what to do (`remedies`).

    `shape` and `path` are IRIs (a path of several properties is in SPARQL syntax); `value` is the offending value; `files`
    are relative to the sources, with forward slashes; `component` is the SHACL constraint component. `rule` and `details`
    are the key of the sentences and what they were made with, for other checks than SHACL; reports do not keep them.
    """

    severity: Severity
    node: str
    messages: Mapping[str, str]
    remedies: Mapping[str, str]
    shape: str | None = None
    path: str | None = None
    value: str | None = None
    files: tuple[str, ...] = ()
    line: int | None = None
    component: str | None = None
    rule: str = field(default="", compare=False)
    details: Mapping[str, object] = field(default_factory=dict, compare=False)

    def key(self) -> tuple[object, ...]:
        """Return the sort key: severity, then file, line, node and rule."""
        return (
            _RANK[self.severity],
            self.files,
            self.line or 0,
            self.node,
            self.shape or "",
            self.path or "",
            self.value or "",
            sorted(self.messages.items()),
        )


def finding(severity: Severity, key: str, node: str, files: tuple[str, ...], **values: object) -> Finding:
    """Return a finding whose texts are the sentences `finding-<key>` and `remedy-<key>`."""
    line = values.get("line")
    return Finding(
        severity,
        node,
        {lang: single_stopped(translate(f"finding-{key}", lang, **values)) for lang in LANGUAGES},
        {lang: single_stopped(translate(f"remedy-{key}", lang, **values)) for lang in LANGUAGES},
        value=str(values["written"]) if "written" in values else None,
        files=files,
        line=line if isinstance(line, int) else None,
        rule=key,
        details=values,
    )


@dataclass(frozen=True)
class AppliedRule:
    """A rule that no shape states, and how many things it looked at.

    The sentences `checked-<key>` and `checked-<key>-about` are its label and what it looks at.
    """

    key: str
    looked_at: int
    severity: Severity = "violation"

    def labels(self) -> dict[Language, str]:
        """Return what the rule demands, by language."""
        return {lang: sentence(f"checked-{self.key}", lang) for lang in LANGUAGES}

    def descriptions(self) -> dict[Language, str]:
        """Return what the rule looks at, and how, by language."""
        return {lang: sentence(f"checked-{self.key}-about", lang) for lang in LANGUAGES}


@dataclass(frozen=True)
class Report:
    """Findings, sorted and unique, the numbers of shapes and focus nodes, and the other rules that were applied."""

    findings: tuple[Finding, ...] = ()
    shapes: int = 0
    nodes: int = 0
    rules: tuple[AppliedRule, ...] = ()

    def __post_init__(self) -> None:
        unique = {repr(finding.key()): finding for finding in self.findings}
        object.__setattr__(self, "findings", tuple(sorted(unique.values(), key=Finding.key)))

    @property
    def conforms(self) -> bool:
        """Whether there is no violation; warnings and remarks do not count."""
        return self.count("violation") == 0

    def count(self, severity: Severity) -> int:
        """Return the number of findings of that severity."""
        return sum(finding.severity == severity for finding in self.findings)


def as_text(report: Report, lang: Language) -> str:
    """Return the report as text: a block for each finding, and a summary.

    >>> print(as_text(Report((), shapes=87, nodes=512), "fr"), end="")
    Conforme : 0 violation, 0 avertissement (87 formes, 512 nœuds examinés).
    """
    counts: list[Severity] = ["violation", "warning"]
    counts += ["info"] if report.count("info") else []
    found = ", ".join(_counted(report.count(severity), severity, lang) for severity in counts)
    key = "found-conforms" if report.conforms else "found-fails"
    more = translate("found-rules", lang, count=len(report.rules)) if report.rules else ""
    summary = translate(key, lang, found=found, shapes=report.shapes, nodes=report.nodes, more=more)
    return "".join(f"{_block(finding, lang)}\n" for finding in report.findings) + summary + "\n"


def _counted(count: int, severity: Severity, lang: Language) -> str:
    """Return a count with its noun; 0 is singular in French, plural in English."""
    one = count < 2 if lang == "fr" else count == 1
    noun = translate(f"found-{severity}", lang).lower()
    return f"{count} {noun}{'' if one else 's'}"


def _block(finding: Finding, lang: Language) -> str:
    """Return a finding as text: severity and file, then its details."""
    place = ", ".join(finding.files)
    if finding.line is not None:
        place += translate("found-line", lang, line=finding.line)
    rows = {
        "node": short_name(finding.node),
        "path": finding.path and short_name(finding.path),
        "value": finding.value and short_name(finding.value),
        "messages": finding.messages[lang],
        "remedies": finding.remedies[lang],
        "shape": finding.shape and short_name(finding.shape),
    }
    lines = [(translate(f"found-{finding.severity}", lang) + " " + place).rstrip()]
    lines += ["  " + translate(f"found-{row}", lang, text=text) for row, text in rows.items() if text]
    return "\n".join(lines) + "\n"


def short_name(text: str) -> str:
    """Return an IRI in short form: as a prefixed name, or without the start of the names of the program.

    >>> short_name("https://w3id.org/cper-lod/id/organisme/etat")
    'id/organisme/etat'
    """
    return shorten(text).removeprefix(VOCABULARY)


def as_json(report: Report) -> bytes:
    """Return the report as JSON; equal reports give the same bytes."""
    document = {
        "conforms": report.conforms,
        "shapes": report.shapes,
        "nodes": report.nodes,
        "rules": [
            {**vars(rule), "labels": rule.labels(), "descriptions": rule.descriptions()} for rule in report.rules
        ],
        "findings": [
            {name: value for name, value in vars(finding).items() if name not in ("rule", "details")}
            for finding in report.findings
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def as_quads(report: Report, names: SiteNames) -> list[Quad]:
    """Return the report as a `sh:ValidationReport`, with IRIs instead of blank nodes; without the rules that no shape states."""
    triples: list[IriTriple] = [
        (names.report_graph, RDF + "type", NamedNode(SH + "ValidationReport")),
        (names.report_graph, SH + "conforms", RdfLiteral(report.conforms)),
    ]
    for number, finding in enumerate(report.findings, 1):
        triples += _result(f"{names.things}rapport/{number}", finding)
        triples.append((names.report_graph, SH + "result", NamedNode(f"{names.things}rapport/{number}")))
    return to_quads(triples)


def _result(node: str, finding: Finding) -> Iterable[IriTriple]:
    """Yield the triples of one `sh:ValidationResult`."""
    yield node, RDF + "type", NamedNode(SH + "ValidationResult")
    yield node, SH + "resultSeverity", NamedNode(SH + finding.severity.capitalize())
    yield node, SH + "focusNode", _term(finding.node)
    if finding.shape:
        yield node, SH + "sourceShape", NamedNode(finding.shape)
    if finding.component:
        yield node, SH + "sourceConstraintComponent", NamedNode(finding.component)
    if finding.path and isinstance(path := _term(finding.path), NamedNode):
        yield node, SH + "resultPath", path  # a path of several properties would need blank nodes
    if finding.value is not None:
        yield node, SH + "value", _term(finding.value)
    yield from in_languages(node, SH + "resultMessage", finding.messages)
    yield from in_languages(node, RDFS + "comment", finding.remedies)
    yield from ((node, DCT + "source", RdfLiteral(file)) for file in finding.files)


def _term(text: str) -> NamedNode | RdfLiteral:
    """Return an IRI as a node, any other text (a value, a blank node label) as a plain literal."""
    if text.startswith(("http://", "https://", "urn:", "mailto:", "tel:")):
        with suppress(ValueError):
            return NamedNode(text)
    return RdfLiteral(text)
