"""The progress of a build: each step has a weight, as measured, and a share that is done."""

from collections.abc import Callable, Iterable
from typing import Final

WEIGHTS: Final = {
    "read": 4.4,
    "divide": 2.6,
    "check": 30.0,
    "count": 3.0,
    "index": 8.7,
    "lists": 16.0,
    "tables": 12.0,
    "dumps": 23.6,
    "seal": 1.2,
}
"""The steps of a build, each with its processor seconds for a million triples of a synthetic release."""
AFTER_CHECK: Final = tuple(WEIGHTS)[3:]
"""The steps that come after the check."""


class Progress:
    """Follows the steps of a build and reports the share that is done, from 0 to 1."""

    def __init__(self, report: Callable[[float], object], without: Iterable[str] = ()) -> None:
        """Call `report` with the share; the steps `without` are not part of this build."""
        self._report = report
        self._weights = {step: weight for step, weight in WEIGHTS.items() if step not in set(without)}
        self._shares = dict.fromkeys(self._weights, 0.0)

    def end(self, step: str) -> None:
        """End a step."""
        self.set_share(step, 1.0)

    def set_share(self, step: str, share: float) -> None:
        """Set the share of a step that is done."""
        if step in self._shares:
            self._shares[step] = min(share, 1.0)
        done = sum(weight * self._shares[step] for step, weight in self._weights.items())
        self._report(done / sum(self._weights.values()))


SILENT: Final = Progress(lambda _: None)
"""Progress that nobody follows."""
