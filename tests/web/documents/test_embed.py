"""Figures on other sites: the page in a frame, how to frame it, the picture shown with a link."""

import re
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient

from cper_lod.core.errors import LANGUAGES
from cper_lod.release.pictures.figures import NAMES
from cper_lod.release.release import Release
from cper_lod.web.documents.embed import MIN_WIDTH
from cper_lod.web.http.headers import FRAMED, SECURITY
from tests.support.web import CONTRACT, ID

PAGE = {"Accept": "text/html"}


def public(client: FlaskClient) -> str:
    return str(client.application.extensions["cper_lod"].settings.public_url)


def ask(client: FlaskClient, address: str, **more: str) -> dict[str, object]:
    answer = client.get(f"/oembed?{urlencode({'url': address, **more})}")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    told = answer.get_json()
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize("figure", NAMES)
def test_a_figure_may_be_framed_and_nothing_else(client: FlaskClient, figure: str):
    for lang in LANGUAGES:
        answer = client.get(f"/embed{CONTRACT}/{figure}?lang={lang}", headers=PAGE)
        assert (answer.status_code, answer.headers["Content-Security-Policy"]) == (200, FRAMED)
        assert "frame-ancestors *" in FRAMED and "frame-ancestors 'none'" in SECURITY["Content-Security-Policy"]
        assert len(answer.data) < 15_000 and not re.search(r"<script|<form|style=", answer.text)
        assert f'href="/doc{CONTRACT}?lang={lang}"' in answer.text, "the contract"
        assert {"fr": "9 janvier 2023", "en": "9 January 2023"}[lang] in answer.text.replace("\u00a0", " ")
        assert answer.text.count("<svg") >= 1 and "<h1>" in answer.text
    for path in (f"/doc{CONTRACT}", f"/embed{CONTRACT}/nothing"):
        assert "frame-ancestors 'none'" in client.get(path, headers=PAGE).headers["Content-Security-Policy"]


def test_what_is_not_there(client: FlaskClient):
    for path in (f"/embed{CONTRACT}/nothing", "/embed/contrat/none/parts", f"/embed{CONTRACT}/axe/1/parts"):
        assert client.get(path, headers=PAGE).status_code == 404
    for name in ("a b", "%22", "%5C", "%3Cscript%3E", "../x", "%E2%80%AE", "%FF"):
        assert client.get(f"/embed/contrat/{name}/parts", headers=PAGE).status_code == 404, name
    for path in (f"/image{CONTRACT}.de.png", f"/image{CONTRACT}.fr.jpg", "/image/contrat/none.fr.png", "/image/x"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("figure", NAMES)
def test_oembed_leads_from_the_page_to_its_frame_and_back(client: FlaskClient, figure: str):
    page = client.get(f"/embed{CONTRACT}/{figure}?lang=en", headers=PAGE).text
    link = re.search(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)"', page)
    assert link
    told = client.get(link[1].replace("&amp;", "&").removeprefix(public(client))).get_json()
    assert (told["type"], told["version"]) == ("rich", "1.0")
    source = re.search(r'<iframe src="([^"]+)"', told["html"])
    assert source and source[1] == f"{public(client)}/embed{CONTRACT}/{figure}?lang=en"
    assert client.get(source[1].removeprefix(public(client)), headers=PAGE).text == page
    assert f'width="{told["width"]}" height="{told["height"]}"' in told["html"]
    assert (told["thumbnail_width"], told["thumbnail_height"]) == (1200, 630)
    assert client.get(told["thumbnail_url"].removeprefix(public(client))).mimetype == "image/png"


def test_oembed_keeps_within_its_bounds(client: FlaskClient):
    address = f"{public(client)}/embed{CONTRACT}/parts"
    for most in (MIN_WIDTH, 400, 1000, 5000):
        told = ask(client, address, maxwidth=str(most), maxheight="500", dnt="1")
        assert int(str(told["width"])) <= most and int(str(told["height"])) <= 500
        assert "thumbnail_url" not in told, "it is higher than 500"
    narrow, wide = (ask(client, address, maxwidth=width) for width in ("320", "1056"))
    assert int(str(narrow["height"])) > int(str(wide["height"])), "bars one below the other"


def test_oembed_of_a_contract_and_of_its_lasting_name(client: FlaskClient):
    for address in (f"{public(client)}/doc{CONTRACT}", f"{public(client)}/doc{CONTRACT}.html?lang=en#x", ID + CONTRACT):
        assert f"/embed{CONTRACT}/parts" in str(ask(client, address)["html"])
    home = client.get(f"/doc{CONTRACT}?lang=fr", headers=PAGE).text
    assert 'type="application/json+oembed"' in home
    assert quote(f"{public(client)}/doc{CONTRACT}", safe="") in home


def test_oembed_refuses_in_its_own_words(client: FlaskClient):
    address = f"{public(client)}/embed{CONTRACT}/parts"
    cases = {
        "": (400, "parameter-missing"),
        f"url={address}&format=xml": (501, "oembed-format"),
        "url=http://ex.org/embed/x/parts": (404, "page-not-found"),
        f"url={public(client)}/search": (404, "page-not-found"),
        f"url={public(client)}/doc/contrat/a b": (404, "page-not-found"),
        "url=http://[": (404, "page-not-found"),
        "url=http://ex%E2%84%80.org/": (404, "page-not-found"),
        f"url={address}&maxwidth=-1": (400, "parameter-invalid"),
        f"url={address}&maxwidth=1&maxwidth=2": (400, "parameter-repeated"),
        f"url={address}&lang=xx": (200, ""),
    }
    for query, (status, code) in cases.items():
        answer = client.get(f"/oembed?{query}")
        told = answer.get_json()
        assert (answer.status_code, told["type"].rpartition("/")[2] if code else "") == (status, code), query


def test_pages_name_the_picture_of_their_contract(client: FlaskClient):
    for lang in LANGUAGES:
        for path in ("/", f"/doc{CONTRACT}", f"/doc{CONTRACT}/axe/1"):
            page = client.get(f"{path}?lang={lang}", headers=PAGE).text
            found = re.search(r'<meta property="og:image" content="([^"]+)">', page)
            assert found and found[1] == f"{public(client)}/image{CONTRACT}.{lang}.png"
            assert 'property="og:image:alt" content="' in page and "summary_large_image" in page
        answer = client.get(f"/image{CONTRACT}.{lang}.png")
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert answer.headers["Cache-Control"] == "public, max-age=86400" and answer.headers["Last-Modified"]
        again = client.get(f"/image{CONTRACT}.{lang}.png", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_data_served_as_given_have_no_picture(hostile_client: FlaskClient):
    assert "og:image" not in hostile_client.get("/", headers=PAGE).text
    assert hostile_client.get(f"/embed{CONTRACT}/parts", headers=PAGE).status_code == 404


def test_pictures_are_files_of_the_release(release: Release):
    names = [name for name in release.manifest["files"] if name.startswith("images/")]
    assert len(names) == 1 + len(LANGUAGES)
