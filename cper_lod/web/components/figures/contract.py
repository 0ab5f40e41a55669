"""The figures of a contract: the map of its region, and the links between its priorities and its axes."""

from dataclasses import dataclass

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER
from cper_lod.rdf.graph import Graph
from cper_lod.release.release import Release
from cper_lod.web.components.figures.priority_links import Links, links_of
from cper_lod.web.components.figures.region_map import Map, map_of


@dataclass(frozen=True)
class Figures:
    """What can be drawn of a contract; None where the data do not give it."""

    map: Map | None
    links: Links | None


def figures_of(release: Release, graph: Graph, contract: str, lang: Language) -> Figures:
    """Return the figures of a contract; `graph` reads the properties of any node (release/reader.py)."""
    region = graph.one(NamedNode(contract), CPER + "territoire")
    drawn = map_of(release, graph, region.value, lang) if isinstance(region, NamedNode) else None
    return Figures(drawn, links_of(graph, contract, lang))
