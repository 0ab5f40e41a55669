"""The legal notice and the accessibility statement: publisher, reuse, contact, and no false claims."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask.testing import FlaskClient

from cper_lod.release.release import Release
from tests.support.paths import ROOT
from tests.support.web import client_of

PAGES = ("/legal", "/accessibility")
TITLES = {
    ("/legal", "fr"): "Mentions légales",
    ("/legal", "en"): "Legal notice",
    ("/accessibility", "fr"): "Déclaration d’accessibilité",
    ("/accessibility", "en"): "Accessibility statement",
}


def words(client: FlaskClient, path: str, lang: str = "fr") -> str:
    """Return the text of a page, its blanks alike."""
    answer = client.get(path, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return " ".join(unescape(re.sub("<[^>]*>", " ", main)).split())


@pytest.mark.parametrize(("path", "lang"), TITLES)
def test_each_page_in_each_language(client: FlaskClient, path: str, lang: str):
    answer = client.get(path, headers={"Accept-Language": lang})
    assert answer.headers["Content-Language"] == lang
    assert f"<h1>{TITLES[path, lang]}</h1>" in unescape(answer.text)
    assert "Accept-Language" in answer.headers["Vary"]
    assert words(client, f"{path}?lang={lang}", "de") == words(client, path, lang)


@pytest.mark.parametrize("path", PAGES)
def test_head_says_what_get_says_and_a_known_page_is_not_sent_again(client: FlaskClient, path: str):
    found, head = client.get(path), client.head(path)
    assert head.data == b""
    same = ("Content-Type", "ETag", "Vary", "Content-Language")
    assert [head.headers[name] for name in same] == [found.headers[name] for name in same]
    assert client.get(path, headers={"If-None-Match": found.headers["ETag"]}).status_code == 304
    assert "Set-Cookie" not in found.headers


def test_who_publishes_and_from_what(client: FlaskClient):
    said = words(client, "/legal")
    for each in (
        "Éditeur des données : cper-lod .",
        "Il ne représente aucun signataire",
        "Licence Ouverte 2.0 (Etalab)",
        "licence MIT",
        "Communiqué de presse du 9 janvier 2023",
        "Préfecture de la région Hauts-de-France",
        "IGN, Admin Express 2018",
        "Aucun cookie",
    ):
        assert each in said, each


@pytest.mark.parametrize(
    ("lang", "credit"),
    [
        (
            "fr",
            "cper-lod, d’après : Communiqué de presse du 9 janvier 2023. Données mises à jour le 25 novembre 2026."
            " Licence Ouverte 2.0.",
        ),
        (
            "en",
            "cper-lod, based on: Press release of 9 January 2023. Data updated on 25 November 2026. Licence Ouverte 2.0.",
        ),
    ],
)
def test_a_line_of_credit_to_copy(client: FlaskClient, lang: str, credit: str):
    assert credit in words(client, "/legal", lang)


def test_what_nobody_set_is_said_to_be_missing(client: FlaskClient):
    said = words(client, "/legal")
    assert "hébergement de ce serveur : non indiqué sur ce serveur" in said
    for path in PAGES:
        assert "Ce serveur n’indique pas d’adresse de contact" in words(client, path)
        assert "This server states no contact address" in words(client, path, "en")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_pages_have_no_messages_for_the_operator(client: FlaskClient, lang: str):
    """Those are in the log of the start, and in /health."""
    for path in (*PAGES, "/", "/catalog.html", "/download"):
        said = words(client, path, lang)
        assert len(said) > 200
        assert not re.findall(r"public_url|[Rr]églage|[Ss]etting|\bhosting\b|configur", said), path


@pytest.fixture(scope="module")
def told(release: Release) -> Iterator[FlaskClient]:
    """A client of a server that says who runs it, with text that means harm."""
    hosting = "Préfecture <b>X</b>, hébergée par Y"
    yield from client_of(release, query_workers=1, contact="donnees@example.org", hosting=hosting)


def test_what_is_set_is_shown(told: FlaskClient):
    assert "hébergement de ce serveur : Préfecture <b>X</b>, hébergée par Y" in words(told, "/legal")
    for path in PAGES:
        assert '<a href="mailto:donnees@example.org">donnees@example.org</a>' in told.get(path).text
        assert "n’indique pas d’adresse" not in words(told, path)
        assert "<b>" not in told.get(path).text


def test_another_contact_is_another_page(client: FlaskClient, told: FlaskClient):
    for path in PAGES:
        assert client.get(path).headers["ETag"] != told.get(path).headers["ETag"]


def test_files_served_as_given_are_nobody_s(hostile_client: FlaskClient):
    said = words(hostile_client, "/legal")
    assert "Ce serveur montre des fichiers tels quels" in said
    assert "celles de leur auteur" in said
    for each in ("Éditeur des données", "Licence Ouverte", "Mention à copier"):
        assert each not in said
    assert "This server shows files as they were given" in words(hostile_client, "/legal", "en")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_accessibility_claims_no_compliance(client: FlaskClient, lang: str):
    said = words(client, "/accessibility", lang)
    expected = {
        "fr": (
            "n° 2005-102 du 11 février 2005",
            "non conforme, en l’absence d’audit",
            "la conformité n’est pas évaluée",
            "Aucun lecteur d’écran et aucun autre navigateur",
            "axe-core",
            "Défenseur des droits",
        ),
        "en": (
            "no. 2005-102 of 11 February 2005",
            "not compliant, because no audit was made",
            "compliance has not been assessed",
            "No screen reader and no browser other",
            "axe-core",
            "Defender of Rights",
        ),
    }
    assert [each for each in expected[lang] if each not in said] == []
    assert not re.search("(totalement|partiellement) conforme|(fully|partially) compliant", said)


def test_the_statement_names_all_that_scripts_do(client: FlaskClient):
    static = ROOT / "cper_lod" / "web" / "static"
    scripts = {path.stem for path in static.glob("*.js")} | {path.name for path in static.iterdir() if path.is_dir()}
    scripts |= {
        path.parent.name for path in static.parent.glob("*/package.json")
    }  # built into static/ by npm, if at all
    assert scripts == {"copy", "editor"}, "name what a new script does in the statement"
    for lang, named in (("fr", ("éditeur de requêtes", "« Copier »")), ("en", ("query editor", "“Copy”"))):
        assert [each for each in named if each not in words(client, "/accessibility", lang)] == []


def test_each_page_leads_to_the_other(client: FlaskClient):
    assert 'href="/accessibility"' in client.get("/legal").text
    assert 'href="/legal"' in client.get("/accessibility").text
