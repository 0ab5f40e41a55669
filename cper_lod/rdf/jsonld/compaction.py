"""Compaction: the key of each property and value in a context, and how the value is written."""

import re
from operator import attrgetter
from typing import Final, TypeGuard

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import RDF, WHOLE_NUMBERS, XSD
from cper_lod.rdf.jsonld.context import Context, TermDefinition
from cper_lod.rdf.jsonld.graph import JsonLdGraph, LiteralParts, Properties, Value
from cper_lod.rdf.jsonld.json_text import INDENT, Json, format_array, format_json, format_object, quoted

INTEGER: Final = XSD + "integer"
BOOLEAN: Final = XSD + "boolean"
NATIVE: Final = WHOLE_NUMBERS | {BOOLEAN}
"""Datatypes whose values are JSON numbers or booleans; decimals never are, so that a key of decimals always has strings."""
EXACT: Final = 2**53
"""Whole numbers below this are exact in JSON in every language."""
_CANONICAL: Final = re.compile("0|-?[1-9][0-9]{0,15}")


def native_number(lexical: str, datatype: str) -> str | None:
    """Return `lexical` if it would be parsed as exactly this literal when written as a JSON number or boolean, else None.

    Parsers write a number without fraction as digits and keep its datatype (JSON-LD 1.1 API, section 8.2.2); other
    languages round above 2^53.
    """
    if datatype == BOOLEAN:
        return lexical if lexical in ("true", "false") else None
    whole = datatype in WHOLE_NUMBERS and _CANONICAL.fullmatch(lexical) and -EXACT < int(lexical) < EXACT
    return lexical if whole else None


TYPE: Final = RDF + "type"
STRING: Final = XSD + "string"
MARGIN: Final = "\n" + INDENT
"""Indentation of the members of a document."""
_RANKS: Final[dict[str, int]] = {lang: place for place, lang in enumerate(LANGUAGES)}

_RANK: Final = attrgetter("rank")

Entry = tuple[TermDefinition, list[Value]]
"""A key of a node object, and its sorted values."""


