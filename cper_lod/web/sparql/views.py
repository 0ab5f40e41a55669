"""The routes of the SPARQL endpoint: queries go to the handler; without one, the service description or the query page.

Below the gateway this module runs no query: the gateway passes what came of it, and the view makes the page.
"""

from typing import Final, NamedTuple

from flask import Blueprint, Response, request

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import GRAPH_FORMATS, HTML, Format, by_suffix, negotiate
from cper_lod.engine.base import Answer, Query, run_blocking
from cper_lod.release.catalog.service import describe_service
from cper_lod.web.http import flask_responses
from cper_lod.web.http.representation import serialize
from cper_lod.web.http.response import QUERY_TYPES
from cper_lod.web.http.response import Response as PlainResponse
from cper_lod.web.http.wsgi import GATEWAY
from cper_lod.web.site import site
from cper_lod.web.sparql import handler, protocol, query_page, spreadsheets
from cper_lod.web.sparql.protocol import ParsedQuery, ProtocolRequest

blueprint = Blueprint("sparql", __name__)
OUTCOME: Final = "cper_lod.outcome"
"""Key of the WSGI environment: the `Outcome` of a query that the gateway has read and run."""
MAX_DISCARDED: Final = 16 * 1024 * 1024
"""Bytes beyond the limit of a body that are read and dropped, so that the client receives the error."""
_ROUTE = {"methods": list(protocol.METHODS), "provide_automatic_options": False}


class Outcome(NamedTuple):
    """A query that has been run, and its answer or its problem; `parsed` is None if the protocol refuses the request."""

    parsed: ParsedQuery | None
    result: Answer | Problem


@blueprint.route("/sparql", defaults={"suffix": ""}, **_ROUTE)
@blueprint.route("/sparql.<suffix>", **_ROUTE)
def sparql(suffix: str) -> Response:
    """SPARQL endpoint: answers a query; without a query, the service description in RDF or the query page."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join(protocol.METHODS), "Accept-Query": QUERY_TYPES})
    outcome: Outcome | None = request.environ.get(OUTCOME)
    if outcome:
        return _page(*outcome)
    message = _protocol_request(suffix)
    parsed = protocol.read(message, site().settings.query_length)
    if parsed is None:
        return _service(suffix)
    if GATEWAY in request.environ:  # a spelling of the address that the gateway does not know: never block a thread
        raise Problem("page-not-found", path=request.path[:200])
    response = run_blocking(
        handler.respond(
            message,
            parsed,
            _run,
            _spreadsheet,
            _result_page,
            site=site(),
            lang=flask_responses.lang(),
            client=request.remote_addr or "",
            conditions=flask_responses.conditions(),
        )
    )
    return flask_responses.from_plain(response) if isinstance(response, PlainResponse) else response


async def _run(query: Query, _: bool) -> tuple[Answer, bool]:
    return site().engine.query(query), False


async def _spreadsheet(parsed: ParsedQuery, answer: Answer, format: Format, lang: Language) -> Answer:
    return spreadsheets.convert(site(), parsed, answer, format, lang)


async def _result_page(parsed: ParsedQuery, outcome: Answer | Problem) -> Response:
    return _page(parsed, outcome)


def _page(parsed: ParsedQuery | None, result: Answer | Problem) -> Response:
    """Return the query page with a result; an error that is not for the query page has a page of its own."""
    if isinstance(result, Answer):
        return query_page.page(parsed, answer=result)
    if parsed is None or not parsed.wants_page:
        raise result
    return query_page.page(parsed, error=result)


def _service(suffix: str) -> Response:
    """Return the description of this service (SPARQL 1.1 Service Description), or the query page for a browser."""
    accepted = flask_responses.accept()
    if suffix:
        form = by_suffix(suffix, GRAPH_FORMATS)
    elif negotiate(accepted, protocol.DESCRIPTION) is None and negotiate(accepted, protocol.RESULTS):
        form = None  # the client wants the results of a query
    else:
        form = flask_responses.negotiate_format(protocol.DESCRIPTION)
    if form is None:
        raise Problem("parameter-missing", name="query")
    if form is HTML:
        return query_page.page(None)
    served, endpoint = site(), site().settings.endpoint
    quads = describe_service(served.release, endpoint, federated=bool(served.settings.service_allow))
    body = serialize(quads, form, endpoint + "#service")
    response = flask_responses.representation(body, form, vary=() if suffix else ("Accept",))
    response.headers["Accept-Query"] = QUERY_TYPES
    return response


def _protocol_request(suffix: str) -> ProtocolRequest:
    """Return what the protocol reads of this request; raises body-too-large."""
    limit = site().settings.query_length
    message = ProtocolRequest.of(request.method, request.query_string, suffix, request.headers.get)
    if not message.has_body:
        return message
    return message._replace(body=read_body(protocol.body_limit(message, limit), limit))


def read_body(allowed: int, limit: int) -> bytes:
    """Return the body of this request, at most `allowed` bytes; raises body-too-large, which names `limit`."""
    body = bytes(request.stream.read(allowed + 1))
    if len(body) > allowed:
        # A client that is still sending would find the connection closed instead of reading the response.
        for _ in range(MAX_DISCARDED // 65536):
            if not request.stream.read(65536):
                break
        raise Problem("body-too-large", limit=limit)
    return body
