"""Simplified outlines whose neighbours share their simplified borders: arcs between nodes (Visvalingam and Whyatt).

Everything is counted in whole steps of a grid, so the same input gives the same bytes everywhere; and what was
simplified once is not changed by being simplified again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[int, int]
Ring = tuple[Point, ...]
"""Points in order, the first one again at the end; what is inside lies on the left."""
Polygon = tuple[Ring, ...]
"""An outer ring and its holes."""


def area(points: Sequence[Point]) -> int:
    """Return twice the area of a closed ring, negative where it runs clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(points))


def inside(point: Point, ring: Ring) -> bool:
    """Return whether a point lies in a ring."""
    x, y = point
    crossings = (
        (a[1] > y) != (b[1] > y)
        and (b[0] - a[0]) * (y - a[1]) * (1 if b[1] > a[1] else -1) > (x - a[0]) * abs(b[1] - a[1])
        for a, b in pairwise(ring)
    )
    return sum(crossings) % 2 == 1


def closed(points: Iterable[Point], *, left: bool) -> Ring:
    """Return a ring without repeated points, run so that its inside lies on its left (a hole: on its right)."""
    kept: list[Point] = []
    for point in points:
        if not kept or kept[-1] != point:
            kept.append(point)
    if kept[0] == kept[-1]:
        kept.pop()
    start = kept.index(min(kept))
    ring = (*kept[start:], *kept[:start], kept[start])
    return ring if (area(ring) > 0) is left else ring[::-1]


def lighter(points: Sequence[Point], tolerance: int) -> Ring:
    """Return a line without the points that make a triangle smaller than half of `tolerance` with their neighbours.

    Source: Visvalingam and Whyatt, "Line generalisation by repeated elimination of points" (1993). A closed line keeps
    three points at least.
    """
    kept = list(points)
    fewest = 4 if points[0] == points[-1] else 2
    while len(kept) > fewest:
        sizes = [(abs(area((*kept[at - 1 : at + 2], kept[at - 1]))), at) for at in range(1, len(kept) - 1)]
        size, at = min(sizes)
        if size >= tolerance:
            break
        del kept[at]
    return tuple(kept)


@dataclass(frozen=True)
class Arcs:
    """The lines between the nodes where more than two borders meet, each simplified once."""

    nodes: frozenset[Point]
    simple: Mapping[Ring, Ring]

    @classmethod
    def of(cls, rings: Iterable[Ring], tolerance: int) -> "Arcs":
        """Return the arcs of all rings, simplified."""
        rings = list(rings)
        beside: dict[Point, set[Point]] = defaultdict(set)
        for ring in rings:
            for a, b in pairwise(ring):
                beside[a].add(b)
                beside[b].add(a)
        nodes = frozenset(point for point, others in beside.items() if len(others) > 2)
        arcs = {min(arc, arc[::-1]) for ring in rings for arc in cut(ring, nodes)}
        return cls(nodes, {arc: lighter(arc, tolerance) for arc in arcs})

    def through(self, ring: Ring) -> list[Ring]:
        """Return the simplified arcs of a ring, in its direction."""
        found = []
        for arc in cut(ring, self.nodes):
            forward = min(arc, arc[::-1])
            found.append(self.simple[forward] if arc == forward else self.simple[forward][::-1])
        return found


def cut(ring: Ring, nodes: frozenset[Point]) -> list[Ring]:
    """Return the parts of a ring between nodes; a ring without a node is one part."""
    places = [at for at, point in enumerate(ring[:-1]) if point in nodes]
    if not places:
        return [ring]
    turned = (*ring[places[0] : -1], *ring[: places[0]], ring[places[0]])
    ends = [*(at - places[0] for at in places), len(turned) - 1]
    return [turned[a : b + 1] for a, b in pairwise(ends)]


def chained(arcs: Iterable[Ring]) -> list[Ring]:
    """Return the rings that arcs make, end to end."""
    starting: dict[Point, list[Ring]] = defaultdict(list)
    for arc in sorted(arcs):
        starting[arc[0]].append(arc)
    rings = []
    while starting:
        line = list(_take(starting, min(starting)))
        while line[-1] != line[0]:
            line += _take(starting, line[-1])[1:]
        rings.append(tuple(line))
    return rings


def _take(starting: dict[Point, list[Ring]], point: Point) -> Ring:
    arc = starting[point].pop(0)
    if not starting[point]:
        del starting[point]
    return arc


def polygons(rings: Iterable[Ring]) -> list[Polygon]:
    """Return the polygons of rings, the largest first, each hole with the ring that it lies in."""
    outer = sorted((ring for ring in rings if area(ring) > 0), key=lambda ring: (-area(ring), ring))
    holes = sorted(ring for ring in rings if area(ring) < 0)
    held = {ring: [hole for hole in holes if inside(hole[0], ring)] for ring in outer}
    return [(ring, *held[ring]) for ring in outer]


def simplified(shapes: Mapping[str, list[Polygon]], tolerance: int) -> tuple[dict[str, list[Polygon]], list[Polygon]]:
    """Return the shapes simplified, and the outline around all of them: the arcs that only one of them has."""
    rings = {name: [ring for polygon in each for ring in polygon] for name, each in shapes.items()}
    arcs = Arcs.of((ring for each in rings.values() for ring in each), tolerance)
    made, once = {}, dict[Ring, Ring]()
    for name, each in rings.items():
        lines = [arcs.through(ring) for ring in each]
        made[name] = polygons([_joined(line) for line in lines])
        for arc in (arc for line in lines for arc in line):
            key = min(arc, arc[::-1])
            if key in once:
                del once[key]
            else:
                once[key] = arc
    return made, polygons([closed(ring, left=area(ring) > 0) for ring in chained(once.values())])


def _joined(arcs: list[Ring]) -> Ring:
    ring = [point for arc in arcs for point in arc[:-1]]
    return closed(ring, left=area((*ring, ring[0])) > 0)