class Compactor:
    """Compacts the terms of a graph with a context, with caches (JSON-LD 1.1 API, 6.1)."""

    def __init__(self, graph: JsonLdGraph, context: Context) -> None:
        self.graph = graph
        self.context = context
        schemes_and_rests = (iri.partition(":") for iri in graph.other_scheme_iris)
        schemes = {scheme for scheme, _, rest in schemes_and_rests if not rest.startswith("//")}
        self.disabled_prefixes = sorted(schemes & context.prefixes.keys())
        keywords = ("@id", "@type", "@list", "@value", "@language")
        self._id, self._type, self._list, self._value, self._language = (
            quoted(context.keyword(word)) for word in keywords
        )
        # rdflib does not know an alias with a container in a value object.
        self._datatype = '"@type"' if context.type_set else self._type
        self._terms: dict[str, dict[str | bool, TermDefinition]] = {}
        self._undeclared_terms: dict[str, TermDefinition] = {}
        self._classes: dict[tuple[Value, ...], list[str]] = {}
        self._compacted: dict[str, str] = {}
        self._labels: dict[str, str] = {}

    def context_member(self, address: str | None) -> str:
        """Return the member `@context` of a document: an address, or the context itself (None).

        Prefixes that would be recognized in an absolute IRI of the graph (`dct:title`) are disabled in it.
        """
        context: Json = address if address is not None else dict(self.context.document)
        return '"@context": ' + format_json(
            [context, dict.fromkeys(self.disabled_prefixes)] if self.disabled_prefixes else context, MARGIN
        )

    def entries(self, properties: Properties) -> list[Entry]:
        """Return the sorted keys of a node with their sorted values.

        Several values stand under a key of one value (not `@set`) in no case, but under the IRI of the property.
        """
        found: dict[TermDefinition, list[Value]] = {}
        vocabulary, lists, terms_by_property = self.context.vocabulary, self.graph.lists, self._terms
        key: str | bool
        for iri, values in properties.items():
            terms = terms_by_property.get(iri)
            if terms is None:
                terms = terms_by_property[iri] = {}
            for value in values if iri != TYPE else [each for each in values if not is_class(each)]:
                if isinstance(value, tuple):
                    # What can be no JSON number has no place under a key of numbers.
                    key = value[1] if value[1] not in NATIVE or native_number(*value[:2]) else f"{value[1]} text"
                else:
                    key = "@list" if value in lists else value in vocabulary
                term = terms.get(key)
                if term is None:
                    term = terms[key] = self._best(iri, value)
                found.setdefault(term, []).append(value)
        for term in [each for each in found if not each.set and len(found[each]) > 1]:
            if term.rank[0] < len(self.context.terms) and not (term.language and _one_of_each_language(found[term])):
                found.setdefault(self._undeclared(term.iri), []).extend(found.pop(term))
        entries = []
        for term in sorted(found, key=_RANK):
            sorted_values = found[term]
            if len(sorted_values) > 1 and not term.language:  # a language map is sorted by language
                sorted_values.sort(key=self.graph.order)
            entries.append((term, sorted_values))
        return entries

    def node_members(self, node: str, entries: list[Entry], margin: str, *, typed: bool = True) -> list[str]:
        """Return the members of a node object except `@id`: its types if `typed`, then a key for each entry."""
        parts = self._types(self.graph.nodes[node], margin) if typed else []
        for term, values in entries:
            if term.language:
                written = self._language_map(values, term, margin)  # type: ignore[arg-type]
            elif len(values) == 1 and not term.set:
                written = self._written(values[0], term, node, margin)
            else:
                written = format_array([self._written(value, term, node, margin) for value in values], margin)
            parts.append(f"{quoted(term.name)}: {written}")
        return parts

    def _types(self, properties: Properties, margin: str) -> list[str]:
        """Return `@type`: classes with a term in the order of the context, then other classes by name."""
        given = tuple(properties.get(TYPE, ()))
        if given not in self._classes:
            classes = [value for value in given if is_class(value)]
            vocabulary = self.context.vocabulary
            terms = sorted(vocabulary[iri].rank for iri in classes if iri in vocabulary)
            others = sorted(self.compact(iri) for iri in classes if iri not in vocabulary)
            self._classes[given] = [quoted(name) for name in (*(name for _, name in terms), *others)]
        names = self._classes[given]
        single = len(names) == 1 and not self.context.type_set
        return [f"{self._type}: {names[0] if single else format_array(names, margin)}"] if names else []

    def _best(self, iri: str, value: Value) -> TermDefinition:
        """Return the term of a property that fits `value` best, or a term for the IRI itself."""
        terms = self.context.by_property.get(iri, ())
        fits = [(fit, term.rank, term) for term in terms if (fit := self._fit(value, term)) is not None]
        return min(fits)[2] if fits else self._undeclared(iri)

    def _undeclared(self, iri: str) -> TermDefinition:
        """Return a term for the IRI of a property itself, whose values have any form."""
        if iri not in self._undeclared_terms:
            name = self.compact(iri)
            self._undeclared_terms[iri] = TermDefinition(name, iri, (len(self.context.terms), name))
        return self._undeclared_terms[iri]

    def _fit(self, value: Value, term: TermDefinition) -> int | None:
        """Return how well `value` fits a term, None if it does not, as a list never does."""
        if isinstance(value, tuple):
            exact = term.type not in NATIVE or native_number(*value[:2])
            return term.fit_literal(*value[1:]) if exact else None
        return None if value in self.graph.lists else term.fit_node(known=value in self.context.vocabulary)

    def _written(self, value: Value, term: TermDefinition, node: str, margin: str) -> str:
        """Return a value of `term` as written in the object of `node`."""
        if isinstance(value, tuple):
            return self._literal(value, term, margin)
        if value in self.graph.lists:
            inner = margin + INDENT
            items = [self._written(item, term, node, inner) for item in self.graph.lists[value]]
            return format_object([f"{self._list}: {format_array(items, inner)}"], margin)
        if term.type == "@vocab" and not value.startswith("_:"):
            term_of = self.context.vocabulary.get(value)
            return quoted(term_of.name if term_of else self.compact(value))
        if term.type is not None:
            return quoted(self.label(value))
        return self.resource(value, term, node, margin)

    def resource(self, value: str, term: TermDefinition, node: str, margin: str) -> str:
        """Return a reference to an IRI or blank node, as written under `term` in the object of `node`."""
        return format_object([self.identifier(value)], margin)

    def identifier(self, node: str) -> str:
        """Return the member `@id` of a node."""
        return f"{self._id}: {quoted(self.label(node))}"

    def _literal(self, value: LiteralParts, term: TermDefinition, margin: str) -> str:
        """Return a literal: a plain value if the term or JSON implies its type, else a value object (section 9.5)."""
        lexical, datatype, language, direction = value
        if language is None:
            if term.type == datatype or (term.type is None and datatype in (INTEGER, BOOLEAN)):
                number = native_number(lexical, datatype)
                if number is not None:
                    return number
            if datatype == (term.type or STRING):
                return quoted(lexical)
        kind = f"{self._datatype}: {quoted(self.compact(datatype))}"
        parts = [f"{self._value}: {quoted(lexical)}", f"{self._language}: {quoted(language)}" if language else kind]
        if direction is not None:
            parts.append(f'"@direction": {quoted(direction)}')
        return format_object(parts, margin)

    def _language_map(self, values: list[LiteralParts], term: TermDefinition, margin: str) -> str:
        """Return a language map (section 4.6.2): French, English, other languages, then text without a language."""
        if len(values) == 1 and not term.set:
            return format_object([f'"{values[0][2] or "@none"}": {quoted(values[0][0])}'], margin)
        by_language: dict[str, list[LiteralParts]] = {}
        for value in values:
            by_language.setdefault(value[2] or "@none", []).append(value)
        parts = []
        for tag in sorted(by_language, key=_language_order) if len(by_language) > 1 else by_language:
            sorted_values = by_language[tag]
            if len(sorted_values) == 1 and not term.set:
                parts.append(f'"{tag}": {quoted(sorted_values[0][0])}')
            else:
                texts = [quoted(value[0]) for value in sorted(sorted_values, key=self.graph.order)]
                parts.append(f'"{tag}": {format_array(texts, margin + INDENT)}')
        return format_object(parts, margin)

    def compact(self, iri: str) -> str:
        """Return a compact IRI if an enabled prefix of the context fits, else the IRI."""
        if iri not in self._compacted:
            self._compacted[iri] = self.context.compact(iri, self.disabled_prefixes)
        return self._compacted[iri]

    def label(self, node: str) -> str:
        """Return an IRI, or the label of a blank node, numbered in document order."""
        return self._labels.setdefault(node, f"_:b{len(self._labels)}") if node.startswith("_:") else node


def is_class(value: Value) -> TypeGuard[str]:
    """Return whether an rdf:type is written as `@type`; blank classes are nested and literals written under the property."""
    return isinstance(value, str) and not value.startswith("_:")


def _language_order(tag: str) -> tuple[bool, int, str]:
    return tag == "@none", _RANKS.get(tag, len(_RANKS)), tag


def _one_of_each_language(values: list[Value]) -> bool:
    return len({value[2] for value in values}) == len(values)
