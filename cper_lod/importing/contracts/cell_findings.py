"""Findings of the check as findings about cells: at the cell that the fact comes from, in the words of a spreadsheet."""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import Phrase
from cper_lod.core.namespaces import DCAT, DCT, RDFS, SHAPES, SKOS
from cper_lod.importing.contracts.graph import ContractGraph, node
from cper_lod.importing.contracts.model import (
    CellFinding,
    CellLocation,
    Record,
    WorkbookColumn,
    WorkbookRecords,
    WorkbookSheet,
    sheets,
    shorter,
)
from cper_lod.importing.contracts.parse_cells import KINDS
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.report import Finding
from cper_lod.release.check.quotations import OWN_WORDS

RULES: Final = {
    "quotation": "",
    "quotation-unknown": "year-not-quoted",
    "unattested": "value-unquoted",
    "value-of-another": "number-of-another",
    "nature-left-out": "nature-cut",
    "part-left-out": "part-cut",
    "agent-unread": "signatory-unread",
    "status-not-yet": "step-to-come",
    "level-of-another": "below-another",
    "figures-differ": "translation-differs",
    "figure-unquoted": "figure-unsupported",
    "territory-differs": "territory-otherwise",
    "kind-differs": "kind-not-named",
    "signature-dans-la-periode": "signing-far",
    "cercle": "row-circle",
    "partie-dans-son-tout": "part-above",
    "parties-font-le-tout": "parts-differ",
    "parts-font-cent": "shares-above",
    "croises-sous-leur-marge": "funder-above",
    "organisme-sans-siren": "siren-missing",
}
"""The finding about a cell for each rule and each shape, by its name; of several about one cell the first is reported."""
_COLUMNS: Final = {
    "territory-otherwise": ("territoire", "financeur", "nom"),
    "kind-not-named": ("sorte_financeur", "sorte"),
    "siren-missing": ("siren",),
    "siren-missing-near": ("siren",),
    "signing-far": ("date",),
    "signatory-unread": ("lecture",),
}
"""The column of a finding whose property does not lead to one; the first that is filled in, else the last."""
_YEARS: Final = (DCAT + "startDate", DCAT + "endDate")
_PERIOD: Final = DCT + "temporal"
_LABELS: Final = (SKOS + "prefLabel", RDFS + "label")
_TECHNICAL: Final = re.compile(r"\b[a-z][\w-]*:[A-Za-z]|\b(?:IRI|RDF|SHACL|SPARQL|prefLabel)")
"""Words that a person who fills a workbook does not know."""
_MAX_WORDS: Final = 200


