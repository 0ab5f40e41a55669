"""The site map and robots.txt."""

import re
from pathlib import Path
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from cper_lod.core.config import load
from cper_lod.core.namespaces import expand
from cper_lod.release.build import indexes
from cper_lod.release.release import Release
from cper_lod.release.storage.class_listing import Listing
from cper_lod.web.app import create_app
from cper_lod.web.documents import sitemap
from tests.support.nquads_release import LABEL, release_of_quads
from tests.support.nquads_release import client_without_engine as client_of
from tests.support.web import ID

PUBLIC = "http://127.0.0.1:8000"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def locations(client: FlaskClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "application/xml; charset=utf-8"
    found = ET.fromstring(answer.data)  # noqa: S314  # our own bytes
    return [each.text or "" for each in found.iter(SITEMAP + "loc")]


def every(client: FlaskClient) -> dict[str, list[str]]:
    parts = locations(client, "/sitemap.xml")
    assert len(set(parts)) == len(parts)
    return {part: locations(client, part.removeprefix(PUBLIC)) for part in parts}


def test_what_citizens_look_for_is_named_once_and_nothing_else(client: FlaskClient, release: Release):
    urls = [url.removeprefix(PUBLIC) for part in every(client).values() for url in part]
    assert len(set(urls)) == len(urls)
    kinds = "cper:Contrat cper:Subdivision cper:Avenant cper:Document org:FormalOrganization igeo:Departement"
    things = {f"/doc{iri.removeprefix(ID)}" for kind in expand(kinds) for iri in release.listing.things(kind)}
    assert len(things) > 60
    assert things <= {*urls}
    assert {"/", "/doc/subdivision", "/legal", "/compare", "/commune"} <= {*urls}
    assert [url for url in urls if re.search("/(?:enonce|part|periode|signataire|code|question|lien)/", url)] == []


def test_what_is_named_answers(client: FlaskClient):
    urls = [url for part in every(client).values() for url in part]
    assert len(urls) > 100
    for url in urls[:: len(urls) // 12] + locations(client, "/sitemap-site.xml"):
        answer = client.get(url.removeprefix(PUBLIC), headers={"Accept": "text/html"})
        assert answer.status_code == 200, url
        assert answer.content_type == "text/html; charset=utf-8"


def test_both_languages_of_each(client: FlaskClient):
    answer = client.get("/sitemap-1.xml")
    first = next(ET.fromstring(answer.data).iter(SITEMAP + "url"))  # noqa: S314
    (own,) = [each.text for each in first.iter(SITEMAP + "loc")]
    languages = {each.get("hreflang"): each.get("href") for each in first.iter(XHTML + "link")}
    assert languages == {"fr": f"{own}?lang=fr", "en": f"{own}?lang=en", "x-default": own}
    page = client.get(own.removeprefix(PUBLIC), headers={"Accept": "text/html"}).text  # type: ignore[union-attr]
    for lang, address in languages.items():
        assert f'<link rel="alternate" hreflang="{lang}" href="{address}">' in page, "the page says the same"


def test_parts_of_many_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(indexes, "SITEMAP_PART", 500)
    monkeypatch.setattr(sitemap, "SITEMAP_PART", 500)
    lines = [f'<{ID}/t/{number:05}> {LABEL} "x"' for number in range(2 * indexes.SITEMAP_PART)]
    lines += [f'<http://e.org/{number}> {LABEL} "x"' for number in range(3)]
    client = client_of(release_of_quads(tmp_path, lines))
    parts = every(client)
    assert [len(urls) for urls in list(parts.values())[1:]] == [indexes.SITEMAP_PART - 3, indexes.SITEMAP_PART, 3]
    urls = {url for part in list(parts.values())[1:] for url in part}
    assert urls == {f"{PUBLIC}/doc/t/{number:05}" for number in range(2 * indexes.SITEMAP_PART)}
    assert client.get("/sitemap-4.xml").status_code == 404
    assert client.get("/sitemap-x.xml").status_code == 404
    assert client.get("/sitemap-01.xml").status_code == 404


def test_data_with_other_names_are_named_by_their_descriptions(tmp_path: Path):
    client = client_of(
        release_of_quads(tmp_path, [f'<http://e.org/{number}?a=1&b=\'> {LABEL} "x"' for number in range(3)])
    )
    described = [f"{PUBLIC}/describe?iri=http%3A%2F%2Fe.org%2F{number}%3Fa%3D1%26b%3D%27" for number in range(3)]
    assert list(every(client).values())[1:] == [described]


def test_a_part_costs_what_any_other_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Counted, not timed: how many things are read for the last part, and for one that is not there."""
    monkeypatch.setattr(indexes, "SITEMAP_PART", 10)
    monkeypatch.setattr(sitemap, "SITEMAP_PART", 10)
    client = client_of(release_of_quads(tmp_path, [f'<{ID}/t/{number:05}> {LABEL} "x"' for number in range(400)]))
    read: list[str] = []
    described = Listing.described
    monkeypatch.setattr(Listing, "described", lambda *given: (read.append(iri) or iri for iri in described(*given)))
    costs = {}
    for name in ("1", "40", "41", "999999999", "9" * 5000):
        read.clear()
        assert client.get(f"/sitemap-{name}.xml").status_code == (200 if len(name) < 3 and int(name) <= 40 else 404)
        costs[name] = len(read)
    assert costs["1"] == costs["40"] == 11  # and one to know whether any address is of the site
    assert [costs[name] for name in costs if name not in ("1", "40")] == [0, 0, 0]


def test_hostile_names_make_no_bad_xml(hostile_client: FlaskClient):
    urls = [url for part in every(hostile_client).values() for url in part]
    assert len(urls) > 10
    for url in urls:
        assert re.fullmatch(r"[!-~]+", url), "an address, not an IRI"


def test_robots(client: FlaskClient):
    answer = client.get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())
    assert robots.site_maps() == [f"{PUBLIC}/sitemap.xml"]
    allowed = (
        "/",
        "/doc/subdivision",
        "/doc/subdivision.csv",
        "/sparql",
        "/search",
        "/ontology",
        "/describe?iri=x",
        "/dump/tout.ttl",
    )
    assert [path for path in allowed if not robots.can_fetch("*", path)] == []
    refused = ("/sparql?query=x", "/sparql.json?query=x", "/search?q=x", "/search.json?q=x", "/describe/list?iri=x")
    assert [path for path in refused if robots.can_fetch("*", path)] == []


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-1.xml", "/sitemap-site.xml", "/robots.txt"])
def test_under_the_public_address_and_below_a_prefix(release: Release, path: str):
    settings = load({"public_url": "https://data.example/cper"}, {}).settings
    client = create_app(release, None, settings).test_client()  # type: ignore[arg-type]
    answer = client.get(path, environ_overrides={"SCRIPT_NAME": "/cper"})
    assert answer.status_code == 200
    assert PUBLIC not in answer.text
    urls = re.findall(r"https?://[^\s<\"]*", answer.text)
    ours = [url for url in urls if "data.example" in url]
    assert ours
    assert all(url.startswith("https://data.example/cper/") for url in ours)
