"""The home page: what one contract comes to, several compared, none; the name of data served as given."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cper_lod.release.build.build import build_data
from cper_lod.release.release import Release
from tests.support.html_page import Page, fresh_page, page
from tests.support.paths import ROOT
from tests.support.web import CONTRACT, client_of

NARROW, NBSP = "\u202f", "\u00a0"
PREFIXES = """
@prefix c: <https://w3id.org/cper-lod/ontology#> .
@prefix e: <https://w3id.org/cper-lod/id/contrat/> .
@prefix k: <https://w3id.org/cper-lod/id/code/type-d-organisme/> .
@prefix m: <http://data.openbudgets.eu/ontology/dsd/measure/> .
@prefix a: <http://data.openbudgets.eu/ontology/dsd/attribute/> .
@prefix s: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix org: <http://www.w3.org/ns/org#> .
"""
CONTRACTS = (
    PREFIXES
    + """
e:one a c:Contrat ; s:prefLabel "Contrat un"@fr ; c:signePar e:state, e:town ; c:enveloppe e:money ; c:priorite e:p ;
    dct:temporal [ s:prefLabel "2030" ] .
e:state org:classification k:etat . k:etat s:notation "etat" .
e:money m:amount 12500000 ; a:currency <http://publications.europa.eu/resource/authority/currency/CHF> .
e:p c:axe e:x, e:y . e:x s:prefLabel "Axe ix" ; c:part e:sx . e:y c:part e:sy .
e:sx c:pourcentage 30 ; c:partDe e:money . e:sy c:pourcentage 20 ; c:partDe e:money .
e:two a c:Contrat ; s:prefLabel "Contrat deux"@fr ; c:priorite e:q . e:q c:axe e:z . e:z c:part e:sz .
e:sz c:motif "Pas de part."@fr .
"""
)


def heading(found: Page) -> str:
    """Return the text of the heading of a page, with plain spaces."""
    match = re.search(r"<h1[^>]*>(.*?)</h1>", found.source)
    assert match
    return match[1].replace(NBSP, " ").replace(NARROW, " ")


def test_the_heading_says_who_how_much_and_where(french: Page, english: Page):
    said = "L’État, la Région et sept autres signataires s’engagent sur plus de 2,7 milliards d’euros"
    assert heading(french) == said + " dans les Hauts-de-France"
    told = "The State, the Region and seven other signatories commit more than €2.7 billion in Hauts-de-France"
    assert heading(english) == told


def test_what_a_plan_is_is_explained_by_us_and_its_day_is_told(french: Page, english: Page):
    assert f"Un contrat de plan État-Région (CPER) est un accord de plusieurs années{NBSP}:" in french.text
    assert not [each for each in re.findall("<q.*?</q>", french.source) if "plusieurs années" in each]
    said = french.text.replace(NBSP, " ")
    assert "Chiffres : Communiqué de presse du 9 janvier 2023. Ces données n’ont pas de source plus récente." in said
    assert "Figures: Press release of 9 January 2023. This data has no newer source." in english.text


def test_three_figures_say_of_what_they_are(french: Page, english: Page):
    told = french.source[french.source.index('<dl class="three">') : french.source.index("</dl>")]
    assert re.findall('<data value="([^"]+)">([^<]+)<', told) == [
        ("2700000000", f"plus de 2,7{NBSP}Md€"),
        ("393857142.86", f"≈{NBSP}394{NBSP}M€"),
        ("57.3", f"57,3{NARROW}%"),
    ]
    assert f">≈{NBSP}2{NARROW}757{NBSP}M€</a> ÷ 7" in told, "the calculation is seen"
    assert told.count("publié</a>") == 2
    assert told.count("calculé</span>") == 1
    assert told.count("hors mobilités</a>") == 2, "not of the share: its source does not say of which funds"
    assert {each["href"] for each in french.having("a")} >= {f"/doc{CONTRACT}/{n}" for n in ("enveloppe", "part/axe-2")}
    assert "of the funds, for the axis “Supporting territories”" in english.text


def test_no_figure_has_more_digits_than_its_source(french: Page, english: Page):
    for found in (french, english):
        told = re.sub("<table.*?</table>|<script.*?</script>", "", found.source, flags=re.DOTALL)
        text = re.sub("<[^>]*>", "", told)
        assert not re.search("[0-9][\u202f,][0-9]{3}[\u202f,][0-9]{3}", text)


def test_the_page_draws_shares_funders_and_dates_and_leads_on(french: Page):
    assert len(french.having("figure", **{"class": "plan"})) == 3
    for link in (f"/doc{CONTRACT}#mots", "/download", "#cite", "/developers"):
        assert {each["href"] for each in french.having("a")} >= {link}
    assert "cite" in french.ids
    assert french.source.count("curl") == 1


def test_the_page_is_light(client: FlaskClient):
    assert all(len(page(client, "/", lang).source.encode()) < 60_000 for lang in ("fr", "en"))


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory, releases: Path) -> Release:
    """A release of two contracts without source, without ontology."""
    path = tmp_path_factory.mktemp("contracts") / "contracts.ttl"
    path.write_text(CONTRACTS, "utf-8")
    return build_data(releases, ROOT, (path,))


@pytest.fixture(scope="module")
def some(given: Release) -> Iterator[FlaskClient]:
    """A client that serves them."""
    yield from client_of(given, query_workers=1)


def test_several_contracts_are_compared_by_what_they_state(some: FlaskClient):
    found = fresh_page(some, "/")
    assert heading(found) == "2 contrats de plan, comparés par ce qu’ils annoncent"
    rows = [
        [" ".join(re.sub("<[^>]*>", " ", cell).split()) for cell in re.findall("<t[hd].*?</t[hd]>", row)]
        for row in re.findall("<tr.*?</tr>", found.source, re.DOTALL)[1:]
    ]
    assert rows == [
        ["Contrat un", "12,5 M CHF", "2030", "–", "2", "2", "30 % Axe ix"],
        ["Contrat deux", "non publiée", "–", "–", "1", "0", "–"],
    ]
    assert "leurs montants ne s’ajoutent pas" in found.text
    assert {f"/doc/contrat/{name}" for name in ("one", "two")} <= set(found.links)


def test_what_a_contract_does_not_say_is_left_out(some: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    one = "https://w3id.org/cper-lod/id/contrat/one"
    monkeypatch.setattr("cper_lod.release.graph.ReleaseGraph.instances", lambda *_: [one])
    found = fresh_page(some, "/")
    said = "L’État et un autre signataire s’engagent sur 12,5 millions de francs suisses"
    assert heading(found) == said, "where is not known"
    assert [each["value"] for each in found.having("data") if each["value"] != "20"][:2] == ["12500000", "30"]
    assert "par an" not in found.text.lower()
    monkeypatch.setattr("cper_lod.release.graph.ReleaseGraph.instances", lambda *_: [one.replace("one", "two")])
    assert heading(fresh_page(some, "/")) == "Contrat deux"
    assert fresh_page(some, "/").having("dl", **{"class": "three"}) == []


def test_data_without_a_contract_have_their_own_title(tmp_path: Path, releases: Path):
    path = tmp_path / "lieux.ttl"
    path.write_text(
        "@prefix o: <http://www.w3.org/2002/07/owl#> . @prefix d: <http://purl.org/dc/terms/> ."
        "@prefix r: <http://www.w3.org/2000/01/rdf-schema#> . @prefix e: <http://ex.org/> ."
        'e: a o:Ontology ; d:title "Lieux d’essai"@fr, "Places for a test"@en .'
        'e:Lieu r:label "Lieu"@fr, "Place"@en . e:1 a e:Lieu ; r:label "Là"@fr, "There"@en .',
        "utf-8",
    )
    release = build_data(releases, ROOT, (path,))
    for flags, titles in (({}, ("Lieux d’essai", "Places for a test")), ({"title": "Mes lieux"}, ("Mes lieux",) * 2)):
        for client in client_of(release, query_workers=1, **flags):
            for lang, title in zip(("fr", "en"), titles, strict=True):
                found = page(client, "/", lang)
                assert heading(found) == title
                assert f"<title>{title}</title>" in found.source
                assert found.text.count(title) >= 3, "the brand, the title, the heading"
                assert ("Là" if lang == "fr" else "There") in found.text
                assert "Contrats de plan" not in found.source
                assert "Plan contracts" not in found.source


def test_data_without_a_title_are_called_after_their_file(no_contract_client: FlaskClient):
    assert heading(page(no_contract_client, "/")) == "no-contract"
