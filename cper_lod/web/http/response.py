"""What every answer carries, and replies as plain values: made without a framework, sent by Flask or by the gateway."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import Format
from cper_lod.core.namespaces import BASE
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.engine.spool import Spool
from cper_lod.web.http.conditional import Conditions

PROBLEM_JSON: Final = Format(
    "problem-json", "json", "application/problem+json", "JSON", frozenset(), ("application/json",), charset=False
)
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
    "Access-Control-Expose-Headers": "Link, ETag, Content-Location, Location, Vary, Retry-After, Allow, Accept-Query, "
    "Memento-Datetime",
}
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST, QUERY",
    "Access-Control-Allow-Headers": "Accept, Accept-Profile, Accept-Language, Content-Type, If-None-Match, If-Match, "
    "Accept-Datetime",
    "Access-Control-Max-Age": "86400",
}
QUERY_TYPES: Final = '"application/sparql-query", "application/x-www-form-urlencoded"'
"""The header Accept-Query: what the method QUERY may send."""
_CHANGING: Final = ("now", "rand", "uuid", "bnode", "service")
"""Functions whose answer is another each time; and what another server says, which may change."""
_CALLED: Final = re.compile(r"\b(?:now|rand|(?:str)?uuid|bnode|service)\b|\\u", re.ASCII)
"""Such a function in lower case, or an escape, which could hide one."""


@dataclass(frozen=True)
class Response:
    """A whole answer: its status, its headers but for those that every answer carries, and its body.

    `offers` are the forms among which the header Accept chose it, where it did so once. `problem` is the code of the
    error that it tells, for the log.
    """

    status: int
    headers: dict[str, str]
    body: bytes | Spool = b""
    size: int = field(default=-1)
    offers: tuple[Format, ...] = field(default=(), kw_only=True)
    problem: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if self.size < 0:
            object.__setattr__(self, "size", len(self.body))


_EVERY: Final = {name.lower(): value for name, value in (SECURITY | CORS).items()}


def all_headers(reply: Response) -> list[tuple[str, str]]:
    """Return all headers of a reply, those that every answer carries included, their names in small letters."""
    headers = _EVERY | {name.lower(): value for name, value in reply.headers.items()}
    if reply.status not in (204, 304):
        headers["content-length"] = str(reply.size)
    return list(headers.items())


@dataclass(frozen=True)
class Caching:
    """Whether an answer may be kept, and what it varies with."""

    kept: bool
    vary: tuple[str, ...] = ()

    @property
    def control(self) -> str:
        """The Cache-Control header: kept, but asked about each time; a POST is kept by nobody."""
        return "no-cache" if self.kept else "no-store"


def is_deterministic(text: str) -> bool:
    """Whether a query has the same answer each time, so that it may be known by its text.

    >>> steady("SELECT ?now { ?s ?p ?now }"), steady("ASK { FILTER(rand() < 0.5) }")
    (False, False)
    """
    text = text.lower()
    if "\\u" not in text and not any(name in text for name in _CHANGING):
        return True
    return _CALLED.search(text) is None


def query_etag(release: str, query: Query, form: Format) -> str:
    """Return the validator of the answer to a steady query in a form, the same in every process.

    `release` tells the data and the program: the digest of the one, the version of the other.
    """
    graphs = "\n".join(query.default_graphs), "\n".join(query.named_graphs)  # no IRI has a line feed
    known = "\0".join((release, form.content_type, *graphs, query.text))
    return hashlib.sha256(known.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def known_already(
    release: str, query: Query, conditions: Conditions, cache: Caching, forms: Iterable[Format | None] = ()
) -> Response | None:
    """Return the 304 for who has the answer already, before the query is run; None where it has to be run.

    `forms` are those that a client would have where the engine gives others, of which they are made.
    """
    if (
        not (conditions.if_none_match and cache.kept and is_deterministic(query.text))
        or "*" in conditions.if_none_match
    ):
        return None
    for form in forms or (query.solutions, query.graph):
        if form and conditions.met(etag := query_etag(release, query, form)) == 304:
            return Response(304, {"ETag": f'"{etag}"', "Cache-Control": cache.control, **_vary(cache.vary)})
    return None


def found(release: str, query: Query, answer: Answer, cache: Caching) -> Response:
    """Return the 200 with the answer to a query; one that cannot be told from others has no validator."""
    headers = {"Content-Type": answer.format.content_type, "Cache-Control": cache.control, **_vary(cache.vary)}
    if is_deterministic(query.text) and not answer.has_blank_nodes:
        headers["ETag"] = f'"{query_etag(release, query, answer.format)}"'
    elif isinstance(answer.body, bytes):
        headers["ETag"] = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    return Response(200, headers, answer.body)


NOT_MODIFIED: Final = frozenset(
    {"ETag", "Cache-Control", "Content-Location", "Vary", "Last-Modified", "Memento-Datetime"}
)
"""The headers that a 304 repeats (RFC 9110, section 15.4.5); a memento says that it is one (RFC 7089)."""


def not_modified(reply: Response) -> Response:
    """Return the 304 of a reply."""
    return Response(304, {name: value for name, value in reply.headers.items() if name in NOT_MODIFIED})


def conditional(reply: Response, conditions: Conditions, cache: Caching) -> Response:
    """Return the 304 in place of a 200 that the client has; raises precondition-failed for an If-Match of another.

    Conditions are about what is found: a redirect knows none (RFC 9110, section 13.2.1).
    """
    if reply.status != 200:
        return reply
    etag, modified = reply.headers.get("ETag", "").strip('"'), reply.headers.get("Last-Modified", "")
    return not_modified(reply) if conditions.unchanged(etag, modified) and cache.kept else reply


def problem(error: Problem, lang: Language, settings: Settings) -> Response:
    """Return an error as data (RFC 9457): what happened, where, what to do."""
    words = error.words(lang)
    members = {
        "type": f"{BASE}problem/{error.kind.code}",
        "title": words.title,
        "status": error.kind.status,
        "detail": words.detail,
        "remedy": words.remedy,
        **{key: value for key, value in error.translated_params(lang).items() if isinstance(value, int | str | list)},
    }
    body = json.dumps(members, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
    headers = {"Content-Type": PROBLEM_JSON.content_type, **_vary(("Accept", "Accept-Language"))}
    headers |= error_headers(error, lang, settings)
    return Response(error.kind.status, headers, body, problem=error.kind.code)


def error_headers(error: Problem, lang: Language, settings: Settings) -> dict[str, str]:
    """Return the headers of an error: it is kept by nobody, and says when to come back or what to do instead."""
    headers = {"Content-Language": lang, "Cache-Control": "no-store"}
    match error.kind.status:
        case 405:
            headers["Allow"] = str(error.params["offers"])
        case 415:
            headers["Accept-Query"] = QUERY_TYPES
            headers["Accept-Encoding"] = "identity"
        case 416:
            headers["Content-Range"] = f"bytes */{error.params['length']}"
        case 429:
            headers["Retry-After"] = str(error.params["seconds"])
        case 503:
            headers["Retry-After"] = str(settings.query_wait or 1)
    return headers


def _vary(names: Iterable[str]) -> dict[str, str]:
    vary = ", ".join(names)
    return {"Vary": vary} if vary else {}
