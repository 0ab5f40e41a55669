"""The pages of things, class by class: order of content, published and missing figures, dates and sources."""

import gzip
import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from html import unescape
from itertools import pairwise
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Quad

from cper_lod.core import formatting
from cper_lod.core.namespaces import BASE
from cper_lod.rdf.reader import read
from cper_lod.release.plan.observations import Hyperlink, Observation
from cper_lod.release.plan.passages import statements_of
from cper_lod.release.plan.receipts import calculation
from cper_lod.release.release import Release
from cper_lod.web.thing_pages.subdivision import ShareSum, share_sum
from tests.support.nquads_release import client_without_engine, release_of_quads
from tests.support.paths import FICTION, ROOT
from tests.support.web import CONTRACT, describe, described
from tests.web.html_page import Page, page

NARROW, NBSP = "\u202f", "\u00a0"
FICTITIOUS = "/contrat/armorique-test-2030-2034"
KINDS = {
    "home": "/",
    "contract": f"/doc{CONTRACT}",
    "axis": f"/doc{CONTRACT}/axe/2",
    "axis without a share": f"/doc{CONTRACT}/axe/5",
    "priority": f"/doc{CONTRACT}/priorite/2",
    "share": f"/doc{CONTRACT}/part/axe-2",
    "amount": f"/doc{CONTRACT}/montant/etat",
    "total": f"/doc{CONTRACT}/montant/total",
    "derived": f"/doc{CONTRACT}/derive/axe-2",
    "signatory": f"/doc{CONTRACT}/signataire/aisne",
    "statement": f"/doc{CONTRACT}/enonce/montant-total",
    "document": "/doc/document/communique-2023-01-09",
    "body": "/doc/organisme/departement-aisne",
    "territory": "/doc/territoire/hauts-de-france",
    "scheme": f"/doc{CONTRACT}/cadre/sraddet",
    "concept": "/doc/code/nature-de-la-valeur/plus-de",
    "amendment": f"/doc{CONTRACT}/avenant/mobilites",
}
THINGS = {name: path for name, path in KINDS.items() if name != "home"}


@pytest.fixture(scope="module", params=THINGS)
def thing(client: FlaskClient, request: pytest.FixtureRequest) -> Page:
    """The page of each kind of thing, in French."""
    return page(client, THINGS[request.param])


def test_every_page_says_what_it_is_and_of_which_day(thing: Page):
    assert len(thing.having("h1", dir="auto")) == 1
    days = ("Écrit le", "d’après ce qui est écrit le", "Daté du", f"Chiffres{NBSP}: Communiqué de presse du")
    shown, _, version = thing.text.rpartition("Version du")
    above = re.sub("Écrit le [^.]+[.]( Vérifié le [^.]+[.])? Données de ce site", "", shown)  # of receipts
    assert sum(above.count(each) for each in days) <= 1
    day = "[0-9]+(er)?[ \u00a0][a-zéû]+ [0-9]{4}"
    assert re.search(f"({'|'.join(days)}) {day}", shown) or re.match(f" {day}", version)


@pytest.mark.parametrize(
    ("path", "checked"),
    [
        (f"/doc{CONTRACT}", True),
        (f"/doc{CONTRACT}/axe/2", True),
        ("/doc/document/communique-2023-01-09", True),
        ("/doc/contrat/bretagne-2021-2027", False),
        ("/doc/document/bretagne-region", False),
    ],
)
def test_the_day_on_which_the_build_found_the_quotations_is_said_where_a_text_is_kept(
    client: FlaskClient, release: Release, path: str, checked: bool
):
    day = datetime.fromtimestamp(release.built_at, UTC).date().isoformat()
    found = {" ".join(each.split()) for each in re.findall(r"Vérifié le\s*(\d.{5,15}\d{4})", page(client, path).text)}
    assert found == ({formatting.date(day, "fr")} if checked else set())


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        (
            f"/doc{CONTRACT}/axe/2",
            "Axe 2 · Contrat de plan État-Région 2021-2027 Hauts-de-France Soutenir les territoires",
        ),
        (
            f"/doc{CONTRACT}/priorite/2",
            "Priorité 2 · Contrat de plan État-Région 2021-2027 Hauts-de-France Répondre aux",
        ),
    ],
)
def test_the_heading_of_a_part_of_a_contract_says_what_it_is_and_of_which_contract(
    client: FlaskClient, path: str, heading: str
):
    text = client.get(path, headers={"Accept": "text/html"}).text
    found = re.findall("<h1[^>]*>(.*?)</h1>", text)
    assert " ".join(unescape(re.sub("<[^>]*>", "", found[0])).split()).replace("\u2011", "-").startswith(heading)


