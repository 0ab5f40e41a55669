"""Detects slower code: counts the instructions of small tasks and compares them with a committed baseline."""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.generator import generate
from benchmarks.harness import RESULTS, ROOT, machine, median, table
from cper_lod.release.build.build import build_data

BASELINE: Final = Path(__file__).with_name("baseline.json")
MARGIN: Final = 0.10
"""By how much the instructions of a work may grow; README.md says how far ten runs lie apart."""
TRIPLES: Final = 3_000
_PART: Final = re.compile(r"^desc: Trigger: Client Request: (\S+)$", re.MULTILINE)
_SUMMARY: Final = re.compile(r"^summary: (\d+)$", re.MULTILINE)
MISSING: Final = "valgrind is not there: apt-get install valgrind"
ELSEWHERE: Final = "counting needs Linux on x86-64"


class CannotCount(Exception):
    """Instructions cannot be counted here: why, and what to do."""


@dataclass(frozen=True)
class Comparison:
    """A work, how many instructions it took when the baseline was written (None: not yet known) and takes now."""

    work: str
    before: float | None
    now: float | None

    @property
    def growth(self) -> float:
        """How many times as much it takes as it did, nan where one of the two is not known."""
        return self.now / self.before if self.now and self.before else float("nan")

    @property
    def verdict(self) -> str:
        """What that means, in a word: only `same` and `faster` pass."""
        if self.now is None:
            return "NOT MEASURED"
        if self.before is None:
            return "NOT IN THE BASELINE"
        if self.growth > 1 + MARGIN:
            return "SLOWER"
        return "faster" if self.growth < 1 - MARGIN else "same"

    @property
    def passes(self) -> bool:
        """Return whether there is nothing to be said against it."""
        return self.verdict in ("same", "faster")


def key() -> str:
    """Return by what a baseline is known: counts differ with the version of Python and with the machine's kind."""
    return f"python-{sys.version_info.major}.{sys.version_info.minor}-{platform.machine()}"


def compare(before: Mapping[str, float], now: Mapping[str, float]) -> list[Comparison]:
    """Return every work of either, in the order of what was measured; one that is missing in one of them fails."""
    return [Comparison(work, before.get(work), now.get(work)) for work in dict.fromkeys((*now, *before))]


def read_dumps(texts: Sequence[str]) -> dict[str, float]:
    """Return the instructions of each work, of the files that Callgrind has written."""
    found = ((_PART.search(text), _SUMMARY.search(text)) for text in texts)
    return {trigger[1]: float(summary[1]) for trigger, summary in found if trigger and summary}


def count(release: Path, plant: str = "") -> dict[str, float]:
    """Return the instructions that each work of `benchmarks.regression_work` takes on a release.

    `plant` names a work that is made slower on purpose. Raises CannotCount, RuntimeError where the work fails.
    """
    if platform.machine() != "x86_64" or not sys.platform.startswith("linux"):
        raise CannotCount(ELSEWHERE)
    if shutil.which("valgrind") is None:
        raise CannotCount(MISSING)
    with tempfile.TemporaryDirectory(prefix="cper-lod-regression-") as name:
        # Instrumentation is off until the work begins: what Python imports takes its 4 s, not its 40.
        tool = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={name}/out"]
        words = [*tool, sys.executable, "-m", "benchmarks.regression_work", str(release), plant]
        environment = os.environ | {"PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return read_dumps([path.read_text() for path in sorted(Path(name).iterdir())])


def count_times(times: int, plant: str = "") -> list[dict[str, float]]:
    """Return so many counts of a release of synthetic data, which is made first; raises as `count`."""
    with tempfile.TemporaryDirectory(prefix="cper-lod-regression-") as name:
        folder = Path(name)
        generate(folder / "sources", TRIPLES)
        made = sorted(path for path in (folder / "sources" / "data").rglob("*fictif*") if path.is_file())
        data = [path for path in made if path.parent.name != "catalog"]
        release = build_data(folder / "releases", ROOT, (ROOT / "ontology" / "cper.ttl", *data))
        return [count(release.folder, plant) for _ in range(times)]


def spread(counts: Sequence[Mapping[str, float]]) -> list[tuple[str, float, float]]:
    """Return for each work the median, and how far the counts lie apart, as a share of it."""
    rows = []
    for work in counts[0]:
        values = [each[work] for each in counts]
        rows.append((work, median(values), (max(values) - min(values)) / median(values)))
    return rows


def comparison_table(compared: Sequence[Comparison]) -> str:
    """Return the comparison as a table."""
    rows = [(each.work, each.before, each.now, each.growth, each.verdict) for each in compared]
    return table(("work", "instructions before", "now", "×", "verdict"), rows)


def main() -> None:
    """Compare, and exit with 1 where something is slower than the margin allows, or cannot be compared."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regression", description=__doc__)
    parser.add_argument("--update", action="store_true", help=f"write what is counted to {BASELINE.name}")
    parser.add_argument("--repeat", type=int, default=1, help="count so often and tell how far the counts lie apart")
    parser.add_argument("--plant", default="", metavar="WORK", help="make a work slower on purpose, to see it found")
    parser.add_argument("--json", type=Path, default=RESULTS / "regression.json", help="raw figures (%(default)s)")
    given = parser.parse_args()
    try:
        counts = count_times(given.repeat, given.plant)
    except CannotCount as reason:
        sys.exit(str(reason))
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps({"machine": machine(), "key": key(), "counts": counts}, indent=1))
    if given.repeat > 1:
        print(table(("work", "instructions", "spread"), spread(counts)), end="\n\n")
    now = {work: middle for work, middle, _ in spread(counts)}
    every = json.loads(BASELINE.read_bytes()) if BASELINE.exists() else {}
    if given.update:
        every[key()] = {"machine": machine(), "instructions": now}
        BASELINE.write_text(json.dumps(every, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    if key() not in every:
        sys.exit(f"{BASELINE.name} knows nothing of {key()}: --update writes it, on a checkout whose speed is known")
    compared = compare(every[key()]["instructions"], now)
    print(comparison_table(compared))
    if not all(each.passes for each in compared):
        sys.exit(f"beyond the margin of {MARGIN:.0%}: mend it, or write a new baseline (--update) and say why")


if __name__ == "__main__":
    main()
