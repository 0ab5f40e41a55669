"""Templates in each language, and how texts are escaped in them."""

import re
from collections import defaultdict

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from cper_lod.web.http.templating import environment
from cper_lod.web.http.values import escaped
from tests.support.web import CONTRACT


@given(st.text())
def test_escaped_is_what_markupsafe_escapes(text: str) -> None:
    assert escaped(text) == escape(text)


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


@pytest.mark.parametrize("path", [f"/doc{CONTRACT}/axe/2", "/ontology"])
def test_an_article_is_kept_for_each_language_and_link(client: FlaskClient, path: str) -> None:
    asked = [
        (query, lang, root) for query in ("", "?lang=en", "?lang=fr") for lang in ("fr", "en") for root in ("", "/at")
    ]
    found = defaultdict[tuple[str, str, str], set[str]](set)
    for query, lang, root in (*asked, *reversed(asked)):  # the second time from what was kept
        headers = {"Accept": "text/html", "Accept-Language": lang}
        article = client.get(path + query, base_url=f"http://localhost{root}/", headers=headers).text
        article = article[article.index("<article") : article.index("</main>")]
        links = re.findall('href="(/[^"?#]*)([^"#]*)', article)
        assert links and all(link.startswith(f"{root}/") for link, _ in links)
        assert {rest for link, rest in links if re.fullmatch(f"{root}/doc/[^.]*", link)} == {query}
        assert ("Get this data" in article) == ("en" in (query or lang))
        found[query, lang, root].add(article)
    assert {len(each) for each in found.values()} == {1}
