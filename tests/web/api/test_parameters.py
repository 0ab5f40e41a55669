"""The query parameters: nothing is silently ignored where the answer is no page."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from cper_lod.web.api import parameters
from tests.support.web import CONTRACT, CPER, ID, describe

SHARES = quote(CPER + "Part", safe="")
IGNORED = {
    "a page of a list": ("/doc/part.json?page=2", "page", ("after", "size")),
    "a limit of a list": ("/doc/part.csv?limit=5", "limit", ("size",)),
    "a slip": ("/doc/part.ttl?siez=5", "siez", ("size",)),
    "nothing like it": ("/doc/part.xlsx?zzz=5", "zzz", ()),
    "a size of the classes": ("/doc.json?size=5", "size", ()),
    "a language of another name": (f"/doc{CONTRACT}.json?locale=en", "locale", ("lang",)),
    "two": (describe(ID + CONTRACT, ".nt") + "&utm_source=a", "utm_source", ()),
    "a profile of Turtle": (f"/doc{CONTRACT}.ttl?profile=expanded", "profile", ()),
    "a context of Turtle": ("/ontology.ttl?context=inline", "context", ()),
    "a search": ("/search.json?q=axe&page=2", "page", ("after", "size")),
    "links": (f"/linkset.json?iri={quote(ID + CONTRACT)}&size=2", "size", ()),
    "a list of links": (f"/linkset.txt?iri={quote(ID + CONTRACT)}&size=2", "size", ()),
    "the report": ("/report.json?page=1", "page", ()),
    "the catalogue": ("/catalog.ttl?q=x", "q", ()),
    "counts": ("/void?q=x", "q", ()),
    "health": ("/health?verbose=1", "verbose", ()),
    "readiness": ("/ready?verbose=1", "verbose", ()),
    "kinds of errors": ("/problem.json?code=x", "code", ()),
    "what to propose": ("/sparql/terms.json?prefix=a", "prefix", ()),
    "a file": ("/dump/datapackage.json?v=1", "v", ()),
    "a context": ("/context/2.0.0.jsonld?v=1", "v", ()),
    "a reconciliation": ("/reconcile?query=Aisne", "query", ("queries",)),
    "a language that the path names": ("/reconcile/{lang}?lang=en", "lang", ()),
    "properties": ("/reconcile/{lang}/properties?size=2", "size", ()),
    "a thing": (f"/id{CONTRACT}?size=2", "size", ()),
}


@pytest.mark.parametrize(("path", "name", "meant"), IGNORED.values(), ids=IGNORED)
def test_a_parameter_that_would_be_ignored_is_refused(
    client: FlaskClient, path: str, name: str, meant: tuple[str, ...]
):
    words = {"fr": ("Vouliez-vous dire", "connus ici"), "en": ("Did you mean", "known here")}
    for lang, (hint, offers) in words.items():
        answer = client.get(path.replace("{lang}", lang), headers={"Accept": "*/*", "Accept-Language": lang})
        told = answer.get_json()
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
        assert (told["type"].rpartition("/")[2], told["name"]) == ("parameter-unknown", name)
        assert offers in told["remedy"]
        assert (hint in told["remedy"]) == bool(meant) == (hint in told.get("hint", ""))
        assert "hint" not in told or told["remedy"].startswith(told["hint"] + " ")
        assert [each for each in meant if each not in told["remedy"]] == []
        assert [each for each in meant if each not in told["offers"]] == []


def test_one_that_chooses_a_form_elsewhere_is_told_how_it_is_chosen_here(client: FlaskClient):
    told = client.get("/doc/part.csv?format=json&lang=en").get_json()
    assert (told["name"], told["offers"][:6]) == ("format", ["size", "after", "sort", "fields", "lang", "nom"])
    assert "suffix" in told["remedy"]


def test_what_is_no_iri_names_its_parameter(client: FlaskClient):
    for path, name in (("/doc.json?class=axe", "class"), ("/describe.json?iri=axe", "iri")):
        told = client.get(path).get_json()
        assert (told["type"].rpartition("/")[2], told["name"]) == ("iri-invalid", name)
        assert f"Paramètre {name}" in told["detail"]


INVALID = {
    "a language": ("/doc/part.json?lang=xx", "lang", "fr", "en"),
    "a language that this site does not have": ("/report.json?lang=de-AT", "lang", "fr", "en"),
    "no language": ("/health?lang=", "lang", "fr", "en"),
    "a size": ("/doc/part.json?size=0", "size", "1", "1000"),
    "a size that is no number": ("/doc/part.csv?size=ten", "size", "1", "1000"),
    "no size": ("/doc/part.ttl?size=", "size", "1", "1000"),
    "a place among hits": ("/search.json?q=axe&after=-1", "after", "0", "999999"),
    "a size of a search": ("/search.json?q=axe&size=51", "size", "1", "50"),
    "a profile": (f"/doc{CONTRACT}.jsonld?profile=fancy", "profile", "expanded", "compacted"),
    "a context": (f"/doc{CONTRACT}.jsonld?context=outline", "context", "inline", "inline"),
    "a number of properties": ("/reconcile/fr/properties?limit=0", "limit", "1", "1000"),
}


@pytest.mark.parametrize(("path", "name", "first", "last"), INVALID.values(), ids=INVALID)
def test_an_invalid_value_is_refused(client: FlaskClient, path: str, name: str, first: str, last: str):
    answer = client.get(path, headers={"Accept": "*/*"})
    told = answer.get_json()
    assert (answer.status_code, told["type"].rpartition("/")[2]) == (400, "parameter-invalid")
    assert told["name"] == name
    assert first in told["expected"]
    assert last in told["expected"]


@pytest.mark.parametrize(
    "path",
    ["/doc/part.json?size=1&size=2", f"/doc{CONTRACT}.json?lang=fr&lang=en", "/doc/part.csv?after=a:b&after=a:c"],
)
def test_a_repeated_parameter_is_refused(client: FlaskClient, path: str):
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (400, "parameter-repeated")


ACCEPTED = {
    "a page ignores what other sites add": [
        "/?utm_source=mail",
        f"/doc{CONTRACT}?utm_source=mail&lang=xx",
        "/doc/part?page=2",
        "/search?q=axe&after=1&utm_source=mail",
        "/report?utm_source=mail",
        "/problem?utm_source=mail",
        "/reconcile?utm_source=mail",
    ],
    "some addresses ignore what their clients add": [
        "/sparql.csv?query=ASK%7B%7D&format=csv&timeout=0",
        "/static/style.css?v=3",
        "/reconcile/fr/suggest/entity?prefix=ais&type_strict=any&flyout=true",
    ],
    "a known parameter": [
        f"/doc/part.json?lang=en&size=2&after={ID}{CONTRACT}/part/axe-1",
        f"/doc.csv?class={SHARES}&size=2",
        f"/doc{CONTRACT}.jsonld?profile=http%3A%2F%2Fwww.w3.org%2Fns%2Fjson-ld%23expanded&context=inline",
        f"/doc{CONTRACT}.ttl?lang=en",
        "/doc/part.json?lang=fr-FR",
        "/report.json?lang=EN-gb",
        "/search.json?q=axe&after=1&lang=en",
    ],
}


@pytest.mark.parametrize(("why", "path"), [(why, path) for why, paths in ACCEPTED.items() for path in paths])
def test_what_is_accepted(client: FlaskClient, why: str, path: str):
    accept = "text/html" if why.startswith("a page") else "*/*"
    with client.get(path, headers={"Accept": accept}) as answer:
        assert answer.status_code == 200, why


def test_what_leads_to_a_page_ignores_it_too(client: FlaskClient):
    for path, accept, status in (
        (f"/id{CONTRACT}?utm_source=mail", "text/html", 303),
        ("/id/organisme?utm_source=mail", "text/html", 303),
        ("/id/organisme?utm_source=mail", "text/turtle", 400),
    ):
        assert client.get(path, headers={"Accept": accept}).status_code == status, (path, accept)


def test_a_form_has_no_other_fields(client: FlaskClient):
    sent = client.post("/reconcile/fr", data={"queries": "{}", "extra": "1"})
    assert (sent.status_code, sent.get_json()["name"]) == (400, "extra")
    assert client.post("/reconcile/fr", data={"queries": "{}"}).status_code == 200


def test_the_table_is_about_addresses_that_there_are(client: FlaskClient):
    endpoints = set(client.application.view_functions)
    assert {*parameters.PARAMETERS, *parameters.OPEN} <= endpoints
    assert "lists.index" in endpoints
