"""The page of a contract: each figure with its words, the passages in the order of the text, what is not said."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode

from cper_lod.core.namespaces import BASE, CPER, SCHEMA
from cper_lod.release.build.build import build_data
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.release.plan.passages import passages
from cper_lod.release.release import Release
from tests.support.html_page import Page, page
from tests.support.paths import ROOT
from tests.support.web import CONTRACT, client_of, describe

NARROW, NBSP = "\u202f", "\u00a0"
SECTIONS = ["argent", "axes", "signataires", "calendrier", "mots", "non-dit", "donnees"]


@pytest.fixture(scope="module", params=["fr", "en"])
def shown(client: FlaskClient, request: pytest.FixtureRequest) -> Page:
    """The page of the contract in each language."""
    return page(client, f"/doc{CONTRACT}", request.param)


def section(found: Page, name: str) -> str:
    """Return the source of a section of the page."""
    start = found.source.index(f'<section id="{name}">')
    return found.source[start : found.source.index("</section>", start)]


def plain(source: str) -> str:
    """Return the text of a source, with plain spaces."""
    return " ".join(re.sub("<[^>]*>", " ", source).replace("&#39;", "'").split())


def test_the_contents_lead_to_every_section(shown: Page):
    contents = re.search('<nav class="jumps".*?</nav>', shown.source, re.DOTALL)
    assert contents
    assert re.findall('href="#([^"]+)"', contents[0]) == SECTIONS
    assert [each for each in shown.ids if each in SECTIONS] == SECTIONS


def test_the_page_is_light(client: FlaskClient):
    for path in (f"/doc{CONTRACT}", f"/doc{CONTRACT}?lang=fr", f"/doc{CONTRACT}?lang=en"):
        assert len(client.get(path, headers={"Accept": "text/html"}).data) < 60_000


def test_the_money_has_amounts_shares_words_and_bounds(client: FlaskClient):
    told = section(page(client, f"/doc{CONTRACT}"), "argent")
    rows = [plain(row) for row in re.findall("<tr.*?</tr>", told, re.DOTALL)]
    assert rows[1:] == [
        "Région 995 M€ 36 % Région : 995 M€ (36 %)",
        "État 994 M€ 36 % État : 994 M€ (36 %)",
        "Autres signataires 7 signataires ensemble ; partage non publié 768 M€ 28 % Autres signataires : 768 M€ (28 %)",
        "Somme des trois engagements publiés calculé ≈ 2 757 M€ bornes : 2 755,5–2 758,5 M€",
    ]
    exact = ["2700000000", "995000000", "36", "994000000", "36", "768000000", "28", "2757000000"]
    assert re.findall('<data value="([0-9]+)">', told) == exact
    assert "394 M€ ( ≈ 2 757 M€ ÷ 7)" in plain(told)


def test_the_axes_have_shares_amounts_and_reasons(client: FlaskClient):
    told = section(page(client, f"/doc{CONTRACT}"), "axes")
    rows = [plain(row) for row in re.findall("<tr.*?</tr>", told[told.index("<table") :], re.DOTALL)]
    assert sum(each.startswith("Priorité ") for each in rows) == 4
    assert "2 · Soutenir les territoires 57,3 % ≈ 1,58 Md€ calculé bornes : 1 577,5–1 582 M€ Axe 2" in rows[4]
    assert "19 % 509–538 M€ calculé Axe 1" in rows[2], "an interval is not said twice"
    assert "non publiée Le communiqué ne donne pas de part pour l’axe 6." in rows[-1]
    assert "0 %" not in [each for row in rows for each in re.findall(r"\b0 %", row)]


def test_nine_signatories_have_their_kind_and_number(client: FlaskClient):
    told = section(page(client, f"/doc{CONTRACT}"), "signataires")
    cards = [plain(each) for each in re.findall("<li>.*?</li>", told[: told.index("<figure")], re.DOTALL)]
    assert len(cards) == 9
    assert cards[0] == "État"
    assert cards[1] == "Région Hauts-de-France Région · SIREN 200053742"
    assert 'class="map"' in told


def test_dates_and_the_amendment(shown: Page):
    told = plain(section(shown, "calendrier"))
    assert any(each in told for each in ("9 janvier 2023", "9 January 2023"))
    assert any(each in told for each in ("la suite n’est pas connue ici", "what came later is not known here"))


def test_passages_stand_in_the_order_of_the_text_with_what_they_support(client: FlaskClient, release: Release):
    told = section(page(client, f"/doc{CONTRACT}"), "mots")
    words = [plain(each) for each in re.findall("<q>(.*?)</q>", told)]
    graph = ReleaseGraph(release)
    places = [
        int(graph.value(NamedNode(each.quote.href), SCHEMA + "position"))
        for each in passages(ObservationReader(graph, "fr"), BASE + f"id{CONTRACT}")
    ]
    assert places == sorted(places)
    assert 10 < len(words) == len(places)
    assert not any(one in other for one in words for other in words if one is not other), "no words twice"
    statements = {each for each in graph.instances(CPER + "Enonce", 300) if CONTRACT in each}
    linked = {BASE + "id/contrat/" + each for each in re.findall(r'href="([^/"#?]+/enonce/[^"#?]+)"', told)}
    assert linked == statements, "each statement is reached"


def test_what_is_not_said_is_said(client: FlaskClient):
    told = plain(section(page(client, f"/doc{CONTRACT}"), "non-dit")).replace("’", "'")
    for words in (
        "Le communiqué ne donne pas de part pour l'axe 5",
        "Le communiqué ne donne pas de part pour l'axe 6",
        "Le partage de 768 M€ entre les sept signataires de ce groupe n'est pas publié.",
        "la source ne dit pas de quels crédits",
        "la suite n'est pas connue ici",
        "sans les nommer",
    ):
        assert told.count(words) == 1, words


def test_specialists_find_everything_one_step_further(client: FlaskClient):
    found = page(client, f"/doc{CONTRACT}")
    everything = describe(BASE + f"id{CONTRACT}")
    assert everything in found.links
    whole = page(client, everything)
    for name in ("Toutes les propriétés, comme dans les données", "Éléments rattachés", "Valeur à chercher"):
        assert name in whole.text
    for suffix in ("csv", "xlsx", "tableur.csv"):
        assert f"/plan{CONTRACT}.{suffix}" in found.links
    assert f"/doc{CONTRACT}.ttl" in found.links
    assert [each["@type"] for each in found.embedded()] == ["WebPage"]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory, releases: Path) -> Iterator[FlaskClient]:
    """A client that serves a contract of statements alone, and one of fifty axes, one of them under two priorities."""
    path = tmp_path_factory.mktemp("contracts") / "contracts.ttl"
    nameless = 'k:q c:axe k:y . k:y l:prefLabel "Axe sans numéro" .'
    axes = [f'k:x{n} l:notation {n} ; l:prefLabel "Axe {n}" ; c:part [ c:pourcentage 2 ] .' for n in range(1, 51)]
    path.write_text(
        "@prefix c: <https://w3id.org/cper-lod/ontology#> . @prefix e: <https://w3id.org/cper-lod/id/contrat/x/> ."
        "@prefix k: <https://w3id.org/cper-lod/id/contrat/> . @prefix l: <http://www.w3.org/2004/02/skos/core#> ."
        "@prefix p: <http://www.w3.org/ns/prov#> . @prefix s: <http://schema.org/> ."
        "@prefix d: <http://purl.org/dc/terms/> . k:x a c:Contrat . k:m a c:Contrat ; c:priorite k:p, k:q ."
        f"k:p l:notation 1 ; c:axe {', '.join(f'k:x{n}' for n in range(1, 51))} . k:q l:notation 2 ; c:axe k:x7 ."
        'e:e1 a c:Enonce ; c:citation "un deux trois" ; s:position 10 ; p:wasDerivedFrom e:a .'
        'e:e2 a c:Enonce ; c:citation "deux" ; s:position 13 ; p:wasDerivedFrom e:a .'
        'e:e3 a c:Enonce ; c:citation "deux" ; s:position 90 ; p:wasDerivedFrom e:a .'
        'e:e4 a c:Enonce ; c:citation "deux" ; s:position 13 ; p:wasDerivedFrom e:b .'
        'e:e5 a c:Enonce ; c:citation "zéro" ; s:position 1 ; p:wasDerivedFrom e:a .'
        'e:a d:issued "2023-01-09" . e:b d:issued "2024" .' + nameless + "".join(axes),
        "utf-8",
    )
    yield from client_of(build_data(releases, ROOT, (path,)), query_workers=1)


def test_words_within_a_passage_stand_in_it_and_the_latest_document_is_told(given: FlaskClient):
    found = page(given, "/doc/contrat/x")
    assert re.findall("<q>(.*?)</q>", section(found, "mots")) == ["zéro", "un deux trois", "deux", "deux"]
    assert f"Chiffres{NBSP}: b, 2024. Ces données n’ont pas de source plus récente." in found.text
    assert "enveloppe annoncée" in section(found, "non-dit"), "what is not there at all"


def test_fifty_axes_and_one_under_two_priorities(given: FlaskClient):
    told = plain(section(page(given, "/doc/contrat/m"), "axes"))
    assert all(f"{n} · Axe {n} " in told for n in range(1, 51))
    assert told.count("Sert aussi la priorité") == 2
    assert "Axe sans numéro" in told and "· Axe sans numéro" not in told


def test_a_contract_that_means_harm_is_shown_as_text(hostile_client: FlaskClient):
    assert "&lt;script&gt;alert(1)" in page(hostile_client, describe("http://ex.org/a")).source
