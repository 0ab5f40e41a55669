"""One JSON Schema per kind of resource, generated from the context, the shapes and the ontology of a release."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import RDF
from cper_lod.rdf.jsonld import json_schema
from cper_lod.rdf.jsonld.context import Term
from cper_lod.rdf.jsonld.json_schema import KEYS, NODE, Schema
from cper_lod.rdf.jsonld.json_text import Json, text
from cper_lod.release.docs.constraint_schema import LINKED, first_typed, fitting, linked, one_of, typed, under_key
from cper_lod.release.docs.constraints import Constraint, Demands, demands
from cper_lod.release.docs.schema_words import titles, words
from cper_lod.release.release import Release

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
    def demands(self) -> Demands:
        """What the shapes and the ontology demand."""
        return demands(self.release)

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
            term.name: {**words(self.release, term.iri), **json_schema.key_schema(term, context)} for term in terms
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
        fitted = [(fitting(constraint, self.context), constraint) for constraint in constraints]
        for terms, constraint in sorted(fitted, key=lambda each: each[0][0].rank):
            for term in terms:
                said = words(self.release, term.iri) if told else {}
                properties[term.name] = {**said, **under_key(constraint, term, self.context, alone=len(terms) == 1)}
            if constraint.least:
                keys = [term.name for term in terms]
                wanted += keys[:1] if len(keys) == 1 else []
                either += [one_of(keys)] if len(keys) > 1 else []
        made: Schema = {"properties": properties}
        return made | ({"required": wanted} if wanted else {}) | ({"allOf": either} if either else {})
