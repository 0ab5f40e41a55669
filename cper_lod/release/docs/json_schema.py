"""One JSON Schema per kind of resource, generated from the context, the shapes and the ontology of a release."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import RDF, SKOS, XSD
from cper_lod.rdf.jsonld import json_schema
from cper_lod.rdf.jsonld.context import Context, Term
from cper_lod.rdf.jsonld.json_schema import KEYS, NODE, Schema
from cper_lod.rdf.jsonld.json_text import Json, text
from cper_lod.release.docs.constraints import Constraint, ConstraintIndex, read_constraints
from cper_lod.release.documents import labels
from cper_lod.release.release import Release

_LANG_STRING: Final = RDF + "langString"
LINKED: Final = "lien"
"""The definition, in the schema of a class, of how a resource of the class stands within another."""
_NODES: Final = ("IRI", "BlankNode", "BlankNodeOrIRI")


def fitting_terms(constraint: Constraint, context: Context) -> list[Term]:
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


def key_schema(constraint: Constraint, term: Term, context: Context, *, alone: bool) -> Schema:
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


def titles(release: Release, iri: str, name: str) -> tuple[str, str]:
    """Return title and description of a term: its label, else `name`, and its definition, "" where there is none."""
    named = (quad.object for quad in labels(release, iri))
    lines = release.data.beginning(f"<{iri}> <{SKOS}definition> ".encode())
    defined = (quad.object for quad in parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True))
    return _both(named) or name, _both(defined)


def annotations(release: Release, iri: str) -> Schema:
    """Return title and description of a term as annotations of a schema, as far as there are any."""
    title, description = titles(release, iri, "")
    found: Schema = {"title": title, "description": description}
    return {key: value for key, value in found.items() if value}


def _both(objects: Iterable[object]) -> str:
    """Return a text in French and in English, as far as there is one, else the first there is."""
    texts = {each.language: each.value for each in objects if isinstance(each, Literal)}
    said = [texts[lang] for lang in LANGUAGES if lang in texts]
    return " / ".join(dict.fromkeys(said or list(texts.values())[:1]))


DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
INDEX: Final = "index.json"
"""The file that holds all the others: one download, and nothing more to fetch."""


def folder(release: Release) -> str:
    """Return the path under which the schemas of a release stand; the keys are those of one context."""
    return f"/schema/{release.manifest['context']}/"


def address_for(release: Release, types: Iterable[str]) -> str | None:
    """Return the path of the schema of a resource of these classes (their IRIs); None where no class has a key.

    Of several classes the one that the context names first counts: it names the special before the general.
    """
    known = release.context.vocabulary
    terms = [known[iri] for iri in types if iri in known and json_schema.is_class(known[iri])]
    return f"{folder(release)}{min(terms, key=lambda term: term.rank).name}.json" if terms else None


class Schemas:
    """The schemas of one release, each made when it is first asked for; `$id` stands under `public_url`.

    `<key of a class>.json` describes a resource of the class in the nested form of JSON-LD, `noeud.json` one of any
    class, `cles.json` what stands under each key, `index.json` holds them all.
    """

    def __init__(self, release: Release, public_url: str) -> None:
        self.release = release
        self.context = release.context
        self.base = public_url + folder(release)
        self._bytes: dict[str, bytes] = {}
        self.classes = {f"{term.name}.json": term for term in json_schema.class_terms(self.context)}

    @cached_property
    def demands(self) -> ConstraintIndex:
        """What the shapes and the ontology demand."""
        return read_constraints(self.release)

    def names(self) -> list[str]:
        """Return the names of the files."""
        return [INDEX, NODE, KEYS, *self.classes]

    def file(self, name: str) -> bytes | None:
        """Return the bytes of one schema, None where there is none of that name."""
        if name not in self._bytes:
            made = self._schema(name)
            if made is None:
                return None
            self._bytes[name] = f"{text(made)}\n".encode()
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
        made: Schema = {"$schema": DRAFT, "$id": self.base + name, "title": title, "description": description}
        return {key: value for key, value in made.items() if value}

    def _index(self) -> Schema:
        head = self._head(
            INDEX,
            "ressources du contrat, toutes classes / resources of all classes",
            "Tous les schémas en un seul fichier. / All the schemas in one file.",
        )
        held: Schema = {name.removesuffix(".json"): self._schema(name) for name in self.names() if name != INDEX}
        return {**head, "$ref": NODE, "$defs": held}

    def _node(self) -> Schema:
        """Return what any resource is: the first of its classes that has a key says it, the special one in a document.

        Each resource within another is so led to once; were it once for each class, the work would double at each step.
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
        """Return what stands under each key; no key is unknown to the context, unless it is an IRI or a keyword."""
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

    def _dependent(self, terms: Iterable[Term]) -> Schema:
        """Return what a key calls for beside it: the shapes whose target is the subjects of its property."""
        found: Schema = {}
        for term in terms:
            called = self.demands.of_subjects(term.iri)
            if called:
                found[term.name] = self._demanded(called.values(), told=False)
        return found

    def _class(self, term: Term) -> Schema:
        """Return what a resource of a class is."""
        demanded = self.demands.of_class(term.iri)
        general = demanded.pop(RDF + "type", None)
        kind = self.context.keyword("@type")
        said = [term.name]
        if general and isinstance(general.value, NamedNode):
            said.append(self._name(general.value.value))
        made = self._demanded(demanded.values(), told=True)
        kinds: Schema = {"@context": True, kind: typed(*said)}
        head = self._head(f"{term.name}.json", *titles(self.release, term.iri, term.name))
        return {
            **head,
            "$ref": KEYS,
            **made,
            "properties": kinds | made["properties"],  # type: ignore[operator]
            "additionalProperties": json_schema.ref("contenu"),
            "required": [kind, *made.get("required", [])],  # type: ignore[misc]
            "$defs": {LINKED: linked(self.context)},
        }

    def _name(self, cls: str) -> str:
        known = self.context.vocabulary.get(cls)
        return known.name if known else self.context.compact(cls)

    def _demanded(self, constraints: Iterable[Constraint], *, told: bool) -> Schema:
        """Return the keys of the constrained properties, and which of them have to be there."""
        properties: Schema = {}
        wanted: list[Json] = []
        either: list[Json] = []
        fitted = [(fitting_terms(constraint, self.context), constraint) for constraint in constraints]
        for terms, constraint in sorted(fitted, key=lambda each: each[0][0].rank):
            for term in terms:
                said = annotations(self.release, term.iri) if told else {}
                properties[term.name] = {**said, **key_schema(constraint, term, self.context, alone=len(terms) == 1)}
            if constraint.least:
                keys = [term.name for term in terms]
                wanted += keys[:1] if len(keys) == 1 else []
                either += [one_of(keys)] if len(keys) > 1 else []
        made: Schema = {"properties": properties}
        return made | ({"required": wanted} if wanted else {}) | ({"allOf": either} if either else {})
