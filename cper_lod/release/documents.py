"""The document about an IRI: its description, its parts, and the labels of the resources it refers to."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import quote

from pyoxigraph import BlankNode, NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import MODULES, NAMED_BY, ONTOLOGY, PUBLICATION_SHAPES, RDF, SH, SHAPES, expand
from cper_lod.rdf.graph import Node
from cper_lod.release.release import Release
from cper_lod.release.storage.class_listing import LARGE_NODE_QUADS
from cper_lod.release.storage.triples import Count, Triples

VOCABULARY_CLASSES: Final = tuple(
    map(
        NamedNode,
        expand("rdf:Property rdfs:Class owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty"),
    )
)
"""The classes of vocabulary terms."""
MAX_QUADS: Final = 120_000
"""Most quads in a document, labels of other resources not counted; larger documents are read page by page."""
MAX_MENTIONS: Final = 10_000
"""The same limit for an IRI that the data only mention."""
_FEW: Final = 200
"""Most quads about a resource that are read to find its labels; beyond that, each label property is read."""


@dataclass(frozen=True)
class Document:
    """The document about `iri`. Its quads are read on first access; `described` is False if it is only mentioned.

    `types` are the classes of the thing, those of the first quads.
    """

    iri: str
    described: bool
    read: Callable[[], Iterable[Quad]]
    types: Sequence[str] = ()

    @cached_property
    def quads(self) -> tuple[Quad, ...]:
        """The quads of the document, without duplicates."""
        return tuple(dict.fromkeys(self.read()))


def labels(release: Release, iri: str) -> list[Quad]:
    """Return the quads that label `iri`: those of its best label property, in every language."""
    return _best_label(_with_properties(release.triples, iri, NAMED_BY))


def types(release: Release, iri: str) -> list[str]:
    """Return the classes of `iri`, 200 at most."""
    found = (quad.object for quad in release.triples.values(iri, RDF + "type", _FEW))
    return list(dict.fromkeys(each.value for each in found if isinstance(each, NamedNode)))


def _with_properties(triples: Triples, node: Node | str, properties: Iterable[str]) -> list[Quad]:
    """Return the quads about a node with some properties, a bounded number of each."""
    quads = triples.about(node, _FEW + 1)
    if len(quads) > _FEW:
        return [quad for name in properties for quad in triples.values(node, name, _FEW)]
    wanted = frozenset(properties)
    return [quad for quad in quads if quad.predicate.value in wanted]


def _best_label(quads: list[Quad]) -> list[Quad]:
    for name in NAMED_BY:
        named = [quad for quad in quads if quad.predicate.value == name]
        if named:
            return named
    return []


def _description(triples: Triples, iri: str, below: Iterable[str], limit: int) -> list[Quad]:
    """Return the quads about `iri` and about the IRIs `below` it (`…/x`, `…#x`), `limit` at most.

    If nothing is stated about `iri` itself, the IRIs below it belong to no document: `https://example.org` names no
    resource.
    """
    quads = triples.about(NamedNode(iri), limit)
    for each in below if quads else ():
        if len(quads) >= limit:
            break
        quads += triples.about(NamedNode(each), limit - len(quads))
    return quads


def _with_blank_nodes(quads: list[Quad], limit: int, describe: Callable[[BlankNode], Iterable[Quad]]) -> list[Quad]:
    """Return `quads` with the descriptions of the blank nodes they refer to, recursively, up to `limit` quads.

    The last description may exceed the limit.
    """
    known = {quad.subject for quad in quads}
    for quad in quads:  # which grows meanwhile
        if len(quads) >= limit:
            break
        target = quad.object
        if isinstance(target, BlankNode) and target not in known:
            known.add(target)
            quads.extend(describe(target))
    return quads


def has_document(release: Release, iri: str) -> bool:
    """Return whether there is a document about `iri`, that is, whether the data describe or use it."""
    return release.triples.describes(iri) or release.triples.mentioned(iri)


def nothing_about(iri: str, hint: str | None = None, lists: str = "/doc", **more: object) -> Problem:
    """Return `not-found` for an IRI, with what was perhaps meant, the address of the lists of things, and what is near."""
    return Problem("not-found", iri=iri, hint=hint, list=lists, **more)


def document(release: Release, iri: str) -> Document:
    """Return the document about `iri`; every format carries the same document.

    It holds the description of `iri`, of every IRI below it, of the blank nodes they refer to, and the labels of the
    other resources they refer to. For an IRI that is only mentioned, it holds the quads that mention it. Raises
    `not-found` if the data do not use the IRI; reading the quads raises `document-too-large`.
    """
    described = release.triples.describes(iri)
    if not (described or release.triples.mentioned(iri)):
        raise nothing_about(iri)

    def read() -> Iterator[Quad]:
        limit = MAX_QUADS if described else MAX_MENTIONS
        if described:
            quads = _description(release.triples, iri, parts(release, iri), limit + 1)
        else:
            quads = release.triples.mentions(iri, limit + 1)
        quads = _with_blank_nodes(quads, limit + 1, lambda node: release.triples.about(node, limit + 1))
        if len(quads) > limit:
            pages = "/describe.html?" if described else "/describe/list?of=mentions&"
            raise Problem("document-too-large", iri=iri[:400], limit=limit, pages=f"{pages}iri={quote(iri, safe='')}")
        yield from quads
        yield from _labels_of_others(release, quads)

    return Document(iri, described, read, types(release, iri) if described else ())


def _labels_of_others(release: Release, quads: list[Quad]) -> Iterator[Quad]:
    """Yield the labels of the resources that `quads` refer to but do not describe.

    Vocabulary terms are left out; otherwise every document would carry the label of every class and property it uses.
    """
    described = {quad.subject for quad in quads}
    for node in dict.fromkeys(quad.object for quad in quads if isinstance(quad.object, NamedNode)):
        if node in described:
            continue
        quads = _with_properties(release.triples, node, (*NAMED_BY, RDF + "type"))
        if not any(quad.object in VOCABULARY_CLASSES for quad in quads if quad.predicate.value == RDF + "type"):
            yield from _best_label(quads)


def shapes_document(release: Release, iri: str) -> Document:
    """Return the document about the shapes whose IRIs are below `iri`; raises `not-found` if there are none."""
    shapes = release.shapes
    if not shapes.describes(iri):
        raise nothing_about(iri)

    def read() -> list[Quad]:
        below = (each for each in shapes.subjects() if each.startswith((iri + "/", iri + "#")))
        quads = _description(shapes, iri, below, MAX_QUADS)
        return _with_blank_nodes(quads, MAX_QUADS, lambda node: shapes.about(node, MAX_QUADS))

    return Document(iri, True, read, types(release, iri))


def rules_document(release: Release, iri: str) -> Document:
    """Return the document about the shapes of the data, or of those about what is published beside them.

    Both have the prefixes of the queries. Raises `not-found` if there are none.
    """
    published = iri == PUBLICATION_SHAPES
    whole = shapes_document(release, SHAPES.rstrip("#"))

    def read() -> Iterator[Quad]:
        for each in whole.quads:
            beside = each.graph_name == NamedNode(PUBLICATION_SHAPES)
            if beside is published or each.predicate.value in _DECLARATIONS:
                yield Quad(each.subject, each.predicate, each.object)

    return Document(iri, True, read, types(release, iri))


_DECLARATIONS: Final = frozenset((SH + "declare", SH + "prefix", SH + "namespace"))


MAX_VALUES: Final = 50
"""Most values of a property that a page shows."""
MAX_PROPERTIES: Final = 200
"""Most properties of a resource that a page shows."""
MAX_PARTS: Final = 100
"""Most parts of a resource that a page shows."""
MAX_EXCERPT_QUADS: Final = 1500
"""Most quads of a resource, and of its parts, that a page shows; the part that reaches the limit is the last.

