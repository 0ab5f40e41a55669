"""Prints how many facts differ between two releases, and the MiB in use after their changes were noted.

As a program, so that nothing else is in its memory: the arguments are the lines of each release, those that differ, a folder.
"""

import os
import sys
from pathlib import Path

from cper_lod.release.changes import changelog
from cper_lod.release.release import Release
from tests.support.trig_release import release_of_lines


def lines_of(count: int, changed: int, version: int) -> list[bytes]:
    """Return the lines of a release, ten a thing, of which some depend on the version."""
    every = max(count // changed, 1)
    return [
        f"<http://example.org/{line // 10:08}> <http://example.org/p{line % 10}> "
        f'"{f"{line}-{version}" if line % every == 0 else line}" .'.encode()
        for line in range(count)
    ]


if __name__ == "__main__":
    lines_, changed_, place = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    if not (child := os.fork()):  # whose memory is not counted
        for number in (1, 2):
            release = release_of_lines(place, lines_of(lines_, changed_, number))
            (place / str(number)).symlink_to(release.folder)
        os._exit(0)
    os.waitpid(child, 0)
    before, after = (Release(place / str(number), {"digest": str(number)}) for number in (1, 2))
    changelog.write_changes(place, before, after)
    with Path("/proc/self/status").open() as status:
        used = next(int(row.split()[1]) for row in status if row.startswith("RssAnon"))
    noted = changelog.read_changes(place)
    print(noted.summary["facts"]["corrected"] if noted else 0, used // 1024)
