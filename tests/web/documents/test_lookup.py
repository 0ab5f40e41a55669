"""Paths without a thing: they redirect to the list of the most frequent class below them."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.support.nquads_release import TYPE, release_of_quads
from tests.support.nquads_release import client_without_engine as client_of
from tests.support.web import ID

PAGE = {"Accept": "text/html"}
CUT = {
    "organisme": "/doc/schema-government-organization",
    "territoire": "/doc/geo-feature",
    "contrat/hauts-de-france-2021-2027/axe": "/doc/axe",
    "contrat/hauts-de-france-2021-2027/enonce": "/doc/enonce",
    "organisme/departement-nord/lien": "/doc/dcat-relationship",
}


@pytest.mark.parametrize("start", ["/id", "/doc"])
@pytest.mark.parametrize(("path", "place"), CUT.items())
def test_a_path_cut_short_leads_to_a_list_that_has_what_lies_there(
    client: FlaskClient, start: str, path: str, place: str
):
    answer = client.get(f"{start}/{path}", headers=PAGE)
    assert (answer.status_code, answer.data) == (303, b"")
    assert answer.headers["Location"] == place
    shown = client.get(answer.headers["Location"], headers=PAGE)
    assert shown.status_code == 200
    assert re.search(rf'href="/doc/{path}/[^"/]+"', shown.text)


def test_form_and_language_stay(client: FlaskClient):
    assert client.get("/doc/organisme.ttl").headers["Location"] == "/doc/schema-government-organization.ttl"
    asked = client.get("/doc/organisme?lang=en", headers=PAGE)
    assert asked.headers["Location"] == "/doc/schema-government-organization?lang=en"


def test_the_path_of_a_list_itself(client: FlaskClient):
    assert client.get("/doc/contrat", headers=PAGE).status_code == 200
    assert client.get("/id/contrat", headers=PAGE).headers["Location"] == "/doc/contrat"


@pytest.mark.parametrize("path", ["organism", "organisme/nul", "organisme/nul.ttl", "organisme.xyz", "x" * 900])
def test_where_nothing_lies_there_is_nothing(client: FlaskClient, path: str):
    for start in ("/id", "/doc"):
        assert client.get(f"{start}/{path}").status_code == 404


def test_a_thing_wins_and_hard_names_are_counted_once(tmp_path: Path):
    cls = "<https://example.org/C>"
    names = ("k/a", "k/a-2", "k/a#x", "k/a/b", "k/b/c/d", "k/é", "t", "t/a")
    client = client_of(release_of_quads(tmp_path, [f"<{ID}/{name}> {TYPE} {cls}" for name in names]))
    there = client.get("/id/k", headers=PAGE)
    assert (there.status_code, there.headers["Location"]) == (303, "/doc?class=https%3A%2F%2Fexample.org%2FC")
    assert client.get(there.headers["Location"], headers=PAGE).status_code == 200
    assert client.get("/id/t", headers=PAGE).headers["Location"] == "/doc/t.html"
    assert client.get("/id/k/b", headers=PAGE).status_code == 404, "nothing right under it is described"
