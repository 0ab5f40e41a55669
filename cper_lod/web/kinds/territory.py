"""The page of a territory: its place on the map, its codes, and what is about it."""

from dataclasses import dataclass
from typing import Final

from cper_lod.core.namespaces import CPER, DCAT, PREFIXES, SKOS
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.plan.place import WITHIN, PlaceMap, place_map
from cper_lod.web.http import urls
from cper_lod.web.kinds.page import KindPage, PageSubject

GEO, IGEO = PREFIXES["geo"], PREFIXES["igeo"]
SHOWN: Final = frozenset(
    {WITHIN, IGEO + "codeINSEE", SKOS + "notation", GEO + "hasGeometry", DCAT + "bbox", CPER + "code"}
)


@dataclass(frozen=True)
class TerritoryPage:
    """A territory: its map, the territories that it lies in, its codes."""

    place: PlaceMap | None
    within: tuple[Hyperlink, ...]
    insee: str
    notation: str


def territory_page(subject: PageSubject) -> KindPage:
    """Return the page of a territory."""
    reader, node = subject.reader, subject.node
    content = TerritoryPage(
        place=place_map(subject.release, reader, node, subject.lang, urls.page_link),
        within=tuple(link for each in reader.all(node, WITHIN) if (link := subject.observations.link(each))),
        insee=reader.value(node, IGEO + "codeINSEE"),
        notation=reader.value(node, SKOS + "notation"),
    )
    return KindPage("kinds/territory.html", content, SHOWN)
