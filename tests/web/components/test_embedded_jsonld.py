"""JSON-LD embedded in pages: no more than the data say, and nothing that ends a script element."""

import json

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse

from cper_lod.rdf.graph import Graph
from cper_lod.web.components import embedded_jsonld
from cper_lod.web.components.described import Described
from tests.support.names import BASE
from tests.web.html_page import page

DESCRIBED = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix x: <https://example.org/> .
x:a a dcat:Dataset ; dct:publisher x:p ; dct:temporal [ dcat:startDate "2021-01-01" ; dcat:endDate "2027-12-31" ] .
x:p skos:prefLabel "Nous"@fr, "Us"@en . x:b a dcat:Catalog ; dct:temporal [ dcat:startDate "2021-01-01" ] .
x:b dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> .
"""
X = "https://example.org/"


def test_no_more_is_said_than_the_data_say():
    described = Described(Graph(parse(DESCRIBED, RdfFormat.TURTLE)), NamedNode(X + "a"), "en")
    assert embedded_jsonld.schema_org_entity(described) == {
        **{"@id": X + "a", "@type": "Dataset", "temporalCoverage": "2021-01-01/2027-12-31"},
        "publisher": {"@type": "Organization", "@id": X + "p", "name": "Us"},
    }
    catalogue = embedded_jsonld.schema_org_entity(described.at(NamedNode(X + "b")))
    assert catalogue == {"@id": X + "b", "@type": "DataCatalog", "isAccessibleForFree": True}


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
