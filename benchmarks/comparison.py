"""What comparing two releases costs: time and peak memory, by their size and by how much changed."""

import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cper_lod.release.build.indexes import load_store
from cper_lod.release.changes import changelog
from cper_lod.release.release import DATA, INDEX, Release
from cper_lod.release.storage.dumps import write_gzip
from cper_lod.release.storage.quad_file import lines_of

SIZES = ((100_000, 100), (1_000_000, 100), (1_000_000, 1_000_000), (10_000_000, 100), (10_000_000, 1_000_000))
"""Lines of each release, and lines that differ."""
QUICK = SIZES[:2]
_PER_THING = 10


def release(folder: Path, lines: int, changed: int, version: int) -> Release:
    """Write a release of so many lines, of which the last `changed` depend on the version; ten lines a thing."""
    every, data = max(lines // changed, 1), folder / "data.nq"
    (folder / DATA).parent.mkdir(parents=True)
    with data.open("w") as file:
        for line in range(lines):
            thing, place = divmod(line, _PER_THING)
            value = f"{line}-{version}" if line % every == 0 else str(line)
            file.write(f'<http://example.org/{thing:08}> <http://example.org/p{place}> "{value}" .\n')
    load_store(data, folder / INDEX)
    write_gzip(lines_of(data), folder / DATA, lines)
    data.unlink()
    digest = hashlib.sha256(str((lines, changed, version)).encode()).hexdigest()
    return Release(folder, {"digest": digest, "mode": "contract"})


def measure(lines: int, changed: int) -> None:
    """Compare two such releases as a publication does, and print one row."""
    with tempfile.TemporaryDirectory(prefix="cper-lod-comparison-") as name:
        place = Path(name)
        before, after = (release(place / str(version), lines, changed, version) for version in (1, 2))
        (place / "noted").mkdir()
        began = time.process_time()
        changelog.write_changes(place / "noted", before, after)
        seconds = time.process_time() - began
        with Path("/proc/self/status").open() as status:
            anonymous = next(int(row.split()[1]) for row in status if row.startswith("RssAnon"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        noted = changelog.read_changes(place / "noted")
        facts = noted.summary["facts"]["corrected"] if noted else 0
        print(f"| {lines:,} | {facts:,} | {seconds:.1f} s | {anonymous / 1024:.0f} MiB | {peak / 1024:.0f} MiB |")


def main() -> None:
    """Measure each size in a process of its own, so that one does not count for the next."""
    if sys.argv[1:2] == ["--one"]:
        measure(int(sys.argv[2]), int(sys.argv[3]))
        return
    print("| lines | facts that differ | processor | own memory | peak with mapped files |", flush=True)
    print("|---|---|---|---|---|", flush=True)
    for lines, changed in QUICK if "--quick" in sys.argv else SIZES:
        subprocess.run([sys.executable, "-m", "benchmarks.comparison", "--one", str(lines), str(changed)], check=True)


if __name__ == "__main__":
    main()
