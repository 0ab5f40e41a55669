"""Withdrawn resources: one file per publication, with the last release that described each; and what was purged."""

import filecmp
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import DCT
from cper_lod.release.files import reading_history
from cper_lod.release.history.comparison import OnDifference
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import lines_of

TOMBSTONES: Final = "gone"
"""The file in the folder of a publication.

A line is `<IRI> <id of the last release that described it>`, followed by the IRIs that replaced it, if that release
stated them.
"""
_REPLACED_BY: Final = f" <{DCT}isReplacedBy> ".encode()
_MAX_REPLACEMENTS: Final = 100
"""Most replacements of a withdrawn resource that are named."""


class Tombstone(NamedTuple):
    """A withdrawn resource: the id of the last release that described it, and what replaced it."""

    release: str
    replaced_by: tuple[str, ...]


@contextmanager
def written(path: Path, known: Path | None, release: Release, last: str | None) -> Iterator[OnDifference]:
    """Write the resources withdrawn before, those of the file `known`, unless `release` describes them again, and those withdrawn now.

    What is yielded is to be called within, for the comparison of the release with the id `last` with `release`. Without `last`
    there is no comparison: then each resource of `known` is looked up. Raises OSError.
    """
    gone, back = set(map(_resource, lines_of(known))) if known and last else set[bytes](), set[bytes]()

    def is_described(resource: bytes) -> bool:
        return release.triples.describes(resource[1:-1].decode())

    with path.open("wb") as file:

        def note(resource: bytes, old: list[bytes], new: list[bytes]) -> None:
            if resource in gone:
                back.update([resource] if new else ())
            elif resource.startswith(b"<") and old and not is_described(resource):
                start = resource + _REPLACED_BY
                targets = (line[len(start) :].split(b" ", 1)[0] for line in old if line.startswith(start))
                replaced = dict.fromkeys(target for target in targets if target.startswith(b"<"))
                file.write(b" ".join([resource, str(last).encode(), *replaced]) + b"\n")

        yield note
        if known:
            with known.open("rb") as before:
                is_back = back.__contains__ if last else is_described
                file.writelines(line for line in before if not is_back(_resource(line)))
    if known and filecmp.cmp(path, known, shallow=False):
        link = path.with_name(path.name + ".link")
        with suppress(OSError):  # most publications withdraw nothing
            link.hardlink_to(known)
            link.replace(path)


def _resource(line: bytes) -> bytes:
    """Return the IRI of a line of the file, in angle brackets."""
    return line[: line.index(b">") + 1]


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
    with reading_history(folder / PURGE):
        return Purge(**json.loads((folder / PURGE).read_bytes()))


def write_purge(folder: Path, purge: Purge) -> None:
    """Write the record of a purge; raises OSError."""
    (folder / PURGE).write_text(json.dumps(purge._asdict(), ensure_ascii=False, indent=1) + "\n", "utf-8")
