"""What a module of a kind is given, and what it returns."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.release import Release
from cper_lod.web.components.view import DocumentView


@dataclass(frozen=True)
class PageSubject:
    """The thing that a page is about, and what reads the release in the language of its reader."""

    release: Release
    node: NamedNode
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

    @cached_property
    def types(self) -> frozenset[str]:
        """The classes of the thing."""
        return frozenset(self.reader.types(self.node))

    def term(self, node: Term | None) -> "CodedTerm | None":
        """Return a thing with its definition, None for None."""
        link = self.observations.link(node)
        if node is None or link is None:
            return None
        return CodedTerm(link, self.reader.text(node, SKOS + "definition", self.lang)[0])


class CodedTerm(NamedTuple):
    """A thing of a list of codes: its page, and its definition, which may be empty."""

    link: Hyperlink
    definition: str


class KindPage(NamedTuple):
    """What a page shows first: the content that `template` (below templates/thing_pages/) shows.

    `shown` are the properties of the thing that it shows, and `referring` those by which others refer to it: the rest of
    the page does not repeat them. `quotes` says that it shows the words about the thing, and `parts` that it shows its parts.
    """

    template: str
    content: object
    shown: frozenset[str] = frozenset()
    referring: frozenset[str] = frozenset()
    quotes: bool = False
    parts: bool = False
