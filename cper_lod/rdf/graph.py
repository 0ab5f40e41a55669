"""Quads as a graph of subjects with properties, for pages and listings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, LABELS, OA, RDF, SKOS

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal
IriTriple = tuple[str, str, Term]
"""A triple: IRI of the subject, IRI of the predicate, object."""


class Graph:
    """The quads of a document by subject and property."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._by_subject: dict[Node, dict[str, list[Term]]] = {}
        for quad in quads:
            # Triple terms are not shown on pages.
            subject, value = quad.subject, quad.object
            if not (isinstance(subject, Triple) or isinstance(value, Triple)):
                self._by_subject.setdefault(subject, {}).setdefault(quad.predicate.value, []).append(value)

    def subjects(self) -> Iterator[Node]:
        """Yield every subject, in the order of the quads."""
        yield from self._by_subject

    def name(self, node: Node, lang: str) -> str | None:
        """Return the best label of `node` in `lang`, None if it has none."""
        properties = self.properties(node)
        texts = (_best(properties[each], lang)[0] for each in LABELS if each in properties)
        return next(filter(None, texts), None)

    def references(self) -> Counter[Term]:
        """Return the number of quads that refer to each term."""
        return Counter(term for values in self._by_subject.values() for each in values.values() for term in each)

    def properties(self, node: Term) -> dict[str, list[Term]]:
        """Return the properties of `node` with their values."""
        return self._by_subject.get(node, {}) if not isinstance(node, Literal) else {}

    def all(self, node: Term, predicate: str) -> list[Term]:
        """Return the values of a property."""
        return self.properties(node).get(predicate, [])

    def one(self, node: Term, predicate: str) -> Term | None:
        """Return the first value of a property, or None."""
        found = self.all(node, predicate)
        return found[0] if found else None

    def value(self, node: Term, predicate: str) -> str:
        """Return the text of the first value of a property, or ""."""
        found = self.all(node, predicate)
        return found[0].value if found else ""

    def number(self, node: Term) -> str:
        """Return the number of a numbered thing, as in « Axe 2 », or ""."""
        notation = self.value(node, SKOS + "notation")
        return notation if notation.isascii() and notation.isdigit() and len(notation) < 4 else ""

    def by_number(self, node: Term) -> tuple[int, str, str]:
        """Return a sort key: the notation as a number, the notation as text, and the node.

        Nodes without a number come first.
        """
        notation = self.value(node, SKOS + "notation")
        plain = notation.isascii() and notation.isdigit() and len(notation) < 10
        return int(notation) if plain else 0, notation, str(node)

    def text(self, node: Term, predicate: str, lang: str) -> tuple[str, str]:
        """Return the text of a property in the best language for `lang`, and that language."""
        return _best(self.all(node, predicate), lang)

    def label(self, node: Term | None, lang: str) -> str:
        """Return the name of `node` in the best language for `lang`, else its last path segment; "" for None."""
        if node is None:
            return ""
        if isinstance(node, Literal):
            return node.value
        return self.name(node, lang) or node.value.rpartition("#")[2].rpartition("/")[2] or node.value

    def types(self, node: Term) -> list[str]:
        """Return the classes of `node`."""
        return [each.value for each in self.all(node, RDF + "type") if isinstance(each, NamedNode)]


def _best(values: Sequence[Term], lang: str) -> tuple[str, str]:
    """Return the text of the literal in the best language for `lang`, and that language; empty without a literal."""
    for wanted in (lang, "fr", None):
        for each in values:
            if isinstance(each, Literal) and each.language == wanted:
                return each.value, wanted or ""
    return next(((each.value, each.language or "") for each in values if isinstance(each, Literal)), ("", ""))


def to_quads(triples: Iterable[IriTriple]) -> list[Quad]:
    """Return triples as quads of the default graph, without duplicates."""
    return [Quad(NamedNode(s), NamedNode(p), o) for s, p, o in dict.fromkeys(triples)]


def copied(subject: str, graph: Graph, node: Term, predicates: Iterable[str]) -> Iterator[IriTriple]:
    """Yield what a graph states of a node by some properties as triples about a subject."""
    yield from ((subject, predicate, value) for predicate in predicates for value in graph.all(node, predicate))


def stated_place(graph: Graph, statement: Term) -> tuple[str, str]:
    """Return where the words of a statement start and end in the text of its document, as it is stated; "" where it is not."""
    position = graph.one(statement, CPER + "position")
    return ("", "") if position is None else (graph.value(position, OA + "start"), graph.value(position, OA + "end"))


def translated(subject: str, predicate: str, key: str, **values: object) -> Iterator[IriTriple]:
    """Yield a sentence in each language as value of a property."""
    yield from in_languages(subject, predicate, {lang: translate(key, lang, **values) for lang in LANGUAGES})


def in_languages(
    subject: str, predicate: str, texts: Mapping[Language, str] | Mapping[str, str]
) -> Iterator[IriTriple]:
    """Yield a text of each language as value of a property."""
    yield from ((subject, predicate, Literal(text, language=lang)) for lang, text in texts.items())


def in_graph(quads: Iterable[Quad], graph: str) -> list[Quad]:
    """Return quads with the graph of this IRI in place of theirs."""
    return [Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph)) for quad in quads]
