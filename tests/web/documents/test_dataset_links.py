"""Links with data.gouv.fr: every form of a thing names its datasets, and /links lists them all."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from cper_lod.core.namespaces import CPER, DCAT, DCT, SCHEMA, SKOS
from cper_lod.release.release import Release
from cper_lod.web.documents import dataset_links
from tests.support.html_page import Page
from tests.support.nquads_release import LABEL, client_without_engine, release_of_quads
from tests.support.web import CONTRACT, ID

PUBLIC = "http://127.0.0.1:8000"
SITE = "https://www.data.gouv.fr/datasets/"
SIRENE = SITE + "5b7ffc618b4c4169d30727e0"
COG = SITE + "58c984b088ee386cdb1261f3"
JAUNE = SITE + "53699ce7a3a729239d205ac3"
HTML = {"Accept": "text/html"}


def pages(client: FlaskClient, address: str) -> list[Any]:
    """Return all pages of the list in JSON, from the first on; each conforms to its schema, which it leads to."""
    schema = Draft202012Validator(json.loads(client.get("/schema/1.0.0/ListeDesJointures.json").data))
    found = []
    while address:
        answer = client.get(address.removeprefix(PUBLIC))
        assert answer.status_code == 200
        assert answer.content_type == "application/json"
        found.append(json.loads(answer.data))
        schema.validate(found[-1])
        address = found[-1].get("next", "")
        assert len(found) < 200
    return found


def items(client: FlaskClient, address: str = "/links.json") -> list[Any]:
    return [each for page in pages(client, address) for each in page["items"]]


def rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.count(b"\r\n") == answer.data.count(b"\n")
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


@pytest.mark.parametrize("suffix", ["json", "ttl", "jsonld", "nt", "rdf", "trig", "html"])
@pytest.mark.parametrize(
    ("thing", "dataset", "key", "value"),
    [
        ("/organisme/region-hauts-de-france", SIRENE, "siren", "200053742"),
        ("/territoire/aisne", COG, "codeInsee", "02"),
    ],
)
def test_every_form_of_a_thing_names_its_datasets(
    client: FlaskClient, thing: str, dataset: str, key: str, value: str, suffix: str
) -> None:
    text = client.get(f"/doc{thing}.{suffix}").text
    assert dataset in text
    assert value in text
    if suffix != "html":  # the page has the name of the key
        assert key.lower() in text.lower()
    else:
        assert "/links" in Page(client.get(f"/doc{thing}.html")).links


@pytest.mark.parametrize("suffix", ["json", "ttl", "jsonld", "nt", "rdf", "trig", "html"])
def test_every_form_of_the_contract_names_its_datasets(client: FlaskClient, suffix: str) -> None:
    named = {each["jeu"]["id"] for each in items(client)}
    assert len(named) == 7
    text = client.get(f"/doc{CONTRACT}.{suffix}").text
    assert [each for each in named if each not in text] == []


def test_the_list_has_every_key_and_value(client: FlaskClient, release: Release) -> None:
    found = items(client)
    joined = {(each["jeu"]["id"], each["chose"]["id"], each.get("cle"), each.get("valeur")) for each in found}
    assert (SIRENE, f"{ID}/organisme/region-hauts-de-france", "siren", "200053742") in joined
    assert (JAUNE, f"{ID}/organisme/etat", None, None) in joined
    # A contract names the datasets of its signatories, which are joined with these.
    assert not [each for each in joined if "/contrat/" in each[1]]
    assert len(joined) == len(found) == release.listing.count(DCAT + "Relationship").number == 38
    for each in found:
        assert each["page"] == each["jeu"]["id"]
        for reference in (each["jeu"], each["chose"]):
            assert reference["url"].startswith(PUBLIC)
            assert ".json" in reference["url"]


def test_a_page_of_the_list_in_json(client: FlaskClient) -> None:
    whole = json.loads(client.get("/links.json").data)
    assert (whole["url"], whole["nom"], whole["total"]) == (PUBLIC + "/links.json", "Liens avec data.gouv.fr", 38)
    assert not {"next", "previous", "more"} & whole.keys()
    found = pages(client, "/links.json?size=7&lang=en")
    assert [len(each["items"]) for each in found] == [7, 7, 7, 7, 7, 3]
    assert [each["chose"]["nom"] for each in found[0]["items"]][:2] == ["Aisne", "Hauts-de-France"]
    assert found[0]["nom"] == "Links with data.gouv.fr"
    assert {each["total"] for each in found} == {38}
    assert [each["id"] for page in found for each in [item["jeu"] for item in page["items"]]] == [
        each["jeu"]["id"] for each in whole["items"]
    ]
    assert all(each["lang"] == "en" for each in [dict(_query(page["url"])) for page in found])
    before = [json.loads(client.get(each["previous"].removeprefix(PUBLIC)).data) for each in found[1:]]
    assert [each["items"] for each in before] == [each["items"] for each in found[:-1]]
    first = json.loads(client.get(found[-1]["first"].removeprefix(PUBLIC)).data)
    assert first["items"] == found[0]["items"]


def _query(url: str) -> list[tuple[str, str]]:
    return [tuple(each.split("=", 1)) for each in urlsplit(url).query.split("&")]  # type: ignore[misc]


def test_a_dataset_that_was_not_read_says_so_in_json(client: FlaskClient) -> None:
    dataset = json.loads(client.get(f"/describe.json?iri={quote(SIRENE, safe='')}&lang=en").data)
    assert dataset["page"] == SIRENE
    assert dataset["nonLu"].startswith("Dataset not read to date")
    assert not {"luLe", "editeur", "licence", "misAJour"} & dataset.keys()


def test_the_list_leads_to_its_schema(client: FlaskClient) -> None:
    links = client.get("/links.json").headers.getlist("Link")
    described = f'<{PUBLIC}/schema/1.0.0/ListeDesJointures.json>; rel="describedby"; type="application/schema+json"'
    assert described in links
    schema = json.loads(client.get("/schema/1.0.0/ListeDesJointures.json").data)
    whole = json.loads(client.get("/links.json").data)
    assert not Draft202012Validator(schema).is_valid({**whole, "items": [{**whole["items"][0], "page": None}]})


def test_json_is_in_one_language(client: FlaskClient) -> None:
    english = client.get("/links", headers={"Accept": "application/json", "Accept-Language": "en"})
    assert english.content_type == "application/json"
    assert {"Accept", "Accept-Language"} <= set(english.vary)
    assert json.loads(english.data)["nom"] == "Links with data.gouv.fr"


def test_csv_says_the_same(client: FlaskClient) -> None:
    found = rows(client, "/links.csv")
    assert list(found[0]) == list(dataset_links.CSV_HEADS)
    assert [(each["dataset"], each["thing"], each["key"], each["value"]) for each in found] == [
        (each["jeu"]["id"], each["chose"]["id"], each.get("cle", ""), each.get("valeur", "")) for each in items(client)
    ]
    (aisne,) = (each for each in found if (each["dataset"], each["thing_en"]) == (COG, "Aisne"))
    assert (aisne["key"], aisne["value"], aisne["dataset_fr"]) == (
        "codeInsee",
        "02",
        "Code officiel géographique (COG)",
    )


@pytest.mark.parametrize(
    ("lang", "title", "unread"),
    [("fr", "Liens avec data.gouv.fr", "Jeu non lu à ce jour"), ("en", "Links with data.gouv.fr", "not read to date")],
)
def test_the_page(client: FlaskClient, lang: str, title: str, unread: str) -> None:
    page = Page(client.get(f"/links?lang={lang}", headers=HTML))
    assert title in page.text
    assert page.text.count(unread) == 7
    assert {SIRENE, COG, JAUNE} <= set(page.links)
    for value in ("200053742", "02", "http://id.insee.fr/geo/region/32", "siren", "codeInsee", "identique"):
        assert value in page.text
    assert "/links.csv" in page.links
    home = Page(client.get(f"/?lang={lang}", headers=HTML))
    assert f"/links?lang={lang}" in home.links


@pytest.mark.parametrize(
    "query",
    [
        "size=0",
        "size=1001",
        "size=x",
        "after=x",
        "after=a b",
        "size=1&size=2",
        "after=" + "x" * 9000,
    ],
)
def test_a_wrong_parameter_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/links.json?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_a_form_that_is_not_offered(client: FlaskClient) -> None:
    assert client.get("/links.ttl").status_code == 404
    assert client.get("/links", headers={"Accept": "text/turtle"}).status_code == 406


COUNTED, HTML_SIZE = 40, 20
"""Smaller bounds, so that a small release goes beyond them."""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A release with more links than are counted, several values of one link, another use of `dct:relation`, nodes without a name."""
    lines = []
    for number in range(COUNTED + 10):
        thing, link = f"<{ID}/o/{number:05}>", f"<{ID}/o/{number:05}/lien/x>"
        lines += [f"{thing} <{DCAT}qualifiedRelation> {link}", f"{thing} <{CPER}jeuLie> <{SIRENE}>"]
        lines += [f"{link} <{DCT}relation> <{SIRENE}>", f"{link} <{CPER}cle> <{CPER}siren>"]
        lines.append(f'{link} <{SCHEMA}value> "{number:09}"')
    lines += [f'<{ID}/o/00003/lien/x> <{SCHEMA}value> "{each}"' for each in ("a", "b")]
    lines += [f"<{ID}/only> <{CPER}jeuLie> <{SITE}x/y>", f"<{ID}/only> <{CPER}jeuLie> <{SITE}x>"]
    lines += [f"<{ID}/only> <{DCT}relation> <{SITE}x>", f"<{ID}/only> <{DCT}source> <{SITE}x>"]
    lines += [f"_:b <{CPER}jeuLie> <{SITE}x>", f'<{SITE}x> {LABEL} "<b>x</b>"', f'<{SIRENE}> {LABEL} "Sirene"@fr']
    lines += [f'<{SIRENE}> <{SCHEMA}sdDatePublished> "2026-02-03"', f'<{SIRENE}> <{SCHEMA}publisher> "Insee"']
    lines += [f'<{SIRENE}> <{DCT}modified> "2026-02-01"', f'<{SIRENE}> <{SKOS}note> "Notre note"@fr']
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dataset_links, "MAX_COUNTED", COUNTED)
        patched.setattr(dataset_links, "MAX_HTML_PAGE_SIZE", HTML_SIZE)
        yield client_without_engine(release_of_quads(tmp_path_factory.mktemp("many"), lines))


