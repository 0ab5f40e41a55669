"""Territories on a map: GeoJSON (RFC 7946) with the contract of each."""

import json
import re
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from cper_lod.web.documents.geojson import polygons_of
from tests.support.web import HTML, ID

ADDRESS = "/doc/geo-feature.geojson"
WKT = re.compile(r"geo:asWKT \"([^\"]+)\"")


def clockwise(ring: list[list[float]]) -> bool:
    """Return whether a ring of positions turns right (the shoelace formula)."""
    return sum((x2 - x1) * (y2 + y1) for (x1, y1), (x2, y2) in pairwise(ring)) > 0


def test_territories_with_an_outline_are_features_with_their_contract(client: FlaskClient):
    answer = client.get(f"{ADDRESS}?lang=en")
    assert answer.content_type == "application/geo+json"
    features = {each["id"].removeprefix(f"{ID}/territoire/"): each for each in answer.json["features"]}
    assert features.keys() == {"aisne", "hauts-de-france", "nord", "oise", "pas-de-calais", "somme"}
    properties = features["hauts-de-france"]["properties"]
    assert properties.pop("url").endswith("/doc/territoire/hauts-de-france")
    assert properties == {
        "nom": "Hauts-de-France",
        "type": "region",
        "code_insee": "32",
        "contrat": "State-Region plan contract 2021-2027, Hauts-de-France",
    }
    assert features["aisne"]["properties"]["contrat"] is None
    assert features["nord"]["geometry"]["type"] == "MultiPolygon"


def test_geometries_are_what_the_rfc_asks_for(client: FlaskClient):
    """Section 3.1.6 (rings are closed, the outer one counterclockwise, holes clockwise)."""
    whole, holes = json.loads(client.get(ADDRESS).data), 0
    for feature in whole["features"]:
        assert feature.keys() == {"type", "id", "properties", "geometry"}
        shape, coordinates = feature["geometry"]["type"], feature["geometry"]["coordinates"]
        points = []
        for outer, *inner in [coordinates] if shape == "Polygon" else coordinates:
            for ring in (outer, *inner):
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                assert clockwise(ring) == (ring is not outer)
                points += ring
            holes += len(inner)
        text = WKT.search(client.get(feature["id"].replace(ID, "/doc") + "/contour.ttl").text)
        assert text, feature["id"]
        assert {tuple(map(float, each.split())) for each in re.findall(r"-?[\d.]+ -?[\d.]+", text[1])} == {
            tuple(each) for each in points
        }
    assert holes == 1


def test_it_is_a_form_of_the_list_and_of_no_other(client: FlaskClient):
    chosen = client.get(f"{ADDRESS}?code_insee=59").json["features"]
    assert [each["properties"]["nom"] for each in chosen] == ["Nord"]
    assert client.get(f"{ADDRESS}?code_insee=59&nom=oise").json == {"type": "FeatureCollection", "features": []}
    assert 'href="/doc/geo-feature.geojson"' in client.get("/doc/geo-feature", headers=HTML).text
    assert client.get("/doc/part.geojson").status_code == 404
    assert ".geojson" not in client.get("/doc/part", headers=HTML).text
    assert client.get("/doc/territoire/nord.geojson").status_code == 404


NO_OUTLINES = (
    *("POINT(1 2)", "POLYGON EMPTY", "POLYGON((1 2,1))", "POLYGON((1 2),1)"),
    *("POLYGON((1 2 3,1 2 3))", "POLYGON((1 2,3 4)"),
    "<http://www.opengis.net/def/crs/EPSG/0/2154> POLYGON((1 2,3 4,5 6,1 2))",
)


@pytest.mark.parametrize("text", NO_OUTLINES)
def test_what_is_no_outline_in_longitude_and_latitude_is_left_out(text: str):
    assert polygons_of(text) is None
