"""Templates in each language."""

import re

import pytest
from flask.testing import FlaskClient
from jinja2 import meta, nodes

from cper_lod.core.errors import Language
from cper_lod.web.http.templating import environment


@pytest.mark.parametrize("lang", ["fr", pytest.param("en", marks=pytest.mark.slow)])
def test_what_templates_import_needs_nothing_of_the_page(lang: Language) -> None:
    made = environment(lang)
    assert made.loader
    trees = {name: made.parse(made.loader.get_source(made, name)[0]) for name in made.list_templates()}
    found = [each for tree in trees.values() for each in tree.find_all((nodes.Import, nodes.FromImport))]
    assert not any(each.with_context for each in found)  # it would be made anew for every page
    imported = {each.template.as_const() for each in found}
    assert imported > {"macros.html", "figures.html"}
    for name in imported:
        assert meta.find_undeclared_variables(trees[name]) <= set(made.globals), name


def test_each_language_has_its_words() -> None:
    french, english = (environment(lang).get_template("macros.html").module for lang in ("fr", "en"))
    assert french.money("12000.5", "EUR") == '<data value="12000.5">12\u202f000,50\u00a0€</data>'
    assert english.money("12000.5", "EUR") == '<data value="12000.5">€12,000.50</data>'
    said = [environment(lang).filters["trans"] for lang in ("fr", "en")]
    assert [each("called-after", kind="l'axe", thing="l'eau :") for each in said] == [
        "l'axe\u00a0: l'eau :",
        "l'axe: l'eau :",
    ]
    assert [each("nav-home") for each in said] == ["Accueil", "Home"]


def test_what_filters_make_of_constants_is_made_once_unless_it_depends_on_the_request(client: FlaskClient) -> None:
    made = environment("fr").from_string("{{ 'nav-home'|trans }} {{ '/api'|at }} {{ '/api'|at(lang='fr') }}")
    for query, end in (("", ""), ("?lang=en", "?lang=en")):
        with client.application.test_request_context("/" + query):
            assert made.render() == f"Accueil /api{end} /api?lang=fr"


def test_what_pages_share_is_written_anew_for_each_language_and_link(client: FlaskClient) -> None:
    asked = ("/api?lang=fr", "/api?lang=en", "/developers?lang=en", "/developers")
    for path in (*asked, *asked):  # the second time from what was kept
        page, _, query = path.partition("?")
        told = client.get(path, headers={"Accept": "text/html"}).text
        header, footer = told[: told.index("</header>")], told[told.index("<footer") :]
        links = [re.findall('href="/(?:developers|download|legal)([^"]*)"', each) for each in (header, footer)]
        assert all(links) and {each for found in links for each in found} == {f"?{query}" if query else ""}
        assert ('name="lang"' in header) == bool(query)
        assert ('aria-current="page"' in header) == (page == "/developers")
        assert ("Legal" in footer) == ("lang=en" in query) and footer.endswith("</html>")
