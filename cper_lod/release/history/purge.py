"""Purges: publishes the sources without a thing, then removes each earlier release that has it, and what the history says of it.

The order makes a purge that breaks off safe: it is recorded first and forgotten last, so that it can be run again, and no
release that has the thing is reachable once the next publication is there.
"""

import json
import os
import re
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.files import atomic_write, disk_errors
from cper_lod.core.namespaces import CPER, FOAF, ORG, PROV, SKOS, SUBV, expand
from cper_lod.core.settings import Settings
from cper_lod.release.build.build import build, find_built, sources_fingerprint
from cper_lod.release.files import reading_history
from cper_lod.release.history import rejection
from cper_lod.release.history.changes import CHANGES
from cper_lod.release.history.history import History
from cper_lod.release.history.tombstones import TOMBSTONES, Purge, purged_digest, read_purge, write_purge
from cper_lod.release.jobs.locks import discard, exclusive_lock, sweep_all
from cper_lod.release.jobs.progress import Progress
from cper_lod.release.release import DATA, MANIFEST, Release
from cper_lod.release.storage.quad_file import gzip_lines

PENDING: Final = ".purge.json"
"""The file in the folder of releases with a purge under way: what it is of is known there until it is done."""
NAMES: Final = frozenset({SKOS + "prefLabel", SKOS + "altLabel", FOAF + "name"})
NUMBERS: Final = frozenset(expand("cper:siren cper:siret subv:rna subv:siretBeneficiaire subv:siretAttribuant"))
"""The properties with the names and the numbers of bodies."""
_BENEFICIARY: Final = NamedNode(SUBV + "beneficiaire")
_ROW: Final = b"/id/subvention/"
_MAX_ROWS: Final = 10_000_000
"""Subsidies of a file at most."""
PATIENCE: Final = 60.0
"""Seconds that servers have to give up a release that is to be removed; they look for a new one every half second."""
_PAUSE: Final = 0.2


class PurgeRequest(NamedTuple):
    """What is to be purged: `iris` as releases name it, `parts` those of what goes with it; its numbers; why.

    `workbooks` are the files of sources with the cells of a workbook that has its name or its number.
    """

    kind: str
    iri: str
    iris: list[str]
    parts: list[str]
    numbers: list[str]
    reasons: dict[str, str]
    token: str = ""
    workbooks: Sequence[str] = ()


def pending_purge(releases: Path) -> PurgeRequest | None:
    """Return the purge that broke off, None if there is none; raises `history-damaged`."""
    path = releases / PENDING
    if not path.exists():
        return None
    with reading_history(path):
        return PurgeRequest(**json.loads(path.read_bytes()))


def begin_purge(releases: Path, request: PurgeRequest) -> PurgeRequest:
    """Record a purge, before anything is changed, and return it; raises `permission`."""
    request = request._replace(token=os.urandom(8).hex())
    with disk_errors(releases):
        releases.mkdir(parents=True, exist_ok=True)
        atomic_write(releases / PENDING, json.dumps(request._asdict()).encode(), mode=0o600, sync=True)
    return request


def finish_purge(settings: Settings, request: PurgeRequest, on_wait: Callable[[], object], progress: Progress) -> Purge:
    """Publish the sources, which no longer have what is purged, and remove it from the history; return the record.

    Raises the problems of reading, `ValidationFailed`, `purge-left` if the sources still name it, and what
    `History.publish` raises; the purge then stays recorded, to be run again.
    """
    releases, marks = settings.releases, _Marks(request)
    with exclusive_lock(releases, on_wait):
        history = History(releases)
        done = [read_purge(history.folder(each)) for each in history.entries() if each.how == "purge"]
        purge = next((each for each in done if each.token == request.token), None)
        folders = sorted(each.parent for each in releases.glob(f"[!.]*/{MANIFEST}"))  # by any version of the program
        holding = [folder for folder in folders if marks.first_in(folder)]
        if purge is None:
            sources = sources_fingerprint(settings.sources)
            release = find_built(releases, sources) or build(releases, settings.sources, progress)
            if left := marks.first_in(release.folder):
                raise Problem("purge-left", statement=left[:400])
            ids = [each for each in {folder.name[:16] for folder in holding} if history.first_publication(each)]
            history.publish(release, "purge", finish=partial(_write_record, request, sorted(ids), marks))
            purge = read_purge(history.folder(history.entries()[-1]))
        _discard(holding)
        _clean_history(history, marks)
        with disk_errors(releases):
            sweep_all(releases)
            for name in (rejection.FILE, PENDING):
                (releases / name).unlink(missing_ok=True)
    return purge


def _discard(folders: Iterable[Path]) -> None:
    """Remove releases, once the servers that read them have gone on to the next one, but in any case after `PATIENCE`."""
    end = time.monotonic() + PATIENCE
    for folder in folders:
        while folder.exists():
            with disk_errors(folder), suppress(BlockingIOError):
                discard(folder, force=time.monotonic() > end)
                break
            time.sleep(_PAUSE)


