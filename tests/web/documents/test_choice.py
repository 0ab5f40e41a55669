"""Which rows and columns of a list a request asks for, in each form; wrong requests are in `tests/web/test_wrong_requests.py`."""

import io
import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from cper_lod.release.tables.class_table import MAX_KEY
from tests.support.web import CONTRACT, HTML, ID, csv_rows
from tests.web.html_page import Page
from tests.web.plain_json import PUBLIC, faults


def table(client: FlaskClient, cls: str = "part", **query: str) -> list[dict[str, str]]:
    """Return the rows of a list in CSV."""
    return csv_rows(client, f"/doc/{cls}.csv", **query)


CONDITIONS = {
    "part=57.3": lambda row: row["part"] == "57.3",
    "part=57.30": lambda row: row["part"] == "57.3",
    "part__gt=20": lambda row: row["part"] != "" and float(row["part"]) > 20,
    "part__lt=20": lambda row: row["part"] != "" and float(row["part"]) < 20,
    "part__gt=9&part__lt=50&unite=%25": lambda row: row["part"] != "" and 9 < float(row["part"]) < 50,
    "part__null=true": lambda row: row["part"] == "",
    "part__null=FALSE": lambda row: row["part"] != "",
    "nom=Part de l'axe 2": lambda row: row["nom"] == "Part de l'axe 2",
    "nom__gt=Part de l'axe 3&nom__lt=Part de l'axe 6": lambda row: "Part de l'axe 3" < row["nom"] < "Part de l'axe 6",
    "financeur=etat&nom=PART : etat": lambda row: row["nom"] == "Part : État",
}


