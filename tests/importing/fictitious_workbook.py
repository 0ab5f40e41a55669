"""The fictitious contract of `tests/fictif/data/sources`, as a person would write it in a workbook."""

from cper_lod.core.namespaces import BASE
from tests.importing.workbooks import Answers, from_csv
from tests.support.paths import FICTION as FICTIF

TEXT = FICTIF / "data" / "sources" / "communique-fictif-armorique-test.md"
"""The document, which the workbook calls by another code."""
FICTION: Answers = from_csv(FICTIF / "classeur")
"""The cells of the workbook, whose sheets are CSV files as in `tests/contracts`."""


DOCUMENT = f"""@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<{BASE}id/document/communique-2023-01-09> a foaf:Document ;
    skos:prefLabel "Communiqué"@fr, "Press release"@en ;
    dct:title "Communiqué"@fr ; dct:issued "2023-01-09"^^<http://www.w3.org/2001/XMLSchema#date> ;
    dct:publisher <{BASE}id/organisme/prefecture-de-la-region-hauts-de-france> .
"""
"""The only resource of the data that the ontology refers to."""
