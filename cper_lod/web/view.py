"""A document as a page shows it: sections, rows and values with labels in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from cper_lod.rdf.statements import natural
from cper_lod.release.graph import Graph, Term
from cper_lod.release.release import Release
from cper_lod.release.resource import Document, Node, label, labels
from cper_lod.terms.namespaces import LABELS, RDF, XSD, shorten
from cper_lod.terms.problems import Language
from cper_lod.web import addresses, wording

TYPE = RDF + "type"


@dataclass(frozen=True)
class Value:
    """One value: what is shown, its language, where it leads here and elsewhere, and its datatype where it tells."""

    text: str
    lang: str = ""
    href: str = ""
    outside: str = ""
    datatype: str = ""


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
        self._numbers = {node: place for place, node in enumerate(self._graph.subjects(), 1)}

    def name(self, iri: str) -> str:
        """Return the label of any IRI, else its prefixed name, else the IRI."""
        if iri not in self._names:
            node = NamedNode(iri)
            here = label(labels(self._release, node), self._lang)
            self._names[iri] = here or shorten(iri)
        return self._names[iri]

    def anchor(self, node: Node) -> str:
        """Return a fragment for a subject of this page: the term's own for `…#Axe`, else a number."""
        fragment = node.value.rpartition("#")[2] if isinstance(node, NamedNode) and "#" in node.value else ""
        return fragment if fragment.isidentifier() else f"n{self._numbers.get(node, 0)}"

    def value(self, term: Term, *, on_page: bool = False) -> Value:
        """Return how a term is shown."""
        if isinstance(term, NamedNode):
            text = self.name(term.value)
            href = "#" + self.anchor(term) if on_page and term in self._numbers else addresses.page(term.value)
            return Value(text, href=href, outside=addresses.outside(term.value) or "")
        if isinstance(term, BlankNode):
            return Value(self._graph.label(term, self._lang), href="#" + self.anchor(term))
        return self._literal(term)

    def _literal(self, term: Literal) -> Value:
        datatype = term.datatype.value
        if datatype in (XSD + "decimal", XSD + "integer"):
            return Value(wording.number(term.value, self._lang), datatype=term.value)
        if datatype == XSD + "date":
            return Value(wording.date(term.value, self._lang), datatype=term.value)
        plain = datatype in (XSD + "string", RDF + "langString")
        return Value(term.value, lang=term.language or "", datatype="" if plain else shorten(datatype))

    def section(self, node: Node) -> Section:
        """Return the section of one subject; labels first, then the document's order."""
        properties = self._graph.properties(node)
        order = sorted(properties, key=lambda name: LABELS.index(name) if name in LABELS else len(LABELS))
        rows = tuple(
            Row(name, self.name(name), addresses.page(name), tuple(self.value(each) for each in properties[name]))
            for name in order
            if name != TYPE
        )
        iri = node.value if isinstance(node, NamedNode) else ""
        title = self.name(iri) if iri else self._graph.label(node, self._lang)
        types = tuple(self.value(NamedNode(each)) for each in self._graph.types(node))
        return Section(iri, title, addresses.page(iri) if iri else "", self.anchor(node), types, rows)

    def sections(self, document: Document) -> tuple[Section | None, list[Section]]:
        """Return the section of the document's own resource, and those of what belongs to it in natural order."""
        own: Section | None = None
        parts: list[Section] = []
        for node in sorted(self._graph.subjects(), key=lambda each: natural(each.value)):
            if isinstance(node, NamedNode) and node.value == document.iri:
                own = self.section(node)
            elif isinstance(node, BlankNode) or node.value.startswith((document.iri + "/", document.iri + "#")):
                parts.append(self.section(node))
        return own, parts

    def mention(self, quad: Quad) -> tuple[Value, Value, Value]:
        """Return subject, property and value of a quad that mentions the resource."""
        subject = quad.subject if isinstance(quad.subject, NamedNode | BlankNode) else None
        shown = self.value(subject) if subject else Value(str(quad.subject))
        object_ = quad.object if isinstance(quad.object, NamedNode | BlankNode | Literal) else None
        return shown, self.value(quad.predicate), self.value(object_) if object_ else Value(str(quad.object))
