"""The query page: the result as a table or the position of an error, and a form that works without JavaScript."""

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from flask import Response, request
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import GRAPH_FORMATS, SOLUTION_FORMATS, SPREADSHEET_FORMATS, XLSX, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, XSD
from cper_lod.engine.base import Answer
from cper_lod.release.docs.empty_results import Reason
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.sources.questions import in_language
from cper_lod.web.components.view import DocumentView
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.values import Value
from cper_lod.web.site import site
from cper_lod.web.sparql import editor, questions
from cper_lod.web.sparql.protocol import ParsedQuery

MAX_ROWS: Final = 1000
"""Solutions that a page shows; it says how many there are, and links to all of them."""
MAX_ANSWER: Final = 4 * 1024 * 1024
"""Bytes of the largest answer that a page shows; of a larger one it gives the size and the downloads."""
BAR_ROWS: Final = range(2, 51)
"""Numbers of rows that are shown with bars: a single one compares with nothing, more do not fit on a screen."""
WIDTHS: Final = {90: "long", 40: "middle", 14: "short"}
"""Characters of the longest text of a column, and how wide it is at least, so that no row becomes a tower."""
PUNCTUATION_SPACE, FIGURE_SPACE = "\u2008", "\u2007"
NUMERIC_TYPES: Final = frozenset(
    XSD + name for name in ("decimal", "double", "float", "int", "integer", "long", "nonNegativeInteger", "short")
)
"""The numeric datatypes that the data or functions of the engine have."""

Binding = dict[str, Any]
ResultCell = tuple[Value | None, str]
"""A value, None if there is none, and the spaces that align a number with those of its column."""


class ResultColumn(NamedTuple):
    """A variable: its name in words, whether all its values are numbers, and how long its texts are (`WIDTHS`)."""

    name: str
    is_numeric: bool
    title: str = ""
    width: str = ""


class ResultBars(NamedTuple):
    """The length of the bar of each row, in percent of the longest; the column that is measured, and its maximum.

    `beside` is the number of the column with the name that a bar is below: the last one.
    """

    lengths: list[str]
    variable: str
    maximum: str
    beside: int


@dataclass(frozen=True)
class QueryResult:
    """What a page shows of an answer: a table, a truth value, a graph, or the size of one that is too large."""

    columns: Sequence[ResultColumn] | None = None
    rows: Sequence[Sequence[ResultCell]] = ()
    count: int = 0
    bars: ResultBars | None = None
    truth: bool | None = None
    graph: str | None = None
    too_large: str = ""

    @property
    def is_focusable(self) -> bool:
        """Whether a table that may be wider than a window has nothing in it that the keyboard reaches."""
        return len(self.columns or ()) > 2 and not any(
            value and (value.href or value.outside) for row in self.rows for value, _ in row
        )


def query_result(answer: Answer, *, of_question: bool) -> QueryResult:
    """Return what a page shows of an answer in SPARQL results JSON or in Turtle; that of a question has named columns."""
    if answer.size > MAX_ANSWER:
        return QueryResult(too_large=formatting.number(f"{answer.size / 1048576:.1f}", flask_responses.lang()))
    if answer.form == "graph":
        return QueryResult(graph=answer.read().decode())
    results = json.loads(answer.read())
    if answer.form == "ask":
        return QueryResult(truth=results["boolean"])
    return _table(results["head"]["vars"], results["results"]["bindings"], of_question=of_question)


def _table(names: Sequence[str], bindings: Sequence[Binding], *, of_question: bool) -> QueryResult:
    lang = flask_responses.lang()
    view, columns, cells = DocumentView(site().release, (), lang), list[ResultColumn](), list[list[ResultCell]]()
    for name in names:
        values = [_cell(view, row.get(name)) for row in bindings[:MAX_ROWS]]
        title = questions.column_name(name, lang) if of_question else f"?{name}"
        columns.append(ResultColumn(name, _numeric(bindings, name), title, _width(values)))
        cells.append(_aligned(values) if columns[-1].is_numeric else [(value, "") for value in values])
    rows = list(zip(*cells, strict=True)) if cells else [()] * len(bindings[:MAX_ROWS])
    return QueryResult(columns, rows, len(bindings), _bars(columns, bindings))


