"""The pages of things, class by class: order of content, published and missing figures, dates and sources."""

import gzip
import re
from functools import cache
from html import unescape
from itertools import pairwise
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from cper_lod.core.namespaces import BASE
from cper_lod.release.release import Release
from tests.support.cases import each_case
from tests.support.html_page import Page, page
from tests.support.web import CONTRACT, describe, described

NARROW, NBSP = "\u202f", "\u00a0"
KINDS = {
    "home": "/",
    "contract": f"/doc{CONTRACT}",
    "axis": f"/doc{CONTRACT}/axe/2",
    "axis without a share": f"/doc{CONTRACT}/axe/5",
    "priority": f"/doc{CONTRACT}/priorite/2",
    "share": f"/doc{CONTRACT}/part/axe-2",
    "commitment": f"/doc{CONTRACT}/engagement/etat",
    "envelope": f"/doc{CONTRACT}/enveloppe",
    "derived": f"/doc{CONTRACT}/derive/axe-2",
    "signatory": f"/doc{CONTRACT}/signataire/aisne",
    "statement": f"/doc{CONTRACT}/enonce/enveloppe",
    "document": "/doc/document/communique-2023-01-09",
    "body": "/doc/organisme/departement-aisne",
    "territory": "/doc/territoire/hauts-de-france",
    "scheme": "/doc/schema/hauts-de-france-sraddet",
    "concept": "/doc/code/nature-de-la-valeur/minimum",
    "amendment": f"/doc{CONTRACT}/avenant/mobilites",
}
THINGS = {name: path for name, path in KINDS.items() if name != "home"}


@pytest.fixture(scope="module", params=THINGS)
def thing(client: FlaskClient, request: pytest.FixtureRequest) -> Page:
    """The page of each kind of thing, in French."""
    return page(client, THINGS[request.param])


def test_every_page_says_what_it_is_and_of_which_day(thing: Page):
    assert len(thing.having("h1", dir="auto")) == 1
    days = ("Informations en date du", "à partir d’informations en date du", "Daté du", "Publication du")
    days += (f"Chiffres{NBSP}: Communiqué de presse du",)  # of the contract
    shown = thing.text.rpartition("Publication du")[0]
    assert sum(shown.count(each) for each in days) == 1, "the footer has the day of the release besides"
    assert re.search(f"({'|'.join(days)}) [0-9]+(er)?[ \u00a0][a-zéû]+ [0-9]{{4}}\\.", shown)


OURS = {name: path for name, path in THINGS.items() if name not in ("envelope", "statement", "scheme")}
"""Pages on which no text stands as the source or a register has it, but in quotations."""
OURS |= {"group": "/doc/code/financeur/autres-signataires", "list": "/doc/part"}
OURS |= {"links": "/links", "legal": "/legal", "catalogue": "/catalog"}


@each_case("path", OURS.values(), ids=OURS)
def test_only_quotations_and_data_keep_straight_apostrophes(client: FlaskClient, path: str):
    source = page(client, path).source
    main = source.partition("<main")[2].partition("</main>")[0].partition('<details class="technical"')[0]
    quoted = r"(?s)<(q|blockquote|code|pre|script|svg)\b.*?</\1>"
    ours = unescape(re.sub("<[^>]*>", "|", re.sub(quoted, "", main)))
    assert len(ours) > 300
    assert re.findall(r"[^|]*[^\W\d_]'\w[^|]*", ours) == []


def test_every_page_tells_how_to_get_its_data(thing: Page, client: FlaskClient):
    typed = [found for found in thing.having("a") if found.get("type")]
    assert {"text/turtle", "application/ld+json", "application/n-triples"} <= {found["type"] for found in typed}
    for found in typed:
        assert client.get(found["href"] or "").headers["Content-Type"].startswith(str(found["type"]))
    assert "curl -H 'Accept: application/ld+json' http://127.0.0.1:8000/doc/" in thing.text


def test_every_page_has_a_trail_from_home(thing: Page):
    assert thing.having("nav", **{"aria-label": "Fil d’Ariane"})
    assert thing.having("span", **{"aria-current": "page"})


@cache
def static(client: FlaskClient) -> int:
    """Return the compressed size of the files that every page loads."""
    size = 0
    for name in ("style.css", "copy.js", "logo.svg"):
        with client.get(f"/static/{name}") as answer:
            size += len(gzip.compress(answer.data))
    return size


@each_case("lang", ["fr", "en"])
@each_case("path", KINDS.values(), ids=KINDS)
def test_a_page_is_light(client: FlaskClient, path: str, lang: str):
    body = client.get(path, headers={"Accept": "text/html", "Accept-Language": lang}).data
    assert len(gzip.compress(body)) + static(client) < 50_000


