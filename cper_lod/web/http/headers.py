"""The headers that every response has, typed links (RFC 8288), and errors as problem details (RFC 9457)."""

import json
import re
from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import quote

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import Format
from cper_lod.core.namespaces import VOCABULARY

PROBLEM_JSON: Final = Format(
    "problem-json", "json", "application/problem+json", "JSON", ("application/json",), charset=False
)
RETRY_AFTER: Final = "5"
"""Seconds after which to ask again what was refused or could not be answered."""
MAX_HEADER: Final = 8192
"""Bytes of the longest header that this program reads."""
SECURITY: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
FRAMED: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
)
"""The content security policy of a page that other sites may frame: it has no script, no form and no state, so that a
click can only follow a link in a new window."""
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Link, ETag, Content-Location, Location, Vary, Retry-After, Allow, Accept-Query, "
    "Memento-Datetime, SPARQL-Empty-Result, Accept-Ranges, Content-Range",
}
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST, QUERY",
    "Access-Control-Allow-Headers": "Accept, Accept-Profile, Accept-Language, Content-Type, If-None-Match, If-Match, "
    "Accept-Datetime, Authorization, Cache-Control, Pragma, X-Requested-With, traceparent, Range, If-Range, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}
QUERY_TYPES: Final = '"application/sparql-query", "application/x-www-form-urlencoded"'
"""The header Accept-Query: the media types that the method QUERY accepts."""
_URI: Final = "!#$%&'()*+,/:;=?@[]~-._"
_WHOLE_URI: Final = re.compile(f"[A-Za-z0-9{re.escape(_URI)}]*")


class Link(NamedTuple):
    """A link: its target, relations separated by spaces, the media type of the target."""

    target: str
    rel: str
    type: str = ""


def link_values(links: Iterable[Link]) -> list[str]:
    """Return links as values of the Link header, IRIs as URIs (RFC 8288, section 3).

    >>> link_values([Link('http://ex.org/été?a="b">', "type")])
    ['<http://ex.org/%C3%A9t%C3%A9?a=%22b%22%3E>; rel="type"']
    """
    return [_value(link) for link in links]


def _value(link: Link) -> str:
    media_type = f'; type="{link.type}"' if link.type else ""
    return f'<{_uri(link.target)}>; rel="{link.rel}"{media_type}'


def _uri(iri: str) -> str:
    """Return an IRI as a URI; most are one, and `quote` takes long to find that out."""
    return iri if _WHOLE_URI.fullmatch(iri) else quote(iri, safe=_URI)


def problem_body(error: Problem, lang: Language) -> bytes:
    """Return an error as problem details: what happened, where, what to do."""
    words = error.words(lang)
    members = {
        "type": f"{VOCABULARY}problem/{error.kind.code}",
        "title": words.title,
        "status": error.kind.status,
        "detail": words.detail,
        "remedy": words.remedy,
        **{key: value for key, value in error.translated_params(lang).items() if isinstance(value, int | str | list)},
    }
    return json.dumps(members, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"


def error_headers(error: Problem, lang: Language) -> dict[str, str]:
    """Return the headers of an error: never stored, with when to come back or what to send instead."""
    headers = {"Content-Language": lang, "Cache-Control": "no-store"}
    match error.kind.status:
        case 405:
            offers = error.params["offers"]
            headers["Allow"] = ", ".join(offers) if isinstance(offers, list) else str(offers)
        case 415:
            headers["Accept-Query"] = QUERY_TYPES
            headers["Accept-Encoding"] = "identity"
        case 416:
            headers["Content-Range"] = f"bytes */{error.params['length']}"
        case 429:
            headers["Retry-After"] = str(error.params["seconds"])
        case 503:
            headers["Retry-After"] = RETRY_AFTER
    return headers
