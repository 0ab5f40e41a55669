"""The response cache: whole responses that depend on the release alone, in each coding, sent again without entering Flask."""

import threading
from collections.abc import Iterable, Mapping
from functools import partial
from http import HTTPStatus
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from cachetools import LRUCache
from werkzeug.http import parse_etags

from cper_lod.core import i18n
from cper_lod.core.formats import Format, negotiate
from cper_lod.web.http import compression
from cper_lod.web.http.compression import ENCODE, IDENTITY, coded_etag
from cper_lod.web.http.delivery import NOT_MODIFIED, is_single_range
from cper_lod.web.http.environ import CACHE, OFFERS, STORE, Application, Environ

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

Key = tuple[str, ...]
Headers = list[tuple[str, str]]
SIZE: Final = 32 * 1024 * 1024
"""Bytes of the stored responses together: a few hundred pages in every coding."""
MAX_ENTRY: Final = compression.MAX_SIZE
"""Bytes of the largest response that is stored."""
OVERHEAD: Final = 1000
"""Bytes that an entry takes besides its body, its headers and its key."""
_MAX_KEY: Final = 2048
"""Characters of the address and of the headers that select a response, together, under which one is stored."""
_VARY: Final = frozenset({"accept", "accept-language", "accept-encoding", "accept-datetime"})
"""The headers that a stored response may vary with; requests with Accept-Datetime never get a stored one."""
_CONDITIONS: Final = frozenset({"HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"})
_SELECTING: Final = ("HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING")


class Entry(NamedTuple):
    """A stored response, and the headers of the 304 in its place.

    `etag` is its validator, "" if it has none; `has_codings` says that it is compressed for clients that accept a coding;
    `size` are the bytes that it takes.
    """

    status: str
    headers: Headers
    body: bytes
    etag: str
    not_modified: Headers
    has_codings: bool
    size: int


class _Variants(NamedTuple):
    """What the responses at one address vary with: request headers, and the formats among which Accept chooses."""

    headers: frozenset[str]
    offers: tuple[Format, ...]
    size: int


