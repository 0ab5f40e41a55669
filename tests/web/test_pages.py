"""Pages: the menu, the summary of a contract, data served as is, hostile data shown as text, a path prefix."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.release.release import Release
from cper_lod.web.app import behind_prefix
from cper_lod.web.http.templating import environment
from tests.support.nquads_release import LABEL, TYPE, client_without_engine, release_of_quads
from tests.support.web import CONTRACT, CPER, HTML, ID, SUFFIXES, describe, described
from tests.web.html_page import Page, page


@pytest.mark.slow
def test_every_link_on_the_main_pages_leads_somewhere(client: FlaskClient):
    paths = ["/", f"/doc{CONTRACT}", "/ontology", "/shapes", "/report", "/sparql", f"/doc{CONTRACT}/axe/2"]
    links = {
        urljoin(path, link).partition("#")[0]
        for path in (*paths, "/developers", "/nowhere")
        for link in page(client, path, status=404 if path == "/nowhere" else 200).links
        if not urlsplit(link).scheme and not link.startswith(("?", "#"))
    }
    assert len(links) > 250
    # Turtle is made faster than a page; that each page can be made is tested with the documents.
    headers = {"Accept": "text/turtle, text/html;q=0.5, */*;q=0.1"}
    lost = []
    for link in sorted(links):
        with client.get(link, headers=headers, follow_redirects=True) as answer:
            lost += [link] if answer.status_code != 200 else []
    assert lost == []


def test_the_language_stays_while_walking(client: FlaskClient):
    english = page(client, "/?lang=en", "en")
    assert {"/developers?lang=en", f"/doc{CONTRACT}?lang=en", "?lang=fr"} <= set(english.links)
    assert {"type": "hidden", "name": "lang", "value": "en"} in [found for tag, found in english.attributes]
    other = page(client, "/describe?iri=http%3A%2F%2Fid.insee.fr%2Fgeo%2Fregion%2F32")
    assert "?iri=http%3A%2F%2Fid.insee.fr%2Fgeo%2Fregion%2F32&lang=en" in other.links
    assert other.having("input", type="hidden") == []


# Data served as given


def test_data_has_no_ontology_no_shapes_and_no_licence(hostile_client: FlaskClient):
    for path, status in (("/ontology", 404), ("/shapes", 404), ("/report", 200)):
        page(hostile_client, path, status=status)
    own = [each for each in page(hostile_client, "/developers").links if each.startswith("/") and "?query=" not in each]
    assert "/ontology" not in own
    for each in own:
        with hostile_client.head(each) as answer:
            assert answer.status_code == 200, each
    assert 'rel="license"' not in hostile_client.get(describe("http://ex.org/a", ".ttl")).headers.get("Link", "")


def test_every_resource_of_hostile_data_has_a_page(hostile_client: FlaskClient, hostile: Release):
    iris = described(hostile)
    assert len(iris) > 25
    for iri in iris:
        assert iri in page(hostile_client, describe(iri)).text


@pytest.mark.slow
def test_every_resource_of_hostile_data_has_documents(hostile_client: FlaskClient, hostile: Release):
    refused = set()
    for iri in described(hostile):
        for suffix in SUFFIXES:
            answer = hostile_client.get(describe(iri, "." + suffix))
            assert answer.status_code in (200, 406), (iri, suffix)
            if answer.status_code == 406:
                code = answer.get_json(force=True)["type"].rpartition("/")[2]
                refused.add((iri.rpartition("/")[2], suffix, code))
    assert refused == {
        ("quoted", "jsonld", "jsonld-impossible"),
        ("quoted", "rdf", "rdfxml-impossible"),
        ("literal-type", "jsonld", "jsonld-impossible"),
        ("literal-type", "rdf", "rdfxml-impossible"),
        ("control", "rdf", "rdfxml-impossible"),
        ("digit", "rdf", "rdfxml-impossible"),
    }


def test_what_means_harm_in_data_is_shown_as_text(hostile_client: FlaskClient):
    """Markup, links to scripts, and text from right to left."""
    found = page(hostile_client, describe("http://ex.org/a"))
    assert "<script>" not in found.source
    assert "<script>alert(1)</script> \"quoted\" 'single' & amp" in html.unescape(found.source)
    assert "javascript:alert(1)" in found.text
    assert "/describe?iri=javascript%3Aalert%281%29" in found.links
    page(hostile_client, "/describe?iri=javascript%3Aalert%281%29")
    assert '<span dir="auto" lang="ar">\u202e' in found.source


def test_a_contract_without_sense_has_a_page(hostile_client: FlaskClient):
    text = hostile_client.get(describe("http://ex.org/b"), headers=HTML).text
    assert "alert(2)" in text and not re.search('href="(javascript|data):', text)
    assert all(0 <= float(width) <= 100 for width in re.findall(r'class="fill" width="([^"]+)%"', text))
    figure = hostile_client.get(describe("http://ex.org/b/env"), headers=HTML).text
    assert "beaucoup" in figure


def test_a_nature_that_the_program_does_not_know_has_no_words():
    plan = environment("fr").get_template("plan.html").make_module()
    amounts = [SimpleNamespace(nature=each) for each in ("exact", "of-my-own", "")]
    assert "(1)" in (words := plan.summed(SimpleNamespace(summed=amounts, complete=False))) and "my-own" not in words  # type: ignore[attr-defined]


def test_blank_nodes_are_shown_in_their_place(hostile_client: FlaskClient):
    found = page(hostile_client, describe("http://ex.org/list"))
    assert found.text.index("one") < found.text.index("deeper")
    assert "inside" in found.text
    assert "rdf:first" not in found.text
    page(hostile_client, describe("http://ex.org/loop"))


@pytest.mark.parametrize("name", ["file.ttl", "a/../b", "q?x=1&y=2", "f#frag", "é", "%C3%A8", "o'q", "100%25"])
def test_a_name_of_any_spelling_is_reached_by_the_links_to_it(hostile_client: FlaskClient, name: str):
    iri = f"{ID}/thing/{name}"
    query = f"SELECT (<{iri}> AS ?x) {{}}"
    results = hostile_client.get("/sparql", query_string={"query": query}, headers=HTML)
    links = [link for link in Page(results).links if "thing" in link and "sparql" not in link]
    address = next(link for link in links if link.startswith(("/doc/", "/describe")))
    assert (
        f"<code>{html.escape(iri, quote=False)}</code>".replace("'", "&#39;")
        in hostile_client.get(address, headers=HTML).text
    )
    assert iri in hostile_client.get(describe(iri, ".nt")).text
    if name in ("file.ttl", "q?x=1&y=2"):
        sent = hostile_client.get(address.replace("/doc", "/id"), headers={"Accept": "text/turtle"})
        assert (sent.status_code, hostile_client.get(sent.location).status_code) == (303, 200)


# Under a path prefix


@pytest.fixture(scope="module")
def mounted(release: Release) -> FlaskClient:
    """A client of the application at https://example.org/cper."""
    application = client_without_engine(release, public_url="https://example.org/cper").application
    return behind_prefix(application, "/cper").test_client()


