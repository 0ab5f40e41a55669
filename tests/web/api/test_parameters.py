"""The query parameters: nothing is silently ignored where the answer is no page."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from cper_lod.web.api import parameters
from tests.support.web import CONTRACT, CPER, ID

ACCEPTED = {
    "a page ignores what other sites add": [f"/doc{CONTRACT}?utm_source=mail&lang=xx", "/reconcile?utm_source=mail"],
    "some addresses ignore what their clients add": [
        "/sparql.csv?query=ASK%7B%7D&format=csv&timeout=0",
        "/reconcile/fr/suggest/entity?prefix=ais&type_strict=any&flyout=true",
    ],
    "a known parameter": [
        f"/doc/part.json?lang=en&size=2&after={ID}{CONTRACT}/part/axe-1",
        f"/doc.csv?class={quote(CPER + 'Part', safe='')}&size=2",
        f"/doc{CONTRACT}.jsonld?profile=http%3A%2F%2Fwww.w3.org%2Fns%2Fjson-ld%23expanded&lang=en",
        "/report.json?lang=EN-gb",
    ],
}


@pytest.mark.parametrize(("why", "path"), [(why, path) for why, paths in ACCEPTED.items() for path in paths])
def test_what_is_accepted(client: FlaskClient, why: str, path: str):
    accept = "text/html" if why.startswith("a page") else "*/*"
    with client.get(path, headers={"Accept": accept}) as answer:
        assert answer.status_code == 200, why


def test_the_table_is_about_addresses_that_there_are(client: FlaskClient):
    endpoints = set(client.application.view_functions)
    assert {*parameters.PARAMETERS, *parameters.OPEN} <= endpoints
    assert "lists.index" in endpoints
