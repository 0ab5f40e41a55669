"""What the benchmarks share: flags, medians and ratios, alternating rounds, tables."""

import argparse
import importlib.metadata
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

Measured = TypeVar("Measured")

ROOT: Final = Path(__file__).parent.parent
PACKAGES: Final = ("cper-lod", "pyoxigraph", "oxigraph", "flask", "granian")

Table = tuple[Sequence[str], Sequence[Sequence[object]]]
"""Column headings, and rows."""


def flags(name: str, doc: str | None) -> argparse.ArgumentParser:
    """Return the parser of a program's flags, with those that all have."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks {name}", description=doc)
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works; its figures are rough")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="folder where releases stay, and are found again")
    # A benchmark that is terminated ends its servers through their context managers.
    signal.signal(signal.SIGTERM, _leave)
    return parser


def _leave(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


def median(values: Sequence[float]) -> float:
    """Return the median, nan of nothing."""
    return statistics.median(values) if values else math.nan


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of all do not exceed, nan of nothing.

    >>> percentile([5, 1, 4, 2, 3], 0.5), percentile([1, 2], 0.95), percentile([7], 0.5)
    (3, 2, 7)
    """
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else math.nan


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return how many times `ours` is `theirs`, by medians; nan where either is empty."""
    below = median(theirs)
    return median(ours) / below if below else math.nan


def alternate(rounds: int, works: Mapping[str, Callable[[], Measured]]) -> dict[str, list[Measured]]:
    """Run every work once a round, in turn and back, so that other load on the machine meets all alike."""
    results: dict[str, list[Measured]] = {name: [] for name in works}
    for count in range(rounds):
        for name in list(works) if count % 2 == 0 else reversed(list(works)):
            results[name].append(works[name]())
    return results


def number(value: object) -> str:
    """Return a figure with three significant digits, and anything else as its text.

    >>> [number(value) for value in (0.01234, 1234.5, 12.34, 3, float("nan"), None, "x")]
    ['0.0123', '1234', '12.3', '3', '–', '–', 'x']
    """
    if not isinstance(value, float):
        return "–" if value is None else str(value)
    if math.isnan(value):
        return "–"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


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


def publish(title: str, tables: Mapping[str, Table]) -> None:
    """Print the tables as Markdown, after what they were measured with."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    day = time.strftime("%Y-%m-%d", time.gmtime())
    print(f"# {title}\n\n{day}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}\n")
    for caption, (head, rows) in tables.items():
        print(f"{caption}\n\n{table(head, rows)}\n")
