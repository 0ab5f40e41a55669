"""Flask responses: types, validators, links, languages, errors; every view makes its response here."""

import hashlib
import logging
import os
from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import Response, g, request
from werkzeug.http import http_date

from cper_lod.core import i18n
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import HTML, Format
from cper_lod.core.settings import Settings
from cper_lod.release.documents import Document
from cper_lod.release.history.rejection import without_local_paths
from cper_lod.web.http import templating, urls
from cper_lod.web.http.environ import PROBLEM
from cper_lod.web.http.headers import (
    CORS,
    FRAMED,
    PREFLIGHT,
    PROBLEM_JSON,
    SECURITY,
    error_headers,
    problem_body,
)
from cper_lod.web.http.negotiation import negotiate, preferred_language
from cper_lod.web.readiness import UNREADABLE
from cper_lod.web.site import current_g, site

log = logging.getLogger("cper_lod")


def without_paths(error: Problem, settings: Settings) -> Problem:
    """Return an error without the paths of this machine, and log it complete if it has any, or is of the machine itself.

    Errors of the client name addresses, not files, and are returned as they are.
    """
    if error.kind.status < 500:
        return error
    public = without_local_paths(error, settings.releases)
    if str(public) != str(error) or error.kind.code == "resources":
        log.error("%s", error.words(i18n.system_language(settings.lang, dict(os.environ))))
    return public


FRESH: Final = "no-cache"
"""Cache-Control of what the next release may change: stored, and revalidated each time."""
IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""Cache-Control of what never changes at its address."""

_EVERYWHERE: Final = {*SECURITY, *CORS}
MAX_ARTICLES: Final = 200
"""Articles of things that are kept, and as many of contracts: 18 kB each, and 100 kB."""
MAX_HEAD: Final = 3200
"""Bytes of the headers of a response, beside some 800 that each has: the buffers of nginx take a page of memory, 4 KiB."""


def lang() -> Language:
    """Return the language of the reader: that of the path or of the parameter `lang`, else the best of Accept-Language."""
    kept = current_g()
    try:
        chosen: Language = kept.lang
    except AttributeError:
        named = (request.view_args or {}).get("lang") or request.args.get("lang")
        chosen = kept.lang = i18n.requested_language(named) or preferred_language(
            request.headers.get("Accept-Language")
        )
    return chosen


def table_lang() -> Language:
    """Return the language of a table: that of the parameter `lang`, else French; the same address has the same words for all."""
    return i18n.requested_language(request.args.get("lang")) or LANGUAGES[0]


def lang_parameter() -> dict[str, str]:
    """Return the parameter by which a link of a page to a table keeps the language of the reader, none for the default."""
    return {"lang": lang()} if lang() != table_lang() else urls.language_parameter()


def accept() -> str | None:
    """Return the Accept header; several of them are one list (RFC 9110, section 5.3)."""
    values = request.headers.getlist("Accept")
    return ", ".join(values) if values else None


def negotiate_format(offers: Iterable[Format]) -> Format:
    """Return the format that this request prefers; raises `not-acceptable`, which names the formats on offer."""
    forms = tuple(offers)
    form = negotiate(accept(), forms)
    if form is None:
        listed = dict.fromkeys(each.media_type for each in forms)
        raise Problem("not-acceptable", accept=accept() or "", offers=[*listed])
    return form


def negotiate_page(*others: Format) -> Format:
    """Return HTML, or the one of `others` that the client prefers, at an address that has a page only; raises `not-acceptable`."""
    g.negotiated = True
    return negotiate_format((HTML, *others))


def etag(body: bytes, form: Format) -> str:
    """Return a strong validator, the same in every process and after a restart.

    It depends on the bytes and their type, and on the public address, which the Link headers contain.
    """
    head = f"{form.content_type}\0{site().settings.public_url}\0".encode()
    return hashlib.sha256(head + body).hexdigest()[:32]


def page(template: str, *, error: Problem | None = None, links: Iterable[str] = (), **values: object) -> Response:
    """Return a page in the reader's language; with an error, a page that has its status."""
    body = templating.render(template, lang(), error=error, **values).encode()
    if error is None:
        return representation(body, HTML, vary=("Accept-Language",), links=links)
    request.environ[PROBLEM] = error.kind.code
    response = Response(body, error.kind.status, content_type=HTML.content_type)
    response.vary.add("Accept-Language")
    response.headers.update(error_headers(error, lang()))
    return response


