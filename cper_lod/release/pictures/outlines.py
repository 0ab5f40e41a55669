"""Outlines for a map: reads well-known text, projects degrees, writes SVG paths, and finds space for a name."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Coordinates = tuple[float, float]
"""Longitude and latitude, in degrees."""
Point = tuple[int, int]
"""A point of the drawing, in whole units."""

WIDTH: Final = 3200
"""Units from left to right: ten per pixel on the narrowest phone, so that text of 125 units stays readable."""
MAX_HEIGHT: Final = 3600
MARGIN: Final = 20
TEXT_HEIGHT: Final = 125
"""Height of the names on the drawing, as style.css sets it (`.map text`)."""
MAX_TEXT_LENGTH: Final = 200_000
"""Characters of well-known text that is read; a longer one is too detailed for a small drawing."""
_DEGREES: Final = r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_RING: Final = rf"\({_DEGREES} {_DEGREES}(?:,{_DEGREES} {_DEGREES}){{3,}}\)"
_POLYGON: Final = rf"\({_RING}(?:,{_RING})*\)"
_TEXT: Final = re.compile(rf"POLYGON{_POLYGON}|MULTIPOLYGON\({_POLYGON}(?:,{_POLYGON})*\)")


def rings(text: str) -> list[list[Coordinates]]:
    """Return the rings of a POLYGON or MULTIPOLYGON; none for another text, an open ring, or impossible coordinates.

    Source: OGC 06-103r4, section 7.2, in longitude and latitude as GeoSPARQL 1.1 (section 8.5) reads a text without a
    reference system.

    >>> rings("POLYGON ((0 45, 1 45, 1 46, 0 45))")
    [[(0.0, 45.0), (1.0, 45.0), (1.0, 46.0), (0.0, 45.0)]]
    >>> rings("POLYGON((0 45,1 45,1 46,0 46))"), rings("POINT(0 45)")
    ([], [])
    """
    if len(text) > MAX_TEXT_LENGTH:
        return []
    plain = text.strip().replace(", ", ",").replace(" (", "(")
    if not _TEXT.fullmatch(plain):
        return []
    texts = re.findall(r"[^()]{5,}", plain[plain.index("(") :])
    pairs = [[pair.split(" ") for pair in ring.split(",")] for ring in texts]
    found = [[(float(longitude), float(latitude)) for longitude, latitude in ring] for ring in pairs]
    valid = all(ring[0] == ring[-1] and all(abs(x) <= 180 and abs(y) <= 90 for x, y in ring) for ring in found)
    return found if valid else []


@dataclass(frozen=True)
class Projection:
    """Equirectangular projection: degrees to units of the drawing, longitudes scaled by the cosine of the mean latitude.

    For a region it differs from Lambert-93 by less than the width of a line, and needs one cosine.
    """

    west: float
    north: float
    across: float
    down: float
    left: float
    height: int
    width: int = WIDTH

    @classmethod
    def of(cls, lines: Iterable[Sequence[Coordinates]]) -> "Projection | None":
        """Return the projection that fits lines into the drawing, None if they have no extent."""
        points = [point for line in lines for point in line]
        if not points:
            return None
        west, east = min(x for x, _ in points), max(x for x, _ in points)
        south, north = min(y for _, y in points), max(y for _, y in points)
        shorter = math.cos(math.radians((south + north) / 2))
        wide, high = (east - west) * shorter, north - south
        if wide < 1e-9 or high < 1e-9:
            return None
        scale = min((WIDTH - 2 * MARGIN) / wide, (MAX_HEIGHT - 2 * MARGIN) / high)
        left = (WIDTH - wide * scale) / 2
        return cls(west, north, scale * shorter, scale, left, round(high * scale) + 2 * MARGIN)

    def point(self, place: Coordinates) -> Point:
        """Return a point on the drawing."""
        return round(self.left + (place[0] - self.west) * self.across), round(
            MARGIN + (self.north - place[1]) * self.down
        )

    def line(self, coordinates: Sequence[Coordinates]) -> list[Point]:
        """Return a closed line on the drawing, without repeated points; the first point is not repeated at the end."""
        points = [self.point(each) for each in coordinates]
        return [point for before, point in pairwise(points) if point != before]


def path(lines: Iterable[Sequence[Point]]) -> str:
    """Return closed lines as the data of an SVG path; lines of fewer than three points are too small to see.

    >>> path([[(0, 0), (10, 0), (10, -5)]])
    'M0 0l10 0 0-5z'
    """
    return "".join(_closed(line) for line in lines if len(line) > 2)


def _closed(line: Sequence[Point]) -> str:
    steps = " ".join(f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(line))
    return f"M{line[0][0]} {line[0][1]}l{steps.replace(' -', '-')}z"


def label_position(lines: Sequence[Sequence[Point]], names: Iterable[str]) -> tuple[str, Point] | None:
    """Return the first name that fits into an area, and the middle of its position; None if none fits.

    A letter is taken to be 0.62 of its height wide, as in a wide sans serif font.
    """
    widest = max(_free_spaces(lines), default=None)
    if widest is None:
        return None
    space, _, middle, low = widest
    for name in names:
        if name and len(name) * TEXT_HEIGHT * 0.62 <= space:
            return name, (middle, low)
    return None


def _free_spaces(lines: Sequence[Sequence[Point]]) -> Iterator[tuple[float, float, int, int]]:
    """Yield the spaces for a line of text: width, closeness to the middle of the area, and the middle of the space."""
    step = TEXT_HEIGHT * 3 // 4
    rows = _crossings(lines, step)
    middle_row = (min(rows) + max(rows)) / 2 if rows else 0
    for row, crossed in sorted(rows.items()):
        above, below = rows.get(row - 1, ()), rows.get(row + 1, ())
        for space in zip(crossed[::2], crossed[1::2], strict=True):
            left, right = _narrowed(_narrowed(space, above), below)
            if right > left:
                yield right - left, -abs(row - middle_row), round((left + right) / 2), row * step


def _crossings(lines: Sequence[Sequence[Point]], step: int) -> dict[int, list[float]]:
    """Return where rows, `step` units apart, cross the lines: row to x-coordinates, sorted and even in number."""
    rows: dict[int, list[float]] = {}
    for line in lines:
        x1, y1 = line[-1] if line else (0, 0)
        for x2, y2 in line:
            for row in range(-(-min(y1, y2) // step), -(-max(y1, y2) // step)):
                rows.setdefault(row, []).append(x1 + (row * step - y1) * (x2 - x1) / (y2 - y1))
            x1, y1 = x2, y2
    return {row: sorted(found) for row, found in rows.items()}


def _narrowed(space: tuple[float, float], crossed: Sequence[float]) -> tuple[float, float]:
    """Return the widest part of a space that is also free in another row."""
    best = (0.0, 0.0)
    for low, high in zip(crossed[::2], crossed[1::2], strict=True):
        left, right = max(space[0], low), min(space[1], high)
        if right - left > best[1] - best[0]:
            best = (left, right)
    return best
