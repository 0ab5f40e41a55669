"""The SPARQL handler: decides how a query request is answered, for the gateway and for Flask alike.

The protocol has been read (`protocol.read`); three functions run the query and make pages and spreadsheets, without
blocking in the gateway, in the thread of the request in Flask.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar
from urllib.parse import quote

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import HTML, Format, negotiate
from cper_lod.engine.base import Answer, Query
from cper_lod.release.docs.unknown_terms import UnknownTerm
from cper_lod.web.http.conditional import Conditions
from cper_lod.web.http.response import PROBLEM_JSON, Response
from cper_lod.web.site import Site
from cper_lod.web.sparql import spreadsheets
from cper_lod.web.sparql.protocol import ParsedQuery, ProtocolRequest

Page = TypeVar("Page")
QueryRunner = Callable[[Query, bool], Awaitable[tuple[Answer, bool]]]
"""Returns the answer to a query, which is the same each time if the argument says so; raises what the engine raises.

Also returns whether the query had been answered before, so that its response is worth caching.
"""
SpreadsheetMaker = Callable[[ParsedQuery, Answer, Format, Language], Awaitable[Answer]]
"""Returns an answer in results JSON as a spreadsheet; raises what `spreadsheets.convert` raises."""
PageMaker = Callable[[ParsedQuery, Answer | Problem], Awaitable[Page]]
"""Returns the page with an answer, or with an error in its place."""
_CHANGING: Final = ("now", "rand", "uuid", "bnode", "service")
"""Functions whose result differs each time, and SERVICE, whose endpoint may change."""
_CALLED: Final = re.compile(r"\b(?:now|rand|(?:str)?uuid|bnode|service)\b|\\u", re.ASCII)
"""Such a function in lower case, or an escape, which could hide one."""

MAX_HEADER: Final = 1024
"""Bytes of the header SPARQL-Unknown-Terms: proxies allow 4 KiB for all headers of a response."""


async def respond(
    request: ProtocolRequest,
    parsed: ParsedQuery,
    run: QueryRunner,
    make_spreadsheet: SpreadsheetMaker,
    make_page: PageMaker[Page],
    *,
    site: Site,
    lang: Language,
    client: str,
    conditions: Conditions,
) -> Response | Page:
    """Return the response to a query: the 304 that needs no answer, the result, or the page made of it.

    `client` is whom the engine counts the query for. Raises the problems of the query, unless they are shown as a page.
    """
    query, storable = parsed.query(client), request.method != "POST"
    headers = {"Cache-Control": "no-cache" if storable else "no-store"}
    if vary := spreadsheets.vary(parsed, negotiated=not request.suffix):
        headers["Vary"] = ", ".join(vary)
    data, deterministic = spreadsheets.identity(site, parsed, lang), is_deterministic(query.text)
    may_be_known = deterministic and storable and not parsed.wants_page
    if may_be_known and (etag := known_etag(data, query, parsed, conditions)):
        return Response(304, headers | {"ETag": f'"{etag}"'})
    try:
        answer, is_repeated = await run(query, deterministic)
        if format := spreadsheets.wanted(parsed, answer):
            answer = await make_spreadsheet(parsed, answer, format, lang)
    except Problem as problem:
        if parsed.wants_page or negotiate(request.accept, (PROBLEM_JSON, HTML)) is HTML:
            return await make_page(parsed, problem)
        raise
    if parsed.format_for(answer.form) is HTML:
        return await make_page(parsed, answer)
    headers |= {"Content-Type": answer.format.content_type} | _etag(data, query, answer, deterministic=deterministic)
    if terms := site.vocabularies.unknown_terms(query.text):
        headers |= unknown_terms(terms)
    return Response(200, headers, answer.body, cacheable=is_repeated and request.method == "GET")


def unknown_terms(terms: Iterable[UnknownTerm]) -> dict[str, str]:
    """Return the header SPARQL-Unknown-Terms, {} without unknown terms: a list of strings (RFC 9651), the IRIs as URIs.

    Warning, made for such notes, is withdrawn (RFC 9111, section 5.5), and a Link would say that the terms exist.

    >>> unknown_terms([UnknownTerm("http://e.org/#Axée", "http://e.org/#Axe"), UnknownTerm('http://e.org/#"', "")])
    {'SPARQL-Unknown-Terms': '"http://e.org/#Ax%C3%A9e";nearest="http://e.org/#Axe", "http://e.org/#%22"'}
    """
    items, size = list[str](), 0
    for term in terms:
        iri, near = (quote(each, ":/?#[]@!$&'()*+,;=%~") for each in term[:2])
        item = f'"{iri}";nearest="{near}"' if near else f'"{iri}"'
        size += len(item) + 2
        if size <= MAX_HEADER:
            items.append(item)
    return {"SPARQL-Unknown-Terms": ", ".join(items)} if items else {}


def is_deterministic(text: str) -> bool:
    """Return whether a query has the same answer each time, so that its text identifies the answer.

    >>> is_deterministic("SELECT ?now { ?s ?p ?now }"), is_deterministic("ASK { FILTER(rand() < 0.5) }")
    (False, False)
    """
    text = text.lower()
    if "\\u" not in text and not any(name in text for name in _CHANGING):
        return True
    return _CALLED.search(text) is None


def query_etag(data: str, query: Query, format: Format) -> str:
    """Return the validator of the answer to a deterministic query in a format, the same in every process.

    `data` identifies the data and the program.
    """
    graphs = "\n".join(query.default_graphs), "\n".join(query.named_graphs)  # an IRI contains no line feed
    identity = "\0".join((data, format.content_type, *graphs, query.text))
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def known_etag(data: str, query: Query, parsed: ParsedQuery, conditions: Conditions) -> str:
    """Return the validator of the answer to a deterministic query that the client has already; "" if it has none."""
    if not conditions.if_none_match or "*" in conditions.if_none_match:
        return ""
    for format in (parsed.solutions, parsed.graph):
        if format and conditions.evaluate(etag := query_etag(data, query, format)) == 304:
            return etag
    return ""


def _etag(data: str, query: Query, answer: Answer, *, deterministic: bool) -> dict[str, str]:
    """Return the header ETag of an answer; a large one that its query does not identify has none."""
    if deterministic and not answer.has_blank_nodes:
        return {"ETag": f'"{query_etag(data, query, answer.format)}"'}
    if isinstance(answer.body, bytes):
        return {"ETag": f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'}
    return {}
