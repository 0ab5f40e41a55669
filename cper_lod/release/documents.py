"""The document about an IRI: its description, its parts, and the labels of the resources it refers to."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import Final, NamedTuple
from urllib.parse import quote

from pyoxigraph import BlankNode, NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import NAMED_BY, RDF, expand
from cper_lod.core.sorted_lines import Count, SortedLines
from cper_lod.rdf.graph import Node
from cper_lod.release.release import Release
from cper_lod.release.storage.nodes import parse_quads

VOCABULARY_CLASSES: Final = tuple(
    map(NamedNode, expand("rdf:Property rdfs:Class owl:Class owl:ObjectProperty owl:DatatypeProperty"))
)
"""The classes of vocabulary terms."""
MAX_QUADS: Final = 120_000
"""Most quads in a document, labels of other resources not counted; larger documents are read page by page."""
MAX_MENTIONS: Final = 10_000
"""The same limit for an IRI that the data only mention."""
_FEW: Final = 200
"""Most lines about a resource that are read to find its labels; beyond that, labels are found by bisection."""
_LABELS: Final = tuple(f"<{name}> ".encode() for name in NAMED_BY)
_TYPES: Final = tuple(f"<{RDF}type> {cls} ".encode() for cls in VOCABULARY_CLASSES)


def _key(node: Node) -> bytes:
    """Return the beginning of a line about `node`; the space keeps `<…/axe/1>` from matching `<…/axe/10>`."""
    return f"{node} ".encode()


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
    return _best_label(parse_quads(_lines(release.data, f"<{iri}> ".encode(), _LABELS)))


def types(release: Release, iri: str) -> list[str]:
    """Return the classes of `iri`, 200 at most."""
    lines = islice(release.data.beginning(f"<{iri}> <{RDF}type> <".encode()), _FEW)
    return list(dict.fromkeys(line.split(b" ")[2][1:-1].decode() for line in lines))


def summaries(release: Release, iris: Iterable[str]) -> list[Quad]:
    """Return what lists show of resources: labels, classes, and literals among their first quads."""
    lines: list[bytes] = []
    for iri in iris:
        key = f"<{iri}> ".encode()
        lines += _lines(release.data, key, (*_LABELS, f"<{RDF}type> <".encode()))
        for line in islice(release.data.beginning(key), _FEW):
            if line.startswith(b' "', line.index(b" ", len(key))) and not line.startswith(_LABELS, len(key)):
                lines.append(line)
    return list(dict.fromkeys(parse_quads(lines)))


def _lines(data: SortedLines, key: bytes, predicates: tuple[bytes, ...]) -> list[bytes]:
    """Return the lines that begin with `key` followed by one of `predicates`; the cost is bounded for any size."""
    lines = list(islice(data.beginning(key), _FEW + 1))
    if len(lines) > _FEW:
        return [line for predicate in predicates for line in islice(data.beginning(key + predicate), _FEW)]
    return [line for line in lines if line.startswith(predicates, len(key))]


def _best_label(quads: list[Quad]) -> list[Quad]:
    for name in NAMED_BY:
        named = [quad for quad in quads if quad.predicate.value == name]
        if named:
            return named
    return []


def _description(lines: SortedLines, iri: str, limit: int) -> list[Quad]:
    """Return the quads about `iri` and about every IRI below it (`…/x`, `…#x`), `limit` at most.

    If nothing is stated about `iri` itself, the IRIs below it belong to no document: `https://example.org` names no
    resource.
    """
    key = f"<{iri}> ".encode()
    keys = (key, f"<{iri}/".encode(), f"<{iri}#".encode()) if key in lines else ()
    return parse_quads(islice(chain.from_iterable(map(lines.beginning, keys)), limit))


def _with_blank_nodes(quads: list[Quad], limit: int, describe: Callable[[BlankNode], Iterable[bytes]]) -> list[Quad]:
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
            quads.extend(parse_quads(describe(target)))
    return quads


def _about(lines: SortedLines, limit: int) -> Callable[[BlankNode], Iterable[bytes]]:
    return lambda node: islice(lines.beginning(_key(node)), limit)


def mentions(release: Release, iri: str, limit: int | None = None) -> list[Quad]:
    """Return the quads that use `iri` as object, predicate or graph name, `limit` at most."""
    lines = islice(release.mentions.beginning(f"<{iri}>\t".encode()), limit)
    return parse_quads(line.partition(b"\t")[2] for line in lines)


def has_document(release: Release, iri: str) -> bool:
    """Return whether there is a document about `iri`, that is, whether the data describe or use it."""
    return f"<{iri}> ".encode() in release.data or mentioned(release, iri)


def mentioned(release: Release, iri: str) -> bool:
    """Return whether a quad uses `iri` as object, predicate or graph name."""
    return f"<{iri}>\t".encode() in release.mentions


def count_mentions(release: Release, iri: str) -> Count:
    """Return how many quads use `iri` as object, predicate or graph name; a lower bound if there are very many."""
    return release.mentions.count(f"<{iri}>\t".encode())


def nothing_about(iri: str, hint: str | None = None, lists: str = "/doc", **more: object) -> Problem:
    """Return `not-found` for an IRI, with what was perhaps meant, the address of the lists of things, and what is near."""
    return Problem("not-found", iri=iri, hint=hint, list=lists, **more)


def document(release: Release, iri: str) -> Document:
    """Return the document about `iri`; every format carries the same document.

    It holds the description of `iri`, of every IRI below it, of the blank nodes they refer to, and the labels of the
    other resources they refer to. For an IRI that is only mentioned, it holds the quads that mention it. Raises
    `not-found` if the data do not use the IRI; reading the quads raises `document-too-large`.
    """
    classes = types(release, iri)
    described = bool(classes) or f"<{iri}> ".encode() in release.data
    if not (described or mentioned(release, iri)):
        raise nothing_about(iri)

    def read() -> Iterator[Quad]:
        limit = MAX_QUADS if described else MAX_MENTIONS
        start = _description(release.data, iri, limit + 1) if described else mentions(release, iri, limit + 1)
        quads = _with_blank_nodes(start, limit + 1, _about(release.data, limit + 1))
        if len(quads) > limit:
            pages = "/describe.html" if described else "/describe/mentions"
            raise Problem("document-too-large", iri=iri[:400], limit=limit, pages=f"{pages}?iri={quote(iri, safe='')}")
        yield from quads
        yield from _labels_of_others(release, quads)

    return Document(iri, described, read, classes)


def _labels_of_others(release: Release, quads: list[Quad]) -> Iterator[Quad]:
    """Yield the labels of the resources that `quads` refer to but do not describe.

    Vocabulary terms are left out; otherwise every document would carry the label of every class and property it uses.
    """
    described = {quad.subject for quad in quads}
    for node in dict.fromkeys(quad.object for quad in quads if isinstance(quad.object, NamedNode)):
        if node in described:
            continue
        lines = _lines(release.data, _key(node), (*_LABELS, *_TYPES))
        if not any(line.startswith(_TYPES, len(_key(node))) for line in lines):
            yield from _best_label(parse_quads(lines))


def shapes_document(release: Release, iri: str) -> Document:
    """Return the document about the shapes whose IRIs are below `iri`; raises `not-found` if there are none."""
    lines = release.shapes
    if _key(NamedNode(iri)) not in lines:
        raise nothing_about(iri)

    def read() -> list[Quad]:
        return _with_blank_nodes(_description(lines, iri, MAX_QUADS), MAX_QUADS, _about(lines, MAX_QUADS))

    return Document(iri, True, read, types(release, iri))


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
"""Most parts beyond those shown that are counted; each costs one bisection."""


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
    if not about.described:
        return _ExcerptReader(release.data).excerpt(mentions(release, about.iri, MAX_VALUES), None)
    described = _ExcerptReader(release.data)
    lines = described.lines(f"<{about.iri}>")
    below = (release.data.beginning(f"<{about.iri}{end}".encode()) for end in "#/")
    few = list(islice(chain.from_iterable(below), MAX_VALUES + 1))
    if len(few) <= MAX_VALUES:  # as below most things, so that nothing can be left out
        return described.excerpt(parse_quads(lines + few), None)
    shown, last = 0, ""
    for last in islice(parts(release, about.iri), MAX_PARTS):
        lines += described.lines(f"<{last}>")
        shown += 1
        if len(lines) >= MAX_EXCERPT_QUADS:
            break
    beyond = sum(1 for _ in islice(parts(release, about.iri, last), _MAX_COUNTED_PARTS + 1)) if shown else 0
    total = Count(shown + min(beyond, _MAX_COUNTED_PARTS), exact=beyond <= _MAX_COUNTED_PARTS) if beyond else None
    return described.excerpt(parse_quads(lines), total)


def parts(release: Release, iri: str, after: str = "") -> Iterator[str]:
    """Yield the IRIs below `iri` (`…#x`, then `…/x`) in order, starting after `after`."""
    since = f"<{after}> ".encode() + b"\xff" if after else b""  # no text has this byte: after all lines about it
    for key in (f"<{iri}#".encode(), f"<{iri}/".encode()):
        for subject in release.data.beginnings(key, lambda line: line[: line.index(b" ") + 1], since):
            yield subject[1:-2].decode()


@dataclass
class _ExcerptReader:
    """Reads some subjects and notes what was left out."""

    data: SortedLines
    value_counts: dict[tuple[str, str], Count] = field(default_factory=dict)
    truncated: set[str] = field(default_factory=set)

    def lines(self, subject: str) -> list[bytes]:
        """Return the lines of the first values of each property of a subject (`<iri>` or `_:name`)."""
        key, name = f"{subject} ".encode(), subject.removeprefix("<").removesuffix(">")
        lines = list(islice(self.data.beginning(key), MAX_VALUES + 1))
        if len(lines) <= MAX_VALUES:  # as most have, so that nothing can be left out
            return lines
        properties = list(islice(_values_by_property(self.data, key), MAX_PROPERTIES + 1))
        if len(properties) > MAX_PROPERTIES:
            self.truncated.add(name)
            del properties[MAX_PROPERTIES:]
        # If all properties together would have too many values, each one gets fewer.
        reduced = sum(min(len(values), MAX_VALUES) for _, values, _ in properties) > MAX_EXCERPT_QUADS
        limit = MAX_EXCERPT_QUADS // len(properties) if reduced else MAX_VALUES
        for predicate, values, count in properties:
            if len(values) > limit:
                self.value_counts[name, predicate[1:-1].decode()] = count
        return [line for _, values, _ in properties for line in values[:limit]]

    def excerpt(self, found: list[Quad], part_count: Count | None) -> Excerpt:
        """Return quads with the descriptions of the blank nodes they refer to, recursively, within limits."""
        quads = _with_blank_nodes(found, len(found) + MAX_EXCERPT_QUADS, lambda node: self.lines(str(node)))
        return Excerpt(tuple(dict.fromkeys(quads)), self.value_counts, frozenset(self.truncated), part_count)


def _values_by_property(data: SortedLines, key: bytes) -> Iterator[tuple[bytes, list[bytes], Count]]:
    """Yield each property of a resource with its first lines and their number; skips from one property to the next."""
    for prefix in data.beginnings(key, lambda line: line[: line.index(b" ", len(key)) + 1]):
        values = list(islice(data.beginning(prefix), MAX_VALUES + 1))
        count = data.count(prefix) if len(values) > MAX_VALUES else Count(len(values), exact=True)
        yield prefix[len(key) : -1], values, count
