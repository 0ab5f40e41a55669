"""The nested form of JSON-LD: one root object, each node at the position nearest to the root."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Final, TypeGuard

from pyoxigraph import Literal

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import KNOWN_BY, NAMED_BY, OA, RDF, WHOLE_NUMBERS, XSD
from cper_lod.rdf.jsonld.context import Context, TermDefinition
from cper_lod.rdf.jsonld.graph import Edge, JsonLdGraph, Properties, Value, in_order, order, place_nodes

_TYPE: Final = RDF + "type"
_CITATION: Final = OA + "exact"
_STRING: Final = XSD + "string"
_INTEGER: Final = XSD + "integer"
_BOOLEAN: Final = XSD + "boolean"
_NATIVE: Final = WHOLE_NUMBERS | {_BOOLEAN}
"""Datatypes whose values are JSON numbers or booleans; decimals never are, so that a key of decimals always has strings."""
_EXACT: Final = 2**53
"""Whole numbers below this are exact in JSON in every language."""
_CANONICAL: Final = re.compile("0|-?[1-9][0-9]{0,15}")
_LANGUAGE_RANKS: Final[Mapping[str, int]] = {lang: place for place, lang in enumerate(LANGUAGES)}
_MAX_SUMMARY: Final = 2000
"""Maximum length of names and number that are repeated with a reference."""

Json = str | int | float | list["Json"] | dict[str, "Json"] | None
_Entry = tuple[TermDefinition, list[Value]]
"""A key of a node object, and its sorted values."""
_Object = dict[str, Json]


class NestedDocument:
    """Makes one document, compacted (JSON-LD 1.1 API, 6.1) and nested."""

    def __init__(self, graph: JsonLdGraph, context: Context, root: str | None) -> None:
        self.graph = graph
        self.context = context
        self.root = root if root in graph.nodes else None
        self.disabled_prefixes = sorted(graph.schemes & context.prefixes.keys())
        self._written: set[str] = set()
        self._terms: dict[tuple[str, str, bool], TermDefinition] = {}
        self._undeclared_terms: dict[str, TermDefinition] = {}
        self._entries: dict[str, list[_Entry]] = {}
        self._labels: dict[str, str] = {}

    def entries(self, node: str) -> list[_Entry]:
        """Return the sorted keys of a node with their sorted values.

        Several values stand under a key of one value (not `@set`) in no case, but under the IRI of the property.
        """
        if node in self._entries:
            return self._entries[node]
        found: dict[TermDefinition, list[Value]] = {}
        for iri, values in self.graph.nodes[node].items():
            for value in values:
                if not (iri == _TYPE and is_class(value)):
                    found.setdefault(self._term(iri, value), []).append(value)
        for term in [each for each in found if not each.set and len(found[each]) > 1]:
            if term.rank[0] < len(self.context.terms) and not (term.language and _one_of_each_language(found[term])):
                found.setdefault(self._undeclared(term.iri), []).extend(found.pop(term))
        terms = sorted(found, key=attrgetter("rank"))
        self._entries[node] = [(each, in_order(found[each])) for each in terms]
        return self._entries[node]

    def _term(self, iri: str, value: Value) -> TermDefinition:
        """Return the first term of a property that `value` fits, or a term for the IRI itself."""
        is_text = False  # what can be no JSON number has no place under a key of numbers
        if isinstance(value, Literal):
            kind = value.datatype.value
            is_text = kind in _NATIVE and _native(value) is None
        else:
            kind = "@list" if value in self.graph.lists else "@id"  # a list fits no term
        if (iri, kind, is_text) not in self._terms:
            terms = () if kind == "@list" or is_text else self.context.by_property.get(iri, ())
            self._terms[iri, kind, is_text] = next((each for each in terms if each.fits(value)), self._undeclared(iri))
        return self._terms[iri, kind, is_text]

    def _undeclared(self, iri: str) -> TermDefinition:
        """Return a term for the IRI of a property itself, whose values have any form."""
        if iri not in self._undeclared_terms:
            name = self._compact(iri)
            self._undeclared_terms[iri] = TermDefinition(name, iri, (len(self.context.terms), name))
        return self._undeclared_terms[iri]

    def members(self, node: str, entries: Iterable[_Entry], *, typed: bool = True) -> _Object:
        """Return the members of a node object except `@id`: its types if `typed`, then a key for each entry."""
        found: _Object = self._types(self.graph.nodes[node]) if typed else {}
        for term, values in entries:
            if term.language:
                found[term.name] = self._language_map(values, term)
            elif len(values) == 1 and not term.set:
                found[term.name] = self._value(values[0], term, node)
            else:
                found[term.name] = [self._value(value, term, node) for value in values]
        return found

    def _types(self, properties: Properties) -> _Object:
        """Return `@type`: classes with a term in the order of the context, then other classes by name."""
        classes = [value for value in properties.get(_TYPE, ()) if is_class(value)]
        known = sorted(self.context.vocabulary[iri].rank for iri in classes if iri in self.context.vocabulary)
        others = sorted(self._compact(iri) for iri in classes if iri not in self.context.vocabulary)
        names: list[Json] = [*(name for _, name in known), *others]
        return {self.context.keyword("@type"): names} if names else {}

    def _value(self, value: Value, term: TermDefinition, node: str) -> Json:
        """Return a value of `term` as written in the object of `node`."""
        if isinstance(value, Literal):
            return self._literal(value, term)
        if value in self.graph.lists:
            items = [self._value(item, term, node) for item in self.graph.lists[value]]
            return {self.context.keyword("@list"): items}
        if term.type == "@vocab" and not value.startswith("_:"):
            known = self.context.vocabulary.get(value)
            return known.name if known else self._compact(value)
        return self.label(value) if term.type is not None else self.resource(value, term, node)

    def identifier(self, node: str) -> _Object:
        """Return the member `@id` of a node."""
        return {self.context.keyword("@id"): self.label(node)}

    def label(self, node: str) -> str:
        """Return an IRI, or the label of a blank node, numbered in document order."""
        return self._labels.setdefault(node, f"_:b{len(self._labels)}") if node.startswith("_:") else node

    def _literal(self, value: Literal, term: TermDefinition) -> Json:
        """Return a literal: a plain value if the term or JSON implies its type, else a value object (section 9.5)."""
        datatype = value.datatype.value
        if value.language is None:
            if term.type == datatype or (term.type is None and datatype in (_INTEGER, _BOOLEAN)):
                number = _native(value)
                if number is not None:
                    return number
            if datatype == (term.type or _STRING):
                return value.value
        found: _Object = {self.context.keyword("@value"): value.value}
        if value.language:
            found[self.context.keyword("@language")] = value.language
        else:
            # rdflib does not know an alias with a container in a value object.
            found["@type"] = self._compact(datatype)
        return found | ({"@direction": str(value.direction)} if value.direction else {})

    def _language_map(self, values: list[Value], term: TermDefinition) -> _Object:
        """Return a language map (section 4.6.2): French, English, other languages, then text without a language."""
        texts: dict[str, list[Json]] = {}
        for value in values:
            if isinstance(value, Literal):
                texts.setdefault(value.language or "@none", []).append(value.value)
        return {tag: texts[tag] if term.set else texts[tag][0] for tag in sorted(texts, key=_language_order)}

    def _compact(self, iri: str) -> str:
        """Return a compact IRI if an enabled prefix of the context fits, else the IRI."""
        return self.context.compact(iri, self.disabled_prefixes)

    @cached_property
    def parents(self) -> dict[str, tuple[str, str] | None]:
        """The position of each described node, None for the top."""
        return place_nodes(self.graph, self.root, self._edges)

    def document(self, address: str | None) -> _Object:
        """Return the document (see `jsonld.write`)."""
        context: Json = address if address is not None else dict(self.context.document)
        # A prefix that would be recognized in an absolute IRI of the graph (`dct:title`) must not be one here.
        disabled: Json = dict.fromkeys(self.disabled_prefixes)
        found: _Object = {"@context": [context, disabled] if disabled else context}
        tops = [node for node, home in self.parents.items() if home is None and node != self.root]
        if self.root is not None:
            found |= self._object(self.root)
        # The words of sources come after the facts. Nodes with only names come last, since most of them are written where
        # they are referred to.
        tops.sort(key=lambda node: (node in self._only_names, _CITATION in self.graph.nodes[node], order(node)))
        objects: list[Json] = [self._object(node) for node in tops if node not in self._written]
        if objects or self.root is None:
            found[self.context.keyword("@graph" if self.root is None else "@included")] = objects
        return found

    @cached_property
    def _only_names(self) -> set[str]:
        """The nodes with only names, except the root, if there is one.

        Such a node is repeated at each reference, so that clients find the name where they need it.
        """
        return {
            node
            for node, properties in self.graph.nodes.items()
            if self.root not in (None, node) and not node.startswith("_:") and properties.keys() <= set(NAMED_BY)
            if all(isinstance(value, Literal) for values in properties.values() for value in values)
        }

    def _edges(self, node: str) -> Iterable[Edge]:
        """Yield the nodes that can be nested in `node`: values under keys without type coercion."""
        for term, values in self.entries(node):
            if term.type is None and not term.language:
                for value in values:
                    for leaf in self.graph.leaves(value):
                        if isinstance(leaf, str) and leaf in self.graph.nodes and leaf not in self._only_names:
                            yield term.rank, term.name, leaf

    def _object(self, node: str) -> _Object:
        """Return the object of `node` at its only position, or one of several if it has only names (section 9.2)."""
        self._written.add(node)
        named = not node.startswith("_:") or self.graph.references[node] > (self.parents[node] is not None)
        return (self.identifier(node) if named else {}) | self.members(node, self.entries(node))

    def resource(self, value: str, term: TermDefinition, node: str) -> _Object:
        """Return the object of `value` if its position is here, else a reference."""
        home = self.parents.get(value)
        if value in self._only_names or (home == (node, term.name) and value not in self._written):
            return self._object(value)
        if home and home[1] == term.name and not value.startswith("_:"):
            return self._summary(value)
        return self.identifier(value)

    def _summary(self, node: str) -> _Object:
        """Return a reference with names and number, for a node that is nested under the same key of another object."""
        known = [
            (term, values)
            for term, values in self.entries(node)
            if term.iri in KNOWN_BY and all(isinstance(each, Literal) for each in values)
        ]
        length = sum(len(each.value) for _, values in known for each in values if isinstance(each, Literal))
        return self.identifier(node) | (self.members(node, known, typed=False) if length <= _MAX_SUMMARY else {})


def _native(literal: Literal) -> int | bool | None:
    """Return a number or boolean if it would be parsed as exactly this literal when written in JSON, else None.

    Parsers write a number without fraction as digits and keep its datatype (JSON-LD 1.1 API, section 8.2.2); other
    languages round above 2^53.
    """
    text, datatype = literal.value, literal.datatype.value
    if datatype == _BOOLEAN:
        return {"true": True, "false": False}.get(text)
    whole = datatype in WHOLE_NUMBERS and _CANONICAL.fullmatch(text) and -_EXACT < int(text) < _EXACT
    return int(text) if whole else None


def is_class(value: Value) -> TypeGuard[str]:
    """Return whether an rdf:type is written as `@type`; blank classes are nested and literals written under the property."""
    return isinstance(value, str) and not value.startswith("_:")


def _language_order(tag: str) -> tuple[bool, int, str]:
    return tag == "@none", _LANGUAGE_RANKS.get(tag, len(_LANGUAGE_RANKS)), tag


def _one_of_each_language(values: list[Value]) -> bool:
    return len({value.language for value in values if isinstance(value, Literal)}) == len(values)
