"""The JSON Schemas over HTTP: their addresses, their media type, and the links to them."""

import json
from functools import cache
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.support.web import CONTRACT, describe

PLACE = "/schema/1.0.0/"
PUBLIC = "http://127.0.0.1:8000"


def test_a_schema_has_its_type_its_id_and_a_validator(client: FlaskClient) -> None:
    answer = client.get(PLACE + "Axe.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.json is not None or json.loads(answer.data)
    assert json.loads(answer.data)["$id"] == PUBLIC + PLACE + "Axe.json"
    again = client.get(PLACE + "Axe.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(PLACE + "Axe.json")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == answer.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(answer.data))


@pytest.mark.parametrize(
    "path",
    [
        "/schema",
        "/schema/1.0.0",
        PLACE,
        PLACE + "Axe",
        PLACE + "axe.json",
        PLACE + "Inconnue.json",
        PLACE + "nom.json",
        PLACE + "Axe.json.json",
        PLACE + "..%2fAxe.json",
        PLACE + "Axe%2f.json",
        "/schema/1.0.1/Axe.json",
        "/schema/Axe.json",
        PLACE + "A" * 5000 + ".json",
    ],
)
def test_what_is_no_schema_is_a_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(answer.data) < 2000


def test_other_methods_are_refused(client: FlaskClient) -> None:
    assert client.post(PLACE + "Axe.json", data=b"{}").status_code == 405


DOCUMENTS = {
    f"/doc{CONTRACT}.jsonld": "ContratDePlan",
    f"/doc{CONTRACT}/axe/6.jsonld": "Axe",
    "/doc/organisme/region-hauts-de-france.jsonld": "Organisme",
    "/ontology.jsonld": "Ontologie",
}


@pytest.mark.slow
def test_what_is_served_fits_the_one_file_that_holds_all_schemas(client: FlaskClient) -> None:
    index = json.loads(client.get(PLACE + "index.json").data)
    assert set(DOCUMENTS.values()) <= index["$defs"].keys()
    validator = Draft202012Validator(index)
    for path, name in DOCUMENTS.items():
        document = json.loads(client.get(path).data)
        assert name in document["type"]
        assert validator.is_valid(document), path
        assert not validator.is_valid({**document, "nom": 1, "libelle": 1}), path


def test_a_schema_leads_to_the_others_by_their_addresses(client: FlaskClient) -> None:
    asked = []

    @cache
    def get(uri: str) -> Resource[Any]:
        assert uri.startswith(PUBLIC + PLACE)
        asked.append(uri)
        answer = client.get(uri.removeprefix(PUBLIC))
        assert answer.status_code == 200, uri
        return Resource.from_contents(json.loads(answer.data))

    top = json.loads(client.get(PLACE + "Axe.json").data)
    validator = Draft202012Validator(top, registry=Registry(retrieve=get))  # type: ignore[call-arg]
    document = json.loads(client.get(f"/doc{CONTRACT}/axe/6.jsonld").data)
    assert validator.is_valid(document)
    assert PUBLIC + PLACE + "cles.json" in asked
    assert not validator.is_valid({**document, "numero": "six"})


@pytest.mark.slow
def test_the_schemas_of_hostile_data_are_schemas(hostile_client: FlaskClient) -> None:
    body = hostile_client.get(PLACE + "index.json").data
    assert b"<script" not in body
    index = json.loads(body)
    Draft202012Validator.check_schema(index)
    validator = Draft202012Validator(index)
    for iri in ("http://ex.org/b", "http://ex.org/a/sub", "http://ex.org/list", "http://ex.org/loop"):
        faults = [
            each.message
            for each in validator.iter_errors(json.loads(hostile_client.get(describe(iri, ".jsonld")).data))
        ]
        assert faults == [], iri
