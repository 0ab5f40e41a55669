"""The response cache: whole responses that depend on the release alone, in each coding, sent again without entering Flask."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from werkzeug.http import parse_etags

from cper_lod.web.http import compression
from cper_lod.web.http.delivery import NOT_MODIFIED, is_single_range
from cper_lod.web.http.environ import CACHE, STORE, Application, Environ
from cper_lod.web.http.negotiation import preferred_language

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

Key = tuple[str, ...]
Headers = list[tuple[str, str]]
SIZE: Final = 32 * 1024 * 1024
"""Bytes of the stored responses together: a thousand pages and more."""
MAX_ENTRY: Final = compression.MAX_SIZE
"""Bytes of the largest response that is stored."""
OVERHEAD: Final = 1000
"""Bytes that an entry takes besides its body, its headers and its key."""
_MAX_KEY: Final = 2048
"""Characters of the address and of the headers that select a response, together, under which one is stored."""
_CONDITIONS: Final = frozenset({"HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"})


class Entry(NamedTuple):
    """A stored response: its validator, "" if it has none; the headers of a 304; and the bytes that it takes."""

    status: str
    headers: Headers
    body: bytes
    etag: str
    not_modified: Headers
    size: int


class ResponseCache:
    """A WSGI application that answers in place of another one what that has answered before; used by many threads.

    What selects a response is its address, the Accept header, and language and coding as chosen, whatever it varies with.
    """

    def __init__(self, application: Application, limit: int = SIZE) -> None:
        """Store up to `limit` bytes of the responses of `application`, which calls the function at `STORE` with each."""
        self._application, self._limit, self._lock = application, limit, threading.Lock()
        self._entries, self._size = OrderedDict[Key, Entry](), 0  # the one not used for longest is the first

    def __call__(self, environ: Environ, start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request; a stored response is a list."""
        key = _key(environ)
        if not key:
            return self._application(environ, start_response)
        with self._lock:
            if entry := self._entries.get(key):
                self._entries.move_to_end(key)
        if entry is None or not environ.keys().isdisjoint(_CONDITIONS):
            environ[CACHE], environ[STORE] = "miss", partial(self._store, key)
            return self._application(environ, start_response)
        environ[CACHE] = "hit"
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and entry.etag and (known == entry.etag or parse_etags(known).contains_weak(entry.etag.strip('"'))):
            start_response("304 NOT MODIFIED", entry.not_modified)
            return []
        start_response(entry.status, entry.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [entry.body]

    def _store(self, key: Key, status: int, headers: Headers, body: bytes) -> None:
        """Store a whole response, unless it must not be stored; a view may answer 304 itself, and an error may go."""
        fields = dict(headers)
        if status not in (200, 303) or "no-store" in fields.get("Cache-Control", "no-store"):
            return
        headers = [pair for pair in headers if pair[0] != "Content-Length"] + [("Content-Length", str(len(body)))]
        texts = sum(len(name) + len(value) for name, value in headers) + 2 * sum(map(len, key))
        line = f"{status} {HTTPStatus(status).phrase}"
        not_modified = [pair for pair in headers if pair[0].lower() in NOT_MODIFIED]
        entry = Entry(line, headers, body, fields.get("ETag", ""), not_modified, OVERHEAD + len(body) + 2 * texts)
        if entry.size <= min(MAX_ENTRY, self._limit):
            with self._lock:
                replaced = self._entries.pop(key, None)
                self._entries[key] = entry
                self._size += entry.size - (replaced.size if replaced else 0)
                while self._size > self._limit:
                    self._size -= self._entries.popitem(last=False)[1].size


def _key(environ: Environ) -> Key:
    """Return what selects the response to a request, () for other requests than of the whole present document.

    Accept-Datetime asks for an earlier one; with long headers, clients could fill the memory.
    """
    get, method = environ.get, environ["REQUEST_METHOD"]
    range_ = method == "GET" and get("HTTP_RANGE")
    if method not in ("GET", "HEAD") or "HTTP_ACCEPT_DATETIME" in environ or (range_ and is_single_range(range_)):
        return ()
    language, codings = get("HTTP_ACCEPT_LANGUAGE"), get("HTTP_ACCEPT_ENCODING")
    address = environ["PATH_INFO"], environ["QUERY_STRING"], get("HTTP_ACCEPT", "*/*")
    if sum(map(len, address)) + len(language or "") + len(codings or "") > _MAX_KEY:
        return ()
    return *address, *_chosen(language, codings)


@lru_cache(maxsize=512)  # saves 9 of the 23 µs of a ready page, compressed; what it is called with is short
def _chosen(language: str | None, codings: str | None) -> tuple[str, str]:
    return preferred_language(language), compression.choose(codings)
