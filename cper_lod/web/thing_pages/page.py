"""The thing that a page is about, as the functions and the templates of its kind read it."""

from dataclasses import dataclass

from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader
from cper_lod.release.release import Release
from cper_lod.web.components.described import Described
from cper_lod.web.components.view import DocumentView


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
