"""Builds a release: read, validate, describe, index; sources that do not conform are rejected and nothing is lost."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cper_lod.core.config import MAX_DRIFT, now
from cper_lod.core.errors import Problem
from cper_lod.core.files import disk_errors, flush, set_modes
from cper_lod.rdf.report import Report
from cper_lod.release import release as layout
from cper_lod.release.jobs.locks import build_directory, discard, exclusive_lock, fsync_tree
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.release import Release, ReleaseMode, open_release, program_id
from cper_lod.release.sources.files import data_files, fingerprint, source_files
from cper_lod.release.sources.writing import settle

if TYPE_CHECKING:
    from cper_lod.release.sources.read import Sources


class ValidationFailed(Exception):
    """The sources do not conform and no release was built; `report` has the findings."""

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
    """Return the release of the sources in `folder` (or of the files in `data`), and whether it was just built.

    An existing release is reused if the sources are identical and this program built it. The release is not
    published: see `history.publish`. `on_wait` is called if another build is running. Raises the problems of reading,
    `permission`, `check-timeout`, and `ValidationFailed`.
    """
    if found := find_built(releases, sources_fingerprint(folder, data)):
        return found, False
    with exclusive_lock(releases, on_wait):
        if found := find_built(releases, sources_fingerprint(folder, data)):
            return found, False
        return build(releases, folder, progress, data), True


def sources_fingerprint(folder: Path, data: tuple[Path, ...] = ()) -> str:
    """Return the fingerprint of the sources in `folder`, or of the files in `data`; raises the problems of reading."""
    if data:
        return fingerprint(data_files(data, folder))
    if not folder.is_dir():
        raise Problem("source-missing", path=folder)
    settle(folder)
    return fingerprint(source_files(folder), folder)


def find_built(releases: Path, sources: str) -> Release | None:
    """Return the undamaged release that this program built from sources with this fingerprint, None if there is none.

    One that was built in the future, by a wrong clock, is built again for its date. Raises `permission` if it cannot be read.
    """
    program = program_id()
    for manifest in sorted(releases.glob(f"[!.]*/{layout.MANIFEST}")):
        try:
            row = json.loads(manifest.read_bytes())
            if row["sources"] == sources and row["program"] == program and row["sealed"] <= now() + MAX_DRIFT:
                return open_release(manifest.parent)
        except Problem as problem:
            if problem.kind.code in ("permission", "resources"):  # it may be whole
                raise
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a damaged release is built again
    return None


def build(releases: Path, folder: Path, progress: Progress = SILENT, data: tuple[Path, ...] = ()) -> Release:
    """Read and validate the sources in `folder`, build a release, and return it.

    The files in `data` are taken instead exactly as given; nothing is added or validated. The caller holds the lock, or
    no other process builds. Raises the problems of reading, `permission`, `check-timeout`, and
    `ValidationFailed` if a finding is a violation.
    """
    # Here, because a server that starts finds the release of its sources built, and is there 50 ms sooner.
    from cper_lod.release.build.artifacts import json_bytes, make_manifest, write_artifacts  # noqa: PLC0415
    from cper_lod.release.check.check import check  # noqa: PLC0415
    from cper_lod.release.sources.read import read_data, read_sources  # noqa: PLC0415

    mode: ReleaseMode = "data" if data else "contract"
    read = partial(read_data, data, folder) if data else partial(read_sources, folder)
    with _new_build_directory(releases) as build_folder:
        before, sources = _read_unchanged(
            partial(sources_fingerprint, folder, data),
            partial(read, temp_parent=build_folder, progress=progress),
        )
        report = Report() if data else check(sources, progress)
        if not report.conforms:
            raise ValidationFailed(report)
        written = write_artifacts(build_folder, sources, report, mode, progress)
        sources.statements.temp_dir.remove()
        manifest = make_manifest(build_folder, sources, mode, before, written)
        if data and (name := given_name(data)):
            manifest["name"] = name
        (build_folder / layout.MANIFEST).write_bytes(json_bytes(manifest))
        set_modes(build_folder)
        fsync_tree(build_folder, *(each for each in build_folder.iterdir() if each.is_dir()))
        target = build_folder.parent / f"{manifest['digest'][:16]}-{manifest['program'].rpartition('+')[2]}"
        _move_into_place(build_folder, target, manifest)
        fsync_tree(target.parent)
        progress.end("seal")
    return open_release(target)


def given_name(data: tuple[Path, ...]) -> str:
    """Return what data served as given are called if they do not say so: their folder, or the one file without suffix.

    >>> given_name((Path("/srv/insee"),)), given_name((Path("geo/a.ttl.gz"),)), given_name((Path("geo/a.ttl"), Path("geo/b.ttl")))
    ('insee', 'a', 'geo')
    """
    paths = [each.absolute() for each in data]
    if len(paths) == 1:
        return paths[0].name if paths[0].is_dir() or not paths[0].suffix else paths[0].name.partition(".")[0]
    return Path(os.path.commonpath([each.parent for each in paths])).name


@contextmanager
def _new_build_directory(releases: Path) -> Iterator[Path]:
    """Make a build directory; raises disk errors as `permission`, `disk-full`, `resources`."""
    try:
        with disk_errors(releases), build_directory(releases) as build_folder:
            yield build_folder
    except sqlite3.OperationalError as error:  # SQLite reports a full disk in this way
        raise Problem("disk-full", path=releases) from error


def _read_unchanged(take_fingerprint: Callable[[], str], read: "Callable[[], Sources]") -> "tuple[str, Sources]":
    """Return the fingerprint and the sources; read them again if a file was edited meanwhile."""
    before = take_fingerprint()
    while True:
        sources = read()
        after = take_fingerprint()
        if after == before:
            return before, sources
        sources.statements.temp_dir.remove()
        before = after


def _move_into_place(build_folder: Path, target: Path, manifest: dict[str, Any]) -> None:
    """Move the new release into place; an equal one that is there already is kept, a damaged one is replaced.

    Raises `permission` if the one that is there cannot be read.
    """
    from cper_lod.release.build.artifacts import json_bytes  # noqa: PLC0415

    if target.exists():
        try:
            existing = dict(open_release(target).manifest)
        except Problem as problem:
            if problem.kind.code in ("permission", "resources"):  # it may be whole
                raise
            discard(target, force=True)
        else:
            merged = {**existing, "sources": manifest["sources"], "sealed": min(existing["sealed"], manifest["sealed"])}
            if merged != existing:  # the same release from other files, or at an earlier time
                (build_folder / layout.MANIFEST).write_bytes(json_bytes(merged))
                flush(build_folder / layout.MANIFEST)
                (build_folder / layout.MANIFEST).replace(target / layout.MANIFEST)
            return
    build_folder.rename(target)
