"""Lists as CSV (RFC 4180): one thing a row, its name in French and English, its literals as they stand in the data.

Nothing is changed for the sake of spreadsheets: a minus sign or `=` at the start of a text stays, as in every other
form, since who reads the data by program would get other data. README.md says what that means for whoever opens a file
of unknown origin in a spreadsheet.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.release.graph import Graph
from cper_lod.release.listing import Class, Column
from cper_lod.release.resource import labels
from cper_lod.terms.namespaces import LABELS
from cper_lod.web.responses import site

SEPARATOR: Final = " | "
"""What stands between several values in one cell."""


def things(iris: Iterable[str], columns: Sequence[Column], quads: Iterable[Quad]) -> bytes:
    """Return a table of things: `iri`, `label_fr`, `label_en`, and a column for each property that has literals."""
    graph = Graph(quads)
    rows: list[Sequence[object]] = [("iri", "label_fr", "label_en", *(column.name for column in columns))]
    for iri in iris:
        node = NamedNode(iri)
        names = [_label(graph, node, lang) for lang in ("fr", "en")]
        rows.append((iri, *names, *(_cell(graph, node, column) for column in columns)))
    return _written(rows)


def classes(found: Iterable[tuple[Class, str]]) -> bytes:
    """Return a table of classes: `iri`, `label_fr`, `label_en`, `count`, and the address of the list of each."""
    rows: list[Sequence[object]] = [("iri", "label_fr", "label_en", "count", "list")]
    for cls, address in found:
        graph = Graph(labels(site().release, cls.iri))
        names = [_label(graph, NamedNode(cls.iri), lang) for lang in ("fr", "en")]
        rows.append((cls.iri, *names, cls.count, address))
    return _written(rows)


def _label(graph: Graph, node: NamedNode, lang: str) -> str:
    """Return the best name of a thing in a language, else one of no language, else nothing: no other is passed off."""
    for name in LABELS:
        found = [each for each in graph.all(node, name) if isinstance(each, Literal)]
        if text := _best(found, lang):
            return text
    return ""


def _best(found: Iterable[Literal], lang: str) -> str:
    texts = {each.language: each.value for each in sorted(found, key=str, reverse=True)}
    return texts.get(lang) or texts.get(None, "")


def _cell(graph: Graph, node: NamedNode, column: Column) -> str:
    values = (each for each in graph.all(node, column.predicate) if isinstance(each, Literal))
    return SEPARATOR.join(dict.fromkeys(each.value for each in values if (each.language or "") == column.language))


def _written(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
