"""Links whose dataset is on another portal, or that have no address of rows."""

import pytest
from pyoxigraph import RdfFormat, parse

from cper_lod.linking.check import LinkChecker
from cper_lod.linking.datagouv import DataGouv, TabularApi
from cper_lod.rdf.graph import Graph
from tests.linking.fake_datagouv import File, running

DATASET, FILE = "https://www.data.gouv.fr/datasets/0123456789abcdef01234567", "01234567-89ab-cdef-0123-456789abcdef"
PORTAL = "https://data.example.org/explore/dataset/comptes/"
LINK = """PREFIX cper: <https://w3id.org/cper-lod/ontology#>
PREFIX liens: <https://w3id.org/cper-lod/ontology/liens#>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX schema: <http://schema.org/>
<urn:join> a liens:Rapprochement ; dct:relation <{dataset}> ; liens:colonne "siren" .
<urn:link> a dcat:Relationship ; prov:wasDerivedFrom <urn:join> {rows} .
"""


@pytest.mark.parametrize(
    ("dataset", "value", "expected"),
    [
        (PORTAL, "200053742", [("urn:link", True, 2)]),
        (PORTAL, "", []),
        (DATASET, "", [(DATASET, True, None)]),
        (DATASET[:-1] + "8", "", [(DATASET[:-1] + "8", False, None), ("urn:link", False, None)]),
    ],
)
@pytest.mark.usefixtures("no_certificates")
def test_what_can_be_asked_is_asked(dataset: str, value: str, expected: list[tuple[str, bool, int | None]]) -> None:
    rows = [["200053742", "2024"], ["200053742", "2025"]]
    with running() as datagouv, DataGouv(datagouv.url) as site, TabularApi(datagouv.tabular) as tabular:
        datagouv.add(DATASET.rpartition("/")[2], "Comptes", File(FILE, "comptes.csv", ["siren", "exer"], rows))
        address = f"; schema:url <{datagouv.tabular}/resources/{FILE}/data/?siren__exact={value}>" if value else ""
        graph = Graph(parse(LINK.format(dataset=dataset, rows=address), RdfFormat.TURTLE))
        checker = LinkChecker(graph, site, tabular)
        found = [each for join in checker.links for each in checker.check(join)]
    assert [(each.iri, each.holds, each.rows) for each in found] == expected
