"""What a list and a table say of the things of a class: the columns that matter, chosen by rule.

The columns come from what the data say of the things: numbers and dates, the things they refer to, and, one step further,
the codes of a signatory (`prov:agent` → `cper:siren`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER, DCT, LABELS, OA, PROV, STANDARD_TERMS, expand, shorten
from cper_lod.core.units import IN_UNIT, UNIT
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import MAX_READ, ReleaseGraph
from cper_lod.release.plan.observations import FIGURES, MEASURES, SUBSIDY_AMOUNT, VALUE, FigureKind, figure_kind
from cper_lod.release.release import Release, once_per_release

MAX_CELL_LENGTH: Final = 60
"""Characters of the longest text in a column that is shown."""
_TEXTS: Final = ("#string", "#langString", "#date", "#gYear")
"""The ends of the datatypes whose values are no numbers, even if they are digits."""
NAME: Final = "nom"
"""The name of the column with the names of the things."""
PURPOSE: Final = "objet"
"""The name of the column with what subsidies are for: as long as it is, since their names only repeat who gets them."""

_CONTRACT: Final = CPER + "contrat"
_OWN: Final = ""
_ORDER: Final = (
    *expand("skos:notation cper:contrat skos:broadMatch cper:financeur cper:subdivision"),
    _OWN,
    *expand(
        "cper:nature cper:theme cper:perimetre cper:partDe cper:partieDe subv:beneficiaire subv:attribuant dct:type"
    ),
    *expand(
        "org:classification cper:siren cper:territoire dct:temporal adms:status dct:date prov:atLocation cper:avenant"
    ),
    *expand("igeo:codeINSEE"),
)
"""Properties in the order of their columns; others follow, in the order of the documentation. `_OWN`: the figure itself."""
_STEPS: Final = {PROV + "agent": expand("org:classification cper:siren")}
"""Properties whose values are described by other properties, which the list shows instead."""
_OF_FIGURES: Final = {
    *(SUBSIDY_AMOUNT, UNIT, *IN_UNIT, *(CPER + each for each in MEASURES)),
    *expand("prov:wasDerivedFrom cper:motif cper:valeurPubliee cper:hypothese"),
}
"""What belongs to a figure, which is one column."""
_LEFT_OUT: Final = {
    *(*LABELS, *STANDARD_TERMS),
    *expand("adms:identifier cper:enonce cper:lecture cper:atteste liens:jeuLie dcat:qualifiedRelation"),
    *expand("dcat:centroid dct:identifier dct:conformsTo dct:language dct:license dct:rights dct:accessRights"),
    *expand("dct:provenance dct:relation"),
}
"""Properties that tell little beside a name: names, quotations, readings, notes, links to other sites, rights."""
_PASSED: Final = expand("rdf: rdfs: owl: qb: sh: skos: sdmx-attribute: void:class geo:")
"""Vocabularies whose properties say how the data are made, except `_TOLD`."""
_TOLD: Final = expand("skos:notation skos:broadMatch")
_NAMES: Final = {
    **dict.fromkeys(expand("dct:type org:classification"), "type"),
    **dict.fromkeys(expand("prov:wasQuotedFrom prov:wasDerivedFrom dct:source"), "source"),
    **dict(zip(expand("skos:broadMatch cper:theme igeo:codeINSEE"), ("sous", "theme", "code_insee"), strict=True)),
}
"""Names of columns that are not those of their property."""
SHARE: Final = "part"
AMOUNT: Final = "montant"
NUMBER: Final = "valeur"
"""The names of the column of a figure: shares only, amounts only, or other numbers."""
FIGURE_COLUMNS: Final = (SHARE, AMOUNT, NUMBER)
"""The names of columns of figures, in their order."""
_COLUMN_OF_KIND: Final[dict[FigureKind, str]] = {"percent": SHARE, "amount": AMOUNT, "number": NUMBER}
_FIGURE_CLASSES: Final = {SHARE: CPER + "Part", AMOUNT: CPER + "Montant"}
_PARTIAL: Final = expand("cper:financeur cper:avenant cper:partieDe cper:divergeDe dct:temporal")
"""Properties of a figure that is not of a whole subdivision or a whole contract."""
_SUBDIVISION: Final = CPER + "Subdivision"
_OF_SUBDIVISION: Final = CPER + "subdivision"


@dataclass(frozen=True)
class ListColumn:
    """A column: its name, the properties that lead from a thing to its value, and what this is.

    An empty path leads to the figure of a thing (`figures_of`), or to what has the name. `numeric` columns hold numbers only.
    """

    name: str
    path: tuple[str, ...]
    kind: Literal["value", "thing", "figure", "name"]
    numeric: bool = False

    @property
    def predicate(self) -> str:
        """The property that the heading names, empty for the figure itself."""
        return self.path[-1] if self.path else ""


def label_of(graph: ReleaseGraph, node: NamedNode, lang: Language) -> str:
    """Return what a thing is called in an order: its label, its words, else its address."""
    return graph.name(node, lang) or graph.value(node, OA + "exact") or node.value


def values_of(graph: ReleaseGraph, node: Term, column: ListColumn) -> list[Term]:
    """Return what a column holds of a thing: literals, things, or figures."""
    found = [node] if column.path or column.kind == "name" else [*figures_of(graph, node, column.name)]
    for predicate in column.path:
        found = [value for one in found for value in graph.all(one, predicate)]
    return found


@once_per_release(300)
def choose_columns(release: Release, things: Iterable[str]) -> tuple[ListColumn, ...]:
    """Return what can be a column where things like these are listed, the most important first."""
    graph = ReleaseGraph(release)
    nodes = [NamedNode(iri) for iri in things]
    found = [ListColumn(name, (), "figure", numeric=True) for name in _figure_names(graph, nodes)]
    found += filter(None, (_column(release, graph, nodes, path) for path in _paths(graph, nodes)))
    positions = release.property_order
    place = {name: index for index, name in enumerate(_ORDER)}

    def rank(column: ListColumn) -> tuple[int, int, str]:
        known = place.get(column.predicate, place.get(column.path[0] if column.path else "", len(place)))
        return known, positions.get(f"<{column.predicate}>", len(positions)), column.predicate

    unique = dict[str, ListColumn]()
    for column in sorted(found, key=rank):
        unique.setdefault(column.name, column)
    return tuple(unique.values())


def _figure_names(graph: ReleaseGraph, nodes: Sequence[NamedNode]) -> list[str]:
    """Return the names of the columns with the figures of things: one if they are figures, else one for each kind that they have."""
    kinds = {figure_kind(graph, each) for each in nodes if _is_figure(graph, each)}
    if kinds:
        return [_COLUMN_OF_KIND[each] for each in kinds] if len(kinds) == 1 else [NUMBER]
    return [name for name in _FIGURE_CLASSES if any(figures_of(graph, each, name) for each in nodes)]


def figures_of(graph: ReleaseGraph, node: Term, name: str) -> Sequence[Term]:
    """Return the share or the amount of a thing: itself, or what a whole subdivision or a whole contract has, one at most.

    What may be added up comes first, then what has a value.
    """
    if not isinstance(node, NamedNode) or _is_figure(graph, node):
        return [node]
    cls, types = _FIGURE_CLASSES.get(name, ""), graph.types(node)
    is_contract = CPER + "Contrat" in types
    if not is_contract and _SUBDIVISION not in types:
        return []
    found = [] if is_contract else graph.referring(node, _OF_SUBDIVISION, ())
    contract = node if is_contract else graph.one(node, _CONTRACT)
    if not found and contract is not None:  # there are none, or too many: thousands of subsidies refer to it
        below = map(NamedNode, graph.instances_below(cls, contract.value, MAX_READ))
        subdivisions = [] if is_contract else [node]
        found = [each for each in below if graph.all(each, _OF_SUBDIVISION) == subdivisions]
    found = [each for each in found if graph.is_of_class(each, cls)]
    replaced = {old for each in found for old in graph.all(each, PROV + "wasRevisionOf")}
    whole = [each for each in found if each not in replaced and not any(graph.all(each, p) for p in _PARTIAL)]

    def rank(figure: NamedNode) -> tuple[bool, bool, bool]:
        has = [bool(graph.all(figure, p)) for p in (*(CPER + each for each in MEASURES), VALUE, CPER + "valeurPubliee")]
        return not any(has[:-2]), not any(has), bool(graph.all(figure, CPER + "perimetre"))

    return sorted(whole, key=rank)[:1]


def _paths(graph: ReleaseGraph, nodes: Iterable[NamedNode]) -> list[tuple[str, ...]]:
    """Return the paths from things to what a list may show, each once."""
    found: dict[tuple[str, ...], None] = {}
    for node in nodes:
        figure = _is_figure(graph, node)
        for predicate, values in graph.properties(node).items():
            left_out = predicate in _LEFT_OUT or (figure and predicate in _OF_FIGURES)
            passed = predicate.startswith(_PASSED) and predicate not in _TOLD
            if left_out or passed:
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
    values = [value for node in nodes for value in values_of(graph, node, ListColumn("", path, "value"))]
    if path == (DCT + "description",) and any(graph.one(each, SUBSIDY_AMOUNT) for each in nodes):
        return ListColumn(PURPOSE, path, "value")
    name = _name(release, path, values[0])
    literals = [each for each in values if isinstance(each, RdfLiteral)]
    if len(literals) == len(values):
        if max(len(each.value) for each in literals) > MAX_CELL_LENGTH:
            return None
        # A code such as a SIREN is no number: its type says so.
        typed = not any(each.datatype.value.endswith(_TEXTS) for each in literals)
        numeric = typed and all(formatting.exact(each.value) is not None for each in literals)
        return ListColumn(name, path, "value", numeric=numeric)
    if all(_is_figure(graph, each) for each in values):
        return ListColumn(name, path, "figure", numeric=True)
    named = all(isinstance(each, NamedNode) and graph.name(each, "fr") for each in values[:3])
    return ListColumn(name, path, "thing") if named else None


def _name(release: Release, path: tuple[str, ...], value: Term) -> str:
    """Return the name of a column: the term of the JSON-LD context, else the local name of the property, in snake case.

    Where it is another name than the property's, `_NAMES` has it.
    """
    terms = release.context.by_property.get(path[-1], ())
    datatype = value.datatype.value if isinstance(value, RdfLiteral) else ""
    fitting = [each.name for each in terms if each.type in (None, datatype)] or [each.name for each in terms]
    local = shorten(path[-1]).rpartition(":")[2].rpartition("/")[2]
    return _NAMES.get(path[-1]) or snake_case(fitting[0] if fitting else local)


def snake_case(name: str) -> str:
    """Return a name in ASCII, small letters and underscores.

    >>> snake_case("montantAvantRepartition"), snake_case("typeDOrganisme"), snake_case("codeINSEE")
    ('montant_avant_repartition', 'type_d_organisme', 'code_insee')
    """
    return re.sub(
        "[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    ).strip("_")