class CellFindings:
    """Words the findings about one contract; `names` are the French names of things outside its graph."""

    def __init__(
        self, graph: ContractGraph, records: WorkbookRecords, names: Mapping[str, str], shapes: Iterable[Quad]
    ) -> None:
        self._graph = graph
        self._rows = {
            (record.location.sheet, record.location.row): (sheet, record)
            for sheet in sheets()
            for record in records[sheet.key]
        }
        self._names = {**names, **_french_names(graph)}
        self._shapes = Graph(shapes)

    def sort(self, findings: tuple[Finding, ...]) -> tuple[list[CellFinding], list[Finding]]:
        """Return the findings about cells, violations first, in reading order; and the violations that come from the sources alone.

        Of several findings of one severity about a cell, the first in the order of `RULES` is reported.
        """
        ranks = {rule: rank for rank, rule in enumerate(RULES)}
        ranked = sorted(findings, key=lambda each: ranks.get(_rule(each), len(ranks)))
        about_cells, others = dict[tuple[CellLocation, str], CellFinding](), list[Finding]()
        for each in ranked:
            if cell_finding := self._cell_finding(each):
                about_cells.setdefault((cell_finding.location, cell_finding.severity), cell_finding)
            elif each.severity == "violation":
                others.append(each)
        told = [*about_cells.values()]
        misnamed = {(one.location.sheet, one.location.row) for one in told if one.key == "kind-not-named"}
        told = [  # the territory of a body follows from its kind
            one
            for one in told
            if one.key != "territory-otherwise" or (one.location.sheet, one.location.row) not in misnamed
        ]
        order = list(dict.fromkeys(name for name, _ in self._rows))

        def reading_order(finding: CellFinding) -> tuple[object, ...]:
            place = finding.location
            sheet = order.index(place.sheet) if place.sheet in order else len(order)
            return finding.severity != "violation", sheet, place.row, len(place.letter), place.letter

        return sorted((*self._graph.findings, *told), key=reading_order), others

    def _cell_finding(self, finding: Finding) -> CellFinding | None:
        """Return a finding about a cell, or a row; None if nothing in the workbook led to it."""
        things = [str(finding.details.get("fact", "")), finding.node]
        if finding.severity == "violation":  # what is advised about other contracts is no matter of this one
            things.append(finding.value or "")
        things.sort(key=lambda each: each == self._graph.contract)  # what it has leads to a row of its own
        rows = [found for each in things if (found := self._row(each))]
        if not rows:
            return None
        key = RULES.get(_rule(finding), "facts-contradict" if finding.rule else "rule-broken")
        near = self._graph.near.get(finding.node, "")
        if key == "siren-missing" and near:
            key = "siren-missing-near"
        named = self._names.get(finding.value or "", (finding.value or "").rpartition("/")[2])
        path = finding.path or ""
        chosen = [(row, self._column(sheet, row, key, finding)) for sheet, row in rows]
        record, column = next((each for each in chosen if each[1]), chosen[0])
        if not key and path in OWN_WORDS:
            key = "figure-unsupported"
        if not key and column:
            quotation, words = self._graph.locations[finding.node], shorter(str(finding.details["words"]), _MAX_WORDS)
            values = {"letter": quotation.letter, "words": words, "name": named, "example": column.example}
            return record.finding(column.key, KINDS[column.kind].not_quoted, values)
        details: dict[str, object] = {
            "name": record.text("financeur") or record.text("nom") if key in _COLUMNS else record.text("nom"),
            "near": near,
            "known": named,
            "label": self._label(finding),
            **finding.details,
        }
        if column:
            return record.finding(column.key, key, details, finding.severity)
        about = finding.node if finding.node != self._graph.contract else ""
        location = self._graph.locations.get(about, record.location)
        return CellFinding(location, key or "words-lacking", details, finding.severity)

    def _column(self, sheet: WorkbookSheet, record: Record, key: str, finding: Finding) -> WorkbookColumn | None:
        """Return the column that a finding is about: the one whose value is named, else the first of the property."""
        columns, value = {each.key: each for each in sheet.columns}, finding.value or ""
        if key in _COLUMNS:
            keys = [each for each in _COLUMNS[key] if each in columns]
            return columns[next((each for each in keys if each in record.values), keys[-1])] if keys else None
        filled = [each for each in sheet.columns if each.key in record.values]
        path = _PERIOD if finding.path in _YEARS else finding.path
        found = [each for each in filled if each.property and path == node(each.property).value]
        if finding.path in _LABELS:  # the label of what one cell describes, as a period, is reported at that cell
            place = self._graph.locations.get(str(finding.details.get("fact", finding.node)))
            found = [each for each in filled if record.location_of(each.key) == place] or found
        if not found and finding.path in _LABELS:  # a label that the import composes has no figure but these
            found = [each for each in filled if each.kind in ("years", "day")]
        if not finding.path:  # the row that the finding names
            found = [each for each in filled if value in record.items(each.key)]
        named = [each for each in found if record.typed.get(each.key, "\0") in value]
        return next(iter((*named, *found)), None)

    def _row(self, iri: str) -> tuple[WorkbookSheet, Record] | None:
        """Return the row that a thing comes from."""
        place = self._graph.locations.get(iri)
        return self._rows.get((place.sheet, place.row)) if place else None

    def _label(self, finding: Finding) -> Phrase:
        """Return what a rule demands, without the names of properties."""
        shape, name = NamedNode(finding.shape or SHAPES), _rule(finding).replace("-", " ")
        english = self._shapes.text(shape, RDFS + "label", "en")[0]
        french = self._shapes.text(shape, RDFS + "label", "fr")[0]
        return Phrase(*(text if text and not _TECHNICAL.search(text) else name for text in (english, french)))


def _rule(finding: Finding) -> str:
    """Return the name of the rule or the shape of a finding."""
    return finding.rule or (finding.shape or "").removeprefix(SHAPES)


def _french_names(graph: ContractGraph) -> dict[str, str]:
    """Return the names of the things of a contract."""
    return {
        str(getattr(quad.subject, "value", "")): quad.object.value
        for quad in chain.from_iterable(graph.files.values())
        if quad.predicate.value == SKOS + "prefLabel"
        and isinstance(quad.object, Literal)
        and quad.object.language == "fr"
    }
