"""Search as a page and as JSON."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cper_lod.core.namespaces import CPER
from cper_lod.release.storage import search as searching
from cper_lod.release.storage.search import MAX_HITS
from cper_lod.release.storage.text import SearchWords
from cper_lod.web.api import parameters
from cper_lod.web.documents.search import BUDGET
from tests.support.nquads_release import LABEL, client_without_engine, release_of_quads
from tests.support.web import HTML, ID
from tests.web.html_page import Page
from tests.web.plain_json import PUBLIC, faults

PAGE_SIZE: int = parameters.SIZE_OF_SEARCH.schema["default"]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A release with more things of one name than a search tells apart."""
    lines = [f'<{ID}/n/{number}> {LABEL} "Chose {number}"@fr' for number in range(MAX_HITS + 30)]
    lines += [f'<{ID}/few/{number}> {LABEL} "Rareté {number}"@fr' for number in range(45)]
    return client_without_engine(release_of_quads(tmp_path_factory.mktemp("many"), lines, searchable=True))


LONG = 12_000
"""Characters of each text of the things that are hard to show."""


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A release of things with several long texts each, all of which hold the word that is looked for."""
    lines = []
    for number in range(PAGE_SIZE + 5):
        lines.append(f'<{ID}/l/{number}> {LABEL} "{"Très longue chose " * (LONG // 18)}"@fr')
        texts = [f"Énoncé {text} : " + "mot après mot " * (LONG // 14) for text in range(5)]
        lines += [f'<{ID}/l/{number}> <http://e.org/text> "{text}"@fr' for text in texts]
    lines.append(f'<{ID}/s/1> {LABEL} "{"avant " * 1500}tardif"@fr')
    return client_without_engine(release_of_quads(tmp_path_factory.mktemp("long"), lines, searchable=True))


@pytest.fixture(autouse=True)
def _in_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a search of long texts end on a busy machine too; how it is given up has a test of its own."""
    monkeypatch.setattr(searching, "MAX_SECONDS", 600.0)


def asked(client: FlaskClient, **query: str) -> TestResponse:
    return client.get("/search", query_string=query, headers=HTML)


def found(client: FlaskClient, **query: str) -> dict[str, Any]:
    answer = client.get("/search.json", query_string=query)
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    return dict(json.loads(answer.data))


def hits(text: str) -> list[str]:
    """Return the groups of hits of a page."""
    return re.findall(r"<li><h3.*?(?=<li><h3|</ol>)", text, re.DOTALL)


def test_without_words_the_form(client: FlaskClient):
    shown = Page(client.get("/search?q=%20%20", headers=HTML))
    assert "input" in shown.tags
    examples = [each for each in shown.links if each.startswith("/search?q=")]
    assert len(examples) > 3
    assert {client.get(each, headers=HTML).status_code for each in examples} == {200}


def test_hits_with_the_words_marked_and_the_contract_they_belong_to(client: FlaskClient):
    answer = asked(client, q="supporting territories", lang="en")
    first = next(each for each in hits(answer.text) if "Supporting territories" in re.sub("<[^>]*>", "", each))
    assert "<mark>Supporting</mark> <mark>territories</mark>" in first
    assert re.search('<p class="kind" dir="auto">[^<]*<a href="/doc/contrat/hauts-de-france-2021-2027', first)
    assert "<mark>crédits</mark>" in asked(client, q="credits developpement").text


def test_as_json(client: FlaskClient):
    told = found(client, q="hauts-de-france", lang="en")
    assert (told.keys(), faults(told, "Recherche")) == ({"url", "total", "next", "items"}, [])
    assert told["url"] == f"{PUBLIC}/search.json?q=hauts-de-france&lang=en"
    assert told["next"] == f"{PUBLIC}/search.json?q=hauts-de-france&after=20&lang=en"
    assert told["items"][0] == {
        "id": f"{ID}/territoire/hauts-de-france",
        "url": f"{PUBLIC}/doc/territoire/hauts-de-france.json?lang=en",
        "type": "Territoire",
        "nom": "Hauts-de-France",
    }
    axis = found(client, q="axe 2")["items"][0]
    contract = f"{PUBLIC}/doc/contrat/hauts-de-france-2021-2027.json"
    assert (axis["type"], axis["faitPartieDe"]["url"]) == ("Subdivision", contract)
    texts = [each["extrait"] for each in found(client, q="crédits")["items"] if "extrait" in each]
    assert texts and all("crédits" in text.lower() for text in texts)
    links = ", ".join(client.get("/search.json?q=axe").headers.getlist("Link"))
    assert f'<{PUBLIC}/schema/2.0.0/Recherche.json>; rel="describedby"' in links


