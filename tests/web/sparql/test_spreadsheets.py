"""Spreadsheets of answers and of lists: both ways of serving them, languages, validators, hostile texts and limits."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from cper_lod.core.formats import XLSX
from cper_lod.web.sparql import spreadsheets
from tests.importing.workbooks import data_and_about
from tests.support.web import CPER, ID, HttpClient

AXES = f"""PREFIX cper: <{CPER}>
SELECT ?axe ?part {{ ?p a cper:Part ; cper:subdivision ?axe OPTIONAL {{ ?p cper:partParSubdivision ?part }} }} ORDER BY ?axe"""


def ask(client: FlaskClient, query: str) -> bytes:
    answer = client.post("/sparql.xlsx", data={"query": query})
    assert answer.status_code == 200, answer.text
    return answer.data


def refused(client: FlaskClient, query: str) -> dict[str, Any]:
    answer = client.post("/sparql.xlsx", data={"query": query}, headers={"Accept-Language": "en"})
    return dict(answer.json or {})


def test_names_stand_beside_things_and_numbers_are_numbers(web: HttpClient):
    (head, *rows), about = data_and_about(web.query(AXES, suffix=".xlsx").body)
    assert head == ("axe", "axe (nom)", "part")
    assert rows[1] == (f"{ID}/contrat/hauts-de-france-2021-2027/axe/2", "Soutenir les territoires", 57.3)
    assert rows[4][2] is None
    assert about["Requête SPARQL"] == AXES
    assert about["Adresse"].startswith(web.url + "/sparql?query=PREFIX")
    assert about["Licence"] == "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
    assert len(about["Empreinte de la version"]) == 64
    assert about["Données modifiées le"].year >= 2026


def test_it_is_a_form_of_its_own_in_each_language(web: HttpClient):
    path = f"/sparql.xlsx?query={quote(AXES)}"
    french, english = web.get(path), web.get(path, Accept_Language="en")
    assert french.vary == {"Accept-Encoding", "Accept-Language"}
    negotiated = web.query(AXES, XLSX.media_type)
    assert (negotiated.body, negotiated.vary) == (french.body, {"Accept"} | french.vary)
    head, _, second, *_ = data_and_about(english.body)[0]
    assert (head[1], second[1]) == ("axe (name)", "Supporting territories")
    assert english.body == web.get(path + "&lang=en").body
    known = french.headers["etag"]
    assert web.get(path, If_None_Match=known).status == 304
    assert web.get(path, If_None_Match=known, Accept_Language="en").status == 200


@pytest.mark.parametrize(
    ("term", "typed"),
    [
        ("\"=cmd|' /C calc'!A0\"", "=cmd|' /C calc'!A0"),
        ("-1", -1),
        ('"2023-01-09"^^<http://www.w3.org/2001/XMLSchema#date>', datetime(2023, 1, 9)),
        ("<javascript:alert(1)>", "javascript:alert(1)"),
        ('TRIPLE(<x:s>, <x:p>, "=1")', '<<( <x:s> <x:p> "=1" )>>'),
    ],
)
def test_hostile_terms(client: FlaskClient, term: str, typed: object):
    (_, (found,)), _ = data_and_about(ask(client, f"SELECT ?x {{ BIND({term} AS ?x) }}"))
    assert found == typed


def test_a_text_longer_than_a_cell(client: FlaskClient):
    told = refused(client, f'SELECT ?a ?b {{ VALUES (?a ?b) {{ (1 2) (3 "{"x" * 40_000}") }} }}')
    assert (told["status"], told["row"], told["column"], told["length"]) == (400, 3, 2, 40_000)
    assert ".csv" in told["remedy"]
    (_, *rows), about = data_and_about(ask(client, f"SELECT ?a {{ VALUES ?a {{ 1 }} }} #{'x' * 40_000}"))
    assert rows == [(1,)]
    assert about["Requête SPARQL"] == about["Adresse"] == "Trop long pour une cellule."


def test_too_many_cells(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spreadsheets, "MAX_CELLS", 8)
    assert ask(client, "SELECT ?a ?b { VALUES (?a ?b) { (1 2) (3 4) (5 6) } }")
    told = refused(client, "SELECT ?a ?b { VALUES (?a ?b) { (1 2) (3 4) (5 6) (7 8) } }")
    assert (told["type"].rpartition("/")[2], told["limit"]) == ("sheet-large", 8)
    assert refused(client, AXES)["limit"] == 8  # with the names, there are twice as many
