"""Which sealed release a person means: by its id or the beginning of it, as what is served now, or by its folder."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.release.history.history import History
from cper_lod.release.release import MANIFEST, Release, open_release

CURRENT: Final = "current"
"""What the release that is served now is called."""
_OFFERED: Final = 5


def choose(releases: Path, text: str) -> Release:
    """Return the release that `text` names, verified to the byte.

    Raises `release-unknown`, `release-ambiguous`, `release-gone`, `release-damaged`, and what `History.entries` does.
    """
    history = History(releases)
    if text == CURRENT:
        current = history.current()
        return history.open(current.release if current else "")
    with suppress(OSError):  # a name that no file can have
        if (Path(text) / MANIFEST).exists():
            return open_release(Path(text))
    beginning = text[:16] if len(text) == 64 else text
    published = {each.release for each in history.entries() if each.release.startswith(beginning)}
    sealed = {path.parent.name.partition("-")[0] for path in releases.glob(f"[!.]*-*/{MANIFEST}")}
    found = sorted(published | {each for each in sealed if each.startswith(beginning)}) if beginning else []
    if len(found) > 1:
        raise Problem("release-ambiguous", release=text[:40], offers=", ".join(found[:_OFFERED]))
    if not found or found[0] in published:
        return history.open(found[0] if found else text)
    return open_release(history.held(found[0])[0])  # sealed, and never served