def test_a_subsidy_belongs_to_the_contract_that_it_names(tmp_path: Path):
    lines = [
        f'<{ID}/subvention/000000018/x> {LABEL} "Subvention"@fr',
        f"<{ID}/subvention/000000018/x> <{CPER}contrat> <{ID}/contrat/c>",
        f'<{ID}/contrat/c> {LABEL} "Contrat C"@fr',
    ]
    told = found(client_without_engine(release_of_quads(tmp_path, lines, searchable=True)), q="subvention")
    assert told["items"][0]["faitPartieDe"]["nom"] == "Contrat C"


def test_a_name_in_another_language_is_no_text(client: FlaskClient):
    """It would say the same again: « Quels contrats … ? », then “Which contracts …?”."""
    questions = [
        each for each in found(client, q="quels contrats connaît-on")["items"] if each["type"] == "RequeteExecutable"
    ]
    assert questions
    assert [each for each in questions if each.get("extrait", "").startswith("Which")] == []
    english = found(client, q="which contracts are known")["items"]
    assert any(each.get("extrait", "").startswith("Which") for each in english), "found by that name alone"


def test_words_of_the_field_are_found_too_and_the_page_says_so(client: FlaskClient):
    text = asked(client, q="train", lang="en").text
    assert "Also: mobility, transport" in text
    assert "<mark>" in next(each for each in hits(text) if f"/doc{AXIS_5}" in each)
    told = found(client, q="train", lang="en")
    assert (told["aussi"], faults(told, "Recherche")) == (["mobility", "transport"], [])
    assert "aussi" not in found(client, q="axe")


AXIS_5 = "/contrat/hauts-de-france-2021-2027/axe/5"


@pytest.mark.parametrize(
    ("query", "link", "said"),
    [
        ("qui paie ?", "/doc/contrat/hauts-de-france-2021-2027#argent", "768 M€"),
        ("combien pour les trains ?", f"/doc{AXIS_5}", "non publié"),
        ("57,3", "/doc/contrat/hauts-de-france-2021-2027/axe/2", "57,3 %"),
        ("qu'a signé Roubaix ?", "/commune/59512", "Roubaix"),
        ("59100", "/commune/59512", "Roubaix"),
        ("que manque-t-il ?", "/doc/contrat/hauts-de-france-2021-2027#non-dit", ""),
        ("d'où vient ce chiffre ?", "/doc/contrat/hauts-de-france-2021-2027#mots", ""),
        ("logement", "/doc/document/communique-2023-01-09", "sans y trouver"),
        ("infrastructures", f"/doc{AXIS_5}", ""),
    ],
)
def test_questions_of_citizens_are_answered(client: FlaskClient, query: str, link: str, said: str):
    shown = Page(asked(client, q=query, lang="fr"))
    assert any(each.replace("?lang=fr", "") == link for each in shown.links)
    assert said in shown.text.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_subject_is_one_hit_and_what_programs_need_is_apart(client: FlaskClient):
    text = asked(client, q="lille").text
    titles = [re.sub("<[^>]*>", "", each) for each in re.findall("<h3.*?</h3>", text)]
    assert titles == ["Métropole européenne de Lille", "Communiqué de presse du 9\u00a0janvier 2023"]
    apart = text[text.index("<details") :]
    assert "Comptes consolidés" in re.sub("<[^>]*>", "", apart)
    assert "/lien/" not in text[: text.index("<details")]
    assert "RequeteExecutable" not in [each["type"] for each in found(client, q="mobilités")["items"][:10]]


def test_a_body_of_several_contracts_has_no_figure_of_one_of_them(client: FlaskClient):
    def answer(query: str, body: str) -> str:
        text = asked(client, q=query, lang="fr").text
        return next(each for each in text.split("<li>") if f'<h3 dir="auto"><a href="/doc/organisme/{body}' in each)

    assert 'class="mark' not in answer("État", "etat")
    region = answer("Région des Pays de la Loire", "region-des-pays-de-la-loire")
    assert "1,7" in region and "parit" not in region, "a number before « à parité »"
    culture = answer("combien pour la culture ?", "region-hauts-de-france")
    assert 'class="mark' not in culture, "what a funder brings is no answer about anything else"


