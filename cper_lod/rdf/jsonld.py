"""The JSON-LD writer: a graph and a compiled context in, one compacted and nested document out."""

import json
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final, TypeGuard

from pyoxigraph import Quad, Triple

from cper_lod.rdf.context import Context, Term
from cper_lod.rdf.nesting import Edge, Graph, Value, Words, place
from cper_lod.terms.namespaces import LABELS, RDF, XSD

__all__ = ["Context", "for_script", "write"]

_TYPE: Final = RDF + "type"
_STRING: Final = XSD + "string"
_INTEGER: Final = XSD + "integer"
_BOOLEAN: Final = XSD + "boolean"
_WHOLE: Final = frozenset(
    XSD + name
    for name in (
        *("integer", "decimal", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger"),
        *("nonPositiveInteger", "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
_CANONICAL: Final = re.compile("0|-?[1-9][0-9]{0,15}")
_EXACT: Final = 2**53
_LANGUAGES: Final = {"fr": 0, "en": 1}
_SCRIPT: Final = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})

Json = str | int | float | list["Json"] | dict[str, "Json"] | None


def write(quads: Iterable[Quad | Triple], root: str | None, context: Context, *, address: str | None) -> bytes:
    """Return the document of `root` as UTF-8 JSON: compacted with `context` and nested (JSON-LD 1.1, sections 4 and 5).

    One object is `root`; each node that the triples describe stands once, nested at its place nearest to the root
    (`nesting.place`), and is referred to by its IRI elsewhere. A property whose term says `"@type": "@id"` or
    `"@vocab"` never nests. What the root does not reach stands, sorted, under `@included` (section 4.7); where `root`
    is None or not described, everything stands under `@graph`. Named graphs are merged. Whole numbers below 2^53 are
    JSON numbers where reading gives the same literal back; other numbers keep their digits as strings.

    `address` is the URL written as `@context`; None writes the context itself. Where an IRI of the data would be read
    as a compact one (`dct:title` as an absolute IRI), that prefix is switched off in the document. The same triples
    give the same bytes; blank node labels do not matter, save among nodes that nothing but their label tells apart.

    Raises ValueError for a triple term (RDF 1.2), which JSON-LD 1.1 cannot say.
    """
    writer = _Writer(Graph.of(quads), context, root)
    return (json.dumps(writer.document(address), indent=2, ensure_ascii=False) + "\n").encode()


def for_script(document: bytes) -> str:
    """Return `document` for an HTML `<script>` element: the same JSON, in which no character can end the element.

    `<`, `>`, `&`, U+2028 and U+2029 occur in strings only, so escapes say the same (JSON-LD 1.1, section 7.2).
    """
    return document.decode().translate(_SCRIPT)


class _Writer:
    """Writes one document; holds what has been given a name or a place in it."""

    def __init__(self, graph: Graph, context: Context, root: str | None) -> None:
        self.graph = graph
        self.context = context
        self.root = root if root in graph.nodes else None
        parts = (iri.partition(":") for iri in graph.iris)
        schemes = {scheme for scheme, _, rest in parts if not rest.startswith("//")}
        self.off = sorted(schemes & context.prefixes.keys())
        self.id = context.keyword("@id")
        self.type = context.keyword("@type")
        self.list = context.keyword("@list")
        self._terms: dict[tuple[str, str, bool], Term] = {}
        self._others: dict[str, Term] = {}
        self._entries: dict[str, list[tuple[Term, list[Value]]]] = {}
        self._compacted: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._written: set[str] = set()

    @cached_property
    def homes(self) -> dict[str, tuple[str, str] | None]:
        return place(self.graph, self.root, self._edges)

    def document(self, address: str | None) -> dict[str, Json]:
        context: Json = address if address is not None else dict(self.context.document)
        if self.off:
            context = [context, dict.fromkeys(self.off)]
        tops = sorted((node for node, home in self.homes.items() if home is None), key=self.graph.order)
        made: dict[str, Json] = {"@context": context}
        if self.root is None:
            made[self.context.keyword("@graph")] = [self._object(node) for node in tops]
            return made
        made |= self._object(self.root)
        if len(tops) > 1:
            others: list[Json] = [self._object(node) for node in tops if node not in self._written]
            if others:
                made[self.context.keyword("@included")] = others
        return made

    def _is_card(self, node: str) -> bool:
        """Say whether `node` is described by its names alone, beside a root.

        Such a node is repeated wherever it is referred to: a client finds the name where it needs it.
        """
        if self.root in (None, node) or node.startswith("_:") or node not in self.graph.nodes:
            return False
        properties = self.graph.nodes[node]
        return all(name in LABELS and all(isinstance(each, tuple) for each in properties[name]) for name in properties)

    def _object(self, node: str) -> dict[str, Json]:
        """Write the node object of `node` here: its only place, but for names alone (section 9.2)."""
        self._written.add(node)
        made: dict[str, Json] = {}
        if not node.startswith("_:") or self.graph.references.get(node, 0) > (self.homes[node] is not None):
            made[self.id] = self._label(node)
        types = [value for value in self.graph.nodes[node].get(_TYPE, ()) if _is_class(value)]
        if types:
            made[self.type] = self._types(types)
        for term, values in self._properties(node):
            if term.language:
                made[term.name] = _language_map(values, term)  # type: ignore[arg-type]
                continue
            forms: list[Json] = []
            for value in values:
                forms.append(self._form(value, term, node))
            made[term.name] = forms if term.set or len(forms) > 1 else forms[0]
        return made

    def _types(self, classes: list[str]) -> Json:
        """Write `@type`: classes that have a term, in the order of the context, then the others by their name."""
        known = self.context.vocabulary
        terms = sorted(known[iri].rank for iri in classes if iri in known)
        others = sorted(self._compact(iri) for iri in classes if iri not in known)
        names: list[Json] = [*(name for _, name in terms), *others]
        return names if len(names) > 1 else names[0]

    def _properties(self, node: str) -> list[tuple[Term, list[Value]]]:
        """Return the keys of `node` with their values, both in the order in which they are written."""
        if node in self._entries:
            return self._entries[node]
        found: dict[Term, list[Value]] = {}
        for iri, values in self.graph.nodes[node].items():
            for value in values:
                if iri != _TYPE or not _is_class(value):
                    found.setdefault(self._term(iri, value), []).append(value)
        for listed in found.values():
            if len(listed) > 1:
                listed.sort(key=self.graph.order)
        self._entries[node] = entries = sorted(found.items(), key=lambda entry: entry[0].rank)
        return entries

    def _edges(self, node: str) -> Iterable[Edge]:
        """Yield where `node` can hold another: values under keys without coercion."""
        for term, values in self._properties(node):
            if term.type is None and not term.language:
                for value in values:
                    for leaf in self.graph.leaves(value):
                        if isinstance(leaf, str) and leaf in self.graph.nodes and not self._is_card(leaf):
                            yield term.rank, term.name, leaf

    def _term(self, iri: str, value: Value) -> Term:
        """Return the term of the property `iri` that fits `value` best, else one that is the IRI itself."""
        if isinstance(value, tuple):
            key = (iri, value[1], value[2] is not None and value[3] is None)
        elif value in self.graph.lists:
            return self._best(iri, value)
        else:
            key = (iri, "", value in self.context.vocabulary)
        if key not in self._terms:
            self._terms[key] = self._best(iri, value)
        return self._terms[key]

    def _best(self, iri: str, value: Value) -> Term:
        terms = self.context.by_property.get(iri, ())
        fits = [(fit, term.rank, term) for term in terms if (fit := self._fit(value, term)) is not None]
        if fits:
            return min(fits)[2]
        if iri not in self._others:
            name = self._compact(iri)
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

    def _form(self, value: Value, term: Term, node: str) -> Json:
        """Write one value of `term` in the object of `node`."""
        if isinstance(value, tuple):
            return self._literal(value, term)
        if value in self.graph.lists:
            items: list[Json] = []
            for item in self.graph.lists[value]:
                items.append(self._form(item, term, node))
            return {self.list: items}
        if term.type == "@vocab" and not value.startswith("_:"):
            term_of = self.context.vocabulary.get(value)
            return term_of.name if term_of else self._compact(value)
        if term.type is not None:
            return self._label(value)
        if self._is_card(value) or (self.homes.get(value) == (node, term.name) and value not in self._written):
            return self._object(value)
        return {self.id: self._label(value)}

    def _literal(self, value: Words, term: Term) -> Json:
        """Write a literal: as it stands where the term or JSON says the rest, else as a value object (section 9.5)."""
        lexical, datatype, language, direction = value
        content = self.context.keyword("@value")
        if language is not None:
            made: dict[str, Json] = {content: lexical, self.context.keyword("@language"): language}
            return made | ({"@direction": direction} if direction else {})
        if term.type == datatype or (term.type is None and datatype in (_INTEGER, _BOOLEAN)):
            native = _native(lexical, datatype)
            if native is not None:
                return native
        if datatype == (term.type or _STRING):
            return lexical
        return {content: lexical, self.type: self._compact(datatype)}

    def _compact(self, iri: str) -> str:
        if iri not in self._compacted:
            self._compacted[iri] = self.context.compact(iri, self.off)
        return self._compacted[iri]

    def _label(self, node: str) -> str:
        """Return an IRI whole, a blank node with a number given in the order of the document."""
        return self._labels.setdefault(node, f"_:b{len(self._labels)}") if node.startswith("_:") else node


def _is_class(value: Value) -> TypeGuard[str]:
    """Say whether an rdf:type goes under `@type`; blank classes nest and literals are written under the property."""
    return isinstance(value, str) and not value.startswith("_:")


def _native(lexical: str, datatype: str) -> int | bool | None:
    """Return the JSON number or boolean that is read back as exactly this literal, None where there is none.

    Reading writes a number without fraction as its digits and keeps the datatype (JSON-LD 1.1 API, section 8.2.2);
    beyond 2^53 other languages round, and an xsd:double would come back as 1.0E0.
    """
    if datatype in _WHOLE and _CANONICAL.fullmatch(lexical) and -_EXACT < int(lexical) < _EXACT:
        return int(lexical)
    if datatype == _BOOLEAN and lexical in ("true", "false"):
        return lexical == "true"
    return None


def _language_map(values: list[Words], term: Term) -> Json:
    """Write a language map (section 4.6.2): French, English, the other languages, then text without a language."""
    by_language: dict[str, list[Json]] = {}
    for lexical, _, language, _ in values:
        by_language.setdefault(language or "@none", []).append(lexical)
    tags = sorted(by_language, key=lambda tag: (tag == "@none", _LANGUAGES.get(tag, 2), tag))
    return {tag: by_language[tag] if term.set or len(by_language[tag]) > 1 else by_language[tag][0] for tag in tags}
