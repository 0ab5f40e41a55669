"""The objects of a JSON document."""

from collections.abc import Iterator
from typing import Any


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Yield every JSON object of a document but its context."""
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key != "@context":
                yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)
