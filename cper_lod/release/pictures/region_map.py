"""The map of a region, its outline and those of its departments projected for drawing; the place of a territory on one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import PREFIXES, PROV
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Graph, Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.pictures.outlines import Coordinates, Point, Projection, label_position, path, rings
from cper_lod.release.release import Release, once_per_release

GEO, IGEO = PREFIXES["geo"], PREFIXES["igeo"]
WITHIN: Final = GEO + "sfWithin"
MAX_STEPS: Final = 3
"""Territories that are looked at above one: a commune lies in a department, and that in a region."""
MAX_MENTIONS: Final = 2000
"""Mentions of a region that are searched for its departments; with more there is no map, rather than a partial one."""


class DepartmentArea(NamedTuple):
    """A department: its name, code and IRI; if it is drawn, its outline, and the text that fits on it at `at`."""

    name: str
    code: str
    iri: str
    line: str = ""
    text: str = ""
    at: Point = (0, 0)


class RegionMap(NamedTuple):
    """The map of a region, its departments by name, and title and IRI of the documents that the outlines come from."""

    name: str
    iri: str
    projection: Projection
    outline: str
    areas: tuple[DepartmentArea, ...]
    sources: tuple[tuple[str, str], ...]

    @property
    def drawn(self) -> tuple[DepartmentArea, ...]:
        """The departments that have an outline."""
        return tuple(area for area in self.areas if area.line)


@once_per_release(64)  # saves half of the page of a department or of a body
def region_map(release: Release, region: str, lang: Language, *, alone: bool = True) -> RegionMap | None:
    """Return the map of a territory, None if neither it nor any of its departments has an outline.

    Unless it may be drawn `alone`, None also without departments.
    """
    graph = ReleaseGraph(release)
    departments = departments_within(release, graph, region)
    if departments is None or not (departments or alone):
        return None
    outlines = {iri: outline_of(graph, iri) for iri in (region, *departments)}
    projection = Projection.of(line for lines in outlines.values() for line in lines)
    if projection is None:
        return None
    areas = [_area(graph, iri, outlines[iri], projection, lang) for iri in departments]
    return RegionMap(
        name=graph.label(NamedNode(region), lang),
        iri=region,
        projection=projection,
        outline=path([projection.line(line) for line in outlines[region]]),
        areas=tuple(sorted(areas, key=lambda area: (folded(area.name), area.code, area.iri))),
        sources=tuple(sources_of(graph, outlines, lang)),
    )


def departments_within(release: Release, graph: Graph, region: str) -> list[str] | None:
    """Return the departments within a region, None if it has too many mentions to search."""
    quads = release.triples.referring(WITHIN, region, MAX_MENTIONS + 1)
    if len(quads) > MAX_MENTIONS:
        return None
    found = dict.fromkeys(quad.subject for quad in quads if isinstance(quad.subject, NamedNode))
    return [node.value for node in found if IGEO + "Departement" in graph.types(node)]


def outline_of(graph: Graph, iri: str) -> list[list[Coordinates]]:
    """Return the rings of the outline of a territory, none if it has none that can be drawn."""
    shape = graph.one(NamedNode(iri), GEO + "hasGeometry")
    return rings(graph.value(shape, GEO + "asWKT")) if shape is not None else []


def _area(
    graph: Graph, iri: str, outline: Sequence[Sequence[Coordinates]], projection: Projection, lang: Language
) -> DepartmentArea:
    """Return a department as it is drawn; the map shows its code if there is no room for its name."""
    node = NamedNode(iri)
    name, code = graph.label(node, lang), graph.value(node, IGEO + "codeINSEE")
    lines = [projection.line(line) for line in outline]
    text, at = label_position(lines, (name, code)) or ("", (0, 0))
    return DepartmentArea(name, code, iri, path(lines), text, at)


def sources_of(graph: Graph, drawn: Mapping[str, Sequence[object]], lang: Language) -> Iterator[tuple[str, str]]:
    """Yield title and IRI of the documents that the outlines come from, each once; no IRI for a blank node."""
    shapes = (graph.one(NamedNode(iri), GEO + "hasGeometry") for iri, lines in drawn.items() if lines)
    documents = (document for shape in shapes if shape for document in graph.all(shape, PROV + "wasDerivedFrom"))
    for document in dict.fromkeys(documents):
        yield graph.label(document, lang), document.value if isinstance(document, NamedNode) else ""


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