A larger resource gets fewer values per property, rather than fewer properties.
"""
_MAX_COUNTED_PARTS: Final = 200
"""Most parts beyond those shown that are counted."""


class Excerpt(NamedTuple):
    """The quads of a document that a page shows.

    `value_counts` has the number of values of each property, by subject and property, if not all are shown.
    `truncated` are the subjects with more properties than are shown. `part_count` is the number of parts if not all
    are shown, else None.
    """

    quads: tuple[Quad, ...]
    value_counts: Mapping[tuple[str, str], Count]
    truncated: frozenset[str]
    part_count: Count | None

    @property
    def partial(self) -> frozenset[str]:
        """The subjects that are not shown completely."""
        return self.truncated.union(subject for subject, _ in self.value_counts)


def excerpt(release: Release, about: Document) -> Excerpt:
    """Return the part of a document that a page shows."""
    reader = _ExcerptReader(release)
    if not about.described:
        return reader.excerpt(release.triples.mentions(about.iri, MAX_VALUES), None)
    quads = reader.quads(NamedNode(about.iri))
    below, shown = parts(release, about.iri), 0
    for each in islice(below, MAX_PARTS):
        quads += reader.quads(NamedNode(each))
        shown += 1
        if len(quads) >= MAX_EXCERPT_QUADS:
            break
    beyond = sum(1 for _ in islice(below, _MAX_COUNTED_PARTS + 1))
    counted = Count(shown + min(beyond, _MAX_COUNTED_PARTS), exact=beyond <= _MAX_COUNTED_PARTS)
    return reader.excerpt(quads, counted if beyond else None)


def parts(release: Release, iri: str) -> Iterator[str]:
    """Yield the IRIs below `iri` (`…#x`, then `…/x`) in order; modules of the ontology are no part of it."""
    modules = (*MODULES.values(),) if iri == ONTOLOGY else ()
    for start in (iri + "#", iri + "/"):
        yield from (each for each in release.listing.described(start) if not modules or not each.startswith(modules))


def first_values(release: Release, node: Node, limit: int) -> Iterator[tuple[str, list[Quad], int]]:
    """Yield each property of a node with its first `limit` quads, and their number; of a node of any size."""
    counts = release.listing.value_counts(node.value if isinstance(node, NamedNode) else str(node))
    for name, count in counts.items():
        yield name, release.triples.values(node, name, limit), count


@dataclass
class _ExcerptReader:
    """Reads some subjects and notes what was left out."""

    release: Release
    value_counts: dict[tuple[str, str], Count] = field(default_factory=dict)
    truncated: set[str] = field(default_factory=set)

    def quads(self, node: Node) -> list[Quad]:
        """Return the quads of the first values of each property of a node."""
        quads = self.release.triples.about(node, LARGE_NODE_QUADS + 1)
        if len(quads) <= LARGE_NODE_QUADS:  # as most have, so that nothing can be left out
            return quads
        name = node.value if isinstance(node, NamedNode) else str(node)
        properties = list(islice(first_values(self.release, node, MAX_VALUES), MAX_PROPERTIES + 1))
        if len(properties) > MAX_PROPERTIES:
            self.truncated.add(name)
            del properties[MAX_PROPERTIES:]
        # If all properties together would have too many values, each one gets fewer.
        reduced = sum(len(quads) for _, quads, _ in properties) > MAX_EXCERPT_QUADS
        limit = MAX_EXCERPT_QUADS // len(properties) if reduced else MAX_VALUES
        for predicate, _, count in properties:
            if count > limit:
                self.value_counts[name, predicate] = Count(count, exact=True)
        return [quad for _, quads, _ in properties for quad in quads[:limit]]

    def excerpt(self, found: list[Quad], part_count: Count | None) -> Excerpt:
        """Return quads with the descriptions of the blank nodes they refer to, recursively, within limits."""
        quads = _with_blank_nodes(found, len(found) + MAX_EXCERPT_QUADS, self.quads)
        return Excerpt(tuple(dict.fromkeys(quads)), self.value_counts, frozenset(self.truncated), part_count)
