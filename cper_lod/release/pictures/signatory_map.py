"""Who signs: a map of the signatories, and the list of those that have no place on it."""

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.namespaces import CPER
from cper_lod.release.pictures.outlines import TEXT_HEIGHT, Coordinates, Projection, path
from cper_lod.release.pictures.picture import LegendEntry, Picture, Place, phrase
from cper_lod.release.pictures.region_map import GEO, outline_of, region_map, sources_of
from cper_lod.release.pictures.svg import Drawing, Font, clean
from cper_lod.release.plan.contract import ContractSummary, Signatory
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.release import Release

NAME: Final = "signataires"
NAMES: Final = Font("", TEXT_HEIGHT)
_POINT: Final = re.compile(r"POINT ?\((-?[0-9]{1,3}(?:\.[0-9]{1,20})?) (-?[0-9]{1,2}(?:\.[0-9]{1,20})?)\)")
_RADIUS: Final = 55


def signatory_map(release: Release, observations: ObservationReader, contract: ContractSummary) -> Picture | None:
    """Return the map of the signatories, None if neither the territory nor its departments have an outline."""
    graph, lang = observations.reader, observations.lang
    region = graph.one(NamedNode(contract.iri), CPER + "territoire")
    if not isinstance(region, NamedNode) or not contract.signatories:
        return None
    around = region_map(release, region.value, lang)
    if around is None:
        return None
    signing = {each.territory: each for each in contract.signatories if each.territory}
    areas = sorted(around.areas, key=lambda area: area.iri)
    outlines: dict[str, Sequence[object]] = {region.value: around.outline, **{area.iri: area.line for area in areas}}
    projection = around.projection
    drawing = Drawing(projection.width, projection.height, role="group", cls="map")
    places: dict[str, Place] = {}
    labels = []
    for area in areas:
        if not area.line:
            continue
        title, href, cls = area.name, observations.address(NamedNode(area.iri)), "area"
        if body := signing.get(area.iri):
            title, href, cls, places[area.iri] = body.name, body.href, "area signed", "area"
        shape = f'<title>{clean(title)}</title><path class="{cls}" fill-rule="evenodd" d="{area.line}"/>'
        drawing.add(f'<a href="{escape(href)}">{shape}</a>')
        if area.text:
            labels.append((area.text, area.at, "on" if body else ""))
    if around.outline:
        drawing.path(around.outline, "around signed" if region.value in signing else "around")
        if region.value in signing:
            places[region.value] = "outline"
    for text, (x, y), cls in labels:
        drawing.text(x, y + TEXT_HEIGHT * 0.35, text, NAMES, cls, anchor="middle")
    for iri, body in signing.items():
        if iri not in outlines and (place := _add_other(drawing, observations, body, projection)):
            places[iri] = place
            outlines[iri] = place  # its source is named too
    drawing.height = projection.height
    found_in = sources_of(graph, outlines, lang)
    sources = tuple(Hyperlink(text, observations.address(NamedNode(iri)) if iri else "") for text, iri in found_in)
    drawing.title = phrase(lang, "fig-signs-title")
    caption = _caption(contract, places, observations)
    return Picture(NAME, drawing.title, caption, drawing, _legend(contract, places), sources)


def _add_other(
    drawing: Drawing, observations: ObservationReader, body: Signatory, projection: Projection
) -> Place | None:
    """Draw the territory of a body within the region: its outline or its point; return which, None if it has none."""
    graph = observations.reader
    shape = graph.one(NamedNode(body.territory), GEO + "hasGeometry")
    if shape is None:
        return None
    if found := _POINT.fullmatch(graph.value(shape, GEO + "asWKT").strip()):
        points: Sequence[Sequence[Coordinates]] = [[(float(found[1]), float(found[2]))]]
    else:
        points = outline_of(graph, body.territory)
    positions = [[projection.point(each) for each in line] for line in points]
    inside = [0 <= x <= projection.width and 0 <= y <= projection.height for line in positions for x, y in line]
    if not inside or not all(inside):
        return None
    if found:
        x, y = positions[0][0]
        markup = f'<circle class="point" cx="{x}" cy="{y}" r="{_RADIUS}"/>'
    else:
        outline = path([projection.line(each) for each in points])
        markup = f'<path class="area within" fill-rule="evenodd" d="{outline}"/>'
    drawing.add(f'<a href="{escape(body.href)}"><title>{clean(body.name)}</title>{markup}</a>')
    return "point" if found else "within"


def _caption(contract: ContractSummary, places: dict[str, Place], observations: ObservationReader) -> str:
    """Return how many signed, and who has no place on the map."""
    lang, count = observations.lang, contract.signatory_count
    number = formatting.cardinal(count.number, lang)
    if not count.exact:
        number = phrase(lang, "at-least", count=number)
    said = [phrase(lang, "fig-signs-count", count=formatting.capital(number))]
    elsewhere = [each.name for each in contract.signatories if each.territory not in places]
    if places and elsewhere:
        said.append(phrase(lang, "fig-signs-listed", names=formatting.typeset(", ".join(elsewhere), lang)))
    return " ".join(said)


def _legend(contract: ContractSummary, places: dict[str, Place]) -> tuple[LegendEntry, ...]:
    """Return each kind of body with its place on the map and its bodies, in the order of the signatories."""
    found: dict[tuple[str, Place], list[Hyperlink]] = {}
    for each in contract.signatories:
        place = places.get(each.territory, "nowhere")
        found.setdefault((each.kind, place), []).append(Hyperlink(each.name, each.href))
    return tuple(LegendEntry(kind, place, tuple(bodies)) for (kind, place), bodies in found.items())
