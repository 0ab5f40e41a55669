"""The pages of things, class by class: order of content, published and missing figures, dates and sources."""

import gzip
import re
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from cper_lod.core import formatting
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, RDF, XSD
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader
from cper_lod.release.plan.receipts import calculation_steps
from cper_lod.release.release import Release
from cper_lod.web.thing_pages.subdivision import ShareSum, share_sum
from tests.support.names import BASE
from tests.support.nquads_release import client_without_engine, release_of_quads
from tests.support.web import CONTRACT, HTML, describe, described
from tests.web.html_page import Page, page

NARROW, NBSP = "\u202f", "\u00a0"
KINDS = {
    "contract": f"/doc{CONTRACT}",
    "axis": f"/doc{CONTRACT}/axe/2",
    "total": f"/doc{CONTRACT}/montant/total",
    "derived": f"/doc{CONTRACT}/derive/axe-2",
    "signatory": f"/doc{CONTRACT}/signataire/aisne",
    "statement": f"/doc{CONTRACT}/enonce/montant-total",
    "document": "/doc/document/communique-2023-01-09",
    "body": "/doc/organisme/departement-aisne",
    "territory": "/doc/territoire/hauts-de-france",
    "scheme": f"/doc{CONTRACT}/cadre/sraddet",
}


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_every_page_has_its_parts(client: FlaskClient, path: str):
    """A name, the day of its data, a trail from home, links to its data; and few bytes."""
    found = page(client, path)
    assert len(found.having("h1", dir="auto")) == 1
    assert formatting.date(client.application.extensions["cper_lod"].release_day, "fr") in found.text
    assert found.having("span", **{"aria-current": "page"})
    assert {"text/turtle", "application/ld+json", "application/n-triples"} <= {a.get("type") for a in found.having("a")}
    assert found.having("link", rel="alternate", type="application/ld+json", href=f"{path}.jsonld")
    assert len(gzip.compress(found.source.encode())) < 25_000


@pytest.mark.parametrize(
    "path", [KINDS["contract"], KINDS["axis"], KINDS["document"], "/doc/contrat/bretagne-2021-2027"]
)
def test_the_day_on_which_the_build_found_the_quotations_is_said_where_a_text_is_kept(
    client: FlaskClient, release: Release, path: str
):
    day = datetime.fromtimestamp(release.built_at, UTC).date().isoformat()
    found = {" ".join(each.split()) for each in re.findall(r"Vérifié le\s*(\d.{5,15}\d{4})", page(client, path).text)}
    assert found == ({formatting.date(day, "fr")} if path in KINDS.values() else set())


def before(found: Page) -> str:
    """Return the text of a page before what is folded on it, with plain spaces."""
    end = "Données techniques" if "Données techniques" in found.text else "Technical details"
    assert end in found.text
    return " ".join(found.text.partition(end)[0].split())


SAID = {
    ("fr", "/doc/organisme/departement-nord"): ("768 M€ | 225900018 | Nord", ""),
    ("fr", "/doc/organisme/departement-aisne"): ("220200026", ""),
    ("fr", "/doc/organisme/etat"): (
        "994 M€ | État : 994 M€ (36 %) | 2021-2027 Hauts-de-France",
        "Son montant | à sept",
    ),
    ("fr", "/doc/organisme/region-hauts-de-france"): ("995 M€ | 200053742 | 107 097 000 €", "Son montant | à sept"),
    ("fr", "/doc/def/organisme/cper-lod"): ("", "montant | signé"),
    ("fr", f"/doc{CONTRACT}/axe/2"): (
        "57,3 % | Axe 2 | 2021-2027 Hauts-de-France | 1 579 761 000 € | Priorité 2 | 57,25 % × 2 755,5 M€ = 1 577 523 750 €",
        "",
    ),
    ("fr", f"/doc{CONTRACT}/axe/5"): ("avenant mobilités, prévu en 2023", "0 %"),
    ("en", f"/doc{CONTRACT}/axe/5"): ("not published", "0%"),
    ("fr", f"/doc{CONTRACT}/priorite/2"): ("66,1 % | 57,3 % + 8,8 % = 66,1 %", ""),
    ("fr", f"/doc{CONTRACT}/priorite/3"): ("14,8 %", "14,8 % +"),
    ("fr", f"/doc{CONTRACT}/part/axe-2"): ("57,3 % | 0,1 point | 57,3% des crédits", ""),
    ("fr", f"/doc{CONTRACT}/montant/total"): ("plus de 2,7 Md€ | plus de 2 700 000 000 € | Hors mobilités", ""),
    ("fr", f"/doc{CONTRACT}/derive/axe-1"): ("509–538 M€ | 19 % × 2 757 M€ = 523 830 000 € | 509 767 500 €", ""),
    ("fr", f"/doc{CONTRACT}/enonce/montant-total"): ("2 700 000 000 € | plus de 2,7 milliards d'euros", ""),
    ("en", f"/doc{CONTRACT}/enonce/signature-date"): ("“signé ce lundi 9 janvier 2023”", ""),
    ("fr", "/doc/territoire/hauts-de-france"): ("Aisne | Somme | SRADDET", "gml:Point | POLYGON"),
    ("fr", "/doc/territoire/aisne/lien/code-officiel-departements"): (
        "Code officiel géographique (COG) | 02 | DEP",
        "",
    ),
    ("fr", describe("https://www.data.gouv.fr/datasets/58c984b088ee386cdb1261f3")): ("Aisne | Hauts-de-France", ""),
}
"""Figures and names that pages show before what is folded, and what they do not; bars part the texts."""


