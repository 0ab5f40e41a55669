"""What a page shows of a document: the first values of each property and the first parts, at one cost for any size."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final

from pyoxigraph import BlankNode, Quad, RdfFormat, parse

from cper_lod.release.lines import Count, SortedLines
from cper_lod.release.release import Release
from cper_lod.release.resource import Document, mentions

VALUES: Final = 50
"""How many values of a property a page shows."""
PROPERTIES: Final = 200
"""How many properties of a thing a page shows."""
PARTS: Final = 100
"""How many parts of a thing a page shows."""
QUADS: Final = 1500
"""How many quads a page shows of the parts of a thing; the part that reaches it is the last."""
_FEW: Final = 200
"""Lines about one thing that are read one after the other; of a thing with more, each property is looked for."""
_COUNTED: Final = 200
"""How many parts beyond those shown are counted, by one bisection each."""


@dataclass(frozen=True)
class Excerpt:
    """The quads that a page shows; how many values a property has of which not all are shown, by subject and property.

    `parts` is how many parts the thing has where not all are shown, None where they are. `whole` says that there is
    nothing else in the document but names of other things.
    """

    quads: tuple[Quad, ...]
    more: Mapping[tuple[str, str], Count]
    parts: Count | None
    whole: bool


def excerpt(release: Release, about: Document) -> Excerpt:
    """Return what a page shows of a document."""
    data, quads, more = release.data, list[Quad](), dict[tuple[str, str], Count]()
    if not about.described:
        quads = mentions(release, about.iri, VALUES + 1)
        whole = len(quads) <= VALUES
        return _excerpt(data, quads[:VALUES], more, None, whole=whole)
    _describe(data, f"<{about.iri}>", quads, more)
    shown, last = 0, ""
    for last in islice(parts(release, about.iri), PARTS):
        _describe(data, f"<{last}>", quads, more)
        shown += 1
        if len(quads) >= QUADS:
            break
    beyond = sum(1 for _ in islice(parts(release, about.iri, last), _COUNTED + 1)) if shown else 0
    total = Count(shown + min(beyond, _COUNTED), exact=beyond <= _COUNTED) if beyond else None
    return _excerpt(data, quads, more, total, whole=total is None)


def _excerpt(
    data: SortedLines, quads: list[Quad], more: dict[tuple[str, str], Count], total: Count | None, *, whole: bool
) -> Excerpt:
    most = len(quads) + QUADS
    found = tuple(dict.fromkeys(_with_blank_nodes(data, quads, more, most)))
    return Excerpt(found, more, total, whole and not more and len(found) < most)


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


def _describe(data: SortedLines, subject: str, quads: list[Quad], more: dict[tuple[str, str], Count]) -> None:
    """Add the first values of each property of a subject (`<iri>` or `_:name`) to `quads`, to `more` what is left."""
    key = f"{subject} ".encode()
    lines = list(islice(data.beginning(key), _FEW + 1))
    found: list[bytes] = []
    for predicate, values, count in _counted(lines, key) if len(lines) <= _FEW else _skipped(data, key):
        found += values[:VALUES]
        if len(values) > VALUES:
            more[subject.removeprefix("<").removesuffix(">"), predicate[1:-1].decode()] = count
    quads.extend(_quads(found))


def _counted(lines: list[bytes], key: bytes) -> Iterator[tuple[bytes, list[bytes], Count]]:
    """Yield each property of a thing with its lines, and how many they are."""
    for predicate, group in groupby(lines, key=lambda line: line[len(key) : line.index(b" ", len(key))]):
        values = list(group)
        yield predicate, values, Count(len(values), exact=True)


def _skipped(data: SortedLines, key: bytes) -> Iterator[tuple[bytes, list[bytes], Count]]:
    """Yield the same for a thing of any size, `PROPERTIES` at most: of each the first lines, then on to the next."""
    line = next(data.beginning(key), None)
    for _ in range(PROPERTIES):
        if line is None or not line.startswith(key):
            return
        every = line[: line.index(b" ", len(key)) + 1]
        values = list(islice(data.beginning(every), VALUES + 1))
        yield (
            every[len(key) : -1],
            values,
            data.count(every) if len(values) > VALUES else Count(len(values), exact=True),
        )
        line = data.next_after(every)


def _quads(lines: list[bytes]) -> list[Quad]:
    """Parse N-Quads lines; they were written from parsed quads."""
    return [quad for quad in parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True) if isinstance(quad, Quad)]


def _with_blank_nodes(
    data: SortedLines, quads: list[Quad], more: dict[tuple[str, str], Count], most: int
) -> list[Quad]:
    """Return `quads` and what is said of the blank nodes that they point to, and so on, until there are `most`."""
    known = {quad.subject for quad in quads}
    at = 0
    while at < len(quads) < most:
        target = quads[at].object
        if isinstance(target, BlankNode) and target not in known:
            known.add(target)
            _describe(data, str(target), quads, more)
        at += 1
    return quads
