"""The query page: results with labels, links and bars, downloads, faults at their place, the editor's needs; answers as images."""

import csv
import html
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.release.release import Release
from cper_lod.release.sources.questions import in_language
from cper_lod.web.http import static
from cper_lod.web.sparql import questions
from cper_lod.web.sparql.query_page import EXAMPLE
from tests.support.paths import ROOT
from tests.support.web import CPER, HTML

QUESTIONS = sorted((ROOT / "ontology" / "questions").glob("*.csv"))


def ask(client: FlaskClient, query: str, **more: str) -> TestResponse:
    return client.get("/sparql", query_string={"query": query, **more}, headers=HTML)


def rows(*pairs: str, names: str = "?a ?n") -> str:
    return f"SELECT {names} {{ VALUES ({names}) {{ {' '.join(f'({each})' for each in pairs)} }} }}"


def links_of(response: TestResponse) -> dict[str, str]:
    """Return the addresses of the links of a page by their text."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>([^<]+)', response.text)
    return {html.unescape(text).strip(): html.unescape(href) for href, text in found}


def bars(response: TestResponse) -> list[str]:
    return re.findall(r'class="fill" width="([^"]+)"', response.text)


def test_the_first_query_of_the_page_shows_labels_links_and_bars(client: FlaskClient):
    page = ask(client, EXAMPLE, lang="en")
    assert page.status_code == 200
    assert links_of(page)["Supporting territories"].startswith("/doc/contrat/hauts-de-france-2021-2027/axe/2")
    assert bars(page) == ["100.00%", "33.16%", "25.83%", "15.36%"]
    assert '<input type="hidden" name="lang" value="en">' in page.text
    assert ">57,3\u202f%</data>" in ask(client, EXAMPLE).text


@pytest.mark.parametrize(
    ("query", "lengths"),
    [
        (rows('"x" 1'), []),
        (rows('"x" 1', '"y" -4'), []),
        (rows('"x" 1 1', '"y" 4 1', names="?a ?n ?m"), []),
        (rows('"x" "y" 1', '"x" "z" 4.0', '"x" "z" 0', names="?a ?b ?n"), ["25.00%", "100.00%", "0.00%"]),
        (rows('"x" 1', '"y" "INF"^^<http://www.w3.org/2001/XMLSchema#double>'), []),
        (rows(*(f'"x" {each}' for each in range(51))), []),
    ],
)
def test_bars_where_each_row_has_a_name_and_an_amount(client: FlaskClient, query: str, lengths: list[str]):
    assert bars(ask(client, query)) == lengths


@pytest.mark.parametrize("query", [EXAMPLE, "ASK {}", f"DESCRIBE <{CPER}Part>"], ids=["SELECT", "ASK", "DESCRIBE"])
def test_every_download_and_the_link_to_share_answer_the_same_query(client: FlaskClient, query: str):
    page = ask(client, query, **{"default-graph-uri": "https://w3id.org/cper-lod/graph/rapport"})
    assert '<input type="hidden" name="default-graph-uri" value="https://w3id.org/cper-lod/graph/rapport">' in page.text
    links = links_of(page)
    downloads = {text: href for text, href in links.items() if href.startswith("/sparql.")}
    assert len(downloads) >= 4
    for text, address in {**downloads, "share": links["Lien vers cette requête"]}.items():
        asked = parse_qs(urlsplit(address).query)
        assert asked == {"query": [query], "default-graph-uri": ["https://w3id.org/cper-lod/graph/rapport"]}, text
        assert client.get(address).status_code == 200, text


def test_the_answer_of_a_question_comes_first_under_the_question_in_the_language_of_the_reader(
    client: FlaskClient, release: Release
):
    question = next(each for each in release.questions if each["slug"] == "chiffres-par-subdivision")
    asked = {lang: in_language(question["text"], lang) for lang in LANGUAGES}
    count = len((ROOT / "ontology" / "questions" / "chiffres-par-subdivision.csv").read_text("utf-8").splitlines()) - 1
    for lang, rows_found in zip(LANGUAGES, (f"{count} lignes.", f"{count} rows."), strict=True):
        page = ask(client, asked[lang].replace("\n", "\r\n"), lang=lang)  # as a browser sends a form
        title = formatting.typeset(question["title"][lang], lang)
        assert title in html.unescape(re.findall(r"<h1[^>]*>(.*?)</h1>", page.text)[0])
        assert page.text.index(rows_found) < page.text.index('<details class="query">') < page.text.index("<textarea")
    switch = links_of(ask(client, asked["fr"], lang="fr"))["English"]
    assert parse_qs(urlsplit(switch).query) == {"query": [asked["en"]], "lang": ["en"]}
    assert "Supporting territories" in client.get("/sparql" + switch, headers=HTML).text


@pytest.mark.parametrize(
    ("slug", "figure"),
    [
        ("montants-totaux", "2,7 Md€"),
        ("montants-calcules", "523,8 M€"),
        ("chiffres-par-subdivision", "non publié"),
        ("groupes-de-financeurs", "Autres signataires"),
    ],
)
def test_the_figure_of_each_row_of_a_question_leads_to_its_page(
    client: FlaskClient, release: Release, slug: str, figure: str
):
    text = next(each["text"] for each in release.questions if each["slug"] == slug)
    page = ask(client, in_language(text, "fr"))
    links = {" ".join(name.replace("\u202f", " ").split()): href for name, href in links_of(page).items()}
    assert client.get(links[figure]).status_code == 200
    assert 'title="?chiffre"' not in re.findall("<thead>.*?</thead>", page.text)[0]
    columns = client.get(links_of(page)["CSV"]).text.partition("\n")[0]
    assert "chiffre" not in columns.split(","), "what is downloaded is what the query selects"


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_euros_and_percent_stand_in_two_columns_of_a_question(path: Path):
    first, *answer = csv.reader(path.read_text("utf-8").splitlines())
    for name, column in zip(first, zip(*answer, strict=True) if answer else (), strict=bool(answer)):
        if name not in ("mots", "motif", "note", "hypothese"):  # running text
            held = " ".join(column)
            assert not ("%" in held and re.search("€|euro", held)), name


def test_a_figure_that_is_missing_stands_in_the_column_of_its_kind_and_the_others_are_empty(
    client: FlaskClient, release: Release
):
    text = next(each["text"] for each in release.questions if each["slug"] == "chiffres-par-subdivision")
    page = ask(client, in_language(text, "fr")).text
    heads = re.findall(r'<th scope="col"[^>]*title="\?(\w+)"', page)
    assert [name for name in heads if name in questions.PUBLISHED] == ["montantPublie", "partPubliee"]
    (row,) = [row for row in re.findall("<tr>(.*?)</tr>", page, re.DOTALL) if "Gouvernance" in row]
    cells = [re.sub("<[^>]*>", "", cell) for cell in re.findall("<td[^>]*>(.*?)</td>", row, re.DOTALL)]
    assert (cells[heads.index("montantPublie")], cells[heads.index("partPubliee")]) == ("", "non publié")


def test_questions_are_grouped_by_subject_and_offered_only_if_the_data_answer_them(
    client: FlaskClient, release: Release
):
    page = client.get("/sparql", headers=HTML)
    assert len(re.findall("<h3>(.*?)</h3>", page.text)) > 3
    assert len(page.data) < 60_000
    # No amount of one funder for one subdivision is published.
    titles = [each["title"]["fr"] for each in release.questions if "qui paie quoi" in each["title"]["fr"]]
    assert titles and "qui paie quoi" not in page.text


def test_the_columns_of_every_question_have_a_name_in_each_language(client: FlaskClient):
    variables = {name for path in QUESTIONS for name in path.read_text("utf-8").splitlines()[0].split(",")}
    assert len(variables) > 50
    assert [name for name in sorted(variables) if name not in questions.column_names()] == []
    assert [name for name in sorted(questions.column_names()) if name not in variables] == []
    query = (QUESTIONS[0].parent / "chiffres-et-mots.rq").read_text("utf-8")
    asked = query[query.index("PREFIX") :]
    page = ask(client, in_language(asked, "en"), lang="en").text
    assert 'title="?montantPublie">Published amount</th>' in page
    assert 'title="?partDe">?partDe</th>' in ask(client, "SELECT ?partDe { VALUES ?partDe { 1 } }").text


def test_an_empty_result_is_explained_before_it_is_called_empty(client: FlaskClient):
    query = "SELECT ?x { ?x a cper:Partt }"
    page = ask(client, query, lang="en").text
    assert page.index("the nearest one is cper:Part.") < page.index("No rows.") < page.index("<textarea")
    assert "Nothing here" not in ask(client, query.replace("Partt", "Part"), lang="en").text
    hostile = ask(client, f"SELECT ?x {{ ?x a <{CPER}a&b'c> }}")
    assert f"de la classe {CPER}a&amp;b&#39;c." in hostile.text


def test_results_in_json_link_to_the_page_that_explains_them(client: FlaskClient):
    graph = "https://w3id.org/cper-lod/graph/catalogue"
    asked = {"query": "SELECT ?d { ?d a dcat:Dataset ; cper:siren ?n }", "default-graph-uri": graph}
    head = client.get("/sparql", query_string=asked).json["head"]
    assert head["vars"] == ["d"]
    (link,) = head["link"]
    page = client.get(link.removeprefix("http://127.0.0.1:8000")).text
    assert "« ?d a dcat:Dataset . ?d cper:siren ?n »" in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_query_page_says_what_may_be_added_up(client: FlaskClient, lang: Language):
    said = formatting.typeset(translate("query-measures", lang), lang)
    for page in (client.get("/sparql", query_string={"lang": lang}, headers=HTML), ask(client, EXAMPLE, lang=lang)):
        assert said in page.text


def test_a_page_with_a_fault_keeps_the_query_and_tells_the_editor(client: FlaskClient):
    query = "SELECT * {\n ?s ?p <x:b>& }"
    page = ask(client, query)
    assert page.status_code == 400
    shown = page.text.partition("<textarea")[2].partition("</textarea>")[0].partition(">")[2]
    assert shown.strip() == html.escape(query)
    assert "Ligne 2, colonne 16" in page.text.partition('role="alert"')[2]
    assert 'data-line="2" data-column="16"' in page.text
    assert 'aria-describedby="query-help problem" aria-invalid="true"' in page.text


def test_the_editor_is_loaded_where_it_was_built(client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "editor").mkdir()
    for path in static.FOLDER.glob("*.*"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(static, "FOLDER", tmp_path)
    monkeypatch.setattr(static, "files", static.files.__wrapped__)
    monkeypatch.setattr(static, "hashed_name", static.hashed_name.__wrapped__)
    assert "/static/editor/" not in ask(client, "ASK {}").text
    (tmp_path / "editor" / "editor.js").write_text("code")
    (tmp_path / "editor" / "THIRD-PARTY.txt").write_text("MIT")
    (address,) = re.findall(r'src="(/static/editor/[^"]+)"', ask(client, "ASK {}").text)
    assert client.get(address).data == b"code"
    assert client.get("/static/editor/THIRD-PARTY.txt").data == b"MIT"


def test_the_editor_is_told_prefixes_and_terms_with_labels_and_counts(client: FlaskClient):
    told = client.get("/sparql/terms.json")
    assert told.get_json()["prefixes"]["cper"] == CPER
    by_name = {(each["name"], each["kind"]): each for each in told.get_json()["terms"]}
    assert by_name["cper:Signataire", "class"]["labels"] == {"fr": "signataire", "en": "signatory"}
    counted = client.get("/sparql.csv", query_string={"query": "SELECT (COUNT(*) AS ?n) { ?s cper:financeur ?o }"})
    assert str(by_name["cper:financeur", "property"]["count"]) == counted.text.split()[1]
    unchanged = client.get("/sparql/terms.json", headers={"If-None-Match": told.headers["ETag"]})
    assert unchanged.status_code == 304


# Answers as images: `/sparql.svg`, what other sites copy to show one


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314  # our own answer


def copied(page: str) -> str:
    """Return what a page offers to copy."""
    return html.unescape("".join(re.findall(r"<code>(<.*?|&lt;.*?)</code>", page, re.DOTALL)))


def test_the_image_says_what_the_page_says_in_either_language(client: FlaskClient, release: Release) -> None:
    question = next(each for each in release.questions if each["slug"] == "montants-par-financeur")
    for lang, said in zip(LANGUAGES, ("995\u00a0M€", "Mobility excluded"), strict=True):
        query = in_language(question["text"], lang)
        answer = client.get("/sparql.svg", query_string={"query": query, "lang": lang})
        assert (answer.status_code, answer.content_type) == (200, "image/svg+xml")
        drawn, page = " ".join(texts(answer.text)), html.unescape(ask(client, query, lang=lang).text)
        assert question["title"][lang].rstrip(" ?") in drawn
        assert said in drawn and said in page


def test_texts_of_an_answer_are_texts_of_the_image_and_of_what_is_copied(client: FlaskClient) -> None:
    query = rows(r""""</text><script>alert(1)</script>&\"' ]]>" 1""", r'"\u0001b" 2', names="?été ?n")
    answer = client.get("/sparql.svg", query_string={"query": query})
    assert "alert(1)" in " ".join(texts(answer.text))
    assert "b" in texts(answer.text)
    assert "<script" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert {"default-src 'none'", "frame-ancestors 'none'", "sandbox"} <= {each.strip() for each in policy.split(";")}
    assert re.fullmatch(
        r'<a href="[^"<>]*"><img src="[^"<>]*" alt="[^"<>]*" width="480" style="[^"<>]*" loading="lazy"></a>',
        copied(ask(client, query).text),
    )


def test_what_is_copied_leads_to_the_image_and_to_the_answer(client: FlaskClient) -> None:
    graph = "https://w3id.org/cper-lod/graph/rapport"
    assert copied(ask(client, EXAMPLE, **{"default-graph-uri": graph}).text) == "", "no share is in that graph"
    code = copied(ask(client, EXAMPLE, lang="en").text)
    assert "Supporting territories: 57.3%" in html.unescape(code)
    found = re.findall(r'(?:href|src)="http://127\.0\.0\.1:8000([^"]*)"', html.unescape(code))
    assert [urlsplit(each).path for each in found] == ["/sparql", "/sparql.svg"]
    for each in found:
        assert parse_qs(urlsplit(each).query)["query"] == [EXAMPLE]
        assert client.get(each, headers=HTML).status_code == 200


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"query": rows('"x" 1')}, "query-not-drawn"),
        ({"query": "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1"}, "query-not-drawn"),
        ({"query": "SELECT"}, "query-syntax"),
        ({}, "parameter-missing"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(client: FlaskClient, asked: dict[str, str], code: str) -> None:
    answer = client.get("/sparql.svg", query_string=asked)
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (400, code)
