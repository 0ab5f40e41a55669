"""The catalogue and the statistics over HTTP, as a harvester reads them."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from cper_lod.core.namespaces import BASE, DCAT, DCT, PREFIXES, RDF, SH
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.shacl.api import validate
from cper_lod.release.build.build import build_data
from cper_lod.release.release import Release
from cper_lod.release.sources.read import read_sources
from tests.support.paths import ROOT
from tests.support.web import SUFFIXES, canonical, client_of
from tests.web.catalog.metadata_quality import score

PUBLIC = "https://cper-lod.fr"
CATALOGUE = NamedNode(BASE + "catalogue")
DATASETS = [NamedNode(f"{BASE}id/jeu-de-donnees/{name}") for name in ("contrat", "enonces", "valeurs-derivees")]


@pytest.fixture(scope="module")
def online(release: Release) -> Iterator[FlaskClient]:
    """A client of the application as it would be online: with a public address and a contact."""
    yield from client_of(release, query_workers=1, public_url=PUBLIC, contact="contact@cper-lod.fr")


@pytest.fixture(scope="module")
def quads(online: FlaskClient) -> list[Quad]:
    return list(parse(online.get("/catalog.ttl").data, RdfFormat.TURTLE))


@pytest.fixture(scope="module")
def graph(quads: list[Quad]) -> Graph:
    return Graph(quads)


# On the wire


@pytest.mark.parametrize("path", ["/catalog", "/void"])
def test_one_graph_in_every_form(online: FlaskClient, path: str):
    expected = None
    for suffix, (content_type, form) in SUFFIXES.items():
        answer = online.get(f"{path}.{suffix}")
        assert (answer.status_code, answer.content_type) == (200, content_type)
        assert answer.data[:3] != b"\xef\xbb\xbf", "no byte-order mark"
        found = canonical(list(parse(answer.data, form)))
        expected = expected or found
        assert found == expected, suffix
        again = online.get(f"{path}.{suffix}", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        head = online.head(f"{path}.{suffix}")
        assert (head.status_code, head.headers["ETag"], head.data) == (200, answer.headers["ETag"], b"")
        assert f'<{PUBLIC}{path}.ttl>; rel="alternate"; type="text/turtle"' in answer.headers.getlist("Link")
        if suffix == "jsonld":
            context = json.loads(answer.data)["@context"]
            assert isinstance(context, dict) and isinstance(context["@version"], float), "nothing is to be fetched"
    assert len(expected or ()) > 300


@pytest.mark.parametrize("path", ["/catalog", "/void", "/.well-known/void"])
@pytest.mark.parametrize("accept", [None, "*/*"])
def test_who_accepts_anything_gets_turtle_and_no_redirect(online: FlaskClient, path: str, accept: str | None):
    answer = online.get(path, headers={"Accept": accept} if accept else {})
    stem = "/void" if "void" in path else path
    assert (answer.status_code, answer.mimetype) == (200, "text/turtle")
    assert answer.headers["Content-Location"] == f"{stem}.ttl"
    assert "Accept" in answer.vary
    assert answer.data == online.get(f"{stem}.ttl").data


def test_negotiation_and_its_errors(online: FlaskClient):
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert online.get("/catalog", headers={"Accept": browser}).mimetype == "text/html"
    assert online.get("/catalog", headers={"Accept": "application/rdf+xml"}).mimetype == "application/rdf+xml"
    assert online.get("/.well-known/void", headers={"Accept": "application/ld+json"}).mimetype == "application/ld+json"
    assert online.get("/catalog", headers={"Accept": "image/png"}).status_code == 406
    assert online.get("/catalog.csv").status_code == 404
    assert online.get("/void.html").status_code == 404
    assert online.post("/catalog").status_code == 405


# What it says


def test_everything_that_is_named_is_at_the_public_address_and_answers(online: FlaskClient, quads: list[Quad]):
    addresses = {quad.object.value for quad in quads if isinstance(quad.object, NamedNode)}
    ours = {address for address in addresses if address.startswith(PUBLIC)}
    assert len(ours) > 12
    for address in ours:
        with online.get(address.removeprefix(PUBLIC).partition("#")[0] or "/") as answer:
            assert answer.status_code == 200, address
    assert not {each for each in addresses if "127.0.0.1" in each or "localhost" in each}


def test_each_file_is_as_large_and_as_it_is_said(online: FlaskClient, graph: Graph):
    seen = set()
    for dataset in DATASETS:
        forms = set()
        for each in graph.all(dataset, DCAT + "distribution"):
            forms.add(graph.value(each, DCT + "format").rpartition("/")[2])
            address = graph.value(each, DCAT + "downloadURL")
            assert address not in seen or not address
            seen.add(address)
            if not address:
                assert graph.value(each, DCAT + "accessURL") == f"{PUBLIC}/sparql"
                assert not graph.all(each, DCAT + "accessService"), "udata makes an API of the dataset of it"
                continue
            with online.get(address.removeprefix(PUBLIC)) as answer:
                body = answer.data
            assert graph.value(each, DCAT + "byteSize") == str(len(body))
            checksum = graph.one(each, PREFIXES["spdx"] + "checksum")
            value = graph.one(checksum, PREFIXES["spdx"] + "checksumValue") if checksum else None
            assert isinstance(value, Literal)
            assert value.datatype.value.endswith("#hexBinary")
            assert value.value == hashlib.sha512(body).hexdigest()
        assert "CSV" in forms, "whole tables of its classes"
        assert {"RDF_N_TRIPLES", "RDF_TURTLE", "JSON_LD", "SPARQLQ"} <= forms


def test_the_traps_of_the_harvester(graph: Graph, quads: list[Quad]):
    listed = {each.value for each in graph.all(CATALOGUE, DCAT + "dataset")}
    assert {each.value for each in DATASETS} <= listed
    licence = NamedNode("https://www.etalab.gouv.fr/licence-ouverte-open-licence")
    for dataset in DATASETS:
        assert type(graph.one(dataset, DCT + "temporal")).__name__ == "BlankNode"
        assert len(graph.text(dataset, DCT + "description", "fr")[0]) > 100
        for each in (dataset, *graph.all(dataset, DCAT + "distribution")):
            assert graph.all(each, DCT + "license") == [licence]
        (place,) = graph.all(dataset, DCT + "spatial")
        assert graph.value(place, DCAT + "bbox").startswith("POLYGON((")
        assert "<gml:pos>2.7724 49.9699</gml:pos>" in graph.value(place, DCAT + "centroid")
        assert "http://id.insee.fr/geo/region/32" in {
            each.value for each in graph.all(place, PREFIXES["skos"] + "exactMatch")
        }
        assert graph.all(graph.one(dataset, DCAT + "theme") or dataset, PREFIXES["skos"] + "inScheme")
    assert not graph.all(licence, PREFIXES["rdfs"] + "label")
    types = {
        quad.object.value
        for quad in quads
        if quad.predicate.value == RDF + "type" and isinstance(quad.object, NamedNode)
    }
    assert DCAT + "DatasetSeries" not in types
    assert not [quad for quad in quads if quad.predicate.value in (DCT + "hasPart", PREFIXES["dcatap"] + "hvdCategory")]
    typed = {quad.subject.value for quad in quads if str(quad.object) == f"<{DCAT}Dataset>"}
    assert typed == listed, "nobody else's dataset is one of ours"


def test_the_endpoint_is_a_service_of_its_own(graph: Graph):
    (service,) = graph.all(CATALOGUE, DCAT + "service")
    assert [graph.value(service, DCAT + name) for name in ("endpointURL", "endpointDescription")] == [
        f"{PUBLIC}/sparql",
        f"{PUBLIC}/sparql.ttl",
    ]
    assert graph.value(service, DCT + "identifier") == service.value
    assert set(graph.all(service, DCAT + "servesDataset")) == set(graph.all(CATALOGUE, DCAT + "dataset"))


@pytest.mark.slow
def test_our_own_shapes_hold_for_what_is_served(quads: list[Quad]):
    rules = read_sources(ROOT).shapes
    targets = {
        quad.subject for quad in rules if quad.predicate.value == SH + "targetClass" and DCAT in str(quad.object)
    }
    assert len(targets) > 25
    report = validate(quads, rules)
    names = {each.value for each in targets if isinstance(each, NamedNode)} - {PREFIXES["cpers"] + "jeu-source"}
    assert [each for each in report.findings if each.shape in names and each.component] == []


@pytest.mark.parametrize("name", ["contrat", "enonces", "valeurs-derivees"])
def test_the_score_of_data_europa_eu(online: FlaskClient, graph: Graph, name: str):
    """395 of 405: the licence that French administrations use is not in the EU table, which costs 10 points."""

    def answers(address: str) -> bool:
        with online.head(address.removeprefix(PUBLIC)) as answer:
            return answer.status_code == 200

    # That it complies with DCAT-AP is what tests/web/test_dcat_ap.py finds with the official shapes.
    found = score(graph, NamedNode(f"{BASE}id/jeu-de-donnees/{name}"), answers, compliant=True)
    assert sum(weight for weight, _ in found.values()) == 405
    assert [(indicator, weight) for indicator, (weight, fulfilled) in found.items() if not fulfilled] == [
        ("licence known", 10)
    ]
    assert sum(weight for weight, fulfilled in found.values() if fulfilled) == 395


# Who is to be asked


def test_a_contact_is_an_address_of_mail_or_of_a_page_and_none_is_invented(
    client: FlaskClient, online: FlaskClient, release: Release
):
    without = client.get("/catalog.ttl").text
    assert "contactPoint" not in without
    assert "vcard" not in without
    assert "<mailto:contact@cper-lod.fr>" in online.get("/catalog.ttl").text
    for web in client_of(release, query_workers=1, contact="https://cper-lod.fr/contact"):
        graph = Graph(parse(web.get("/catalog.ttl").data, RdfFormat.TURTLE))
        (point,) = graph.all(DATASETS[0], DCAT + "contactPoint")
        assert graph.value(point, PREFIXES["vcard"] + "hasURL") == "https://cper-lod.fr/contact"
        assert graph.value(point, PREFIXES["vcard"] + "fn")


# The page


@pytest.mark.parametrize(
    ("lang", "words"), [("fr", ("Catalogue", "Taille", "Moissonneurs")), ("en", ("Size", "Turtle"))]
)
def test_the_page_shows_each_dataset_with_its_files(
    online: FlaskClient, graph: Graph, lang: str, words: tuple[str, ...]
):
    page = online.get(f"/catalog.html?lang={lang}").text
    assert all(word in page for word in words)
    for dataset in DATASETS:
        assert f'id="{dataset.value.rpartition("/")[2]}"' in page
        for each in graph.all(dataset, DCAT + "distribution"):
            assert f'href="{graph.value(each, DCAT + "accessURL")}"' in page
    assert f"{PUBLIC}/catalog.ttl" in page
    assert page.count("<table") == page.count("<caption") == len(graph.all(CATALOGUE, DCAT + "dataset"))
    for section in re.findall(r'<section class="part".*?</section>', page, re.DOTALL):
        names = re.findall(r'<th scope="row"[^>]*><a [^>]*>(.*?)</a>', section)
        assert len(names) == len(set(names)) > 4, "no two files of a dataset have the same words"


def test_the_page_tells_search_engines_too(online: FlaskClient, graph: Graph):
    text = online.get("/catalog.html").text
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    document = json.loads(found)
    assert document["@type"] == "DataCatalog"
    assert [each["@type"] for each in document["dataset"]] == ["Dataset"] * len(graph.all(CATALOGUE, DCAT + "dataset"))
    files = document["dataset"][0]["distribution"]
    assert {each["encodingFormat"] for each in files} >= {"text/turtle", "application/ld+json", "application/n-triples"}
    assert all(each["contentUrl"].startswith(f"{PUBLIC}/dump/") for each in files)


def test_every_page_leads_to_it(online: FlaskClient):
    links = online.get("/").headers.getlist("Link")
    assert f'<{PUBLIC}/catalog.ttl>; rel="describedby"; type="text/turtle"' in links
    for path in ("/", "/doc/axe.html", "/legal"):
        assert 'href="/catalog"' in online.get(path, headers={"Accept": "text/html"}).text


def test_the_folder_of_the_files_leads_to_the_catalogue_which_lists_them(client: FlaskClient):
    answer = client.get("/dump?lang=en", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/catalog?lang=en")
    assert "/dump/tout.nt.gz" in client.get("/catalog?lang=en", headers={"Accept": "text/html"}).text


# Data served as given


def test_given_data_have_counts_and_no_catalogue(hostile_client: FlaskClient):
    answer = hostile_client.get("/catalog.ttl", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json is not None
    assert answer.json["type"].endswith("/catalogue-absent")
    assert "/void.ttl" in answer.json["remedy"]
    assert hostile_client.get("/dump", follow_redirects=True).json["type"].endswith("/catalogue-absent")  # type: ignore[index]
    for suffix, (content_type, form) in SUFFIXES.items():
        if suffix != "rdf":
            void = hostile_client.get(f"/void.{suffix}")
            assert (void.status_code, void.content_type) == (200, content_type), suffix
            assert list(parse(void.data, form))
    assert 'href="/catalog"' not in hostile_client.get("/").text


def test_given_data_are_not_added_to(releases: Path, tmp_path: Path):
    (tmp_path / "x.ttl").write_text("<http://e.org/a> <http://e.org/p> 1 .\n", "utf-8")
    given = build_data(releases, ROOT, (tmp_path / "x.ttl",))
    assert (given.manifest["triples"], dict(given.graphs)) == (1, {})
