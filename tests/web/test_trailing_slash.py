"""An address that ends with a slash leads to the one without it: one rule for the whole site."""

from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from tests.support.cases import each_case
from tests.support.web import CONTRACT, HttpClient

LEADS = {
    f"/id{CONTRACT}/": f"/id{CONTRACT}",
    f"/doc{CONTRACT}/": f"/doc{CONTRACT}",
    f"/doc{CONTRACT}.jsonld/": f"/doc{CONTRACT}.jsonld",
    f"/doc{CONTRACT}/axe/1.ttl///": f"/doc{CONTRACT}/axe/1.ttl",
    "/id/organisme/": "/id/organisme",
    "/doc/axe/?size=2&lang=en": "/doc/axe?size=2&lang=en",
    "/search/?q=%C3%A9t%C3%A9%20b+c": "/search?q=%C3%A9t%C3%A9%20b+c",
    "/describe/?iri=https%3A%2F%2Fw3id.org%2Fcper-lod%2Fontology": "/describe?iri=https%3A%2F%2Fw3id.org%2Fcper-lod%2Fontology",
    "/catalog/": "/catalog",
    "/dump/": "/dump",
    "/.well-known/void/": "/.well-known/void",
    "/sparql/": "/sparql",
    "/ontology/1.0.0/": "/ontology/1.0.0",
    "/doc/%C3%A9t%C3%A9%20x/": "/doc/%C3%A9t%C3%A9%20x",
    "/nothing/here/": "/nothing/here",
}


@pytest.mark.server
@each_case(("path", "place"), LEADS.items())
@each_case("method", ["GET", "HEAD"])
def test_it_leads_to_the_address_without_it(web: HttpClient, method: str, path: str, place: str) -> None:
    answer = web.ask(method, path)
    assert (answer.status, answer.headers["location"], answer.body) == (301, place, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert web.get(place).status in (200, 303, 404)


@pytest.mark.server
@each_case("method", ["POST", "QUERY", "PUT", "DELETE"])
def test_another_method_is_kept(web: HttpClient, method: str) -> None:
    answer = web.ask(method, "/sparql/", b"ASK {}", Content_Type="application/sparql-query")
    assert (answer.status, answer.headers["location"]) == (308, "/sparql")


def test_other_addresses_and_preflight_requests_are_answered(client: FlaskClient) -> None:
    assert client.get("/doc/axe?after=http://example.org/").status_code == 200
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    assert client.options(f"/doc{CONTRACT}/", headers=asked).status_code in (200, 204)


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example//", "/\\evil.example/", "//evil.example/%2e%2e/"])
def test_it_never_leads_to_another_host(client: FlaskClient, path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": path})
    place = answer.headers["Location"]
    assert answer.status_code == 301
    assert place.startswith(("/evil", "/%5Cevil"))
    assert urlsplit(place).netloc == ""


def test_a_thing_whose_name_ends_with_a_slash_is_answered(hostile_client: FlaskClient) -> None:
    assert hostile_client.get("/doc/thing/ends/").status_code == 200
    place = hostile_client.get("/id/thing/ends/").headers["Location"]
    assert hostile_client.get(place).data.startswith(b"@prefix")
    assert hostile_client.get("/doc/thing/ends").status_code == 404
    assert hostile_client.get("/doc//evil.example/x/").headers["Location"] == "/doc//evil.example/x"


@pytest.mark.server
def test_nor_does_the_server(web: HttpClient) -> None:
    assert web.get("//evil.example/").headers["location"] == "/evil.example"
