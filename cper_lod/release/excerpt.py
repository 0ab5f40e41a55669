"""What a page shows of a document: the first values of each property and the first parts, at one cost for any size."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Final

from pyoxigraph import BlankNode, Quad, RdfFormat, parse

from cper_lod.release.documents import Document, mentions
from cper_lod.release.release import Release
from cper_lod.release.storage.sorted_lines import Count, SortedLines

VALUES: Final = 50
"""How many values of a property a page shows."""
PROPERTIES: Final = 200
"""How many properties of a thing a page shows."""
PARTS: Final = 100
"""How many parts of a thing a page shows."""
QUADS: Final = 1500
"""How many quads a page shows of a thing, and of its parts; the part that reaches it is the last.

A thing with more gets fewer values of each property, rather than fewer properties.
"""
_FEW: Final = 200
"""Lines about one thing that are read one after the other; of a thing with more, each property is looked for."""
_COUNTED: Final = 200
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
        quads = mentions(release, about.iri, VALUES + 1)
        return _Described(release.data, quads[:VALUES]).excerpt(None, whole=len(quads) <= VALUES)
    described = _Described(release.data)
    described.add(f"<{about.iri}>")
    shown, last = 0, ""
    for last in islice(parts(release, about.iri), PARTS):
        described.add(f"<{last}>")
        shown += 1
        if len(described.quads) >= QUADS:
            break
    beyond = sum(1 for _ in islice(parts(release, about.iri, last), _COUNTED + 1)) if shown else 0
    total = Count(shown + min(beyond, _COUNTED), exact=beyond <= _COUNTED) if beyond else None
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
class _Described:
    """What is read of some subjects: their quads, and what is left of them."""

    data: SortedLines
    quads: list[Quad] = field(default_factory=list)
    more: dict[tuple[str, str], Count] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)

    def add(self, subject: str) -> None:
        """Read the first values of each property of a subject (`<iri>` or `_:name`), and note what is left."""
        key, name = f"{subject} ".encode(), subject.removeprefix("<").removesuffix(">")
        lines = list(islice(self.data.beginning(key), _FEW + 1))
        found = list(_counted(lines, key) if len(lines) <= _FEW else islice(_skipped(self.data, key), PROPERTIES + 1))
        if len(found) > PROPERTIES:
            self.cut.add(name)
            del found[PROPERTIES:]
        # Each property keeps its first values; where all together would be too many, every one gets fewer.
        many = sum(min(len(values), VALUES) for _, values, _ in found) > QUADS
        limit = QUADS // len(found) if many else VALUES
        for predicate, values, count in found:
            if len(values) > limit:
                self.more[name, predicate[1:-1].decode()] = count
        self.quads.extend(_quads([line for _, values, _ in found for line in values[:limit]]))

    def excerpt(self, parts: Count | None, *, whole: bool) -> Excerpt:
        """Return the quads with what is said of the blank nodes that they point to, and so on, within bounds."""
        most = len(self.quads) + QUADS
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
        values = list(islice(data.beginning(every), VALUES + 1))
        count = data.count(every) if len(values) > VALUES else Count(len(values), exact=True)
        yield every[len(key) : -1], values, count
        line = data.next_after(every)


def _quads(lines: list[bytes]) -> list[Quad]:
    """Parse N-Quads lines; they were written from parsed quads."""
    return [quad for quad in parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True) if isinstance(quad, Quad)]
