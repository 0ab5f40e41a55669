"""The only maker of responses: types, validators, links, languages; and errors as data (RFC 9457)."""

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flask import Response, current_app, render_template, request

from cper_lod.terms import language
from cper_lod.terms.formats import HTML, JSON, Format, negotiate
from cper_lod.terms.namespaces import BASE
from cper_lod.terms.problems import Language, Problem

if TYPE_CHECKING:
    from cper_lod.web.app import Site

PROBLEM_JSON: Final = "application/problem+json"
SECURITY: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Link, ETag, Content-Location, Location, Vary",
}
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST",
    "Access-Control-Allow-Headers": "Accept, Accept-Profile, Accept-Language, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def site() -> "Site":
    """Return what this application serves: one release, one engine, its settings."""
    served: Site = current_app.extensions["cper_lod"]
    return served


def lang() -> Language:
    """Return the language of the reader of this request."""
    return language.choose(request.headers.get("Accept-Language"), request.args.get("lang"))


def accept() -> str | None:
    """Return the Accept header; several of them are one list (RFC 9110, section 5.3)."""
    values = request.headers.getlist("Accept")
    return ", ".join(values) if values else None


def etag(*parts: str) -> str:
    """Return a strong validator, the same in every process and after a restart.

    It covers the release, the program (which writes the pages) and the public address, besides `parts`.
    """
    served = site()
    text = "\0".join((served.release.digest, served.program, served.settings.public_url, request.script_root, *parts))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def page(template: str, tag: str, **values: object) -> Response:
    """Return a page in the reader's language."""
    body = render_template(template, **values).encode()
    return representation(body, HTML, tag=tag, vary=("Accept-Language",))


def representation(
    body: bytes,
    form: Format,
    *,
    tag: str,
    vary: Iterable[str] = (),
    location: str | None = None,
    links: Iterable[str] = (),
    cache: str = "no-cache",
) -> Response:
    """Return a 200 with its type and validator, or the 304 that If-None-Match asks for (RFC 9110, section 13).

    `tag` tells this representation from others at the same address; `location` is the Content-Location.
    """
    response = Response(body, content_type=form.content_type)
    chosen = lang() if form is HTML else ""
    response.set_etag(etag(request.path, request.query_string.decode("latin-1"), form.name, chosen, tag))
    response.headers["Cache-Control"] = cache
    if chosen:
        response.headers["Content-Language"] = chosen
    for header in dict.fromkeys(vary):
        response.vary.add(header)
    if location:
        response.headers["Content-Location"] = location
    for link in links:
        response.headers.add("Link", link)
    response.make_conditional(request)  # turns the response itself into the 304
    return response


def see_other(path: str) -> Response:
    """Return the 303 from a thing to a document about it; the form was negotiated, so caches mind Accept."""
    response = Response(status=303, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = path
    response.autocorrect_location_header = False
    response.vary.add("Accept")
    response.headers["Cache-Control"] = "no-cache"
    return response


def problem(error: Problem) -> Response:
    """Return an error as data: problem+json, or a page for whoever prefers HTML (RFC 9457)."""
    chosen, words = lang(), error.words(lang())
    status = error.kind.status
    if negotiate(accept() or "application/json", (JSON, HTML)) is HTML:
        body = render_template("problem.html", words=words, status=status).encode()
        content_type = HTML.content_type
    else:
        members = {
            "type": f"{BASE}problem/{error.kind.code}",
            "title": words.title,
            "status": status,
            "detail": words.detail,
            "remedy": words.remedy,
            **{key: value for key, value in error.where.items() if isinstance(value, int | str)},
        }
        body = json.dumps(members, ensure_ascii=False, indent=2).encode() + b"\n"
        content_type = PROBLEM_JSON
    response = Response(body, status=status, content_type=content_type)
    response.headers["Content-Language"] = chosen
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept", "Accept-Language"))
    if status == 503:
        response.headers["Retry-After"] = str(site().settings.query_wait or 1)
    if status == 405:
        response.headers["Allow"] = str(error.where.get("offers", "GET, HEAD, OPTIONS"))
    return response


def finish(response: Response) -> Response:
    """Add what every response carries: security and CORS headers, and the preflight's answer."""
    response.headers.update(SECURITY)
    response.headers.update(CORS)
    if request.method == "OPTIONS":
        response.headers.update(PREFLIGHT)
    return response
