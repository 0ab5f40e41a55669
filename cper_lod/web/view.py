"""A document as a page shows it: sections, rows and values with labels in the reader's language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from cper_lod.rdf.statements import natural
from cper_lod.release.graph import Graph, Term
from cper_lod.release.release import Release
from cper_lod.release.resource import Document, Node, label, labels, speaks_of
from cper_lod.terms.namespaces import LABELS, RDF, SHAPES, XSD, shorten
from cper_lod.terms.problems import Language
from cper_lod.web import addresses, wording

TYPE, FIRST, REST = RDF + "type", RDF + "first", RDF + "rest"
_FRAGMENT = re.compile("(?!n[0-9]+$|content$|query$)[A-Za-z_][A-Za-z0-9_.-]*")
"""Fragments that can be an id on a page, those apart that a page has already."""
DEEPEST = 8
"""How many blank nodes are shown one inside the other; what lies deeper has a place of its own on the page."""


@dataclass(frozen=True)
class Value:
    """One value: what is shown, its language, where it leads here and elsewhere, and its datatype where it tells.

    A blank node that only one value points to is shown in its place: as `items` where it is a list, else as `within`.
    """

    text: str
    lang: str = ""
    href: str = ""
    outside: str = ""
    datatype: str = ""
    items: tuple["Value", ...] = ()
    within: "Section | None" = None


@dataclass(frozen=True)
class Row:
    """One property with its values."""

    name: str
    title: str
    href: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Section:
    """One subject: its title, where it has its own page, its classes and its rows."""

    iri: str
    title: str
    href: str
    anchor: str
    types: tuple[Value, ...]
    rows: tuple[Row, ...]


class View:
    """Makes sections out of a document; labels looked up once a page."""

    def __init__(self, release: Release, quads: Iterable[Quad], lang: Language) -> None:
        self._release = release
        self._graph = Graph(quads)
        self._lang = lang
        self._names: dict[str, str] = {}
        self._values: dict[str, Value] = {}
        self.anchors = self._anchors()
        self._references = self._graph.references()
        self._shown: set[Node] = set()

    def name(self, iri: str) -> str:
        """Return the label of any IRI, else its prefixed name, else the IRI."""
        if iri not in self._names:
            here = label(labels(self._release, iri), self._lang)
            self._names[iri] = here or self._graph.name(NamedNode(iri), self._lang) or shorten(iri)
        return self._names[iri]

    def _anchors(self) -> dict[Node, str]:
        """Return a fragment for each subject, no two alike: the term's own for `…#Axe`, else a number."""
        anchors: dict[str, Node] = {}
        for place, node in enumerate(self._graph.subjects(), 1):
            fragment = node.value.partition("#")[2] if isinstance(node, NamedNode) else ""
            own = _FRAGMENT.fullmatch(fragment) and fragment not in anchors
            anchors[fragment if own else f"n{place}"] = node
        return {node: anchor for anchor, node in anchors.items()}

    def value(self, term: Term, depth: int = 0) -> Value:
        """Return how a term is shown, `depth` blank nodes inside others."""
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if isinstance(term, BlankNode):
            return self._blank(term, depth)
        return self.literal(term.value, term.datatype.value, term.language or "")

    def _blank(self, node: BlankNode, depth: int) -> Value:
        """Return a blank node: what it says, in its place; a link where that stands elsewhere on the page."""
        if node not in self.anchors:
            return Value("_:" + node.value)
        if self._references[node] != 1 or node in self._shown or depth == DEEPEST:
            return Value(self._graph.name(node, self._lang) or "_:" + node.value, href="#" + self.anchors[node])
        items = self._list(node)
        if items:
            self._shown.update(node for node, _ in items)
            return Value("", items=tuple(self.value(item, depth + 1) for _, item in items))
        return Value("", within=self.section(node, depth + 1))

    def _list(self, node: Term | None) -> list[tuple[BlankNode, Term]]:
        """Return the nodes and the items of a well-formed RDF list, nothing for what is none."""
        found: dict[BlankNode, Term] = {}
        while isinstance(node, BlankNode) and node not in found and self._references[node] == 1:
            if {name: len(each) for name, each in self._graph.properties(node).items()} != {FIRST: 1, REST: 1}:
                return []
            found[node] = self._graph.all(node, FIRST)[0]
            node = self._graph.all(node, REST)[0]
        return list(found.items()) if node == NamedNode(RDF + "nil") else []

    def iri(self, iri: str) -> Value:
        """Return how an IRI is shown: its name, and where it leads; a page here only where there is one."""
        if iri not in self._values:
            in_shapes = iri.startswith(SHAPES) and f"<{iri}> ".encode() in self._release.shapes
            href = addresses.page(iri) if in_shapes or speaks_of(self._release, iri) else ""
            self._values[iri] = Value(self.name(iri), href=href, outside=addresses.outside(iri) or "")
        return self._values[iri]

    def literal(self, text: str, datatype: str, language: str) -> Value:
        """Return how a literal is shown."""
        if datatype in (XSD + "decimal", XSD + "integer"):
            return Value(wording.number(text, self._lang), datatype=text)
        if datatype == XSD + "date":
            return Value(wording.date(text, self._lang), datatype=text)
        plain = datatype in (XSD + "string", RDF + "langString")
        return Value(text, lang=language, datatype="" if plain else shorten(datatype))

    def section(self, node: Node, depth: int = 0) -> Section:
        """Return the section of one subject; labels first, then the document's order."""
        self._shown.add(node)
        properties = self._graph.properties(node)
        order = sorted(properties, key=lambda name: LABELS.index(name) if name in LABELS else len(LABELS))
        rows = []
        for name in order:
            if name != TYPE:
                values = tuple(self.value(each, depth) for each in properties[name])
                rows.append(Row(name, self.name(name), self.iri(name).href, values))
        iri = node.value if isinstance(node, NamedNode) else ""
        title = self.name(iri) if iri else self._graph.label(node, self._lang)
        types = tuple(self.iri(each) for each in self._graph.types(node))
        return Section(iri, title, addresses.page(iri) if iri else "", self.anchors.get(node, ""), types, tuple(rows))

    def sections(self, document: Document) -> tuple[Section | None, list[Section]]:
        """Return the section of the document's own resource, and those of what belongs to it in natural order."""
        own: Section | None = None
        parts: list[Section] = []
        under = (document.iri + "/", document.iri + "#")
        # Blank nodes last: those that were shown in their place have no section.
        nodes = sorted(self._graph.subjects(), key=lambda each: (isinstance(each, BlankNode), natural(each.value)))
        for node in nodes:
            if isinstance(node, BlankNode):
                parts.extend([] if node in self._shown else [self.section(node)])
            elif node.value == document.iri:
                own = self.section(node)
            elif node.value.startswith(under):
                parts.append(self.section(node))
        return own, parts

    def mention(self, quad: Quad) -> tuple[Value, Value, Value]:
        """Return subject, property and value of a quad that mentions the resource."""
        subject = quad.subject if isinstance(quad.subject, NamedNode | BlankNode) else None
        shown = self.value(subject) if subject else Value(str(quad.subject))
        object_ = quad.object if isinstance(quad.object, NamedNode | BlankNode | Literal) else None
        return shown, self.value(quad.predicate), self.value(object_) if object_ else Value(str(quad.object))
