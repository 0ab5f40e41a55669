"""The only maker of responses: types, validators, links, languages; and errors as data (RFC 9457)."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from typing import Final

from flask import Response, g, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import http_date

from cper_lod.core import i18n
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import HTML, Format, negotiate
from cper_lod.core.settings import Settings
from cper_lod.engine.spool import CHUNK_SIZE, Spool
from cper_lod.release.history.rejection import without_local_paths
from cper_lod.web.http import response as replies
from cper_lod.web.http import templating
from cper_lod.web.http.conditional import Conditions, one_range
from cper_lod.web.http.response import CORS, PREFLIGHT, PROBLEM_JSON, SECURITY
from cper_lod.web.http.response import Response as PlainResponse
from cper_lod.web.http.wsgi import OFFERED, PROBLEM
from cper_lod.web.site import site

log = logging.getLogger("cper_lod")


def told(error: Problem, settings: Settings) -> Problem:
    """Return an error as it may be sent; where it names a file of this machine, the log is told the whole of it.

    What a client did wrong names addresses, not files, and is sent as it is.
    """
    if error.kind.status < 500:
        return error
    shown = without_local_paths(error, settings.releases)
    if str(shown) != str(error):
        log.error("%s", error)
    return shown


FRESH: Final = "no-cache"
"""The Cache-Control of what another release may change: kept, and asked about each time."""
FOR_GOOD: Final = "public, max-age=31536000, immutable"
"""The Cache-Control of what never changes under its address."""


def lang() -> Language:
    """Return the language of the reader of this request; an address may name it in its path, or as a parameter."""
    named = (request.view_args or {}).get("lang") or request.args.get("lang")
    return i18n.choose(request.headers.get("Accept-Language"), named)


def accept() -> str | None:
    """Return the Accept header; several of them are one list (RFC 9110, section 5.3)."""
    values = request.headers.getlist("Accept")
    return ", ".join(values) if values else None


def negotiate_format(offers: Iterable[Format]) -> Format:
    """Return the form that this request prefers; raises `not-acceptable` with what there is."""
    forms = tuple(offers)
    request.environ.setdefault(OFFERED, set()).add(forms)
    form = negotiate(accept(), forms)
    if form is None:
        listed = ", ".join(dict.fromkeys(each.media_type for each in forms))
        raise Problem("not-acceptable", accept=accept() or "", offers=listed)
    return form


def conditions() -> Conditions:
    """Return the conditions of this request."""
    return Conditions.of(lambda name: ", ".join(request.headers.getlist(name)))


def require_html() -> None:
    """Say that a page is all that there is at this address; raises `not-acceptable` for who takes none."""
    negotiate_format((HTML,))
    g.negotiated = True


def etag(body: bytes, form: Format) -> str:
    """Return a strong validator, the same in every process and after a restart.

    It covers the bytes and their type, and the public address, under which the Link headers stand.
    """
    head = f"{form.content_type}\0{site().settings.public_url}\0".encode()
    return hashlib.sha256(head + body).hexdigest()[:32]


def page(template: str, *, error: Problem | None = None, links: Iterable[str] = (), **values: object) -> Response:
    """Return a page in the reader's language; with an error, one that has its status."""
    body = templating.render(template, lang(), **values).encode()
    if error is None:
        return representation(body, HTML, vary=("Accept-Language",), links=links)
    response = Response(body, content_type=HTML.content_type)
    response.vary.add("Accept-Language")
    return failed(response, error)


def representation(
    body: bytes,
    form: Format,
    *,
    vary: Iterable[str] = (),
    location: str | None = None,
    links: Iterable[str] = (),
    cache: str = FRESH,
    dated: bool = False,
    modified: int = 0,
) -> Response:
    """Return a 200 with its type and validator, or the 304 that If-None-Match asks for (RFC 9110, section 13).

    `location` is the Content-Location; `dated` says that the release alone makes these bytes, so that they are as old
    as it; `modified` is since when they are as they are, in seconds, where that is known. Raises `precondition-failed`
    for an If-Match that names other bytes.
    """
    response = Response(body, content_type=form.content_type)
    response.set_etag(etag(body, form))
    response.headers["Cache-Control"] = cache
    if dated or modified:
        response.headers["Last-Modified"] = http_date(modified or site().release.built_at)
    if form is HTML:
        response.headers["Content-Language"] = lang()
    for header in dict.fromkeys(vary):
        response.vary.add(header)
    if location:
        response.headers["Content-Location"] = location
    for link in links:
        response.headers.add("Link", link)
    return conditional(response)


def conditional(response: Response, complete_length: int | None = None) -> Response:
    """Turn a 200 into the 304 or the 206 that the request's conditions and range ask for.

    A range is served where `complete_length` is given. Raises `precondition-failed` and `range-invalid`.
    """
    if conditions().unchanged(response.get_etag()[0] or "", response.headers.get("Last-Modified", "")):
        response.status_code = 304
        return response
    part = request.method == "GET" and one_range(request.headers.get("Range"))
    environ = {"REQUEST_METHOD": request.method}
    for name in ("HTTP_RANGE", "HTTP_IF_RANGE") if part else ():
        if name in request.environ:
            environ[name] = request.environ[name]
    try:
        response.make_conditional(environ, accept_ranges=complete_length is not None, complete_length=complete_length)
    except RequestedRangeNotSatisfiable as error:
        raise Problem("range-invalid", length=complete_length) from error
    return response


def see_other(path: str, status: int = 303, vary: str = "Accept") -> Response:
    """Return the 303 from a thing to a document about it, or another redirect; caches mind what it was chosen by."""
    response = Response(status=status, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = path
    response.autocorrect_location_header = False
    response.vary.add(vary)
    response.headers["Cache-Control"] = "no-cache"
    return response


def problem(error: Problem) -> Response:
    """Return an error as data: problem+json, or a page for whoever prefers HTML (RFC 9457)."""
    request.environ[PROBLEM], error = error.kind.code, told(error, site().settings)
    if negotiate(accept(), (PROBLEM_JSON, HTML)) is not HTML:
        return of(replies.problem(error, lang(), site().settings))
    links = error.params.get("links", ())
    body = templating.render("problem.html", lang(), words=error.words(lang()), links=links)
    response = Response(body, content_type=HTML.content_type)
    response.vary.update(("Accept", "Accept-Language"))
    return failed(response, error)


def failed(response: Response, error: Problem) -> Response:
    """Give an answer the status and the headers of an error."""
    request.environ[PROBLEM] = error.kind.code
    response.status_code = error.kind.status
    response.headers.update(replies.error_headers(error, lang(), site().settings))
    return response


def of(reply: PlainResponse) -> Response:
    """Return a reply as a response of the framework; a large body is read piece by piece."""
    body = reply.body if isinstance(reply.body, bytes) else _pieces(reply.body)
    response = Response(body, reply.status, reply.headers)
    if reply.status != 304:
        response.content_length = reply.size
    return response


def _pieces(spool: Spool) -> Iterator[bytes]:
    for offset in range(0, len(spool), CHUNK_SIZE):
        yield spool.read(offset, CHUNK_SIZE)


def finish(response: Response) -> Response:
    """Add what every response carries: security and CORS headers, and the preflight's answer."""
    if "negotiated" in g:
        response.vary.add("Accept")
    response.headers.update(SECURITY)
    if "policy" in g:
        response.headers["Content-Security-Policy"] = g.policy
    response.headers.update(CORS)
    if request.method == "OPTIONS":
        response.headers.update(PREFLIGHT)
    return response
