"""Responses as plain values, made without a framework, and the headers that every response has."""

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import Format
from cper_lod.core.namespaces import BASE
from cper_lod.core.settings import Settings
from cper_lod.engine.spool import Spool

PROBLEM_JSON: Final = Format(
    "problem-json", "json", "application/problem+json", "JSON", ("application/json",), charset=False
)
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
    "Memento-Datetime, SPARQL-Unknown-Terms",
}
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST, QUERY",
    "Access-Control-Allow-Headers": "Accept, Accept-Profile, Accept-Language, Content-Type, If-None-Match, If-Match, "
    "Accept-Datetime",
    "Access-Control-Max-Age": "86400",
}
QUERY_TYPES: Final = '"application/sparql-query", "application/x-www-form-urlencoded"'
"""The header Accept-Query: the media types that the method QUERY accepts."""


@dataclass(frozen=True)
class Response:
    """A response as a plain value: its status, its headers without those of every response, and its body.

    `offers` are the formats among which the Accept header chose, if it did so exactly once. `problem` is the code of
    the error in the body, for the log. `cacheable` says that an equal request to the same release gets an equal
    response. `start` is the first byte that is sent of a file.
    """

    status: int
    headers: dict[str, str]
    body: bytes | Spool = b""
    size: int = -1
    offers: tuple[Format, ...] = field(default=(), kw_only=True)
    problem: str = field(default="", kw_only=True)
    cacheable: bool = field(default=False, kw_only=True)
    start: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        if self.size < 0:
            object.__setattr__(self, "size", len(self.body))

    @cached_property
    def wire_headers(self) -> list[tuple[bytes, bytes]]:
        """All headers as ASGI takes them, those of every response included; their names are in lower case."""
        headers = _EVERY | {name.lower().encode(): value.encode("latin-1") for name, value in self.headers.items()}
        if self.status not in (204, 304):
            headers[b"content-length"] = b"%d" % self.size
        return list(headers.items())

    def not_modified(self) -> "Response":
        """Return the 304 in place of this response."""
        return Response(304, {name: value for name, value in self.headers.items() if name in NOT_MODIFIED})

    def part(self, start: int, stop: int) -> Self:
        """Return the 206 with the bytes from `start` to `stop`."""
        assert isinstance(self.body, bytes)  # noqa: S101  # answers to queries offer no ranges
        headers = self.headers | {"Content-Range": f"bytes {start}-{stop - 1}/{self.size}"}
        size = stop - start
        return replace(
            self, status=206, headers=headers, body=self.body[start:stop], size=size, start=self.start + start
        )


@dataclass(frozen=True)
class FileResponse(Response):
    """A response whose body is in a file, from byte `start` on; the server sends a whole file without reading it."""

    path: Path = field(default=Path())

    def in_memory(self) -> Response:
        """Return the same response with its bytes read."""
        return Response(self.status, self.headers, self.path.read_bytes(), offers=self.offers, cacheable=self.cacheable)


_EVERY: Final = {name.lower().encode(): value.encode() for name, value in (SECURITY | CORS).items()}
NOT_MODIFIED: Final = frozenset(
    {
        *("ETag", "Cache-Control", "Content-Location", "Vary", "Last-Modified", "Memento-Datetime"),
        "Content-Security-Policy",
    }
)
"""The headers that a 304 repeats (RFC 9110, section 15.4.5); a memento says that it is one (RFC 7089).

Caches put the headers of a 304 in place of those that they have: a page that may be framed must stay so.
"""


def problem(error: Problem, lang: Language, settings: Settings) -> Response:
    """Return an error as problem details (RFC 9457): what happened, where, what to do."""
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
    headers = {"Content-Type": PROBLEM_JSON.content_type, "Vary": "Accept, Accept-Language"}
    headers |= error_headers(error, lang, settings)
    return Response(error.kind.status, headers, body, problem=error.kind.code)


def error_headers(error: Problem, lang: Language, settings: Settings) -> dict[str, str]:
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
            headers["Retry-After"] = str(settings.query_wait or 1)
    return headers
