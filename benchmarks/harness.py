"""What the benchmarks share: flags, medians and ratios, alternating rounds, tables, the results file."""

import argparse
import importlib.metadata
import json
import math
import os
import platform
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from benchmarks import peers

Measured = TypeVar("Measured")

ROOT: Final = Path(__file__).parent.parent
_ROUNDS: Final[list[Mapping[str, Sequence[object]]]] = []
"""What each call of `alternate` has measured, for the file of results."""
RESULTS: Final = ROOT / ".cper-lod" / "benchmarks"
PACKAGES: Final = (
    "cper-lod",
    "pyoxigraph",
    "oxigraph",
    "rdflib",
    "rdflib-endpoint",
    "pyld",
    "flask",
    "granian",
    "gunicorn",
    "uvicorn",
)


def flags(name: str, doc: str | None) -> argparse.ArgumentParser:
    """Return the parser of a program's flags, with those that all have."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=doc)
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works; its figures are rough")
    parser.add_argument("--json", type=Path, default=RESULTS / f"{name}.json", help="file of results (%(default)s)")
    # A benchmark that is ended leaves its servers through their context managers.
    signal.signal(signal.SIGTERM, _leave)
    return parser


def _leave(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


def median(values: Sequence[float]) -> float:
    """Return the median, nan of nothing."""
    return statistics.median(values) if values else float("nan")


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of all do not exceed, nan of nothing.

    >>> percentile([5, 1, 4, 2, 3], 0.5), percentile([1, 2], 0.95), percentile([7], 0.5)
    (3, 2, 7)
    """
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else float("nan")


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return how many times `ours` is `theirs`, by medians; nan where either says nothing."""
    below = median(theirs)
    return median(ours) / below if below else float("nan")


def alternate(rounds: int, works: Mapping[str, Callable[[], Measured]]) -> dict[str, list[Measured]]:
    """Run every work once a round, in turn and back, so that what the machine does meanwhile meets all alike."""
    results: dict[str, list[Measured]] = {name: [] for name in works}
    for count in range(rounds):
        for name in list(works) if count % 2 == 0 else reversed(list(works)):
            results[name].append(works[name]())
    _ROUNDS.append(results)
    return results


def number(value: object) -> str:
    """Return a figure with three digits that count, and anything else as its text.

    >>> [number(each) for each in (0.01234, 1234.5, 12.34, 3, float("nan"), None, "x")]
    ['0.0123', '1234', '12.3', '3', '–', '–', 'x']
    """
    if not isinstance(value, float):
        return "–" if value is None else str(value)
    if math.isnan(value):
        return "–"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table, its columns padded so that it can also be read as it stands."""
    cells = [list(head), *([number(value).replace("|", "\\|") for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def verdict(value: float, target: float, *, at_least: bool = False) -> str:
    """Return whether a figure meets its target, in words; a figure that is missing does not.

    >>> verdict(3.2, 5), verdict(6.0, 5), verdict(3.2, 4, at_least=True)
    ('met (≤ 5)', 'MISSED (≤ 5)', 'MISSED (≥ 4)')
    """
    met = value >= target if at_least else value <= target
    return f"{'met' if met else 'MISSED'} ({'≥' if at_least else '≤'} {number(target)})"


def _named(head: Sequence[str], row: Sequence[object]) -> dict[str, object]:
    """Return a row by its names, what is missing as None: JSON has no nan."""
    cells = (None if isinstance(cell, float) and math.isnan(cell) else cell for cell in row)
    return dict(zip(head, cells, strict=True))


def machine() -> dict[str, object]:
    """Return on what and with what the figures were taken."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "taken": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": versions,
        "peers": peers.versions(),
    }


def publish(path: Path, title: str, tables: Mapping[str, tuple[Sequence[str], Sequence[Sequence[object]]]]) -> None:
    """Print the tables as Markdown and write them, with the machine, as JSON."""
    print(f"# {title}\n")
    for caption, (head, rows) in tables.items():
        print(f"{caption}\n\n{table(head, rows)}\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {caption: [_named(head, row) for row in rows] for caption, (head, rows) in tables.items()}
    told = {"title": title, "machine": machine(), "tables": kept}
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2))
    print(f"JSON: {path}")
    if _ROUNDS:
        raw = path.with_suffix(".raw.json")
        raw.write_text(json.dumps(_ROUNDS, default=lambda each: vars(each) if hasattr(each, "__dict__") else str(each)))
        print(f"raw figures: {raw}")