OURS = {name: path for name, path in THINGS.items() if name not in ("total", "statement", "scheme")}
"""Pages on which no text stands as the source or a register has it, but in quotations."""
OURS |= {"group": f"/doc{CONTRACT}/groupe/autres-signataires", "list": "/doc/part"}
OURS |= {"links": "/links", "legal": "/legal", "catalogue": "/catalog"}


def test_every_page_tells_how_to_get_its_data(thing: Page, client: FlaskClient):
    typed = [found for found in thing.having("a") if found.get("type")]
    assert {"text/turtle", "application/ld+json", "application/n-triples"} <= {found["type"] for found in typed}
    for found in typed:
        assert client.get(found["href"] or "").headers["Content-Type"].startswith(str(found["type"]))
    assert "curl -H 'Accept: application/ld+json' http://127.0.0.1:8000/doc/" in thing.text


def test_every_page_has_a_trail_from_home(thing: Page):
    assert thing.having("nav", **{"aria-label": "Fil d’Ariane"})
    assert thing.having("span", **{"aria-current": "page"})


@pytest.fixture(scope="module")
def fiction(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of the fictitious contract, without the real one."""
    files = [*sorted((FICTION / "data").rglob("*.ttl")), *sorted((ROOT / "ontology").glob("*.ttl"))]
    quads = [quad for place, path in enumerate(files) for quad in read(path, scope=f"f{place}")]
    lines = [str(Quad(each.subject, each.predicate, each.object)) for each in quads]
    return client_without_engine(release_of_quads(tmp_path_factory.mktemp("fiction"), lines))


def before(found: Page) -> str:
    """Return the text of a page before what is folded on it, with plain spaces."""
    end = "Données techniques" if "Données techniques" in found.text else "Technical details"
    assert end in found.text
    return found.text.partition(end)[0].replace(NBSP, " ").replace(NARROW, " ")


FRENCH = {
    "/doc/organisme/departement-nord": (
        "Son montant : non publié | 768 M€ | à sept | ni minimum, ni ordre | Autres signataires : 768 | 225900018 | par les cinq Départements | Nord",
        "la Communauté d'agglomération Amiens métropole",
    ),
    "/doc/organisme/amiens-metropole": (
        "768 M€ | la Communauté d'agglomération Amiens métropole",
        "par les cinq Départements",
    ),
    "/doc/organisme/departement-aisne": (
        "220200026 | par les cinq Départements de la région | le nom vient de l’Insee",
        "",
    ),
    "/doc/organisme/etat": ("994 M€ | État : 994 M€ (36 %)", "Son montant | à sept | autre forme du nom"),
    "/doc/organisme/region-hauts-de-france": (
        "995 M€ | 200053742 | Retrouvé dans un fichier d’un autre éditeur | 107 097 000 € | Ne s’ajoute à aucun montant annoncé",
        "Son montant | à sept",
    ),
    "/doc/organisme/metropole-europeenne-de-lille": ("768 M€ | L. 311-1", "Retrouvé"),
    "/doc/organisme/cper-lod": ("", "montant | signé"),
    f"/doc{CONTRACT}/groupe/autres-signataires": (
        "768 M€ | Partage non publié | Département de l",
        "par les cinq Départements | la Communauté d'agglomération Amiens métropole",
    ),
    f"/doc{CONTRACT}/axe/2": (
        "57,3 % | Axe 2 | 1 579 761 000 € | Priorité 2 | entre 57,25 % et 57,35 % | 57,25 % × 2 755,5 M€ = 1 577 523 750 €",
        "",
    ),
    f"/doc{CONTRACT}/axe/1": ("Aucun jeu de données n’a de colonne pour cette partie du contrat", "Valeur à chercher"),
    f"/doc{CONTRACT}/axe/5": ("non publié | renvoie à un avenant mobilités, prévu en 2023", "0 %"),
    f"/doc{CONTRACT}/axe/6": ("non publié | Le communiqué ne donne pas de part pour l’axe 6.", ""),
    f"/doc{CONTRACT}/part/axe-2": (
        "« Soutenir les territoires » : 57,3 %. C’est la part que donne la source. | Arrondie à | "
        "0,1 point | Part de quoi | La source ne dit pas de quels crédits | 57,3% des crédits | "
        "Écrit le 9 janvier",
        "Calculé ici, d’après ce qui est écrit le 9 janvier 2023.",
    ),
    f"/doc{CONTRACT}/part/axe-5": (
        "infrastructures de transports » : la source ne donne pas de valeur. | avenant mobilités",
        "",
    ),
    f"/doc{CONTRACT}/montant/etat": (
        "« État » (hors mobilités) : 994 M€. C’est ce que donne la source. | S’additionne | avec les montants des autres | 994 000 000 € | En chiffres | Hors mobilités | Arrondie à | 1 M€",
        "",
    ),
    f"/doc{CONTRACT}/montant/total": (
        "plus de 2,7 Md€. C’est ce que donne la source. | plus de 2 700 000 000 € | Hors mobilités",
        "",
    ),
    f"/doc{CONTRACT}/derive/axe-1": (
        "509–538 M€. C’est notre calcul | 19 % × 2 757 M€ = 523 830 000 € | 509 767 500 € | "
        "Calculé ici, d’après ce qui est écrit le 9 janvier 2023.",
        "Écrit le 9 janvier",
    ),
    f"/doc{CONTRACT}/derive/somme-des-financeurs": ("768 M€ + 994 M€ + 995 M€ = 2 757 000 000 € | Hypothèse :", ""),
    f"/doc{CONTRACT}/enonce/signature-date": (
        "« signé ce lundi 9 janvier 2023 » | Citation signature-date | Écrit le 9 janvier 2023. | place dans le texte",
        "",
    ),
    "/doc/territoire/somme/contour": ("Écrit en 2018.", ""),
    "/doc/document/france-geojson-5d34ee6": ("Écrit en 2018.", ""),
    "/doc/document/admin-express-2018": ("Daté de 2018.", ""),
    "/doc/territoire/hauts-de-france": (
        "contient | Aisne | Somme",
        "« situé dans » | Est « territoire » de | gml:Point",
    ),
    "/doc/territoire/aisne": ("Situé dans | Hauts-de-France", ""),
    "/doc/territoire/lille": ("Situé dans | Nord | 59350", ""),
    "/doc/territoire/aisne/lien/code-officiel-departements": (
        "Code officiel géographique (COG) | 02 | DEP | Lien vers un jeu de données",
        "",
    ),
    "/doc/cube/part-par-subdivision": ("observations de ce jeu", ""),
    describe("http://id.insee.fr/geo/region/32"): (
        "Ceci n’est pas décrit ici | est « identique à » de | Hauts-de-France",
        "",
    ),
    describe("https://www.data.gouv.fr/datasets/58c984b088ee386cdb1261f3"): (
        "Code officiel géographique (COG) | Aisne | Hauts-de-France",
        "",
    ),
}
"""What pages say in French before what is folded, and what they do not say; bars part the texts."""
ENGLISH = {
    f"/doc{CONTRACT}/axe/5": ("not published", "0%"),
    f"/doc{CONTRACT}/part/axe-2": (
        "Rounded to | 0.1 percentage points | Written on 9 January 2023.",
        "Computed by us",
    ),
    f"/doc{CONTRACT}/part/region": (
        "“Hauts-de-France Region” (mobility excluded): 36%. That is the share which the source gives. | Amounts published by funder",
        "",
    ),
    f"/doc{CONTRACT}/derive/axe-1": (
        "We computed it | 19% × €2,757m = €523,830,000 | In digits | "
        "Computed here, from what was written on 9 January 2023.",
        "Written on",
    ),
    f"/doc{CONTRACT}/enonce/signature-date": ("“signé ce lundi 9 janvier 2023”", ""),
    "/doc/territoire/somme/contour": ("Written in 2018.", ""),
    "/doc/document/france-geojson-5d34ee6": ("Written in 2018.", ""),
    "/doc/document/admin-express-2018": ("Dated 2018.", ""),
}
FICTION_SAYS = {
    "/doc/organisme/departement-fictif-cap-test": (
        "Ces données ne donnent aucun montant pour ce signataire.",
        "",
    ),
    "/doc/organisme/etat-fictif": ("120 M€", ""),
    f"/doc{FICTITIOUS}/axe/2": ("25,5 %", ""),
    f"/doc{FICTITIOUS}/priorite/1": ("Aussi sous «", "65,5"),
    f"/doc{FICTITIOUS}/priorite/3": ("C’est la part publiée de la seule ligne qu’elle contient.", ""),
}
"""The same of the fictitious contract."""


@pytest.mark.parametrize(
    ("which", "lang", "path"),
    [("client", "fr", path) for path in FRENCH]
    + [("client", "en", path) for path in ENGLISH]
    + [("fiction", "fr", path) for path in FICTION_SAYS],
)
def test_a_page_says_what_the_data_say_and_no_more(
    client: FlaskClient, fiction: FlaskClient, which: str, lang: str, path: str
):
    said, unsaid = (FICTION_SAYS if which == "fiction" else FRENCH if lang == "fr" else ENGLISH)[path]
    text = before(page(client if which == "client" else fiction, path, lang))
    assert [each for each in said.split(" | ") if each not in text] == []
    assert [each for each in unsaid.split(" | ") if each and each in text] == []


LINKED = {
    f"/doc{CONTRACT}/axe/2": [f"/doc{CONTRACT}/priorite/2"],
    "/doc/organisme/departement-aisne": [f"/doc{CONTRACT}"],
    "/doc/document/france-geojson-5d34ee6": ["/doc/document/admin-express-2018"],
    "/doc/territoire/somme/contour": ["/doc/document/admin-express-2018"],
    "/doc/cube/part-par-subdivision": [f"/doc{CONTRACT}/part/axe-{number}" for number in range(1, 5)],
    describe("http://id.insee.fr/geo/region/32"): ["/doc/territoire/hauts-de-france"],
    f"/doc{CONTRACT}/enonce/avenant-mobilites": ["/doc/document/communique-2023-01-09"],
    "/doc/territoire/hauts-de-france": ["/doc/igeo-region"],
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
    text = before(axes[0])
    assert text.index("19 %") < text.index("509–538 M€") < text.index("523 830 000 €")
    assert [{"value": value} in axes[0].having("data") for value in ("19", "523830000")] == [True, True]
    marks = [[each["class"] for each in found.having("span") if "mark" in str(each.get("class"))] for found in axes]
    assert [each[:2] for each in marks[:2]] == [["mark stated", "mark computed"]] * 2


@cache
def static(client: FlaskClient) -> int:
    """Return the compressed size of the files that every page loads."""
    size = 0
    for name in ("style.css", "copy.js", "logo.svg"):
        with client.get(f"/static/{name}") as answer:
            size += len(gzip.compress(answer.data))
    return size


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_a_page_is_light(client: FlaskClient, path: str, lang: str):
    body = client.get(path, headers={"Accept": "text/html", "Accept-Language": lang}).data
    assert len(gzip.compress(body)) + static(client) < 50_000


def test_a_statement_begins_with_its_words(client: FlaskClient):
    found = page(client, f"/doc{CONTRACT}/enonce/avenant-mobilites", "en")
    assert {"lang": "fr", "dir": "auto"} in found.having("blockquote")
    assert found.tags.index("blockquote") < found.tags.index("dl")
    assert "infrastructures de transports » – avenant mobilités prévu en 2023" in found.text, "the words in their place"
    assert "/doc/document/communique-2023-01-09" in found.links


def test_figures_that_refer_to_a_body_name_their_contract(client: FlaskClient):
    text = page(client, "/doc/organisme/etat").text.replace(NBSP, " ").replace(NARROW, " ")
    assert re.search("Montant : État\\s*·\\s*Contrat de plan État-Région 2021-2027 Hauts-de-France", text)


def test_french_words_are_marked_as_french_on_an_english_page(client: FlaskClient):
    for name in ("home", "contract", "axis", "amount", "total"):
        quoted = page(client, KINDS[name], "en").having("q")
        assert quoted, name
        assert {each["lang"] for each in quoted} == {"fr"}


def test_a_territory_leads_elsewhere(client: FlaskClient):
    found = page(client, KINDS["territory"])
    assert found.having("a", href="http://www.wikidata.org/entity/Q18677767", rel="external")
    assert "wikidata.org/entity/Q18677767" in found.text
    assert "POLYGON" not in found.text.partition("Toutes les propriétés")[0]


def test_all_that_the_data_say_is_on_the_page(client: FlaskClient):
    found = page(client, KINDS["amount"])
    rest = found.text.partition("Toutes les propriétés, comme dans les données")[2]
    for name in ("montant par financeur", "unité", "jeu de données", "nature", "pas"):
        assert name in rest, name
    assert f"994{NARROW}000{NARROW}000{NBSP}€" in rest
    assert "Département de l’Aisne, signataire" in page(client, KINDS["body"]).text.partition("Données techniques")[2]


@pytest.mark.slow
def test_titles_are_distinct_and_pages_describe_themselves(client: FlaskClient, release: Release):
    things = [iri for iri in described(release) if iri.startswith(BASE + "id/")]
    assert len(things) > 150
    seen: dict[str, str] = {}
    for iri in things:
        path = "/doc/" + iri.removeprefix(BASE + "id/")
        text = client.get(quote(path), headers={"Accept": "text/html"}).text
        title = text.partition("<title>")[2].partition("</title>")[0]
        assert title not in seen, (iri, seen[title])
        seen[title] = iri
        description = text.partition('<meta name="description" content="')[2].partition('"')[0]
        assert 10 < len(description) < 400, iri


def test_a_page_has_one_address_and_one_for_each_language(client: FlaskClient):
    there = "http://127.0.0.1:8000" + KINDS["axis"]
    for path in (KINDS["axis"], KINDS["axis"] + ".html"):
        found = page(client, path)
        assert found.having("link", rel="canonical") == [{"rel": "canonical", "href": there}]
        versions = {
            each["hreflang"]: each["href"] for each in found.having("link", rel="alternate") if "hreflang" in each
        }
        assert versions == {"fr": there + "?lang=fr", "en": there + "?lang=en", "x-default": there}
    assert (
        page(client, KINDS["axis"] + "?lang=en", "en").having("link", rel="canonical")[0]["href"] == there + "?lang=en"
    )
    other = page(client, describe("http://id.insee.fr/geo/region/32")).having("link", rel="canonical")[0]["href"]
    assert other == "http://127.0.0.1:8000/describe?iri=http%3A%2F%2Fid.insee.fr%2Fgeo%2Fregion%2F32"
    assert page(client, "/nowhere", status=404).having("link", rel="canonical") == []
    assert page(client, "/sparql?query=ASK{}").having("link", rel="canonical") == []


@pytest.mark.parametrize("path", THINGS.values(), ids=THINGS)
def test_a_page_says_what_it_is_with_schema_org_and_offers_its_own_json_ld_beside(client: FlaskClient, path: str):
    found = page(client, path)
    (made,) = found.embedded()
    assert (made["@context"], made["@type"]) == ("https://schema.org", "WebPage")
    assert made["url"] == "http://127.0.0.1:8000" + path
    assert found.having("link", rel="alternate", type="application/ld+json", href=f"{path}.jsonld")


def test_a_contract_is_a_dataset_with_its_files(client: FlaskClient):
    for lang in ("fr", "en"):
        (made,) = page(client, KINDS["contract"], lang).embedded()
        dataset, about = (
            made["mainEntity"],
            {"@type": "Thing", "@id": BASE + KINDS["contract"].replace("/doc", "id", 1)},
        )
        assert (dataset["@type"], dataset["url"]) == ("Dataset", "http://127.0.0.1:8000" + KINDS["contract"])
        assert about.items() <= dataset["about"].items()
        assert dataset["license"] == "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
        assert dataset["publisher"]["name"] == "cper-lod"
        assert (dataset["temporalCoverage"], dataset["spatialCoverage"]["name"]) == ("2021/2027", "Hauts-de-France")
        assert len(dataset["description"]) > 50
        for each in dataset["distribution"] if lang == "en" else ():
            answer = client.get(each["contentUrl"].removeprefix("http://127.0.0.1:8000"))
            assert (answer.status_code, answer.mimetype) == (200, each["encodingFormat"])
        assert dataset["distribution"][0]["contentUrl"].partition("?")[0].endswith(f"/plan{CONTRACT}.csv")


def test_hostile_text_stays_within_its_script_and_its_card(hostile_client: FlaskClient):
    found = page(hostile_client, describe("http://ex.org/a"), "en")
    (made,) = found.embedded()
    assert found.tags.count("script") == 2, "the description, and our file"
    (title,) = found.having("meta", property="og:title")
    for text in (str(made["name"]), str(title["content"])):
        assert text.startswith("<script>alert(1)</script> \"quoted\" 'single' & amp")


@pytest.mark.parametrize(("lang", "own", "other"), [("fr", "fr_FR", "en_GB"), ("en", "en_GB", "fr_FR")])
def test_a_link_to_a_page_can_be_shown_as_a_card(client: FlaskClient, lang: str, own: str, other: str):
    for path in ("/", KINDS["axis"], "/download"):
        found = page(client, f"{path}?lang={lang}", lang)
        told = {each["property"]: each["content"] for each in found.having("meta") if "property" in each}
        title = re.search("<title>(.*?)</title>", found.source)
        assert title
        assert {"og:type": "website", "og:locale": own, "og:locale:alternate": other}.items() <= told.items()
        assert (
            told["og:url"]
            == found.having("link", rel="canonical")[0]["href"]
            == f"http://127.0.0.1:8000{path}?lang={lang}"
        )
        assert unescape(title[1]) in (told["og:title"], f"{told['og:title']} · {told['og:site_name']}")
        assert told["og:description"] == found.having("meta", name="description")[0]["content"]
    lost = page(client, "/nowhere", status=404)
    assert lost.having("meta", property="og:title")
    assert not lost.having("meta", property="og:url")


def test_data_as_given_say_of_which_day_they_are_or_that_they_do_not(hostile_client: FlaskClient):
    path = describe("http://ex.org/list")
    assert "Ces données ne sont pas datées." in page(hostile_client, path).text
    assert "This data is not dated." in page(hostile_client, path, "en").text


def test_a_question_shows_its_query_and_asks_it(client: FlaskClient):
    found = page(client, "/doc/question/chiffres-par-subdivision")
    assert found.having("p", **{"class": "lead"}) == []
    shown, _, folded = found.text.partition("Toutes les propriétés, comme dans les données")
    assert "SELECT ?" in shown
    assert "SELECT ?" in folded
    (link,) = [each for each in found.links if each.startswith("/sparql?query=")]
    assert "Développer l'attractivité" in page(client, link).text
    rule = page(client, "/shapes/siret-du-siren-requete")
    assert "SELECT $this" in rule.text
    assert not [each for each in rule.links if each.startswith("/sparql?query=")]


@pytest.mark.slow
def test_headings_go_down_step_by_step_on_a_page_of_each_class(client: FlaskClient, release: Release):
    looked_at = 0
    for cls in release.listing.classes:
        (iri,) = release.listing.page(cls.iri, "", 1).iris
        found = page(client, describe(iri))
        levels = [int(tag[1]) for tag in found.tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert max(after - before for before, after in pairwise(levels)) <= 1, iri
        looked_at += 1
    assert looked_at > 25


def test_a_name_does_not_break_before_its_colon(client: FlaskClient):
    found = page(client, KINDS["statement"].replace("total", "etat"))
    assert f"Montant{NBSP}: État" in found.text
    assert "Montant : État" not in found.text.partition("Toutes les propriétés")[0]


@pytest.mark.parametrize(("lang", "words"), [("fr", "Valeur à chercher"), ("en", "Value to look for")])
def test_a_thing_leads_to_its_datasets_with_key_and_value(client: FlaskClient, lang: str, words: str):
    contracts = "https://www.data.gouv.fr/datasets/608c055b35eb4e6ee20eb325"
    rows = "https://tabular-api.data.gouv.fr/api/resources/22847056-61df-452d-837d-8b8ceadbfc52/data/{}?acheteur_id__contains=225900018"
    nord = page(client, "/doc/organisme/departement-nord", lang)
    assert all(nord.having("a", href=each) for each in (contracts, rows.format(""), rows.format("csv/")))
    told = nord.text.partition(words)[2]
    assert all(each in told for each in ("225900018", "SIREN", "acheteur_id"))
    contract = page(client, describe(f"{BASE}id{CONTRACT}"), lang)
    told = contract.text.partition(words)[2]
    assert all(each in told for each in ("225900018", "248000531", "59", "acheteur_id", "DEP"))
    assert contract.having("a", href="https://www.data.gouv.fr/datasets/64ae255bbc600d7a3468ee64")
    assert words not in page(client, "/doc/contrat/hauts-de-france-2021-2027/axe/1", lang).text


@pytest.mark.parametrize(
    ("number", "said", "unsaid"),
    [
        (1, ["19 %", "C’est la part publiée de la seule ligne qu’elle contient."], [" + "]),
        (
            2,
            ["66,1 %", "57,3 % + 8,8 % = 66,1 %", "Crédits (la source ne dit pas lesquels)"],
            ["ne s’additionnent pas"],
        ),
        (3, ["ne s’additionnent pas", "14,8 %", "non publié", "avenant mobilités"], [" + "]),
        (4, ["ne s’additionnent pas", "non publié"], [" + "]),
    ],
)
def test_a_priority_has_a_share_only_where_the_source_supports_its_sum(
    client: FlaskClient, number: int, said: list[str], unsaid: list[str]
):
    text = before(page(client, f"/doc{CONTRACT}/priorite/{number}")).partition("Citations de la source")[0]
    assert [each for each in said if each not in text] == []
    assert [each for each in unsaid if each in text] == []


def share(value: str, whole: str = "credits") -> Observation:
    return Observation("percent", value, whole=Hyperlink(whole))


@pytest.mark.parametrize(
    ("figures", "alone", "expected"),
    [
        ([share("57.3"), share("8.8")], True, ShareSum(("57.3", "8.8"), "66.1", "66.1")),
        ([share("40"), share("25.5")], True, ShareSum(("40", "25.5"), "65.5", "66")),
        ([share("19")], True, ShareSum(("19",), "19", "19")),
        ([share("57.3"), share("8.8")], False, None),
        ([share("57.3"), share("8.8", "engagements")], True, None),
        ([share("57.3"), None], True, None),
        ([share("57.3"), share("8.8")._replace(nature="plus-de")], True, None),
        ([share("57.3"), share("48.8")], True, None),
        ([], True, None),
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
        ("2", [amount("2")], ""),
        ("3", [amount("1"), amount("2", "CHF")], ""),
        ("3", [amount("1"), amount("two")], ""),
        ("25", [amount("100"), share("50"), share("50")], ""),
    ],
)
def test_a_calculation_is_shown_only_if_it_gives_the_value(value: str, inputs: list[Observation], expected: str):
    assert calculation(amount(value), inputs, "fr") == expected


def test_a_territory_says_first_what_concerns_it(client: FlaskClient):
    region = before(page(client, "/doc/territoire/hauts-de-france"))
    assert (
        region.index("Ce qui concerne ce territoire") < region.index("SRADDET") < region.index("Où il en est question")
    )


def test_a_statement_says_what_it_supports_and_leads_through_the_text(client: FlaskClient, release: Release):
    document = f"{BASE}id/document/communique-2023-01-09"
    order = statements_of(release, document)
    assert order
    assert len(order) > 50
    assert all(first.place and second.place and first.place <= second.place for first, second in pairwise(order))
    found = page(client, f"/doc{CONTRACT}/enonce/montant-total")
    text = before(found)
    number = next(place for place, each in enumerate(order, 1) if each.iri.endswith("/enonce/montant-total"))
    assert f"Passage {number} sur {len(order)}" in text
    assert "2 700 000 000 €" in text
    assert "plus de 2,7 milliards d'euros" in text
    before_it, after_it = (found.having("a", rel=rel)[0]["href"] for rel in ("prev", "next"))
    assert page(client, after_it or "").having("a", rel="prev")[0]["href"] == f"/doc{CONTRACT}/enonce/montant-total"
    assert page(client, before_it or "").having("a", rel="next")[0]["href"] == f"/doc{CONTRACT}/enonce/montant-total"
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
    assert f"/doc{CONTRACT}/montant/total" in found.links
    assert len(found.source.encode()) < 60_000
    assert text.count("Éléments rattachés") == 0
    assert "/text/communique-2023-01-09" in found.links
    assert "Rien n’en est repris." in text


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_passages_notes_figures_and_statements_lead_to_each_other(client: FlaskClient, lang: str):
    document = "/doc/document/communique-2023-01-09"
    found = page(client, document, lang)
    inside = [link[1:] for link in found.links if link.startswith("#") and link not in ("#content", "#get-data")]
    assert len(inside) > 70, "each passage with a note leads to it, and each note to its passage"
    assert set(inside) <= set(found.ids)
    assert {each for each in found.ids if each.startswith("note-")} <= set(inside)
    for path in ("enonce/part-axe-2", "part/axe-2"):
        passage = f"{document}#char=1007,1061"
        assert passage in page(client, f"/doc{CONTRACT}/{path}", lang).links
    assert f"/doc{CONTRACT}/part/axe-2" in found.links
    assert [each["lang"] for each in found.having("div", **{"class": "verbatim"})] == ["fr"] * 26


COPIED = {
    "/doc/document/bretagne-region": 1,
    "/doc/contrat/bretagne-2021-2027": 1,
    "/doc/contrat/bretagne-2021-2027/montant/total": 1,
    f"/doc{CONTRACT}": 0,
    f"/doc{CONTRACT}/montant/total": 0,
}


@pytest.mark.parametrize("path", COPIED)
def test_a_document_without_a_copy_is_said_to_have_none_once(client: FlaskClient, path: str):
    text = page(client, path).text
    assert len(re.findall("cités? sans copie d", text)) == COPIED[path]


@pytest.mark.parametrize(
    ("path", "lit", "pale", "notches", "letters"),
    [
        ("/doc/organisme/departement-nord", ["others"], ["state", "region"], 6, 1),
        ("/doc/organisme/etat", ["state"] * 3, ["region", "others", "region", "region"], 6, 0),
        (f"/doc{CONTRACT}/groupe/autres-signataires", ["others"], ["state", "region"], 6, 0),
    ],
)
def test_the_bar_of_a_body_lights_its_place_and_measures_nothing_in_it(
    client: FlaskClient, path: str, lit: list[str], pale: list[str], notches: int, letters: int
):
    source = page(client, path).source
    bars = "".join(re.findall('<figure class="placed">.*?</figure>', source, re.DOTALL))
    assert re.findall('<rect class="([a-z]+)"', bars) == lit
    assert sorted(re.findall('<rect class="([a-z]+) dim"', bars)) == sorted(pale)
    assert bars.count('class="notch"') == notches
    assert source.count("L. 311-1") == letters


@pytest.mark.parametrize("kind", ["axe/1", "priorite/1", "part/axe-1", "montant/total"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_pages_of_the_fictitious_contract_are_whole(fiction: FlaskClient, kind: str, lang: str):
    found = page(fiction, f"/doc{FICTITIOUS}/{kind}", lang)
    levels = [int(tag[1]) for tag in found.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert max(second - first for first, second in pairwise(levels)) <= 1
    assert len(found.source.encode()) < 60_000
