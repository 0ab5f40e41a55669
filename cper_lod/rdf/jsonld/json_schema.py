"""JSON Schema (draft 2020-12) of the values of each key of a JSON-LD context, as `jsonld.write` writes them."""

import re
from typing import Final

from cper_lod.core.namespaces import KNOWN_BY, XSD
from cper_lod.rdf.jsonld.compaction import BOOLEAN, EXACT, INTEGER, STRING, WHOLE
from cper_lod.rdf.jsonld.context import Context, TermDefinition
from cper_lod.rdf.jsonld.json_text import Json

Schema = dict[str, Json]
KEYS: Final = "cles.json"
"""The file that defines the values of every key, for all classes."""
NODE: Final = "noeud.json"
"""The file that defines a resource of any class."""
_ZONE: Final = "(Z|[+-][0-9]{2}:[0-9]{2})?"
_PATTERNS: Final = {
    "decimal": r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$",
    "date": f"^-?[0-9]{{4,}}-[0-9]{{2}}-[0-9]{{2}}{_ZONE}$",
    "gYear": f"^-?[0-9]{{4,}}{_ZONE}$",
    "gYearMonth": f"^-?[0-9]{{4,}}-[0-9]{{2}}{_ZONE}$",
    "dateTime": f"^-?[0-9]{{4,}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\\.[0-9]+)?{_ZONE}$",
    "duration": r"^-?P([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?$",
}
"""Patterns of literals by datatype (XML Schema 1.1, part 2)."""
_IRI: Final = "^(_:|[A-Za-z][A-Za-z0-9+.-]*:)"


def ref(name: str) -> Schema:
    """Return a reference to a shared definition (see `definitions`)."""
    return {"$ref": f"{KEYS}#/$defs/{name}"}


def definitions(context: Context) -> Schema:
    """Return the shared definitions, by name.

    `forme` is a value by itself; `contenu` also validates described resources inside it. The schema of a class includes
    nested resources, the schema of all keys does not, so that each resource is validated once.
    """
    value, kind, listed = (context.keyword(word) for word in ("@value", "@type", "@list"))
    iri: Schema = {"type": "string", "pattern": _IRI}
    reference: Schema = {
        "type": "object",
        "description": "une autre ressource : son IRI, ses noms, son numéro / another resource: IRI, names, number",
        "required": [context.keyword("@id")],
        "propertyNames": {"enum": [context.keyword("@id"), *_name_keys(context)]},
    }
    literal: Schema = {
        "type": "object",
        "description": "un littéral que la clé ne suffit pas à dire / a literal that the key alone does not tell",
        "required": [value],
        "properties": {value: {"type": "string"}, kind: {"type": "string"}},
        "propertyNames": {"enum": [value, kind, context.keyword("@language"), "@direction"]},
    }
    items: Schema = {"type": "array", "items": ref("forme")}
    scalar: Schema = {"type": ["string", "integer", "boolean"]}
    resource: Schema = {"if": {"required": [listed]}, "then": ref("liste")}
    described: Schema = {"type": "object", "required": [kind], "not": {"required": [value]}}
    return {
        "iri": iri,
        "reference": reference,
        "litteral": literal,
        "textes": _language_map({}, single=False, several=False),
        "liste": {"type": "object", "required": [listed], "properties": {listed: items}, "maxProperties": 1},
        "forme": {
            "if": {"type": "object"},
            "then": {"if": {"required": [value]}, "then": ref("litteral"), "else": resource},
            "else": scalar,
        },
        "contenu": {
            "if": {"type": "array"},
            "then": {"items": ref("contenu")},
            "else": {"if": described, "then": {"$ref": NODE}},
        },
        "valeur": {"allOf": [ref("forme"), ref("contenu")]},
    }


def _name_keys(context: Context) -> list[Json]:
    """Return the keys of names and of the number of a resource."""
    terms = [term.name for iri in KNOWN_BY for term in context.by_property.get(iri, ())]
    return [*terms, *(context.compact(iri) for iri in KNOWN_BY)]


