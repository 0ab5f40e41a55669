"""The drawings of a contract: the map of its region, and the links between its priorities and its axes."""

from dataclasses import dataclass

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER
from cper_lod.rdf.graph import Graph
from cper_lod.release.plan.region_map import RegionMap, region_map
from cper_lod.release.release import Release
from cper_lod.web.components.drawings.priority_links import PriorityLinks, priority_links
from cper_lod.web.http import urls


@dataclass(frozen=True)
class ContractDrawings:
    """The drawings of a contract; None if the data are missing."""

    map: RegionMap | None
    links: PriorityLinks | None


def contract_drawings(release: Release, graph: Graph, contract: str, lang: Language) -> ContractDrawings:
    """Return the drawings of a contract; `graph` reads the properties of any node of the release."""
    region = graph.one(NamedNode(contract), CPER + "territoire")
    drawn = region_map(release, graph, region.value, lang, urls.page_link) if isinstance(region, NamedNode) else None
    return ContractDrawings(drawn, priority_links(graph, contract, lang))
