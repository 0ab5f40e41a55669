"""The ontology and the shapes of a release, read once, and the address of the description of each term and each shape."""

from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import ONTOLOGY, SHAPES
from cper_lod.release.docs.ontology import Ontology
from cper_lod.release.docs.shapes import Group, Shapes
from cper_lod.release.docs.versions import version_document
from cper_lod.release.documents import document, shapes_document, types
from cper_lod.release.release import Release

_SHAPES: Final = SHAPES.rstrip("#")
"""The IRI of the shapes as a whole."""


class Documentation:
    """Reads the ontology, its versions and the shapes of a release when they are first asked for, and keeps them."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._ontologies: dict[str, Ontology] = {}

    def ontology(self, number: str = "") -> Ontology:
        """Return the ontology, or one of its versions; raises `not-found` and `version-unknown`."""
        if number not in self._ontologies:
            about = version_document(self._release, number) if number else document(self._release, ONTOLOGY)
            self._ontologies[number] = Ontology(about.quads, ONTOLOGY, self._release.context)
        return self._ontologies[number]

    @cached_property
    def _current(self) -> Ontology:
        """The ontology, an empty one if the release has none."""
        try:
            return self.ontology()
        except Problem:
            return Ontology((), ONTOLOGY, self._release.context)

    @cached_property
    def shapes(self) -> Shapes:
        """The shapes, none if the release has none."""
        try:
            return Shapes(shapes_document(self._release, _SHAPES).quads)
        except Problem:
            return Shapes(())

    @cached_property
    def groups(self) -> dict[str, Group]:
        """The groups of shapes that have a page, by its name."""
        return self.shapes.groups((*self._current.classes, *self._current.properties))

    @cached_property
    def _pages_of_shapes(self) -> dict[str, str]:
        """The page of each shape, and of each query with a name, by IRI; that of the first shape if several share it."""
        pages: dict[str, str] = {}
        for group in self.groups.values():
            for shape in group.shapes:
                for iri in (shape.iri, *(each.value for each in shape.queries if isinstance(each, NamedNode))):
                    pages.setdefault(iri, group.name)
        return pages

    def address(self, iri: str) -> str:
        """Return path and fragment of the description of a term or of a shape; what has none is on the first page."""
        _, _, name = iri.partition("#")
        if iri.startswith(SHAPES):
            page = self._pages_of_shapes.get(iri)
            return f"/shapes/{page}#{name}" if page else f"/shapes#{name}"
        path = self._current.path(iri)
        return f"/ontology/{path}" if path else f"/ontology#{name}"

    @cached_property
    def has_ontology(self) -> bool:
        """Whether the data describe the ontology of the program."""
        return bool(types(self._release, ONTOLOGY))

    @cached_property
    def has_shapes(self) -> bool:
        """Whether the release has shapes of the program."""
        return f"<{_SHAPES}> ".encode() in self._release.shapes

    def covers(self) -> list[str]:
        """Return the paths of the first pages, of the ontology and of the shapes, that the release has."""
        return [path for path, exists in (("/ontology", self.has_ontology), ("/shapes", self.has_shapes)) if exists]

    def paths(self, number: str = "") -> list[str]:
        """Return the paths of the pages of the ontology, or of one version, besides its first one; none without it."""
        if not (number or self.has_ontology):
            return []
        ontology = self.ontology(number) if number else self._current
        start = f"/ontology/{number}" if number else "/ontology"
        classes = [path for each in ontology.classes if (path := ontology.path(each))]
        return [f"{start}/{path}" for path in (*classes, "properties", *(() if number else ("codes",)))]

    def shape_paths(self) -> list[str]:
        """Return the paths of the pages of the shapes besides the first one."""
        return [f"/shapes/{name}" for name in self.groups]
