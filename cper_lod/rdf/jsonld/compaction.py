"""Compaction: which key of a context each property and value of a graph gets, and how the value is written there."""

import re
from operator import attrgetter
from typing import Final, TypeGuard

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import RDF, XSD
from cper_lod.rdf.jsonld.context import Context, Term
from cper_lod.rdf.jsonld.graph import JsonLdGraph, LiteralParts, Properties, Value
from cper_lod.rdf.jsonld.json_text import INDENT, Json, format_array, format_json, format_object, quoted

INTEGER: Final = XSD + "integer"
BOOLEAN: Final = XSD + "boolean"
WHOLE: Final = frozenset(
    XSD + name
    for name in (
        *("integer", "decimal", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger"),
        *("nonPositiveInteger", "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
"""The datatypes of which a whole number can be a JSON number."""
EXACT: Final = 2**53
"""Up to where every language reads a whole number of JSON as it stands."""
_CANONICAL: Final = re.compile("0|-?[1-9][0-9]{0,15}")


def native_number(lexical: str, datatype: str) -> str | None:
    """Return `lexical` if as a JSON number or boolean it is read back as exactly this literal, else None.

    Reading writes a number without fraction as its digits and keeps the datatype (JSON-LD 1.1 API, section 8.2.2);
    beyond 2^53 other languages round, and an xsd:double would come back as 1.0E0.
    """
    if datatype == BOOLEAN:
        return lexical if lexical in ("true", "false") else None
    whole = datatype in WHOLE and _CANONICAL.fullmatch(lexical) and -EXACT < int(lexical) < EXACT
    return lexical if whole else None


TYPE: Final = RDF + "type"
STRING: Final = XSD + "string"
MARGIN: Final = "\n" + INDENT
"""The indentation of the members of a document."""
_RANKS: Final[dict[str, int]] = {lang: place for place, lang in enumerate(LANGUAGES)}

_RANK: Final = attrgetter("rank")

Entry = tuple[Term, list[Value]]
"""A key of a node object, and its values in the order in which they are written."""


class Compactor:
    """Compacts the terms of one graph with one context; holds what has been given a name (JSON-LD 1.1 API, 6.1)."""

    def __init__(self, graph: JsonLdGraph, context: Context) -> None:
        self.graph = graph
        self.context = context
        odd = (iri.partition(":") for iri in graph.odd)
        schemes = {scheme for scheme, _, rest in odd if not rest.startswith("//")}
        self.off = sorted(schemes & context.prefixes.keys())
        words = ("@id", "@type", "@list", "@value", "@language")
        self._id, self._type, self._list, self._value, self._language = (
            quoted(context.keyword(word)) for word in words
        )
        self._terms: dict[str, dict[str | bool, Term]] = {}
        self._others: dict[str, Term] = {}
        self._classes: dict[tuple[Value, ...], list[str]] = {}
        self._compacted: dict[str, str] = {}
        self._labels: dict[str, str] = {}

    def context_member(self, address: str | None) -> str:
        """Return the member `@context` of a document: an address, or the context itself (None).

        A prefix that an absolute IRI of the graph would be taken for (`dct:title`) is switched off in it.
        """
        context: Json = address if address is not None else dict(self.context.document)
        return '"@context": ' + format_json([context, dict.fromkeys(self.off)] if self.off else context, MARGIN)

    def entries(self, properties: Properties) -> list[Entry]:
        """Return the keys of a node with their values, both in the order in which they are written."""
        found: dict[Term, list[Value]] = {}
        vocabulary, lists, known = self.context.vocabulary, self.graph.lists, self._terms
        for iri, values in properties.items():
            terms = known.get(iri)
            if terms is None:
                terms = known[iri] = {}
            for value in values if iri != TYPE else [each for each in values if not is_class(each)]:
                if isinstance(value, tuple):
                    term = terms.get(value[1])
                elif value in lists:
                    term = self._best(iri, value)
                else:
                    term = terms.get(value in vocabulary)
                if term is None:
                    key = value[1] if isinstance(value, tuple) else value in vocabulary
                    term = terms[key] = self._best(iri, value)
                found.setdefault(term, []).append(value)
        entries = []
        for term in sorted(found, key=_RANK):
            listed = found[term]
            if len(listed) > 1 and not term.language:  # a language map sorts by language first
                listed.sort(key=self.graph.order)
            entries.append((term, listed))
        return entries

    def node_members(self, node: str, entries: list[Entry], margin: str, *, typed: bool = True) -> list[str]:
        """Return the members of the object of `node` but for `@id`: its types if wanted, then a key for each entry."""
        made = self._types(self.graph.nodes[node], margin) if typed else []
        for term, values in entries:
            if term.language:
                form = self._language_map(values, term, margin)  # type: ignore[arg-type]
            elif len(values) == 1 and not term.set:
                form = self._form(values[0], term, node, margin)
            else:
                form = format_array([self._form(value, term, node, margin) for value in values], margin)
            made.append(f"{quoted(term.name)}: {form}")
        return made

    def _types(self, properties: Properties, margin: str) -> list[str]:
        """Return `@type`: classes that have a term, in the order of the context, then the others by their name."""
        given = tuple(properties.get(TYPE, ()))
        if given not in self._classes:
            classes = [value for value in given if is_class(value)]
            known = self.context.vocabulary
            terms = sorted(known[iri].rank for iri in classes if iri in known)
            others = sorted(self.compact(iri) for iri in classes if iri not in known)
            self._classes[given] = [quoted(name) for name in (*(name for _, name in terms), *others)]
        names = self._classes[given]
        return [f"{self._type}: {names[0] if len(names) == 1 else format_array(names, margin)}"] if names else []

    def _best(self, iri: str, value: Value) -> Term:
        """Return the term of the property `iri` that fits `value` best, else one that is the IRI itself."""
        terms = self.context.by_property.get(iri, ())
        fits = [(fit, term.rank, term) for term in terms if (fit := self._fit(value, term)) is not None]
        if fits:
            return min(fits)[2]
        if iri not in self._others:
            name = self.compact(iri)
            self._others[iri] = Term(name, iri, (len(self.context.terms), name))
        return self._others[iri]

    def _fit(self, value: Value, term: Term) -> int | None:
        """Return how well `value` fits a term, None not at all; a list fits as well as its worst item."""
        if isinstance(value, tuple):
            return term.fit_literal(*value[1:])
        if value not in self.graph.lists:
            return term.fit_node(known=value in self.context.vocabulary)
        if term.language:
            return None
        fits = [self._fit(item, term) for item in self.graph.lists[value]]
        return None if None in fits else max(filter(None, fits), default=0)

    def _form(self, value: Value, term: Term, node: str, margin: str) -> str:
        """Return one value of `term` as it is written in the object of `node`."""
        if isinstance(value, tuple):
            return self._literal(value, term, margin)
        if value in self.graph.lists:
            inner = margin + INDENT
            items = [self._form(item, term, node, inner) for item in self.graph.lists[value]]
            return format_object([f"{self._list}: {format_array(items, inner)}"], margin)
        if term.type == "@vocab" and not value.startswith("_:"):
            term_of = self.context.vocabulary.get(value)
            return quoted(term_of.name if term_of else self.compact(value))
        if term.type is not None:
            return quoted(self.label(value))
        return self.resource(value, term, node, margin)

    def resource(self, value: str, term: Term, node: str, margin: str) -> str:
        """Return an IRI or a blank node as it is written under `term` in the object of `node`: a reference."""
        return format_object([self.identifier(value)], margin)

    def identifier(self, node: str) -> str:
        """Return the member `@id` of a node."""
        return f"{self._id}: {quoted(self.label(node))}"

    def _literal(self, value: LiteralParts, term: Term, margin: str) -> str:
        """Return a literal: as it stands where the term or JSON says the rest, else as a value object (section 9.5)."""
        lexical, datatype, language, direction = value
        if language is None:
            if term.type == datatype or (term.type is None and datatype in (INTEGER, BOOLEAN)):
                number = native_number(lexical, datatype)
                if number is not None:
                    return number
            if datatype == (term.type or STRING):
                return quoted(lexical)
        kind = f"{self._type}: {quoted(self.compact(datatype))}"
        made = [f"{self._value}: {quoted(lexical)}", f"{self._language}: {quoted(language)}" if language else kind]
        if direction is not None:
            made.append(f'"@direction": {quoted(direction)}')
        return format_object(made, margin)

    def _language_map(self, values: list[LiteralParts], term: Term, margin: str) -> str:
        """Return a language map (section 4.6.2): French, English, the other languages, then text without a language."""
        if len(values) == 1 and not term.set:
            return format_object([f'"{values[0][2] or "@none"}": {quoted(values[0][0])}'], margin)
        by_language: dict[str, list[LiteralParts]] = {}
        for value in values:
            by_language.setdefault(value[2] or "@none", []).append(value)
        made = []
        for tag in sorted(by_language, key=_language_order) if len(by_language) > 1 else by_language:
            listed = by_language[tag]
            if len(listed) == 1 and not term.set:
                made.append(f'"{tag}": {quoted(listed[0][0])}')
            else:
                texts = [quoted(value[0]) for value in sorted(listed, key=self.graph.order)]
                made.append(f'"{tag}": {format_array(texts, margin + INDENT)}')
        return format_object(made, margin)

    def compact(self, iri: str) -> str:
        """Return an IRI as a compact one, where a prefix of the context that is not switched off fits."""
        if iri not in self._compacted:
            self._compacted[iri] = self.context.compact(iri, self.off)
        return self._compacted[iri]

    def label(self, node: str) -> str:
        """Return an IRI whole, a blank node with a number given in the order of the document."""
        return self._labels.setdefault(node, f"_:b{len(self._labels)}") if node.startswith("_:") else node


def is_class(value: Value) -> TypeGuard[str]:
    """Say whether an rdf:type goes under `@type`; blank classes nest and literals are written under the property."""
    return isinstance(value, str) and not value.startswith("_:")


def _language_order(tag: str) -> tuple[bool, int, str]:
    return tag == "@none", _RANKS.get(tag, len(_RANKS)), tag
