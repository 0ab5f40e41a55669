"""JSON-LD embedded in pages: no more than the data say, and nothing that ends a script element."""

import json

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse

from cper_lod.core.namespaces import BASE
from cper_lod.rdf.graph import Graph
from cper_lod.web.components import embedded_jsonld
from cper_lod.web.components.described import Described
from tests.support.web import CONTRACT
from tests.web.html_page import page

PREFIXES = """
@prefix cper: <https://w3id.org/cper-lod/ontology#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix schema: <http://schema.org/> . @prefix igeo: <http://rdf.insee.fr/def/geo#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix oa: <http://www.w3.org/ns/oa#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix prov: <http://www.w3.org/ns/prov#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix x: <https://example.org/> .
"""


X = "https://example.org/"
PERIOD = 'x:a a dcat:Dataset ; dct:temporal [ dcat:startDate "2021-01-01" ; dcat:endDate "2027-12-31" ]'
PUBLIC = "<http://publications.europa.eu/resource/authority/access-right/PUBLIC>"
ENTITIES = {
    'x:a a schema:GovernmentOrganization ; skos:prefLabel "Corps"@fr, "Body"@en ; cper:siren "220200026" .': {
        "@type": "Thing",
        "name": "Body",
    },
    'x:a a dcat:Catalog ; dct:publisher x:p . x:p skos:prefLabel "Us"@en .': {
        "@type": "DataCatalog",
        "publisher": {"@type": "Organization", "@id": X + "p", "name": "Us"},
    },
    "": {"@type": "Thing"},
    f"{PERIOD} ; dct:accessRights {PUBLIC} .": {
        "@type": "Dataset",
        "temporalCoverage": "2021-01-01/2027-12-31",
        "isAccessibleForFree": True,
    },
    f"{PERIOD} .": {"@type": "Dataset", "temporalCoverage": "2021-01-01/2027-12-31"},
}
"""What is said of `x:a` in Turtle, and in schema.org's words for an English reader, beside its IRI."""


@pytest.mark.parametrize(("text", "expected"), ENTITIES.items())
def test_a_thing_is_what_the_data_call_it_and_no_more_is_said(text: str, expected: dict[str, object]):
    graph = Graph(parse(PREFIXES + text, RdfFormat.TURTLE))
    made = embedded_jsonld.schema_org_entity(Described(graph, NamedNode(X + "a"), "en"))
    assert made == {"@id": X + "a", **expected}


@pytest.mark.parametrize(
    "hostile", ["</script><script>alert(1)</script>", "<!--", "]]>", "a\u2028b\u2029c", "&lt;", '"']
)
def test_no_text_ends_the_script(hostile: str):
    made = embedded_jsonld.script({"@type": "Thing", "name": hostile})
    assert not set("<>&\u2028\u2029") & set(made)
    assert json.loads(made)["name"] == hostile


def test_the_catalogue_has_datasets_whose_files_are_there(client: FlaskClient):
    (made,) = page(client, "/catalog", "en").embedded()
    assert (made["@type"], made["@id"], made["publisher"]["name"]) == ("DataCatalog", BASE + "catalogue", "cper-lod")
    assert made["dateModified"] >= "2023-01-09"
    places = {each["spatialCoverage"]["name"]: each for each in made["dataset"] if "spatialCoverage" in each}
    dataset = places["Hauts-de-France"]
    assert dataset["temporalCoverage"] == "2021-01-01/2027-12-31"
    assert len(dataset["description"]) > 50
    for each in dataset["distribution"]:
        with client.head(each["contentUrl"].removeprefix("http://127.0.0.1:8000")) as answer:
            assert answer.status_code == 200
    assert dataset["distribution"]


def test_the_trail_of_a_page_has_public_addresses(client: FlaskClient):
    (made,) = page(client, f"/doc{CONTRACT}/axe/2").embedded()
    steps = made["breadcrumb"]["itemListElement"]
    assert [each["name"] for each in steps] == [
        "Contrat de plan État-Région 2021-2027 Hauts-de-France",
        "Soutenir les territoires",
    ]
    assert [each["position"] for each in steps] == [1, 2]
    assert [each.get("item") for each in steps] == [f"http://127.0.0.1:8000/doc{CONTRACT}", None]
    assert (made["inLanguage"], {each["@type"] for each in steps}) == ("fr", {"ListItem"})
