"""What a list shows of the things of a class: the columns that matter, chosen by rule, and the orders these give.

The columns come from what the data say of the things: numbers and dates, the things they refer to, and, one step further,
the codes of a signatory (`prov:agent` → `cper:siren`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Final, Literal

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER, LABELS, OA, PROV, SKOS, STANDARD_TERMS, expand, shorten
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Term
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import FIGURES, MEASURES, SUBSIDY_AMOUNT, UNIT, VALUE
from cper_lod.release.release import Release, once_per_release
from cper_lod.release.storage.class_listing import Class, Page

MAX_COLUMNS: Final = 5
"""Columns that a list shows beside the names of things, and one more where there are several contracts."""
MAX_SORTED: Final = 1000
"""Things of a class that are sorted; those of a larger class are listed by address alone."""
MAX_CELL_LENGTH: Final = 60
"""Characters of the longest text in a column that is shown."""
SAMPLE: Final = 20
"""Things of a class that are read to choose its columns."""
_TEXTS: Final = ("#string", "#langString", "#date", "#gYear")
"""The ends of the datatypes whose values are no numbers, even if they are digits."""
NAME: Final = "nom"
"""The name of the column with the names of the things."""

_CONTRACT: Final = CPER + "contrat"
_OWN: Final = ""
_ORDER: Final = (
    *expand("skos:notation cper:contrat skos:broader cper:financeur cper:subdivision"),
    _OWN,
    *expand("cper:nature cper:perimetre cper:partDe cper:partieDe cper:beneficiaire cper:attribuant dct:type"),
    *expand(
        "org:classification cper:siren cper:territoire dct:temporal adms:status dct:date prov:atLocation cper:avenant"
    ),
    *expand("igeo:codeINSEE"),
)
"""Properties in the order of their columns; others follow, in the order of the documentation. `_OWN`: the figure itself."""
_STEPS: Final = {PROV + "agent": expand("org:classification cper:siren")}
"""Properties whose values are described by other properties, which the list shows instead."""
_OF_FIGURES: Final = {
    *(VALUE, SUBSIDY_AMOUNT, UNIT, *(CPER + each for each in MEASURES)),
    *expand("prov:wasDerivedFrom cper:motif cper:valeurPubliee cper:hypothese cper:pas"),
    *expand("cper:borneInferieure cper:borneSuperieure"),
}
"""What belongs to a figure, which is one column."""
_LEFT_OUT: Final = {
    *(*LABELS, *STANDARD_TERMS),
    *expand("adms:identifier cper:enonce cper:atteste cper:jeuLie dcat:qualifiedRelation dcat:bbox"),
    *expand("dcat:centroid dct:identifier dct:conformsTo dct:language dct:license dct:rights dct:accessRights"),
    *expand("dct:provenance dct:relation"),
}
"""Properties that tell little beside a name: names, quotations, notes, links to other sites, rights."""
_PASSED: Final = expand("rdf: rdfs: owl: qb: sh: skos: sdmx-attribute: void:class geo:")
"""Vocabularies whose properties say how the data are made, except `_TOLD`."""
_TOLD: Final = expand("skos:notation skos:broader")


@dataclass(frozen=True)
class ListColumn:
    """A column: its name in `?sort=`, the properties that lead from a thing to its value, and what this is.

    An empty path leads to the things themselves: figures, or what has the name. `numeric` columns hold numbers only.
    """

    name: str
    path: tuple[str, ...]
    kind: Literal["value", "thing", "figure", "name"]
    numeric: bool = False

    @property
    def predicate(self) -> str:
        """The property that the heading names, empty for the figure itself."""
        return self.path[-1] if self.path else ""


@once_per_release(64)  # saves 0.2 of 1.6 ms of a list in an order
def list_order(release: Release, cls: str, sort: str, lang: Language) -> tuple[str, ...]:
    """Return all things of a class in an order: the name of a column, after `-` from the largest or last.

    Things without a value come last, and among equals the order of their addresses decides.
    """
    graph = ReleaseGraph(release)
    iris = sorted(islice(release.listing.things(cls), MAX_SORTED), key=natural_sort_key)
    columns = (ListColumn(NAME, (), "name"), *list_columns(release, cls))
    column = next(each for each in columns if each.name == sort.removeprefix("-"))
    keys = {iri: key for iri in iris if (key := sort_key(graph, NamedNode(iri), column, lang)) is not None}
    known = sorted((iri for iri in iris if iri in keys), key=keys.__getitem__, reverse=sort.startswith("-"))  # type: ignore[arg-type]
    return (*known, *(iri for iri in iris if iri not in keys))


def list_orders(release: Release, cls: Class) -> tuple[str, ...]:
    """Return the names of the columns that can order the list of a class; none if it is too large to be sorted."""
    return (NAME, *(each.name for each in list_columns(release, cls.iri))) if cls.count <= MAX_SORTED else ()


def page_of(order: Sequence[str], after: str, size: int) -> Page | None:
    """Return one page of things in an order, as `Listing.page` does; None if `after` is not among them."""
    if after and after not in order:
        return None
    start = order.index(after) + 1 if after else 0
    before = start - size
    ends = len(order) - (len(order) % size or size)
    return Page(
        tuple(order[start : start + size]),
        after,
        None if start == 0 else order[before - 1] if before > 0 else "",
        order[start + size - 1] if start + size < len(order) else None,
        order[ends - 1] if ends > 0 else "",
    )


def label_of(graph: ReleaseGraph, node: NamedNode, lang: Language) -> str:
    """Return what a thing is called in an order: its label, its words, else its address."""
    return graph.name(node, lang) or graph.value(node, OA + "exact") or node.value


def values_of(graph: ReleaseGraph, node: Term, path: Sequence[str]) -> list[Term]:
    """Return what a path of properties leads to from a thing: literals, things, or figures."""
    found = [node]
    for predicate in path:
        found = [value for one in found for value in graph.all(one, predicate)]
    return found


def _number(graph: ReleaseGraph, figure: Term) -> Decimal | None:
    """Return the value of a figure, None if it has none."""
    return formatting.exact(formatting.plain(graph.value(figure, VALUE)) or graph.value(figure, SUBSIDY_AMOUNT))


def sort_key(graph: ReleaseGraph, node: Term, column: ListColumn, lang: Language) -> object | None:
    """Return what a thing is sorted by in a column, None if it has no value: numbers as numbers, names by name."""
    for value in values_of(graph, node, column.path):
        if column.kind == "figure":
            number = _number(graph, value)
            if number is not None:  # numbers of different units are not compared
                return graph.value(value, UNIT), number
        elif column.kind == "value":
            return (
                formatting.exact(formatting.plain(value.value))
                if column.numeric
                else natural_sort_key(folded(value.value))
            )
        elif isinstance(value, NamedNode):
            name_key = natural_sort_key(folded(label_of(graph, value, lang)))
            number = formatting.exact(graph.value(value, SKOS + "notation")) if column.kind == "thing" else None
            return number or Decimal(0), name_key
    return None


@once_per_release(300)  # saves 0.3 of 2.5 ms of further pages and forms of a list
def list_columns(release: Release, cls: str) -> tuple[ListColumn, ...]:
    """Return the columns of the list of a class beside the names."""
    graph = ReleaseGraph(release)
    nodes = [NamedNode(iri) for iri in islice(release.listing.things(cls), SAMPLE)]
    one_contract = len(list(islice(release.listing.things(CPER + "Contrat"), 2))) < 2
    paths = _paths(graph, nodes, drop_contract=one_contract)
    found = [column for path in paths if (column := _column(release, graph, nodes, path))]
    positions = release.property_order
    place = {name: index for index, name in enumerate(_ORDER)}

    def rank(column: ListColumn) -> tuple[int, int, str]:
        known = place.get(column.predicate, place.get(column.path[0] if column.path else "", len(place)))
        return known, positions.get(f"<{column.predicate}>", len(positions)), column.predicate

    ranked = sorted(found, key=rank)[: MAX_COLUMNS + (not one_contract)]
    names = [each.name for each in ranked]
    return tuple(each for index, each in enumerate(ranked) if each.name not in names[:index])


def _paths(graph: ReleaseGraph, nodes: Iterable[NamedNode], *, drop_contract: bool) -> list[tuple[str, ...]]:
    """Return the paths from things to what a list may show, each once."""
    found: dict[tuple[str, ...], None] = {}
    for node in nodes:
        figure = _is_figure(graph, node)
        if figure:
            found[()] = None
        for predicate, values in graph.properties(node).items():
            left_out = predicate in _LEFT_OUT or (figure and predicate in _OF_FIGURES)
            passed = predicate.startswith(_PASSED) and predicate not in _TOLD
            if left_out or passed or (drop_contract and predicate == _CONTRACT):
                continue
            further = [
                (predicate, step) for step in _STEPS.get(predicate, ()) if any(graph.all(v, step) for v in values)
            ]
            found.update(dict.fromkeys(further) if further else {(predicate,): None})
    return list(found)


def _is_figure(graph: ReleaseGraph, node: Term) -> bool:
    """Return whether a thing is a figure, perhaps without a value, or has an amount, as a subsidy has."""
    return isinstance(node, NamedNode) and (
        any(each in FIGURES for each in graph.types(node)) or graph.one(node, SUBSIDY_AMOUNT) is not None
    )


def _column(
    release: Release, graph: ReleaseGraph, nodes: Sequence[NamedNode], path: tuple[str, ...]
) -> ListColumn | None:
    """Return the column of a path, None if its values are long, nameless or of no use to a reader."""
    if not path:
        return ListColumn("valeur", path, "figure", numeric=True)
    values = [value for node in nodes for value in values_of(graph, node, path)]
    name = _name(release, path, values[0])
    literals = [each for each in values if isinstance(each, RdfLiteral)]
    if len(literals) == len(values):
        if max(len(each.value) for each in literals) > MAX_CELL_LENGTH:
            return None
        # A code such as a SIREN is no number: its type says so.
        typed = not any(each.datatype.value.endswith(_TEXTS) for each in literals)
        numeric = typed and all(formatting.exact(formatting.plain(each.value)) is not None for each in literals)
        return ListColumn(name, path, "value", numeric=numeric)
    if all(_is_figure(graph, each) for each in values):
        return ListColumn(name, path, "figure", numeric=True)
    named = all(isinstance(each, NamedNode) and graph.name(each, "fr") for each in values[:3])
    return ListColumn(name, path, "thing") if named else None


def _name(release: Release, path: tuple[str, ...], value: Term) -> str:
    """Return the name of a column in an address: the term of the JSON-LD context, else the local name of the property."""
    terms = release.context.by_property.get(path[-1], ())
    datatype = value.datatype.value if isinstance(value, RdfLiteral) else ""
    fitting = [each.name for each in terms if each.type in (None, datatype)] or [each.name for each in terms]
    local = shorten(path[-1]).rpartition(":")[2].rpartition("/")[2]
    return fitting[0] if fitting else re.sub("[^A-Za-z0-9_-]", "-", local)
