"""The OpenAPI description: a valid document, about things, lists and search, whose examples are the real ones."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator

from cper_lod.release.documents import types
from cper_lod.release.release import Release
from cper_lod.web.api.schemas import RESOURCE, THINGS, main_type
from tests.support.web import ID
from tests.support.web import described as things_of
from tests.web.html_page import page

HOST = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/openapi.json", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert "Accept-Language" in answer.vary
    found: dict[str, Any] = answer.get_json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        yield path, methods["get"]


def test_every_address_of_a_thing_with_a_shape_and_of_a_list_has_an_operation(
    document: dict[str, Any], release: Release
):
    templates = [re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) for path in document["paths"]]
    classes = [cls for cls in release.listing.classes if cls.slug and release.listing.called(cls.slug) is cls]
    shaped = [cls for cls in classes if main_type(release, [cls.iri])]
    things = {iri.removeprefix(ID) for cls in shaped for iri in release.listing.things(cls.iri) if iri.startswith(ID)}
    addresses = [f"/doc{name}.json" for name in {*things, *(f"/{cls.slug}" for cls in classes)} if "#" not in name]
    assert len(addresses) > 250
    assert [each for each in addresses if not any(re.fullmatch(found, each) for found in templates)] == []
    assert {f"/doc/{name}.json" for name in ("contrat", "subdivision", "montant", "signataire")} <= {*document["paths"]}


def test_the_schema_of_an_address_has_the_shapes_of_all_things_there(document: dict[str, Any], release: Release):
    offered = {}
    for path, methods in document["paths"].items():
        if "{" in path and (told := methods["get"]["responses"]["200"]["content"].get("application/json")):
            found = re.findall(r"#/components/schemas/(\w+)", str(told["schema"]))
            offered[re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))] = found
    seen = set()
    for iri in things_of(release):
        address = f"/doc/{iri.removeprefix(ID + '/')}.json" if iri.startswith(ID + "/") and "#" not in iri else ""
        for shapes in (each for path, each in offered.items() if re.fullmatch(path, address)):
            name = main_type(release, types(release, iri)) or RESOURCE
            assert name in shapes, iri
            seen.add(name)
    assert {RESOURCE, "Contrat", "Organisme"} <= seen


def test_the_examples_are_addresses_whose_answers_fit_their_schemas(client: FlaskClient, document: dict[str, Any]):
    seen = 0
    for path, operation in operations(document):
        told = operation["responses"]["200"]["content"]["application/json"]
        (example,) = told["examples"].values()
        answer = client.get(example["externalValue"].removeprefix(HOST), headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.mimetype) == (200, "application/json"), path
        schema = {**told["schema"], "components": document["components"]}
        assert list(Draft202012Validator(schema).iter_errors(answer.json)) == [], path
        seen += 1
    assert seen > 40


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_operation_and_each_shape_is_on_the_page(client: FlaskClient, document: dict[str, Any], lang: str):
    names = {operation["operationId"] for _, operation in operations(document)}
    assert names | {f"shape-{name}" for name in THINGS} <= set(page(client, "/api", lang).ids)
    answer = client.get("/api?lang=en", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/openapi.json?lang=en")
