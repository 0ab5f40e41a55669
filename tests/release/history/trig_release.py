"""Releases of a few triples and a history of them, written without a build: for what compares and tells."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from cper_lod.core.names import PROGRAM
from cper_lod.release.build import indexes
from cper_lod.release.history.changes import write_changes
from cper_lod.release.history.history import ENTRY, FOLDER, History, Publication, PublicationKind
from cper_lod.release.release import DATA, INDEX, MANIFEST, SITE, Release
from cper_lod.release.storage.dumps import write_gzip
from tests.support.nquads_release import PREFIX_LINES


def release_of_trig(folder: Path, text: str) -> Release:
    """Return a release that holds what TriG says."""
    lines = {
        f"{quad} .".encode()
        for quad in parse(f"{PREFIX_LINES}@prefix : <http://e.org/> .\n{text}".encode(), RdfFormat.TRIG)
    }
    return release_of_lines(folder, lines)


def release_of_lines(folder: Path, lines: Iterable[bytes]) -> Release:
    """Return a release that holds lines of N-Quads."""
    data = sorted(lines)
    digest = hashlib.sha256(b"\n".join(data)).hexdigest()
    place = folder / f"{digest[:16]}-small"
    if not place.exists():
        (place / DATA).parent.mkdir(parents=True)
        plain = place / "plain.nq"
        plain.write_bytes(b"".join(line + b"\n" for line in data))
        write_gzip(data, place / DATA)
        indexes.load_store(plain, place / INDEX)
        indexes.write_lists(plain, place / SITE)
        plain.unlink()
    manifest = {
        "digest": digest,
        "program": "release_of_trig",
        "sources": "s",
        "sealed": 0,
        "mode": "contract",
        "address": PROGRAM.address,
    }
    (place / MANIFEST).write_text(json.dumps(manifest))
    return Release(place, manifest)


def history_of(folder: Path, releases: Sequence[Release], back: int = -1, since: int = 1_700_000_000) -> History:
    """Return a history in which releases were served one after the other; the one at place `back` by going back."""
    for place, release in enumerate(releases):
        own = folder / FOLDER / f"{place + 1:06}"
        own.mkdir(parents=True)
        if place:
            write_changes(own, releases[place - 1], release, lambda *_: None)
        how: PublicationKind = "rollback" if place == back else "build"
        entry = Publication(place + 1, release.id, release.digest, since + 86_400 * place, how, "release_of_trig", "s")
        (own / ENTRY).write_text(json.dumps(entry._asdict()))
    return History(folder)
