"""The query page: a form that works without JavaScript, the results as a table, an error at its place."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Response, request

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import GRAPH_ANSWER, SHEETS, SOLUTIONS_ANSWER, XLSX
from cper_lod.core.i18n import say
from cper_lod.core.namespaces import PREFIXES
from cper_lod.engine.base import Answer
from cper_lod.web.http import formatting, responses, urls
from cper_lod.web.site import site
from cper_lod.web.sparql import editor_files, results
from cper_lod.web.sparql.protocol import Asked

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


def page(asked: Asked | None, answer: Answer | None = None, error: Problem | None = None) -> Response:
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
        result=results.shown(answer) if answer else None,
        downloads=_downloads(asked, answer) if asked and answer else (),
        share=_address("", asked) if asked else "",
        questions=[
            (formatting.spaced(each["title"][lang], lang), urlencode({"query": each["text"]}))
            for each in served.release.questions
        ],
        script=editor_files.script(),
        phrases=_phrases(lang),
    )
    if request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def fault(text: str, error: Problem) -> Fault | None:
    """Return the place in a query that an error tells, None where it tells none."""
    line, column = error.where.get("line"), error.where.get("column")
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
        "Completions": say("editor-completions", lang),
        "Selection deleted": say("editor-deleted", lang),
    }


def _graphs(asked: Asked) -> list[tuple[str, str]]:
    """Return the parameters that give the dataset of a query."""
    graphs = [("default-graph-uri", iri) for iri in asked.default_graphs]
    return graphs + [("named-graph-uri", iri) for iri in asked.named_graphs]


def _address(end: str, asked: Asked, more: Iterable[tuple[str, str]] = ()) -> str:
    """Return the address that answers the same query."""
    return f"{request.script_root}/sparql{end}?{urlencode([('query', asked.text), *_graphs(asked), *more])}"


def _downloads(asked: Asked, answer: Answer) -> list[tuple[str, str]]:
    """Return the label and the address of each form in which the same answer can be downloaded."""
    offers = GRAPH_ANSWER if answer.form == "graph" else (*SOLUTIONS_ANSWER, *SHEETS)
    lang = [("lang", language) for language in urls.language_asked().values()]
    return [
        (formatting.form(form, responses.lang()), _address(f".{form.suffix}", asked, lang if form is XLSX else ()))
        for form in offers
    ]
