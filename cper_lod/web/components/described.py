"""A thing as templates ask for it: what stands at the end of a path of properties."""

from dataclasses import dataclass
from typing import Self

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import expand
from cper_lod.rdf.graph import Graph, Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader
from cper_lod.release.release import Release
from cper_lod.web.components.view import DocumentView
from cper_lod.web.http import urls
from cper_lod.web.site import site


def observations_in(lang: Language) -> ObservationReader:
    """Return what reads the figures of the release in a language, with links as this request has them."""
    return ObservationReader(ReleaseGraph(site().release), lang, urls.page_link)


def _steps(path: str) -> tuple[str, ...]:
    """Return the properties of a path."""
    return expand(path.replace("/", " "))


@dataclass
class Described:
    """A thing in a graph, for a reader of a language.

    Paths lead from the thing, and are written as in SPARQL: `cper:subdivision/skos:inScheme`; the empty path is the thing itself.
    """

    reader: Graph
    node: Term
    lang: Language

    def at(self, node: Term) -> Self:
        """Return another thing."""
        return type(self)(**{**vars(self), "node": node})

    def all(self, path: str) -> list[Term]:
        """Return the values of the last property of a path, of the first thing that the others lead to."""
        nodes, find = [self.node], self.reader.all
        for step in _steps(path):
            nodes = find(nodes[0], step) if nodes else []
        return nodes

    def one(self, path: str) -> Term | None:
        """Return the first value at the end of a path, or None."""
        found = self.all(path)
        return found[0] if found else None

    def value(self, path: str) -> str:
        """Return the text of the first value at the end of a path, or ""."""
        found = self.all(path)
        return found[0].value if found else ""

    def text(self, path: str) -> str:
        """Return the text at the end of a path in the best language, or ""."""
        *before, last = _steps(path)
        node: Term | None = self.node
        for step in before:
            node = self.reader.one(node, step) if node is not None else None
        return self.reader.text(node, last, self.lang)[0] if node is not None else ""

    def label(self, path: str = "") -> str:
        """Return the name of the first thing at the end of a path, or ""."""
        return self.reader.label(self.one(path), self.lang)

    def link(self, path: str) -> Hyperlink | None:
        """Return the name and the page of the first thing at the end of a path, None if it has no IRI."""
        node = self.one(path)
        return Hyperlink(self.label(path), urls.page_link(node.value)) if isinstance(node, NamedNode) else None


@dataclass
class PageSubject(Described):
    """The thing that a page is about, and what reads the release in the language of its reader."""

    reader: ReleaseGraph
    release: Release
    view: DocumentView
    observations: ObservationReader

    @property
    def number(self) -> str:
        """The number of the thing, as in « Axe 2 », or ""."""
        return self.reader.number(self.node)

    def link(self, path: str) -> Hyperlink | None:
        """Return the label and the page of the first thing at the end of a path."""
        return self.observations.link(self.one(path))

    def figure(self, path: str) -> Observation | None:
        """Return the first thing at the end of a path as a figure, None if it is not one."""
        return self.observations.figure(self.one(path))
