"""Links with data.gouv.fr: every form of a thing names its datasets, and /links lists them all."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator

from cper_lod.core.namespaces import CPER, DCAT, DCT, SCHEMA, SKOS
from cper_lod.release.release import Release
from cper_lod.web.documents import dataset_links, lists
from tests.support.html_page import Page
from tests.support.nquads_release import LABEL, TYPE, client_without_engine, release_of_quads
from tests.support.web import CONTRACT, ID

PUBLIC = "http://127.0.0.1:8000"
SITE = "https://www.data.gouv.fr/datasets/"
SIRENE = SITE + "5b7ffc618b4c4169d30727e0"
COG = SITE + "58c984b088ee386cdb1261f3"
JAUNE = SITE + "53699ce7a3a729239d205ac3"
HTML = {"Accept": "text/html"}


def pages(client: FlaskClient, address: str) -> list[Any]:
    """Return all pages of the list in JSON, from the first on; each conforms to its schema, which it leads to."""
    schema = Draft202012Validator(json.loads(client.get("/schema/2.0.0/ListeDesJointures.json").data))
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
def test_every_form_of_a_thing_names_its_datasets(client: FlaskClient, suffix: str) -> None:
    named = {each["jeu"]["id"] for each in items(client)}
    assert len(named) == 7
    for thing, told in (
        ("/organisme/region-hauts-de-france", [SIRENE, "200053742", "siren"]),
        ("/territoire/aisne", [COG, ">02<" if suffix == "html" else "02", "codeinsee"]),
        (CONTRACT, named),
    ):
        text = client.get(f"/doc{thing}.{suffix}").text
        keys = ("siren", "codeinsee") if suffix == "html" else ()  # the page has the name of the key
        assert [each for each in told if each not in keys and each not in text and each not in text.lower()] == []
    if suffix == "html":
        assert "/links" in Page(client.get("/doc/territoire/aisne.html")).links


def test_the_list_is_that_of_the_class_of_links(client: FlaskClient, release: Release) -> None:
    found = items(client)
    joined = {(each["jeu"]["id"], each["chose"]["id"], each.get("cle"), *each["valeurs"]) for each in found}
    assert (SIRENE, f"{ID}/organisme/region-hauts-de-france", "siren", "200053742") in joined
    assert (JAUNE, f"{ID}/organisme/etat", None) in joined
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
    described = f'<{PUBLIC}/schema/2.0.0/ListeDesJointures.json>; rel="describedby"; type="application/schema+json"'
    assert described in client.get("/links.json").headers.getlist("Link")
    english = client.get("/links", headers={"Accept": "application/json", "Accept-Language": "en"})
    assert (english.content_type, english.json["nom"]) == ("application/json", "Links with data.gouv.fr")
    assert {"Accept", "Accept-Language"} <= set(english.vary)
    found = pages(client, "/links.json?size=7&lang=en")
    assert [len(each["items"]) for each in found] == [7, 7, 7, 7, 7, 3]
    assert found[0]["items"][0]["chose"]["id"] == f"{ID}/organisme/amiens-metropole"
    assert found[0]["nom"] == "Links with data.gouv.fr"
    assert {each["total"] for each in found} == {38}
    assert [each["chose"]["id"] for page in found for each in page["items"]] == [
        each["chose"]["id"] for each in whole["items"]
    ]
    assert all("lang=en" in page["url"] for page in found)
    for relation, there in (("previous", found[-2]), ("first", found[0]), ("last", found[-1])):
        assert json.loads(client.get(found[-1][relation].removeprefix(PUBLIC)).data)["items"] == there["items"]


def test_a_dataset_that_was_not_read_says_so_in_json(client: FlaskClient) -> None:
    dataset = json.loads(client.get(f"/describe.json?iri={quote(SIRENE, safe='')}&lang=en").data)
    assert dataset["page"] == SIRENE
    assert dataset["nonLu"].startswith("We have not opened this dataset yet")
    assert not {"luLe", "editeur", "licence", "misAJour"} & dataset.keys()


def test_csv_says_the_same(client: FlaskClient) -> None:
    found = rows(client, "/links.csv")
    assert list(found[0]) == list(dataset_links.CSV_HEADS)
    assert [(each["jeu_id"], each["chose_id"], each["cle"], each["valeur"]) for each in found] == [
        (each["jeu"]["id"], each["chose"]["id"], each.get("cle", ""), value)
        for each in items(client)
        for value in each["valeurs"] or [""]
    ]
    (aisne,) = (each for each in found if (each["jeu_id"], each["chose"]) == (COG, "Aisne"))
    assert (aisne["cle"], aisne["valeur"], aisne["jeu"]) == ("codeInsee", "02", "Code officiel géographique (COG)")


@pytest.mark.parametrize(
    ("lang", "title", "unread"),
    [
        ("fr", "Liens avec data.gouv.fr", "Ce jeu n’a pas encore été consulté"),
        ("en", "Links with data.gouv.fr", "We have not opened this dataset yet"),
    ],
)
def test_the_page(client: FlaskClient, lang: str, title: str, unread: str) -> None:
    page = Page(client.get(f"/links?lang={lang}", headers=HTML))
    assert title in page.text
    assert page.text.count(unread) == 7
    assert {SIRENE, COG, JAUNE} <= set(page.links)
    for value in ("200053742", "02", "http://id.insee.fr/geo/region/32", "siren", "codeInsee", "identique"):
        assert value in page.text
    assert f"/links.csv?lang={lang}" in page.links
    assert f"/doc/schema-dataset?lang={lang}" in page.links
    assert page.tags.count("table") == 7  # one for each dataset
    assert {"fr": "38 liens en tout.", "en": "38 links in all."}[lang] in page.text
    home = Page(client.get(f"/?lang={lang}", headers=HTML))
    assert f"/links?lang={lang}" in home.links


def test_a_form_that_is_not_offered(client: FlaskClient) -> None:
    assert client.get("/links.ttl").status_code == 404
    assert client.get("/links", headers={"Accept": "text/turtle"}).status_code == 406


NUMBER, HTML_SIZE = 50, 20
"""Links of a small release, and a bound of pages that it exceeds."""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A release with some pages of links, one with several values, and uses of the same properties that are no links."""
    lines = []
    for number in range(NUMBER):
        thing, link, dataset = f"<{ID}/o/{number:05}>", f"<{ID}/o/{number:05}/lien/x>", (SIRENE, SITE + "x")[number % 2]
        lines += [f"{thing} <{DCAT}qualifiedRelation> {link}", f"{thing} <{CPER}jeuLie> <{dataset}>"]
        lines += [f"{link} {TYPE} <{DCAT}Relationship>", f"{link} <{DCT}relation> <{dataset}>"]
        lines += [f"{link} <{CPER}cle> <{CPER}siren>", f'{link} <{SCHEMA}value> "{number:09}"']
    lines += [f'<{ID}/o/00003/lien/x> <{SCHEMA}value> "{each}"' for each in ("a", "b")]
    lines += [f"<{ID}/only> <{CPER}jeuLie> <{SITE}y>", f"<{ID}/only> <{DCT}relation> <{SITE}x>"]
    lines += [f"<{ID}/only> <{DCT}source> <{ID}/o/00000/lien/x>", f"_:b {TYPE} <{DCAT}Relationship>"]
    lines += [f'<{SITE}x> {LABEL} "<b>x</b>"', f'<{SIRENE}> {LABEL} "Sirene"@fr']
    lines += [f'<{SIRENE}> <{SCHEMA}sdDatePublished> "2026-02-03"', f'<{SIRENE}> <{SCHEMA}publisher> "Insee"']
    lines += [f'<{SIRENE}> <{DCT}modified> "2026-02-01"', f'<{SIRENE}> <{SKOS}note> "Notre note"@fr']
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lists, "MAX_HTML_PAGE_SIZE", HTML_SIZE)
        yield client_without_engine(release_of_quads(tmp_path_factory.mktemp("many"), lines))


