"""Links with outside datasets: every form of a thing names its datasets, and /links lists them all."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from cper_lod.core.namespaces import DCAT, DCT
from cper_lod.release.release import SHAPES, Release
from cper_lod.web.documents import dataset_links
from tests.support.nquads_release import PREFIX_LINES, TYPE, client_without_engine, release_of_quads
from tests.support.web import CONTRACT, HTML, ID, csv_rows
from tests.web.html_page import Page
from tests.web.plain_json import PUBLIC, faults, pages_of

SITE = "https://www.data.gouv.fr/datasets/"
CONTRACTS = SITE + "608c055b35eb4e6ee20eb325"
COG = SITE + "58c984b088ee386cdb1261f3"


def items(client: FlaskClient, address: str = "/links.json") -> list[Any]:
    """Return the links on all pages of the list in JSON; each page conforms to its schema."""
    found = list(pages_of(client, address))
    assert [fault for each in found for fault in faults(each, "ListeDesJointures")] == []
    return [each for page in found for each in page["items"]]


@pytest.mark.parametrize("suffix", ["json", "ttl", "html"])
def test_every_form_of_a_thing_names_its_datasets(client: FlaskClient, suffix: str) -> None:
    named = {each["jeu"]["id"] for each in items(client)}
    rows_of_region = "/api/resources/22847056-61df-452d-837d-8b8ceadbfc52/data/?acheteur_id__contains=200053742"
    for thing, told in (
        ("/organisme/region-hauts-de-france", [CONTRACTS, "200053742", "siren", "acheteur_id", rows_of_region]),
        ("/territoire/aisne", [COG, ">02<" if suffix == "html" else "02", "codeinsee", "DEP__exact=02"]),
        (CONTRACT, named),
    ):
        text = client.get(f"/doc{thing}.{suffix}").text
        keys = ("siren", "codeinsee") if suffix == "html" else ()  # the page has the name of the key
        assert [each for each in told if each not in keys and each not in text and each not in text.lower()] == []
    if suffix == "html":
        assert "/links" in Page(client.get("/doc/territoire/aisne.html")).links


CANDIDATES = {
    "https://www.data.gouv.fr/datasets/6176785207139a929a2776fe",
    "https://www.data.gouv.fr/datasets/66a215a463a9da4fb801b8cf",
    "https://www.europe-en-france.gouv.fr/fr/ressources/liste-operations-feder-fse-ftj-2021-2027",
}
"""The outside datasets of the package for which a proof is missing."""
UNCHECKED = ("Pas encore vérifié", "Candidat : une preuve manque, et rien n’a été vérifié")


def test_the_list_is_that_of_the_class_of_links_page_by_page(client: FlaskClient, release: Release) -> None:
    answer, number = client.get("/links.json"), release.listing.count(DCAT + "Relationship")
    told = {name: answer.json[name] for name in ("url", "nom", "total")}
    assert told == {"url": PUBLIC + "/links.json", "nom": "Liens avec data.gouv.fr", "total": number}
    described = f'<{PUBLIC}/schema/2.0.0/ListeDesJointures.json>; rel="describedby"; type="application/schema+json"'
    assert described in answer.headers["Link"]
    found = list(pages_of(client, "/links.json?size=50&lang=en"))
    assert (found[0]["nom"], [len(each["items"]) for each in found]) == ("Links with data.gouv.fr", [50, number - 50])
    assert found[0]["items"][0]["chose"]["id"] == f"{ID}/organisme/amiens-metropole"
    assert all("lang=en" in page["url"] for page in found)


def test_a_link_that_nobody_checked_claims_nothing(client: FlaskClient) -> None:
    found = items(client)
    joined = {(each["page"], each["chose"]["id"], each["cle"], each["colonne"], *each["valeurs"]) for each in found}
    assert (CONTRACTS, f"{ID}/organisme/region-hauts-de-france", "siren", "acheteur_id", "200053742") in joined
    assert {each["tient"] for each in found} == {None}
    assert not [each for each in found if {"lignes", "verifie"} & each.keys()]
    said = {state: {each["page"] for each in found if each["constat"] == state} for state in UNCHECKED}
    assert sum(map(len, said.values())) == len({each["page"] for each in found})
    assert said[UNCHECKED[1]] == CANDIDATES


def test_a_link_without_dataset_or_thing_joins_nothing(tmp_path: Path) -> None:
    lines = [f"<{ID}/{name}> {TYPE} <{DCAT}Relationship>" for name in ("no-dataset", "no-thing", "text")]
    lines += [f"<{ID}/o> <{DCAT}qualifiedRelation> <{ID}/{name}>" for name in ("no-dataset", "text")]
    lines += [f"<{ID}/no-thing> <{DCT}relation> <{CONTRACTS}>", f'<{ID}/text> <{DCT}relation> "{CONTRACTS}"']
    client = client_without_engine(release_of_quads(tmp_path, lines))
    assert items(client) == csv_rows(client, "/links.csv") == []
    assert client.get("/links", headers=HTML).status_code == 200


DAY = '"2026-02-03"^^xsd:date'
GONE = """skos:editorialNote "ce jeu n'est plus là"@fr, "it is gone"@en"""
CHECKED = f"""{PREFIX_LINES}@base <{ID}/> .
<{CONTRACTS}> a schema:Dataset ; rdfs:label "Marchés"@fr ; schema:sdDatePublished {DAY} ; schema:publisher "Insee" ;
    dct:rights "Licence Ouverte 2.0" ; dct:modified "2026-02-01"^^xsd:date .
