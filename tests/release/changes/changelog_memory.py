"""Prints how many facts differ between two releases, and the MiB in use after their changes were noted.

As a program, so that nothing else is in its memory: the arguments are the lines of each release, those that differ, a folder.
"""

import hashlib
import sys
from pathlib import Path

from cper_lod.release.changes import changelog
from cper_lod.release.release import DATA, Release


def release(folder: Path, lines: int, changed: int, version: int) -> Release:
    """Write a release of so many lines, ten a thing, of which some depend on the version."""
    folder.mkdir()
    every = max(lines // changed, 1)
    with (folder / DATA).open("w") as file:
        for line in range(lines):
            value = f"{line}-{version}" if line % every == 0 else str(line)
            file.write(f'<http://example.org/{line // 10:08}> <http://example.org/p{line % 10}> "{value}" .\n')
    digest = hashlib.sha256(str((lines, changed, version)).encode()).hexdigest()
    return Release(folder, {"digest": digest, "mode": "contract"})


if __name__ == "__main__":
    lines_, changed_, place = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    before, after = (release(place / str(version), lines_, changed_, version) for version in (1, 2))
    changelog.write_changes(place, before, after)
    with Path("/proc/self/status").open() as status:
        used = next(int(row.split()[1]) for row in status if row.startswith("RssAnon"))
    noted = changelog.read_changes(place)
    print(noted.summary["facts"]["corrected"] if noted else 0, used // 1024)
