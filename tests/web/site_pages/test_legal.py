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
SAID = {
    ("/legal", "fr"): (
        "Mentions légales",
        "Éditeur des données : cper-lod .",
        "Il ne représente aucun signataire",
        "Licence Ouverte 2.0 (Etalab)",
        "licence MIT",
        "Communiqué de presse du 9 janvier 2023",
        "Préfecture de la région Hauts-de-France",
        "IGN, Admin Express 2018",
        "cper-lod, d’après : Communiqué de presse du 9 janvier 2023. Données mises à jour le 29 novembre 2026. Licence Ouverte 2.0.",
        "Aucun cookie",
        "hébergement de ce serveur : non indiqué sur ce serveur",
        "Ce serveur n’indique pas d’adresse de contact",
    ),
    ("/legal", "en"): (
        "Legal notice",
        "cper-lod, based on: Press release of 9 January 2023. Data updated on 29 November 2026. Licence Ouverte 2.0.",
        "This server states no contact address",
    ),
    ("/accessibility", "fr"): (
        "Déclaration d’accessibilité",
        "n° 2005-102 du 11 février 2005",
        "non conforme, en l’absence d’audit",
        "la conformité n’est pas évaluée",
        "Aucun lecteur d’écran et aucun autre navigateur",
        "axe-core",
        "Défenseur des droits",
        "éditeur de requêtes",
        "« Copier »",
        "Ce serveur n’indique pas d’adresse de contact",
    ),
    ("/accessibility", "en"): (
        "Accessibility statement",
        "no. 2005-102 of 11 February 2005",
        "not compliant, because no audit was made",
        "compliance has not been assessed",
        "No screen reader and no browser other",
        "axe-core",
        "Defender of Rights",
        "query editor",
        "“Copy”",
        "This server states no contact address",
    ),
}
"""What a page says in a language: its title first."""


def words(client: FlaskClient, path: str, lang: str = "fr") -> str:
    """Return the text of a page, its blanks alike."""
    answer = client.get(path, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return " ".join(unescape(re.sub("<[^>]*>", " ", main)).split())


@pytest.mark.parametrize(("path", "lang"), SAID)
def test_each_page_in_each_language(client: FlaskClient, path: str, lang: str):
    answer, said = client.get(path, headers={"Accept-Language": lang}), words(client, path, lang)
    assert answer.headers["Content-Language"] == lang
    assert f"<h1>{SAID[path, lang][0]}</h1>" in unescape(answer.text)
    assert "Accept-Language" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers
    assert words(client, f"{path}?lang={lang}", "de") == said
    assert [each for each in SAID[path, lang] if each not in said] == []
    assert not re.search("(totalement|partiellement) conforme|(fully|partially) compliant", said)


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


def test_files_served_as_given_are_nobody_s(hostile_client: FlaskClient):
    said = words(hostile_client, "/legal")
    assert "Ce serveur montre des fichiers tels quels" in said
    assert "celles de leur auteur" in said
    for each in ("Éditeur des données", "Licence Ouverte", "Mention à copier"):
        assert each not in said
    assert "This server shows files as they were given" in words(hostile_client, "/legal", "en")


def test_the_statement_names_all_that_scripts_do():
    static = ROOT / "cper_lod" / "web" / "static"
    scripts = {path.stem for path in static.glob("*.js")} | {path.name for path in static.iterdir() if path.is_dir()}
    scripts |= {
        path.parent.name for path in static.parent.glob("*/package.json")
    }  # built into static/ by npm, if at all
    assert scripts == {"copy", "editor"}, "name what a new script does in the statement"


def test_each_page_leads_to_the_other(client: FlaskClient):
    assert 'href="/accessibility"' in client.get("/legal").text
    assert 'href="/legal"' in client.get("/accessibility").text
