"""Publishing: the sources become a release and an entry of the history; and going back to an earlier release."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.rdf.report import Report
from cper_lod.release import release as sealed
from cper_lod.release.build.build import ValidationFailed, build, find_built, sources_fingerprint
from cper_lod.release.history import rejection
from cper_lod.release.history.history import History, Publication
from cper_lod.release.history.rejection import Rejection
from cper_lod.release.jobs.digests import digest_cache
from cper_lod.release.jobs.locks import discard, exclusive_lock
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.release import Release

OnWait = Callable[[], object]


class PublishResult(NamedTuple):
    """What is served now: the release, its entry, whether it was built for this, whether the sources are held back."""

    release: Release
    entry: Publication
    built: bool
    held: bool = False


def publish_sources(
    settings: Settings, *, by_itself: bool, on_wait: OnWait = lambda: None, progress: Progress = SILENT
) -> PublishResult:
    """Have the sources be what is served: seal them where they are not sealed yet, and add to the history.

    Where they are served already nothing has to be written, so that a disk may be read-only then. `by_itself` says that
    nobody asked for these sources: what a rollback holds back stays so. `on_wait` is called where another builds, `progress`
    is told how far a build is.

    Raises the problems of reading, `ValidationFailed`, `permission`, `history-damaged`; what was served is served on then, and
    why is written beside it (`release.refusal`).
    """
    seen = ""
    try:
        seen = sources_fingerprint(settings.sources, releases=settings.releases)
        published = _served(settings, by_itself, seen) or _publish(settings, by_itself, on_wait, progress)
    except ValidationFailed as refused:
        _write_rejection(settings, seen, refused.problem, refused.report)
        raise
    except Problem as problem:
        _write_rejection(settings, seen, problem)
        raise
    told = rejection.read_rejection(settings.releases)
    if told and not (published.held and told.sources == published.entry.instead_of):
        rejection.clear_rejection(settings.releases)
    digest_cache(settings.releases).save()
    return published


def _write_rejection(settings: Settings, seen: str, problem: Problem, report: Report | None = None) -> None:
    """Note a refusal of the sources that were `seen` before; those that were edited meanwhile were not refused."""
    sources = ""
    with suppress(Problem):
        sources = seen if sources_fingerprint(settings.sources, releases=settings.releases) == seen else ""
    rejection.write_rejection(settings.releases, Rejection.of(problem, settings.sources, sources, report))


def _publish(settings: Settings, by_itself: bool, on_wait: OnWait, progress: Progress) -> PublishResult:
    """Seal and publish the sources, unless the one that was waited for has."""
    with exclusive_lock(settings.releases, on_wait):
        if served := _served(settings, by_itself, sources_fingerprint(settings.sources, releases=settings.releases)):
            return served
        history = History(settings.releases)
        found = find_built(settings.releases, sources_fingerprint(settings.sources, releases=settings.releases))
        release = found or build(settings.releases, settings.sources, progress)
        entry = history.publish(release, "build")
        prune(settings.releases, history, settings.keep_releases, settings.keep_days)
        return PublishResult(release, entry, built=not found)


def _served(settings: Settings, by_itself: bool, sources: str) -> PublishResult | None:
    """Return what is served where that is what is to be, with sources of this fingerprint; None for something to do."""
    history = History(settings.releases)
    current = history.current()
    if current is None:
        return None
    if by_itself and current.instead_of == sources:
        return PublishResult(history.open(current.release), current, built=False, held=True)
    found = find_built(settings.releases, sources)
    return PublishResult(found, current, built=False) if found and found.digest == current.digest else None


def roll_back(settings: Settings, release: str = "", on_wait: OnWait = lambda: None) -> PublishResult:
    """Have an earlier release be served again: the one whose id begins so, or the one before the release of now.

    The sources as they are now are held back: they are not published again by themselves until they change. What is
    served already stays as it is, and holds back what it did. Raises `rollback-none` where there is no earlier one,
    `history-empty` where there is none at all, and what `History.open` and `publish_sources` raise.
    """
    with exclusive_lock(settings.releases, on_wait):
        history = History(settings.releases)
        found = _named(history, release) if release else _earlier(history, settings)
        try:
            sources = sources_fingerprint(settings.sources, releases=settings.releases)
        except Problem:  # sources that nobody can read now: those of what is served until now
            current = history.current()
            sources = current.sources if current else ""
        entry = history.publish(found, "rollback", sources)
        return PublishResult(found, entry, built=False, held=(entry.how, entry.instead_of) == ("rollback", sources))


def _named(history: History, text: str) -> Release:
    """Return the one release that was served here and whose id begins so."""
    beginning = text[:16] if len(text) == 64 else text
    served = {each.release for each in history.entries() if each.release.startswith(beginning)}
    return history.open(served.pop() if len(served) == 1 else beginning)


def _earlier(history: History, settings: Settings) -> Release:
    """Return what was served before the release of now came to be served for the first time."""
    entries = history.entries()
    if not entries:
        raise Problem("history-empty", path=settings.releases)
    first = next((place for place, each in enumerate(entries) if each.release == entries[-1].release), 0)
    if not first:
        raise Problem("rollback-none")
    return history.open(entries[first - 1].release)


def prune(releases: Path, history: History, keep: int, days: int) -> list[Path]:
    """Remove the sealed releases that are neither among the `keep` served last nor served in the last `days`.

    Returns their folders. What is served now stays, and so do releases of --data, which others may be serving, what
    somebody reads at this moment (`release.workshop.hold`), and what cannot be read or removed. A release was served
    until the next one was; one that never was served counts from its sealing. The caller holds the lock.
    """
    entries, now = history.entries(), time.time()
    ends = (*(entry.at for entry in entries[1:]), inf)
    moments = {entry.digest: end for entry, end in zip(entries, ends, strict=False)}
    folders = dict[str, list[Path]]()
    for manifest in releases.glob(f"[!.]*/{sealed.MANIFEST}"):
        with suppress(OSError, ValueError, LookupError, TypeError):
            row = json.loads(manifest.read_bytes())
            if row["mode"] == "contract":
                moments.setdefault(str(row["digest"]), float(row["sealed"]))
                folders.setdefault(str(row["digest"]), []).append(manifest.parent)
    ranked = sorted(folders, key=lambda digest: moments[digest], reverse=True)
    removed = []
    for digest in ranked[keep:]:
        if min(moments[digest], now) <= now - days * 86_400 and moments[digest] < inf:
            for folder in folders[digest]:
                with suppress(OSError):
                    discard(folder)
                    removed.append(folder)
    return removed