@pytest.mark.parametrize(("lang", "path"), SAID)
def test_a_page_shows_what_the_data_say_and_no_more(client: FlaskClient, lang: str, path: str):
    said, unsaid = SAID[lang, path]
    text = before(page(client, path, lang))
    assert [each for each in said.split(" | ") if each not in text] == []
    assert [each for each in unsaid.split(" | ") if each and each in text] == []


LINKED = {
    f"/doc{CONTRACT}/axe/2": [f"/doc{CONTRACT}/priorite/2"],
    "/doc/organisme/departement-aisne": [f"/doc{CONTRACT}"],
    "/doc/territoire/somme/contour": ["/doc/document/admin-express-2018"],
    "/doc/def/cube/part-par-subdivision": [f"/doc{CONTRACT}/part/axe-{number}" for number in range(1, 5)],
    describe("http://id.insee.fr/geo/region/32"): ["/doc/territoire/hauts-de-france"],
    f"/doc{CONTRACT}/enonce/avenant-mobilites": ["/doc/document/communique-2023-01-09"],
    "/doc/territoire/hauts-de-france": ["/doc/igeo-region", "http://www.wikidata.org/entity/Q18677767"],
    "/doc/territoire/aisne": [],
}


@pytest.mark.parametrize(("path", "there"), LINKED.items())
def test_a_page_leads_to_what_it_tells_of(client: FlaskClient, path: str, there: list[str]):
    links = page(client, path).links
    assert [each for each in there if each not in links] == []
    assert not (path.startswith("/doc/territoire/") and path in links), "a page does not lead to itself"


def test_a_figure_is_published_computed_or_missing_and_looks_so(client: FlaskClient):
    axes = [page(client, f"/doc{CONTRACT}/axe/{number}") for number in (1, 2, 5)]
    receipts = [
        [each["class"] for each in found.having("details") if "receipt" in str(each.get("class"))] for found in axes
    ]
    assert receipts == [["receipt", "receipt computed"], ["receipt", "receipt computed"], ["receipt missing"]]
    marks = [[each["class"] for each in found.having("span") if "mark" in str(each.get("class"))] for found in axes]
    assert [each[:2] for each in marks[:2]] == [["mark stated", "mark computed"]] * 2


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/montant/etat", "Lecture (porte sur) : La ligne de l’enveloppe, sous laquelle"),
        ("/decoupage/axes", "Lecture (exclusif) : Les parts"),
        ("/signataire/nord", "Lecture (organisme) : Le communiqué dit « les cinq Départements de la région »"),
    ],
)
def test_what_no_words_say_is_shown_with_who_read_it_and_when(client: FlaskClient, path: str, said: str):
    shown = " ".join(page(client, f"/doc{CONTRACT}{path}").text.replace(NBSP, " ").replace(NARROW, " ").split())
    assert said in shown
    assert re.search(re.escape(said) + "[^—]*— cper-lod, 7 décembre 2026", shown)


def test_a_document_says_what_it_was_read_in_full_for(client: FlaskClient):
    shown = " ".join(page(client, KINDS["document"], lang="en").text.replace(NBSP, " ").split())
    assert re.search("Read in full for: .*amounts by funder, .*signatories.* — cper-lod, 7 December 2026", shown)


def test_all_properties_of_a_figure_say_after_whose_words_or_reading(client: FlaskClient):
    shown = " ".join(page(client, f"/doc{CONTRACT}/montant/etat").text.replace(NBSP, " ").replace(NARROW, " ").split())
    assert re.search("porte sur Hors mobilités ?d’après : Lecture : La ligne de l’enveloppe", shown)
    assert re.search(r"valeur 994 000 000 € ?d’après : « État : 994 M€ \(36 %\) »", shown)


@pytest.mark.parametrize("figure", ["part/axe-2", "part/axe-5", "montant/etat", "montant/total", "derive/axe-2"])
def test_the_page_of_a_figure_says_nothing_twice(client: FlaskClient, figure: str):
    assert f"<h2>{translate('about', 'fr')}</h2>" not in page(client, f"/doc{CONTRACT}/{figure}").source