def test_a_release_is_read_page_by_page(many: FlaskClient) -> None:
    found = pages(many, "/links.json?size=12")
    assert [len(each["items"]) for each in found] == [12, 12, 12, 12, 2]
    assert {each["total"] for each in found} == {NUMBER}
    values = [each["valeurs"] for page in found for each in page["items"]]
    assert values == [[f"{number:09}", *(["a", "b"] if number == 3 else [])] for number in range(NUMBER)]


def test_each_value_of_a_link_has_a_row_in_csv(many: FlaskClient) -> None:
    found = [each for each in rows(many, "/links.csv?size=1000") if each["chose_id"] == f"{ID}/o/00003"]
    assert [(each["jeu_id"], each["cle"], each["valeur"]) for each in found] == [
        (SITE + "x", "siren", value) for value in ("000000003", "a", "b")
    ]


def test_a_link_without_dataset_or_thing_joins_nothing(tmp_path: Path) -> None:
    lines = [f"<{ID}/{name}> {TYPE} <{DCAT}Relationship>" for name in ("no-dataset", "no-thing", "text")]
    lines += [f"<{ID}/o> <{DCAT}qualifiedRelation> <{ID}/{name}>" for name in ("no-dataset", "text")]
    lines += [f"<{ID}/no-thing> <{DCT}relation> <{SIRENE}>", f'<{ID}/text> <{DCT}relation> "{SIRENE}"']
    client = client_without_engine(release_of_quads(tmp_path, lines))
    assert items(client) == rows(client, "/links.csv") == []
    assert client.get("/links", headers=HTML).status_code == 200


def test_the_page_has_the_links_by_dataset_with_what_was_read_of_it(many: FlaskClient) -> None:
    page = Page(many.get("/links?size=1000", headers=HTML))
    assert (
        "Lu sur data.gouv.fr le 3\u00a0février 2026\u00a0: publié par Insee, mis à jour le 1ᵉʳ\u00a0février 2026."
        in page.text
    )
    assert "Notre note" in page.text
    assert "<b>x</b>" in page.text
    assert "Jeu connu par son seul identifiant\u00a0: non lu à ce jour." in page.text
    tables = [found["aria-label"] for tag, found in page.attributes if tag == "table"]
    assert (sorted(map(str, tables)), page.tags.count("tr")) == (["<b>x</b>", "Sirene"], HTML_SIZE + 2)
    assert "000000003, a, b" in page.text
    second = Page(many.get(page.having("a", rel="next")[0]["href"], headers=HTML))
    assert (f"{HTML_SIZE:09}" in second.text, f"{HTML_SIZE - 1:09}" in second.text) == (True, False)
    assert second.having("a", rel="last")


def test_data_without_links_say_so(hostile_client: FlaskClient) -> None:
    assert json.loads(hostile_client.get("/links.json").data)["items"] == []
    assert rows(hostile_client, "/links.csv") == []
    page = Page(hostile_client.get("/links?lang=en", headers=HTML))
    assert "These data have no link with a dataset of data.gouv.fr." in page.text
