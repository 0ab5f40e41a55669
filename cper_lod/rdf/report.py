"""Reports of checks: findings, and their output as text, JSON and RDF.

Independent of SHACL: other checks (a file that is not canonical, a literal that a query would see differently) create
their own `Finding` and add it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode, Quad

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import sentence, translate
from cper_lod.core.namespaces import BASE, DCT, GRAPH_REPORT, PREFIXES, RDF, RDFS, SH, shorten
from cper_lod.core.text import single_stopped

Severity = Literal["violation", "warning", "info"]

_DQV: Final = PREFIXES["dqv"]
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

    def label(self, lang: Language) -> str:
        """Return what the rule demands."""
        return sentence(f"checked-{self.key}", lang)

    def about(self, lang: Language) -> str:
        """Return what the rule looks at, and how."""
        return sentence(f"checked-{self.key}-about", lang)


@dataclass(frozen=True)
class Report:
    """Findings, sorted and unique, the numbers of shapes and focus nodes, and the other rules that were applied."""

    findings: tuple[Finding, ...] = field(default=())
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
    """Return the report as text: a block for each finding, and a summary."""
    return "".join(f"{_block(finding, lang)}\n" for finding in report.findings) + summary(report, lang) + "\n"


def summary(report: Report, lang: Language) -> str:
    """Return the report in one line.

    >>> summary(Report((), shapes=87, nodes=512), "fr")
    'Conforme : 0 violation, 0 avertissement (87 formes, 512 nœuds examinés).'
    """
    counts: list[Severity] = ["violation", "warning"]
    counts += ["info"] if report.count("info") else []
    found = ", ".join(_counted(report.count(severity), severity, lang) for severity in counts)
    key = "found-conforms" if report.conforms else "found-fails"
    more = translate("found-rules", lang, count=len(report.rules)) if report.rules else ""
    return translate(key, lang, found=found, shapes=report.shapes, nodes=report.nodes, more=more)


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
    """Return an IRI in short form: as a prefixed name, or without our base.

    >>> short_name("https://w3id.org/cper-lod/id/organisme/etat")
    'id/organisme/etat'
    """
    return shorten(text).removeprefix(BASE)


def as_json(report: Report) -> bytes:
    """Return the report as JSON; equal reports give the same bytes."""
    document = {
        "conforms": report.conforms,
        "shapes": report.shapes,
        "nodes": report.nodes,
        "rules": [_rule_as_json(rule) for rule in report.rules],
        "findings": [_as_json_object(finding) for finding in report.findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def _as_json_object(finding: Finding) -> dict[str, object]:
    return {name: value for name, value in vars(finding).items() if name not in ("rule", "details")}


def _rule_as_json(rule: AppliedRule) -> dict[str, object]:
    texts = {"labels": rule.label, "descriptions": rule.about}
    return {**vars(rule), **{name: {lang: text(lang) for lang in LANGUAGES} for name, text in texts.items()}}


def as_quads(report: Report) -> list[Quad]:
    """Return the report as a `sh:ValidationReport`, with IRIs instead of blank nodes.

    What a rule that no shape states looked at is a measurement (DQV), since SHACL has no word for it.
    """
    node = NamedNode(GRAPH_REPORT)
    quads = [
        Quad(node, NamedNode(RDF + "type"), NamedNode(SH + "ValidationReport")),
        Quad(node, NamedNode(SH + "conforms"), RdfLiteral(report.conforms)),
    ]
    for number, finding in enumerate(report.findings, 1):
        result = NamedNode(f"{BASE}id/rapport/{number}")
        quads.append(Quad(node, NamedNode(SH + "result"), result))
        quads += [Quad(result, NamedNode(predicate), term) for predicate, term in _result(finding)]
    for rule in report.rules:
        measured = NamedNode(f"{BASE}id/rapport/{rule.key}")
        quads.append(Quad(node, NamedNode(DCT + "hasPart"), measured))
        quads += [Quad(measured, NamedNode(predicate), term) for predicate, term in _measurement(rule)]
    return quads


def _measurement(rule: AppliedRule) -> Iterable[tuple[str, NamedNode | RdfLiteral]]:
    """Yield the predicates and objects of one `dqv:QualityMeasurement`."""
    yield RDF + "type", NamedNode(_DQV + "QualityMeasurement")
    yield _DQV + "value", RdfLiteral(rule.looked_at)
    yield SH + "severity", NamedNode(SH + rule.severity.capitalize())
    for lang in LANGUAGES:
        yield RDFS + "label", RdfLiteral(rule.label(lang), language=lang)
        yield RDFS + "comment", RdfLiteral(rule.about(lang), language=lang)


def _result(finding: Finding) -> Iterable[tuple[str, NamedNode | RdfLiteral]]:
    """Yield the predicates and objects of one `sh:ValidationResult`."""
    yield RDF + "type", NamedNode(SH + "ValidationResult")
    yield SH + "resultSeverity", NamedNode(SH + finding.severity.capitalize())
    yield SH + "focusNode", _term(finding.node)
    if finding.shape:
        yield SH + "sourceShape", NamedNode(finding.shape)
    if finding.component:
        yield SH + "sourceConstraintComponent", NamedNode(finding.component)
    if finding.path and isinstance(path := _term(finding.path), NamedNode):
        yield SH + "resultPath", path  # a path of several properties would need blank nodes
    if finding.value is not None:
        yield SH + "value", _term(finding.value)
    for lang, message in finding.messages.items():
        yield SH + "resultMessage", RdfLiteral(message, language=lang)
    for lang, remedy in finding.remedies.items():
        yield RDFS + "comment", RdfLiteral(remedy, language=lang)
    for file in finding.files:
        yield DCT + "source", RdfLiteral(file)


def _term(text: str) -> NamedNode | RdfLiteral:
    """Return an IRI as a node, any other text (a value, a blank node label) as a plain literal."""
    if text.startswith(("http://", "https://", "urn:", "mailto:", "tel:")):
        try:
            return NamedNode(text)
        except ValueError:
            pass
    return RdfLiteral(text)
