"""Readable JSON: indented, with objects and arrays on one line if they fit."""

import json
from collections.abc import Sequence
from json.encoder import encode_basestring as quoted
from typing import Final

__all__ = ["INDENT", "Json", "format_array", "format_json", "format_object", "quoted"]

Json = str | int | float | list["Json"] | dict[str, "Json"] | None
INDENT: Final = " "
"""Indentation of each level; one blank, because the documents are deep and mostly transferred, not read."""
WIDTH: Final = 120
"""Maximum length of an object or array on one line, without indentation and brackets."""


def format_json(value: Json, margin: str = "\n") -> str:
    """Return `value` as JSON; `margin` is a line feed and the indentation of its line.

    Non-ASCII characters are not escaped and keys keep their order, so the same value gives the same text. More compact than
    `json.dumps(value, indent=2)` and not slower, since that runs in Python too.

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
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        inner = margin + INDENT
        return format_object([f"{quoted(key)}: {format_json(held, inner)}" for key, held in value.items()], margin)
    if isinstance(value, list):
        return format_array([format_json(held, margin) for held in value], margin)
    return json.dumps(value)


def format_object(parts: Sequence[str], margin: str) -> str:
    """Return an object with members given as text, formatted for one level more than `margin`."""
    line = _one_line(parts)
    return "{" + (_many_lines(parts, margin) if line is None else line) + "}"


def format_array(parts: Sequence[str], margin: str) -> str:
    """Return an array of values given as text, formatted for `margin` itself.

    The brackets of a value on several lines are beside those of the array, so objects in an array are indented like a
    single object.
    """
    line = _one_line(parts)
    if line is not None:
        return f"[{line}]"
    long = ["\n" in part for part in parts]
    if not any(long):
        return f"[{_many_lines(parts, margin)}]"
    made = [parts[0]]
    for place in range(1, len(parts)):
        made += (", " if long[place] or long[place - 1] else f",{margin}{INDENT}", parts[place])
    return f"[{''.join(made)}]"


def _one_line(parts: Sequence[str]) -> str | None:
    """Return the parts on one line; None if they do not fit."""
    if sum(map(len, parts)) + 2 * len(parts) - 2 <= WIDTH:
        line = ", ".join(parts)
        if "\n" not in line:
            return line
    return None


def _many_lines(parts: Sequence[str], margin: str) -> str:
    inner = margin + INDENT
    return inner + ("," + inner).join(parts) + margin