def test_nothing_found_leads_on(client: FlaskClient):
    shown = Page(asked(client, q="mobilitee"))
    assert any(each.startswith("/search?q=mobilit%C3%A9") for each in shown.links)
    assert not [each for each in Page(asked(client, q="zzzzqqq")).links if each.startswith("/search?q=z")]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"q": "x" * 10_000}, "search-too-long"),
        ({"q": "\0"}, "search-empty"),
        ({"q": "axe", "after": "1.0"}, "parameter-invalid"),
    ],
)
def test_absurd_searches_are_answered(client: FlaskClient, query: dict[str, str], code: str):
    data = client.get("/search.json", query_string=query)
    assert (data.status_code, data.json["type"].rpartition("/")[2]) == (400, code)
    page = client.get("/search", query_string=query, headers=HTML)
    assert (page.status_code, page.headers["Cache-Control"]) == (400, "no-store")
    assert "form" in Page(page).tags, "and the form, to try again"
    assert len(page.data) < 30_000


def test_hostile_texts_are_shown_as_text(hostile_client: FlaskClient):
    for text in ("alert", "script quoted", "textarea"):
        answer = asked(hostile_client, q=text)
        Page(answer)
        assert "<mark>" in answer.text
        assert not re.search(r"<script>|</textarea>", answer.text.partition('<main id="content">')[2])
    answer = asked(hostile_client, q='"><script>alert(1)</script>')
    Page(answer)
    assert "<script>alert" not in answer.text


def test_pages_of_hits(many: FlaskClient):
    told = found(many, q="rarete", lang="en")
    assert (told["total"], told.get("more", False), len(told["items"])) == (45, False, PAGE_SIZE)
    assert found(many, q="chose")["more"] is True
    seen = [each["id"] for each in told["items"]]
    while "next" in told:
        before, told = told, many.get(str(told["next"]).removeprefix(PUBLIC)).json
        assert (told["url"], told["previous"]) == (before["next"], before["url"])
        seen += [each["id"] for each in told["items"]]
    assert seen == [f"{ID}/few/{number}" for number in range(45)]
    shown = asked(many, q="rarete", after="20")
    pages = {"first": "", "prev": "", "next": "&amp;after=40", "last": "&amp;after=40"}
    assert dict(re.findall(r'<a rel="(\w+)" href="/search\?q=rarete([^"]*)"', shown.text)) == pages


@pytest.mark.slow
def test_words_are_looked_for_in_so_many_characters_of_a_page(long: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    """Counted, not timed; a text that was chosen is looked at once more for where its words stand. Each thing has its part."""
    looked: list[int] = []
    for name in ("share", "found"):
        real = getattr(SearchWords, name)

        def counting(self: SearchWords, text: str, real: Any = real) -> object:  # noqa: ANN401
            looked.append(len(text))
            return real(self, text)

        monkeypatch.setattr(SearchWords, name, counting)
    assert len(found(long, q="mot chose")["items"]) == PAGE_SIZE
    assert BUDGET // 2 < sum(looked) <= 2 * BUDGET
    shown = asked(long, q="chose")
    titles = re.findall(r"<h3[^>]*>(.*?)</h3>", shown.text, re.DOTALL)
    assert ["<mark>chose</mark>" in title for title in titles] == [True] * PAGE_SIZE
    assert len(shown.data) < 2 * BUDGET
    assert "<mark>tardif</mark>" in asked(long, q="tardif").text, "the first things have more"


def test_a_search_that_takes_too_long_says_so(many: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(searching, "MAX_SECONDS", -1.0)
    told = many.get("/search.json?q=chose")
    assert (told.status_code, told.headers["Cache-Control"]) == (503, "no-store")
    assert told.json["type"].endswith("/search-timeout")
    shown = asked(many, q="chose")
    assert shown.status_code == 503
    assert "form" in Page(shown).tags
    monkeypatch.setattr(
        searching.SearchIndex, "find", lambda *_: searching.Hits((f"{ID}/n/1",), 1, more=False, deadline=0)
    )
    assert asked(many, q="chose").status_code == 503
