"""What a release says of one IRI: its description, its parts, and the names of what else it points to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from cper_lod.release.lines import SortedLines
from cper_lod.release.release import Release
from cper_lod.terms.namespaces import LABELS, RDF, RDFS
from cper_lod.terms.problems import Problem

Node = NamedNode | BlankNode
VOCABULARY: Final = (NamedNode(RDF + "Property"), NamedNode(RDFS + "Class"))
"""The classes of what vocabularies define."""


def _quads(lines: Iterable[bytes]) -> list[Quad]:
    """Parse N-Quads lines; they were written from parsed quads, so nothing needs checking again."""
    return list(parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True))


def _key(node: Node) -> bytes:
    """Return how a line about `node` begins; the space keeps `<…/axe/1>` from matching `<…/axe/10>`."""
    return f"{node} ".encode()


@dataclass(frozen=True)
class Document:
    """The quads of a document about `iri`; `described` is False where the data only mention it."""

    iri: str
    quads: tuple[Quad, ...]
    described: bool


def labels(release: Release, iri: str) -> list[Quad]:
    """Return the quads that name `iri`: those of the best label property it has, in every language."""
    return _naming(_quads(release.data.beginning(f"<{iri}> ".encode())))


def _naming(quads: list[Quad]) -> list[Quad]:
    for name in LABELS:
        named = [quad for quad in quads if quad.predicate.value == name]
        if named:
            return named
    return []


def _own(lines: SortedLines, iri: str) -> list[Quad]:
    """Return the quads about `iri` and about everything whose IRI lies under its own (`…/x`, `…#x`).

    What lies under an IRI that nothing is said of belongs to no document: `https://example.org` names no resource.
    """
    found = list(lines.beginning(f"<{iri}> ".encode()))
    for key in (f"<{iri}/", f"<{iri}#") if found else ():
        found.extend(lines.beginning(key.encode()))
    return _quads(found)


def _with_blank_nodes(lines: SortedLines, quads: list[Quad]) -> list[Quad]:
    """Return `quads` and, again and again, the descriptions of the blank nodes they point to."""
    known = {quad.subject for quad in quads}
    at = 0
    while at < len(quads):
        target = quads[at].object
        if isinstance(target, BlankNode) and target not in known:
            known.add(target)
            quads.extend(_quads(lines.beginning(_key(target))))
        at += 1
    return quads


def mentions(release: Release, iri: str, limit: int | None = None) -> list[Quad]:
    """Return the quads that use `iri` as object, predicate or graph name, at most `limit` of them."""
    lines = islice(release.mentions.beginning(f"<{iri}>\t".encode()), limit)
    return _quads(line.partition(b"\t")[2] for line in lines)


def speaks_of(release: Release, iri: str) -> bool:
    """Return whether there is a document about `iri`: the data describe it, or use it."""
    return f"<{iri}> ".encode() in release.data or f"<{iri}>\t".encode() in release.mentions


def count_mentions(release: Release, iri: str) -> int:
    """Return how many quads use `iri` as object, predicate or graph name."""
    return sum(1 for _ in release.mentions.beginning(f"<{iri}>\t".encode()))


def document(release: Release, iri: str) -> Document:
    """Return the document about `iri` that every format carries alike.

    It holds the description of `iri`, of everything whose IRI lies under it, of the blank nodes these point to, and
    the labels of what else they point to. An IRI that is only mentioned gets the quads that mention it. Raises
    `not-found` where the data never speak of it.
    """
    own = _with_blank_nodes(release.data, _own(release.data, iri))
    described = bool(own)
    quads = own or _with_blank_nodes(release.data, mentions(release, iri))
    if not quads:
        raise Problem("not-found", iri=iri)
    return Document(iri, tuple(dict.fromkeys((*quads, *_labels_of_others(release, quads)))), described)


def _labels_of_others(release: Release, quads: list[Quad]) -> Iterator[Quad]:
    """Yield the labels of the things that `quads` speak of and do not describe, each once.

    The terms of vocabularies have none here: a document would carry the name of every class and property it uses.
    """
    seen = {quad.subject for quad in quads}
    for quad in quads:
        node = quad.object
        if not isinstance(node, NamedNode) or node in seen:
            continue
        seen.add(node)
        described = _quads(release.data.beginning(_key(node)))
        if not any(each.predicate.value == RDF + "type" and each.object in VOCABULARY for each in described):
            yield from _naming(described)


def shapes_document(release: Release, iri: str) -> Document:
    """Return the document about the shapes whose IRIs lie under `iri`; raises `not-found` where there are none."""
    quads = _with_blank_nodes(release.shapes, _own(release.shapes, iri))
    if not quads:
        raise Problem("not-found", iri=iri)
    return Document(iri, tuple(quads), described=True)


def label(quads: Iterable[Quad], lang: str) -> str | None:
    """Return the best label among `quads` for a reader of `lang`: best property, then `lang`, French, none, any."""
    ranked = [
        ((LABELS.index(quad.predicate.value), (lang, "fr", None).index(tag) if tag in (lang, "fr", None) else 3), quad)
        for quad in quads
        if quad.predicate.value in LABELS and isinstance(quad.object, Literal)
        for tag in [quad.object.language]
    ]
    if not ranked:
        return None
    best = min(ranked, key=lambda pair: pair[0])[1].object
    return best.value if isinstance(best, Literal) else None
