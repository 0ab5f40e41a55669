"""The maps of territories: the real region, a hostile one, ones that cannot be drawn."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cper_lod.core.errors import Language
from cper_lod.release.build.build import build_data
from cper_lod.release.pictures.region_map import RegionMap, region_map
from cper_lod.release.release import Release
from cper_lod.web.http.templating import environment
from tests.support.html_page import Page
from tests.support.paths import ROOT
from tests.support.web import ID, client_of

DRAW = """{% import 'drawings.html' as drawings %}
{{ drawings.map(drawn, 2) }}"""
HARM = """<script>alert(1)</script> "'& <a href='x'>"""
DATA = r"""
@prefix ex: <http://ex.org/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix igeo: <http://rdf.insee.fr/def/geo#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
ex:region skos:prefLabel "HARM" .
ex:d1 a igeo:Departement ; geo:sfWithin ex:region ; skos:prefLabel "HARM" ; igeo:codeINSEE "</text>" ;
    geo:hasGeometry [ geo:asWKT "POLYGON((0 45,30 45,30 46,0 45))" ] .
ex:d2 a igeo:Departement ; geo:sfWithin ex:region ; skos:prefLabel "Open" ;
    geo:hasGeometry [ geo:asWKT "POLYGON((0 45,1 45,1 46))\"/><script>" ] .
ex:town geo:sfWithin ex:region ; geo:hasGeometry [ geo:asWKT "POLYGON((0 45,1 45,1 46,0 45))" ] .
ex:line geo:hasGeometry [ geo:asWKT "POLYGON((0 45,1 45,2 45,0 45))" ] .
ex:island skos:prefLabel "Island" ; geo:hasGeometry [ geo:asWKT "POLYGON((0 45,1 45,1 46,0 45))" ] .
ex:land geo:hasGeometry [ geo:asWKT "POLYGON((0 45,1 45,1 46,0 45))" ] .
""".replace("HARM", HARM.replace('"', '\\"'))
MENTIONS = "".join(
    f"<http://ex.org/t{n}> <http://www.opengis.net/ont/geosparql#sfWithin> <http://ex.org/land> .\n"
    for n in range(2100)
)


def elements(text: str) -> Page:
    """Return a figure as a strict eye reads it."""
    return Page(cast(TestResponse, SimpleNamespace(text=text)))


def drawn(app: Flask, release: Release, iri: str, lang: str = "fr", prefix: str = "") -> tuple[RegionMap | None, str]:
    """Return the map of a territory, and how a page shows it."""
    with app.test_request_context(f"/?lang={lang}", environ_overrides={"SCRIPT_NAME": prefix}):
        chosen: Language = "fr" if lang == "fr" else "en"
        found = region_map(release, iri, chosen)
        text = environment(chosen).from_string(DRAW).render(drawn=found)
    assert not re.search(r"<script|style=|\son\w+=", text)
    return found, text


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory, releases: Path) -> Release:
    """The release of the data above, served as given."""
    path = tmp_path_factory.mktemp("drawn") / "given.ttl"
    path.write_text(DATA + MENTIONS, "utf-8")
    return build_data(releases, ROOT, (path,))


@pytest.fixture(scope="module")
def app(given: Release) -> Iterator[Flask]:
    for client in client_of(given, query_workers=1):
        yield client.application


REAL = ID + "/territoire/hauts-de-france"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_real_region_and_its_departments(client: FlaskClient, release: Release, lang: str):
    found, text = drawn(client.application, release, REAL, lang)
    assert found is not None
    names = ["Aisne", "Nord", "Oise", "Pas-de-Calais", "Somme"]
    assert [(area.name, area.code) for area in found.areas] == list(
        zip(names, ["02", "59", "60", "62", "80"], strict=True)
    )
    assert [area.text for area in found.drawn] == names
    svg = elements(text[text.index("<svg") : text.index("</svg>") + 6])
    (whole,) = svg.having("svg")
    assert (whole["viewbox"], whole["role"]) == (f"0 0 3200 {found.projection.height}", "group")
    titles = {"fr": "Carte : Hauts-de-France", "en": "Map: Hauts-de-France"}
    assert svg.text.replace("\u00a0", " ").startswith(titles[lang])
    assert svg.tags.count("desc") == 1
    assert svg.links == [f"/doc{area.iri.removeprefix(ID)}?lang={lang}" for area in found.areas]
    assert svg.text.count("Nord") == 2, "as the name of the link, and on the map"
    assert len(text[text.index("<svg") : text.index("</svg>")].encode()) < 15_000
    assert "IGN, Admin Express 2018" in text


def test_the_outline_of_the_region_is_the_border_of_its_departments(client: FlaskClient, release: Release):
    found = drawn(client.application, release, REAL)[0]
    assert found is not None

    def corners(data: str) -> set[tuple[int, int]]:
        points = set()
        for line in data.split("M")[1:]:
            numbers = [int(each) for each in re.findall(r"-?\d+", line)]
            x = y = 0
            for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
                x, y = x + dx, y + dy
                points.add((x, y))
        return points

    around = corners(found.outline)
    assert len(around) > 100
    assert around <= set().union(*(corners(area.line) for area in found.drawn))


def test_the_same_twice_and_under_a_prefix(client: FlaskClient, release: Release):
    first = drawn(client.application, release, REAL)[1]
    assert drawn(client.application, release, REAL)[1] == first
    below = drawn(client.application, release, REAL, prefix="/data")[1]
    assert below.replace('href="/data/', 'href="/') == first


def test_names_that_mean_harm_are_shown_as_text(app: Flask, given: Release):
    found, text = drawn(app, given, "http://ex.org/region")
    assert found is not None
    assert [(area.name, bool(area.line)) for area in found.areas] == [(HARM, True), ("Open", False)]
    said = elements(text)
    assert said.text.count(HARM) == 4, "the region twice, its department on the map and in the list"
    assert said.tags.count("path") == 1


@pytest.mark.parametrize("name", ["nowhere", "line", "nothing"])
def test_without_an_outline_there_is_no_map(app: Flask, given: Release, name: str):
    found, text = drawn(app, given, f"http://ex.org/{name}")
    assert found is None
    assert text.strip() == ""


def test_a_region_without_departments_is_drawn_alone(app: Flask, given: Release):
    found, text = drawn(app, given, "http://ex.org/island")
    assert found is not None
    assert (found.areas, found.sources) == ((), ())
    assert found.outline.startswith("M")
    assert elements(text).tags.count("ul") == 0
    assert region_map(given, "http://ex.org/island", "fr", alone=False) is None


def test_too_much_is_no_figure_rather_than_half_a_one(app: Flask, given: Release):
    assert drawn(app, given, "http://ex.org/land")[0] is None
