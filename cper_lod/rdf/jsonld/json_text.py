"""Readable JSON: indented, with objects and arrays on one line if they fit."""

import json
from itertools import pairwise
from json.encoder import encode_basestring
from typing import Final

__all__ = ["Json", "format_json"]

Json = str | int | float | list["Json"] | dict[str, "Json"] | None
_INDENT: Final = " "
"""Indentation of each level; one blank, because the documents are deep and mostly transferred, not read."""
_WIDTH: Final = 120
"""Maximum length of an object or array on one line, without indentation and brackets."""


def format_json(value: Json, margin: str = "\n") -> str:
    """Return `value` as JSON; `margin` is a line feed and the indentation of its line.

    Non-ASCII characters are not escaped and keys keep their order, so the same value gives the same text. More compact than
    `json.dumps(value, indent=2)` and not slower, since that runs in Python too. The brackets of an object on several lines
    are beside those of its array, so objects in an array are indented like a single object.

    >>> format_json({"nom": {"fr": "Été"}, "axe": [1, 2, True, None]})
    '{"nom": {"fr": "Été"}, "axe": [1, 2, true, null]}'
    >>> print(format_json({"nom": "x" * 120, "axe": [{"numero": 1}, {"nom": "x" * 129}]}).replace("x" * 120, "…"))
    {
     "nom": "…",
     "axe": [{"numero": 1}, {
      "nom": "…xxxxxxxxx"
     }]
    }
    """
    inner = margin + _INDENT
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        parts = [f"{encode_basestring(key)}: {format_json(held, inner)}" for key, held in value.items()]
        return "{" + (_one_line(parts) or f"{inner}{f',{inner}'.join(parts)}{margin}") + "}" if parts else "{}"
    if not isinstance(value, list):
        return json.dumps(value)
    parts = [format_json(held, margin) for held in value]
    if not parts or (line := _one_line(parts)):
        return f"[{line}]" if parts else "[]"
    if not any("\n" in part for part in parts):
        return f"[{inner}{f',{inner}'.join(parts)}{margin}]"
    joined = parts[:1]
    for before, part in pairwise(parts):
        joined += (", " if "\n" in part or "\n" in before else f",{inner}", part)
    return f"[{''.join(joined)}]"


def _one_line(parts: list[str]) -> str | None:
    """Return the parts on one line; None if they do not fit."""
    if sum(map(len, parts)) + 2 * len(parts) - 2 > _WIDTH:
        return None
    line = ", ".join(parts)
    return None if "\n" in line else line
