"""Publishing: building a release from the sources and recording it in the history, rollback, and retention."""

import json
from collections.abc import Callable
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.core.config import MAX_DRIFT, now
from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.rdf.report import Report
from cper_lod.release import release as layout
from cper_lod.release.build.build import ValidationFailed, build, find_built, sources_fingerprint
from cper_lod.release.history import rejection
from cper_lod.release.history.history import History, Publication, find_release
from cper_lod.release.history.rejection import Rejection
from cper_lod.release.history.timeline import format_time
from cper_lod.release.jobs.locks import discard, exclusive_lock
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.release import Release, program_id
from cper_lod.release.sources.files import source_files

OnWait = Callable[[], object]
_DAY: Final = 86_400


class PublishResult(NamedTuple):
    """What is served now: the release, its entry, and whether it was just built."""

    release: Release
    entry: Publication
    built: bool


class Request(NamedTuple):
    """What a person asks of a build: to end a rollback, and to take the clock as right, whatever else speaks against it."""

    resume: bool = False
    trust_clock: bool = False


AUTOMATIC: Final = Request()


def publish_sources(
    settings: Settings, request: Request = AUTOMATIC, *, on_wait: OnWait = lambda: None, progress: Progress = SILENT
) -> PublishResult:
    """Serve the sources: build a release unless there is one, and record it in the history.

    If they are served already, nothing is written, so the disk may be read-only. Nor is anything read or written after
    a rollback, unless `request` ends it. `on_wait` is called if another build is running.

    Raises the problems of reading, `ValidationFailed`, `clock-behind`, `clock-ahead`, `permission` and
    `history-damaged`; the current release is then still served, and the reason is recorded (see `history.rejection`).
    """
    if rolled_back := _rolled_back(settings, request):
        return rolled_back
    sources = ""
    try:
        sources = sources_fingerprint(settings.sources)
        published = _served(settings, sources) or _build_and_publish(settings, request, on_wait, progress)
    except ValidationFailed as failure:
        _write_rejection(settings, sources, failure.problem, failure.report)
        raise
    except Problem as problem:
        _write_rejection(settings, sources, problem)
        raise
    rejection.clear_rejection(settings.releases)
    return published


def _write_rejection(settings: Settings, before: str, problem: Problem, report: Report | None = None) -> None:
    """Record a rejection, without fingerprint if the sources were edited since it was `before`."""
    sources = ""
    with suppress(Problem):
        sources = before if sources_fingerprint(settings.sources) == before else ""
    rejection.write_rejection(settings.releases, Rejection.of(problem, settings.sources, sources, report))


def _build_and_publish(settings: Settings, request: Request, on_wait: OnWait, progress: Progress) -> PublishResult:
    """Build and publish the sources, unless another process has done so, or has rolled back, meanwhile."""
    with exclusive_lock(settings.releases, on_wait):
        sources = sources_fingerprint(settings.sources)
        if served := _rolled_back(settings, request) or _served(settings, sources):
            return served
        history = History(settings.releases)
        _check_clock(settings, history, sources, request)
        found = find_built(settings.releases, sources)
        release = found or build(settings.releases, settings.sources, progress)
        entry = history.publish(release, "build")
        prune(settings.releases, history, settings.keep_releases, settings.keep_days)
        return PublishResult(release, entry, built=not found)


def _rolled_back(settings: Settings, request: Request) -> PublishResult | None:
    """Return the current release if it is a rollback that `request` does not end, None otherwise."""
    history = History(settings.releases)
    entry = None if request.resume else history.rolled_back()
    return PublishResult(history.open(entry.release), entry, built=False) if entry else None


def _served(settings: Settings, sources: str) -> PublishResult | None:
    """Return the current release if it was built from sources with this fingerprint, None if there is work to do."""
    current = History(settings.releases).current()
    found = find_built(settings.releases, sources) if current and current.how != "rollback" else None
    return PublishResult(found, current, built=False) if current and found and found.digest == current.digest else None