def test_a_large_release_is_read_page_by_page(many: FlaskClient) -> None:
    found = pages(many, "/links.json?size=12")
    values = [each.get("valeur") for page in found for each in page["items"]]
    assert sorted(values[:-2]) == sorted([*(f"{number:09}" for number in range(COUNTED + 10)), "a", "b"])
    # Both names of the last thing, whose IRIs sort otherwise as texts than in the file.
    assert [each["jeu"]["id"] for each in found[-1]["items"][-2:]] == [SITE + "x/y", SITE + "x"]
    assert (found[0]["total"], found[0]["more"]) == (COUNTED, True)
    assert [len(each["items"]) for each in found] == [12, 12, 12, 12, 6]
    back = json.loads(many.get(found[-1]["previous"].removeprefix(PUBLIC)).data)
    assert back["items"] == found[-2]["items"]


def test_pages_end_within_the_values_of_one_link(many: FlaskClient) -> None:
    whole = items(many, "/links.json?size=9")[:9]
    assert [each["valeur"] for each in whole[3:6]] == ["000000003", "a", "b"]
    here = pages(many, "/links.json?size=4")[1]
    assert here["items"] == whole[4:8]
    assert json.loads(many.get(here["previous"].removeprefix(PUBLIC)).data)["items"] == whole[:4]


