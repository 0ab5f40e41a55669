"""Which sealed releases are kept: those served last and those served lately; the history itself is never shortened."""

import json
import time
from contextlib import suppress
from math import inf
from pathlib import Path

from cper_lod.release import release as sealed
from cper_lod.release.history.history import History
from cper_lod.release.jobs.locks import discard


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
