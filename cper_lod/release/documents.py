"""What a release says of one IRI: its description, its parts, and the names of what else it points to."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import Final
from urllib.parse import quote

from pyoxigraph import BlankNode, NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import LABELS, RDF, RDFS
from cper_lod.rdf.graph import Node
from cper_lod.release.release import Release
from cper_lod.release.storage.nodes import parsed
from cper_lod.release.storage.sorted_lines import Count, SortedLines

VOCABULARY: Final = (NamedNode(RDF + "Property"), NamedNode(RDFS + "Class"))
"""The classes of what vocabularies define."""
LARGEST: Final = 120_000
"""How many quads a document holds at most, the names of other things apart; more are read page by page."""
MOST_MENTIONS: Final = 10_000
"""The same for an IRI that the data only mention."""
_FEW: Final = 200
"""Lines about one thing that are read to find its names; of a thing with more, its names are found by bisection."""
_NAMES: Final = tuple(f"<{name}> ".encode() for name in LABELS)
_KINDS: Final = tuple(f"<{RDF}type> {each} ".encode() for each in VOCABULARY)


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
    return _naming(parsed(_lines(release.data, f"<{iri}> ".encode(), _NAMES)))


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
    return list(dict.fromkeys(parsed(found)))


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
    return parsed(islice(chain.from_iterable(map(lines.beginning, keys)), limit))


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
            quads.extend(parsed(islice(lines.beginning(_key(target)), limit)))
        at += 1
    return quads


def mentions(release: Release, iri: str, limit: int | None = None) -> list[Quad]:
    """Return the quads that use `iri` as object, predicate or graph name, at most `limit` of them."""
    lines = islice(release.mentions.beginning(f"<{iri}>\t".encode()), limit)
    return parsed(line.partition(b"\t")[2] for line in lines)


def speaks_of(release: Release, iri: str) -> bool:
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
        limit = LARGEST if described else MOST_MENTIONS
        own = _own(release.data, iri, limit + 1) if described else mentions(release, iri, limit + 1)
        quads = _with_blank_nodes(release.data, own, limit + 1)
        if len(quads) > limit:
            pages = "/describe.html" if described else "/describe/mentions"
            raise Problem("document-too-large", iri=iri[:400], limit=limit, pages=f"{pages}?iri={quote(iri, safe='')}")
        yield from quads
        yield from _labels_of_others(release, quads)

    return Document(iri, described, read)


def others(quads: Collection[Quad]) -> Iterator[NamedNode]:
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
    for node in others(quads):
        lines = _lines(release.data, _key(node), (*_NAMES, *_KINDS))
        if not any(line.startswith(_KINDS, len(_key(node))) for line in lines):
            yield from _naming(parsed(lines))


def shapes_document(release: Release, iri: str) -> Document:
    """Return the document about the shapes whose IRIs lie under `iri`; raises `not-found` where there are none."""
    quads = _with_blank_nodes(release.shapes, _own(release.shapes, iri, LARGEST), LARGEST)
    if not quads:
        raise Problem("not-found", iri=iri)
    return Document(iri, True, lambda: quads)
