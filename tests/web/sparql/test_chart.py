"""Answers as images: `/sparql.svg`, what other sites copy to show one, and what cannot be drawn."""

import html
import re
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from cper_lod.core.errors import Language
from cper_lod.release.release import Release
from cper_lod.release.sources.questions import in_language
from cper_lod.web.sparql.query_page import EXAMPLE

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>&\"' ]]>"


def page_of(client: FlaskClient, query: str, **more: str) -> str:
    """Return the query page with an answer."""
    return client.get("/sparql", query_string={"query": query, **more}, headers={"Accept": "text/html"}).text


def copied(page: str) -> str:
    """Return what a page offers to copy."""
    return html.unescape("".join(re.findall(r"<code>(<.*?|&lt;.*?)</code>", page, re.DOTALL)))


def values(*rows: str) -> str:
    """Return a query whose answer is some rows of a text and a number."""
    return f"SELECT ?été ?n {{ VALUES (?été ?n) {{ {' '.join(f'({each})' for each in rows)} }} }}"


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314  # our own answer


def test_the_image_says_what_the_page_says_in_either_language(client: FlaskClient, release: Release) -> None:
    question = next(each for each in release.questions if each["slug"] == "montants-par-financeur")
    expected: dict[Language, tuple[str, ...]] = {
        "fr": ("995\u00a0M€", "Hors mobilités"),
        "en": ("€995m", "Mobility excluded"),
    }
    for lang, said in expected.items():
        query = in_language(question["text"], lang)
        answer = client.get("/sparql.svg", query_string={"query": query, "lang": lang})
        assert (answer.status_code, answer.content_type) == (200, "image/svg+xml")
        drawn, page = " ".join(texts(answer.text)), html.unescape(page_of(client, query, lang=lang))
        assert question["title"][lang].rstrip(" ?") in drawn
        for text in said:
            assert text in drawn and text in page


def test_texts_of_an_answer_are_texts_of_the_image_and_of_what_is_copied(client: FlaskClient) -> None:
    literal = HOSTILE.replace('"', '\\"')
    query = values(f'"{literal}" 1', '"\\u0001b" 2')
    answer = client.get("/sparql.svg", query_string={"query": query})
    assert "alert(1)" in " ".join(texts(answer.text))
    assert "b" in texts(answer.text)
    assert "<script" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert {"default-src 'none'", "frame-ancestors 'none'", "sandbox"} <= {each.strip() for each in policy.split(";")}
    assert re.fullmatch(
        r'<a href="[^"<>]*"><img src="[^"<>]*" alt="[^"<>]*" width="480" style="[^"<>]*" loading="lazy"></a>',
        copied(page_of(client, query)),
    )


def test_what_is_copied_leads_to_the_image_and_to_the_answer(client: FlaskClient) -> None:
    graph = "https://w3id.org/cper-lod/graph/rapport"
    assert copied(page_of(client, EXAMPLE, **{"default-graph-uri": graph})) == "", "no share is in that graph"
    code = copied(page_of(client, EXAMPLE, lang="en"))
    assert "Supporting territories: 57.3%" in html.unescape(code)
    found = re.findall(r'(?:href|src)="http://127\.0\.0\.1:8000([^"]*)"', html.unescape(code))
    assert [urlsplit(each).path for each in found] == ["/sparql", "/sparql.svg"]
    for each in found:
        assert parse_qs(urlsplit(each).query)["query"] == [EXAMPLE]
        assert client.get(each, headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"query": values('"x" 1')}, "query-not-drawn"),
        ({"query": "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1"}, "query-not-drawn"),
        ({"query": "SELECT"}, "query-syntax"),
        ({}, "parameter-missing"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(client: FlaskClient, asked: dict[str, str], code: str) -> None:
    answer = client.get("/sparql.svg", query_string=asked)
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (400, code)