@pytest.mark.parametrize("before", [pytest.param("/cper", id="passed on"), pytest.param("", id="taken off")])
def test_everything_stands_below_the_prefix(mounted: FlaskClient, before: str):
    """Also behind a proxy that takes the prefix off what is asked for."""
    client = mounted
    answer = client.get(f"{before}/id{CONTRACT}", headers=HTML)
    assert answer.location == f"/cper/doc{CONTRACT}.html"
    for path in ("/", f"/doc{CONTRACT}", "/ontology", "/sparql", "/doc/enonce?size=10", "/nowhere"):
        shown = client.get(before + path, headers=HTML)
        local = [link for link in Page(shown).links if link.startswith("/")]
        assert len(local) > 5
        assert [link for link in local if not link.startswith("/cper/")] == []
    assert client.get(f"{before}/doc{CONTRACT}/?lang=en").location == f"/cper/doc{CONTRACT}?lang=en"
    document = client.get(f"{before}/doc{CONTRACT}", headers={"Accept": "application/ld+json"})
    assert document.headers["Content-Location"] == f"/cper/doc{CONTRACT}.jsonld"
    assert document.get_json(force=True)["@context"] == "https://example.org/cper/context/2.0.0.jsonld"
    assert f"<https://example.org/cper/doc{CONTRACT}.ttl>" in ", ".join(document.headers.getlist("Link"))
    assert client.get("/cper", headers=HTML).status_code == 200


