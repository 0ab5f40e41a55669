"""The types of the table of shapes, as JSON Schemas."""

import pytest

from cper_lod.web.api import schemas


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
