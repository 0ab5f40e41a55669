"""The bars of an answer as an image, `/sparql.svg?query=…`, and the element with which other sites show it."""

from decimal import Decimal
from html import escape
from typing import Final

from flask import Blueprint, Response, g, request

from cper_lod.core import formatting
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import RESULTS_JSON, TURTLE
from cper_lod.release.pictures.figures import FigureRow, Picture
from cper_lod.release.pictures.share_image import figure_svg
from cper_lod.release.pictures.text import phrase
from cper_lod.web.components.takes import ALONE, SVG
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.delivery import client_of, limits
from cper_lod.web.http.environ import STORE
from cper_lod.web.site import site
from cper_lod.web.sparql import endpoint, protocol, questions
from cper_lod.web.sparql.protocol import ProtocolRequest
from cper_lod.web.sparql.questions import Question
from cper_lod.web.sparql.results import BAR_ROWS, QueryResult, query_result

blueprint = Blueprint("chart", __name__)
_WIDTH: Final = 480
"""Pixels across the image."""
_MAX_LABEL: Final = 200
"""Characters of the longest text of a row."""
_MAX_WORDS: Final = 300
"""Characters that say what the image shows."""


@blueprint.get("/sparql.svg")
def image() -> Response:
    """The answer to a query as bars, for other sites: an image without a script."""
    parsed = protocol.read(ProtocolRequest("GET", request.query_string))
    if parsed is None:
        raise Problem("parameter-missing", name="query")
    parsed = parsed._replace(solutions=RESULTS_JSON, graph=TURTLE)
    answer, lang = endpoint.run(site(), limits(), parsed.query(client_of(request))), flask_responses.lang()
    if not endpoint.may_be_stored(parsed, answer):
        request.environ.pop(STORE, None)
    asked = questions.asked_question(parsed.text)
    question = asked.question if asked else None
    result = query_result(answer, parsed.text, of_question=question is not None)
    drawn = picture(result, question, lang)
    if drawn is None:
        raise Problem("query-not-drawn", limit=max(BAR_ROWS))
    g.policy = ALONE
    return flask_responses.representation(_svg(drawn).encode(), SVG, vary=("Accept-Language",))


def picture(result: QueryResult, question: Question | None, lang: Language) -> Picture | None:
    """Return the bars of a result below its question, or its variables; None for a result that has none."""
    bars, columns, rows = result.bars, result.columns or (), list[FigureRow]()
    if bars is None:
        return None
    for row, length in zip(result.rows, bars.lengths, strict=True):
        texts = [value.text if value else "" for value in row]
        texts = [text if len(text) <= _MAX_LABEL else f"{text[:_MAX_LABEL]}…" for text in texts]
        notes = (text for number, text in enumerate(texts) if text and number not in (bars.label, bars.measured))
        rows.append(FigureRow(texts[bars.label], texts[bars.measured], tuple(notes), Decimal(length)))
    variables = " · ".join(each.title for each in columns)
    title = formatting.typeset(question["title"][lang], lang) if question else variables
    caption = phrase(lang, "query-bars", name=bars.variable, greatest=bars.maximum)
    return Picture("", title, caption, lang, tuple(rows))


def _svg(drawn: Picture) -> str:
    """Return the image, with the day of the data."""
    day = site().rights.modified
    said = phrase(drawn.lang, "fig-data-day", day=formatting.short_date(day, drawn.lang)) if day else ""
    return figure_svg(drawn, "", (said,), _WIDTH, max(BAR_ROWS))


def element(drawn: Picture, image: str, page: str) -> str:
    """Return what another site copies to show an image, which leads to the answer; both are addresses of this site."""
    source, target = (escape(urls.public_url(each)) for each in (image, page))
    words = escape(formatting.brief(f"{drawn.title} – {drawn.description}", _MAX_WORDS))
    style = "max-width: 100%; height: auto"
    return f'<a href="{target}"><img src="{source}" alt="{words}" width="{_WIDTH}" style="{style}" loading="lazy"></a>'