def _check_clock(settings: Settings, history: History, sources: str, request: Request) -> None:
    """Raise `clock-behind` if the clock is before the last publication, and `clock-ahead` if the sources have changed
    since, but no file within a day of what the clock says.

    A wrong time would stand in the history, in the data and in feeds for good. Another program brings its own ontology and
    shapes, which are as old as it is: that is no reason to doubt the clock.
    """
    entries, at = history.entries(), now()
    if not entries:
        return
    last = entries[-1]
    if at + (_DAY if request.trust_clock else MAX_DRIFT) < last.at:
        raise Problem("clock-behind", now=format_time(at), last=format_time(last.at), number=last.number)
    built = next((each for each in reversed(entries) if each.how != "rollback"), None)
    if request.trust_clock or built is None or built.sources == sources or built.program != program_id():
        return
    files = source_files(settings.sources)
    # A file that is removed or moved leaves its trace in its folder.
    times = [path.stat().st_mtime for path in {*files, *(each.parent for each in files)}]
    if not any(abs(each - at) <= _DAY for each in times):
        newest = format_time(int(max(times)))
        raise Problem("clock-ahead", now=format_time(at), newest=newest, day=format_time(at)[:10])


def roll_back(settings: Settings, release: str = "", on_wait: OnWait = lambda: None) -> tuple[Publication, bool]:
    """Serve an earlier release again: the one that `release` names (see `find_release`), or the one before the current one.

    Return what is served now, and whether that is a change.

    From then on nothing is published, until a person asks for it. If the release is served already, nothing changes.
    Raises `rollback-first` if only later releases are stored, `rollback-none` if no other one is, `history-empty` if
    there is none at all, and what `find_release`, `History.open` and `History.publish` raise.
    """
    with exclusive_lock(settings.releases, on_wait):
        history = History(settings.releases)
        before = history.current()
        found = find_release(settings.releases, release) if release else _earlier(history)
        entry = history.publish(found, "rollback")
        if entry != before:  # what is wrong with the sources does not matter while they are not published
            rejection.clear_rejection(settings.releases)
        return entry, entry != before


def _earlier(history: History) -> Release:
    """Return the release that was served before the current one was first served."""
    entries = history.entries()
    if not entries:
        raise Problem("history-empty", path=history.releases)
    first = next((index for index, each in enumerate(entries) if each.release == entries[-1].release), 0)
    if not first:
        others = history.stored(besides=entries[-1].release)
        raise Problem("rollback-first" if others else "rollback-none", release=entries[-1].release, offers=others)
    return history.open(entries[first - 1].release)


def prune(releases: Path, history: History, keep: int, days: int) -> list[Path]:
    """Remove releases that are neither among the `keep` last served (1 or more) nor served in the last `days`; return their
    folders.

    Keeps what is served now, releases of --data (another server may use them), releases that a process reads
    (`jobs.locks.shared_lock`), and what cannot be read or removed. A release counts as served until the next one was;
    one that was never served counts from its build. The caller holds the lock.
    """
    entries, moment = history.entries(), now()
    ends = (*(entry.at for entry in entries[1:]), inf)
    moments = {entry.digest: end for entry, end in zip(entries, ends, strict=False)}
    folders = dict[str, list[Path]]()
    for manifest in releases.glob(f"[!.]*/{layout.MANIFEST}"):
        with suppress(OSError, ValueError, LookupError, TypeError):
            row = json.loads(manifest.read_bytes())
            if row["mode"] == "contract":
                moments.setdefault(str(row["digest"]), float(row["sealed"]))
                folders.setdefault(str(row["digest"]), []).append(manifest.parent)
    ranked = sorted(folders, key=lambda digest: moments[digest], reverse=True)
    removed = []
    for digest in ranked[keep:]:
        if min(moments[digest], moment) <= moment - days * _DAY:
            for folder in folders[digest]:
                with suppress(OSError):
                    discard(folder)
                    removed.append(folder)
    return removed
