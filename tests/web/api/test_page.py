"""The page about the API: each operation is there, and its form leads to the JSON."""

import re

import pytest
from flask.testing import FlaskClient

from tests.support.html_page import Page
from tests.support.web import CONTRACT


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_operation_is_on_the_page(client: FlaskClient, lang: str):
    answer = client.get("/api", headers={"Accept": "text/html", "Accept-Language": lang})
    assert answer.status_code == 200
    document = client.get("/openapi.json").get_json()
    names = {each["operationId"] for methods in document["paths"].values() for each in methods.values()}
    assert {name for name in names if f'<article class="operation" id="{name}"' in answer.text} == names
    assert "<script" not in re.sub(
        r'<script type="module" src="/static/copy\.[0-9a-f]{12}\.js"></script>', "", answer.text
    )
    assert "http://" not in re.sub(r"http://127\.0\.0\.1:8000|http://www\.w3\.org/\S+", "", answer.text)


def test_it_reads_well(client: FlaskClient):
    for lang, status in (("fr", "400\u00a0: "), ("en", "400: ")):
        text = client.get(f"/api?lang={lang}", headers={"Accept": "text/html"}).text
        assert re.search(rf"<dd>{status}<a href", text)
        assert "`" not in text
        sizes = re.findall(r'<input id="[^"]*-size" name="size" value="([^"]*)"', text)
        assert len(sizes) > 10
        assert set(sizes) == {""}
        chosen = re.findall(r'name="lang".*?<option selected>(\w+)</option>', text, re.DOTALL)
        assert len(chosen) > 50
        assert set(chosen) == {lang}
        assert text.count("<details>") == text.count('<article class="operation"')
        assert "/sparql" in text.partition("<h2")[0]
        assert text.index('id="listContrat"') < text.index('id="listAxe"') < text.index('id="listOther"')


@pytest.mark.parametrize(("path", "there"), [("/", "/doc.json"), ("/api", "/openapi.json")])
def test_a_client_of_json_is_led_to_it(client: FlaskClient, path: str, there: str):
    for query in ("", "?lang=en"):
        answer = client.get(path + query, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.headers["Location"]) == (303, there + query)
        assert "Accept" in answer.vary
        assert client.get(answer.headers["Location"]).mimetype == "application/json"
    for accept in ("*/*", "text/html, application/json;q=0.9"):
        page = client.get(path, headers={"Accept": accept})
        assert (page.status_code, page.mimetype) == (200, "text/html")
        assert "Accept" in page.vary
    refused = client.get(path, headers={"Accept": "image/png"}).get_json()
    assert refused["offers"] == ["text/html", "application/json"]
    assert "/openapi.json" in refused["remedy"]


@pytest.mark.parametrize(
    ("name", "query", "there", "status"),
    [
        ("getContratAxe", "contrat=hauts-de-france-2021-2027&axe=2&lang=en", f"/doc{CONTRACT}/axe/2.json?lang=en", 200),
        ("listAxe", "size=2&after=&lang=", "/doc/axe.json?size=2", 200),  # an empty field is left out
        ("listAxe", "size=0&limit=3", "/doc/axe.json?size=0&limit=3", 400),  # the address behind says what is wrong
    ],
)
def test_a_form_leads_to_the_json(client: FlaskClient, name: str, query: str, there: str, status: int):
    opened = client.get(f"/api/{name}?{query}")
    assert (opened.status_code, opened.headers["Location"]) == (303, there)
    assert client.get(there).status_code == status


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/nothing", 404, "page-not-found"),
        ("/api/postQuery", 404, "page-not-found"),
        ("/api/getContratAxe?contrat=x", 400, "parameter-missing"),
        ("/api/getContrat?contrat=a&contrat=b", 400, "parameter-repeated"),
    ],
)
def test_a_form_that_leads_nowhere(client: FlaskClient, path: str, status: int, code: str):
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (status, code)


def test_a_value_cannot_lead_elsewhere(client: FlaskClient):
    for value in ("//evil.example", "../../x", "a\r\nSet-Cookie: b=c", "é"):
        location = client.get("/api/getContrat", query_string={"contrat": value}).headers["Location"]
        assert location.startswith("/doc/contrat/")
        assert "/" not in location.removeprefix("/doc/contrat/")
        assert "\n" not in location


def test_the_page_is_reached_from_every_page(client: FlaskClient):
    assert 'href="/api"' in client.get("/legal", headers={"Accept": "text/html"}).text
    page = Page(client.get("/api", headers={"Accept": "text/html"}))
    assert len(page.ids) > 300
