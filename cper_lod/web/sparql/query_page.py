"""The query page: the result as a table or what is wrong, and a form that works without JavaScript."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from flask import Response, request

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.formats import GRAPH_FORMATS, XLSX, Format
from cper_lod.core.namespaces import CPER
from cper_lod.engine.base import Answer
from cper_lod.release.docs.empty_results import EmptyReason
from cper_lod.release.sources.questions import in_language
from cper_lod.web.components.takes import SVG
from cper_lod.web.http import flask_responses, static, urls
from cper_lod.web.site import site
from cper_lod.web.sparql import chart, questions
from cper_lod.web.sparql.protocol import ParsedQuery
from cper_lod.web.sparql.questions import Asked
from cper_lod.web.sparql.results import query_result

EXAMPLE: Final = """SELECT ?subdivision ?part WHERE {
  ?chiffre cper:subdivision ?subdivision ; cper:partParSubdivision ?part
} ORDER BY DESC(?part)"""
"""The query in the form of an empty page."""
EXAMPLE_OF_ANY_DATA: Final = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 10"
"""The same where the data have no such share."""


def page(
    parsed: ParsedQuery | None,
    answer: Answer | None = None,
    error: Problem | None = None,
    reasons: Iterable[EmptyReason] = (),
) -> Response:
    """Return the query page, with a result and why it is empty, or with an error."""
    served, lang = site(), flask_responses.lang()
    has_shares = served.release.triples.of_property(CPER + "partParSubdivision", 1)
    example = EXAMPLE if has_shares else EXAMPLE_OF_ANY_DATA
    asked = questions.asked_question(parsed.text) if parsed else None
    question = asked.question if asked else None
    result = query_result(answer, parsed.text, of_question=question is not None) if parsed and answer else None
    picture = chart.picture(result, question, lang) if result else None
    address = _query_address(f".{SVG.suffix}", parsed, [("lang", lang)]) if parsed and picture else ""
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
        result=result,
        downloads=_downloads(parsed, answer) if parsed and answer else (),
        image=address,
        embed=chart.element(picture, address, _query_address("", parsed)) if parsed and picture else "",
        share=_query_address("", parsed) if parsed else "",
        topics=() if parsed else questions.grouped(questions.offered(served)),
        asking=lambda text: urlencode({"query": in_language(text, lang)}),
        has_editor="editor/editor.js" in static.files(),
    )
    if request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _in_each_language(asked: Asked) -> dict[str, str]:
    """Return the link to the answer of a question in each language."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name not in ("query", "lang")]
    return {
        lang: "?" + urlencode([("query", asked.text(lang, asked.contract)), *others, ("lang", lang)])
        for lang in LANGUAGES
    }


def _query_address(suffix: str, parsed: ParsedQuery, more: Iterable[tuple[str, str]] = ()) -> str:
    """Return the address of the same query."""
    return (
        f"{request.script_root}/sparql{suffix}?{urlencode([('query', parsed.text), *parsed.graph_parameters, *more])}"
    )


def _downloads(parsed: ParsedQuery, answer: Answer) -> list[tuple[Format, str]]:
    """Return each format in which the same answer can be downloaded, with its address."""
    offers = GRAPH_FORMATS if answer.form == "graph" else site().settings.table_formats
    lang = urls.language_parameter().items()
    return [(form, _query_address(f".{form.suffix}", parsed, lang if form is XLSX else ())) for form in offers]