<{COG}> a schema:Dataset ; rdfs:label "Codes"@fr ; schema:sdDatePublished {DAY} ; {GONE} .
<rapprochement/r> a liens:Rapprochement ; rdfs:label "Achats"@fr, "Purchases"@en ; liens:concerne <contrat/c/decoupage/axes> ;
    skos:note "Une ligne par achat"@fr ; skos:changeNote "Lu ailleurs"@fr .
<contrat/c/decoupage/axes> a cper:Decoupage . <contrat/c/decoupage/priorites> a cper:Decoupage ; rdfs:label "Priorités"@fr .
<fault/lien/x> dct:relation <{COG}> ; dct:modified {DAY} ; {GONE} .
<found/lien/x> dct:relation <{CONTRACTS}> ; dct:modified {DAY} ; liens:lignes 1234 . <only> dct:source <found/lien/x> .
<none/lien/x> dct:relation <{CONTRACTS}> ; dct:modified {DAY} ; liens:lignes 0 .
<unchecked/lien/x> dct:relation <{CONTRACTS}> ; schema:value "second" .
""" + "".join(
    f"""<{name}> rdfs:label "{name}" ; dcat:qualifiedRelation <{name}/lien/x> .
    <{name}/lien/x> a dcat:Relationship ; schema:value "{n:09}" ; liens:colonne "siren" ; prov:wasDerivedFrom <rapprochement/r> ;
    schema:url <https://tabular-api.data.gouv.fr/api/resources/f/data/?siren__exact={n:09}> .
    """
    for n, name in enumerate(("fault", "found", "none", "unchecked"))
)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A release with a link in each state, of a dataset that was read and one that is gone, as `link check` records them; one has two values."""
    lines = [str(quad) for quad in parse(CHECKED, RdfFormat.TURTLE)]
    release = release_of_quads(tmp_path_factory.mktemp("checked"), lines)
    release.manifest["files"][SHAPES]["bytes"] = 1  # plain JSON has the shapes of a release that was validated
    return client_without_engine(release)


STATES = {
    "found": (True, "2026-02-03", 1234, "Rows found: 1,234, on 3 February 2026"),
    "none": (False, "2026-02-03", 0, "Does not hold: no row for this value (checked on 3 February 2026)"),
    "fault": (False, "2026-02-03", None, "Does not hold: it is gone (checked on 3 February 2026)"),
    "unchecked": (None, None, None, "Not checked yet"),
}


def test_json_and_csv_say_what_was_found_of_a_link_and_when(checked: FlaskClient) -> None:
    found = {each["chose"]["nom"]: each for each in items(checked, "/links.json?lang=en")}
    assert {
        name: (each["tient"], each.get("verifie"), each.get("lignes"), each["constat"].replace("\u00a0", " "))
        for name, each in found.items()
    } == STATES
    in_csv = csv_rows(checked, "/links.csv?lang=en")
    assert list(in_csv[0]) == list(dataset_links.CSV_HEADS)
    assert (in_csv[0]["jeu_id"], in_csv[0]["jeu"], in_csv[0]["colonne"]) == (COG, "Codes", "siren")
    assert in_csv[0]["lignes_json"].endswith("/data/?siren__exact=000000000")
    assert in_csv[0]["lignes_csv"].endswith("/data/csv/?siren__exact=000000000")
    assert [each["valeur"] for each in in_csv if each["chose"] == "unchecked"] == found["unchecked"]["valeurs"]
    assert len(found["unchecked"]["valeurs"]) == 2
    assert {
        each["chose"]: (each["tient"], each["verifie"], each["lignes"], each["constat"].replace("\u00a0", " "))
        for each in in_csv
    } == {
        name: (str(holds).lower() if day else "", day or "", "" if count is None else str(count), text)
        for name, (holds, day, count, text) in STATES.items()
    }


def test_breakdowns_that_no_dataset_has_a_column_for_are_named(checked: FlaskClient) -> None:
    apart = json.loads(checked.get("/links.json?lang=fr").data)["sansJeu"]
    assert [(each["id"], each["nom"]) for each in apart] == [(f"{ID}/contrat/c/decoupage/priorites", "Priorités")]
    assert "sansJeu" not in json.loads(checked.get("/links.json?lang=fr&after=x").data)


def test_the_page_says_what_was_found_in_words_and_not_by_colour_alone(checked: FlaskClient) -> None:
    page = Page(checked.get("/links?lang=en", headers=HTML))
    rows = {row for each in items(checked) for row in each["adresses"]}
    assert rows | {CONTRACTS, COG, "/links.csv?lang=en", "/doc/schema-dataset?lang=en"} <= set(page.links)
    text = " ".join(page.text.split())
    assert [each for each in (*(said for *_, said in STATES.values()), "Purchases", "Insee") if each not in text] == []
    assert text.count(STATES["fault"][3]) == 2, "of the dataset, and of its link"
    assert (page.tags.count("table"), page.tags.count("tr")) == (2, 2 + 5), "by dataset, a row for each value"
    classes = [found["class"] for tag, found in page.attributes if tag == "span" and found.get("class")]
    assert (classes.count("fails"), classes.count("holds")) == (3, 2)


def test_what_does_not_hold_of_a_dataset_is_in_its_json(checked: FlaskClient, client: FlaskClient) -> None:
    address = f"/describe.json?iri={quote(COG, safe='')}&lang=en"
    gone, unread = (json.loads(each.get(address).data) for each in (checked, client))
    assert (gone["page"], gone["constat"], gone["luLe"]) == (COG, "it is gone", "2026-02-03")
    assert not {"constat", "luLe", "editeur", "licence", "misAJour"} & unread.keys()
