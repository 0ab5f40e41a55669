"""JSON as text that a person reads: indented, with whatever fits on one line on one line."""

import json
from collections.abc import Sequence
from json.encoder import encode_basestring as quoted
from typing import Final

__all__ = ["INDENT", "Json", "format_array", "format_json", "format_object", "quoted"]

Json = str | int | float | list["Json"] | dict[str, "Json"] | None
INDENT: Final = " "
"""What each level is indented by: the documents are deep, and read over a network more often than by eye."""
WIDTH: Final = 120
"""How many characters an object or an array may have to stand on one line, indentation and brackets aside."""


def format_json(value: Json, margin: str = "\n") -> str:
    r"""Return `value` as JSON; `margin` is a line feed and the indentation of the line that it begins on.

    Characters outside ASCII stand as they are, keys in the order of the object: the same value gives the same text.
    Shorter than `json.dumps(value, indent=2)`, and no slower, since that runs in Python too.

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
    """Return an object of members that are text already, made for the indentation of `margin` and one level more."""
    line = _one_line(parts)
    return "{" + (_many_lines(parts, margin) if line is None else line) + "}"


def format_array(parts: Sequence[str], margin: str) -> str:
    """Return an array of values that are text already, made for the indentation of `margin` itself.

    What takes several lines stands with its brackets beside those of the array: objects in an array are indented as
    much as one that is alone.
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
    """Return parts on one line, None where they do not fit on one."""
    if sum(map(len, parts)) + 2 * len(parts) - 2 <= WIDTH:
        line = ", ".join(parts)
        if "\n" not in line:
            return line
    return None


def _many_lines(parts: Sequence[str], margin: str) -> str:
    inner = margin + INDENT
    return inner + ("," + inner).join(parts) + margin
