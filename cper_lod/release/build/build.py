"""Building a release: read, validate, describe, index, seal; what does not conform is refused and nothing is lost."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from cper_lod.core.errors import Problem
from cper_lod.core.files import atomic_write
from cper_lod.rdf.report import Report
from cper_lod.release import release as layout
from cper_lod.release.build.artifacts import json_bytes, make_manifest, write_artifacts
from cper_lod.release.check.check import check
from cper_lod.release.jobs.digests import digest_cache
from cper_lod.release.jobs.locks import build_directory, exclusive_lock
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.release import Release, ReleaseMode, open_release, program_id
from cper_lod.release.sources.files import data_files, fingerprint, source_files
from cper_lod.release.sources.read import Sources, read_data, read_sources


class ValidationFailed(Exception):
    """The sources do not conform: nothing was sealed; `report` says why."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.problem = Problem("not-conforming", count=report.count("violation"))
        super().__init__(str(self.problem))


def ensure_release(
    releases: Path,
    folder: Path,
    data: tuple[Path, ...] = (),
    on_wait: Callable[[], object] = lambda: None,
    progress: Progress = SILENT,
) -> tuple[Release, bool]:
    """Return the release of the sources in `folder` (or of the files in `data`), and whether it had to be built.

    A sealed release is reused where the sources are the same to the byte and this very program made it. It is sealed
    only, not published: see `release.publishing`. `on_wait` is called where another builds, `progress` is told how far it
    is. Raises the problems of reading, `permission`, and `ValidationFailed`.
    """
    if found := find_built(releases, sources_fingerprint(folder, data, releases=releases)):
        digest_cache(releases).save()
        return found, False
    with exclusive_lock(releases, on_wait):
        if found := find_built(releases, sources_fingerprint(folder, data, releases=releases)):
            return found, False
        return (build_data(releases, folder, data, progress) if data else build(releases, folder, progress)), True


def sources_fingerprint(folder: Path, data: tuple[Path, ...] = (), *, releases: Path | None = None) -> str:
    """Return the fingerprint of the sources in `folder`, or of the files in `data`; raises the problems of reading.

    A large file of which something is remembered beside the `releases` is not read again where it has not changed.
    """
    known = digest_cache(releases) if releases else None
    if data:
        return fingerprint(data_files(data, folder), None, known)
    if not folder.is_dir():
        raise Problem("source-missing", path=folder)
    return fingerprint(source_files(folder), folder, known)


def find_built(releases: Path, sources: str) -> Release | None:
    """Return the whole release that this program made from sources of this fingerprint, None where there is none."""
    ours = program_id()
    for manifest in sorted(releases.glob(f"[!.]*/{layout.MANIFEST}")):
        try:
            row = json.loads(manifest.read_bytes())
            if row["sources"] == sources and row["program"] == ours:
                return open_release(manifest.parent)
        except (Problem, OSError, ValueError, KeyError, TypeError):
            continue  # a damaged release is not reused: it is built again in its place
    return None


def build(releases: Path, folder: Path, progress: Progress = SILENT) -> Release:
    """Read, validate and seal the sources in `folder`; return the release. The caller holds the lock, or builds alone.

    `progress` is told how far it is. Raises the problems of reading, `permission`, and `ValidationFailed` where a finding is a
    violation.
    """
    with _new_build_directory(releases) as aside:
        mark = partial(sources_fingerprint, folder, releases=releases)
        read = partial(read_sources, folder, temp_parent=aside, progress=progress)
        before, sources = _read_unchanged(mark, read)
        report = check(sources, progress, releases)
        if not report.conforms:
            raise ValidationFailed(report)
        place = _write_release(aside, sources, report, "contract", before, progress)
    return open_release(place)


def build_data(releases: Path, folder: Path, data: tuple[Path, ...], progress: Progress = SILENT) -> Release:
    """Seal the files in `data` exactly as given, nothing added and nothing validated; return the release."""
    with _new_build_directory(releases) as aside:
        mark = partial(sources_fingerprint, folder, data, releases=releases)
        read = partial(read_data, data, folder, temp_parent=aside, progress=progress)
        before, sources = _read_unchanged(mark, read)
        place = _write_release(aside, sources, Report(), "data", before, progress)
    return open_release(place)


@contextmanager
def _new_build_directory(releases: Path) -> Iterator[Path]:
    """Make a folder to build in; raises `permission` where the disk refuses what is done there."""
    try:
        with build_directory(releases) as aside:
            yield aside
    except OSError as error:
        raise Problem("permission", path=error.filename or releases, message=error.strerror or error) from error
    except sqlite3.OperationalError as error:  # so SQLite tells that the disk is full: the index of the search
        raise Problem("permission", path=releases, message=error) from error


def _read_unchanged(mark: Callable[[], str], read: Callable[[], Sources]) -> tuple[str, Sources]:
    """Return the fingerprint of the sources with what was read; read again where a file was edited meanwhile."""
    before = mark()
    while True:
        sources = read()
        after = mark()
        if after == before:
            return before, sources
        sources.statements.temp_dir.remove()
        before = after


def _write_release(
    aside: Path, sources: Sources, report: Report, mode: ReleaseMode, source_digest: str, progress: Progress
) -> Path:
    """Write a release aside, then move it to its place in one step; return that. Raises OSError."""
    graphs = write_artifacts(aside, sources, report, mode, progress)
    sources.statements.temp_dir.remove()
    progress.begin("seal")
    manifest = make_manifest(aside, sources, mode, source_digest, graphs)
    (aside / layout.MANIFEST).write_bytes(json_bytes(manifest))
    aside.chmod(0o755)
    place = aside.parent / f"{manifest['digest'][:16]}-{manifest['program'].rpartition('+')[2]}"
    _move_into_place(aside, place, manifest)
    progress.end("seal")
    return place


def _move_into_place(aside: Path, place: Path, manifest: dict[str, Any]) -> None:
    """Put the new release in its place; an equal one that is already there is kept, a damaged one gives way.

    Another build may do the same at the same moment: whoever comes second finds the place taken and looks again.
    """
    old = aside.with_name(f"{aside.name}-old")
    for _ in range(10):
        # First, and not after a look: what was not there a moment ago may be there now, and is good then.
        with suppress(OSError):
            aside.rename(place)
            return
        with suppress(Problem):
            there = dict(open_release(place).manifest)
            if there["sources"] != manifest["sources"]:  # other files, of which the same release is made
                merged = json_bytes({**there, "sources": manifest["sources"]})
                atomic_write(place / layout.MANIFEST, merged, temp_dir=aside)
            return
        with suppress(FileNotFoundError):
            place.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    aside.rename(place)
