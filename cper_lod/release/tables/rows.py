"""Tables of the resources of a class: labels, literals and references of each resource as a row; and their CSV.

The CSV (RFC 4180) holds the values as they are, even a leading `=` or minus sign, since programs read it.
`rdf.spreadsheets` writes the forms for spreadsheets.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import LABELS, shorten
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.spreadsheets.cells import Cell, cell
from cper_lod.release.documents import MAX_TARGETS, labels, references, summaries
from cper_lod.release.release import Release
from cper_lod.release.storage.class_listing import Class

SEPARATOR: Final = " | "
"""The separator of several values in one cell."""
MORE: Final = "…"
"""Stands for the values that a cell leaves out."""

Value = str | tuple[Literal, ...]
"""The value of a cell: an IRI or a label (several joined with `SEPARATOR`), or distinct literals."""


class Heading(NamedTuple):
    """A column: its name, its content, the property it comes from, and its language.

    The content is `iri` (the resource), `name` (its label), `value` (literals of a property), `target` (IRIs a
    property refers to) or `target-name` (their labels).
    """

    name: str
    content: OneOf["iri", "name", "value", "target", "target-name"]
    predicate: str = ""
    language: str = ""


class NameCache:
    """The labels of the resources that a table refers to.

    With a `limit`, only that many are looked up; the others are shown by IRI alone.
    """

    MAX_CACHED: Final = 5000
    """Resources whose labels are in memory at once."""

    def __init__(self, release: Release, limit: int | None = None) -> None:
        self._release, self._limit = release, limit
        self._cache: dict[str, tuple[str, ...]] = {}

    def get(self, iri: str) -> tuple[str, ...] | None:
        """Return the labels of a resource in `LANGUAGES`, None beyond the limit."""
        if iri not in self._cache:
            if self._limit is not None and len(self._cache) >= self._limit:
                return None
            if len(self._cache) >= self.MAX_CACHED:  # bounds memory for tables of any length
                self._cache.clear()
            graph = Graph(labels(self._release, iri))
            self._cache[iri] = tuple(name_in(graph, NamedNode(iri), lang) for lang in LANGUAGES)
        return self._cache[iri]


def column_headings(cls: Class) -> list[Heading]:
    """Return the columns of the table of a class.

    These are `iri`, `label_fr`, `label_en`, one for each property with literals, then for each property with
    references `…/iri` and, if the targets have labels, `…/label_fr` and `…/label_en`.
    """
    headings = [Heading("iri", "iri"), *(Heading(f"label_{lang}", "name", "", lang) for lang in LANGUAGES)]
    headings += [Heading(each.name, "value", each.predicate, each.language) for each in cls.columns]
    for each in cls.references:
        prefix = shorten(each.predicate)
        headings.append(Heading(f"{prefix}/iri", "target", each.predicate))
        if each.named:
            headings += [Heading(f"{prefix}/label_{lang}", "target-name", each.predicate, lang) for lang in LANGUAGES]
    return headings


def table_rows(release: Release, cls: Class, iris: Iterable[str], names: NameCache) -> Iterator[list[Value]]:
    """Yield the row of each resource, in the columns of `column_headings`."""
    predicates = [each.predicate for each in cls.references]
    for iri in iris:
        node, graph = NamedNode(iri), Graph(summaries(release, [iri]))
        row: list[Value] = [iri, *(name_in(graph, node, lang) for lang in LANGUAGES)]
        for column in cls.columns:
            literals = (each for each in graph.all(node, column.predicate) if isinstance(each, Literal))
            row.append(tuple(dict.fromkeys(each for each in literals if (each.language or "") == column.language)))
        targets = references(release, iri, predicates)
        for each in cls.references:
            row += _target_cells(targets[each.predicate], names, named=each.named)
        yield row


def _target_cells(targets: Sequence[str], names: NameCache, *, named: bool) -> list[Value]:
    """Return the cells of a reference: IRIs and, if `named`, their labels in the same order."""
    shown, more = targets[:MAX_TARGETS], [MORE] if len(targets) > MAX_TARGETS else []
    cells: list[Value] = [SEPARATOR.join([*shown, *more])]
    if not named:
        return cells
    known = [names.get(target) for target in shown]
    for index in range(len(LANGUAGES)):
        in_language = [each[index] if each else "" for each in known]
        cells.append(SEPARATOR.join([*in_language, *more]) if any(in_language) else "")
    return cells


def name_in(graph: Graph, node: NamedNode, lang: str) -> str:
    """Return the best label of a resource in a language, else one without language, else an empty text."""
    for predicate in LABELS:
        found = [each for each in graph.all(node, predicate) if isinstance(each, Literal)]
        texts = {each.language: each.value for each in sorted(found, key=str, reverse=True)}
        if text := texts.get(lang) or texts.get(None, ""):
            return text
    return ""


def cell_text(value: Value) -> str:
    """Return the text of a cell: values as they are, but a number without the zeros in front of it."""
    return value if isinstance(value, str) else SEPARATOR.join(dict.fromkeys(cell(each).text for each in value))


def typed_cell(value: Value) -> Cell:
    """Return a spreadsheet cell: a single literal keeps its type, several become text."""
    return cell(value[0]) if isinstance(value, tuple) and len(value) == 1 else Cell(cell_text(value))


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield the rows as lines of CSV (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow(row)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
