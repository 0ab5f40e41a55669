"""Lists as CSV (RFC 4180): a thing a row, its name in French and English, its literals as they are, what it leads to.

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
from cper_lod.release.listing import Class, Column, Reference
from cper_lod.release.references import MOST, references
from cper_lod.release.resource import labels
from cper_lod.terms.namespaces import LABELS, shorten
from cper_lod.web.responses import site

SEPARATOR: Final = " | "
"""What stands between several values in one cell."""
MORE: Final = "…"
"""What stands for the values beyond the first `references.MOST`."""
NAMES: Final = 5000
"""How many other things are looked up by their names for one table at most; beyond, their addresses alone are told."""
_LANGUAGES: Final = ("fr", "en")


def things(iris: Iterable[str], cls: Class, quads: Iterable[Quad]) -> bytes:
    """Return a table of things: `iri`, `label_fr`, `label_en`, and a column for each property that has literals.

    Then for each property that leads to other things `…/iri`, and where these have names `…/label_fr`, `…/label_en`.
    """
    graph = Graph(quads)
    heads = [*(column.name for column in cls.columns), *(each for one in cls.references for each in _heads(one))]
    rows: list[Sequence[object]] = [("iri", "label_fr", "label_en", *heads)]
    known: dict[str, tuple[str, ...]] = {}
    for iri in iris:
        node = NamedNode(iri)
        cells = [_cell(graph, node, column) for column in cls.columns]
        led = references(site().release.data, iri, [each.predicate for each in cls.references])
        for each in cls.references:
            cells += _referred(led[each.predicate], known, named=each.named)
        rows.append((iri, *(_label(graph, node, lang) for lang in _LANGUAGES), *cells))
    return _written(rows)


def _heads(reference: Reference) -> list[str]:
    name = shorten(reference.predicate)
    return [f"{name}/iri", *((f"{name}/label_{lang}" for lang in _LANGUAGES) if reference.named else ())]


def _referred(targets: Sequence[str], known: dict[str, tuple[str, ...]], *, named: bool) -> list[str]:
    """Return the cells of what a property leads to: addresses and, where they have some, names in the same order."""
    shown, more = targets[:MOST], [MORE] if len(targets) > MOST else []
    cells = [SEPARATOR.join([*shown, *more])]
    if not named:
        return cells
    for target in shown:
        if target not in known and len(known) < NAMES:
            graph = Graph(labels(site().release, target))
            known[target] = tuple(_label(graph, NamedNode(target), lang) for lang in _LANGUAGES)
    for place in range(len(_LANGUAGES)):
        names = [known[target][place] if target in known else "" for target in shown]
        cells.append(SEPARATOR.join([*names, *more]) if any(names) else "")
    return cells


def classes(found: Iterable[tuple[Class, str]]) -> bytes:
    """Return a table of classes: `iri`, `label_fr`, `label_en`, `count`, and the address of the list of each."""
    rows: list[Sequence[object]] = [("iri", "label_fr", "label_en", "count", "list")]
    for cls, address in found:
        graph = Graph(labels(site().release, cls.iri))
        names = [_label(graph, NamedNode(cls.iri), lang) for lang in _LANGUAGES]
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
