"""The place of a territory on a map: its own map, else that of what it lies in, with its department marked."""

from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import PREFIXES
from cper_lod.rdf.graph import Graph, Term
from cper_lod.release.pictures.region_map import RegionMap, region_map
from cper_lod.release.release import Release

WITHIN: Final = PREFIXES["geo"] + "sfWithin"
MAX_STEPS: Final = 3
"""Territories that are looked at above one: a commune lies in a department, and that in a region."""


class PlaceMap(NamedTuple):
    """A map on which a territory is; `marked` is the IRI of the area that it is or lies in, and `inside` the names
    of what it lies in, the smallest first: both are empty on the map of the territory itself.

    `is_marked` says that the marked area is the territory.
    """

    map: RegionMap
    marked: str = ""
    inside: str = ""
    is_marked: bool = False


def place_map(release: Release, graph: Graph, territory: Term | None, lang: Language) -> PlaceMap | None:
    """Return where a territory is, None if no map of it or of what it lies in can be drawn."""
    inside, above = list[str](), territory
    for _ in range(MAX_STEPS + 1):
        if not isinstance(above, NamedNode) or above.value in inside:
            break
        around = region_map(release, above.value, lang, alone=False)
        if around and not inside:
            return PlaceMap(around)
        if around and around.drawn:
            area = next((area for area in around.drawn if area.iri in inside), None)
            is_marked = area is not None and area.iri == inside[0]
            names = [area.name] if area and not is_marked else []
            return PlaceMap(around, area.iri if area else "", ", ".join([*names, around.name]), is_marked)
        inside.append(above.value)
        above = graph.one(above, WITHIN)
    own = region_map(release, inside[0], lang) if inside else None
    return PlaceMap(own) if own else None
