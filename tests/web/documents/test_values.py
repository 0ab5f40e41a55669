"""A thing with 24 000 links: its page stays small, and links to everything that it does not show."""

import re
from html import unescape
from itertools import pairwise
from urllib.parse import parse_qs, urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cper_lod.release.documents import MAX_PROPERTIES
from cper_lod.web.api import parameters
from tests.support.nquads_release import LABEL, TYPE, client_without_engine, release_of_quads
from tests.support.web import HTML, ID
from tests.support.work import count_calls
from tests.web.html_page import Page

PAGE_SIZE: int = parameters.SIZE.schema["default"]
LIST = "/describe/list"
E = "http://e.org/"
PROV = "http://www.w3.org/ns/prov#"
HUB = f"{ID}/hub"
LINKS = 24_000
SMALL = 200_000
"""Bytes of the largest page, however large the thing."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A thing with 24 000 links, 2 400 parts, and 12 000 things that link to it and are of a class without a name."""
    lines = [f'<{HUB}> {LABEL} "Moyeu"@fr', f"<{HUB}> {TYPE} <{E}Hub>", f'<{HUB}> <{E}z> "last"']
    lines += [f"<{HUB}> <{E}link> <{ID}/x/{number}>" for number in range(LINKS)]
    lines += [f"<{ID}/x/{number}> <{E}hub> <{HUB}>" for number in range(LINKS // 2)]
    lines += [f"<{ID}/x/{number}> {TYPE} <{E}X>" for number in range(LINKS // 2)]
    lines += [f'<{HUB}/part/{number}> <{E}n> "{number}"' for number in range(LINKS // 10)]
    return client_without_engine(release_of_quads(tmp_path_factory.mktemp("hub"), lines))


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Things with more properties than a page shows, and with more parts of a kind that pages fold away."""
    lines = [f'<{ID}/cut> <{E}p{number:03}> "{number}"' for number in range(MAX_PROPERTIES + 60)]
    lines += [f'<{ID}/cut> {LABEL} "Nommé en dernier"@fr']
    lines += [f'<{ID}/wide> <{E}p{p:03}> "{v} of {p}"' for p in range(MAX_PROPERTIES - 1) for v in range(60)]
    for kind, joint in (("technical", "/"), ("sections", "#")):
        lines += [f"<{ID}/{kind}{joint}{number}> {TYPE} <{PROV}Activity>" for number in range(300)]
        lines += [f'<{ID}/{kind}> {LABEL} "{kind}"']
    # A blank node that two properties point to has a section of its own.
    lines += [f"<{ID}/sections> <{E}p> _:b", f"<{ID}/sections> <{E}q> _:b", f'_:b <{E}n> "a section"']
    return client_without_engine(release_of_quads(tmp_path_factory.mktemp("wide"), lines))


def test_a_page_says_that_it_leaves_properties_out(wide: FlaskClient):
    answer = shown(wide, "/doc/cut")
    page = Page(answer)
    assert f"e.org/p{MAX_PROPERTIES - 1}" in page.text
    assert f"e.org/p{MAX_PROPERTIES}" not in page.text
    assert "#get-data" in page.links
    assert "get-data" in page.ids
    assert '<h1 dir="auto">Nommé en dernier</h1>' in answer.text, "what is left out may be its name"


def test_a_page_with_many_values_of_many_properties_stays_small(wide: FlaskClient):
    answer = shown(wide, "/doc/wide")
    assert len(answer.data) < 1.5 * SMALL, "all of it would be ten times that"
    links = lists_linked(answer)
    assert len(set(links)) == MAX_PROPERTIES - 1
    assert shown(wide, links[-1]).text.count("<tr>") == 60 + 1


@pytest.mark.parametrize("kind", ["technical", "sections"])
def test_all_parts_are_led_to_whatever_they_are(wide: FlaskClient, kind: str):
    answer = shown(wide, f"/doc/{kind}")
    (link,) = (each for each in lists_linked(answer) if each.endswith("of=parts"))
    assert "rattachés (300)" in answer.text
    assert ("a section" in answer.text) == (kind == "sections")
    first = shown(wide, link)
    end = following(first, "last") or ""
    assert (first.text.count("<tr>"), end.rpartition("=")[2]) == (PAGE_SIZE + 1, "200"), "a counted list"
    assert following(shown(wide, end), "next") is None


def address(of: str, iri: str) -> tuple[str, dict[str, str]]:
    return LIST, {"iri": iri, "of": of}


def lists_linked(answer: TestResponse) -> list[str]:
    return [unescape(link) for link in Page(answer).links if link.startswith(LIST)]


def shown(client: FlaskClient, path: str, query: dict[str, str] | None = None) -> TestResponse:
    answer = client.get(path, query_string=query, headers=HTML)
    assert answer.status_code == 200
    Page(answer)
    return answer


PAGES = [
    ("/doc/hub", {}),
    ("/doc/x/5", {}),
    ("/describe", {"iri": E + "hub"}),
    ("/doc", {"class": E + "X"}),
    address(E + "link", HUB),
    address("mentions", HUB),
    address("mentions", E + "link"),
    address("parts", HUB),
]


@pytest.mark.parametrize(("path", "query"), PAGES)
def test_a_page_stays_small_and_takes_little_work(hub: FlaskClient, path: str, query: dict[str, str]):
    """A page takes at most 80 000 calls of functions; one or two calls for each of the values would be many more."""
    answer = shown(hub, path, query)  # the templates are compiled
    assert len(answer.data) < SMALL
    assert count_calls(lambda: hub.get(path, query_string=query, headers=HTML)) < 90_000


def test_the_page_leads_to_what_it_does_not_show(hub: FlaskClient):
    page = shown(hub, "/doc/hub")
    assert "last" in page.text, "the properties after the long one are there"
    links = lists_linked(page)
    assert {parse_qs(link.partition("?")[2])["of"][0] for link in links} == {E + "link", "mentions", "parts"}
    assert re.search("plus de [0-9]", Page(page).text)
    for link in links:
        shown(hub, link)


def following(answer: TestResponse, name: str) -> str | None:
    found = re.search(rf'<a rel="{name}" href="([^"]*)"', answer.text)
    return unescape(found[1]) if found else None


@pytest.mark.parametrize(("of", "expected"), [(E + "link", "x/"), ("mentions", "x/"), ("parts", "part/")])
def test_pages_follow_each_other(hub: FlaskClient, of: str, expected: str):
    answers = [shown(hub, *address(of, HUB))]
    for _ in range(3):
        answers.append(shown(hub, following(answers[-1], "next") or ""))
    found = [re.findall(r'<tr><th scope="row">(.*?)</th>', each.text, re.DOTALL) for each in answers]
    assert [len(each) for each in found] == [PAGE_SIZE] * 4
    assert len({row for each in found for row in each if expected in row}) == 4 * PAGE_SIZE
    assert following(answers[0], "prev") is None
    assert shown(hub, following(answers[3], "first") or "").data == answers[0].data
    for before, after in pairwise(answers):
        assert shown(hub, following(after, "prev") or "").data == before.data


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"iri": HUB}, 400, "parameter-missing"),
        ({"iri": HUB, "of": "values"}, 400, "parameter-invalid"),
        ({"iri": HUB, "of": E + "none"}, 404, "not-found"),
        ({"iri": HUB, "of": E + "z", "after": "100"}, 404, "not-found"),
        ({"iri": HUB, "of": E + "link", "after": "99901"}, 400, "parameter-invalid"),
        ({"iri": E + "nobody", "of": "mentions"}, 404, "not-found"),
    ],
)
def test_bad_lists_are_refused(hub: FlaskClient, query: dict[str, str], status: int, code: str):
    answer = hub.get(LIST, query_string=query)
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (status, code)


def test_hostile_values_are_shown_as_text(hostile_client: FlaskClient):
    iri = "http://ex.org/a"
    values = shown(hostile_client, *address("http://ex.org/p", iri))
    assert "</textarea><script>" not in values.text
    assert 'href="javascript:' not in values.text
    for of in ("mentions", "parts"):
        shown(hostile_client, *address(of, iri))
    shown(hostile_client, *address("mentions", "http://ex.org/g"))
    quoted = shown(hostile_client, *address("http://ex.org/q", "http://ex.org/quoted"))
    assert "&lt;script&gt;" in quoted.text


def test_no_mention_leads_to_a_place_that_is_not_there(hostile_client: FlaskClient):
    nameless, path = 0, f"{LIST}?{urlencode({'iri': 'http://ex.org/p', 'of': 'mentions'})}"
    while path:
        page = Page(hostile_client.get(path, headers=HTML))
        assert {link[1:] for link in page.links if link.startswith("#")} <= {*page.ids, "content"}
        nameless += page.text.count("_:")
        path = next((found["href"] or "" for found in page.having("a", rel="next")), "")
    assert nameless, "some have no name"
