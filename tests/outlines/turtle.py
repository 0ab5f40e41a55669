"""The outlines of a region in Turtle, from a GeoJSON file of departments; and read back from that Turtle."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import BASE, PREFIXES, SKOS
from cper_lod.rdf.reader import read
from cper_lod.rdf.serialize import write
from tests.outlines.simplification import Polygon, closed, simplified
from tests.support.paths import ROOT

GEO, IGEO = PREFIXES["geo"], PREFIXES["igeo"]
WKT: Final = NamedNode(GEO + "wktLiteral")
LICENCE: Final = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
TERRITORY: Final = BASE + "id/territoire/"
DOCUMENT: Final = BASE + "id/document/france-geojson-5d34ee6"
STEPS: Final = 1000
"""Steps of the grid in a degree: a coordinate has three decimals, some hundred metres."""
TOLERANCE: Final = 1200
"""Twice the smallest triangle that a point may make with its neighbours, in squares of the grid (some 5 km²)."""


def names(region: str) -> dict[str, dict[str, str]]:
    """Return the region and its departments as data/territories.ttl has them: IRI to what is said of each."""
    quads = read(ROOT / "data" / "territories.ttl")
    said: dict[str, dict[str, str]] = {}
    for quad in quads:
        key = quad.predicate.value + (f"@{quad.object.language}" if getattr(quad.object, "language", None) else "")
        said.setdefault(quad.subject.value, {})[key] = quad.object.value
    within = {str(quad.subject.value) for quad in quads if quad.object == NamedNode(TERRITORY + region)}
    typed = {str(quad.subject.value) for quad in quads if quad.object == NamedNode(IGEO + "Departement")}
    return {iri: said[iri] for iri in (TERRITORY + region, *sorted(within & typed))}


def features(region: str, collection: Mapping[str, Any]) -> dict[str, list[Polygon]]:
    """Return the departments of a region out of a GeoJSON collection, on the grid: IRI to polygons."""
    by_code = {each["properties"]["code"]: each["geometry"] for each in collection["features"]}
    _, *departments = names(region)
    return {iri: polygons(by_code[names(region)[iri][IGEO + "codeINSEE"]]) for iri in departments}


def polygons(geometry: Mapping[str, Any]) -> list[Polygon]:
    """Return the polygons of a GeoJSON geometry, on the grid."""
    several = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    grid = [[[(round(x * STEPS), round(y * STEPS)) for x, y in ring] for ring in each] for each in several]
    return [tuple(closed(ring, left=place == 0) for place, ring in enumerate(each)) for each in grid]


def wkt(shape: Iterable[Polygon]) -> str:
    """Return polygons as well-known text, longitude before latitude (CRS84, the default of geo:wktLiteral)."""
    written = [
        "({})".format(",".join("({})".format(",".join(f"{_degrees(x)} {_degrees(y)}" for x, y in r)) for r in polygon))
        for polygon in shape
    ]
    return f"POLYGON{written[0]}" if len(written) == 1 else f"MULTIPOLYGON({','.join(written)})"


def _degrees(steps: int) -> str:
    return f"{steps / STEPS:.3f}".rstrip("0").rstrip(".")


def parsed(text: str) -> list[Polygon]:
    """Return the polygons of well-known text as `wkt` writes it."""
    several = text.removeprefix("MULTIPOLYGON(")[:-1] if text.startswith("MULTI") else text.removeprefix("POLYGON")
    found = []
    for polygon in several.removeprefix("((").removesuffix("))").split(")),(("):
        rings = [[pair.split(" ") for pair in ring.split(",")] for ring in polygon.split("),(")]
        found.append(tuple(tuple((_steps(x), _steps(y)) for x, y in ring) for ring in rings))
    return found


def _steps(degrees: str) -> int:
    return round(float(degrees) * STEPS)


def carried(region: str) -> dict[str, list[Polygon]]:
    """Return the outlines that the project carries, by territory."""
    quads = read(ROOT / "data" / "geometries" / f"{region}.ttl")
    text = {quad.subject.value: quad.object.value for quad in quads if quad.predicate.value == GEO + "asWKT"}
    of = {quad.subject.value: quad.object.value for quad in quads if quad.predicate.value == GEO + "hasGeometry"}
    return {iri: parsed(text[outline]) for iri, outline in of.items()}


def turtle(region: str, shapes: Mapping[str, list[Polygon]], document: str = DOCUMENT) -> bytes:
    """Return the Turtle of a region and its departments, simplified, with where they come from and how."""
    made, around = simplified(shapes, TOLERANCE)
    known, calculation = names(region), f"<{TERRITORY}{region}/calcul/contours>"

    def titled(iri: str, titles: Mapping[str, str]) -> str:
        return ", ".join(
            str(Literal(title.format(known[iri][_label(lang)]), language=lang)) for lang, title in titles.items()
        )

    texts = ", ".join(str(Literal(words, language=lang)) for lang, (_, words) in WORDS.items())
    said = [f"@prefix {name}: <{PREFIXES[name]}> ." for name in ("dct", "geo", "prov", "skos")]
    said.append(f"{calculation} a prov:Activity ; prov:used <{document}> ; dct:description {texts} ;")
    said.append(f"skos:prefLabel {titled(TERRITORY + region, {lang: title for lang, (title, _) in WORDS.items()})} .")
    for iri, shape in {TERRITORY + region: around, **made}.items():
        said.append(f"<{iri}> geo:hasGeometry <{iri}/contour> . <{iri}/contour> a geo:Geometry ;")
        said.append(
            f"skos:prefLabel {titled(iri, {'fr': 'Contour : {}', 'en': 'Outline: {}'})} ; dct:license <{LICENCE}> ;"
        )
        said.append(f"geo:asWKT {Literal(wkt(shape), datatype=WKT)} ; prov:wasDerivedFrom <{document}> ;")
        said.append(f"prov:wasGeneratedBy {calculation} .")
    return write(parse("\n".join(said), RdfFormat.TURTLE), TURTLE)


def _label(lang: str) -> str:
    return f"{SKOS}prefLabel@{lang}"


WORDS: Final = {
    "fr": (
        "Simplification des contours : {}",
        "Coordonnées arrondies au millième de degré ; chaque frontière simplifiée une fois pour les deux territoires"
        " qu'elle sépare (Visvalingam et Whyatt), sans les points dont le triangle avec leurs voisins fait moins de"
        " 0,0006 degré carré ; le contour de la région est fait des frontières d'un seul département. Pour dessiner une"
        " petite carte, non pour mesurer.",
    ),
    "en": (
        "Simplification of the outlines: {}",
        "Coordinates rounded to a thousandth of a degree; each border simplified once for the two territories that it"
        " parts (Visvalingam and Whyatt), without the points whose triangle with their neighbours is smaller than"
        " 0.0006 square degrees; the outline of the region is made of the borders of one department only. For drawing a"
        " small map, not for measuring.",
    ),
}
