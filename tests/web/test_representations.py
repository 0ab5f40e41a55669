"""Representations over HTTP: codings, JSON and its profiles, dates, typed links; ready bytes equal fresh ones."""

import gzip
import re
from email.utils import parsedate_to_datetime

import brotli
import pytest

from tests.support.server import ServerAddress
from tests.support.web import CONTRACT, CPER, ID, HttpClient

pytestmark = pytest.mark.server
NS = "http://www.w3.org/ns/json-ld#"
DECODE = {"br": brotli.decompress, "gzip": gzip.decompress}
READ = "text/html, */*;q=0.5"


@pytest.mark.parametrize("path", [f"/doc{CONTRACT}", "/static/style.css", "/dump/tout.ttl"])
def test_each_coding_is_a_representation_with_a_tag_of_its_own(web: HttpClient, path: str) -> None:
    plain = web.get(path, READ)
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in plain.vary
    tags = {plain.headers["etag"]}
    for coding, decode in DECODE.items():
        for _ in range(2):  # fresh, then ready
            coded = web.get(path, READ, Accept_Encoding=coding)
            assert coded.headers["content-encoding"] == coding
            assert decode(coded.body) == plain.body
            assert len(coded.body) < len(plain.body)
            assert int(coded.headers["content-length"]) == len(coded.body)
        tags.add(coded.headers["etag"])
        same = {"content-type", "vary", "cache-control", "last-modified", "content-location", "link"}
        assert {name: coded.headers.get(name) for name in same} == {name: plain.headers.get(name) for name in same}
        again = web.get(path, READ, Accept_Encoding=coding, If_None_Match=coded.headers["etag"])
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", coded.headers["etag"])
        other = web.get(path, READ, Accept_Encoding=coding, If_None_Match=plain.headers["etag"])
        assert other.status == 200, "the client has the other representation"
    assert len(tags) == 3


@pytest.mark.parametrize("path", ["/", "/legal", f"/describe/list?of=parts&iri={ID}{CONTRACT}"])
def test_where_there_is_but_a_page_other_forms_are_refused(web: HttpClient, path: str) -> None:
    answer = web.get(path, "text/turtle, image/png")
    assert (answer.status, answer.json()["offers"]) == (406, ["text/html", "application/json"][: 1 + (path == "/")])
    page = web.get(path, "*/*;q=0.1")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert {"Accept", "Accept-Language"} <= page.vary


@pytest.mark.parametrize("profile", ["framed", "compacted", "expanded", "flattened"])
def test_a_profile_is_honoured(web: HttpClient, profile: str) -> None:
    media_type, address = f'application/ld+json;profile="{NS}{profile}"', f"/doc{CONTRACT}.jsonld?profile={profile}"
    answer = web.get(f"/doc{CONTRACT}", media_type)
    assert (answer.headers["content-type"], answer.headers["content-location"]) == (media_type, address)
    for other in (address, address.replace("=", f"={NS}").replace("#", "%23")):
        again = web.get(other)
        assert (again.body, again.headers["content-type"]) == (answer.body, media_type)
    assert web.get(f"/id{CONTRACT}", media_type).headers["location"] == address
    assert ("@context" in answer.text, "@graph" in answer.json()) == (profile != "expanded", profile == "flattened")


@pytest.mark.parametrize("path", [f"/doc{CONTRACT}.ttl", "/ontology.rdf", "/dump/tout.ttl"])
def test_what_the_release_says_is_as_old_as_the_release(web: HttpClient, path: str) -> None:
    answer = web.get(path, READ)
    date = answer.headers["last-modified"]
    assert parsedate_to_datetime(date) <= parsedate_to_datetime(answer.headers["date"])
    for _ in range(2):  # fresh, then ready
        assert web.get(path, READ, If_Modified_Since=date).status == 304
        early = web.get(path, READ, If_Modified_Since="Mon, 01 Jan 2024 00:00:00 GMT")
        assert (early.status, early.body) == (200, answer.body)


