"""The lists of things by class: every format, page by page, at constant cost, and without hiding a thing."""

import datetime
import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cper_lod.core.namespaces import CPER
from cper_lod.release.release import Release
from cper_lod.release.storage.class_listing import Listing
from cper_lod.web.documents.lists import MAX_HTML_PAGE_SIZE, MAX_PAGE_SIZE, PAGE_SIZE
from tests.importing.workbooks import data_and_about
from tests.support.nquads_release import LABEL, TYPE, client_without_engine, release_of_quads
from tests.support.web import CONTRACT, HTML, ID, PUBLIC, csv_rows
from tests.web.html_page import Page

E = "http://e.org/"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A release with a class of 3 500 things, and a thing that is called as the list of a class would be."""
    lines = [f"<{E}t/{number:04}> {TYPE} <{E}Thing>" for number in range(3500)]
    lines += [f'<{E}t/{number:04}> <{E}n> "{number}"' for number in range(3500)]
    lines += [
        f"<{ID}/x/1> {TYPE} <{CPER}Subdivision>",
        f"<{ID}/x/1> {TYPE} <{CPER}Avenant>",
        f"_:b {TYPE} <{CPER}Subdivision>",
    ]
    lines += [f'<{ID}/subdivision> {LABEL} "A thing called axe"', f'<{ID}/avenant.csv> {LABEL} "Called as a file"']
    lines += [f'<{E}strange> {LABEL} "=HYPERLINK(\\"x\\")\\r\\n,;"@fr', f"<{E}strange> {TYPE} <{E}Strange>"]
    lines += [f"<{E}f> {TYPE} <{E}Far>", *(f"<{E}f> <{E}far> <{E}x/{number:02}>" for number in range(30))]
    lines += [f'<{E}x/{number:02}> {LABEL} "x{number:02}"@fr' for number in range(30)]
    lines += [f'<{E}strange> <{E}p> "b"', f'<{E}strange> <{E}p> "a"']
    return client_without_engine(release_of_quads(tmp_path_factory.mktemp("many"), lines))


def ids(answer: TestResponse) -> set[str]:
    """Return the things of a page of a list in JSON."""
    assert answer.status_code == 200
    return {each["id"] for each in answer.json["items"]}


def test_a_table_has_the_same_names_in_each_language(client: FlaskClient):
    axes = [row for row in csv_rows(client, "/doc/subdivision.csv?lang=en") if f"{CONTRACT}/axe/" in row["url"]]
    assert [*axes[0]][:5] == ["numero", "nom", "part", "montant", "unite"]
    assert [row["numero"] for row in axes] == ["1", "2", "3", "4", "5", "6"]
    assert (axes[1]["nom"], axes[1]["type"], axes[1]["part"]) == ("Supporting territories", "Axis", "57.3")
    assert axes[1]["url"] == f"{PUBLIC}/doc{CONTRACT}/axe/2"
    other = client.get("/doc/subdivision.csv", headers={"Accept-Language": "en"})
    assert other.data == client.get("/doc/subdivision.csv?lang=fr").data, "the address alone says the language"
    assert "Accept-Language" not in other.vary
    pages = [client.get("/doc/subdivision.html", headers={"Accept-Language": lang}).text for lang in ("fr", "en")]
    assert ["/doc/subdivision.csv?lang=en" in each for each in pages] == [False, True]


def test_a_table_is_whole_or_says_that_it_is_not(client: FlaskClient):
    body = csv_rows(client, "/doc/enonce.csv")
    assert len(body) == client.get("/doc/enonce.json").json["total"] > 100
    paths = ("enonce.xlsx", "part.xlsx", "subdivision.xlsx", "enonce.xlsx?size=2")
    notes = [str(data_and_about(client.get(f"/doc/{path}").data)[1].get("À savoir", "")) for path in paths]
    assert not notes[0] and len(set(notes)) == len(notes)
    assert re.search(rf"\b2\b.*\b{len(body)}\b", notes[3])


def test_a_workbook_has_numbers_dates_and_codes(client: FlaskClient):
    """As openpyxl reads them: a number is a number, a day a date, a SIREN a text."""

    def cells(name: str) -> list[dict[str, object]]:
        (head, *body), _ = data_and_about(client.get(f"/doc/{name}.xlsx").data)
        return [dict(zip(head, row, strict=True)) for row in body]

    (share,) = [row for row in cells("part") if str(row["url"]).endswith(f"{CONTRACT}/part/axe-2")]
    assert (share["part"], share["unite"], share["motif"]) == (57.3, "%", None)
    assert {type(row["publie_le"]) for row in cells("dcat-dataset")} == {datetime.datetime}
    assert "220200026" in {row["siren"] for row in cells("signataire")}


def test_a_table_says_where_there_is_more(many: FlaskClient):
    first, second, *_ = csv_rows(many, "/doc.csv", **{"class": E + "Thing"})
    assert [*first] == ["nom", "url"]
    assert (first["nom"], second["nom"]) == (E + "t/0000", E + "t/0001")
    (row,) = csv_rows(many, "/doc.csv", **{"class": E + "Far"})
    assert row["far"].split(" | ") == [*(f"x{number:02}" for number in range(20)), "…"]


def rows_of(client: FlaskClient, path: str) -> dict[str, str]:
    """Return the rows of the table of a page by the path of their things, in order."""
    text = client.get(path, headers=HTML).text
    return dict(re.findall(r'<th scope="row"[^>]*><a href="([^"?]*)[^"]*"[^>]*>.*?</th>(.*?)</tr>', text))


ORDERS = {
    "-part": "axe-2 etat region autres-signataires axe-1 axe-4 axe-3 axe-5 axe-6",
    "part": "axe-3 axe-4 axe-1 autres-signataires etat region axe-2 axe-5 axe-6",
}


@pytest.mark.parametrize("sort", ORDERS)
def test_every_form_is_sorted_by_number_and_what_is_missing_comes_last(client: FlaskClient, sort: str):
    shown = rows_of(client, f"/doc/part?sort={sort}")
    in_csv = [row["url"] for row in csv_rows(client, f"/doc/part.csv?sort={sort}")]
    in_json = [each["id"] for each in client.get(f"/doc/part.json?sort={sort}").json["items"]]
    for found in (shown, in_csv, in_json):
        assert [each.rpartition("/")[2] for each in found if CONTRACT in each] == ORDERS[sort].split()
    assert [each.removeprefix(PUBLIC) for each in in_csv] == [*shown]
    assert "hors somme" in shown[f"/doc{CONTRACT}/part/axe-5"], "what is in no sum is told apart"
    answer = client.get(f"/doc/part?sort={sort}", headers=HTML)
    way, other = ("descending", "part") if sort.startswith("-") else ("ascending", "-part")
    assert re.findall(r'aria-sort="(\w+)"><a href="([^"]*)"', answer.text) == [(way, f"/doc/part?sort={other}")]
    assert f'<link rel="canonical" href="{PUBLIC}/doc/part">' in answer.text


def test_a_very_long_list_has_one_order(many: FlaskClient):
    query = {"class": E + "Thing", "sort": "nom"}
    answer = many.get("/doc.json", query_string=query)
    assert answer.status_code == 400
    filtered = many.get("/doc.json", query_string={"class": E + "Thing", "nom": "x"})
    assert (filtered.status_code, filtered.json["name"]) == (400, "nom")
    page = many.get("/doc", query_string={"class": E + "Thing"}, headers=HTML).text
    assert "sort=" not in page


def test_a_table_changes_nothing(many: FlaskClient):
    """What a spreadsheet would take for a formula, and a line break, stand as in the data; several values in a cell."""
    (row,) = csv_rows(many, "/doc.csv", **{"class": E + "Strange"})
    assert (row["nom"], row["p"]) == ('=HYPERLINK("x")\r\n,;', "a | b")


@pytest.mark.slow
def test_no_text_of_ours_is_a_formula(client: FlaskClient, release: Release):
    """A spreadsheet would run a cell that begins so; numbers below zero are none."""
    cells = [
        cell
        for cls in release.listing.classes
        for row in csv_rows(client, "/doc.csv", **{"class": cls.iri, "size": str(MAX_PAGE_SIZE)})
        for cell in row.values()
    ]
    assert len(cells) > 2000
    assert [cell for cell in cells if re.match(r"[=+@\t\r]|-(?![0-9.]+$)", cell)] == []


def test_pages_for_people_lead_on_and_back(many: FlaskClient):
    first = many.get("/doc", query_string={"class": E + "Thing"}, headers=HTML)
    shown = Page(first)
    assert "3 500".replace(" ", "\u202f") in shown.text
    assert shown.tags.count("tr") == PAGE_SIZE + 1
    (following,) = re.findall(r'<a rel="next" href="([^"]*)"', first.text)
    second = many.get(following.replace("&amp;", "&"), headers={"Accept": "text/html", "Accept-Language": "en"})
    assert "t/0100" in second.text
    assert re.findall(r'<a rel="(\w+)"', second.text) == ["first", "prev", "next", "last"]
    assert Page(second).text.count("Next page") == 1


def test_a_page_for_people_is_bounded_whatever_is_asked_for(many: FlaskClient):
    query = {"class": E + "Thing", "size": "1000"}
    first = many.get("/doc.html", query_string=query)
    (following,) = re.findall(r'<a rel="next" href="([^"]*)"', first.text)
    second = many.get(following.replace("&amp;", "&"), headers=HTML)
    assert [Page(each).tags.count("tr") for each in (first, second)] == [MAX_HTML_PAGE_SIZE + 1] * 2
    assert ("t/0199" in first.text, "t/0200" in second.text) == (True, True)
    assert len(csv_rows(many, "/doc.csv", **query)) == MAX_PAGE_SIZE


def test_the_last_page_costs_what_the_first_does(many: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    """Counted, not timed: how many members of the list are read for a page."""
    listing, read = many.application.extensions["cper_lod"].release.listing, list[str]()
    members = Listing._members
    monkeypatch.setattr(Listing, "_members", lambda *given: (found := members(*given), read.extend(found))[0])
    costs = []
    for after in ("", f"{E}t/0099", f"{E}t/3400"):
        read.clear()
        assert listing.page(E + "Thing", after, 100).iris
        costs.append(len(read))
    assert 100 <= min(costs) <= max(costs) <= 304


def test_the_first_page_has_the_address_of_the_list_and_the_last_leads_back(client: FlaskClient):
    page = client.get("/doc/subdivision.json?size=2").json
    assert page["first"] == f"{PUBLIC}/doc/subdivision.json?size=2"
    last = client.get(page["last"].removeprefix(PUBLIC)).json
    assert (last["first"], last["last"]) == (page["first"], last["url"]) != (page["first"], page["url"])
    assert client.get("/doc/subdivision.json?after=x&lang=en").json["first"] == "/doc/subdivision.json?lang=en"


def test_a_thing_wins_over_a_list(many: FlaskClient):
    assert b"A thing called axe" in many.get("/doc/subdivision.nt").data
    assert b"Called as a file" in many.get("/doc/avenant.csv", headers={"Accept": "text/turtle"}).data
    assert ids(many.get("/doc/avenant")) == {f"{ID}/x/1"}
    assert ids(many.get("/doc.json", query_string={"class": CPER + "Subdivision"})) == {f"{ID}/x/1"}
    addresses = {each["url"] for each in many.get("/doc.json").json["items"]}
    assert {
        f"{PUBLIC}/doc.json?class={quote(CPER + 'Subdivision', safe='')}",
        f"{PUBLIC}/doc/avenant.json",
    } <= addresses
    page = many.get("/doc", query_string={"class": CPER + "Subdivision"}, headers=HTML)
    assert "Nœuds anonymes (sans adresse)" in page.text


def test_the_index_of_the_classes(client: FlaskClient, release: Release):
    lists = {each["url"]: each for each in client.get("/doc.json").json["items"]}
    assert len(lists) == len(release.listing.classes) > 40
    for address in lists:
        assert client.head(address.removeprefix(PUBLIC)).status_code == 200
    shown = Page(client.get("/doc", headers=HTML))
    assert {"/doc/subdivision", "/doc/signataire", "/doc/contrat"} <= set(shown.links)
    told = lists[f"{PUBLIC}/doc/subdivision.json"]
    assert (told["nom"], told["total"]) == ("subdivision", release.listing.count(CPER + "Subdivision"))


def test_the_classes_are_grouped_and_those_for_programs_are_folded(client: FlaskClient, hostile_client: FlaskClient):
    answer = client.get("/doc.html")
    assert len(answer.data) < 60_000
    plan, actors, places, words, machinery, *_ = answer.text.partition("<main")[2].split("<section>")[1:]
    assert re.findall('<th [^>]*scope="row"><a href="([^"]*)"', plan)[:4] == [
        *("/doc/contrat", "/doc/decoupage", "/doc/subdivision", "/doc/montant")
    ]
    assert "/doc/signataire" in actors
    assert "/doc/igeo-departement" in places
    assert "/doc/enonce" in words
    assert "/doc/qb-component-specification" in machinery.partition("<details>")[2].partition("</details>")[0]
    assert "<h2" in hostile_client.get("/doc.html").text.partition("Evil")[0], "classes of others are no machinery"


def test_any_class_of_the_data_has_a_list(client: FlaskClient, hostile_client: FlaskClient):
    assert client.get("/doc", query_string={"class": E + "Nothing"}).status_code == 404
    assert client.get("/doc?class=nonsense").status_code == 400
    assert ids(client.get("/doc.json", query_string={"class": CPER + "composeDe"})) == set()
    evil = hostile_client.get("/doc", query_string={"class": "http://ex.org/Evil"}, headers=HTML)
    Page(evil)
    assert "&lt;script&gt;alert(1)" in evil.text
    assert "<script>alert" not in evil.text
    for suffix in ("json", "csv", "xlsx"):
        assert hostile_client.get(f"/doc.{suffix}", query_string={"class": "http://ex.org/Evil"}).status_code == 200
    Page(hostile_client.get("/doc", headers=HTML))


def test_a_column_of_figures_that_are_all_missing_says_so(client: FlaskClient) -> None:
    page = client.get("/doc/montant?montant__null=true&lang=en", headers=HTML).text
    assert page.count('<td role="cell" class="number" data-head="Amount">') == page.count("<tr") - 1 > 1
