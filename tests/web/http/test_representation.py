"""Which format a view answers in, the address of that representation, and the headers that say so."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask import Response as FlaskResponse
from pyoxigraph import Literal, NamedNode, Quad, Triple

from cper_lod.core.errors import Problem
from cper_lod.core.formats import (
    CSV,
    DOCUMENT_FORMATS,
    HTML,
    JSON_LD,
    JSON_LD_NS,
    PROFILES,
    RDF,
    SPREADSHEET_FORMATS,
    TURTLE,
    Format,
)
from cper_lod.core.settings import Settings
from cper_lod.rdf.jsonld import Context
from cper_lod.web.http.links import Link
from cper_lod.web.http.representation import Selection, select, serialize
from cper_lod.web.site import SITE

OFFERS = (*DOCUMENT_FORMATS, *PROFILES.values(), CSV, *SPREADSHEET_FORMATS)
EXAMPLE = NamedNode("http://example.org/a")


@pytest.fixture
def app() -> Flask:
    return Flask(__name__)


def get(app: Flask, query: str = "", accept: str = "", **served: object) -> Any:  # noqa: ANN401
    context = Context.parse({"@context": {}})
    release = SimpleNamespace(digest="0", context=context, built_at=0, order={}, **served)
    site = SimpleNamespace(settings=Settings(public_url="https://example.org/x"), release=release, moment=None)
    headers = {"Accept": accept} if accept else {}
    environ = {SITE: site, "SCRIPT_NAME": "/x"}
    return app.test_request_context("/", query_string=query, headers=headers, environ_overrides=environ)


@pytest.mark.parametrize(
    ("suffix", "query", "accept", "format", "address"),
    [
        ("", "", "", TURTLE, "/x/doc/a.ttl?n=1"),
        ("", "", "text/html", HTML, "/x/doc/a.html?n=1"),
        ("", "lang=en", "text/html", HTML, "/x/doc/a.html?n=1&lang=en"),
        ("", "lang=en", "text/csv", CSV, "/x/doc/a.csv?n=1"),
        ("ttl", "", "text/html", TURTLE, "/x/doc/a.ttl?n=1"),
        ("tableur.csv", "", "", SPREADSHEET_FORMATS[0], "/x/doc/a.tableur.csv?n=1"),
        ("jsonld", "", "", JSON_LD, "/x/doc/a.jsonld?n=1"),
        ("jsonld", "profile=expanded", "", PROFILES["expanded"], "/x/doc/a.jsonld?n=1&profile=expanded"),
        (
            "jsonld",
            f"profile={JSON_LD_NS}flattened",
            "",
            PROFILES["flattened"],
            "/x/doc/a.jsonld?n=1&profile=flattened",
        ),
        ("jsonld", "profile=none-such", "", JSON_LD, "/x/doc/a.jsonld?n=1"),
        ("json", "profile=expanded", "", DOCUMENT_FORMATS[-1], "/x/doc/a.json?n=1"),
        ("", "context=inline", "application/ld+json", JSON_LD, "/x/doc/a.jsonld?n=1&context=inline"),
        ("", "context=inline", "text/turtle", TURTLE, "/x/doc/a.ttl?n=1"),
    ],
)
def test_the_suffix_or_the_accept_header_selects(
    app: Flask, suffix: str, query: str, accept: str, format: Format, address: str
) -> None:
    with get(app, query, accept):
        selected = select("/doc/a", suffix, OFFERS, {"n": "1"}, inline_context=True)
        assert (selected.format, selected.address(), selected.negotiated) == (format, address, not suffix)
        other = selected.address("/doc/b", {})
        assert other.partition("?")[0] == address.partition("?")[0].replace("/doc/a", "/doc/b")
        assert "n=1" not in other


def test_what_is_not_on_offer_is_refused_with_what_is(app: Flask) -> None:
    with get(app), pytest.raises(Problem) as error:
        select("/a", "zip", (*RDF, *PROFILES.values()))
    assert error.value.kind.code == "format-unknown"
    assert error.value.params["offers"] == [f".{each.suffix}" for each in RDF]
    with get(app, accept="image/png"), pytest.raises(Problem) as error:
        select("/a", "", (TURTLE, HTML))
    assert error.value.kind.code == "not-acceptable"
    assert error.value.params["offers"] == ["text/turtle", "text/html"]
    with get(app, "profile=expanded"):
        assert select("/a", "jsonld", RDF).format is JSON_LD, "no profiles on offer"


@pytest.fixture
def negotiated(app: Flask) -> Iterator[Selection]:
    with get(app, accept="text/turtle"):
        yield select("/a", "", OFFERS)


def test_a_negotiated_response_says_what_it_varies_with_and_where_it_is(negotiated: Selection) -> None:
    links = [Link("https://example.org/é", "alternate"), Link("https://example.org/b", "item")]
    response = negotiated.respond(b"<a> <b> <c> .", links=links, vary=["Accept-Language"], dated=True)
    assert response.headers["Vary"] == "Accept, Accept-Language"
    assert response.headers["Content-Location"] == "/x/a.ttl"
    assert response.headers.getlist("Link")[0] == '<https://example.org/%C3%A9>; rel="alternate"'
    assert len(response.headers.getlist("Link")) == 2
    assert response.headers["Content-Type"] == "text/turtle; charset=utf-8"
    assert response.get_etag()[0]
    assert "Last-Modified" in response.headers


def test_a_page_keeps_its_own_headers(negotiated: Selection) -> None:
    page = FlaskResponse("page", headers={"Vary": "Accept-Language", "Link": "<b>"})
    response = negotiated.respond(page, links=[Link("https://example.org/a", "item")])
    assert response is page
    assert response.headers["Vary"] == "Accept-Language, Accept"
    assert response.headers.getlist("Link") == ["<b>", '<https://example.org/a>; rel="item"']


def test_an_address_with_a_suffix_has_one_representation(app: Flask) -> None:
    with get(app, accept="text/html"):
        response = select("/a", "ttl", OFFERS).respond(b"")
    assert "Vary" not in response.headers
    assert "Content-Location" not in response.headers


def test_every_format_has_a_public_address_but_profiles(negotiated: Selection) -> None:
    addresses = dict(negotiated.public_addresses())
    assert list(addresses) == [*DOCUMENT_FORMATS, CSV, *SPREADSHEET_FORMATS]
    assert addresses[TURTLE] == "https://example.org/x/a.ttl"


@pytest.mark.parametrize("format", [*RDF, *PROFILES.values()])
def test_every_rdf_format_is_written(app: Flask, format: Format) -> None:
    quads = [Quad(EXAMPLE, NamedNode("http://example.org/p"), Literal("été"))]
    with get(app):
        body = serialize(quads, format, EXAMPLE.value)
        assert "http://example.org/a" in body.decode()
        assert "été" in body.decode()


def test_a_context_is_named_or_written(app: Flask) -> None:
    quads = [Quad(EXAMPLE, NamedNode("http://example.org/p"), Literal("a"))]
    url = "https://example.org/context.jsonld"
    with get(app):
        assert url.encode() in serialize(quads, JSON_LD, EXAMPLE.value, context_url=url)
        assert url.encode() in serialize(quads, PROFILES["flattened"], EXAMPLE.value, context_url=url)
        assert b"@context" not in serialize(quads, PROFILES["expanded"], EXAMPLE.value, context_url=url)


def test_json_ld_has_no_triple_terms(app: Flask) -> None:
    said = Triple(EXAMPLE, EXAMPLE, EXAMPLE)
    with get(app), pytest.raises(Problem, match="JSON-LD"):
        serialize([Quad(EXAMPLE, EXAMPLE, said)], JSON_LD, EXAMPLE.value)
