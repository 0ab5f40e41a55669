"""What a release says of one IRI: its description, its parts, and the names of what else it points to."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, groupby, islice
from typing import Final
from urllib.parse import quote

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, parse

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import LABELS, RDF, RDFS
from cper_lod.core.sorted_lines import Count, SortedLines
from cper_lod.rdf.graph import Node
from cper_lod.release.release import Release
from cper_lod.release.storage.nodes import parse_quads

VOCABULARY_CLASSES: Final = (NamedNode(RDF + "Property"), NamedNode(RDFS + "Class"))
"""The classes of what vocabularies define."""
MAX_QUADS: Final = 120_000
"""How many quads a document holds at most, the names of other things apart; more are read page by page."""
MAX_MENTIONS: Final = 10_000
"""The same for an IRI that the data only mention."""
_FEW: Final = 200
"""Lines about one thing that are read to find its names; of a thing with more, its names are found by bisection."""
_NAMES: Final = tuple(f"<{name}> ".encode() for name in LABELS)
_KINDS: Final = tuple(f"<{RDF}type> {each} ".encode() for each in VOCABULARY_CLASSES)


def _key(node: Node) -> bytes:
    """Return how a line about `node` begins; the space keeps `<…/axe/1>` from matching `<…/axe/10>`."""
    return f"{node} ".encode()


@dataclass(frozen=True)
class Document:
    """The document about `iri`, read when its quads are asked for; `described` is False where it is only mentioned."""

    iri: str
    described: bool
    read: Callable[[], Iterable[Quad]]

    @cached_property
    def quads(self) -> tuple[Quad, ...]:
        """Every quad of the document, each once."""
        return tuple(dict.fromkeys(self.read()))


def labels(release: Release, iri: str) -> list[Quad]:
    """Return the quads that name `iri`: those of the best label property it has, in every language."""
    return _naming(parse_quads(_lines(release.data, f"<{iri}> ".encode(), _NAMES)))


def types(release: Release, iri: str) -> list[str]:
    """Return the classes of `iri`, some hundred at most."""
    lines = islice(release.data.beginning(f"<{iri}> <{RDF}type> <".encode()), _FEW)
    return list(dict.fromkeys(line.split(b" ")[2][1:-1].decode() for line in lines))


def summaries(release: Release, iris: Iterable[str]) -> list[Quad]:
    """Return what lists say of things: their names, their classes, and literals among what is said of them first."""
    found: list[bytes] = []
    for iri in iris:
        key = f"<{iri}> ".encode()
        found += _lines(release.data, key, (*_NAMES, f"<{RDF}type> <".encode()))
        for line in islice(release.data.beginning(key), _FEW):
            if line.startswith(b' "', line.index(b" ", len(key))) and not line.startswith(_NAMES, len(key)):
                found.append(line)
    return list(dict.fromkeys(parse_quads(found)))


def _lines(data: SortedLines, key: bytes, kinds: tuple[bytes, ...]) -> list[bytes]:
    """Return the lines that begin with `key` and go on with one of `kinds`, at one cost for a thing of any size."""
    lines = list(islice(data.beginning(key), _FEW + 1))
    if len(lines) > _FEW:
        return [line for kind in kinds for line in islice(data.beginning(key + kind), _FEW)]
    return [line for line in lines if line.startswith(kinds, len(key))]


def _naming(quads: list[Quad]) -> list[Quad]:
    for name in LABELS:
        named = [quad for quad in quads if quad.predicate.value == name]
        if named:
            return named
    return []


def _own(lines: SortedLines, iri: str, limit: int) -> list[Quad]:
    """Return the quads about `iri` and about everything whose IRI lies under its own (`…/x`, `…#x`), `limit` at most.

    What lies under an IRI that nothing is said of belongs to no document: `https://example.org` names no resource.
    """
    key = f"<{iri}> ".encode()
    keys = (key, f"<{iri}/".encode(), f"<{iri}#".encode()) if key in lines else ()
    return parse_quads(islice(chain.from_iterable(map(lines.beginning, keys)), limit))


def _with_blank_nodes(lines: SortedLines, quads: list[Quad], limit: int) -> list[Quad]:
    """Return `quads` and, again and again, the descriptions of the blank nodes they point to, until there are `limit`.

    The last description may go beyond.
    """
    known = {quad.subject for quad in quads}
    at = 0
    while at < len(quads) < limit:
        target = quads[at].object
        if isinstance(target, BlankNode) and target not in known:
            known.add(target)
            quads.extend(parse_quads(islice(lines.beginning(_key(target)), limit)))
        at += 1
    return quads


def mentions(release: Release, iri: str, limit: int | None = None) -> list[Quad]:
    """Return the quads that use `iri` as object, predicate or graph name, at most `limit` of them."""
    lines = islice(release.mentions.beginning(f"<{iri}>\t".encode()), limit)
    return parse_quads(line.partition(b"\t")[2] for line in lines)


def has_document(release: Release, iri: str) -> bool:
    """Return whether there is a document about `iri`: the data describe it, or use it."""
    return f"<{iri}> ".encode() in release.data or mentioned(release, iri)


def mentioned(release: Release, iri: str) -> bool:
    """Return whether a quad uses `iri` as object, predicate or graph name."""
    return f"<{iri}>\t".encode() in release.mentions


def count_mentions(release: Release, iri: str) -> Count:
    """Return how many quads use `iri` as object, predicate or graph name; of very many, at least how many."""
    return release.mentions.count(f"<{iri}>\t".encode())


def document(release: Release, iri: str) -> Document:
    """Return the document about `iri` that every format carries alike.

    It holds the description of `iri`, of everything whose IRI lies under it, of the blank nodes these point to, and
    the labels of what else they point to. An IRI that is only mentioned gets the quads that mention it. Raises
    `not-found` where the data never speak of it; reading its quads, `document-too-large`.
    """
    described = f"<{iri}> ".encode() in release.data
    if not (described or mentioned(release, iri)):
        raise Problem("not-found", iri=iri)

    def read() -> Iterator[Quad]:
        limit = MAX_QUADS if described else MAX_MENTIONS
        own = _own(release.data, iri, limit + 1) if described else mentions(release, iri, limit + 1)
        quads = _with_blank_nodes(release.data, own, limit + 1)
        if len(quads) > limit:
            pages = "/describe.html" if described else "/describe/mentions"
            raise Problem("document-too-large", iri=iri[:400], limit=limit, pages=f"{pages}?iri={quote(iri, safe='')}")
        yield from quads
        yield from _labels_of_others(release, quads)

    return Document(iri, described, read)


def undescribed_objects(quads: Collection[Quad]) -> Iterator[NamedNode]:
    """Yield the things that `quads` speak of and do not describe, each once."""
    seen = {quad.subject for quad in quads}
    for quad in quads:
        if isinstance(quad.object, NamedNode) and quad.object not in seen:
            seen.add(quad.object)
            yield quad.object


def _labels_of_others(release: Release, quads: list[Quad]) -> Iterator[Quad]:
    """Yield the labels of the things that `quads` speak of and do not describe.

    The terms of vocabularies have none here: a document would carry the name of every class and property it uses.
    """
    for node in undescribed_objects(quads):
        lines = _lines(release.data, _key(node), (*_NAMES, *_KINDS))
        if not any(line.startswith(_KINDS, len(_key(node))) for line in lines):
            yield from _naming(parse_quads(lines))


def shapes_document(release: Release, iri: str) -> Document:
    """Return the document about the shapes whose IRIs lie under `iri`; raises `not-found` where there are none."""
    quads = _with_blank_nodes(release.shapes, _own(release.shapes, iri, MAX_QUADS), MAX_QUADS)
    if not quads:
        raise Problem("not-found", iri=iri)
    return Document(iri, True, lambda: quads)


MAX_VALUES: Final = 50
"""How many values of a property a page shows."""
MAX_PROPERTIES: Final = 200
"""How many properties of a thing a page shows."""
MAX_PARTS: Final = 100
"""How many parts of a thing a page shows."""
MAX_EXCERPT_QUADS: Final = 1500
"""How many quads a page shows of a thing, and of its parts; the part that reaches it is the last.