def test_an_axis_has_its_share_published_and_its_amount_computed(client: FlaskClient):
    found = page(client, KINDS["axis"])
    assert {"value": "57.3"} in found.having("data")
    assert f"57,3{NARROW}%" in found.text
    assert {"value": "1579761000"} in found.having("data")
    assert found.text.count("calculé par nos soins, absent de la source") == 1
    assert found.text.index("publié") < found.text.index("calculé par nos soins")
    assert [each["class"] for each in found.having("div") if str(each.get("class")).startswith("figure ")] == [
        "figure derived"
    ]
    assert "57,3% des crédits" in found.text
    assert "Axe 2" in found.text
    assert f"/doc{CONTRACT}/priorite/2" in found.links


def test_what_has_no_share_says_why(client: FlaskClient):
    found = page(client, KINDS["axis without a share"])
    assert found.having("div", **{"class": "figure absent"})
    assert "non publiée" in found.text
    assert "renvoie à un avenant mobilités, prévu en 2023" in found.text
    english = page(client, KINDS["axis without a share"], "en")
    assert "not published" in english.text
    assert "0%" not in english.text


def test_a_statement_begins_with_its_words(client: FlaskClient):
    found = page(client, f"/doc{CONTRACT}/enonce/avenant-mobilites", "en")
    assert {"lang": "fr", "dir": "auto"} in found.having("blockquote")
    assert found.tags.index("blockquote") < found.tags.index("dl")
    assert "infrastructures de transports » – avenant mobilités prévu en 2023" in found.text, "the words in their place"
    assert "/doc/document/communique-2023-01-09" in found.links


def test_french_words_are_marked_as_french_on_an_english_page(client: FlaskClient):
    for name in ("home", "contract", "axis", "commitment", "envelope"):
        quoted = page(client, KINDS[name], "en").having("q")
        assert quoted, name
        assert {each["lang"] for each in quoted} == {"fr"}


def test_a_body_says_what_it_signed(client: FlaskClient):
    found = page(client, KINDS["body"])
    assert "220200026" in found.text
    assert "par les cinq Départements de la région" in found.text
    assert "le nom vient de l’Insee" in found.text
    assert f"/doc{CONTRACT}" in found.links
    assert "Département de l’Aisne, signataire" in found.text.partition("Données techniques")[2]


def test_a_territory_has_its_map_and_leads_elsewhere(client: FlaskClient):
    found = page(client, KINDS["territory"])
    assert found.having("svg", **{"class": "map"})
    assert found.having("a", href="http://www.wikidata.org/entity/Q18677767", rel="external")
    assert "wikidata.org/entity/Q18677767" in found.text
    assert "POLYGON" not in found.text.partition("Toutes les propriétés")[0]


@pytest.mark.parametrize(
    ("path", "french", "english"),
    [
        ("/doc/territoire/somme/contour", "Informations de 2018.", "As stated in 2018."),
        ("/doc/document/france-geojson-5d34ee6", "Informations de 2018.", "As stated in 2018."),
        ("/doc/document/admin-express-2018", "Daté de 2018.", "Dated 2018."),
    ],
)
def test_what_is_derived_from_a_document_is_of_its_year(client: FlaskClient, path: str, french: str, english: str):
    assert french in page(client, path).text
    assert english in page(client, path, "en").text
    assert path.endswith("2018") or "/doc/document/admin-express-2018" in page(client, path).links


def test_all_that_the_data_say_is_on_the_page(client: FlaskClient):
    found = page(client, KINDS["commitment"])
    rest = found.text.partition("Toutes les propriétés, comme dans les données")[2]
    for name in ("pourcentage", "montant", "monnaie", "jeu de données", "nature de la valeur", "précision"):
        assert (name in rest) is (name != "pourcentage"), name
    assert f"994{NARROW}000{NARROW}000{NBSP}€" in rest


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


@each_case("path", THINGS.values(), ids=THINGS)
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
        assert dataset["distribution"][0]["contentUrl"].endswith(f"/plan{CONTRACT}.csv")


def test_hostile_text_stays_within_its_script(hostile_client: FlaskClient):
    found = page(hostile_client, describe("http://ex.org/a"))
    (made,) = found.embedded()
    assert made["name"].startswith("<script>alert(1)</script>")
    assert found.tags.count("script") == 2, "the description, and our file"


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


def test_hostile_titles_stay_within_a_card(hostile_client: FlaskClient):
    found = page(hostile_client, describe("http://ex.org/a"), "en")
    (title,) = found.having("meta", property="og:title")
    assert str(title["content"]).startswith("<script>alert(1)</script> \"quoted\" 'single' & amp")


def test_data_as_given_say_of_which_day_they_are_or_that_they_do_not(hostile_client: FlaskClient):
    for path in ("/", describe("http://ex.org/list")):
        assert "Ces données ne sont pas datées." in page(hostile_client, path).text
        assert "This data is not dated." in page(hostile_client, path, "en").text


def test_what_is_only_mentioned_names_who_mentions_it(client: FlaskClient):
    found = page(client, describe("http://id.insee.fr/geo/region/32"))
    assert "Cette ressource n’est pas décrite ici" in found.text
    assert found.having("a", href="/doc/territoire/hauts-de-france")
    assert "est « identique à » de".replace(" »", NBSP + "»").replace("« ", "«" + NBSP) in found.text
    assert "Hauts-de-France" in found.text


