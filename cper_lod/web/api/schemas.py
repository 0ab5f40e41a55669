"""The shapes of the plain JSON (`shapes.toml`), and the JSON Schemas that follow from them, one document for each shape."""

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.namespaces import expand
from cper_lod.release.release import Release
from cper_lod.web.http import urls

Json = dict[str, Any]
Schema = Mapping[str, Any]
MAX_VALUES: Final = 100
"""Values of one list of a thing; where there are more, the thing says `tronque`."""
VERSION: Final = "2.0.0"
"""The version of the shapes."""
RESOURCE: Final = "Ressource"
"""The shape of a thing whose class has none of its own."""
FIGURES: Final = ("Montant", "Part", "Chiffre")
"""The shapes of published figures."""
SELF: Final = "_"
"""The row of a shape about the shape itself."""
_STRINGS: Final = {"uri": {"format": "uri"}, "iri": {"format": "iri"}}
_SCALARS: Final[Mapping[str, Json]] = {
    **{name: {"type": name} for name in ("string", "integer", "number", "boolean", "null")},
    **{name: {"type": "string"} | _STRINGS.get(name, {}) for name in ("text", "name", "term", *_STRINGS)},
    **{"true": {"type": "boolean", "const": True}, "any": {}},
}
"""The types that are not made of others; several are strings, which differ in how they are read."""
_REFERENCE: Final = re.compile(r'"\$ref": "#/(?:\$defs|components/schemas)/(\w+)"')
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class Member(NamedTuple):
    """A row of the table: the type, whether it may be absent, what it is read from, what it means, and an example.

    The row about a shape itself has the classes in place of the source.
    """

    type: str
    optional: bool
    source: str
    words: Mapping[Language, str]
    example: Any

    @property
    def schema(self) -> Json:
        """The schema of its type."""
        return schema_of(self.type)


def _member(row: str | list[Any]) -> Member:
    """Return a row of the table, which says at least its type: `integer? skos:notation`."""
    said, *more = [row] if isinstance(row, str) else row
    read = re.fullmatch(r"(\S+) (\^?[\w-]+:\S+|= \w+)", said)
    type_, source = read.groups() if read else (said, "")
    words = dict(zip(LANGUAGES, more, strict=False)) if len(more) > 1 else {}
    return Member(type_.removesuffix("?"), type_.endswith("?"), source, words, more[2] if len(more) > 2 else None)


def schema_of(type_: str) -> Json:
    """Return the schema of a type; raises SyntaxError and ValueError for what is no type.

    >>> schema_of("{a: 'x'|null, 'b?': string[:9]}")["properties"]["b"]
    {'type': 'array', 'items': {'type': 'string'}, 'maxItems': 9}
    """
    return _schema(ast.parse(type_, mode="eval").body)


def component(type_: str) -> Schema:
    """Return the schema of a type whose references lead to the components of an OpenAPI description."""
    return for_openapi(schema_of(type_))


def for_openapi(part: Json) -> Json:
    """Return a part of a schema with references to the components of an OpenAPI description."""
    made: Json = json.loads(json.dumps(part).replace('"#/$defs/', '"#/components/schemas/'))
    return made


def _schema(node: ast.expr) -> Json:
    """Return the schema of a type that is written as an expression of Python."""
    match node:
        case ast.Name(id=name):
            return _SCALARS.get(name, {"$ref": f"#/$defs/{name}"})
        case ast.Constant(value=str(text)):
            return {"type": "string", "const": text}
        case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(pattern))]):
            return _SCALARS[name] | {"pattern": pattern}
        case ast.Call(func=ast.Name(id=name), args=[least, most]):
            names = ("minLength", "maxLength") if _SCALARS[name]["type"] == "string" else ("minimum", "maximum")
            return _SCALARS[name] | _limits(names, least, most)
        case ast.Subscript(value=item, slice=ast.Slice(lower=least, upper=most)):
            return {"type": "array", "items": _schema(item), **_limits(("minItems", "maxItems"), least, most)}
        case ast.Dict():
            return _object(node)
        case ast.BinOp(op=ast.BitOr()):
            return _union([*map(_schema, _alternatives(node))])
    raise ValueError(ast.unparse(node))


def _alternatives(node: ast.expr) -> list[ast.expr]:
    return [*_alternatives(node.left), node.right] if isinstance(node, ast.BinOp) else [node]


def _limits(names: Iterable[str], *limits: ast.expr | None) -> Json:
    given = {name: ast.literal_eval(limit) for name, limit in zip(names, limits, strict=True) if limit}
    return {name: limit for name, limit in given.items() if limit is not ...}


def _union(found: list[Json]) -> Json:
    """Return the schema of what has one of several."""
    if all("const" in each or each == _SCALARS["null"] for each in found):
        types = list(dict.fromkeys(each["type"] for each in found))
        return {"type": types if len(types) > 1 else types[0], "enum": [each.get("const") for each in found]}
    if all(each.keys() == {"type"} for each in found[1:]) and isinstance(found[0].get("type"), str):
        return found[0] | {"type": [each["type"] for each in found]}
    return {"anyOf": found}


def _object(node: ast.Dict) -> Json:
    """Return the schema of an object; without `*` it has no other members."""
    made: Json = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    for key, value in zip(node.keys, node.values, strict=True):
        name = key.id if isinstance(key, ast.Name) else ast.literal_eval(key) if key else ""
        if name == "*":
            made["additionalProperties"] = _schema(value)
        else:
            made["properties"][name.removesuffix("?")] = _schema(value)
            made["required"] += [] if name.endswith("?") else [name]
    return made


