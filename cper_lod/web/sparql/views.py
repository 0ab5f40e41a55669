"""The views of the SPARQL endpoint: the answer to a query, or the service description or query page; what its editor proposes."""

import json
import threading
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.wsgi import FileWrapper

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON, XLSX
from cper_lod.core.namespaces import PREFIXES, shorten
from cper_lod.engine.base import Answer, Query
from cper_lod.release.catalog.service import describe_service
from cper_lod.release.docs.usage import terms
from cper_lod.release.release import Release, once_per_release
from cper_lod.web.http import flask_responses
from cper_lod.web.http.delivery import client_of, limits
from cper_lod.web.http.environ import STORE
from cper_lod.web.http.headers import QUERY_TYPES
from cper_lod.web.http.representation import serialize
from cper_lod.web.site import site
from cper_lod.web.sparql import endpoint, protocol, query_page, questions, spreadsheets
from cper_lod.web.sparql.endpoint import OUTCOME
from cper_lod.web.sparql.protocol import ParsedQuery, ProtocolRequest

blueprint = Blueprint("sparql", __name__)
_ROUTE = {"methods": list(protocol.METHODS), "provide_automatic_options": False}
MAX_TERMS: Final = 2000
"""Terms that the query editor proposes, the most used ones."""
_ONE_SHEET: Final = threading.Lock()
"""One spreadsheet is made at a time, so that the memory needed is that of one."""


@blueprint.route("/sparql", defaults={"suffix": ""}, **_ROUTE)
@blueprint.route("/sparql.<suffix>", **_ROUTE)
def sparql(suffix: str) -> Response:
    """SPARQL endpoint: answers a query; without a query, the service description in RDF or the query page."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join(protocol.METHODS), "Accept-Query": QUERY_TYPES})
    message, parsed = endpoint.read(request.environ, site(), limits(), suffix)
    return _service(message) if parsed is None else _respond(message, parsed)


def _respond(message: ProtocolRequest, parsed: ParsedQuery) -> Response:
    """Return the response to a query: the result, or the page with it.

    Raises the problems of the query, unless they are shown on the query page.
    """
    served, query = site(), parsed.query(client_of(request))
    if parsed.wants_page and questions.asked_question(parsed.text):
        query = query._replace(text=questions.with_figure(query.text))  # each row leads to its figure
    try:
        answer = _answer(query, parsed)
    except Problem as problem:
        if parsed.wants_page or flask_responses.prefers_page():
            return query_page.page(parsed, error=problem)
        raise
    if not endpoint.may_be_stored(parsed, answer):
        request.environ.pop(STORE, None)
    answer, reasons = endpoint.explained(served, limits(), parsed, answer, query.client)
    if parsed.format_for(answer.form) is HTML:
        return query_page.page(parsed, answer=answer, reasons=reasons)
    headers = endpoint.answer_headers(message, parsed, answer, reasons)
    if isinstance(answer.body, bytes):
        return Response(answer.body, headers=headers)
    return Response(FileWrapper(answer.body, 64 * 1024), headers=headers | {"Content-Length": str(answer.size)})


def _answer(query: Query, parsed: ParsedQuery) -> Answer:
    """Return the answer to a query, as a spreadsheet if the client wants one; raises the problems of both."""
    outcome: Answer | Exception | None = request.environ.get(OUTCOME)
    if isinstance(outcome, Exception):
        raise outcome
    if outcome:
        return outcome
    served, lang = site(), flask_responses.lang()

    def convert(answer: Answer) -> Answer:
        format_ = parsed.format_for(answer.form)
        if format_ is not XLSX:
            return answer
        with _ONE_SHEET:
            return spreadsheets.convert(served, parsed, answer, format_, lang)

    return endpoint.run(served, limits(), query, convert)


def _service(message: ProtocolRequest) -> Response:
    """Return the description of this service (SPARQL 1.1 Service Description), or the query page for a browser."""
    solutions, form = protocol.forms(message)
    if solutions and not form:  # the client wants the results of a query
        raise Problem("parameter-missing", name="query")
    form = form or flask_responses.negotiate_format(protocol.DESCRIPTION)  # which raises not-acceptable
    if form is HTML:
        return query_page.page(None)
    served = site()
    quads = describe_service(served.release, served.settings)
    body = serialize(quads, form, served.settings.endpoint + "#service")
    response = flask_responses.representation(body, form, vary=() if message.suffix else ("Accept",))
    response.headers["Accept-Query"] = QUERY_TYPES
    return response


@blueprint.get("/sparql/terms.json")
def proposals() -> Response:
    """What the query editor proposes: prefixes, classes and properties with their labels."""
    return flask_responses.representation(_proposals(site().release), JSON)


@once_per_release(1)
def _proposals(release: Release) -> bytes:
    proposed = []
    for term in terms(release)[:MAX_TERMS]:
        name = shorten(term.iri)
        written = f"<{term.iri}>" if name == term.iri else name  # as it stands in a query
        proposed.append({"name": written, "kind": term.kind, "count": term.count, "labels": term.labels})
    return json.dumps({"prefixes": PREFIXES, "terms": proposed}, ensure_ascii=False).encode() + b"\n"
