"""What schemathesis cannot make up: SPARQL queries, words to search for. It loads this file by SCHEMATHESIS_HOOKS."""

import json

import schemathesis
from hypothesis import strategies as st

QUERIES = (
    "ASK { ?s ?p ?o }",
    "SELECT * WHERE { ?s ?p ?o } LIMIT 2",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s a <https://w3id.org/cper-lod/ontology#Subdivision> }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1",
    "DESCRIBE <https://w3id.org/cper-lod/id/contrat/hauts-de-france-2021-2027>",
)

BATCHES = (
    {},
    {"q0": {"query": "Aisne"}},
    {"a": {"query": "60", "type": "http://rdf.insee.fr/def/geo#Departement", "limit": 3}, "b": {"query": ""}},
)
EXTENSIONS = (
    {"ids": [], "properties": []},
    {"ids": ["https://w3id.org/cper-lod/id/territoire/aisne"], "properties": [{"id": "codeInsee"}, {"id": "nom"}]},
)

schemathesis.openapi.format("reconciliation-queries", st.sampled_from([json.dumps(each) for each in BATCHES]))
schemathesis.openapi.format("reconciliation-extend", st.sampled_from([json.dumps(each) for each in EXTENSIONS]))
schemathesis.openapi.format("sparql-query", st.sampled_from(QUERIES))
schemathesis.openapi.format(
    "search-words", st.lists(st.from_regex(r"[a-zé0-9]{1,10}", fullmatch=True), min_size=1, max_size=16).map(" ".join)
)