def _shapes() -> dict[str, dict[str, Member]]:
    """Return the rows of each shape by name; with those of the shape that it is like, of a thing with those of every thing."""
    table = tomllib.loads((Path(__file__).parent / "shapes.toml").read_text("utf-8"))
    head, tail = table.pop("before"), table.pop("after")
    made = {}
    shapes = [(name, rows) for name, rows in table.items() if name[0].isupper()]
    shapes += [(name, {SELF: row}) for group, rows in table.items() if group.islower() for name, row in rows.items()]
    for shape, own in shapes:
        about = _member(own[SELF])
        base = table.get(about.type, {})
        type_ = _member(base[SELF]).type if base else about.type
        rows = base | own
        if type_ == "thing":
            rows = {SELF: own[SELF]} | head | {"type": [f"'{shape}'", *head["type"][1:]]} | rows | tail
        made[shape] = {name: _member(row) for name, row in rows.items()}
        made[shape][SELF] = made[shape][SELF]._replace(type=type_)
    return made


SHAPES: Final = _shapes()
"""The members of each shape, by name; `SELF` is the row about the shape."""
TYPES: Final[Mapping[str, str]] = {
    cls: shape for shape, rows in SHAPES.items() for cls in expand(rows[SELF].source.replace("|", " "))
}
"""The `type` of a thing, which is the name of its shape, by its class, the most telling class first."""
THINGS: Final = tuple(dict.fromkeys(TYPES.values()))
"""The shapes of things, the contract first."""
SHAPES["Chose"][SELF] = SHAPES["Chose"][SELF]._replace(type="|".join([*THINGS, RESOURCE]))


def main_type(release: Release, classes: Iterable[str]) -> str:
    """Return the `type` of a thing with a shape of its own, "" for any other thing.

    Only a release that was validated is known to conform to the shapes.
    """
    known = set(classes) if release.has_shapes else set()
    return next((name for cls, name in TYPES.items() if cls in known), "")


def schema_path(name: str) -> str:
    """Return the path of a schema: that of a `type`, or of another document by its name."""
    return f"/schema/{VERSION}/{name}.json"


def value_type(type_: str) -> tuple[str, bool]:
    """Return the type of one value of a member (`string`, `Reference`, the name of a shape), and whether it has a list of them."""
    name, many = re.match(r"(\w+)(?:\(.*?\))?(\[?)", type_).groups()  # type: ignore[union-attr]
    about = SHAPES[name][SELF] if name in SHAPES and len(SHAPES[name]) == 1 else None
    if about and about.type[0] != "{":
        return value_type(about.type)
    return name, bool(many)


@cache  # the same in two languages
def definitions(lang: Language) -> Json:
    """Return the definition of each shape, by name, with descriptions in one language; not to be modified.

    There is one for the list of each shape too: `ListeContrat`.
    """
    page = SHAPES["Liste"]
    items = {f"Liste{shape}": page["items"]._replace(type=f"{shape}[:1000]") for shape in THINGS}
    rows = SHAPES | {name: page | {"items": member} for name, member in items.items()}
    return {name: _definition(each, lang) for name, each in rows.items()}


@cache
def _components(lang: Language) -> Json:
    """Return the definitions for OpenAPI: of what is neither an object nor an enumeration, the schema stands where it is used.

    Generators would make a class of each, whose value is one step further away.
    """
    known = definitions(lang)

    def inlined(part: Any) -> Any:  # noqa: ANN401
        if isinstance(part, list):
            return [inlined(each) for each in part]
        if not isinstance(part, dict):
            return part
        definition = known.get(part.get("$ref", "").removeprefix("#/$defs/"), {"type": "object"})
        if definition.get("type") != "object" and "enum" not in definition:
            return inlined(definition | {key: value for key, value in part.items() if key != "$ref"})
        return {key: inlined(value) for key, value in part.items()}

    return for_openapi(inlined(known))


def components(part: Json, lang: Language) -> Json:
    """Return the definitions that a part of an OpenAPI description needs."""
    return _needed(part, _components(lang))


def _needed(part: Json, known: Json) -> Json:
    """Return the definitions that a part refers to, with those that they refer to."""
    names = _REFERENCE.findall(json.dumps(part))
    for name in names:  # which grows
        names += set(_REFERENCE.findall(json.dumps(known[name]))).difference(names)
    return {name: known[name] for name in known if name in names}


def _definition(rows: Mapping[str, Member], lang: Language) -> Json:
    about = rows[SELF]
    is_thing = about.type == "thing"
    made = (about._replace(type="{}") if is_thing else about).schema
    for name, member in rows.items():
        if name == SELF:
            continue
        schema = member.schema
        if is_thing and schema.get("type") == "array":
            schema["maxItems"] = MAX_VALUES
        if member.words:
            schema = {**schema, "description": member.words[lang]}
        if member.example is not None:
            schema = {**schema, "examples": [member.example]}
        made["properties"][name] = schema
        made["required"] += [] if member.optional else [name]
    return made | ({"description": about.words[lang]} if about.words else {})


def document(name: str, lang: Language) -> bytes | None:
    """Return one schema with the definitions that it refers to; None if there is none of this name."""
    known = definitions(lang)
    if name not in known:
        return None
    address = urls.public_url(urls.address(schema_path(name), {}))
    head = {"$schema": _DIALECT, "$id": address, "title": name, "$ref": f"#/$defs/{name}"}
    return json.dumps(head | {"$defs": _needed(head, known)}, ensure_ascii=False, indent=1).encode() + b"\n"
