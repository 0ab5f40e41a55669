"""The legal notice and the accessibility statement: publisher, reuse, contact, and no false claims."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.release.release import Release
from tests.support.nquads_release import client_without_engine
from tests.support.paths import ROOT

PAGES = ("/legal", "/accessibility")


def words(client: FlaskClient, path: str, lang: str = "fr") -> str:
    """Return the text of a page, its blanks alike."""
    answer = client.get(path, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return " ".join(unescape(re.sub("<[^>]*>", " ", main)).split())


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_page_in_each_language(client: FlaskClient, lang: Language):
    legal, accessibility = (words(client, path, lang) for path in PAGES)
    publisher = f"{translate('legal-publisher', lang)} cper-lod"
    for said in (publisher, "Licence Ouverte 2.0", "MIT", "IGN, Admin Express 2018"):
        assert said in legal
    assert "2005-102" in accessibility
    assert not re.search("(totalement|partiellement) conforme|(fully|partially) compliant", accessibility)


def test_what_is_set_is_shown_as_text(release: Release):
    hosting = "Préfecture <b>X</b>, hébergée par Y"
    told = client_without_engine(release, contact="donnees@example.org", hosting=hosting)
    assert "Préfecture <b>X</b>, hébergée par Y" in words(told, "/legal")
    for path in PAGES:
        assert '<a href="mailto:donnees@example.org">donnees@example.org</a>' in told.get(path).text
        assert "<b>" not in told.get(path).text


def test_files_served_as_given_are_nobody_s(hostile_client: FlaskClient):
    said = words(hostile_client, "/legal")
    assert "Licence Ouverte" not in said and "cper-lod, " not in said


def test_the_statement_names_all_that_scripts_do():
    static = ROOT / "cper_lod" / "web" / "static"
    scripts = {path.stem for path in static.glob("*.js")} | {path.name for path in static.iterdir() if path.is_dir()}
    scripts |= {path.parent.name for path in static.parent.glob("*/package.json")}  # built by npm, if at all
    assert scripts == {"copy", "editor"}, "name what a new script does in the statement"