def _width(values: Sequence[Value | None]) -> str:
    longest = max((len(value.text) for value in values if value), default=0)
    return next((width for least, width in WIDTHS.items() if longest > least), "")


def _aligned(values: Sequence[Value | None]) -> list[ResultCell]:
    """Return numbers with what keeps the decimal signs of their column one below the other."""
    mark = "," if flask_responses.lang() == "fr" else "."
    decimals = [len(value.text.partition(mark)[2]) if value else 0 for value in values]
    most = max(decimals, default=0)
    return [
        (value, (PUNCTUATION_SPACE if most and not own else "") + FIGURE_SPACE * (most - own))
        for value, own in zip(values, decimals, strict=True)
    ]


def _numeric(bindings: Sequence[Binding], name: str) -> bool:
    """Return whether a variable has values, and numbers only."""
    kinds = {row[name].get("datatype") for row in bindings if name in row}
    return bool(kinds) and kinds <= NUMERIC_TYPES


def _bars(columns: Sequence[ResultColumn], bindings: Sequence[Binding]) -> ResultBars | None:
    """Return bars if each row has a number and one or two names, such as a contract and a funder, and nothing else."""
    names = [each for each in columns if not each.is_numeric]
    if len(bindings) not in BAR_ROWS or len(names) not in (1, 2) or len(columns) != len(names) + 1:
        return None
    if not all(column.name in row for row in bindings for column in columns):
        return None
    (measured,) = (column for column in columns if column.is_numeric)
    texts = [row[measured.name]["value"] for row in bindings]
    values = [float(text) for text in texts]
    longest = max(values)
    if not (math.isfinite(sum(values)) and min(values) >= 0 and longest > 0):
        return None
    lengths = [f"{100 * value / longest:.2f}" for value in values]
    maximum = formatting.number(texts[values.index(longest)], flask_responses.lang())
    return ResultBars(lengths, measured.title, maximum, columns.index(names[-1]))


def _cell(view: DocumentView, binding: Binding | None) -> Value | None:
    """Return one binding of SPARQL results JSON as a page shows it."""
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


EXAMPLE: Final = """SELECT ?subdivision ?part WHERE {
  ?chiffre cper:subdivision ?subdivision ; cper:partParSubdivision ?part
} ORDER BY DESC(?part)"""
"""The query in the form of an empty page."""
EXAMPLE_OF_ANY_DATA: Final = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 10"
"""The same where the data have no such share."""
CONTEXT: Final = 60
"""Characters of a line that are shown on either side of an error."""


class ErrorPosition(NamedTuple):
    """A position in a query: line and column from 1, and the text before it, at it and after it on that line."""

    line: int
    column: int
    before: str
    at: str
    after: str


MAX_CONTRACTS: Final = 40
"""Contracts that a reader may choose from, beside the answer of a question."""
_CHOSEN: Final = re.compile(r"\nVALUES \?contrat \{ <([^<>\s]+)> \}\s*$")
"""What stands after a question that is asked about one contract."""
_BY_CONTRACT: Final = re.compile(r"\bSELECT\b[^{]*\?contrat\b")
"""What a question begins with whose rows say which contract they are of."""


class Asked(NamedTuple):
    """A competency question that is asked, and the contract that it is asked about ("" for all)."""

    question: dict[str, Any]
    contract: str

    def text(self, lang: Language, contract: str) -> str:
        """Return the query in a language, about one contract if it is named."""
        text = in_language(self.question["text"], lang)
        return f"{text.rstrip()}\nVALUES ?contrat {{ <{contract}> }}\n" if contract else text

    def choice(self, lang: Language) -> list[Hyperlink]:
        """Return all contracts, and each of them, with the link to the answer; without a link, what is chosen."""
        contracts = [*islice(site().release.listing.things(CPER + "Contrat"), MAX_CONTRACTS)]
        if len(contracts) < 2 or not _BY_CONTRACT.search(self.question["text"]):
            return []
        graph = ReleaseGraph(site().release)
        names = [("", translate("query-contract-all", lang))]
        names += [(iri, graph.label(NamedNode(iri), lang)) for iri in contracts]
        links = {iri: urls.link("/sparql", query=self.text(lang, iri)) for iri, _ in names if iri != self.contract}
        return [Hyperlink(name, links.get(iri, "")) for iri, name in names]


