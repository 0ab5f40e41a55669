"""What pages read of a release: the properties of any node, read when they are asked for, and never more than a few."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from cper_lod.core.namespaces import LABELS, RDF
from cper_lod.core.sorted_lines import Count
from cper_lod.rdf.graph import Graph, Node, Term
from cper_lod.release.documents import VOCABULARY_CLASSES, undescribed_objects
from cper_lod.release.release import Release

MAX_READ: Final = 300
"""How many quads of one subject, or values of one property of a larger one, are read."""


class ReleaseGraph(Graph):
    """A release seen as a graph: each node is read once, by bisection, so that it costs the same at any size.

    Of a subject with more than LIMIT quads each property is read by itself, and at most LIMIT values of it. What a
    page has read already, `known`, is not read again: whole subjects.
    """

    def __init__(self, release: Release, known: Iterable[Quad] = ()) -> None:
        super().__init__(known)
        self._release = release
        self._large: set[Term] = set()

    def properties(self, node: Term) -> dict[str, list[Term]]:
        """Return the properties of `node`, each with its values; of a large one the first LIMIT quads."""
        if isinstance(node, Literal):
            return {}
        known = self._by_subject.get(node)  # a page asks some hundred times, and comparing nodes costs
        if known is not None:
            return known
        found, whole = self._release.descriptions.of(node, MAX_READ)
        if not whole:
            self._large.add(node)
        self._by_subject[node] = found
        return found

    def all(self, node: Term, predicate: str) -> list[Term]:
        """Return the values of a property, LIMIT of them at most."""
        properties = self.properties(node)
        if self._large and node in self._large and isinstance(node, NamedNode | BlankNode):
            quads = self._release.descriptions.quads(f"{node} <{predicate}> ", MAX_READ)
            return [quad.object for quad in quads if not isinstance(quad.object, Triple)]
        return properties.get(predicate, [])

    def count(self, node: Term, predicate: str) -> Count:
        """Return how many values a property has; of those that are too many to be read, at least how many."""
        number = len(self.all(node, predicate))
        return Count(number, exact=number < MAX_READ)

    def name(self, node: Node, lang: str) -> str | None:
        """Return the best label of `node` for a reader of `lang`, None where it has none."""
        told, large = self.properties(node), node in self._large
        for predicate in LABELS:
            if (large or predicate in told) and (text := self.text(node, predicate, lang)[0]):
                return text
        return None

    def described(self, iri: str) -> bool:
        """Return whether the data say anything of `iri`."""
        return bool(self.properties(NamedNode(iri)))

    def names_of_others(self, quads: Collection[Quad]) -> Iterator[Quad]:
        """Yield the names of the things that `quads` speak of and do not describe, as a document of theirs holds them.

        The same as `resource.document` reads, of what a page has read already.
        """
        for node in undescribed_objects(quads):
            if not any(each in VOCABULARY_CLASSES for each in self.all(node, RDF + "type")):
                best = next((name for name in LABELS if self.all(node, name)), "")
                yield from (Quad(node, NamedNode(best), name) for name in self.all(node, best))

    def instances(self, cls: str, limit: int) -> list[str]:
        """Return the IRIs of things of a class, in the order of their names, at most `limit`."""
        return list(islice(self._release.listing.things(cls), limit))