def test_a_property_of_a_figure_that_the_program_does_not_know_is_a_fact(tmp_path: Path):
    said = (f"{RDF}type> <{CPER}Montant>", f'{CPER}valeurPubliee> "9 M€"@fr', f'{CPER}tauxNeuf> "41.5"^^<{XSD}decimal>')
    lines = [f"<{BASE}id/contrat/neuf/montant/etat> <{each}" for each in said]
    client = client_without_engine(release_of_quads(tmp_path, lines))
    assert "41,5" in before(page(client, "/doc/contrat/neuf/montant/etat"))


def test_french_words_are_marked_as_french_on_an_english_page(client: FlaskClient):
    assert {"lang": "fr", "dir": "auto"} in page(client, KINDS["statement"], "en").having("blockquote")
    for path in ("/", KINDS["contract"], KINDS["axis"], KINDS["total"]):
        assert {each["lang"] for each in page(client, path, "en").having("q")} == {"fr"}, path


@pytest.mark.slow
def test_titles_are_distinct_and_pages_describe_themselves(client: FlaskClient, release: Release):
    things = [iri for iri in described(release) if iri.startswith(BASE + "id/")]
    assert len(things) > 150
    seen: dict[str, str] = {}
    for iri in things:
        path = "/doc/" + iri.removeprefix(BASE + "id/")
        text = client.get(quote(path), headers=HTML).text
        title = text.partition("<title>")[2].partition("</title>")[0]
        assert title not in seen, (iri, seen[title])
        seen[title] = iri
        description = text.partition('<meta name="description" content="')[2].partition('"')[0]
        assert 10 < len(description) < 400, iri


def test_a_page_has_one_address_and_one_for_each_language(client: FlaskClient):
    there, canonical = "http://127.0.0.1:8000" + KINDS["axis"], {"rel": "canonical"}
    for path, lang, address in (("", "fr", there), (".html", "fr", there), ("?lang=en", "en", there + "?lang=en")):
        found = page(client, KINDS["axis"] + path, lang)
        assert found.having("link", **canonical) == [{**canonical, "href": address}]
        versions = {
            each["hreflang"]: each["href"] for each in found.having("link", rel="alternate") if "hreflang" in each
        }
        assert versions == {"fr": there + "?lang=fr", "en": there + "?lang=en", "x-default": there}
    other = page(client, describe("http://id.insee.fr/geo/region/32")).having("link", **canonical)[0]["href"]
    assert other == "http://127.0.0.1:8000/describe?iri=http%3A%2F%2Fid.insee.fr%2Fgeo%2Fregion%2F32"
    assert page(client, "/sparql?query=ASK{}").having("link", **canonical) == []


def test_a_contract_is_a_dataset_with_its_files(client: FlaskClient):
    (dataset,) = page(client, KINDS["contract"], "en").embedded()
    about = {"@type": "Thing", "@id": f"{BASE}id{CONTRACT}"}
    assert dataset["@context"] == "https://schema.org"
    assert (dataset["@type"], dataset["url"]) == ("Dataset", "http://127.0.0.1:8000" + KINDS["contract"])
    assert about.items() <= dataset["about"].items()
    assert dataset["publisher"]["name"] == "cper-lod"
    assert (dataset["temporalCoverage"], dataset["spatialCoverage"]["name"]) == ("2021/2027", "Hauts-de-France")
    assert len(dataset["description"]) > 50
    for each in dataset["distribution"]:
        answer = client.get(each["contentUrl"].removeprefix("http://127.0.0.1:8000"))
        assert (answer.status_code, answer.mimetype) == (200, each["encodingFormat"])
    assert dataset["distribution"][0]["contentUrl"].partition("?")[0].endswith(f"/plan{CONTRACT}.csv")


def test_a_link_to_a_page_can_be_shown_as_a_card(client: FlaskClient):
    for path, lang, own in (("/", "fr", "fr_FR"), (KINDS["axis"], "en", "en_GB")):
        found = page(client, f"{path}?lang={lang}", lang)
        told = {each["property"]: each["content"] for each in found.having("meta") if "property" in each}
        title = unescape(found.source.partition("<title>")[2].partition("</title>")[0])
        assert (told["og:type"], told["og:locale"]) == ("website", own)
        assert told["og:url"] == found.having("link", rel="canonical")[0]["href"]
        assert title.removesuffix(f" · {told['og:site_name']}") == told["og:title"]
        assert told["og:description"] == found.having("meta", name="description")[0]["content"]
    lost = page(client, "/nowhere", status=404)
    assert (len(lost.having("meta", property="og:title")), lost.having("meta", property="og:url")) == (1, [])


