"""Prints how many facts differ between two releases, and the MiB in use after their changes were noted.

As a program, so that nothing else is in its memory: the arguments are the lines of each release, those that differ, a folder.
"""

import hashlib
import os
import sys
from pathlib import Path

from cper_lod.release.changes import changelog
from cper_lod.release.release import Release
from tests.support.trig_release import write_data


def write_release(folder: Path, lines: int, changed: int, version: int) -> None:
    """Write a release of so many lines, ten a thing, of which some depend on the version."""
    every = max(lines // changed, 1)
    text = [
        f"<http://example.org/{line // 10:08}> <http://example.org/p{line % 10}> "
        f'"{f"{line}-{version}" if line % every == 0 else line}" .'.encode()
        for line in range(lines)
    ]
    write_data(folder, text)


if __name__ == "__main__":
    lines_, changed_, place = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    digests = [hashlib.sha256(str((lines_, changed_, version)).encode()).hexdigest() for version in (1, 2)]
    if not (child := os.fork()):  # whose memory is not counted
        for number in (1, 2):
            write_release(place / digests[number - 1], lines_, changed_, number)
        os._exit(0)
    os.waitpid(child, 0)
    before, after = (Release(place / digest, {"digest": digest}) for digest in digests)
    changelog.write_changes(place, before, after)
    with Path("/proc/self/status").open() as status:
        used = next(int(row.split()[1]) for row in status if row.startswith("RssAnon"))
    noted = changelog.read_changes(place)
    print(noted.summary["facts"]["corrected"] if noted else 0, used // 1024)
