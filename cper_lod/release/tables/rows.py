"""Tables of things: a thing a row, its names in French and English, its literals, what it leads to; and their CSV.

Nothing is changed in the CSV (RFC 4180) for the sake of spreadsheets: a minus sign or `=` at the start of a text stays,
as in every other form, since who reads the data by program would get other data. `rdf.french_csv` and `rdf.xlsx` are
for spreadsheets.
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
from cper_lod.release.documents import labels, summaries
from cper_lod.release.release import Release
from cper_lod.release.storage.class_listing import Class
from cper_lod.release.storage.nodes import MAX_TARGETS, references

SEPARATOR: Final = " | "
"""What stands between several values in one cell."""
MORE: Final = "…"
"""What stands for the values beyond the first `references.MOST`."""

Value = str | tuple[Literal, ...]
"""What a thing has in a column: an address or a name (several with `SEPARATOR`), or its literals, each once."""


class Heading(NamedTuple):
    """A column: its name, what stands in it, the property that this comes from, and the language that it is in.

    `iri` is the thing, `name` its name, `value` the literals of a property, `target` the things that a property leads
    to, `target-name` their names.
    """

    name: str
    holds: OneOf["iri", "name", "value", "target", "target-name"]
    predicate: str = ""
    language: str = ""


class NameCache:
    """The names of the things that a table leads to, each looked up once.

    Of no more than `most` of them where that is given: beyond, their addresses alone are told.
    """

    _KEPT: Final = 5000

    def __init__(self, release: Release, most: int | None = None) -> None:
        self._release, self._most = release, most
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, iri: str) -> tuple[str, ...] | None:
        """Return the names of a thing in `LANGUAGES`, None where it is one too many."""
        if iri not in self._known:
            if self._most is not None and len(self._known) >= self._most:
                return None
            if len(self._known) >= self._KEPT:  # a table of any length takes no more memory than this
                self._known.clear()
            graph = Graph(labels(self._release, iri))
            self._known[iri] = tuple(name_in(graph, NamedNode(iri), lang) for lang in LANGUAGES)
        return self._known[iri]


def column_headings(cls: Class) -> list[Heading]:
    """Return the columns of the table of a class: `iri`, `label_fr`, `label_en`, one for each property with literals.

    Then for each property that leads to other things `…/iri`, and where these have names `…/label_fr`, `…/label_en`.
    """
    found = [Heading("iri", "iri"), *(Heading(f"label_{lang}", "name", "", lang) for lang in LANGUAGES)]
    found += [Heading(each.name, "value", each.predicate, each.language) for each in cls.columns]
    for each in cls.references:
        start = shorten(each.predicate)
        found.append(Heading(f"{start}/iri", "target", each.predicate))
        if each.named:
            found += [Heading(f"{start}/label_{lang}", "target-name", each.predicate, lang) for lang in LANGUAGES]
    return found


def table_rows(release: Release, cls: Class, iris: Iterable[str], names: NameCache) -> Iterator[list[Value]]:
    """Yield the row of each thing, in the columns of `column_headings`."""
    predicates = [each.predicate for each in cls.references]
    for iri in iris:
        node, graph = NamedNode(iri), Graph(summaries(release, [iri]))
        row: list[Value] = [iri, *(name_in(graph, node, lang) for lang in LANGUAGES)]
        for column in cls.columns:
            found = (each for each in graph.all(node, column.predicate) if isinstance(each, Literal))
            row.append(tuple(dict.fromkeys(each for each in found if (each.language or "") == column.language)))
        led = references(release.data, iri, predicates)
        for each in cls.references:
            row += _targets(led[each.predicate], names, named=each.named)
        yield row


def _targets(targets: Sequence[str], names: NameCache, *, named: bool) -> list[Value]:
    """Return the cells of what a property leads to: addresses and, where they have some, names in the same order."""
    shown, more = targets[:MAX_TARGETS], [MORE] if len(targets) > MAX_TARGETS else []
    cells: list[Value] = [SEPARATOR.join([*shown, *more])]
    if not named:
        return cells
    known = [names.of(target) for target in shown]
    for place in range(len(LANGUAGES)):
        told = [each[place] if each else "" for each in known]
        cells.append(SEPARATOR.join([*told, *more]) if any(told) else "")
    return cells


def name_in(graph: Graph, node: NamedNode, lang: str) -> str:
    """Return the best name of a thing in a language, else one of no language, else nothing: no other is passed off."""
    for predicate in LABELS:
        found = [each for each in graph.all(node, predicate) if isinstance(each, Literal)]
        texts = {each.language: each.value for each in sorted(found, key=str, reverse=True)}
        if text := texts.get(lang) or texts.get(None, ""):
            return text
    return ""


def cell_text(value: Value) -> str:
    """Return the text of a cell, as the data have it."""
    return value if isinstance(value, str) else SEPARATOR.join(dict.fromkeys(each.value for each in value))


def typed_cell(value: Value) -> Cell:
    """Return a cell for a spreadsheet: one literal is what it is, several are a text."""
    return cell(value[0]) if isinstance(value, tuple) and len(value) == 1 else Cell(cell_text(value))


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield the rows of a table as CSV (RFC 4180)."""
    text = io.StringIO(newline="")
    written = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        written.writerow(row)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
