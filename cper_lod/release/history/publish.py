"""Publishing: building a release from the sources and recording it in the history, rollback, and retention."""

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
from cper_lod.release import release as layout
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
    """What is served now: the release, its entry, whether it was just built, and whether the sources are held back."""

    release: Release
    entry: Publication
    built: bool
    held_back: bool = False


def publish_sources(
    settings: Settings, *, automatic: bool, on_wait: OnWait = lambda: None, progress: Progress = SILENT
) -> PublishResult:
    """Serve the sources: build a release unless there is one, and record it in the history.

    If they are served already, nothing is written, so the disk may be read-only. `automatic` means that no person
    asked for it: sources that a rollback holds back stay so. `on_wait` is called if another build is running.

    Raises the problems of reading, `ValidationFailed`, `permission` and `history-damaged`; the current release is
    then still served, and the reason is recorded (see `history.rejection`).
    """
    sources = ""
    try:
        sources = sources_fingerprint(settings.sources, releases=settings.releases)
        published = _served(settings, automatic, sources) or _build_and_publish(settings, automatic, on_wait, progress)
    except ValidationFailed as failure:
        _write_rejection(settings, sources, failure.problem, failure.report)
        raise
    except Problem as problem:
        _write_rejection(settings, sources, problem)
        raise
    recorded = rejection.read_rejection(settings.releases)
    if recorded and not (published.held_back and recorded.sources == published.entry.instead_of):
        rejection.clear_rejection(settings.releases)
    digest_cache(settings.releases).save()
    return published


def _write_rejection(settings: Settings, before: str, problem: Problem, report: Report | None = None) -> None:
    """Record a rejection, without fingerprint if the sources were edited since it was `before`."""
    sources = ""
    with suppress(Problem):
        sources = before if sources_fingerprint(settings.sources, releases=settings.releases) == before else ""
    rejection.write_rejection(settings.releases, Rejection.of(problem, settings.sources, sources, report))


def _build_and_publish(settings: Settings, automatic: bool, on_wait: OnWait, progress: Progress) -> PublishResult:
    """Build and publish the sources, unless another process has done so meanwhile."""
    with exclusive_lock(settings.releases, on_wait):
        sources = sources_fingerprint(settings.sources, releases=settings.releases)
        if served := _served(settings, automatic, sources):
            return served
        history = History(settings.releases)
        found = find_built(settings.releases, sources)
        release = found or build(settings.releases, settings.sources, progress)
        entry = history.publish(release, "build")
        prune(settings.releases, history, settings.keep_releases, settings.keep_days)
        return PublishResult(release, entry, built=not found)


def _served(settings: Settings, automatic: bool, sources: str) -> PublishResult | None:
    """Return the current release if it is the one to serve for this fingerprint, None if there is work to do."""
    history = History(settings.releases)
    current = history.current()
    if current is None:
        return None
    if automatic and current.instead_of == sources:
        return PublishResult(history.open(current.release), current, built=False, held_back=True)
    found = find_built(settings.releases, sources)
    return PublishResult(found, current, built=False) if found and found.digest == current.digest else None


def roll_back(settings: Settings, release: str = "", on_wait: OnWait = lambda: None) -> PublishResult:
    """Serve an earlier release again: the one whose id begins with `release`, or the one before the current one.

    The current sources are held back: they are not published automatically until they change. If the release is
    served already, nothing changes. Raises `rollback-first` if only later releases are stored, `rollback-none` if no
    other one is, `history-empty` if there is none at all, and what `History.open` and `publish_sources` raise.
    """
    with exclusive_lock(settings.releases, on_wait):
        history = History(settings.releases)
        found = _named(history, release) if release else _earlier(history, settings)
        try:
            sources = sources_fingerprint(settings.sources, releases=settings.releases)
        except Problem:  # unreadable sources: use those of the current publication
            current = history.current()
            sources = current.sources if current else ""
        entry = history.publish(found, "rollback", sources)
        return PublishResult(
            found, entry, built=False, held_back=(entry.how, entry.instead_of) == ("rollback", sources)
        )


def _named(history: History, text: str) -> Release:
    """Return the one release that was served here and whose id begins with `text`."""
    prefix = text[:16] if len(text) == 64 else text
    served = {each.release for each in history.entries() if each.release.startswith(prefix)}
    return history.open(served.pop() if len(served) == 1 else prefix)


def _earlier(history: History, settings: Settings) -> Release:
    """Return the release that was served before the current one was first served."""
    entries = history.entries()
    if not entries:
        raise Problem("history-empty", path=settings.releases)
    first = next((index for index, each in enumerate(entries) if each.release == entries[-1].release), 0)
    if not first:
        others = history.stored(besides=entries[-1].release)
        raise Problem("rollback-first" if others else "rollback-none", release=entries[-1].release, offers=others)
    return history.open(entries[first - 1].release)


def prune(releases: Path, history: History, keep: int, days: int) -> list[Path]:
    """Remove releases that are neither among the `keep` last served nor served in the last `days`; return their
    folders.

    Keeps what is served now, releases of --data (another server may use them), releases that a process reads
    (`jobs.locks.shared_lock`), and what cannot be read or removed. A release counts as served until the next one was;
    one that was never served counts from its build. The caller holds the lock.
    """
    entries, now = history.entries(), time.time()
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
        if min(moments[digest], now) <= now - days * 86_400 and moments[digest] < inf:
            for folder in folders[digest]:
                with suppress(OSError):
                    discard(folder)
                    removed.append(folder)
    return removed
