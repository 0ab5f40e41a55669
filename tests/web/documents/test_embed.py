"""Figures on other sites: the page in a frame, how to frame it, the picture shown with a link."""

import re
from contextlib import ExitStack
from html import unescape
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from cper_lod.core.errors import LANGUAGES
from cper_lod.release.pictures.figures import FIGURES
from cper_lod.web.http.headers import FRAMED, SECURITY
from cper_lod.web.http.limits import MAX_OF_CLIENT
from tests.support.web import CONTRACT, HTML


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_may_be_framed_and_nothing_else(client: FlaskClient, figure: str):
    for lang in LANGUAGES:
        answer = client.get(f"/embed{CONTRACT}/{figure}?lang={lang}", headers=HTML)
        assert (answer.status_code, answer.headers["Content-Security-Policy"]) == (200, FRAMED)
        assert "frame-ancestors *" in FRAMED and "frame-ancestors 'none'" in SECURITY["Content-Security-Policy"]
        assert len(answer.data) < 15_000 and not re.search(r"<script|<form|style=", answer.text)
        assert f'href="/doc{CONTRACT}?lang={lang}"' in answer.text, "the contract"
        assert {"fr": "9 janvier 2023", "en": "9 January 2023"}[lang] in answer.text.replace("\u00a0", " ")
        assert answer.text.count("<svg") >= 1 and "<h1>" in answer.text
    for path in (f"/doc{CONTRACT}", f"/embed{CONTRACT}/nothing"):
        assert "frame-ancestors 'none'" in client.get(path, headers=HTML).headers["Content-Security-Policy"]


def test_a_figure_names_the_documents_that_its_own_figures_are_from(client: FlaskClient):
    """The amounts of the axes are in another document than the total."""
    contract = "provence-alpes-cote-d-azur"
    for figure, document in (("parts", "alpes1"), ("calendrier", "destimed")):
        shown = client.get(f"/embed/contrat/{contract}-2021-2027/{figure}").text
        assert re.findall('href="/doc/document/([^"?]+)', shown) == [f"{contract}-{document}"]


@pytest.mark.parametrize("name", ["none", f"{CONTRACT[9:]}/axe/1", "%3Cscript%3E", "../x", "%FF"])
def test_what_is_not_there(client: FlaskClient, name: str):
    for path in (f"/embed/contrat/{name}/parts", f"/embed{CONTRACT}/{name}", f"/image/contrat/{name}.fr.png"):
        assert client.get(path, headers=HTML).status_code == 404
    for path in (f"/image{CONTRACT}.de.png", f"/image{CONTRACT}.fr.jpg", f"/image{CONTRACT}/nothing.fr.svg"):
        assert client.get(path).status_code == 404


def test_pages_name_the_picture_of_their_contract(client: FlaskClient, hostile_client: FlaskClient):
    assert "og:image" not in hostile_client.get("/", headers=HTML).text, "contracts of others have none"
    for lang in LANGUAGES:
        for path in (f"/doc{CONTRACT}", f"/doc{CONTRACT}/axe/1"):
            page = client.get(f"{path}?lang={lang}", headers=HTML).text
            found = re.search(r'<meta property="og:image" content="([^"]+)">', page)
            assert found and found[1] == f"http://127.0.0.1:8000/image{CONTRACT}.{lang}.png"
            assert 'property="og:image:alt" content="' in page and "summary_large_image" in page
        answer = client.get(f"/image{CONTRACT}.{lang}.png")
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert answer.headers["Cache-Control"] == "public, max-age=86400" and answer.headers["Last-Modified"]
        again = client.get(f"/image{CONTRACT}.{lang}.png", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_taken_along_as_image_drawing_and_table(client: FlaskClient, figure: str):
    page = client.get(f"/doc{CONTRACT}?lang=en", headers=HTML).text
    for lang in LANGUAGES:
        for suffix, kind in (("png", "image/png"), ("svg", "image/svg+xml")):
            answer = client.get(f"/image{CONTRACT}/{figure}.{lang}.{suffix}")
            assert (answer.status_code, answer.mimetype) == (200, kind)
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert lang == "fr" or f'href="/image{CONTRACT}/{figure}.{lang}.{suffix}' in page
    table = f"/doc/etape.csv?contrat={CONTRACT[1:]}" if figure == "calendrier" else f"/plan{CONTRACT}.csv?"
    (taken,) = {
        each
        for each in map(unescape, re.findall('href="([^"]+)" type="text/csv"', page))
        if unquote(each).startswith(table)
    }
    assert len(client.get(taken).text.splitlines()) > 2
    assert f'href="/cite{CONTRACT}?lang=en#embed"' in page


def test_pictures_being_drawn_leave_threads_for_pages(client: FlaskClient):
    limits = client.application.extensions["cper_lod.limits"]
    with ExitStack() as others:
        for _ in range(MAX_OF_CLIENT["query"]):
            others.enter_context(limits.hold("query", "127.0.0.1"))
        refused = client.get(f"/image{CONTRACT}.fr.png")
    assert refused.status_code == 429 and refused.json and refused.json["type"].endswith("/client-busy")
    assert client.get(f"/image{CONTRACT}.fr.png").status_code == 200
