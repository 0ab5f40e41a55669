"""Templates in each language, and how texts are escaped in them."""

import re
from collections import defaultdict
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import escape

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.web.http import templating
from cper_lod.web.http.templating import CompiledTemplates, environment
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


def test_compiled_templates_are_kept_for_this_program_and_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, compile_ = list[str](), Environment.compile

    def compile_and_note(made: Environment, *source: Any) -> Any:  # noqa: ANN401
        compiled.append(str(made.globals["lang"]))
        return compile_(made, *source)

    monkeypatch.setattr(Environment, "compile", compile_and_note)

    def heading(lang: Language, folder: Path = tmp_path) -> str:
        made = environment.__wrapped__(lang)  # as in another process
        made.bytecode_cache = CompiledTemplates(str(folder), f"{lang}-%s")
        return str(made.get_template("macros.html").module.short_mark(SimpleNamespace(derived=True)))  # type: ignore[attr-defined]

    marks = [heading(lang) for lang in (*LANGUAGES, *LANGUAGES)]
    assert (marks[:2], marks[0] == marks[1], compiled) == (marks[2:], False, [*LANGUAGES])
    monkeypatch.setattr(templating, "program_id", lambda: "the next program")
    assert [heading("fr"), heading("fr"), compiled[2:]] == [marks[0], marks[0], ["fr"]]
    assert [heading("fr", Path("/proc/none")), compiled[3:]] == [marks[0], ["fr"]], "a folder that is not there"


@pytest.mark.parametrize("path", [f"/doc{CONTRACT}/axe/2", "/ontology"])
def test_what_is_kept_of_a_page_is_in_its_language_with_its_links(client: FlaskClient, path: str) -> None:
    asked = [*product(("", "?lang=en", "?lang=fr"), LANGUAGES, ("", "/at"))]
    found = defaultdict[tuple[str, str, str], set[str]](set)
    for query, lang, root in (*asked, *reversed(asked)):  # the second time from what was kept
        headers = {"Accept": "text/html", "Accept-Language": lang}
        page = client.get(path + query, base_url=f"http://localhost{root}/", headers=headers).text
        for start, end, word in (
            ("<header", "</header>", ">Contracts<"),
            ("<article", "</main>", "Get this data"),
            ("<footer", "</footer>", "Legal"),
        ):
            part = page[page.index(start) : page.index(end)]
            links = re.findall('href="(/[^"?#]*)([^"#]*)', part)
            assert links and all(link.startswith(f"{root}/") for link, _ in links)
            pages = {
                rest for link, rest in links if re.fullmatch(f"{root}/(?:doc/[^.]*|developers|download|legal)", link)
            }
            assert pages == {query}
            assert (word in part) == ("en" in (query or lang)), start
        found[query, lang, root].add(page)
    assert {len(each) for each in found.values()} == {1}
