"""Which figures enter a sum, and why the others enter none (the rule “Measures”)."""

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, DCT, FOAF, PROV, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import FIGURES, MEASURES, VALUE

_EXCLUDING: Final = {
    CPER + "partieDe": "dont",
    CPER + "divergeDe": "diverge",
    CPER + "avenant": "avenant",
    DCT + "temporal": "annees",
}
"""Why a figure with a property is in no sum."""
_SUBDIVISION: Final = CPER + "subdivision"
_FUNDER: Final = CPER + "financeur"


def in_no_sum(graph: ReleaseGraph, node: NamedNode) -> str:
    """Return why a figure belongs to no sum, the first reason of the rule; "" if it belongs to one, or is not a figure of a contract."""
    kind = _kind(graph, node)
    if not kind or any(graph.all(node, CPER + each) for each in MEASURES):
        return ""
    if kind != CPER + "ValeurDerivee" and not graph.all(node, CPER + "valeurPubliee"):
        return "manquant"
    if kind == CPER + "Chiffre":
        return "autre-chiffre"
    if not graph.all(node, VALUE):
        return "parts-egales"
    if excluding := next((why for name, why in _EXCLUDING.items() if graph.all(node, name)), ""):
        return excluding
    if any(_kind(graph, each) for each in graph.referring(node, PROV + "wasRevisionOf", FIGURES)):
        return "remplace"
    subdivisions = graph.all(node, _SUBDIVISION)
    if any(graph.value(each, CPER + "exclusif") != "true" for each in _all(graph, subdivisions, SKOS + "inScheme")):
        return "decoupage"
    above = _all(graph, subdivisions, SKOS + "broader")
    groups = _referring(graph, graph.all(node, _FUNDER), FOAF + "member", CPER + "Groupe")
    for why, things, name in (("niveau", above, _SUBDIVISION), ("groupe", groups, _FUNDER)):
        like = _referring(graph, things, name, *FIGURES)
        if any(_kind(graph, each) == kind and graph.all(each, VALUE) for each in like):
            return why
    return "perimetre" if graph.all(node, CPER + "perimetre") else "regle"


def _kind(graph: ReleaseGraph, node: Term) -> str:
    """Return the class of a figure, "" for anything else."""
    types = graph.types(node)
    return next((each for each in FIGURES if each in types), "")


def _all(graph: ReleaseGraph, things: list[Term], name: str) -> list[Term]:
    return [value for each in things for value in graph.all(each, name)]


def _referring(graph: ReleaseGraph, things: Iterable[Term], name: str, *classes: str) -> Iterator[Term]:
    """Yield the things of some classes of which one of others is a value."""
    for each in things:
        if isinstance(each, NamedNode):
            yield from (it for it in graph.referring(each, name, classes) if {*classes} & {*graph.types(it)})
