"""The site map and robots.txt."""

import re
from pathlib import Path
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from cper_lod.core.namespaces import expand
from cper_lod.release.release import Release
from cper_lod.release.storage.class_listing import Listing
from cper_lod.web.documents import sitemap
from tests.support.nquads_release import TYPE, client_without_engine, release_of_quads
from tests.support.web import HTML, ID, PUBLIC


def locations(client: FlaskClient) -> list[str]:
    answer = client.get("/sitemap.xml")
    assert answer.status_code == 200
    assert answer.content_type == "application/xml; charset=utf-8"
    found = ET.fromstring(answer.data)  # noqa: S314  # our own bytes
    return [each.text or "" for each in found.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


def test_what_citizens_look_for_is_named_once_and_nothing_else(client: FlaskClient, release: Release):
    urls = [url.removeprefix(PUBLIC) for url in locations(client)]
    assert len(set(urls)) == len(urls)
    kinds = "cper:Contrat cper:Subdivision cper:Avenant cper:Document org:FormalOrganization igeo:Departement"
    things = {f"/doc{iri.removeprefix(ID)}" for kind in expand(kinds) for iri in release.listing.things(kind)}
    assert len(things) > 60
    assert things | {"/", "/doc/subdivision", "/legal", "/compare", "/commune", "/signatories"} <= {*urls}
    assert [url for url in urls if re.search("/(?:enonce|part|periode|signataire|code|question|lien)/", url)] == []
    for url in (*urls[:12], *urls[:: len(urls) // 12]):
        answer = client.get(url, headers=HTML)
        assert (answer.status_code, answer.mimetype) == (200, "text/html"), url


def test_large_classes_come_last_and_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sitemap, "MAX_PAGES", 20)
    lines = [f"<{ID}/t/{number:05}> {TYPE} <http://e.org/T>" for number in range(40)]
    lines += [f"<http://e.org/{number}?a=1&b='> {TYPE} <http://e.org/U>" for number in range(3)]
    client = client_without_engine(release_of_quads(tmp_path, lines))
    read: list[str] = []
    things = Listing.things
    monkeypatch.setattr(Listing, "things", lambda *given: (read.append(iri) or iri for iri in things(*given)))
    described = [f"{PUBLIC}/describe?iri=http%3A%2F%2Fe.org%2F{number}%3Fa%3D1%26b%3D%27" for number in range(3)]
    named = locations(client)
    assert named[-13:] == [*described, *(f"{PUBLIC}/doc/t/{number:05}" for number in range(10))]
    assert len(named) == 20 >= len(read), "counted, not timed: no more is read than is named"


def test_hostile_names_make_no_bad_xml(hostile_client: FlaskClient):
    urls = locations(hostile_client)
    assert len(urls) > 10
    for url in urls:
        assert re.fullmatch(r"[!-~]+", url), "an address, not an IRI"


def test_robots(client: FlaskClient):
    answer = client.get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())
    assert robots.site_maps() == [f"{PUBLIC}/sitemap.xml"]
    allowed = ("/", "/doc/subdivision.csv", "/sparql", "/search", "/describe?iri=x", "/dump/tout.ttl")
    assert [path for path in allowed if not robots.can_fetch("*", path)] == []
    refused = ("/sparql?query=x", "/sparql.json?query=x", "/search?q=x", "/search.json?q=x", "/describe/list?iri=x")
    assert [path for path in refused if robots.can_fetch("*", path)] == []


@pytest.mark.parametrize("path", ["/sitemap.xml", "/robots.txt"])
def test_under_the_public_address_and_below_a_prefix(release: Release, path: str):
    client = client_without_engine(release, public_url="https://data.example/cper")
    answer = client.get(path, environ_overrides={"SCRIPT_NAME": "/cper"})
    assert answer.status_code == 200
    assert PUBLIC not in answer.text
    ours = re.findall(r"https?://data.example([^\s<\"]*)", answer.text)
    assert ours and all(path.startswith("/cper/") for path in ours)
