"""One JSON Schema per kind of resource, generated from the context, the shapes and the ontology of a release."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import RDF, SKOS, XSD
from cper_lod.rdf.jsonld import json_schema
from cper_lod.rdf.jsonld.context import Context, TermDefinition
from cper_lod.rdf.jsonld.json_schema import KEYS, NODE, Schema
from cper_lod.rdf.jsonld.json_text import Json, format_json
from cper_lod.release.docs.constraints import Constraint, ConstraintIndex, read_constraints
from cper_lod.release.documents import labels
from cper_lod.release.release import Release

_LANG_STRING: Final = RDF + "langString"
LINKED: Final = "lien"
"""The definition, in the schema of a class, for an instance nested in another resource."""
_NODES: Final = ("IRI", "BlankNode", "BlankNodeOrIRI")


def fitting_terms(constraint: Constraint, context: Context) -> list[TermDefinition]:
    """Return the terms a writer may use for values that a constraint allows (JSON-LD 1.1 API, 6.3)."""
    terms = [term for term in context.by_property.get(constraint.path, ()) if not json_schema.is_class(term)]
    if constraint.datatype:
        tag = "fr" if constraint.datatype == _LANG_STRING else None
        terms = _best([(term.fit_literal(constraint.datatype, tag, None), term) for term in terms])
    elif _allows_only_nodes(constraint):
        choices = [_best([(term.fit_node(known=known), term) for term in terms]) for known in (False, True)]
        terms = [term for term in terms if any(term in best for best in choices)]
    if terms:
        return terms
    name = context.compact(constraint.path)
    return [TermDefinition(name, constraint.path, (len(context.terms), name))]


def _best(fits: list[tuple[int | None, TermDefinition]]) -> list[TermDefinition]:
    ranked = [(fit, term.rank, term) for fit, term in fits if fit is not None]
    return [min(ranked)[2]] if ranked else []


def _allows_only_nodes(constraint: Constraint) -> bool:
    """Return whether a constraint allows only IRIs and blank nodes."""
    named = isinstance(constraint.has_value, NamedNode | BlankNode)
    return bool(constraint.class_iri) or constraint.node_kind in _NODES or named


def key_schema(constraint: Constraint, term: TermDefinition, context: Context, *, only_key: bool) -> Schema:
    """Return the schema of a key of a constrained property; `only_key` means that the property has no other key."""
    lengths = {"minLength": constraint.min_length, "maxLength": constraint.max_length}
    length: Schema = {name: bound for name, bound in lengths.items() if bound is not None}
    if constraint.max_count == 0:
        return {"not": {}}
    if term.language:
        return json_schema.language_map_schema(term, single=constraint.max_count == 1, text=length)
    value: Schema = _value(constraint, term, context)
    pattern: Schema = {"pattern": constraint.pattern} if constraint.pattern else {}
    if term.type is None and _allows_only_nodes(constraint):
        pattern = {"properties": {context.keyword("@id"): pattern}} if pattern else {}
    for name, bound in (("minimum", constraint.min_inclusive), ("maximum", constraint.max_inclusive)):
        if bound is not None and bound.lstrip("-").isdigit():
            value = {**value, name: int(bound)}
    between = json_schema.bounded_decimal_pattern(constraint.min_inclusive, constraint.max_inclusive)
    if between and term.type == XSD + "decimal" and not pattern:
        pattern = {"pattern": between}
    extra: Schema = length | pattern
    if constraint.in_values:
        extra["anyOf"] = [_exactly(each, term, context) for each in constraint.in_values]
    exact = _exactly(constraint.has_value, term, context) if constraint.has_value is not None else None
    if exact is not None and constraint.max_count == 1:
        extra |= exact
    if extra:
        both: list[Json] = [value, extra]
        value = {**value, **extra} if value.keys().isdisjoint(extra) else {"allOf": both}
    schema = json_schema.key_values_schema(
        term, value, least=max(constraint.min_count, 1) if only_key else 1, most=constraint.max_count
    )
    if exact is None or constraint.max_count == 1:
        return schema
    several: Schema = {"contains": exact}
    either: Schema = several if term.set else {"if": {"type": "array"}, "then": several, "else": exact}
    return {"allOf": [schema, either]}


def _value(constraint: Constraint, term: TermDefinition, context: Context) -> Schema:
    """Return the schema of one value: from the class or datatype of the constraint, else from the term."""
    if term.type is None and constraint.class_iri:
        known = context.vocabulary.get(constraint.class_iri)
        if known is None or not json_schema.is_class(known):
            return {"type": "object", **json_schema.ref("contenu")}
        return {"$ref": f"{known.name}.json#/$defs/{LINKED}"}
    if term.type is None and _allows_only_nodes(constraint):
        return {"type": "object", **json_schema.ref("contenu")}
    if constraint.datatype and term.type in (None, constraint.datatype):
        return json_schema.literal_schema(term, constraint.datatype, context)
    return json_schema.value_schema(term, context)


def _exactly(value: NamedNode | BlankNode | Literal, term: TermDefinition, context: Context) -> Schema:
    """Return the schema of one fixed value under a term."""
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
    """Return the schema of an instance nested in another resource: described in full, or by IRI and labels."""
    whole: Schema = {"if": {"required": [context.keyword("@type")]}, "then": {"$ref": "#"}}
    return {"type": "object", **whole, "else": json_schema.ref("reference")}


def one_of(keys: list[str]) -> Schema:
    """Return a schema that requires one of several keys."""
    choice: list[Json] = [{"required": [key]} for key in keys]
    return {"anyOf": choice}


def typed(*names: str) -> Schema:
    """Return the schema of `@type` with these classes, and possibly others."""
    contained: list[Json] = [{"contains": {"const": name}} for name in names]
    several: Schema = {"type": "array", "allOf": contained}
    return several if len(names) > 1 else {"if": {"type": "array"}, "then": several, "else": {"const": names[0]}}


def first_typed(name: Schema) -> Schema:
    """Return the schema of `@type` whose first or only class matches `name`."""
    return {"if": {"type": "array"}, "then": {"prefixItems": [name]}, "else": name}


def titles(release: Release, iri: str, name: str) -> tuple[str, str]:
    """Return title and description of a term: its label, else `name`, and its definition, empty if there is none."""
    named = (quad.object for quad in labels(release, iri))
    lines = release.data.beginning(f"<{iri}> <{SKOS}definition> ".encode())
    defined = (quad.object for quad in parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True))
    return _both(named) or name, _both(defined)


def annotations(release: Release, iri: str) -> Schema:
    """Return title and description of a term as schema annotations, as far as they exist."""
    title, description = titles(release, iri, "")
    found: Schema = {"title": title, "description": description}
    return {key: value for key, value in found.items() if value}


def _both(objects: Iterable[object]) -> str:
    """Return a text in French and in English, as far as they exist, else the first one."""
    texts = {each.language: each.value for each in objects if isinstance(each, Literal)}
    in_languages = [texts[lang] for lang in LANGUAGES if lang in texts]
    return " / ".join(dict.fromkeys(in_languages or list(texts.values())[:1]))


DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
INDEX: Final = "index.json"
"""The file that contains all the others, for a single download."""


def folder(release: Release) -> str:
    """Return the path of the schemas of a release, which follows the version of the context."""
    return f"/schema/{release.manifest['context']}/"


def address_for(release: Release, types: Iterable[str]) -> str | None:
    """Return the path of the schema for a resource of these classes (IRIs); None if no class has a key.

    Of several classes, the first one in the context counts, since specific classes come before general ones.
    """
    known = release.context.vocabulary
    terms = [known[iri] for iri in types if iri in known and json_schema.is_class(known[iri])]
    return f"{folder(release)}{min(terms, key=lambda term: term.rank).name}.json" if terms else None


class Schemas:
    """The schemas of one release, made on demand; their `$id` is below `public_url`.

    `<key of a class>.json` describes an instance of the class in nested JSON-LD, `noeud.json` one of any class,
    `cles.json` the value of each key, and `index.json` contains them all.
    """

    def __init__(self, release: Release, public_url: str) -> None:
        self.release = release
        self.context = release.context
        self.base = public_url + folder(release)
        self._bytes: dict[str, bytes] = {}
        self.classes = {f"{term.name}.json": term for term in json_schema.class_terms(self.context)}

    @cached_property
    def constraints(self) -> ConstraintIndex:
        """The constraints of the shapes and the ontology."""
        return read_constraints(self.release)

    def names(self) -> list[str]:
        """Return the file names."""
        return [INDEX, NODE, KEYS, *self.classes]

    def file(self, name: str) -> bytes | None:
        """Return a schema as bytes, None if there is none with this name."""
        if name not in self._bytes:
            schema = self._schema(name)
            if schema is None:
                return None
            self._bytes[name] = f"{format_json(schema)}\n".encode()
        return self._bytes[name]

    def _schema(self, name: str) -> Schema | None:
        if name == INDEX:
            return self._index()
        if name == NODE:
            return self._node()
        if name == KEYS:
            return self._keys()
        return self._class(self.classes[name]) if name in self.classes else None

    def _head(self, name: str, title: str, description: str) -> Schema:
        schema: Schema = {"$schema": DRAFT, "$id": self.base + name, "title": title, "description": description}
        return {key: value for key, value in schema.items() if value}

    def _index(self) -> Schema:
        head = self._head(
            INDEX,
            "ressources du contrat, toutes classes / resources of all classes",
            "Tous les schémas en un seul fichier. / All the schemas in one file.",
        )
        definitions: Schema = {name.removesuffix(".json"): self._schema(name) for name in self.names() if name != INDEX}
        return {**head, "$ref": NODE, "$defs": definitions}

    def _node(self) -> Schema:
        """Return the schema of any resource: the first of its classes that has a key decides.

        Each nested resource is validated once; if it were once per class, the work would double at each level.
        """
        kind = self.context.keyword("@type")
        by_class: list[Json] = [
            {
                "if": {"required": [kind], "properties": {kind: first_typed({"const": term.name})}},
                "then": {"$ref": name},
            }
            for name, term in self.classes.items()
        ]
        known: list[Json] = [term.name for term in self.classes.values()]
        head = self._head(NODE, "ressource / resource", "Une ressource de toute classe. / A resource of any class.")
        return {
            **head,
            "if": {"required": [kind], "properties": {kind: first_typed({"enum": known})}},
            "then": {"allOf": by_class},
            "else": {
                "$ref": KEYS,
                "properties": {"@context": True},  # no resource
                "additionalProperties": json_schema.ref("contenu"),
            },
        }

    def _keys(self) -> Schema:
        """Return the schema of each key; keys must be in the context, IRIs or keywords."""
        context = self.context
        head = self._head(
            KEYS,
            "clés des documents / keys of the documents",
            "Ce qui se trouve sous chaque clé, quelle que soit la classe. / What stands under each key, of any class.",
        )
        keywords: Schema = {
            "@context": {"type": ["string", "object", "array"]},
            context.keyword("@id"): json_schema.ref("iri"),
            context.keyword("@type"): {"type": ["string", "array"], "items": {"type": "string"}, "minItems": 2},
            context.keyword("@included"): {"type": "array", "items": {"type": "object"}},
            context.keyword("@graph"): {"type": "array", "items": {"type": "object"}},
        }
        terms = json_schema.property_terms(context)
        keys: Schema = {
            term.name: {**annotations(self.release, term.iri), **json_schema.key_schema(term, context)}
            for term in terms
        }
        names: list[Json] = [*keywords, *(term.name for term in terms), *(term.name for term in self.classes.values())]
        return {
            **head,
            "type": "object",
            "properties": keywords | keys,
            "propertyNames": {"anyOf": [{"enum": names}, {"pattern": ":"}]},
            "if": {"required": ["@context"], "not": {"required": [context.keyword("@graph")]}},
            "then": {"required": [context.keyword("@id")]},
            "dependentSchemas": self._dependent(terms),
            "$defs": json_schema.definitions(context),
        }

    def _dependent(self, terms: Iterable[TermDefinition]) -> Schema:
        """Return what a key requires beside it, from shapes that target the subjects of its property."""
        found: Schema = {}
        for term in terms:
            required = self.constraints.for_subjects_of(term.iri)
            if required:
                found[term.name] = self._property_schemas(required.values(), annotated=False)
        return found

    def _class(self, term: TermDefinition) -> Schema:
        """Return the schema of an instance of a class."""
        constraints = self.constraints.for_class(term.iri)
        general = constraints.pop(RDF + "type", None)
        kind = self.context.keyword("@type")
        type_names = [term.name]
        if general and isinstance(general.has_value, NamedNode):
            type_names.append(self._name(general.has_value.value))
        schema = self._property_schemas(constraints.values(), annotated=True)
        kinds: Schema = {"@context": True, kind: typed(*type_names)}
        head = self._head(f"{term.name}.json", *titles(self.release, term.iri, term.name))
        return {
            **head,
            "$ref": KEYS,
            **schema,
            "properties": kinds | schema["properties"],  # type: ignore[operator]
            "additionalProperties": json_schema.ref("contenu"),
            "required": [kind, *schema.get("required", [])],  # type: ignore[misc]
            "$defs": {LINKED: linked(self.context)},
        }

    def _name(self, cls: str) -> str:
        known = self.context.vocabulary.get(cls)
        return known.name if known else self.context.compact(cls)

    def _property_schemas(self, constraints: Iterable[Constraint], *, annotated: bool) -> Schema:
        """Return the schemas of the keys of constrained properties, and which keys are required."""
        properties: Schema = {}
        required: list[Json] = []
        either: list[Json] = []
        fitted = [(fitting_terms(constraint, self.context), constraint) for constraint in constraints]
        for terms, constraint in sorted(fitted, key=lambda each: each[0][0].rank):
            for term in terms:
                notes = annotations(self.release, term.iri) if annotated else {}
                properties[term.name] = {
                    **notes,
                    **key_schema(constraint, term, self.context, only_key=len(terms) == 1),
                }
            if constraint.min_count:
                keys = [term.name for term in terms]
                required += keys[:1] if len(keys) == 1 else []
                either += [one_of(keys)] if len(keys) > 1 else []
        schema: Schema = {"properties": properties}
        return schema | ({"required": required} if required else {}) | ({"allOf": either} if either else {})
