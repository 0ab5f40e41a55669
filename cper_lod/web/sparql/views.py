"""The SPARQL endpoint in Flask: `web.protocol` reads, the engine runs; data, a page or the description is answered."""

from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, request

from cper_lod.core.errors import Problem
from cper_lod.core.formats import GRAPH_FORMATS, HTML, by_suffix
from cper_lod.engine.base import Answer, Query
from cper_lod.release.catalog.service import describe_service
from cper_lod.web.http import response as replies
from cper_lod.web.http import responses
from cper_lod.web.http.representation import serialize
from cper_lod.web.http.response import Caching
from cper_lod.web.site import site
from cper_lod.web.sparql import protocol, query_page, spreadsheets
from cper_lod.web.sparql.protocol import Message, ParsedQuery

blueprint = Blueprint("sparql", __name__)
OUTCOME: Final = "cper_lod.outcome"
"""Where the gateway puts the answer, or the problem, of a query that it has run: pages are made of it here."""
GATEWAY: Final = "cper_lod.gateway"
"""Where the gateway says that it is there: a query that it did not run is not run here, holding a thread."""
DRAINED: Final = 16 * 1024 * 1024
"""Bytes of a body beyond its limit that are read and dropped, so that the client gets to hear why it is refused."""
_ROUTE = {"methods": list(protocol.METHODS), "provide_automatic_options": False}


@blueprint.route("/sparql", defaults={"suffix": ""}, **_ROUTE)
@blueprint.route("/sparql.<suffix>", **_ROUTE)
def sparql(suffix: str) -> Response:
    """SPARQL 1.1 Protocol; without a query the service description, for a browser the query page."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join(protocol.METHODS), "Accept-Query": replies.QUERY_TYPES})
    asked = protocol.read(_message(suffix), site().settings.query_length)
    if asked is None:
        return _service(suffix)
    query = asked.query(request.remote_addr or "")
    try:
        vary = spreadsheets.vary(asked, negotiated=not suffix)
        return _answered(asked, query, Caching(request.method != "POST", vary))
    except Problem as error:
        if asked.page:
            return query_page.page(asked, error=error)
        raise


def _answered(asked: ParsedQuery, query: Query, cache: Caching) -> Response:
    """Return the answer, which the gateway may have fetched already."""
    lang, conditions = responses.lang(), responses.conditions()
    identity, forms = spreadsheets.identity(site(), asked, lang), (asked.solutions, asked.graph)
    outcome = request.environ.get(OUTCOME)
    if isinstance(outcome, Problem):
        raise outcome
    early = None if outcome or asked.page else replies.known_already(identity, query, conditions, cache, forms)
    if early:
        return responses.of(early)
    if outcome is None and GATEWAY in request.environ:
        raise Problem("page-not-found", path=request.path[:200])
    answer: Answer = outcome or site().engine.query(query)
    if asked.form(answer.form) is HTML:
        return query_page.page(asked, answer=answer)
    if form := spreadsheets.wanted(asked, answer):
        answer = spreadsheets.made(site(), asked, answer, form, lang)
    return responses.of(replies.conditional(replies.found(identity, query, answer, cache), conditions, cache))


def _service(suffix: str) -> Response:
    """Return the description of this service (SPARQL 1.1 Service Description), or the query page for a browser."""
    form = by_suffix(suffix, GRAPH_FORMATS) if suffix else responses.negotiate_format(protocol.DESCRIPTION)
    if form is None:
        raise Problem("parameter-missing", name="query")
    if form is HTML:
        return query_page.page(None)
    served, endpoint = site(), f"{site().settings.public_url}/sparql"
    quads = describe_service(served.release, endpoint, federated=bool(served.settings.service_allow))
    body = serialize(quads, form, endpoint + "#service")
    response = responses.representation(body, form, vary=() if suffix else ("Accept",))
    response.headers["Accept-Query"] = replies.QUERY_TYPES
    return response


def _message(suffix: str) -> Message:
    """Return what the protocol reads of this request; raises body-too-large without keeping more than is allowed."""
    headers, limit = request.headers, site().settings.query_length
    message = Message(
        request.method,
        request.query_string,
        suffix,
        headers.get("Content-Type", ""),
        headers.get("Content-Encoding", ""),
        b"",
        responses.accept(),
    )
    if not message.has_body:
        return message
    return replace(message, body=drained(protocol.allowed(message, limit), limit))


def drained(allowed: int, limit: int) -> bytes:
    """Return the body of this request, of which `allowed` bytes are kept; raises body-too-large naming `limit`."""
    body = bytes(request.stream.read(allowed + 1))
    if len(body) > allowed:
        # A client that is still sending would meet a closed connection instead of the answer.
        for _ in range(DRAINED // 65536):
            if not request.stream.read(65536):
                break
        raise Problem("body-too-large", limit=limit)
    return body