@pytest.mark.parametrize("conditions", CONDITIONS)
def test_conditions_choose_the_same_rows_in_each_form(client: FlaskClient, conditions: str):
    fields, every = "nom,part,unite,id", table(client, fields="nom,part,unite,id")
    chosen = [row for row in every if CONDITIONS[conditions](row)]
    assert len(chosen) < len(every)
    query = dict(each.split("=", 1) for each in conditions.replace("%25", "%").split("&"))
    assert table(client, fields=fields, **query) == chosen
    ids = [row["id"] for row in chosen]
    told = client.get("/doc/part.json", query_string=query).json
    assert ([each["id"] for each in told["items"]], told["total"], faults(told, "Liste")) == (ids, len(ids), [])
    page = client.get("/doc/part", query_string=query, headers=HTML).text
    assert [
        each for each in ids if f'<th scope="row" role="rowheader"><a href="{each.replace(ID, "/doc")}"' not in page
    ] == []
    book = load_workbook(io.BytesIO(client.get("/doc/part.xlsx", query_string=query).data)).worksheets[0]
    assert [row[0] for row in book.iter_rows(min_row=2, values_only=True)] == [row["nom"] for row in chosen]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_texts_are_above_and_below_as_the_column_orders_them(client: FlaskClient, lang: str):
    ordered = [row["nom"] for row in table(client, "subdivision", sort="nom", lang=lang)]
    middle = ordered[len(ordered) // 2]
    for written in (middle, middle.upper()):
        for end, expected in (("lt", ordered[: ordered.index(middle)]), ("gt", ordered[len(ordered) // 2 :])):
            chosen = table(client, "subdivision", sort="nom", lang=lang, **{f"nom__{end}": written})
            assert [row["nom"] for row in chosen] == [each for each in expected if each != middle]


def test_texts_that_begin_alike_are_above_and_below_each_other(client: FlaskClient):
    names = [row["nom"] for row in table(client, "enonce")]
    for written in {each for each in names if len(each) > MAX_KEY}:
        apart = [table(client, "enonce", **{f"nom__{end}": written}) for end in ("lt", "gt")]
        assert sum(map(len, apart)) == len(names) - names.count(written), "none is lost"


def test_days_and_years_are_in_one_order(client: FlaskClient):
    dates = [row["date"] for row in table(client, "etape")]
    assert {len(each) for each in dates} == {4, 10}, "years, and days"
    assert [row["date"] for row in table(client, "etape", sort="date")] == sorted(dates)
    below, above = (
        [row["date"] for row in table(client, "etape", **{end: "2022-06"})] for end in ("date__lt", "date__gt")
    )
    assert below == [each for each in dates if each < "2022-06"]
    assert above == [each for each in dates if each > "2022-06"]


C = CONTRACT.removeprefix("/")
SAME = {
    "contrat": (
        *(f"{ID}{CONTRACT}", f"/doc{CONTRACT}", f"{PUBLIC}/doc{CONTRACT}.json", f"/doc{CONTRACT}.json?lang=en", C),
        *(C.rpartition("/")[2], "State-Region plan contract 2021-2027, Hauts-de-France"),
    ),
    "statut": ("publie", "publié", "Published"),
    "nature": ("arrondi", "ARRONDIE", "rounded"),
    "financeur": ("etat", "État", "State (France)"),
    "nom": ("Part de l'axe 2", "part de l’axe  2", "Share of axis 2"),
}


@pytest.mark.parametrize("column", SAME)
def test_a_text_is_understood_as_people_write_it(client: FlaskClient, column: str):
    for lang in ("fr", "en"):
        found = [
            [row["id"] for row in table(client, lang=lang, fields="id", **{column: each})] for each in SAME[column]
        ]
        assert found[0]
        assert [each for each in found if each != found[0]] == []


def test_what_the_plain_json_calls_things_is_understood(client: FlaskClient):
    items = client.get("/doc/part.json").json["items"]
    for column, name in (("mesure", "somme"), ("nature", "nature"), ("statut", "etat")):
        values = {each[name] for each in items if each.get(name)}
        assert values
        for value in values:
            expected = [each["id"] for each in items if each.get(name) == value]
            assert [row["id"] for row in table(client, fields="id", **{column: value})] == expected, (column, value)


def test_fields_are_the_columns_in_their_order(client: FlaskClient):
    query = {"fields": "part,nom,mots", "sort": "-part", "lang": "en"}
    rows = [[each["part"], each["nom"], each["mots"]] for each in table(client, sort="-part", lang="en")]
    chosen = table(client, **query)
    assert ([*chosen[0]], [[*each.values()] for each in chosen]) == (["part", "nom", "mots"], rows)
    flat = client.get("/doc/part.json", query_string=query)
    assert flat.json["items"][0] == {"part": 57.3, "nom": rows[0][1], "mots": rows[0][2]}
    assert None in [each["part"] for each in flat.json["items"]], "what is missing is null"
    assert [str(each["part"] or "").removesuffix(".0") for each in flat.json["items"]] == [part for part, *_ in rows]
    assert faults(flat.json, "Lignes") == []
    assert "Lignes.json" in ", ".join(each for each in flat.headers.getlist("Link") if "describedby" in each)
    page = client.get("/doc/part", query_string=query, headers=HTML)
    heads = re.findall(r'<th scope="col"[^>]*><a [^>]*>([^<]*)', page.text)
    assert heads[:2] == ["Name", "Share"] and len(heads) == 3
    assert '<data value="57.3">57.3%</data>' in page.text
    book = load_workbook(io.BytesIO(client.get("/doc/part.xlsx", query_string=query).data)).worksheets[0]
    assert next(book.iter_rows(min_row=2, values_only=True))[0] == 57.3


def test_conditions_and_columns_stay_from_page_to_page(client: FlaskClient):
    query, seen = {"part__null": "false", "size": "2", "fields": "nom,part", "sort": "part"}, list[str]()
    following, before = f"{PUBLIC}/doc/part.json?{urlencode(query)}", ""
    while following:
        answer = client.get(following.removeprefix(PUBLIC))
        assert (answer.json["url"], answer.json.get("previous", "")) == (following, before)
        seen += [each["nom"] for each in answer.json["items"]]
        before, following = following, answer.json.get("next", "")
        assert (f'<{following}>; rel="next"' in ", ".join(answer.headers.getlist("Link"))) == bool(following)
    assert seen == [row["nom"] for row in table(client, part__null="false", sort="part")]
    assert len(seen) > 4


def test_a_page_says_which_conditions_it_has_and_how_to_drop_them(client: FlaskClient):
    answer = client.get("/doc/part?part__gt=9&unite=%25&statut__null=false&size=2&sort=-part&lang=fr", headers=HTML)
    text = Page(answer).text
    assert "Part > 9 (retirer)" in text.replace("\u202f", " ").replace("\xa0", " ")
    links = [unescape(each) for each in re.findall(r'href="(/doc/part\?[^"]*)"', answer.text)]
    kept = [{name: value for name, (value,) in parse_qs(urlsplit(each).query).items()} for each in links]
    dropped = [each for each in kept if "part__gt" not in each]
    assert dropped == [{"unite": "%", "statut__null": "false", "size": "2", "sort": "-part", "lang": "fr"}]
    ordered = [each for each in kept if each not in dropped and "unite" in each and "statut__null" in each]
    assert all(each["part__gt"] == "9" and each["lang"] == "fr" for each in ordered)
    assert {each.get("sort") for each in ordered} > {"-part", "nom", "part", None}, "headings, and the first order"
    assert any("after" in each for each in ordered), "and further pages"
    nothing = client.get("/doc/part?part__gt=900", headers=HTML)
    assert (nothing.status_code, "<table" in nothing.text) == (200, False)


def test_pages_pass_over_what_other_sites_add(client: FlaskClient):
    for query in ("utm_source=x&fbclid=y&ref=z&page=2", "limit=5"):
        assert client.get(f"/doc/part?{query}", headers=HTML).status_code == 200
    for query in ("financeru=x", "Part__gt=5", "part>5", "part__gt=x", "fields=prat", "sort=prat"):
        assert client.get(f"/doc/part?{query}", headers=HTML).status_code == 400, query
