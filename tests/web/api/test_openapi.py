"""The OpenAPI description: a valid document, about things, lists and search, whose examples are the real ones."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator

from cper_lod.release.documents import types
from cper_lod.release.release import Release
from cper_lod.web.api import parameters, schemas
from cper_lod.web.api.schemas import RESOURCE, THINGS, main_type
from tests.support.web import ID, PUBLIC
from tests.support.web import described as things_of
from tests.web.html_page import page


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/openapi.json", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert "Accept-Language" in answer.vary
    found: dict[str, Any] = answer.get_json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, methods["get"]) for path, methods in document["paths"].items()]


def test_every_list_and_kind_of_thing_has_an_operation_with_the_shapes_that_are_there(
    document: dict[str, Any], release: Release
):
    schemas = {path: str(operation["responses"]["200"]) for path, operation in operations(document)}
    assert all(
        f"/doc/{cls.slug}.json" in schemas or not main_type(release, [cls.iri])
        for cls in release.listing.classes
        if cls.slug and release.listing.called(cls.slug) is cls
    )
    seen = set()
    for kind, name in (each.removeprefix(f"{ID}/").split("/", 1) for each in things_of(release) if each.startswith(ID)):
        if "/" not in name and "#" not in name and (found := schemas.get(f"/doc/{kind}/{{{kind}}}.json")):
            shape = main_type(release, types(release, f"{ID}/{kind}/{name}")) or RESOURCE
            assert f"/{shape}'" in found, (kind, name)
            seen.add(shape)
    assert seen == {RESOURCE, "Contrat", "Organisme", "Territoire", "Document"}


def test_the_examples_are_addresses_whose_answers_fit_their_schemas(client: FlaskClient, document: dict[str, Any]):
    assert len(operations(document)) > 20
    for path, operation in operations(document):
        told = operation["responses"]["200"]["content"]["application/json"]
        (example,) = told["examples"].values()
        answer = client.get(example["externalValue"].removeprefix(PUBLIC), headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.mimetype) == (200, "application/json"), path
        schema = {**told["schema"], "components": document["components"]}
        assert list(Draft202012Validator(schema).iter_errors(answer.json)) == [], path


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_operation_and_each_shape_is_on_the_page(client: FlaskClient, document: dict[str, Any], lang: str):
    names = {operation["operationId"] for _, operation in operations(document)}
    assert names | {f"shape-{name}" for name in THINGS} <= set(page(client, "/api", lang).ids)
    answer = client.get("/api?lang=en", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/openapi.json?lang=en")


def test_the_table_of_parameters_is_about_addresses_that_there_are(client: FlaskClient):
    assert {*parameters.PARAMETERS, *parameters.OPEN} <= set(client.application.view_functions)


@pytest.mark.parametrize(
    ("type_", "schema"),
    [
        ("'a'|'b'|null", {"type": ["string", "null"], "enum": ["a", "b", None]}),
        ("Nom|null", {"anyOf": [{"$ref": "#/$defs/Nom"}, {"type": "null"}]}),
        (
            "(integer|string)[1:50]",
            {"type": "array", "items": {"type": ["integer", "string"]}, "minItems": 1, "maxItems": 50},
        ),
        ("string('^(a/b)$')", {"type": "string", "pattern": "^(a/b)$"}),
        (
            "{a: uri, 'b:c?': string(..., 9), '*': true}",
            {
                "type": "object",
                "properties": {"a": {"type": "string", "format": "uri"}, "b:c": {"type": "string", "maxLength": 9}},
                "required": ["a"],
                "additionalProperties": {"type": "boolean", "const": True},
            },
        ),
    ],
)
def test_a_type_is_a_schema(type_: str, schema: dict[str, object]) -> None:
    assert schemas.schema_of(type_) == schema