def test_a_page_may_start_with_a_dataset(client: FlaskClient) -> None:
    found = json.loads(client.get(f"/links.json?size=5&after={quote(SIRENE, safe='')}").data)
    assert {each["jeu"]["id"] for each in found["items"]} == {SIRENE}
    before = json.loads(client.get(found["previous"].removeprefix(PUBLIC)).data)
    assert {each["jeu"]["id"] for each in before["items"]} == {COG}
    for beyond in ("urn:x", "http://a.example/#x.1"):
        answer = client.get(f"/links.json?after={quote(beyond, safe='')}")
        assert answer.status_code == 200


def test_what_was_read_of_a_dataset_is_shown(many: FlaskClient) -> None:
    answer = many.get("/links?size=1000", headers=HTML)
    page = Page(answer)
    assert "Lu sur data.gouv.fr le 3 février 2026 : publié par Insee, mis à jour le 1er février 2026." in page.text
    assert "Notre note" in page.text
    assert page.tags.count("tr") == HTML_SIZE + 1
    last = Page(many.get(pages(many, "/links.json?size=12")[-1]["url"].removeprefix(PUBLIC).replace(".json", ".html")))
    assert "<b>x</b>" in last.text
    assert "Jeu connu par son seul identifiant : non lu à ce jour." in last.text


def test_a_page_ends_where_too_much_was_read(many: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = items(many)
    monkeypatch.setattr(dataset_links, "_MAX_GROUPS", 15)
    found = pages(many, "/links.json?size=10")
    assert [each for page in found for each in page["items"]] == whole
    assert any(len(page["items"]) < 10 for page in found[:-1])
    assert all(page["more"] for page in found)


def test_data_without_links_say_so(hostile_client: FlaskClient, tmp_path: Path) -> None:
    assert json.loads(hostile_client.get("/links.json").data)["items"] == []
    assert rows(hostile_client, "/links.csv") == []
    page = Page(hostile_client.get("/links?lang=en", headers=HTML))
    assert "These data name no dataset of data.gouv.fr." in page.text
