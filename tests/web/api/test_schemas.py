"""The schemas over HTTP: their addresses, their media type, one language, and no reference that leads nowhere."""

import json

import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator, meta

from cper_lod.web.api import schemas
from cper_lod.web.http.plain_json import VERSION
from tests.support.plain_json import PUBLIC, get
from tests.support.web import CONTRACT

PLACE = f"/schema/{VERSION}/"


def test_a_schema_has_its_type_its_id_and_a_validator(client: FlaskClient) -> None:
    answer = client.get(PLACE + "Subdivision.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert json.loads(answer.data)["$id"] == PUBLIC + PLACE + "Subdivision.json"
    again = client.get(PLACE + "Subdivision.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(PLACE + "Subdivision.json")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])


def test_each_schema_is_one_alone(client: FlaskClient) -> None:
    for name in ("Subdivision", "Chose", "Liste", "ListeDesClasses", "Recherche"):
        schema = json.loads(client.get(f"{PLACE}{name}.json").data)
        meta.validate(schema)
        assert {f'"#/$defs/{each}"' in json.dumps(schema) for each in schema["$defs"]} == {True}
    subdivision = json.loads(client.get(PLACE + "Subdivision.json").data)
    assert "Contrat" not in subdivision["$defs"]
    assert Draft202012Validator(subdivision).is_valid(get(client, f"/doc{CONTRACT}/axe/6.json"))
    assert not Draft202012Validator(subdivision).is_valid(get(client, f"/doc{CONTRACT}/decoupage/axes.json"))


def test_it_is_in_the_language_of_the_reader(client: FlaskClient) -> None:
    french, english = (
        client.get(PLACE + "Subdivision.json", headers={"Accept-Language": lang}) for lang in ("fr", "en")
    )
    said = [json.loads(each.data)["$defs"]["Subdivision"]["description"] for each in (french, english)]
    assert said == [
        "Une subdivision d’un contrat : axe, priorité, volet, thématique…",
        "A subdivision of a contract: axis, priority, section, theme…",
    ]
    assert "Accept-Language" in french.vary


@pytest.mark.parametrize(
    ("type_", "schema"),
    [
        ("string|null", {"type": ["string", "null"]}),
        ("'a'", {"type": "string", "const": "a"}),
        ("'a'|'b'|null", {"type": ["string", "null"], "enum": ["a", "b", None]}),
        ("Nom", {"$ref": "#/$defs/Nom"}),
        ("Nom|null", {"anyOf": [{"$ref": "#/$defs/Nom"}, {"type": "null"}]}),
        (
            "(integer|string)[1..50]",
            {"type": "array", "items": {"type": ["integer", "string"]}, "minItems": 1, "maxItems": 50},
        ),
        ("integer(1..)", {"type": "integer", "minimum": 1}),
        ("string(/^(a/b)$/)", {"type": "string", "pattern": "^(a/b)$"}),
        (
            "{a: uri, 'b:c'?: string(..9)[], *: true}",
            {
                "type": "object",
                "properties": {
                    "a": {"type": "string", "format": "uri"},
                    "b:c": {"type": "array", "items": {"type": "string", "maxLength": 9}},
                },
                "required": ["a"],
                "additionalProperties": {"type": "boolean", "const": True},
            },
        ),
        ("{...}", {"type": "object", "properties": {}, "required": [], "additionalProperties": True}),
    ],
)
def test_a_type_is_a_schema(type_: str, schema: dict[str, object]) -> None:
    assert schemas.schema_of(type_) == schema


@pytest.mark.parametrize("type_", ["string]", "string string", "{a: string", "integer(1..", "Nom["])
def test_what_is_no_type_is_refused(type_: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        schemas.schema_of(type_)


def test_each_row_says_what_it_means_in_both_languages() -> None:
    """By itself, or by the definition that it refers to."""
    for shape, rows in schemas.SHAPES.items():
        for name, member in rows.items():
            named = member.type.removesuffix("|null") in schemas.SHAPES or name == "type"
            assert all(member.words.get(lang) for lang in ("fr", "en")) or named or not rows[schemas.SELF].words, (
                shape,
                name,
            )


NO_SCHEMAS = (
    "Subdivision",
    "subdivision.json",
    "Inconnue.json",
    "Subdivision.json.json",
    "..%2fSubdivision.json",
    "Subdivision%2f.json",
    "A" * 5000 + ".json",
)
OTHERS = ("/schema", f"/schema/{VERSION}", "/schema/1.0.0/Subdivision.json", "/schema/Subdivision.json")


@pytest.mark.parametrize("path", [*OTHERS, *(PLACE + name for name in NO_SCHEMAS)])
def test_what_is_no_schema_is_a_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(answer.data) < 2000
