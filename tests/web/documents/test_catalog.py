"""The catalogue and the statistics over HTTP, as a harvester reads them."""

import hashlib
import re
from pathlib import Path

import pyshacl
import pytest
import rdflib
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import DCAT, DCT, PREFIXES
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.serialize import write
from cper_lod.release.catalog.distributions import served_catalogue
from cper_lod.release.release import Release
from tests.support.harvest import harvested_whole
from tests.support.names import BASE
from tests.support.nquads_release import client_without_engine
from tests.support.requirements import DCAT_AP

PUBLIC = "https://cper-lod.fr"
CATALOGUE = NamedNode(BASE + "catalogue")
DATASETS = [NamedNode(f"{BASE}id/jeu-de-donnees/{name}") for name in ("contrat", "enonces", "valeurs-derivees")]


@pytest.fixture(scope="module")
def online(release: Release) -> FlaskClient:
    """A client of the application as it would be online: with a public address and a contact."""
    return client_without_engine(release, public_url=PUBLIC, contact="contact@cper-lod.fr")


@pytest.fixture(scope="module")
def quads(online: FlaskClient) -> list[Quad]:
    return list(parse(online.get("/catalog.ttl").data, RdfFormat.TURTLE))


@pytest.fixture(scope="module")
def graph(quads: list[Quad]) -> Graph:
    return Graph(quads)


# On the wire


@pytest.mark.parametrize(("path", "accept"), [("/catalog", {}), ("/.well-known/void", {"Accept": "*/*"})])
def test_who_accepts_anything_gets_turtle_and_no_redirect(online: FlaskClient, path: str, accept: dict[str, str]):
    answer = online.get(path, headers=accept)
    stem = "/void" if "void" in path else path
    assert (answer.status_code, answer.headers["Content-Location"]) == (200, f"{stem}.ttl")
    assert answer.data == online.get(f"{stem}.ttl").data
    in_json_ld = online.get(f"{stem}.jsonld", headers={"Accept": "*/*"}).json
    assert isinstance(in_json_ld["@context"], dict), "nothing is to be fetched"


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
    for dataset in DATASETS:
        forms = set()
        for each in graph.all(dataset, DCAT + "distribution"):
            forms.add(graph.value(each, DCT + "format").rpartition("/")[2])
            address = graph.value(each, DCAT + "downloadURL")
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
        for each in (dataset, *graph.all(dataset, DCAT + "distribution")):
            assert graph.all(each, DCT + "license") == [licence]
        (place,) = graph.all(dataset, DCT + "spatial")
        assert graph.value(place, DCAT + "bbox").startswith("POLYGON((")
        assert graph.value(place, DCAT + "centroid").startswith("<gml:Point")
    assert not graph.all(licence, PREFIXES["rdfs"] + "label")
    assert not [quad for quad in quads if quad.predicate.value in (DCT + "hasPart", PREFIXES["dcatap"] + "hvdCategory")]
    typed = {quad.subject.value for quad in quads if str(quad.object) == f"<{DCAT}Dataset>"}
    assert typed == listed, "nobody else's dataset is one of ours"


# Who is to be asked


def test_a_contact_is_an_address_of_mail_or_of_a_page_and_none_is_invented(
    client: FlaskClient, online: FlaskClient, release: Release
):
    plain = Graph(parse(client.get("/catalog.ttl").data, RdfFormat.TURTLE))
    (publisher,) = plain.all(CATALOGUE, DCT + "publisher")
    for dataset in DATASETS:
        (point,) = plain.all(dataset, DCAT + "contactPoint")
        assert plain.all(point, PREFIXES["vcard"] + "hasURL") == [publisher], "its page tells who that is"
        assert plain.value(point, PREFIXES["vcard"] + "fn") == "cper-lod"
    assert "mailto:" not in client.get("/catalog.ttl").text
    assert "<mailto:contact@cper-lod.fr>" in online.get("/catalog.ttl").text
    web = client_without_engine(release, contact="https://cper-lod.fr/contact")
    graph = Graph(parse(web.get("/catalog.ttl").data, RdfFormat.TURTLE))
    (point,) = graph.all(DATASETS[0], DCAT + "contactPoint")
    assert graph.value(point, PREFIXES["vcard"] + "hasURL") == "https://cper-lod.fr/contact"


# The page


def test_the_page_shows_each_dataset_with_its_files(online: FlaskClient, graph: Graph):
    page = online.get("/catalog.html").text
    for dataset in DATASETS:
        assert f'id="{dataset.value.rpartition("/")[2]}"' in page
        for each in graph.all(dataset, DCAT + "distribution"):
            assert f'href="{graph.value(each, DCAT + "accessURL")}"' in page
    for section in re.findall(r'<section class="part".*?</section>', page, re.DOTALL):
        names = re.findall(r'<th scope="row"[^>]*><a [^>]*>(.*?)</a>', section)
        assert len(names) == len(set(names)) > 4, "no two files of a dataset have the same words"


# Data served as given


def test_given_data_have_no_catalogue_and_no_counts(hostile_client: FlaskClient):
    for path in ("/catalog.ttl", "/void.ttl", "/dump"):
        answer = hostile_client.get(path, follow_redirects=True)
        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (404, "catalogue-absent")  # type: ignore[index]
    assert 'href="/catalog"' not in hostile_client.get("/").text


# The official DCAT-AP 3.0.1 shapes (SEMIC, not carried here), and udata


@pytest.mark.dcatap
@pytest.mark.parametrize("contact", ["", "a@cper-lod.fr"])
def test_the_official_shapes_find_nothing(release: Release, contact: str):
    """Violations, recommended properties and warnings alike; a failed sh:node shows as one result, its parent."""
    served = rdflib.Graph().parse(data=write(served_catalogue(release, "https://cper-lod.fr", contact), TURTLE))
    shapes = rdflib.Graph()
    for name in ("shapes", "shapes_recommended", "range", "deprecateduris"):
        shapes.parse(DCAT_AP / f"html__shacl__{name}.ttl")
    assert len(served) > 300
    conforms, report, text = pyshacl.validate(served, shacl_graph=shapes, advanced=True)
    assert not list(report.objects(None, rdflib.SH.result)), text
    assert conforms


@pytest.mark.udata
@pytest.mark.slow
@pytest.mark.parametrize("contact", ["", "a@cper-lod.fr"])
def test_the_software_of_data_gouv_fr_harvests_every_dataset_whole_twice(
    release: Release, contact: str, tmp_path: Path
):
    """Whole: what it counts as quality is all there, the place included, which a fictitious region does not have."""
    assert harvested_whole(served_catalogue(release, "https://cper-lod.fr", contact), tmp_path)