def _write_record(request: PurgeRequest, releases: list[str], marks: "_Marks", folder: Path, at: int) -> None:
    """Write the record of a purge in the place of the changes of its publication."""
    digests = sorted(set(map(purged_digest, request.iris)))
    write_purge(folder, Purge(request.kind, at, request.reasons, releases, digests, request.token))
    _forget_changes(folder)
    _clean_tombstones(folder, marks)


class Earlier(NamedTuple):
    """What the stored releases say of a thing: its names and numbers, the subsidies that name it, the bodies that got them."""

    names: set[str]
    numbers: set[str]
    subsidies: set[str]
    beneficiaries: set[str]


def in_releases(releases: Path, iris: Collection[str]) -> Earlier:
    """Return what the stored releases of this program say of things."""
    found = Earlier(set(), set(), set(), set())
    for folder in History(releases).stored_folders().values():
        with suppress(OSError, ValueError, LookupError, TypeError, Problem):
            release = Release(folder, json.loads((folder / MANIFEST).read_bytes()))
            for iri in iris:
                for quad in release.triples.about(NamedNode(iri)):
                    if quad.predicate.value in NAMES | NUMBERS:
                        (found.names if quad.predicate.value in NAMES else found.numbers).add(str(quad.object.value))  # type: ignore[union-attr]
                for name in (_BENEFICIARY.value, CPER + "contrat", PROV + "wasDerivedFrom"):
                    rows = release.triples.referring(name, iri, _MAX_ROWS)
                    found.subsidies.update(quad.subject.value for quad in rows if isinstance(quad.subject, NamedNode))
            for row in (*iris, *found.subsidies):
                quads = release.triples.about(NamedNode(row))
                found.beneficiaries.update(str(each.object.value) for each in quads if each.predicate == _BENEFICIARY)  # type: ignore[union-attr]
    return found


def withdrawn_iris(releases: Path) -> set[str]:
    """Return the IRIs that earlier releases described and the current one does not; raises what `History.entries` raises."""
    history = History(releases)
    current = history.current()
    path = history.folder(current) / TOMBSTONES if current else releases / TOMBSTONES
    return (
        {line[1:].partition(b">")[0].decode() for line in path.read_bytes().splitlines()} if path.is_file() else set()
    )


class _Marks:
    """How what is purged is recognised in the lines of files."""

    def __init__(self, request: PurgeRequest) -> None:
        iris = b"|".join(re.escape(each.encode()) for each in request.iris)
        numbers = b"|".join(each.encode() for each in request.numbers) or rb"(?!)"
        properties = b"|".join(re.escape(each.encode()) for each in (*NUMBERS, ORG + "identifier"))
        self._stated = re.compile(rb'<(?:%s)[>/#]|<(?:%s)> "(?:%s)(?:[0-9]{5})?"' % (iris, properties, numbers))
        self._parts = frozenset(each.encode() for each in request.parts)
        self._rows = frozenset(each for each in self._parts if _ROW in each)

    def first_in(self, folder: Path) -> str:
        """Return the first statement of a release that has it, "" if none does; one that cannot be read may have it."""
        try:
            lines = gzip_lines(folder / DATA)
            return next(
                (line.decode() for line in lines if self._stated.search(line) or _subject(line) in self._rows), ""
            )
        except (OSError, EOFError, zlib.error, ValueError) as error:
            return str(error) or type(error).__name__

    def in_tombstone(self, line: bytes) -> bool:
        """Return whether a line about something withdrawn has it, or is about a part of it, or what lies below one."""
        subject = _subject(line)
        above = (subject[: match.start()] for match in re.finditer(rb"[/#]|$", subject))
        return not self._parts.isdisjoint(above) or bool(self._stated.search(line))


def _subject(line: bytes) -> bytes:
    """Return the IRI that a line is about."""
    return line[1:].partition(b">")[0]


def _clean_history(history: History, marks: _Marks) -> None:
    """Remove what the publications tell of it: its tombstones, and the changes from or to a release that is gone, which may have had it."""
    stored, before = {"", *history.stored_folders()}, ""
    for entry in history.entries():
        folder = history.folder(entry)
        with disk_errors(folder):
            if not {before, entry.release} <= stored:
                _forget_changes(folder)
            _clean_tombstones(folder, marks)
        before = entry.release


def _forget_changes(folder: Path) -> None:
    (folder / CHANGES).unlink(missing_ok=True)


def _clean_tombstones(folder: Path, marks: _Marks) -> None:
    path = folder / TOMBSTONES
    if path.is_file() and any(map(marks.in_tombstone, (lines := path.read_bytes()).splitlines())):
        atomic_write(path, b"".join(each for each in lines.splitlines(keepends=True) if not marks.in_tombstone(each)))