@pytest.mark.parametrize("path", ["/", f"/doc{CONTRACT}.html", f"/doc{CONTRACT}.jsonld", "/sparql.ttl", "/health"])
def test_what_a_setting_changes_too_has_no_date(web: HttpClient, path: str) -> None:
    answer = web.get(path, READ, If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT")
    assert answer.status == 200
    assert "last-modified" not in answer.headers


def test_a_page_is_a_signposted_landing_page(web: HttpClient, server: ServerAddress) -> None:
    link = web.get(f"/doc{CONTRACT}.html").headers["link"]
    for part in (
        f'<{ID}{CONTRACT}>; rel="cite-as"',
        '<https://schema.org/AboutPage>; rel="type"',
        f'<{CPER}Contrat>; rel="type"',
        '<https://w3id.org/cper-lod/def/organisme/cper-lod>; rel="author"',
        '<https://www.etalab.gouv.fr/licence-ouverte-open-licence>; rel="license"',
        f'<{server.url}/doc{CONTRACT}.ttl>; rel="alternate describedby"; type="text/turtle"',
        f'<{server.url}/doc{CONTRACT}>; rel="canonical"',
    ):
        assert part in link
    assert f'<{server.url}/catalog.ttl>; rel="describedby"; type="text/turtle"' in web.get("/").headers["link"]


def test_the_link_set_of_a_page(web: HttpClient, server: ServerAddress) -> None:
    link = web.get(f"/doc{CONTRACT}.html").headers["link"]
    address = next(part for part in link.split(", ") if 'rel="linkset"' in part).partition(">")[0].strip("<")
    path, landing = address.removeprefix(server.url), f"{server.url}/doc{CONTRACT}"
    answer = web.get(path)
    assert answer.headers["content-type"] == "application/linkset+json"
    contexts = {each["anchor"]: each for each in answer.json()["linkset"]}
    assert contexts[landing]["cite-as"] == [{"href": f"{ID}{CONTRACT}"}]
    assert contexts[f"{landing}.ttl"]["describes"] == [{"href": landing}]
    schema = f'<{server.url}/schema/2.0.0/Contrat.json>; rel="describedby"; type="application/schema+json"'
    assert schema in web.get(f"/doc{CONTRACT}.json").headers["link"]
    for other, status in (("", 400), ("?iri=x", 400), ("?iri=http://ex.org/none", 404)):
        assert web.get(f"/linkset{other}").status == status


@pytest.mark.parametrize("path", ["/ontology", "/shapes", "/shapes/publication", "/catalog", f"/doc{CONTRACT}"])
def test_a_link_set_is_about_the_address_that_leads_to_it(web: HttpClient, server: ServerAddress, path: str) -> None:
    for address in re.findall(r'<([^>]*)>; rel="linkset"', web.get(path, "text/html").headers["link"]):
        told = web.get(address.removeprefix(server.url)).json()["linkset"]
        assert server.url + path in {each["anchor"] for each in told}


def test_a_redirect_knows_no_conditions(web: HttpClient) -> None:
    for condition in ({"If_None_Match": "*"}, {"If_Match": '"x"'}) * 2:  # fresh, then ready
        assert web.get("/id/territoire/hauts-de-france", "text/html", **condition).status == 303


def test_the_language_asked_for_goes_along(web: HttpClient) -> None:
    assert web.get(f"/id{CONTRACT}?lang=en", "text/html").headers["location"] == f"/doc{CONTRACT}.html?lang=en"
    data = web.get(f"/id{CONTRACT}?lang=en")
    assert (data.status, data.body, data.vary) == (303, b"", {"Accept"})
    assert data.headers["location"] == f"/doc{CONTRACT}.ttl"
    page = web.get(f"/doc{CONTRACT}?lang=en", "text/html", Accept_Language="fr")
    assert page.headers["content-location"] == f"/doc{CONTRACT}.html?lang=en"
    assert web.get(page.headers["content-location"], Accept_Language="fr").body == page.body
