"""What the pages of bodies, priorities, axes, figures, territories, statements and documents say first, of two contracts."""

from decimal import Decimal
from itertools import pairwise

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Quad

from cper_lod.core.namespaces import BASE
from cper_lod.rdf.reader import read
from cper_lod.release.plan.observations import Hyperlink, Observation
from cper_lod.release.plan.passages import statements_of
from cper_lod.release.release import Release
from cper_lod.web.thing_pages.figure import calculation
from cper_lod.web.thing_pages.priority import PrioritySum, priority_sum
from tests.support.cases import each_case
from tests.support.html_page import Page, page
from tests.support.nquads_release import client_without_engine, release_of_quads
from tests.support.paths import FICTION, ROOT
from tests.support.web import CONTRACT

NARROW, NBSP = "\u202f", "\u00a0"
FICTITIOUS = "/contrat/armorique-test-2030-2034"


@pytest.fixture(scope="module")
def fiction(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of the fictitious contract, without the real one."""
    files = [*sorted((FICTION / "data").rglob("*.ttl")), *sorted((ROOT / "ontology").glob("*.ttl"))]
    quads = [quad for place, path in enumerate(files) for quad in read(path, scope=f"f{place}")]
    lines = [str(Quad(each.subject, each.predicate, each.object)) for each in quads]
    return client_without_engine(release_of_quads(tmp_path_factory.mktemp("fiction"), lines))


def before(found: Page, end: str = "Données techniques") -> str:
    """Return the text of a page before what is folded on it, with plain spaces."""
    assert end in found.text
    return found.text.partition(end)[0].replace(NBSP, " ").replace(NARROW, " ")


@each_case(
    ("path", "said", "unsaid"),
    [
        ("/doc/organisme/departement-nord", ["768 M€", "à sept", "Partage non publié", "Autres signataires : 768"], []),
        (
            "/doc/organisme/departement-nord",
            ["225900018", "par les cinq Départements", "Nord, dans : Hauts-de-France"],
            [],
        ),
        ("/doc/organisme/etat", ["994 M€", "État : 994 M€ (36 %)", "36 %"], ["Partage non publié", "768"]),
        ("/doc/organisme/region-hauts-de-france", ["995 M€", "200053742"], ["Partage non publié"]),
        ("/doc/organisme/metropole-europeenne-de-lille", ["768 M€", "n’ont pas son contour"], ["995 M€"]),
        ("/doc/organisme/cper-lod", [], ["argent", "signé"]),
        ("/doc/code/financeur/autres-signataires", ["768 M€", "Partage non publié", "Département de l"], []),
        ("/doc/code/financeur/etat", ["994 M€"], ["Partage non publié"]),
    ],
)
def test_a_body_says_what_the_source_says_of_its_money(
    client: FlaskClient, path: str, said: list[str], unsaid: list[str]
):
    text = before(page(client, path))
    assert [each for each in said if each not in text] == []
    assert [each for each in unsaid if each in text] == []


def test_bodies_that_are_counted_together_have_each_their_own_words(client: FlaskClient):
    told = [before(page(client, f"/doc/organisme/{name}")) for name in ("departement-nord", "amiens-metropole")]
    shared, words = "768 M€", ("par les cinq Départements", "la Communauté d'agglomération Amiens métropole")
    assert [[each in text for each in (shared, *words)] for text in told] == [[True, True, False], [True, False, True]]
    group = before(page(client, "/doc/code/financeur/autres-signataires"))
    assert shared in group and not any(each in group for each in words)


def test_a_body_without_an_amount_is_not_given_one(fiction: FlaskClient):
    text = before(page(fiction, "/doc/organisme/departement-fictif-cap-test"))
    assert "Ces données ne donnent aucun montant pour ce signataire." in text
    assert "Autres signataires : les 3 signataires comptés ensemble" in text
    assert "120 M€" in before(page(fiction, "/doc/organisme/etat-fictif"))


@pytest.mark.parametrize(
    ("number", "said", "unsaid"),
    [
        (1, ["19 %", "C’est la part publiée de son seul axe."], [" + "]),
        (2, ["66,1 %", "57,3 % + 8,8 % = 66,1 %", "Crédits (sans autre précision)"], ["ne s’additionne pas"]),
        (3, ["ne s’additionne pas", "Axe 4 : 14,8 %, publié", "Axe 5 : non publiée", "avenant mobilités"], [" + "]),
        (4, ["ne s’additionne pas", "Axe 6 : non publiée"], ["%"]),
    ],
)
def test_a_priority_has_a_share_only_where_the_source_supports_its_sum(
    client: FlaskClient, number: int, said: list[str], unsaid: list[str]
):
    text = before(page(client, f"/doc{CONTRACT}/priorite/{number}")).partition("Citations de la source")[0]
    assert [each for each in said if each not in text] == []
    assert [each for each in unsaid if each in text] == []


def test_an_axis_of_two_priorities_is_not_counted_in_one(fiction: FlaskClient):
    text = before(page(fiction, f"/doc{FICTITIOUS}/priorite/1"))
    assert "L’axe 2 sert aussi une autre priorité (2) : sa part n’est pas répartie entre elles." in text
    assert "65,5" not in text
    assert "C’est la part publiée de son seul axe." in before(page(fiction, f"/doc{FICTITIOUS}/priorite/3"))


def share(value: str, whole: str = "credits", *, derived: bool = False) -> Observation:
    return Observation("percent", value, whole=Hyperlink(whole), derived=derived)


@each_case(
    ("figures", "alone", "expected"),
    [
        ([share("57.3"), share("8.8")], True, PrioritySum(("57.3", "8.8"), "66.1", "66.1")),
        ([share("40"), share("25.5")], True, PrioritySum(("40", "25.5"), "65.5", "66")),
        ([share("19")], True, PrioritySum(("19",), "19", "19")),
        ([share("57.3"), share("8.8")], False, None),
        ([share("57.3"), share("8.8", "engagements")], True, None),
        ([share("57.3"), share("")], True, None),
        ([share("57.3"), Observation("amount", "5")], True, None),
        ([share("57.3"), share("8.8", derived=True)], True, None),
        ([share("57.3"), share("48.8")], True, None),
        ([], True, None),
    ],
)
def test_the_sum_of_shares(figures: list[Observation], alone: bool, expected: PrioritySum | None):
    assert priority_sum(figures, alone=alone) == expected
    assert expected is None or expected.is_rounded is (Decimal(expected.exact) != Decimal(expected.total))


def test_an_axis_says_its_share_first_then_the_amount_that_the_bounds_support(
    client: FlaskClient, fiction: FlaskClient
):
    text = before(page(client, f"/doc{CONTRACT}/axe/1"))
    assert text.index("19 %") < text.index("Part de quoi") < text.index("509–538 M€") < text.index("Priorité 1")
    assert "523 830 000" not in text
    assert {"value": "523830000"} in page(client, f"/doc{CONTRACT}/axe/1").having("data")
    missing = before(page(client, f"/doc{CONTRACT}/axe/6"))
    assert "non publiée" in missing
    assert "Le communiqué ne donne pas de part pour l’axe 6." in missing
    two = before(page(fiction, f"/doc{FICTITIOUS}/axe/2"))
    assert "25,5 %" in two
    assert "Priorité 1" in two
    assert "Priorité 2" in two


@each_case(
    ("path", "lang", "said"),
    [
        ("part/axe-2", "fr", ["Axe 2, « Soutenir les territoires » : 57,3 %. C’est la part que donne la source."]),
        ("part/axe-2", "fr", ["Arrondie à", "0,1 point"]),
        ("part/axe-2", "en", ["Rounded to", "0.1 percentage points"]),
        ("part/axe-2", "fr", ["Part de quoi", "La source ne dit pas de quels crédits", "57,3% des crédits"]),
        (
            "part/axe-5",
            "fr",
            ["infrastructures de transports » : la source ne donne pas de valeur.", "avenant mobilités"],
        ),
        ("part/region", "en", ["“Region”: 36%. That is the share which the source gives.", "Published commitments"]),
        (
            "engagement/etat",
            "fr",
            ["« État » : 994 M€ engagés.", "994 000 000 €", "En chiffres", "Hors mobilités", "Arrondie à", "1 M€"],
        ),
        ("enveloppe", "fr", ["plus de 2,7 Md€. C’est ce que donne la source.", "plus de 2 700 000 000 €", "7 ans"]),
        ("derive/axe-1", "fr", ["509–538 M€. C’est notre calcul", "19 % × 2 757 M€ = 523 830 000 €", "509 767 500 €"]),
        ("derive/total", "fr", ["768 M€ + 994 M€ + 995 M€ = 2 757 000 000 €", "Hypothèse :"]),
        ("derive/axe-1", "en", ["We computed it", "19% × €2,757m = €523,830,000", "In digits"]),
    ],
)
def test_a_figure_says_what_it_is_of_and_how_it_was_computed(
    client: FlaskClient, path: str, lang: str, said: list[str]
):
    end = "Données techniques" if lang == "fr" else "Technical details"
    text = before(page(client, f"/doc{CONTRACT}/{path}", lang), end)
    assert [each for each in said if each not in text] == []


def amount(value: str, currency: str = "EUR") -> Observation:
    return Observation("amount", value, currency)


@each_case(
    ("value", "inputs", "expected"),
    [
        ("3000000", [amount("1000000"), amount("2000000")], f"1{NBSP}M€ + 2{NBSP}M€ = 3{NARROW}000{NARROW}000{NBSP}€"),
        ("500", [amount("1000"), share("50")], f"50{NARROW}% × 1{NARROW}000{NBSP}€ = 500{NBSP}€"),
        ("3", [amount("1"), amount("1")], ""),
        ("2", [amount("2")], ""),
        ("3", [amount("1"), amount("2", "CHF")], ""),
        ("3", [amount("1"), amount("two")], ""),
        ("25", [amount("100"), share("50"), share("50")], ""),
    ],
)
def test_a_calculation_is_shown_only_if_it_gives_the_value(value: str, inputs: list[Observation], expected: str):
    assert calculation(amount(value), inputs, "fr") == expected


def test_a_territory_shows_where_it_is(client: FlaskClient):
    nord, lille = (page(client, f"/doc/territoire/{name}") for name in ("nord", "lille"))
    assert nord.having("g", **{"class": "marked"})
    assert lille.having("a", **{"class": "marked", "href": "/doc/territoire/nord"})
    assert "Lille est dans : Nord, Hauts-de-France. Ces données n’ont pas son contour." in before(lille)
    assert "59350" in before(lille)
    region_page = page(client, "/doc/territoire/hauts-de-france")
    assert "/doc/igeo-region" in region_page.links, "a region, not just a place"
    region = before(region_page)
    assert region.index("Ce qui concerne ce territoire") < region.index("SRADDET") < region.index("Référencé par")
    assert "Est « territoire » de" not in region
    assert "gml:Point" not in region
    assert not page(client, "/doc/territoire/france").having("svg", **{"class": "map"})


def test_a_statement_says_what_it_supports_and_leads_through_the_text(client: FlaskClient, release: Release):
    document = f"{BASE}id/document/communique-2023-01-09"
    order = statements_of(release, document)
    assert len(order) > 50
    assert all(first.position <= second.position for first, second in pairwise(order))
    found = page(client, f"/doc{CONTRACT}/enonce/enveloppe")
    text = before(found)
    assert "Énoncé 47 sur 55" in text
    assert "2 700 000 000 €" in text
    assert "plus de 2,7 milliards d'euros" in text
    before_it, after_it = (found.having("a", rel=rel)[0]["href"] for rel in ("prev", "next"))
    assert page(client, after_it or "").having("a", rel="prev")[0]["href"] == f"/doc{CONTRACT}/enonce/enveloppe"
    assert page(client, before_it or "").having("a", rel="next")[0]["href"] == f"/doc{CONTRACT}/enonce/enveloppe"
    first, last = (page(client, "/doc/" + order[place].iri.removeprefix(BASE + "id/")) for place in (0, -1))
    assert not first.having("a", rel="prev")
    assert not last.having("a", rel="next")


def test_a_document_shows_its_passages_in_the_order_of_the_text(client: FlaskClient):
    found = page(client, "/doc/document/communique-2023-01-09")
    text = before(found)
    words = [
        "Lille, le 09/01/2023",
        "mobilisant neuf signataires",
        "57,3% des crédits",
        "État : 994 M€",
        "retrouver l'accord",
    ]
    places = [text.index(each) for each in words]
    assert places == sorted(places)
    assert "Ces données n’ont pas l’adresse de ce texte." in text
    assert f"/doc{CONTRACT}/enveloppe" in found.links
    assert len(found.source.encode()) < 60_000
    assert text.count("Éléments rattachés") == 0


@each_case("kind", ["axe/1", "priorite/1", "part/axe-1", "engagement/etat", "enveloppe", "derive/axe-1"])
@each_case("lang", ["fr", "en"])
def test_pages_of_the_fictitious_contract_are_whole(fiction: FlaskClient, kind: str, lang: str):
    found = page(fiction, f"/doc{FICTITIOUS}/{kind}", lang)
    levels = [int(tag[1]) for tag in found.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert max(second - first for first, second in pairwise(levels)) <= 1
    assert len(found.source.encode()) < 60_000


def test_the_maps_of_the_fictitious_region_are_its_own(fiction: FlaskClient):
    found = page(fiction, "/doc/organisme/departement-fictif-cap-test")
    assert found.having("svg", **{"class": "map"})
    assert "/doc/territoire/nord" not in found.links
