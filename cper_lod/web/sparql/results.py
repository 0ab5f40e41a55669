"""The answer to a query as a page shows it: a table with labels, links and bars beside numbers, yes or no, Turtle."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cper_lod.core.namespaces import XSD
from cper_lod.engine.base import Answer
from cper_lod.web.components.view import Value, View
from cper_lod.web.http import formatting, responses
from cper_lod.web.site import site

SHOWN: Final = 1000
"""How many solutions a page shows; it says how many there are, and where all can be downloaded."""
LARGEST: Final = 4 * 1024 * 1024
"""Bytes beyond which a page does not even read an answer, but only says its size and where to download it."""
BARS: Final = range(2, 51)
"""How many rows are shown with bars: one has nothing to be compared with, more do not fit one look."""
NUMBERS: Final = frozenset(
    XSD + name for name in ("decimal", "double", "float", "int", "integer", "long", "nonNegativeInteger", "short")
)
"""The datatypes of what is measured: numeric ones that data or the engine's functions have."""

Binding = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A variable, and whether all its values are numbers."""

    name: str
    number: bool


@dataclass(frozen=True)
class Bars:
    """How long the bar of each row is, in percent of the longest; what is measured, and the greatest value of it."""

    lengths: tuple[str, ...]
    measured: str
    greatest: str


@dataclass(frozen=True)
class Result:
    """What a page shows of an answer: one of the four, or the size alone of one that is too large."""

    columns: tuple[Column, ...] | None = None
    rows: tuple[tuple[Value | None, ...], ...] = ()
    count: int = 0
    bars: Bars | None = None
    truth: bool | None = None
    graph: str | None = None
    too_large: str = ""


def shown(answer: Answer) -> Result:
    """Return what a page shows of an answer in SPARQL results JSON or in Turtle."""
    if answer.size > LARGEST:
        return Result(too_large=formatting.number(f"{answer.size / 1048576:.1f}", responses.lang()))
    if answer.form == "graph":
        return Result(graph=answer.read().decode())
    found = json.loads(answer.read())
    if answer.form == "ask":
        return Result(truth=found["boolean"])
    return _table(found["head"]["vars"], found["results"]["bindings"])


def _table(names: Sequence[str], bindings: Sequence[Binding]) -> Result:
    lang = responses.lang()
    view = View(site().release, (), lang)
    columns = tuple(Column(name, _numeric(bindings, name)) for name in names)
    rows = tuple(tuple(_cell(view, row.get(name)) for name in names) for row in bindings[:SHOWN])
    return Result(columns, rows, len(bindings), _bars(columns, bindings))


def _numeric(bindings: Sequence[Binding], name: str) -> bool:
    """Return whether a variable has values, and numbers only."""
    kinds = {row[name].get("datatype") for row in bindings if name in row}
    return bool(kinds) and kinds <= NUMBERS


def _bars(columns: Sequence[Column], bindings: Sequence[Binding]) -> Bars | None:
    """Return bars where each row has a name and an amount, and nothing else."""
    if len(bindings) not in BARS or sorted(each.number for each in columns) != [False, True]:
        return None
    if not all(column.name in row for row in bindings for column in columns):
        return None
    (measured,) = (column.name for column in columns if column.number)
    texts = [row[measured]["value"] for row in bindings]
    values = [float(text) for text in texts]
    longest = max(values)
    if not (math.isfinite(sum(values)) and min(values) >= 0 and longest > 0):
        return None
    lengths = tuple(f"{100 * value / longest:.2f}" for value in values)
    greatest = formatting.number(texts[values.index(longest)], responses.lang())
    return Bars(lengths, measured, greatest)


def _cell(view: View, binding: Binding | None) -> Value | None:
    """Return one binding of SPARQL results JSON as it is shown."""
    if binding is None:
        return None
    if binding["type"] == "uri":
        return view.iri(binding["value"])
    if binding["type"] == "bnode":
        return Value("_:" + binding["value"])
    if binding["type"] == "literal":
        language = binding.get("xml:lang", "")
        return view.literal(binding["value"], binding.get("datatype", XSD + "string"), language)
    return Value(json.dumps(binding["value"], ensure_ascii=False))