def literal_schema(term: TermDefinition, datatype: str, context: Context) -> Schema:
    """Return the schema of a literal of a datatype under a term; a number is a JSON number if that is exact."""
    if term.type is None and datatype not in (STRING, INTEGER, BOOLEAN):
        kind = context.keyword("@type")
        return {**ref("litteral"), "required": [kind], "properties": {kind: {"const": context.compact(datatype)}}}
    if datatype == BOOLEAN:
        return {"enum": [True, False, "0", "1"]}
    name = datatype.removeprefix(XSD)
    if datatype in WHOLE:
        pattern = _PATTERNS["decimal"] if name == "decimal" else "^[+-]?[0-9]+$"
        return {"type": ["integer", "string"], "minimum": 1 - EXACT, "maximum": EXACT - 1, "pattern": pattern}
    return {"type": "string", "pattern": _PATTERNS[name]} if name in _PATTERNS else {"type": "string"}


def bounded_decimal_pattern(lowest: str | None, highest: str | None) -> str | None:
    """Return a pattern for decimal strings between 0 and a power of ten; None for other bounds.

    JSON Schema can only compare numbers, but decimals are strings.

    >>> pattern = bounded_decimal_pattern("0", "100") or ""
    >>> [bool(re.search(pattern, each)) for each in ("57.3", "+100.00", "-0.0", "100.1", "150", "-1.5")]
    [True, True, True, False, False, False]
    """
    if lowest != "0" or not re.fullmatch("10*", highest or ""):
        return None
    zeros = len(highest or "") - 1
    most = f"[0-9]{{0,{zeros}}}(\\.[0-9]*)?|1{'0' * zeros}(\\.0*)?"
    return f"^(\\+?0*({most})|-0*(\\.0*)?)$"


def value_schema(term: TermDefinition, context: Context, value: str = "valeur") -> Schema:
    """Return the schema of one value of a term, except for language maps."""
    if term.type == "@id":
        return ref("iri")
    if term.type == "@vocab":
        return {"type": "string"}
    if term.type is None:
        return ref(value)
    return literal_schema(term, term.type, context)


def language_map_schema(term: TermDefinition, *, single: bool = False, text: Schema | None = None) -> Schema:
    """Return the schema of a language map; `single` allows one text in total, `text` is the schema of a text."""
    if not (single or text or term.set):
        return ref("textes")
    return _language_map(text or {}, single=single, several=term.set)


def _language_map(text: Schema, *, single: bool, several: bool) -> Schema:
    string: Schema = {"type": "string", **text}
    listed: Schema = {"type": "array", "items": string, "minItems": 1 if several else 2}
    texts: Schema = listed if several else string if single else {"anyOf": [string, listed]}
    made: Schema = {"type": "object", "propertyNames": {"pattern": "^(@none|[A-Za-z0-9-]+)$"}}
    return {**made, "additionalProperties": texts, "minProperties": 1, **({"maxProperties": 1} if single else {})}


def key_values_schema(term: TermDefinition, value: Schema, *, least: int = 1, most: int | None = None) -> Schema:
    """Return the schema of the values of a key, given the schema `value` of each: an array, one value, or either.

    `least` and `most` are the minimum and maximum number of values.
    """
    if most == 1 and not term.set:
        return value
    several: Schema = {"type": "array", "items": value, "minItems": max(least, 1 if term.set else 2)}
    if most is not None:
        several["maxItems"] = most
    return several if term.set or least > 1 else {"if": {"type": "array"}, "then": several, "else": value}


def key_schema(term: TermDefinition, context: Context) -> Schema:
    """Return the schema of the values of a term's key, for all classes."""
    if term.language:
        return language_map_schema(term)
    value = value_schema(term, context, "forme")
    if term.type is not None:
        value = {"if": {"type": "object"}, "then": ref("liste"), "else": value}
    return key_values_schema(term, value)


def is_class(term: TermDefinition) -> bool:
    """Return whether a term denotes a class; in a context file, their names begin with a capital."""
    return term.name[:1].isupper() and term.type is None and not (term.prefix or term.language or term.set)


def class_terms(context: Context) -> list[TermDefinition]:
    """Return the terms that denote classes, in order."""
    return [term for term in context.terms if is_class(term)]


def property_terms(context: Context) -> list[TermDefinition]:
    """Return the terms that denote properties, in order."""
    return [term for term in context.terms if not (is_class(term) or term.prefix)]
