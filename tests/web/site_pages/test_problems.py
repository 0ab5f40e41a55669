"""The error types: each has a page and JSON that explain it."""

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from cper_lod.core.errors import table
from cper_lod.web.site_pages.problems import template_parts
from tests.support.names import BASE

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}
CODES = sorted(table())


def test_the_list_has_every_kind(client: FlaskClient):
    listed = client.get("/problem", headers=JSON).json
    assert [each["type"] for each in listed] == [f"{BASE}problem/{code}" for code in CODES]
    assert len(CODES) > 60
    text = client.get("/problem", headers=HTML).text
    assert re.findall(r'href="/problem/([a-z-]+)"', text) == CODES


@pytest.mark.slow
@pytest.mark.parametrize("code", CODES)
def test_each_kind_in_both_languages_and_forms(client: FlaskClient, code: str):
    kind = table()[code]
    told = client.get(f"/problem/{code}", headers=JSON)
    assert told.headers["Content-Location"] == f"/problem/{code}.json"
    assert (told.mimetype, told.json["status"], told.json["exit"]) == ("application/json", kind.status, kind.exit_code)
    for lang, words in kind.words.items():
        text = client.get(f"/problem/{code}", headers=HTML | {"Accept-Language": lang}).text
        shown = " ".join(unescape(re.sub("<[^>]*>", "", text)).split())
        assert words.title.rstrip(".") in shown
        assert told.json["title"][lang] == words.title
        for sentence in (words.detail, words.remedy):
            assert all(" ".join(text.split()) in shown for text, _ in template_parts(sentence)), sentence
        assert "{{" not in json.dumps(told.json)


@pytest.mark.parametrize("name", ["nothing.json", "Query-Syntax", "%3Cscript%3E"])
def test_an_unknown_kind(client: FlaskClient, name: str):
    answer = client.get(f"/problem/{name}", headers=JSON | {"Accept-Language": "en"})
    assert (answer.status_code, answer.json["type"]) == (404, f"{BASE}problem/problem-unknown")
    assert "/problem" in answer.json["remedy"]
    assert "<script>" not in client.get(f"/problem/{name}", headers=HTML).text


def test_what_an_error_fills_in_is_marked(client: FlaskClient):
    text = client.get("/problem/parameter-unknown?lang=en", headers=HTML).text
    assert "<var>[hint]</var> Parameters known here: <var>[offers]</var>." in text
