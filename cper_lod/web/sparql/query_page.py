"""The query page: a form that works without JavaScript, the results as a table, an error at its place."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, request

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import GRAPH_FORMATS, SOLUTION_FORMATS, SPREADSHEET_FORMATS, XLSX
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import PREFIXES, XSD
from cper_lod.engine.base import Answer
from cper_lod.web.components.view import DocumentView, Value
from cper_lod.web.http import formatting, responses, urls
from cper_lod.web.site import site
from cper_lod.web.sparql import editor
from cper_lod.web.sparql.protocol import ParsedQuery

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
    view = DocumentView(site().release, (), lang)
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


def _cell(view: DocumentView, binding: Binding | None) -> Value | None:
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


FIRST: Final = f"""PREFIX cper: <{PREFIXES["cper"]}>
SELECT ?axe ?part WHERE {{
  ?axe a cper:Axe ; cper:part/cper:pourcentage ?part
}} ORDER BY DESC(?part)"""
"""The query that the page begins with."""
FIRST_OF_ANY: Final = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 10"
"""The same for data served as given."""
AROUND: Final = 60
"""Characters of a faulty line that are shown on either side of the fault."""


@dataclass(frozen=True)
class Fault:
    """A place in a query: line and column from 1, and what stands before it, there and after it on that line."""

    line: int
    column: int
    before: str
    at: str
    after: str


def page(asked: ParsedQuery | None, answer: Answer | None = None, error: Problem | None = None) -> Response:
    """Return the query page, with results or an error where there are some."""
    served, lang = site(), responses.lang()
    first = FIRST_OF_ANY if served.release.mode == "data" else FIRST
    response = responses.page(
        "sparql.html",
        error=error,
        query=asked.text if asked else first,
        kept_lang=lang if request.args.get("lang") else "",
        graphs=_graphs(asked) if asked else (),
        words=error.words(lang) if error else None,
        invalid=error is not None and error.kind.status == 400,
        fault=fault(asked.text, error) if asked and error else None,
        result=shown(answer) if answer else None,
        downloads=_downloads(asked, answer) if asked and answer else (),
        share=_address("", asked) if asked else "",
        questions=[
            (formatting.spaced(each["title"][lang], lang), urlencode({"query": each["text"]}))
            for each in served.release.questions
        ],
        script=editor.script(),
        phrases=_phrases(lang),
    )
    if request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def fault(text: str, error: Problem) -> Fault | None:
    """Return the place in a query that an error tells, None where it tells none."""
    line, column = error.params.get("line"), error.params.get("column")
    lines = text.split("\n")
    if not (isinstance(line, int) and isinstance(column, int) and 1 <= line <= len(lines) and column >= 1):
        return None
    whole = lines[line - 1].removesuffix("\r")
    before, at, after = whole[: column - 1], whole[column - 1 : column], whole[column:]
    # Nothing stands at the end of a line: a no-break space carries the mark there.
    return Fault(line, column, _shortened(before.lstrip()[::-1])[::-1], at.strip() or "\u00a0", _shortened(after))


def _shortened(text: str) -> str:
    return text if len(text) <= AROUND else text[:AROUND] + "…"


def _phrases(lang: Language) -> dict[str, str]:
    """Return what the editor says by itself, by the English words that it knows them by."""
    return {
        "Completions": translate("editor-completions", lang),
        "Selection deleted": translate("editor-deleted", lang),
    }


def _graphs(asked: ParsedQuery) -> list[tuple[str, str]]:
    """Return the parameters that give the dataset of a query."""
    graphs = [("default-graph-uri", iri) for iri in asked.default_graphs]
    return graphs + [("named-graph-uri", iri) for iri in asked.named_graphs]


def _address(end: str, asked: ParsedQuery, more: Iterable[tuple[str, str]] = ()) -> str:
    """Return the address that answers the same query."""
    return f"{request.script_root}/sparql{end}?{urlencode([('query', asked.text), *_graphs(asked), *more])}"


def _downloads(asked: ParsedQuery, answer: Answer) -> list[tuple[str, str]]:
    """Return the label and the address of each form in which the same answer can be downloaded."""
    offers = GRAPH_FORMATS if answer.form == "graph" else (*SOLUTION_FORMATS, *SPREADSHEET_FORMATS)
    lang = [("lang", language) for language in urls.language_parameter().values()]
    return [
        (formatting.form(form, responses.lang()), _address(f".{form.suffix}", asked, lang if form is XLSX else ()))
        for form in offers
    ]
