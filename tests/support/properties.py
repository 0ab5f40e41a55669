"""How many examples of a property, and which cases of a long list, are tried where slow tests do not run."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

QUICK_EXAMPLES = 8
"""The number where slow tests do not run."""


def examples(number: int) -> int:
    """Return `number` where slow tests run, otherwise as many as of any other property."""
    return min(number, QUICK_EXAMPLES) if settings.default.max_examples == QUICK_EXAMPLES else number


def sample(cases: Iterable[str], step: int = 3) -> list[Any]:
    """Return the cases of a test, those but each third (or each `step`th) as slow ones."""
    return [pytest.param(case, marks=[pytest.mark.slow] * bool(n % step)) for n, case in enumerate(cases)]
