"""What was described once and is no longer: one sorted file for each publication, which says since which release."""

import heapq
from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.release.lines import SortedLines
from cper_lod.release.release import DATA, Release
from cper_lod.terms.namespaces import DCT

GONE: Final = "gone"
"""The name of the file in the folder of a publication; a line is `<IRI> <id of the last release that described it>`,
and the IRIs that it was replaced by where that release said so."""
_REPLACED_BY: Final = f"<{DCT}isReplacedBy>".encode()
_REPLACES: Final = f"<{DCT}replaces>".encode()
_MANY: Final = 1000
"""How many quads that use a withdrawn thing are looked at for what replaced it."""
_Row = tuple[bytes, int, bytes]


class Gone(NamedTuple):
    """That something is no longer described: the id of the last release that did, and what replaced it."""

    release: str
    replaced_by: tuple[str, ...]


def write(path: Path, before: Release | None, after: Release, gone_before: Path | None) -> None:
    """Write what is gone with the publication of `after`, in place of `before`, beside what was gone already.

    Three sorted files are read side by side, a line at a time: it takes as little memory at any size.
    """
    with path.open("wb") as file:
        if before or gone_before:  # at the first publication nothing can be gone
            file.writelines(_lines(before, after, gone_before))


def _lines(before: Release | None, after: Release, gone_before: Path | None) -> Iterator[bytes]:
    old = _subjects(before.folder / DATA, 0) if before else iter(())
    known = _known(gone_before) if gone_before else iter(())
    rows = heapq.merge(old, _subjects(after.folder / DATA, 1), known)
    for subject, group in groupby(rows, key=itemgetter(0)):
        found = {origin: rest for _, origin, rest in group}
        if 1 not in found:
            rest = _last(before, subject) if before and 0 in found else found[2]
            yield b"%s %s\n" % (subject, rest)


def _subjects(data: Path, origin: int) -> Iterator[_Row]:
    """Yield the IRIs that sorted N-Quads describe, in angle brackets, each once."""
    last = b""
    with data.open("rb") as file:
        for line in file:
            if line.startswith(b"<") and not line.startswith(last or b"\n"):
                last = line[: line.index(b">") + 2]
                yield last[:-1], origin, b""


def _known(path: Path) -> Iterator[_Row]:
    with path.open("rb") as file:
        for line in file:
            subject, _, rest = line.rstrip(b"\n").partition(b" ")
            yield subject, 2, rest


def _last(before: Release, subject: bytes) -> bytes:
    """Return the rest of the line of what `before` is the last to describe."""
    key = b"%s %s " % (subject, _REPLACED_BY)
    said = dict.fromkeys(line[len(key) :].split(b" ", 1)[0] for line in before.data.beginning(key))
    return b" ".join([before.digest[:16].encode(), *(each for each in said if each.startswith(b"<"))])


def find(path: Path, iri: str, release: Release) -> Gone | None:
    """Return what the file at `path` tells of `iri`, None where it was never described, or still is.

    Beside what its last release said of what replaced it (`dct:isReplacedBy`) stands what `release`, the one of this
    publication, says (`dct:replaces`), or has learnt since.
    """
    key = f"<{iri}>".encode()
    with SortedLines(path) as lines:
        line = next(lines.beginning(key + b" "), None)
    if line is None:
        return None
    last, *replaced = line.removeprefix(key + b" ").decode().split(" ")
    mentions = (each.partition(b"\t")[2] for each in release.mentions.beginning(key + b"\t"))
    said = (each.split(b" ", 2)[:2] for each in islice(mentions, _MANY))
    replaced += [subject.decode() for subject, predicate in said if predicate == _REPLACES and subject[:1] == b"<"]
    return Gone(last, tuple(dict.fromkeys(each[1:-1] for each in replaced)))
