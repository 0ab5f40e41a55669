"""The outlines of regions and departments, to a few kilometres, against which published ones are compared.

The table is beside this file; `LICENSE` says where it is from.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise, product
from math import floor
from typing import Final, NamedTuple

from cper_lod.core.identifiers import Body, departments_of

OUTLINES: Final = "outlines.csv"
"""The departments: the code of each, and its outline in WKT, the mainland first."""

Point = tuple[float, float]
Edge = tuple[Point, Point]

_RING: Final = re.compile(r"\(([^()]+)\)")
_POINT: Final = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) (-?[0-9]+(?:\.[0-9]+)?)")
_CELL: Final = 0.05
"""Degrees: the cells of a grid, 4 to 6 km wide. What is in the next cell is near, since outlines are simplified."""

MARGIN: Final = 0.1
"""Degrees by which the least or greatest longitude or latitude of outlines may differ."""
_ISLET: Final = 4
"""Cells in which the whole ring of an islet lies: the table has none."""


def rings_of(wkt: str) -> list[list[Point]]:
    """Return the rings of polygons in WKT, as longitudes and latitudes.

    >>> rings_of("POLYGON((2 49,3 49,3 50.5,2 49))")
    [[(2.0, 49.0), (3.0, 49.0), (3.0, 50.5), (2.0, 49.0)]]
    """
    return [[(float(x), float(y)) for x, y in _POINT.findall(ring)] for ring in _RING.findall(wkt)]


def bounding_box(points: Iterable[Point]) -> str:
    """Return the rectangle around points in WKT, "" if there are none.

    >>> bounding_box([(2.5, 49.0), (3.0, 50.5)])
    'POLYGON((2.5 49.0,3.0 49.0,3.0 50.5,2.5 50.5,2.5 49.0))'
    """
    longitudes, latitudes = [*zip(*points, strict=True)] or ((), ())
    if not longitudes:
        return ""
    west, south, east, north = min(longitudes), min(latitudes), max(longitudes), max(latitudes)
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"POLYGON(({','.join(f'{x} {y}' for x, y in corners)}))"


class Outline(NamedTuple):
    """The outline of a region or a department."""

    edges: set[Edge]
    mainland: set[Edge]
    """Without islands, which other outlines may leave out."""

    def point_apart(self, rings: list[list[Point]]) -> Point | None:
        """Return a point of rings that is far from this outline, or a corner of the mainland to which they do not reach."""
        cells = {cell for cell, _ in _cells(self.edges)}
        near = {(x + right, y + up) for x, y in cells for right, up in product((-1, 0, 1), repeat=2)}
        for ring in rings:
            passed, far = set[tuple[int, int]](), None
            for cell, point in _cells(pairwise(ring)):
                passed.add(cell)
                far = far or (None if cell in near else point)
                if far and len(passed) > _ISLET:
                    return far
        for axis, sign in product((0, 1), (-1, 1)):
            corner = max((point for edge in self.mainland for point in edge), key=lambda each: sign * each[axis])
            if all(sign * (corner[axis] - point[axis]) > MARGIN for ring in rings for point in ring):
                return corner
        return None


def outline(body: Body) -> Outline | None:
    """Return the outline of a region or a department, None if the table has none.

    >>> from cper_lod.core.identifiers import by_code
    >>> min(outline(by_code("departement", "75")).edges), outline(by_code("departement", "6AE"))
    (((2.22, 48.85), (2.25, 48.88)), None)
    """
    edges, mainland = set[Edge](), set[Edge]()
    for code in departments_of(body) if body.kind in ("region", "departement") else ():
        for number, ring in enumerate(_table().get(code, [])):
            own = {(min(edge), max(edge)) for edge in pairwise(ring)}
            edges ^= own  # two departments share those between them
            mainland |= own if number == 0 else set()
    return Outline(edges, mainland & edges) if edges else None


def _cells(edges: Iterable[Edge]) -> Iterator[tuple[tuple[int, int], Point]]:
    """Yield the cells in which edges lie, with a point in each."""
    for (x, y), (end_x, end_y) in edges:
        steps = 1 + int(max(abs(end_x - x), abs(end_y - y)) / _CELL)
        for step in range(steps):
            point = x + (end_x - x) * step / steps, y + (end_y - y) * step / steps
            yield (floor(point[0] / _CELL), floor(point[1] / _CELL)), point


@cache
def _table() -> dict[str, list[list[Point]]]:
    rows = csv.DictReader((files(__package__) / OUTLINES).read_text("utf-8").splitlines())
    return {row["code"]: rings_of(row["outline"]) for row in rows}