def test_a_question_shows_its_query_and_asks_it(client: FlaskClient):
    found = page(client, "/doc/def/question/chiffres-par-subdivision")
    assert found.having("p", **{"class": "lead"}) == []
    shown, _, folded = found.text.partition("Toutes les propriétés, comme dans les données")
    assert "SELECT ?" in shown
    assert "SELECT ?" in folded
    (link,) = [each for each in found.links if each.startswith("/sparql?query=")]
    assert "57,3" in page(client, link).text
    rule = page(client, "/shapes/siret-du-siren-requete")
    assert "SELECT $this" in rule.text
    assert not [each for each in rule.links if each.startswith("/sparql?query=")]


def share(value: str, whole: str = "credits") -> Observation:
    return Observation("percent", value, whole=Hyperlink(whole))


@pytest.mark.parametrize(
    ("figures", "alone", "expected"),
    [
        ([share("57.3"), share("8.8")], True, ShareSum(("57.3", "8.8"), "66.1", "66.1")),
        ([share("40"), share("25.5")], True, ShareSum(("40", "25.5"), "65.5", "66")),
        ([share("57.3"), share("8.8")], False, None),
        ([share("57.3"), share("8.8", "engagements")], True, None),
        ([share("57.3"), None], True, None),
        ([share("57.3"), share("8.8")._replace(nature="plus-de")], True, None),
        ([share("57.3"), share("48.8")], True, None),
    ],
)
def test_the_sum_of_shares(figures: list[Observation | None], alone: bool, expected: ShareSum | None):
    assert share_sum(figures, alone=alone) == expected
    assert expected is None or expected.is_rounded is (Decimal(expected.exact) != Decimal(expected.total))


def amount(value: str, currency: str = "EUR") -> Observation:
    return Observation("amount", value, currency)


@pytest.mark.parametrize(
    ("value", "inputs", "expected"),
    [
        ("3000000", [amount("1000000"), amount("2000000")], f"1{NBSP}M€ + 2{NBSP}M€ = 3{NARROW}000{NARROW}000{NBSP}€"),
        ("500", [amount("1000"), share("50")], f"50{NARROW}% × 1{NARROW}000{NBSP}€ = 500{NBSP}€"),
        ("3", [amount("1"), amount("1")], ""),
        ("3", [amount("1"), amount("2", "CHF")], ""),
        ("3", [amount("1"), amount("two")], ""),
        ("25", [amount("100"), share("50"), share("50")], ""),
    ],
)
def test_a_calculation_is_shown_only_if_it_gives_the_value(
    value: str, inputs: list[Observation], expected: str, release: Release
):
    observations = ObservationReader(ReleaseGraph(release), "fr")
    assert calculation_steps(observations, amount(value), inputs) == ([expected] if expected else [])


def test_passages_notes_figures_and_statements_lead_to_each_other(client: FlaskClient):
    lang, document = "en", "/doc/document/communique-2023-01-09"
    found = page(client, document, lang)
    inside = [link[1:] for link in found.links if link.startswith("#") and link not in ("#content", "#get-data")]
    assert len(inside) > 70, "each passage with a note leads to it, and each note to its passage"
    assert {each for each in found.ids if each.startswith("note-")} <= set(inside)
    for path in ("enonce/part-axe-2", "part/axe-2"):
        passage = f"{document}#char=1007,1061"
        assert passage in page(client, f"/doc{CONTRACT}/{path}", lang).links
    assert {f"/doc{CONTRACT}/part/axe-2", "/text/communique-2023-01-09"} <= {
        each.partition("?")[0] for each in found.links
    }
    assert [each["lang"] for each in found.having("div", **{"class": "verbatim"})] == ["fr"] * 26


@pytest.mark.parametrize(("contract", "times"), [("/contrat/bretagne-2021-2027", 1), (CONTRACT, 0)])
def test_a_document_without_a_copy_is_said_to_have_none_once(client: FlaskClient, contract: str, times: int):
    for path in (f"/doc{contract}", f"/doc{contract}/montant/total"):
        assert len(re.findall("cités? sans copie d", page(client, path).text)) == times


@pytest.mark.parametrize(
    ("name", "lit", "pale", "letters"),
    [
        ("departement-nord", ["others"], ["region", "state"], 1),
        ("etat", ["state"] * 3, ["others", "region", "region", "region"], 0),
    ],
)
def test_the_bar_of_a_body_lights_its_place(
    client: FlaskClient, name: str, lit: list[str], pale: list[str], letters: int
):
    source = page(client, f"/doc/organisme/{name}").source
    bars = "".join(re.findall('<figure class="placed">.*?</figure>', source, re.DOTALL))
    assert re.findall('<rect class="([a-z]+)"', bars) == lit
    assert sorted(re.findall('<rect class="([a-z]+) dim"', bars)) == pale
    assert source.count("L. 311-1") == letters
