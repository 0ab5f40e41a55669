"""Withdrawn resources: one sorted file per publication, with the last release that described each; and what was purged."""

import filecmp
import hashlib
import heapq
import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import DCT
from cper_lod.release.release import Release

TOMBSTONES: Final = "gone"
"""The file in the folder of a publication.

A line is `<IRI> <id of the last release that described it>`, followed by the IRIs that replaced it, if that release
stated them.
"""
_REPLACED_BY: Final = f"<{DCT}isReplacedBy> ".encode()
_MAX_REPLACEMENTS: Final = 100
"""Most replacements of a withdrawn resource that are named."""
_PREVIOUS, _CURRENT, _WITHDRAWN = range(3)
_Row = tuple[bytes, int, bytes]


class Tombstone(NamedTuple):
    """A withdrawn resource: the id of the last release that described it, and what replaced it."""

    release: str
    replaced_by: tuple[str, ...]


def write_tombstones(path: Path, previous: Release | None, release: Release, previous_tombstones: Path | None) -> None:
    """Write the resources withdrawn by the publication of `release` after `previous`, and those withdrawn before.

    Merges three sorted files line by line, so memory is constant.
    """
    with path.open("wb") as file:
        if previous or previous_tombstones:  # the first publication cannot withdraw anything
            file.writelines(_lines(previous, release, previous_tombstones))
    if previous_tombstones and filecmp.cmp(path, previous_tombstones, shallow=False):
        link = path.with_name(path.name + ".link")
        with suppress(OSError):  # most publications withdraw nothing
            link.hardlink_to(previous_tombstones)
            link.replace(path)


def _lines(previous: Release | None, release: Release, previous_tombstones: Path | None) -> Iterator[bytes]:
    described = _described(previous) if previous else iter(())
    withdrawn = _withdrawn(previous_tombstones) if previous_tombstones else iter(())
    rows = heapq.merge(described, _subjects(release), withdrawn)
    for subject, group in groupby(rows, key=itemgetter(0)):
        found = {origin: rest for _, origin, rest in group}
        if _CURRENT not in found:
            yield b"%s %s\n" % (subject, found.get(_PREVIOUS) or found[_WITHDRAWN])


def _described(release: Release) -> Iterator[_Row]:
    """Yield the resources a release describes, with the rest of their line if the next release does not."""
    release_id, subject, rest = release.id.encode(), b"", b""
    for line in release.lines():
        if not line.startswith(subject or b"\n"):
            if subject:
                yield subject[:-1], _PREVIOUS, rest
            subject, rest = _subject(line), release_id
        if _REPLACED_BY in line and line.startswith(_REPLACED_BY, len(subject)):
            other = line[len(subject) + len(_REPLACED_BY) :].split(b" ", 1)[0]
            if other.startswith(b"<") and other not in rest.split(b" "):
                rest += b" " + other
    if subject:
        yield subject[:-1], _PREVIOUS, rest


def _subjects(release: Release) -> Iterator[_Row]:
    subject = b""
    for line in release.lines():
        if not line.startswith(subject or b"\n") and (subject := _subject(line)):
            yield subject[:-1], _CURRENT, b""


def _subject(line: bytes) -> bytes:
    """Return the IRI that a line describes, in angle brackets, and a space; empty for blank nodes."""
    return line[: line.index(b">") + 2] if line.startswith(b"<") else b""


def _withdrawn(path: Path) -> Iterator[_Row]:
    with path.open("rb") as file:
        for line in file:
            subject, _, rest = line.rstrip(b"\n").partition(b" ")
            yield subject, _WITHDRAWN, rest


def find_tombstone(path: Path, iri: str, release: Release) -> Tombstone | None:
    """Return the tombstone of `iri` in the file at `path`, None if it is still described or never was.

    Replacements are those that its last release stated (`dct:isReplacedBy`), and those that `release`, of this
    publication, states (`dct:replaces`).
    """
    key = f"<{iri}> ".encode()
    with path.open("rb") as file:
        line = next((line for line in file if line.startswith(key)), None)
    if line is None:
        return None
    last, *replaced = line.removeprefix(key).decode().rstrip("\n").split(" ")
    stated = release.triples.referring(DCT + "replaces", iri, _MAX_REPLACEMENTS)
    replaced += [str(quad.subject) for quad in stated if isinstance(quad.subject, NamedNode)]
    return Tombstone(last, tuple(dict.fromkeys(each[1:-1] for each in replaced)))


PURGE: Final = "purge.json"
"""The file in the folder of a publication that was a purge."""
_DIGITS: Final = 6
"""Hexadecimal digits of the digest of a purged IRI: so few that it stands for many numbers of bodies, not for one."""


class Purge(NamedTuple):
    """What a purge removed, without its content: what kind of thing, when (seconds since 1970), why (by language).

    `releases` are the ids of the releases that went, `digests` stand for the IRIs, `token` for the command.
    """

    kind: str
    at: int
    reasons: dict[str, str]
    releases: list[str]
    digests: list[str]
    token: str

    def reason(self, lang: str) -> str:
        """Return the reason in a language, else in another one."""
        return self.reasons.get(lang) or next(iter(self.reasons.values()))


def purged_digest(iri: str) -> str:
    """Return what stands for a purged IRI."""
    return hashlib.sha256(iri.encode()).hexdigest()[:_DIGITS]


def read_purge(folder: Path) -> Purge:
    """Return the record of a purge in the folder of its publication; raises `history-damaged`."""
    try:
        return Purge(**json.loads((folder / PURGE).read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise Problem("history-damaged", path=folder / PURGE, message=error) from error


def write_purge(folder: Path, purge: Purge) -> None:
    """Write the record of a purge; raises OSError."""
    (folder / PURGE).write_text(json.dumps(purge._asdict(), ensure_ascii=False, indent=1) + "\n", "utf-8")
