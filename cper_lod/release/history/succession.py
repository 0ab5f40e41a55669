"""What tells one publication from the one before it: the files written beside its entry in the history."""

from pathlib import Path
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.release.changes import changelog
from cper_lod.release.history import tombstones
from cper_lod.release.release import DATA, Release

GONE: Final = tombstones.GONE
"""The name of the file that says what was published once and is no more."""


def write(aside: Path, before: Release | None, after: Release, gone_before: Path | None) -> None:
    """Write into `aside`, beside entry.json, what tells the release `after` from the one that was served `before`.

    `before` is None at the first publication, and where that release is no longer held or is damaged. `gone_before` is
    the file GONE of the publication before, where it has one. Called once a publication, under the lock, before its
    folder is moved to its place: what is written here is never changed. Raises OSError, and `release-damaged` where
    `after` is no RDF any more.
    """
    try:
        tombstones.write(aside / GONE, before, after, gone_before)
        if before is not None:
            changelog.write(aside, before, after)
    except (SyntaxError, ValueError) as error:
        raise Problem("release-damaged", path=after.folder / DATA, message=error) from error