def test_the_public_address_is_in_the_tag(release: Release, client: FlaskClient):
    other = client_without_engine(release, public_url="https://example.org")
    path = f"/doc{CONTRACT}.ttl"
    assert other.get(path).headers["ETag"] != client.get(path).headers["ETag"]
    assert other.get(path).data == client.get(path).data


# Numbers and days


@pytest.mark.parametrize(
    ("form", "text"),
    [
        *((formatting.number, text) for text in ("1E9", "NaN", "9" * 40, "٣", "", "beaucoup")),
        *((formatting.date, text) for text in ("2023-02-31", "20230109", "2023-W01-1", "2023-01-09Z")),
    ],
)
def test_what_is_no_number_or_no_day_is_shown_as_it_is(form: Callable[[str, Language], str], text: str):
    assert {form(text, lang) for lang in LANGUAGES} == {text}


# A contract of more parts than its summary shows


def test_a_contract_counts_its_signatories_in_the_order_of_their_letters(tmp_path: Path):
    lines = []
    for name, count in (("b", 61), ("c", 400)):
        lines.append(f"<{ID}/contrat/{name}> {TYPE} <{CPER}Contrat>")
        lines += [f"<{ID}/contrat/{name}> <{CPER}signePar> <{ID}/{n}>" for n in range(count)]
    lines += [f'<{ID}/{n}> {LABEL} "{name}"@fr' for n, name in enumerate(("Oasis", "Olive", "Œuvre"))]
    large = client_without_engine(release_of_quads(tmp_path, lines))
    shown = page(large, "/doc/contrat/b").text.partition("Signataires (61)")[2]
    assert re.findall("Oasis|Olive|Œuvre", shown)[:3] == ["Oasis", "Œuvre", "Olive"]
    assert re.search(r"Signataires \(\D+300\)", page(large, "/doc/contrat/c").text), "more than are counted"


def menu_of(client: FlaskClient, path: str) -> list[tuple[str, str, str]]:
    """Return the address, `aria-current` and the name of each section in the menu of a page."""
    menu = client.get(path, headers=HTML).text.partition('<nav class="sections"')[2].partition("</nav>")[0]
    return re.findall(r'<li><a href="([^"]*)"(?: aria-current="(\w+)")?>([^<]*)</a>', menu)


@pytest.mark.parametrize(
    ("path", "section", "said"),
    [
        (f"/doc{CONTRACT}/axe/2", "/", "true"),
        ("/doc/subdivision", "/", "true"),
        ("/signatories", "/signatories", "page"),
        ("/doc/organisme/departement-aisne", "/signatories", "true"),
        ("/doc/territoire/hauts-de-france", "", ""),
        ("/doc/org-formal-organization", "/signatories", "true"),
        ("/ontology", "/developers", "true"),
        ("/doc/rdf-property", "/developers", "true"),
    ],
)
def test_the_menu_says_where_one_is(client: FlaskClient, path: str, section: str, said: str):
    entries = menu_of(client, path)
    every = ["/", "/compare", "/commune", "/signatories", "/download", "/developers"]
    assert [address for address, _, _ in entries] == every
    assert [(address, current) for address, current, _ in entries if current] == ([(section, said)] if section else [])


def test_the_menu_of_data_without_a_contract(no_contract_client: FlaskClient):
    assert [address for address, _, _ in menu_of(no_contract_client, "/doc")] == ["/doc", "/download", "/developers"]
