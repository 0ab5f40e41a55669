"""How many examples of a property are tried where slow tests do not run."""

from hypothesis import settings

QUICK_EXAMPLES = 8
"""The number where slow tests do not run."""


def examples(number: int) -> int:
    """Return `number` where slow tests run, otherwise as many as of any other property."""
    return min(number, QUICK_EXAMPLES) if settings.default.max_examples == QUICK_EXAMPLES else number
