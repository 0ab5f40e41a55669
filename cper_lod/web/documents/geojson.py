"""GeoJSON (RFC 7946): territories that have outlines, each with the contracts about it."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, PREFIXES
from cper_lod.web.components.labels import names_here
from cper_lod.web.http import urls

_GEOMETRY, _WKT = PREFIXES["geo"] + "hasGeometry", PREFIXES["geo"] + "asWKT"
_CONTRACT: Final = CPER + "Contrat"
_CODE: Final = PREFIXES["igeo"] + "codeINSEE"
_TEXT: Final = re.compile(
    r"(?:<http://www\.opengis\.net/def/crs/OGC/1\.3/CRS84> *)?(MULTI)?POLYGON *(\(\(.*\)\))", re.S
)
_POINT: Final = re.compile(r"(-?\d+(?:\.\d+)?) (-?\d+(?:\.\d+)?)")
Point = tuple[float, float]


def feature_collection(iris: Iterable[str]) -> bytes:
    """Return the territories with an outline in longitude and latitude, as a FeatureCollection."""
    collection = {"type": "FeatureCollection", "features": [*_features(iris)]}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _features(iris: Iterable[str]) -> Iterator[dict[str, Any]]:
    names = names_here()
    graph = names.reader
    for iri in iris:
        node = NamedNode(iri)
        texts = (graph.value(each, _WKT) for each in graph.all(node, _GEOMETRY))
        polygons = next(filter(None, map(polygons_of, texts)), None)
        if polygons is None:
            continue
        found = graph.referring(node, CPER + "territoire", [_CONTRACT])
        contracts = [each for each in found if _CONTRACT in graph.types(each)]
        single = {"type": "Polygon", "coordinates": polygons[0]}
        yield {
            "type": "Feature",
            "id": iri,
            "properties": {
                "nom": names.name(iri),
                "type": names.class_label(iri),
                "code_insee": graph.value(node, _CODE) or None,
                "contrat": " | ".join(names.name(each.value) for each in contracts) or None,
                "url": urls.page_url(iri),
            },
            "geometry": single if len(polygons) == 1 else {"type": "MultiPolygon", "coordinates": polygons},
        }


def polygons_of(wkt: str) -> list[list[list[Point]]] | None:
    """Return the polygons of a WKT text, each a list of rings, the outer one first; None for any other text.

    The outer ring of each is counterclockwise and its holes are clockwise (RFC 7946, section 3.1.6).

    >>> polygons_of("POLYGON((2 49,2 50,3 50,2 49))")
    [[[(2.0, 49.0), (3.0, 50.0), (2.0, 50.0), (2.0, 49.0)]]]
    """
    found = _TEXT.fullmatch(wkt.strip())
    if found is None:
        return None
    try:
        read = json.loads(_POINT.sub(r"[\1,\2]", found[2]).replace("(", "[").replace(")", "]"))
        polygons = [
            [[(float(x), float(y)) for x, y in ring] for ring in rings] for rings in (read if found[1] else [read])
        ]
    except (ValueError, TypeError):
        return None
    return [
        [ring if (_area(ring) > 0) == (number == 0) else ring[::-1] for number, ring in enumerate(rings)]
        for rings in polygons
    ]


def _area(ring: list[Point]) -> float:
    """Return twice the area of a ring in square degrees, negative if it is clockwise."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))
