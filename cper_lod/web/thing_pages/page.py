"""The thing that a page is about, as the functions and the templates of its kind read it."""

from dataclasses import dataclass, replace
from functools import lru_cache

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import SKOS, expand
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader
from cper_lod.release.release import Release
from cper_lod.web.components.view import DocumentView

_steps = lru_cache(256)(lambda path: expand(path.replace("/", " ")))
"""Return the properties of a path."""


@dataclass(frozen=True)
class PageSubject:
    """The thing that a page is about, and what reads the release in the language of its reader.

    Paths lead from the thing, and are written as in SPARQL: `cper:part/cper:partDe`; the empty path is the thing itself.
    """

    release: Release
    node: Term
    view: DocumentView
    observations: ObservationReader

    @property
    def lang(self) -> Language:
        """The language of the reader."""
        return self.observations.lang

    @property
    def reader(self) -> ReleaseGraph:
        """The release as a graph."""
        return self.observations.reader

    @property
    def number(self) -> str:
        """The number of the thing, as in « Axe 2 », or ""."""
        return self.reader.number(self.node)

    def at(self, node: Term) -> "PageSubject":
        """Return another thing."""
        return replace(self, node=node)

    def all(self, path: str) -> list[Term]:
        """Return the values of the last property of a path, of the first thing that the others lead to."""
        nodes, find = [self.node], self.observations.reader.all
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

    def link(self, path: str) -> Hyperlink | None:
        """Return the label and the page of the first thing at the end of a path."""
        return self.observations.link(self.one(path))

    def figure(self, path: str) -> Observation | None:
        """Return the first thing at the end of a path as a figure, None if it is not one."""
        return self.observations.figure(self.one(path))

    def definition(self, path: str) -> str:
        """Return the definition of the first thing at the end of a path, or ""."""
        node = self.one(path)
        return self.reader.text(node, SKOS + "definition", self.lang)[0] if node is not None else ""
