"""The page of a territory: its place on the map, its codes, and what is about it."""

from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.namespaces import CPER, DCAT, PREFIXES, SKOS
from cper_lod.release.documents import mentions
from cper_lod.release.pictures.place import WITHIN, PlaceMap, place_map
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.http import urls
from cper_lod.web.thing_pages.page import KindPage, PageSubject

GEO, IGEO = PREFIXES["geo"], PREFIXES["igeo"]
MAX_MENTIONS: Final = 200
"""Mentions of a territory among which the page looks for what is about it."""
SHOWN: Final = frozenset(
    {WITHIN, IGEO + "codeINSEE", SKOS + "notation", GEO + "hasGeometry", DCAT + "bbox", CPER + "code"}
)


class TerritoryPage(NamedTuple):
    """A territory: its map, the territories that it lies in, its codes, and by class what says that this is its territory."""

    place: PlaceMap | None
    within: tuple[Hyperlink, ...]
    insee: str
    notation: str
    concerned: tuple[tuple[str, tuple[Hyperlink, ...]], ...]


def territory_page(subject: PageSubject) -> KindPage:
    """Return the page of a territory."""
    reader, node = subject.reader, subject.node
    concerned = _concerned(subject)
    content = TerritoryPage(
        place=place_map(subject.release, reader, node, subject.lang),
        within=tuple(link for each in reader.all(node, WITHIN) if (link := subject.observations.link(each))),
        insee=reader.value(node, IGEO + "codeINSEE"),
        notation=reader.value(node, SKOS + "notation"),
        concerned=concerned,
    )
    return KindPage("thing_pages/territory.html", content, SHOWN, frozenset({CPER + "territoire"} if concerned else ()))


def _concerned(subject: PageSubject) -> tuple[tuple[str, tuple[Hyperlink, ...]], ...]:
    """Return what says that this is its territory, by class; nothing if the territory has too many mentions to read."""
    quads = mentions(subject.release, subject.node.value, MAX_MENTIONS + 1)
    if len(quads) > MAX_MENTIONS:
        return ()
    found: dict[str, list[Hyperlink]] = {}
    for quad in quads:
        if quad.predicate.value == CPER + "territoire" and isinstance(quad.subject, NamedNode):
            kind = formatting.capital(subject.view.names.class_label(quad.subject.value))
            found.setdefault(kind, []).append(
                Hyperlink(subject.reader.label(quad.subject, subject.lang), urls.page_link(quad.subject.value))
            )
    return tuple((kind, tuple(found[kind])) for kind in sorted(found))
