"""What a page or an image shows of an answer: its table with names, units and bars, a truth value, or a graph."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any, Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, RDF, XSD
from cper_lod.core.units import shown_unit
from cper_lod.engine.base import Answer
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.components.view import DocumentView
from cper_lod.web.http import flask_responses
from cper_lod.web.http.values import Value
from cper_lod.web.site import site
from cper_lod.web.sparql import questions

MAX_ROWS: Final = 1000
"""Solutions that a page shows; it says how many there are, and links to all of them."""
MAX_ANSWER: Final = 4 * 1024 * 1024
"""Bytes of the largest answer that a page shows; of a larger one it gives the size and the downloads."""
BAR_ROWS: Final = range(2, 51)
"""Numbers of rows that are shown with bars: a single one compares with nothing, more do not fit on a screen."""
WIDTHS: Final = {90: "long", 40: "middle", 14: "short"}
"""Characters of the longest text of a column, and how wide it is at least, so that no row becomes a tower."""
NUMERIC_TYPES: Final = frozenset(
    XSD + name for name in ("decimal", "double", "float", "int", "integer", "long", "nonNegativeInteger", "short")
)
"""The numeric datatypes that the data or functions of the engine have."""

_OBJECT: Final = re.compile(r"\bcper:(\w+)\s+[?$](\w+)")
"""A variable as the object of a property of the ontology."""

Binding = dict[str, Any]


class ResultColumn(NamedTuple):
    """A variable: its name in words, whether all its values are numbers, and how long its texts are (`WIDTHS`)."""

    name: str
    is_numeric: bool
    title: str = ""
    width: str = ""


class ResultBars(NamedTuple):
    """The length of the bar of each row, in percent of the longest; the title of the column that is measured, its maximum.

    `measured` is the number of that column, `label` that of the text which a bar is below: the last one before the number.
    """

    lengths: list[str]
    variable: str
    maximum: str
    measured: int
    label: int


@dataclass(frozen=True)
class QueryResult:
    """What a page shows of an answer: a table, a truth value, a graph, or the size of one that is too large."""

    columns: Sequence[ResultColumn] | None = None
    rows: Sequence[Sequence[Value | None]] = ()
    count: int = 0
    bars: ResultBars | None = None
    truth: bool | None = None
    graph: str | None = None
    too_large: str = ""


def query_result(answer: Answer, query: str, *, of_question: bool) -> QueryResult:
    """Return what is shown of the answer to a query, in SPARQL results JSON or in Turtle.

    That of a question has named columns.
    """
    if answer.size > MAX_ANSWER:
        return QueryResult(too_large=formatting.number(f"{answer.size / 1048576:.1f}", flask_responses.lang()))
    if answer.form == "graph":
        return QueryResult(graph=answer.read().decode())
    results = json.loads(answer.read())
    if answer.form == "ask":
        return QueryResult(truth=results["boolean"])
    units = {**_units(query), **(questions.column_units() if of_question else {})}
    return _table(results["head"]["vars"], results["results"]["bindings"], units, of_question=of_question)


def _units(query: str) -> dict[str, str]:
    """Return the unit of the numbers of variables, `%` or the code of a currency, by the properties they are values of.

    >>> _units("{ ?x cper:montantTotal ?a ; cper:partParFinanceur ?b . ?y cper:montantTotal ?c ; cper:partParFinanceur ?c }")
    {'a': 'EUR', 'b': '%'}
    """
    found: dict[str, set[str]] = {}
    for name, variable in _OBJECT.findall(query):
        found.setdefault(variable, set()).add(shown_unit(CPER + name, ""))
    return {variable: units.pop() for variable, units in found.items() if len(units) == 1}


def _table(
    names: Sequence[str], bindings: Sequence[Binding], units: Mapping[str, str], *, of_question: bool
) -> QueryResult:
    lang = flask_responses.lang()
    view, columns, cells = DocumentView(site().release, (), lang), list[ResultColumn](), list[list[Value | None]]()
    linked = of_question and names[-1] == questions.FIGURE
    if linked:
        names = [name for name in names[:-1] if name not in questions.PUBLISHED or _has_values(bindings, name)]
    first = next((name for name in names if name == "texte" or (units.get(name) and _numeric(bindings, name))), "")
    carriers = questions.PUBLISHED.keys() & {*names} or {first}
    for name in names:
        values = [_cell(view, row.get(name), units.get(name, "")) for row in bindings[:MAX_ROWS]]
        if of_question and units.get(name, "%") != "%" and _numeric(bindings, name):
            values = [_rounded(value, name, row, lang) for value, row in zip(values, bindings, strict=False)]
        if linked and name in carriers:
            values = [_linked(view, value, name, row, lang) for value, row in zip(values, bindings, strict=False)]
        if of_question and name in questions.PUBLISHED:
            values = [value or Value("") for value in values]  # empty: a share has no amount, which is not missing
        title = formatting.capital(questions.column_name(name, lang)) if of_question else f"?{name}"
        columns.append(ResultColumn(name, _numeric(bindings, name), title, _width(values)))
        cells.append(values)
    rows = list(zip(*cells, strict=True)) if cells else [()] * len(bindings[:MAX_ROWS])
    return QueryResult(columns, rows, len(bindings), _bars(columns, bindings, rows))


def _rounded(value: Value | None, name: str, row: Binding, lang: Language) -> Value | None:
    """Return an amount in millions, with four digits where it is computed or a bound: a bound is rounded away from the amount."""
    if value is None:
        return None
    shown = Decimal(value.raw)
    way = ROUND_FLOOR if name == "auMoins" else ROUND_CEILING if name == "moinsDe" else ROUND_HALF_EVEN
    if shown.is_finite() and "auMoins" in row:
        shown = shown.quantize(Decimal(1).scaleb(max(shown.adjusted() - 3, 0)), way)
    return value._replace(text=formatting.short_amount(format(shown, "f"), "EUR", lang))


def _linked(view: DocumentView, value: Value | None, name: str, row: Binding, lang: Language) -> Value | None:
    """Return a figure with the link to its page.

    One without a value is missing, in the column of published values of its class; None in the other ones.
    """
    figure = row.get(questions.FIGURE)
    if value is None and figure and name in questions.PUBLISHED:
        classes = ReleaseGraph(site().release).all(NamedNode(figure["value"]), RDF + "type")
        if NamedNode(questions.PUBLISHED[name]) not in classes:
            return None
    shown = value or Value(translate("plan-missing", lang))
    return shown._replace(href=view.iri(figure["value"]).href) if figure else shown


def _has_values(bindings: Sequence[Binding], name: str) -> bool:
    return any(name in row for row in bindings)


def _width(values: Sequence[Value | None]) -> str:
    longest = max((len(value.text) for value in values if value), default=0)
    return next((width for least, width in WIDTHS.items() if longest > least), "")


def _numeric(bindings: Sequence[Binding], name: str) -> bool:
    """Return whether a variable has values, and numbers only."""
    kinds = {row[name].get("datatype") for row in bindings if name in row}
    return bool(kinds) and kinds <= NUMERIC_TYPES


def _bars(
    columns: Sequence[ResultColumn], bindings: Sequence[Binding], rows: Sequence[Sequence[Value | None]]
) -> ResultBars | None:
    """Return bars if each row has one number, one to three texts, and those before the number, such as a contract and a funder."""
    names = [number for number, each in enumerate(columns) if not each.is_numeric]
    if len(bindings) not in BAR_ROWS or len(names) not in (1, 2, 3) or len(columns) != len(names) + 1:
        return None
    (measured,) = {*range(len(columns))} - {*names}
    labels = names[:measured] or names
    if not all(columns[number].name in row for row in bindings for number in (*labels, measured)):
        return None
    values = [float(row[columns[measured].name]["value"]) for row in bindings]
    longest = max(values)
    if not (math.isfinite(sum(values)) and min(values) >= 0 and longest > 0):
        return None
    lengths = [f"{100 * value / longest:.2f}" for value in values]
    cell = rows[values.index(longest)][measured]
    return ResultBars(lengths, columns[measured].title, cell.text if cell else "", measured, labels[-1])


def _cell(view: DocumentView, binding: Binding | None, unit: str) -> Value | None:
    """Return one binding of SPARQL results JSON as a page shows it, a number with its unit."""
    if binding is None:
        return None
    if binding["type"] == "uri":
        return view.iri(binding["value"])
    if binding["type"] == "bnode":
        return Value("_:" + binding["value"])
    if binding["type"] == "literal":
        language = binding.get("xml:lang", "")
        return view.literal(binding["value"], binding.get("datatype", XSD + "string"), language, unit)
    return Value(json.dumps(binding["value"], ensure_ascii=False))