A thing with more gets fewer values of each property, rather than fewer properties.
"""
_MAX_COUNTED_PARTS: Final = 200
"""How many parts beyond those shown are counted, by one bisection each."""


@dataclass(frozen=True)
class Excerpt:
    """The quads that a page shows; how many values a property has of which not all are shown, by subject and property.

    `cut` names the subjects that have more properties than are shown. `parts` is how many parts the thing has where not
    all are shown, None where they are. `whole` says that there is nothing else in the document but names of other
    things.
    """

    quads: tuple[Quad, ...]
    more: Mapping[tuple[str, str], Count]
    cut: frozenset[str]
    parts: Count | None
    whole: bool

    @property
    def partial(self) -> frozenset[str]:
        """The subjects of which the data say more than this excerpt does."""
        return self.cut.union(subject for subject, _ in self.more)


def excerpt(release: Release, about: Document) -> Excerpt:
    """Return what a page shows of a document."""
    if not about.described:
        quads = mentions(release, about.iri, MAX_VALUES + 1)
        return _ExcerptReader(release.data, quads[:MAX_VALUES]).excerpt(None, whole=len(quads) <= MAX_VALUES)
    described = _ExcerptReader(release.data)
    described.add(f"<{about.iri}>")
    shown, last = 0, ""
    for last in islice(parts(release, about.iri), MAX_PARTS):
        described.add(f"<{last}>")
        shown += 1
        if len(described.quads) >= MAX_EXCERPT_QUADS:
            break
    beyond = sum(1 for _ in islice(parts(release, about.iri, last), _MAX_COUNTED_PARTS + 1)) if shown else 0
    total = Count(shown + min(beyond, _MAX_COUNTED_PARTS), exact=beyond <= _MAX_COUNTED_PARTS) if beyond else None
    return described.excerpt(total, whole=total is None)


def parts(release: Release, iri: str, after: str = "") -> Iterator[str]:
    """Yield the IRIs of the things that lie under `iri` (`…#x`, then `…/x`), in order, those after `after` alone."""
    since = f"<{after}> ".encode() if after else b""
    for key in (f"<{iri}#".encode(), f"<{iri}/".encode()):
        if since < key:
            line = next(release.data.beginning(key), None)
        elif since.startswith(key):
            line = release.data.next_after(since)
        else:
            continue
        while line is not None and line.startswith(key):
            subject = line[: line.index(b" ") + 1]
            yield subject[1:-2].decode()
            line = release.data.next_after(subject)


@dataclass
class _ExcerptReader:
    """What is read of some subjects: their quads, and what is left of them."""

    data: SortedLines
    quads: list[Quad] = field(default_factory=list)
    more: dict[tuple[str, str], Count] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)

    def add(self, subject: str) -> None:
        """Read the first values of each property of a subject (`<iri>` or `_:name`), and note what is left."""
        key, name = f"{subject} ".encode(), subject.removeprefix("<").removesuffix(">")
        lines = list(islice(self.data.beginning(key), _FEW + 1))
        found = list(
            _counted(lines, key) if len(lines) <= _FEW else islice(_skipped(self.data, key), MAX_PROPERTIES + 1)
        )
        if len(found) > MAX_PROPERTIES:
            self.cut.add(name)
            del found[MAX_PROPERTIES:]
        # Each property keeps its first values; where all together would be too many, every one gets fewer.
        many = sum(min(len(values), MAX_VALUES) for _, values, _ in found) > MAX_EXCERPT_QUADS
        limit = MAX_EXCERPT_QUADS // len(found) if many else MAX_VALUES
        for predicate, values, count in found:
            if len(values) > limit:
                self.more[name, predicate[1:-1].decode()] = count
        self.quads.extend(_quads([line for _, values, _ in found for line in values[:limit]]))

    def excerpt(self, parts: Count | None, *, whole: bool) -> Excerpt:
        """Return the quads with what is said of the blank nodes that they point to, and so on, within bounds."""
        most = len(self.quads) + MAX_EXCERPT_QUADS
        known = {quad.subject for quad in self.quads}
        at = 0
        while at < len(self.quads) < most:
            target = self.quads[at].object
            if isinstance(target, BlankNode) and target not in known:
                known.add(target)
                self.add(str(target))
            at += 1
        found = tuple(dict.fromkeys(self.quads))
        whole = whole and not self.more and not self.cut and len(found) < most
        return Excerpt(found, self.more, frozenset(self.cut), parts, whole)


def _counted(lines: list[bytes], key: bytes) -> Iterator[tuple[bytes, list[bytes], Count]]:
    """Yield each property of a thing with its lines, and how many they are."""
    for predicate, group in groupby(lines, key=lambda line: line[len(key) : line.index(b" ", len(key))]):
        values = list(group)
        yield predicate, values, Count(len(values), exact=True)


def _skipped(data: SortedLines, key: bytes) -> Iterator[tuple[bytes, list[bytes], Count]]:
    """Yield the same for a thing of any size: of each property the first lines, then on to the next."""
    line = next(data.beginning(key), None)
    while line is not None and line.startswith(key):
        every = line[: line.index(b" ", len(key)) + 1]
        values = list(islice(data.beginning(every), MAX_VALUES + 1))
        count = data.count(every) if len(values) > MAX_VALUES else Count(len(values), exact=True)
        yield every[len(key) : -1], values, count
        line = data.next_after(every)


def _quads(lines: list[bytes]) -> list[Quad]:
    """Parse N-Quads lines; they were written from parsed quads."""
    return [quad for quad in parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True) if isinstance(quad, Quad)]
