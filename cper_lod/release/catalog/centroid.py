"""Where the middle of an outline lies: the centroid of its polygons, as GML says a point."""

import re
from itertools import pairwise
from typing import Final

_OUTER: Final = re.compile(r"\(\(([^()]+)")
"""The first ring of each polygon of a WKT text; holes follow after a comma."""
_POINT: Final = (
    '<gml:Point xmlns:gml="http://www.opengis.net/gml/3.2" srsName="http://www.opengis.net/def/crs/OGC/1.3/CRS84">'
    "<gml:pos>{:.4f} {:.4f}</gml:pos></gml:Point>"
)


def centroid(wkt: str) -> str:
    """Return the centroid of a POLYGON or MULTIPOLYGON in longitude and latitude, as GML; empty where it has no area.

    The area is that of the plane of degrees, and holes are not left out: enough to say where a region lies.

    >>> centroid("POLYGON((0 0,2 0,2 2,0 2,0 0))").partition("<gml:pos>")[2]
    '1.0000 1.0000</gml:pos></gml:Point>'
    >>> centroid("POINT(1 1)")
    ''
    """
    area = x = y = 0.0
    for ring in _OUTER.findall(wkt):
        try:
            points = [(float(lon), float(lat)) for lon, lat in (pair.split() for pair in ring.split(","))]
        except ValueError:
            return ""
        own = own_x = own_y = 0.0
        for (x1, y1), (x2, y2) in pairwise(points):
            cross = x1 * y2 - x2 * y1
            own, own_x, own_y = own + cross, own_x + (x1 + x2) * cross, own_y + (y1 + y2) * cross
        sign = -1 if own < 0 else 1  # a ring may turn either way
        area, x, y = area + sign * own, x + sign * own_x, y + sign * own_y
    return _POINT.format(x / (3 * area), y / (3 * area)) if area else ""
