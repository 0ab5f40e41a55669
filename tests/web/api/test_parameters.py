"""The query parameters: nothing is silently ignored where the answer is no page."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from cper_lod.web.api import parameters
from tests.support.web import CONTRACT, CPER, ID, describe

SHARES = quote(CPER + "Part", safe="")
IGNORED = {
    "a slip": ("/doc/part.ttl?siez=5", "siez", ("size",)),
    "a size of the classes": ("/doc.json?size=5", "size", ()),
    "a language of another name": (f"/doc{CONTRACT}.json?locale=en", "locale", ("lang",)),
    "two": (describe(ID + CONTRACT, ".nt") + "&utm_source=a", "utm_source", ()),
    "a profile of Turtle": (f"/doc{CONTRACT}.ttl?profile=expanded", "profile", ()),
    "a context of Turtle": ("/ontology.ttl?context=inline", "context", ()),
    "links": (f"/linkset.json?iri={quote(ID + CONTRACT)}&size=2", "size", ()),
    "the catalogue": ("/catalog.ttl?q=x", "q", ()),
    "health": ("/health?verbose=1", "verbose", ()),
    "a file": ("/dump/datapackage.json?v=1", "v", ()),
    "a reconciliation": ("/reconcile?query=Aisne", "query", ("queries",)),
    "a language that the path names": ("/reconcile/{lang}?lang=en", "lang", ()),
    "a thing": (f"/id{CONTRACT}?size=2", "size", ()),
}


@pytest.mark.parametrize(("path", "name", "meant"), IGNORED.values(), ids=IGNORED)
def test_a_parameter_that_would_be_ignored_is_refused(
    client: FlaskClient, path: str, name: str, meant: tuple[str, ...]
):
    answer = client.get(path.replace("{lang}", "en"), headers={"Accept": "*/*", "Accept-Language": "en"})
    told = answer.get_json()
    assert (answer.status_code, told["type"].rpartition("/")[2], told["name"]) == (400, "parameter-unknown", name)
    assert bool(meant) == ("hint" in told)
    assert [each for each in meant if each not in told["hint"] or each not in told["offers"]] == []


INVALID = {
    "a language that this site does not have": ("/report.json?lang=de-AT", "lang", "fr", "en"),
    "no language": ("/health?lang=", "lang", "fr", "en"),
    "a place among hits": ("/search.json?q=axe&after=-1", "after", "0", "999999"),
    "a size of a search": ("/search.json?q=axe&size=51", "size", "1", "50"),
    "a profile": (f"/doc{CONTRACT}.jsonld?profile=fancy", "profile", "expanded", "compacted"),
    "a context": (f"/doc{CONTRACT}.jsonld?context=outline", "context", "inline", "inline"),
    "a number of properties": ("/reconcile/fr/properties?limit=0", "limit", "1", "1000"),
}


@pytest.mark.parametrize(("path", "name", "first", "last"), INVALID.values(), ids=INVALID)
def test_an_invalid_value_is_refused(client: FlaskClient, path: str, name: str, first: str, last: str):
    told = client.get(path, headers={"Accept": "*/*"}).get_json()
    assert (told["status"], told["type"].rpartition("/")[2], told["name"]) == (400, "parameter-invalid", name)
    assert first in told["expected"] and last in told["expected"]


ACCEPTED = {
    "a page ignores what other sites add": [f"/doc{CONTRACT}?utm_source=mail&lang=xx", "/reconcile?utm_source=mail"],
    "some addresses ignore what their clients add": [
        "/sparql.csv?query=ASK%7B%7D&format=csv&timeout=0",
        "/reconcile/fr/suggest/entity?prefix=ais&type_strict=any&flyout=true",
    ],
    "a known parameter": [
        f"/doc/part.json?lang=en&size=2&after={ID}{CONTRACT}/part/axe-1",
        f"/doc.csv?class={SHARES}&size=2",
        f"/doc{CONTRACT}.jsonld?profile=http%3A%2F%2Fwww.w3.org%2Fns%2Fjson-ld%23expanded&context=inline",
        "/report.json?lang=EN-gb",
    ],
}


@pytest.mark.parametrize(("why", "path"), [(why, path) for why, paths in ACCEPTED.items() for path in paths])
def test_what_is_accepted(client: FlaskClient, why: str, path: str):
    accept = "text/html" if why.startswith("a page") else "*/*"
    with client.get(path, headers={"Accept": accept}) as answer:
        assert answer.status_code == 200, why


def test_a_form_has_no_other_fields(client: FlaskClient):
    sent = client.post("/reconcile/fr", data={"queries": "{}", "extra": "1"})
    assert (sent.status_code, sent.get_json()["name"]) == (400, "extra")
    assert client.post("/reconcile/fr", data={"queries": "{}"}).status_code == 200


def test_the_table_is_about_addresses_that_there_are(client: FlaskClient):
    endpoints = set(client.application.view_functions)
    assert {*parameters.PARAMETERS, *parameters.OPEN} <= endpoints
    assert "lists.index" in endpoints