def article_page(make: Callable[..., dict[str, Any]], about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of a thing: `make` returns its article, and what the frame of the page is given, in a language.

    These depend on the release, on the arguments and on what all links depend on, which one of them stands for; so they are
    made once. Where the response cache has no response, that saves 6.5 of 8 ms of the page of a contract, 4.5 of 5.7 of an
    axis or a body, 7.5 of 8.7 of a document with its text.
    """
    served, key = site(), (about.iri, path, *query.items(), lang(), urls.link(""))
    made = served.release.memo.get((served, make), key, MAX_ARTICLES, lambda: make(about, path, query, lang()))
    return page("article.html", **made)


def representation(
    body: bytes,
    form: Format,
    *,
    vary: Iterable[str] = (),
    links: Iterable[str] = (),
    cache: str = FRESH,
    dated: bool = False,
    modified: int = 0,
) -> Response:
    """Return a whole 200 response with its type and validator.

    `dated` means that the release alone determines these bytes, so that they are as old as it; `modified` is the time of
    their last change in seconds, if that is known.
    """
    response = Response(body, content_type=form.content_type)
    response.set_etag(etag(body, form))
    response.headers["Cache-Control"] = cache
    if dated or modified:
        response.headers["Last-Modified"] = http_date(modified or site().release.built_at)
    varied = list(dict.fromkeys(vary))
    if "Accept-Language" in varied or form is HTML:
        response.headers["Content-Language"] = lang()
    if varied:
        response.headers["Vary"] = ", ".join(varied)
    for link in links:
        response.headers.add("Link", link)
    return response


def framed(response: Response) -> Response:
    """Return a page as one that other sites may frame."""
    g.policy = FRAMED
    return response


def see_other(path: str, status: int = 303, vary: str = "Accept") -> Response:
    """Return the 303 from a thing to the document about it, or another redirect; `vary` is what it depends on."""
    response = Response(status=status, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = path
    response.autocorrect_location_header = False
    if vary:
        response.vary.add(vary)
    response.headers["Cache-Control"] = "no-cache"
    return response


def prefers_page() -> bool:
    """Return whether the client prefers a page to JSON."""
    return negotiate(accept(), (PROBLEM_JSON, HTML)) is HTML


def problem(error: Problem) -> Response:
    """Return an error as problem+json (RFC 9457), or as a page if the client prefers HTML."""
    request.environ[PROBLEM], error = error.kind.code, without_paths(error, site().settings)
    if not prefers_page() or error.kind.code in UNREADABLE:  # a page is made of the release itself
        response = Response(problem_body(error, lang()), error.kind.status, content_type=PROBLEM_JSON.content_type)
        response.headers["Vary"] = "Accept, Accept-Language"
        response.headers.update(error_headers(error, lang()))
        if request.url_rule and "QUERY" not in (request.url_rule.methods or ()):
            response.headers.pop("Accept-Query", None)
        return response
    # What the end of the path may have meant, to be searched for: of `axe/9`, both.
    *_, above, last = ["", *request.path.partition(".")[0].split("/")]
    asked = (f"{above} {last}" if last.isdigit() else last)[:60].replace("-", " ")
    response = page("problem.html", error=error, asked=asked)
    response.headers["Vary"] = "Accept, Accept-Language"
    return response


def add_headers(response: Response) -> Response:
    """Add the headers that every response has; for OPTIONS also those of the preflight response."""
    if "negotiated" in g:
        response.vary.add("Accept")
    response.headers.update(SECURITY | CORS)
    if "policy" in g:
        response.headers["Content-Security-Policy"] = g.policy
    if request.method == "OPTIONS":
        response.headers.update(PREFLIGHT)
    return response


def shorten_head(response: Response) -> Response:
    """Leave out the links and the Content-Location of a head that a proxy would refuse, that of a thing with a long name."""
    headers = response.headers
    # A colon, a space and the end of the line are four bytes.
    if sum(len(name) + len(value) + 4 for name, value in headers if name not in _EVERYWHERE) > MAX_HEAD:
        headers.pop("Link", None)
        headers.pop("Content-Location", None)
    if links := headers.getlist("Link"):
        headers["Link"] = ", ".join(links)  # one line, which costs the server less than one for each
    return response