def page(
    parsed: ParsedQuery | None,
    answer: Answer | None = None,
    error: Problem | None = None,
    reasons: Iterable[Reason] = (),
) -> Response:
    """Return the query page, with a result and why it is empty, or with an error."""
    served, lang = site(), flask_responses.lang()
    has_shares = served.release.triples.of_property(CPER + "partParSubdivision", 1)
    example = EXAMPLE if has_shares else EXAMPLE_OF_ANY_DATA
    asked = _asked(parsed.text) if parsed else None
    question = asked.question if asked else None
    response = flask_responses.page(
        "sparql.html",
        question=formatting.typeset(question["title"][lang], lang) if question else "",
        reasons=[each.words(lang) for each in reasons],
        here=_in_each_language(asked) if asked else urls.other_language(),
        choice=asked.choice(lang) if asked and answer else (),
        error=error,
        query=parsed.text if parsed else example,
        kept_lang=lang if request.args.get("lang") else "",
        graphs=parsed.graph_parameters if parsed else (),
        position=error_position(parsed.text, error) if parsed and error else None,
        result=query_result(answer, of_question=question is not None) if answer else None,
        downloads=_downloads(parsed, answer) if parsed and answer else (),
        share=_query_address("", parsed) if parsed else "",
        topics=() if parsed else questions.grouped(questions.offered(served)),
        asking=lambda text: urlencode({"query": in_language(text, lang)}),
        script=editor.script(),
    )
    if request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _asked(text: str) -> Asked | None:
    """Return the competency question that a query is, in any language and about any contract; None for another query."""
    text = text.replace("\r\n", "\n").strip()  # as browsers send it
    chosen = _CHOSEN.search(text)
    bare = text[: chosen.start()].strip() if chosen else text
    for question in site().release.questions:
        if any(in_language(question["text"], lang).strip() == bare for lang in LANGUAGES):
            return Asked(question, chosen[1] if chosen else "")
    return None


def _in_each_language(asked: Asked) -> dict[str, str]:
    """Return the link to the answer of a question in each language."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name not in ("query", "lang")]
    return {
        lang: "?" + urlencode([("query", asked.text(lang, asked.contract)), *others, ("lang", lang)])
        for lang in LANGUAGES
    }


def error_position(text: str, error: Problem) -> ErrorPosition | None:
    """Return the position in a query that an error names, None if it names none."""
    line, column = error.params.get("line"), error.params.get("column")
    lines = text.split("\n")
    if not (isinstance(line, int) and isinstance(column, int) and 1 <= line <= len(lines) and column >= 1):
        return None
    whole = lines[line - 1].removesuffix("\r")
    before, at, after = whole[: column - 1], whole[column - 1 : column], whole[column:]
    # At the end of a line the mark is on a no-break space.
    return ErrorPosition(
        line, column, _shortened(before.lstrip()[::-1])[::-1], at.strip() or "\u00a0", _shortened(after)
    )


def _shortened(text: str) -> str:
    return text if len(text) <= CONTEXT else text[:CONTEXT] + "…"


def _query_address(suffix: str, parsed: ParsedQuery, more: Iterable[tuple[str, str]] = ()) -> str:
    """Return the address of the same query."""
    return (
        f"{request.script_root}/sparql{suffix}?{urlencode([('query', parsed.text), *parsed.graph_parameters, *more])}"
    )


def _downloads(parsed: ParsedQuery, answer: Answer) -> list[tuple[Format, str]]:
    """Return each format in which the same answer can be downloaded, with its address."""
    offers = GRAPH_FORMATS if answer.form == "graph" else (*SOLUTION_FORMATS, *SPREADSHEET_FORMATS)
    lang = urls.language_parameter().items()
    return [(form, _query_address(f".{form.suffix}", parsed, lang if form is XLSX else ())) for form in offers]
