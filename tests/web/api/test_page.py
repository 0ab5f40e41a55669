"""The page about the API: each operation is there, with an example that answers."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from cper_lod.web.http.plain_json import SHAPES
from tests.support.html_page import Page


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


def test_each_shape_of_a_thing_is_on_the_page(client: FlaskClient):
    for lang, meaning in (("fr", "Ce qui est imprimé"), ("en", "What is printed")):
        page = Page(client.get(f"/api?lang={lang}", headers={"Accept": "text/html"}))
        assert {f"shape-{name}" for name in SHAPES} <= set(page.ids)
        assert meaning in page.text


def test_it_reads_well(client: FlaskClient):
    for lang, status in (("fr", "400\u00a0: "), ("en", "400: ")):
        text = client.get(f"/api?lang={lang}", headers={"Accept": "text/html"}).text
        assert re.search(rf"<dd>{status}<a href", text)
        assert "`" not in text
        assert text.count("<details>") == text.count('<article class="operation"')
        assert "/sparql" in text.partition("<h2")[0]
        assert text.index('id="listContrat"') < text.index('id="listSubdivision"') < text.index('id="listOther"')


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


def test_every_example_answers(client: FlaskClient):
    text = client.get("/api?lang=en", headers={"Accept": "text/html"}).text
    examples = [unescape(each) for each in re.findall(r'Example: <a href="([^"]+)"><code>', text)]
    assert len(examples) > 20
    assert {each: status for each in examples if (status := client.get(each).status_code) != 200} == {}


def test_the_page_is_reached_from_every_page(client: FlaskClient):
    assert 'href="/api"' in client.get("/legal", headers={"Accept": "text/html"}).text
    page = Page(client.get("/api", headers={"Accept": "text/html"}))
    assert len(page.ids) > 100
