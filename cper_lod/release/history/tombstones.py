"""What was described once and is no longer: one sorted file for each publication, which says since which release."""

import filecmp
import heapq
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.core.namespaces import DCT
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.release.release import DATA, Release

TOMBSTONES: Final = "gone"
"""The name of the file in the folder of a publication; a line is `<IRI> <id of the last release that described it>`,
and the IRIs that it was replaced by where that release said so."""
_REPLACED_BY: Final = f"<{DCT}isReplacedBy> ".encode()
_REPLACES: Final = f"<{DCT}replaces>".encode()
_MANY: Final = 1000
"""How many quads that use a withdrawn thing are looked at for what replaced it."""
_BEFORE, _NOW, _WITHDRAWN = range(3)
_Row = tuple[bytes, int, bytes]


class Tombstone(NamedTuple):
    """That something is no longer described: the id of the last release that did, and what replaced it."""

    release: str
    replaced_by: tuple[str, ...]


def write_tombstones(path: Path, before: Release | None, after: Release, gone_before: Path | None) -> None:
    """Write what is gone with the publication of `after`, in place of `before`, beside what was gone already.

    Three sorted files are read side by side, a line at a time: it takes as little memory at any size.
    """
    with path.open("wb") as file:
        if before or gone_before:  # at the first publication nothing can be gone
            file.writelines(_lines(before, after, gone_before))
    if gone_before and filecmp.cmp(path, gone_before, shallow=False):
        _share(path, gone_before)


def _share(path: Path, same: Path) -> None:
    """Have two equal files take the room of one, where the disk can: most publications withdraw nothing."""
    link = path.with_name(path.name + ".link")
    with suppress(OSError):
        link.hardlink_to(same)
        link.replace(path)


def _lines(before: Release | None, after: Release, gone_before: Path | None) -> Iterator[bytes]:
    old = _described(before) if before else iter(())
    known = _known(gone_before) if gone_before else iter(())
    rows = heapq.merge(old, _subjects(after.folder / DATA), known)
    for subject, group in groupby(rows, key=itemgetter(0)):
        found = {origin: rest for _, origin, rest in group}
        if _NOW not in found:
            yield b"%s %s\n" % (subject, found.get(_BEFORE) or found[_WITHDRAWN])


def _described(before: Release) -> Iterator[_Row]:
    """Yield what a release describes, each with what its line is to say if the next release does not."""
    own, subject, rest = before.id.encode(), b"", b""
    with (before.folder / DATA).open("rb") as file:
        for line in file:
            if not line.startswith(subject or b"\n"):
                if subject:
                    yield subject[:-1], _BEFORE, rest
                subject, rest = _subject(line), own
            if _REPLACED_BY in line and line.startswith(_REPLACED_BY, len(subject)):
                other = line[len(subject) + len(_REPLACED_BY) :].split(b" ", 1)[0]
                if other.startswith(b"<") and other not in rest.split(b" "):
                    rest += b" " + other
    if subject:
        yield subject[:-1], _BEFORE, rest


def _subjects(data: Path) -> Iterator[_Row]:
    subject = b""
    with data.open("rb") as file:
        for line in file:
            if not line.startswith(subject or b"\n") and (subject := _subject(line)):
                yield subject[:-1], _NOW, b""


def _subject(line: bytes) -> bytes:
    """Return the IRI that a line describes, in angle brackets, with the blank after it; nothing of a nameless thing."""
    return line[: line.index(b">") + 2] if line.startswith(b"<") else b""


def _known(path: Path) -> Iterator[_Row]:
    with path.open("rb") as file:
        for line in file:
            subject, _, rest = line.rstrip(b"\n").partition(b" ")
            yield subject, _WITHDRAWN, rest


def find_tombstone(path: Path, iri: str, release: Release) -> Tombstone | None:
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
    return Tombstone(last, tuple(dict.fromkeys(each[1:-1] for each in replaced)))
