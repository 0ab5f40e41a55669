"""A constraint on a property as JSON Schema: the keys that its values stand under, and what stands there."""

from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.namespaces import RDF, XSD
from cper_lod.rdf.jsonld import json_schema
from cper_lod.rdf.jsonld.context import Context, Term
from cper_lod.rdf.jsonld.json_schema import Schema
from cper_lod.rdf.jsonld.json_text import Json
from cper_lod.release.docs.constraints import Constraint

_LANG_STRING: Final = RDF + "langString"
LINKED: Final = "lien"
"""The definition, in the schema of a class, of how a resource of the class stands within another."""
_NODES: Final = ("IRI", "BlankNode", "BlankNodeOrIRI")


def fitting(constraint: Constraint, context: Context) -> list[Term]:
    """Return the terms that a writer can choose for the values that a constraint allows (JSON-LD 1.1 API, 6.3)."""
    terms = [term for term in context.by_property.get(constraint.path, ()) if not json_schema.is_class(term)]
    if constraint.datatype:
        tag = "fr" if constraint.datatype == _LANG_STRING else None
        terms = _best([(term.fit_literal(constraint.datatype, tag, None), term) for term in terms])
    elif _of_nodes(constraint):
        chosen = [_best([(term.fit_node(known=known), term) for term in terms]) for known in (False, True)]
        terms = [term for term in terms if any(term in best for best in chosen)]
    if terms:
        return terms
    name = context.compact(constraint.path)
    return [Term(name, constraint.path, (len(context.terms), name))]


def _best(fits: list[tuple[int | None, Term]]) -> list[Term]:
    ranked = [(fit, term.rank, term) for fit, term in fits if fit is not None]
    return [min(ranked)[2]] if ranked else []


def _of_nodes(constraint: Constraint) -> bool:
    """Say whether a constraint allows resources only."""
    named = isinstance(constraint.value, NamedNode | BlankNode)
    return bool(constraint.cls) or constraint.kind in _NODES or named


def under_key(constraint: Constraint, term: Term, context: Context, *, alone: bool) -> Schema:
    """Return what stands under one of the keys of a constrained property; `alone` says that it is the only one."""
    lengths = {"minLength": constraint.shortest, "maxLength": constraint.longest}
    text: Schema = {name: length for name, length in lengths.items() if length is not None}
    if constraint.most == 0:
        return {"not": {}}
    if term.language:
        return json_schema.language_map(term, single=constraint.most == 1, text=text)
    value: Schema = _value(constraint, term, context)
    pattern: Schema = {"pattern": constraint.pattern} if constraint.pattern else {}
    if term.type is None and _of_nodes(constraint):
        pattern = {"properties": {context.keyword("@id"): pattern}} if pattern else {}
    for name, bound in (("minimum", constraint.lowest), ("maximum", constraint.highest)):
        if bound is not None and bound.lstrip("-").isdigit():
            value = {**value, name: int(bound)}
    between = json_schema.bounded(constraint.lowest, constraint.highest)
    if between and term.type == XSD + "decimal" and not pattern:
        pattern = {"pattern": between}
    extra: Schema = text | pattern
    if constraint.among:
        extra["anyOf"] = [_exactly(each, term, context) for each in constraint.among]
    held = _exactly(constraint.value, term, context) if constraint.value is not None else None
    if held is not None and constraint.most == 1:
        extra |= held
    if extra:
        both: list[Json] = [value, extra]
        value = {**value, **extra} if value.keys().isdisjoint(extra) else {"allOf": both}
    made = json_schema.under(term, value, least=max(constraint.least, 1) if alone else 1, most=constraint.most)
    if held is None or constraint.most == 1:
        return made
    several: Schema = {"contains": held}
    kept: Schema = several if term.set else {"if": {"type": "array"}, "then": several, "else": held}
    return {"allOf": [made, kept]}


def _value(constraint: Constraint, term: Term, context: Context) -> Schema:
    """Return what one value looks like: by the class or the datatype demanded, else by what the term holds."""
    if term.type is None and constraint.cls:
        known = context.vocabulary.get(constraint.cls)
        if known is None or not json_schema.is_class(known):
            return {"type": "object", **json_schema.ref("contenu")}
        return {"$ref": f"{known.name}.json#/$defs/{LINKED}"}
    if term.type is None and _of_nodes(constraint):
        return {"type": "object", **json_schema.ref("contenu")}
    if constraint.datatype and term.type in (None, constraint.datatype):
        return json_schema.literal_schema(term, constraint.datatype, context)
    return json_schema.one(term, context)


def _exactly(value: NamedNode | BlankNode | Literal, term: Term, context: Context) -> Schema:
    """Return what one given value looks like under a term."""
    if isinstance(value, Literal):
        return {"const": value.value} if term.type == value.datatype.value else {}
    if term.type == "@vocab":
        known = context.vocabulary.get(value.value)
        return {"const": known.name if known else context.compact(value.value)}
    if term.type == "@id":
        return {"const": value.value}
    name = context.keyword("@id")
    return {"required": [name], "properties": {name: {"const": value.value}}}


def linked(context: Context) -> Schema:
    """Return how a resource of a class stands within another: described whole, or by its IRI and its names."""
    whole: Schema = {"if": {"required": [context.keyword("@type")]}, "then": {"$ref": "#"}}
    return {"type": "object", **whole, "else": json_schema.ref("reference")}


def one_of(keys: list[str]) -> Schema:
    """Return that one of several keys has to be there."""
    choice: list[Json] = [{"required": [key]} for key in keys]
    return {"anyOf": choice}


def typed(*names: str) -> Schema:
    """Return what `@type` looks like where it names these classes, among others or not."""
    contained: list[Json] = [{"contains": {"const": name}} for name in names]
    several: Schema = {"type": "array", "allOf": contained}
    return several if len(names) > 1 else {"if": {"type": "array"}, "then": several, "else": {"const": names[0]}}


def first_typed(name: Schema) -> Schema:
    """Return what `@type` looks like where the first class it names, or the only one, looks like `name`."""
    return {"if": {"type": "array"}, "then": {"prefixItems": [name]}, "else": name}