@pytest.mark.parametrize(
    ("lang", "computed", "said"),
    [
        (
            "fr",
            "Calculé par nos soins à partir d’informations en date du 9 janvier 2023.",
            "Informations en date du 9 janvier",
        ),
        ("en", "Computed by us from information stated on 9 January 2023.", "As stated on 9 January 2023."),
    ],
)
def test_what_we_computed_is_not_told_as_said_by_the_source(client: FlaskClient, lang: str, computed: str, said: str):
    derived, share = (page(client, KINDS[name], lang).text for name in ("derived", "share"))
    assert (computed in derived, said in derived) == (True, False)
    assert (computed in share, said in share) == (False, True)


def test_a_statement_is_called_by_its_words_and_is_of_the_day_of_its_document(client: FlaskClient):
    path = "/doc/contrat/hauts-de-france-2021-2027/enonce/signature-date"
    answer = client.get(path, headers={"Accept": "text/html"}).text
    assert f'<h1 dir="auto">«{NBSP}ce lundi 9 janvier 2023{NBSP}»</h1>'.replace(NBSP, " ") in answer.replace(NBSP, " ")
    assert "Énoncé signature-date" in re.sub("<[^>]*>", "", answer)
    found = page(client, path)
    assert "Informations en date du 9 janvier 2023." in found.text
    assert "place dans le texte" in found.text
    assert "“ce lundi 9 janvier 2023”" in page(client, path, "en").text


def test_a_question_shows_its_query_and_asks_it(client: FlaskClient):
    found = page(client, "/doc/question/axes-par-priorite")
    assert found.having("p", **{"class": "lead"}) == []
    shown, _, folded = found.text.partition("Toutes les propriétés, comme dans les données")
    assert "SELECT ?priorite" in shown
    assert "SELECT ?priorite" in folded
    (link,) = [each for each in found.links if each.startswith("/sparql?query=")]
    assert "Développer l'attractivité" in page(client, link).text
    rule = next(each for each in page(client, "/shapes/dcat").links if each.startswith("/describe"))
    assert not [each for each in page(client, rule).links if each.startswith("/sparql?query=")]


def test_a_data_set_leads_to_its_observations(client: FlaskClient):
    found = page(client, "/doc/cube/hauts-de-france-2021-2027-parts-par-axe")
    shown = found.text.partition("Données techniques")[0]
    assert "observations de ce jeu" in shown
    assert [f"/doc{CONTRACT}/part/axe-{number}" in found.links for number in range(1, 7)] == [True] * 6


def test_a_territory_names_what_it_contains_and_says_what_its_map_draws(client: FlaskClient):
    region, department = (page(client, f"/doc/territoire/{name}") for name in ("hauts-de-france", "aisne"))
    assert "contient" in region.text
    assert "« situé dans »" not in region.text
    assert f"Contours de la région et de ses départements (5). Chaque département mène à sa page{NBSP};" in region.text
    assert f"Aisne, dans{NBSP}: Hauts-de-France." in department.text
    for found, own in ((region, "hauts-de-france"), (department, "aisne")):
        assert "région et de ses départements" not in department.text
        assert f"/doc/territoire/{own}" not in found.links, "a page does not lead to itself"


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
    found = page(client, KINDS["statement"].replace("enveloppe", "engagement-etat"))
    assert f"Engagement{NBSP}: État" in found.text
    assert "Engagement : État" not in found.text.partition("Toutes les propriétés")[0]


@pytest.mark.parametrize(("lang", "words"), [("fr", "Valeur à chercher"), ("en", "Value to look for")])
def test_a_thing_leads_to_its_datasets_with_key_and_value(client: FlaskClient, lang: str, words: str):
    sirene = "https://www.data.gouv.fr/datasets/5b7ffc618b4c4169d30727e0"
    nord = page(client, "/doc/organisme/departement-nord", lang)
    assert nord.having("a", href=sirene)
    told = nord.text.partition(words)[2]
    assert all(each in told for each in (sirene, "225900018", "SIREN"))
    contract = page(client, describe(f"{BASE}id{CONTRACT}"), lang).text.partition(words)[2]
    for each in (sirene, "225900018", "248000531", "http://id.insee.fr/geo/departement/59", "64ae255bbc600d7a3468ee64"):
        assert each in contract
    assert words not in page(client, "/doc/contrat/hauts-de-france-2021-2027/axe/1", lang).text


def test_the_page_of_a_link_tells_what_it_is_for(client: FlaskClient):
    told = page(client, "/doc/territoire/aisne/lien/cog").text.partition("Données techniques")[0]
    for name in ("Code officiel géographique (COG)", "valeur à chercher", "02", "Lien vers un jeu de données"):
        assert name in told


def test_the_page_of_a_dataset_of_others_tells_what_it_is_linked_with(client: FlaskClient):
    told = page(client, "/describe?iri=https://www.data.gouv.fr/datasets/58c984b088ee386cdb1261f3").text
    for name in ("À rapprocher de", "Aisne", "Hauts-de-France", "Ce jeu n'a pas encore été consulté"):
        assert name in told
