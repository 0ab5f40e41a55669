"""A document as a page shows it: sections, rows, and values with labels in the reader's language."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, LABELS, NUMBERS, RDF, SHAPES, XSD, shorten
from cper_lod.core.units import UNIT, shown_unit
from cper_lod.rdf.graph import Graph, Node, Term
from cper_lod.release.documents import Excerpt
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import Release, once_per_release
from cper_lod.release.storage.triples import Count
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.http import urls
from cper_lod.web.http.values import Row, Section, Value

TYPE, FIRST, REST = RDF + "type", RDF + "first", RDF + "rest"
_SAID_BY = CPER + "enonce", CPER + "lecture"
"""What leads to what attests a property of a thing."""
_FRAGMENT = re.compile("(?!n[0-9]+$|content$|query$)[A-Za-z_][A-Za-z0-9_.-]*")
"""Fragments that can be an id on a page, except those that every page has."""
MAX_DEPTH = 8
"""Levels of nested blank nodes; deeper ones have a section of their own."""
MAX_VALUES = 50
"""Values of a property that a page shows, with the total number."""
MAX_PROPERTIES = 1024
"""Labels of properties that are cached, those used last."""


class DocumentView:
    """Turns a document into sections; labels are looked up once per page."""

    def __init__(
        self,
        release: Release,
        quads: Iterable[Quad],
        lang: Language,
        excerpt: Excerpt | None = None,
        *,
        anchored: bool = True,
    ) -> None:
        """Show `quads`, possibly those of an excerpt; `anchored` gives each subject an id on the page.

        An excerpt has all quads of its subjects, except those it lists as partial: the others are not read again.
        """
        self._release = release
        self.page_link = urls.page_linker()
        self._more: Mapping[tuple[str, str], Count] = excerpt.value_counts if excerpt else {}
        self.graph = Graph(quads)
        self._lang = lang
        partial = excerpt.partial if excerpt else frozenset(map(_key, self.graph.subjects()))
        known = {node: self.graph.properties(node) for node in self.graph.subjects() if _key(node) not in partial}
        self.reader = ReleaseGraph(release, known)
        self.names = LabelReader(self.reader, self.graph, lang)
        self._values: dict[str, Value] = {}
        self.anchors = self._anchors() if anchored else {}
        self._shown: set[Node] = set()

    @cached_property
    def _references(self) -> Counter[Term]:
        """How many quads refer to each term; needed for blank nodes alone."""
        return self.graph.references()

    def name(self, iri: str) -> str:
        """Return the label of an IRI."""
        return self.names.name(iri)

    def _anchors(self) -> dict[Node, str]:
        """Return a unique id for each subject: the fragment of a term such as `…#Axe`, else a number."""
        anchors: dict[str, Node] = {}
        for index, node in enumerate(self.graph.subjects(), 1):
            fragment = node.value.partition("#")[2] if isinstance(node, NamedNode) else ""
            own = _FRAGMENT.fullmatch(fragment) and fragment not in anchors
            anchors[fragment if own else f"n{index}"] = node
        return {node: anchor for anchor, node in anchors.items()}

    def value(self, term: Term | Triple, depth: int = 0, unit: str = "") -> Value:
        """Return how a term is shown, within `depth` blank nodes; a number with its unit."""
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if isinstance(term, BlankNode):
            return self._blank(term, depth)
        if isinstance(term, Triple):
            return Value(str(term))
        return self.literal(term.value, term.datatype.value, term.language or "", unit)

    def _blank(self, node: BlankNode, depth: int) -> Value:
        """Return a blank node in place, or a link to it if the page shows it elsewhere."""
        if node not in self.anchors:
            return Value("_:" + node.value)
        if self._references[node] != 1 or node in self._shown or depth == MAX_DEPTH:
            return Value(self.graph.name(node, self._lang) or "_:" + node.value, href="#" + self.anchors[node])
        items = self._list(node)
        if items:
            self._shown.update(node for node, _ in items)
            return Value("", items=tuple(self.value(item, depth + 1) for _, item in items))
        return Value("", nested=self.section(node, depth + 1))

    def _list(self, node: Term | None) -> list[tuple[BlankNode, Term]]:
        """Return the nodes and the items of a well-formed RDF list, else nothing."""
        found: dict[BlankNode, Term] = {}
        while isinstance(node, BlankNode) and node not in found and self._references[node] == 1:
            if {name: len(each) for name, each in self.graph.properties(node).items()} != {FIRST: 1, REST: 1}:
                return []
            found[node] = self.graph.all(node, FIRST)[0]
            node = self.graph.all(node, REST)[0]
        return list(found.items()) if node == NamedNode(RDF + "nil") else []

    def iri(self, iri: str) -> Value:
        """Return how an IRI is shown: its label and its links; to a page here only if there is one."""
        if iri not in self._values:
            href = self.page_link(iri) if _has_page(self._release, self.reader, iri) else ""
            self._values[iri] = Value(self.name(iri), href=href, outside=urls.external_link(iri) or "")
        return self._values[iri]

    def literal(self, text: str, datatype: str, language: str, unit: str = "") -> Value:
        """Return how a literal is shown; a number with its unit: `%` or the code of a currency."""
        kind = datatype.removeprefix(XSD)
        if datatype in NUMBERS:
            if unit and unit != "%":
                return Value(formatting.amount(text, unit, self._lang), raw=text, machine="data")
            shown = formatting.percent(text, self._lang) if unit else formatting.number(text, self._lang)
            return Value(shown, raw=text, machine="data")
        if kind in ("date", "gYearMonth", "gMonthDay", "gMonth"):
            shown = formatting.date(text, self._lang)
            return Value(shown, raw=text, machine="time" if shown != text else "")
        if kind == "boolean":
            return Value(formatting.truth(text, self._lang), raw=text, machine="data")
        if kind in ("gYear", "anyURI"):
            return Value(text)
        plain = datatype in (XSD + "string", RDF + "langString")
        return Value(text, lang=language, datatype="" if plain else shorten(datatype))

    def section(self, node: Node, depth: int = 0) -> Section:
        """Return the section of a subject: labels first, then in the order of the document."""
        self._shown.add(node)
        properties = self.graph.properties(node)
        order = sorted(properties, key=lambda name: LABELS.index(name) if name in LABELS else len(LABELS))
        measure, attesting = self.graph.value(node, UNIT), self._attesting(node)
        rows = []
        for name in order:
            if name != TYPE:
                unit = shown_unit(name, measure)
                values = tuple(self.value(each, depth, unit) for each in properties[name][:MAX_VALUES])
                label, has_page = _property(self._release, name, self._lang)
                href = self.page_link(name) if has_page else ""
                rows.append(Row(name, label, href, values, *self._rest(node, name), tuple(attesting.get(name, ()))))
        iri = node.value if isinstance(node, NamedNode) else ""
        title = self.name(iri) if iri else self.graph.label(node, self._lang)
        types = tuple(self.iri(each) for each in self.graph.types(node))
        return Section(iri, title, self.page_link(iri) if iri else "", self.anchors.get(node, ""), types, tuple(rows))

    def _attesting(self, node: Node) -> dict[str, list[Value]]:
        """Return the statements and readings that attest each property of a thing."""
        found = dict[str, list[Value]]()
        for name in _SAID_BY:
            for said_by in self.graph.all(node, name)[:MAX_VALUES]:
                for each in self.reader.all(said_by, CPER + "atteste") if isinstance(said_by, NamedNode) else ():
                    if isinstance(each, NamedNode):
                        found.setdefault(each.value, []).append(self.iri(said_by.value))
        return found

    def _rest(self, node: Node, name: str) -> tuple[str, str]:
        """Return the number of values of a property and the page of all of them; empty if this page shows all."""
        count = self._more.get((_key(node), name))
        if count is None:
            return "", ""
        href = urls.link("/describe/list", iri=node.value, of=name) if isinstance(node, NamedNode) else ""
        return self.count(count), href

    def count(self, count: Count) -> str:
        """Return a count for a reader: « plus de 1 000 » if it is not exact."""
        number = formatting.number(count.number, self._lang)
        return number if count.exact else translate("more-than", self._lang, amount=number)

    def is_shown(self, node: Node) -> bool:
        """Return whether the page already shows a node."""
        return node in self._shown

    def mention(self, quad: Quad) -> tuple[Value, Value, Value]:
        """Return subject, property and value of a quad that mentions the resource."""
        return self.value(quad.subject), self.value(quad.predicate), self.value(quad.object)


def _has_page(release: Release, reader: ReleaseGraph, iri: str) -> bool:
    """Return whether this site has a page about an IRI; an IRI of the web that the data only mention has none."""
    if iri.startswith(SHAPES) and release.shapes.describes(iri):
        return True
    return reader.is_described(iri) or (not urls.external_link(iri) and release.triples.mentioned(iri))


@once_per_release(MAX_PROPERTIES)  # saves 1 to 3 % of the page of a thing
def _property(release: Release, iri: str, lang: Language) -> tuple[str, bool]:
    """Return the label of a property, and whether it has a page."""
    reader = ReleaseGraph(release)
    return LabelReader(reader, reader, lang).name(iri), _has_page(release, reader, iri)


def _key(node: object) -> str:
    """Return the key of a subject in an excerpt: its IRI, or its label with `_:`."""
    return node.value if isinstance(node, NamedNode) else str(node)