class ResponseCache:
    """A WSGI application that answers in place of another one what that has answered before; used by many threads."""

    def __init__(self, application: Application, limit: int = SIZE) -> None:
        """Store up to `limit` bytes of the responses of `application`, which calls the function at `STORE` with each."""
        self._application, self.limit = application, limit
        self._lock = threading.Lock()
        self._variants: LRUCache[Key, _Variants] = LRUCache(limit // 8, attrgetter("size"))
        self._entries: LRUCache[Key, Entry] = LRUCache(limit - limit // 8, attrgetter("size"))

    @property
    def size(self) -> int:
        """The stored bytes."""
        return int(self._variants.currsize + self._entries.currsize)

    def __call__(self, environ: Environ, start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request; a stored response is a list."""
        if not _may_be_stored(environ):
            return self._application(environ, start_response)
        coding = compression.choose(environ.get("HTTP_ACCEPT_ENCODING"))
        address = (
            environ["PATH_INFO"],
            environ["QUERY_STRING"],
        )  # applications that mount others change the environment
        entry = self._find(address, environ, coding)
        if entry is None or not _CONDITIONS.isdisjoint(environ):
            environ[CACHE] = "miss"
            environ[STORE] = partial(self._store, address, environ)
            return self._application(environ, start_response)
        environ[CACHE] = "hit"
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and entry.etag and (known == entry.etag or _is_listed(entry.etag, known)):
            start_response("304 NOT MODIFIED", entry.not_modified)
            return []
        start_response(entry.status, entry.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [entry.body]

    def _find(self, address: Key, environ: Environ, coding: str | None) -> Entry | None:
        """Return the stored response to a request, None if there is none; other codings are made of the uncompressed one."""
        with self._lock:
            variants = self._variants.get(address)
            if variants is None:
                return None
            key = _key(address, environ, variants)
            if coding and (entry := self._entries.get((*key, coding))):
                return entry
            plain = self._entries.get((*key, IDENTITY))
        if plain is None or not plain.has_codings:
            return plain
        if coding is None:  # the application says that this client can get no coding
            return None
        entry = _compressed(plain, coding)
        self._put((*key, coding), entry)
        return entry

    def _store(
        self, address: Key, environ: Environ, status: int, headers: Headers, body: bytes, *, at_once: bool = True
    ) -> None:
        """Store a whole response, unless it must not be stored, or varies with another header.

        Without `at_once`, it is stored the second time: most queries are asked once, and would only push out others.
        """
        fields = dict(headers)
        if status not in (200, 303) or "no-store" in fields.get("Cache-Control", "no-store"):
            return
        names = frozenset(fields.get("Vary", "").lower().replace(" ", "").split(",")) - {""}
        if not names <= _VARY:
            return
        offered = environ.get(OFFERS, ())
        offers: tuple[Format, ...] = next(iter(offered)) if len(offered) == 1 else ()
        with self._lock:
            # The formats at one address vary with different headers: the key of a request contains all of them.
            known = self._variants.get(address)
            names |= known.headers if known else frozenset()
            variants = _Variants(names, offers, OVERHEAD + sum(map(len, address)))
            if variants.size <= self._variants.maxsize:
                self._variants[address] = variants
        if not (at_once or known):
            return
        coding = fields.get("Content-Encoding", IDENTITY)
        self._put((*_key(address, environ, variants), coding), _entry(status, headers, fields, body))

    def _put(self, key: Key, entry: Entry) -> None:
        entry = entry._replace(size=entry.size + 4 * sum(map(len, key)))
        if entry.size <= min(MAX_ENTRY, self._entries.maxsize):
            with self._lock:
                self._entries[key] = entry


def _may_be_stored(environ: Environ) -> bool:
    """Return whether a request is a GET or HEAD of the whole present document, with headers of common length."""
    method, range_ = environ["REQUEST_METHOD"], environ.get("HTTP_RANGE")
    if method not in ("GET", "HEAD") or "HTTP_ACCEPT_DATETIME" in environ:
        return False
    if range_ and method == "GET" and is_single_range(range_):
        return False
    size = len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"])
    for name in _SELECTING:
        size += len(environ.get(name, ""))
    return size <= _MAX_KEY


def _key(address: Key, environ: Environ, variants: _Variants) -> Key:
    """Return what selects a response among the variants at its address, but for the coding: format and language as chosen.

    Browsers express the same choice by many different Accept headers.
    """
    get, names = environ.get, variants.headers
    accept = get("HTTP_ACCEPT", "*/*") if "accept" in names else ""
    if accept and variants.offers:
        format_ = negotiate(accept, variants.offers)
        accept = f"\0{format_.name if format_ else ''}"  # no header contains a NUL: none is equal to a format
    lang = i18n.choose(get("HTTP_ACCEPT_LANGUAGE")) if "accept-language" in names else ""
    return (*address, accept, lang)


def _entry(status: int, headers: Headers, fields: Mapping[str, str], body: bytes) -> Entry:
    """Return a whole response as it is stored; `fields` are its headers, those without a double, by name."""
    headers = [pair for pair in headers if pair[0] != "Content-Length"]
    headers.append(("Content-Length", str(len(body))))
    has_codings = "Content-Encoding" not in fields and compression.is_worthwhile(
        fields.get("Content-Type", ""), len(body)
    )
    size = OVERHEAD + len(body) + 2 * sum(len(name) + len(value) for name, value in headers)
    line = f"{status} {HTTPStatus(status).phrase}"
    return Entry(line, headers, body, fields.get("ETag", ""), _of_not_modified(headers), has_codings, size)


def _of_not_modified(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name.lower() in NOT_MODIFIED]


def _compressed(plain: Entry, coding: str) -> Entry:
    """Return an uncompressed response in a coding, as `compression.compress` makes it."""
    body = ENCODE[coding](plain.body)
    etag = coded_etag(plain.etag, coding) if plain.etag else ""
    changed = {"etag": etag, "content-length": str(len(body))}
    headers = [
        (name, changed.get(name.lower(), value)) for name, value in plain.headers if name.lower() != "accept-ranges"
    ]
    headers.append(("Content-Encoding", coding))
    return plain._replace(
        headers=headers,
        body=body,
        etag=etag,
        not_modified=_of_not_modified(headers),
        has_codings=False,
        size=plain.size - len(plain.body) + len(body),
    )


def _is_listed(etag: str, if_none_match: str) -> bool:
    return bool(parse_etags(if_none_match).contains_weak(etag.strip('"')))
