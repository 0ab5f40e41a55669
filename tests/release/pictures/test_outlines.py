"""Outlines for maps: parsing, projection, closed paths, the position of a name."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.release.pictures.outlines import (
    MARGIN,
    MAX_HEIGHT,
    MAX_TEXT_LENGTH,
    TEXT_HEIGHT,
    WIDTH,
    Projection,
    label_position,
    path,
    rings,
)

SQUARE = "POLYGON((0 45,1 45,1 46,0 46,0 45))"
REFUSED = {
    "nothing": "",
    "a point": "POINT(0 45)",
    "a line": "LINESTRING(0 45,1 45,1 46,0 45)",
    "words": "POLYGON((zero 45,1 45,1 46,zero 45))",
    "an open ring": "POLYGON((0 45,1 45,1 46,0 46))",
    "an open ring among others": "POLYGON((0 45,1 45,1 46,0 45),(0.1 45.1,0.2 45.1,0.2 45.2,0.1 45.3))",
    "two points": "POLYGON((0 45,1 45,0 45))",
    "no end": "POLYGON((0 45,1 45,1 46,0 46,0 45)",
    "too many brackets": "POLYGON(((0 45,1 45,1 46,0 46,0 45)))",
    "another reference system": "<http://www.opengis.net/def/crs/EPSG/0/2154> " + SQUARE,
    "beyond the poles": "POLYGON((0 91,1 91,1 95,0 91))",
    "beyond the date line": "POLYGON((181 45,190 45,190 46,181 45))",
    "a script": '"><script>alert(1)</script>' + SQUARE,
    "infinity": "POLYGON((0 45,1e999 45,1 46,0 45))",
    "digits of another script": "POLYGON((٠ 45,1 45,1 46,٠ 45))",
    "almost right, and long": "POLYGON((" + ",".join(["0.5 45"] * 20_000) + ")",  # refused at once
    "too long": "POLYGON((" + ",".join(["0 45"] * MAX_TEXT_LENGTH) + "))",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_outline_has_no_lines(text: str):
    assert rings(text) == []


def test_polygons_with_holes_and_several_of_them():
    assert len(rings(SQUARE)) == 1
    assert len(rings("POLYGON((0 45,9 45,9 46,0 45),(1 45.1,2 45.1,2 45.2,1 45.1))")) == 2
    several = "MULTIPOLYGON(((0 45,9 45,9 46,0 45),(1 45.1,2 45.1,2 45.2,1 45.1)),((-20 45,-19 45,-19 46,-20 45)))"
    assert [line[0] for line in rings(several)] == [(0.0, 45.0), (1.0, 45.1), (-20.0, 45.0)]
    assert rings(" POLYGON ((0 45, 1 45, 1 46, 0 46, 0 45)) ") == rings(SQUARE)


def test_north_is_up_and_a_degree_of_longitude_is_shorter():
    lines = rings(SQUARE)
    projection = Projection.of(lines)
    assert projection is not None
    (left, bottom), (right, _), (_, top), _ = projection.line(lines[0])[-1:] + projection.line(lines[0])[:3]
    assert (left < right, top < bottom) == (True, True)
    assert (right - left) / (bottom - top) == pytest.approx(math.cos(math.radians(45.5)), rel=0.002)
    assert projection.height <= MAX_HEIGHT


@pytest.mark.parametrize("text", ["POLYGON((0 45,0 45,0 45,0 45))", "POLYGON((0 45,1 45,2 45,0 45))"])
def test_what_has_no_extent_has_no_projection(text: str):
    assert len(rings(text)) == 1
    assert Projection.of(rings(text)) is None
    assert Projection.of([]) is None


PLACES = st.tuples(st.floats(-180, 180), st.floats(-85, 85))


@given(st.lists(PLACES, min_size=3, max_size=12))
def test_every_place_falls_onto_the_drawing(places: list[tuple[float, float]]):
    projection = Projection.of([places])
    if projection is None:
        xs, ys = zip(*places, strict=True)
        assert min(max(xs) - min(xs), max(ys) - min(ys)) < 1e-6
        return
    drawn = projection.line([*places, places[0]])
    assert all(MARGIN - 1 <= x <= WIDTH - MARGIN + 1 and MARGIN - 1 <= y <= MAX_HEIGHT for x, y in drawn)
    assert projection.line([*places, places[0]]) == drawn


@given(st.lists(st.tuples(st.integers(0, 3200), st.integers(0, 3600)), min_size=3, max_size=30))
def test_a_path_is_the_points_and_closes(points: list[tuple[int, int]]):
    data = path([points])
    assert re.fullmatch(r"M\d+ \d+l-?\d+(?:[ -]\d+)*(?: ?-?\d+)*z", data)
    numbers = [int(each) for each in re.findall(r"-?\d+", data)]
    x, y = numbers[:2]
    walked = [(x, y)]
    for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
        x, y = x + dx, y + dy
        walked.append((x, y))
    assert walked == points


def test_lines_too_small_to_be_seen_are_left_out():
    assert path([[(1, 1), (2, 2)], []]) == ""


def test_a_name_stands_where_there_is_most_room():
    shape = [(0, 0), (300, 0), (300, 1000), (2000, 1000), (2000, 1600), (0, 1600)]
    found = label_position([shape], ("Pas-de-Calais", "62"))
    assert found is not None
    name, (x, y) = found
    assert name == "Pas-de-Calais"
    assert 900 < x < 1100
    assert 1000 < y - TEXT_HEIGHT // 2 < y + TEXT_HEIGHT // 2 < 1600


def test_a_code_stands_where_the_name_has_no_room_and_nothing_where_neither_has():
    narrow = [(0, 0), (300, 0), (300, 900), (0, 900)]
    assert label_position([narrow], ("Pas-de-Calais", "62"))[0] == "62"  # type: ignore[index]
    assert label_position([narrow], ("Pas-de-Calais", "")) is None
    assert label_position([[(0, 0), (10, 0), (10, 10)]], ("62",)) is None
    assert label_position([], ("62",)) is None


def test_a_name_keeps_out_of_holes():
    outer = [(0, 0), (3000, 0), (3000, 1000), (0, 1000)]
    hole = [(1000, 0), (1400, 0), (1400, 1000), (1000, 1000)]
    assert label_position([outer, hole], ("Nord",))[1][0] > 1400  # type: ignore[index]
