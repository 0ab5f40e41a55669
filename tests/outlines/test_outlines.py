"""The outlines that the project carries: closed, sharing borders, what their maker makes; and the maker itself."""

import json
from collections import Counter
from collections.abc import Callable
from itertools import combinations, pairwise

import pytest

from cper_lod.release.pictures.outlines import rings
from tests.outlines.simplification import Arcs, Polygon, Ring, area, closed, inside, lighter, polygons, simplified
from tests.outlines.turtle import STEPS, TERRITORY, TOLERANCE, carried, features, names, parsed, turtle, wkt
from tests.support.paths import ROOT

REGIONS = sorted(path.stem for path in (ROOT / "data" / "geometries").glob("*.ttl") if path.stem != "sources")
GIVEN = ROOT.parent / "shared" / "geo" / "hdf-region-departements-simplifie.geojson"
"""The outlines that those of Hauts-de-France were made from; the project does not carry them."""
AREAS = {"aisne": 1842542, "nord": 1458206, "oise": 1463006, "pas-de-calais": 1695824, "somme": 1549664}
"""Twice the area of each department in that file, in squares of the grid."""


def lines(shape: list[Polygon]) -> list[Ring]:
    return [ring for polygon in shape for ring in polygon]


def steps(shape: list[Polygon]) -> list[frozenset[tuple[int, int]]]:
    """Return the steps from point to point, whatever their direction."""
    return [frozenset(step) for ring in lines(shape) for step in pairwise(ring)]


def crossing(first: frozenset[tuple[int, int]], second: frozenset[tuple[int, int]]) -> bool:
    """Whether two steps cross each other at a point that is an end of neither."""

    def side(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
        turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        return (turn > 0) - (turn < 0)

    (a, b), (c, d) = first, second
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def test_there_are_outlines():
    assert "hauts-de-france" in REGIONS


@pytest.mark.parametrize("region", REGIONS)
class TestCarried:
    """What data/geometries/ holds."""

    def test_the_region_and_each_department_have_one(self, region: str):
        assert set(carried(region)) == set(names(region))
        assert len(carried(region)) > 2

    def test_lines_are_closed_and_run_around_what_is_inside(self, region: str):
        for shape in carried(region).values():
            for outer, *holes in shape:
                assert area(outer) > 0
                assert outer[0] == outer[-1]
                assert len(set(outer)) == len(outer) - 1
                assert all(area(hole) < 0 and inside(hole[0], outer) for hole in holes)

    def test_nothing_crosses(self, region: str):
        drawn = sorted({step for shape in carried(region).values() for step in steps(shape)}, key=sorted)
        assert len(drawn) > 100
        assert [pair for pair in combinations(drawn, 2) if crossing(*pair)] == []

    def test_neighbours_share_their_borders_and_the_region_has_the_rest(self, region: str):
        departments = dict(carried(region))
        around = departments.pop(TERRITORY + region)
        used = Counter(step for shape in departments.values() for step in steps(shape))
        assert set(used.values()) == {1, 2}
        assert {step for step, times in used.items() if times == 1} == set(steps(around))

    def test_the_program_reads_it_as_it_is_meant(self, region: str):
        for shape in carried(region).values():
            read = [[(round(x * STEPS), round(y * STEPS)) for x, y in line] for line in rings(wkt(shape))]
            assert read == [list(ring) for ring in lines(shape)]


def test_areas_stay_within_a_hundredth():
    for name, size in AREAS.items():
        found = sum(area(ring) for ring in lines(carried("hauts-de-france")[TERRITORY + name]))
        assert abs(found / size - 1) < 0.01, name


def given() -> dict[str, list[Polygon]]:
    return features("hauts-de-france", json.loads(GIVEN.read_bytes()))


def own() -> dict[str, list[Polygon]]:
    return {iri: shape for iri, shape in carried("hauts-de-france").items() if not iri.endswith("/hauts-de-france")}


@pytest.mark.parametrize("departments", [own, *([given] if GIVEN.is_file() else [])])
def test_its_maker_makes_it_again(departments: Callable[[], dict[str, list[Polygon]]]):
    """Out of what is carried, which it leaves as it is; and out of the file it was made from, where that is there."""
    found = departments()
    assert turtle("hauts-de-france", found) == (ROOT / "data" / "geometries" / "hauts-de-france.ttl").read_bytes()
    points = [sum(len(ring) for shape in each.values() for ring in lines(shape)) for each in (own(), found)]
    if departments is given:
        assert {iri.rpartition("/")[2]: sum(map(area, lines(shape))) for iri, shape in found.items()} == AREAS
        assert points[0] < 0.55 * points[1], "much simpler than the file"


# The maker

WEST: Ring = closed([(0, 0), (10, 0), (11, 5), (10, 10), (0, 10)], left=True)
EAST: Ring = closed([(10, 0), (20, 0), (20, 10), (10, 10), (11, 5)], left=True)
ISLAND: Ring = closed([(2, 2), (4, 2), (4, 4), (2, 4)], left=True)


def test_a_border_is_simplified_alike_on_both_sides():
    made, around = simplified({"west": [(WEST,)], "east": [(EAST,)]}, 20)
    assert (10, 0) in made["west"][0][0]
    assert (11, 5) not in made["west"][0][0]
    assert (11, 5) not in made["east"][0][0]
    assert around == [(closed([(0, 0), (10, 0), (20, 0), (20, 10), (10, 10), (0, 10)], left=True),)]
    assert sum(area(ring) for shape in made.values() for ring in lines(shape)) == sum(area(r) for r in lines(around))


def test_an_enclave_stays_a_hole_and_is_no_part_of_the_outline():
    made, around = simplified({"west": [(WEST, ISLAND[::-1])], "island": [(ISLAND,)]}, 1)
    assert [len(polygon) for polygon in made["west"]] == [2]
    assert made["island"][0][0] == made["west"][0][1][::-1]
    assert [len(polygon) for polygon in around] == [1]


def test_a_smallest_line_keeps_three_points_and_an_open_one_its_ends():
    assert len(lighter(ISLAND, 10**9)) == 4
    assert lighter([(0, 0), (5, 1), (10, 0)], 10**9) == ((0, 0), (10, 0))


def test_simplifying_twice_is_simplifying_once():
    line = tuple((x, (x * x * 7919) % 97) for x in range(60))
    once = lighter(line, 900)
    assert 5 < len(once) < 50
    assert lighter(once, 900) == once


def test_arcs_end_where_three_borders_meet():
    arcs = Arcs.of([WEST, EAST], 1)
    assert arcs.nodes == {(10, 0), (10, 10)}
    assert len(arcs.simple) == 3


def test_well_known_text_is_written_and_read_back():
    shape = polygons([closed([(-500, 45000), (0, 45001), (0, 46500)], left=True)])
    assert wkt(shape) == "POLYGON((-0.5 45,0 45.001,0 46.5,-0.5 45))"
    both = [*shape, (ISLAND,)]
    assert wkt(both).startswith("MULTIPOLYGON(((")
    assert parsed(wkt(shape)) == shape
    assert parsed(wkt(both)) == both
    assert TOLERANCE > 0
