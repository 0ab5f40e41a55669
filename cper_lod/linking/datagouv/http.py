"""HTTP client for a JSON API, with a deadline, retries, limits and a cache on disk; every error becomes a problem.

Problem
├── catalogue-unreachable   no network, no whole answer in time, 429 or 5xx after the last attempt
├── catalogue-missing       404 or 410
└── catalogue-answer        anything else: HTML, a redirect to another host, too large, invalid JSON
"""

import hashlib
import json
import os
import threading
import time
import zlib
from contextlib import suppress
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, NoReturn, Self
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.files import atomic_write

TIMEOUT: Final = 20.0
"""Seconds in which a whole response must have arrived."""
MAX_ATTEMPTS: Final = 4
MAX_RESPONSE_BYTES: Final = 16 * 1024 * 1024
"""The largest response that is read."""
MAX_REDIRECTS: Final = 5
MAX_RETRY_AFTER: Final = 30.0
"""The longest delay in seconds of a Retry-After header that is respected; beyond it, the request fails."""
_RETRY_STATUSES: Final = {408, 425, 429, 500, 502, 503, 504}
"""Statuses after which the request is repeated."""
_USER_AGENT: Final = "cper-lod/{} (linked data of plan contracts; command line, not a crawler)"


MAX_AGE: Final = 24 * 3600
"""Seconds during which a response is reused."""
MAX_BYTES: Final = 64 * 1024 * 1024
"""Size of all responses together; beyond it, the oldest are removed."""
_SUFFIX: Final = ".answer"


def default_folder() -> Path:
    """Return the default folder: the user's cache (XDG Base Directory specification)."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(configured) if Path(configured).is_absolute() else Path.home() / ".cache"
    return base / "cper-lod" / "link"


class CatalogCache:
    """A folder of responses by URL. A response that cannot be read or written is treated as missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, url: str) -> bytes | None:
        """Return the cached response for a URL, None if there is none or it is too old."""
        path = self._path(url)
        with suppress(OSError):
            if 0 <= time.time() - path.stat().st_mtime < MAX_AGE:
                first, _, response = path.read_bytes().partition(b"\n")
                return response if first == url.encode() else None
        return None

    def put(self, url: str, response: bytes) -> None:
        """Store a response atomically, then remove the oldest ones beyond the limit."""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            atomic_write(self._path(url), url.encode() + b"\n" + response, mode=0o600)
            self._evict()

    def _path(self, url: str) -> Path:
        return self.folder / (hashlib.sha256(url.encode()).hexdigest() + _SUFFIX)

    def _evict(self) -> None:
        """Remove expired responses, then the oldest until the rest fits."""
        files = sorted(
            ((path.stat(), path) for path in self.folder.glob(f"*{_SUFFIX}*")), key=lambda each: each[0].st_mtime
        )
        total = sum(stat.st_size for stat, _ in files)
        for stat, path in files:
            if total > MAX_BYTES or time.time() - stat.st_mtime >= MAX_AGE:
                path.unlink(missing_ok=True)
                total -= stat.st_size


class CatalogClient:
    """A client for one host, GET only; responses are stored in `cache`, if one is given.

    A whole response, with its redirects, takes `TIMEOUT` seconds at most, a connection half of them. The time-outs of httpx
    alone would start again with each byte.
    """

    def __init__(self, base: str, cache: CatalogCache | None = None) -> None:
        self.base = base.rstrip("/")
        self._cache = cache
        self._connection_error: object = ""  # why no connection is possible; later requests then fail at once
        headers = {
            "User-Agent": _USER_AGENT.format(version("cper-lod")),
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        }
        try:
            self._http = httpx.Client(headers=headers, timeout=httpx.Timeout(2 * TIMEOUT, connect=TIMEOUT / 2))
        except (ImportError, OSError, ValueError) as error:  # invalid proxy or certificates in the environment
            raise Problem("catalogue-unreachable", url=self.base, message=error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get_json(self, path: str, **query: object) -> object:
        """Return the JSON at a path; raises the problems listed above."""
        url = self.base + path + ("?" + urlencode(query) if query else "")
        cached = self._cache.get(url) if self._cache else None
        if cached is not None:
            with suppress(Problem):  # a damaged entry: request it again
                return _parse_json(cached, url)
        body = self._get_with_retries(url)
        value = _parse_json(body, url)
        if self._cache:
            self._cache.put(url, body)
        return value

    def _get_with_retries(self, url: str) -> bytes:
        """Return the body of a response after up to MAX_ATTEMPTS attempts; respects Retry-After."""
        reason = self._connection_error
        for attempt in range(1, 1 if reason else MAX_ATTEMPTS + 1):
            wait = 0.5 * 2 ** (attempt - 1)
            try:
                status, headers, body = self._within_timeout(url)
            except httpx.TransportError as error:
                reason = _reason(error)
                if attempt == MAX_ATTEMPTS and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                    self._connection_error = reason
            except TimeoutError:
                reason = Phrase(f"no whole answer within {TIMEOUT:g} s", f"pas de réponse entière en {TIMEOUT:g} s")
            else:
                if status in (404, 410):
                    raise Problem("catalogue-missing", url=url, status=status)
                if status == 200:
                    return body
                reason = f"HTTP {status}"
                if status not in _RETRY_STATUSES:
                    raise Problem("catalogue-answer", url=url, message=reason)
                wait = max(wait, _retry_after(headers.get("Retry-After", "")))
                if wait > MAX_RETRY_AFTER:
                    reason = f"HTTP {status}, Retry-After: {wait:g} s"
                    break
            if attempt < MAX_ATTEMPTS:
                time.sleep(wait)
        raise Problem("catalogue-unreachable", url=url, message=reason)

    def _within_timeout(self, url: str) -> tuple[int, httpx.Headers, bytes]:
        """Return what `_follow` returns, and raise what it raises; raises TimeoutError if that takes too long.

        httpx limits each read alone: a host that sends a byte now and then would never end. So another thread reads, and
        is left to itself after the time limit; it ends at its own, which is longer.
        """
        outcomes = SimpleQueue[tuple[int, httpx.Headers, bytes] | Exception]()

        def work() -> None:
            try:
                outcomes.put(self._follow(url))
            except Exception as error:
                outcomes.put(error)

        threading.Thread(target=work, name="link", daemon=True).start()
        try:
            outcome = outcomes.get(timeout=TIMEOUT)
        except Empty:
            raise TimeoutError from None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _follow(self, url: str) -> tuple[int, httpx.Headers, bytes]:
        """Return status, headers and body of the response after redirects on the same host."""
        current_url = url
        for _ in range(MAX_REDIRECTS + 1):
            try:
                with self._http.stream("GET", current_url) as response:
                    if not response.has_redirect_location:
                        return response.status_code, response.headers, self._body(response, url)
                    target = urljoin(current_url, response.headers["Location"])
            except (httpx.InvalidURL, ValueError) as error:
                raise _not_json(url, error) from error
            if not _same_host(target, self.base):
                elsewhere = target[:200]
                raise unexpected_answer(
                    url, f"redirected to another host, {elsewhere}", f"redirection vers un autre hôte, {elsewhere}"
                )
            current_url = target
        raise unexpected_answer(url, "redirected again and again", "redirections sans fin")

    def _body(self, response: httpx.Response, url: str) -> bytes:
        """Return the body, at most MAX_RESPONSE_BYTES before and after decompression."""
        parts, size = [], 0
        for part in response.iter_raw():
            parts.append(part)
            size += len(part)
            if size > MAX_RESPONSE_BYTES:
                break
        body = b"".join(parts)
        if response.headers.get("Content-Encoding", "").lower() == "gzip":
            try:
                body = zlib.decompressobj(31).decompress(body, MAX_RESPONSE_BYTES + 1)
            except zlib.error as error:
                raise _not_json(url, error) from error
        if len(body) > MAX_RESPONSE_BYTES:
            limit = MAX_RESPONSE_BYTES
            raise unexpected_answer(url, f"more than {limit} bytes", f"plus de {limit} octets")
        return body


def _parse_json(body: bytes, url: str) -> object:
    """Return the JSON of a response; raises `catalogue-answer`, with a special message for HTML."""
    if body.lstrip()[:1] == b"<":
        raise unexpected_answer(url, "HTML instead of JSON", "du HTML au lieu de JSON")

    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    try:
        value: object = json.loads(body, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise _not_json(url, error) from error
    return value


def unexpected_answer(url: str, en: str, fr: str) -> Problem:
    """Return the problem of an answer that is not what was asked for, in words."""
    return Problem("catalogue-answer", url=url, message=Phrase(en, fr))


def _not_json(url: str, error: Exception) -> Problem:
    detail = f"{type(error).__name__}: {str(error)[:120]}"
    return unexpected_answer(url, f"not JSON ({detail})", f"pas du JSON ({detail})")


def _reason(error: httpx.TransportError) -> object:
    """Return the reason of a transport error in a few words."""
    if isinstance(error, httpx.ConnectTimeout):
        return Phrase("no connection in time", "pas de connexion à temps")
    if isinstance(error, httpx.ConnectError):
        return Phrase(f"no connection ({error})", f"connexion impossible ({error})")
    return Phrase(f"connection broken ({error})", f"connexion rompue ({error})")


def _retry_after(retry_after: str) -> float:
    """Return the seconds of a Retry-After header, which is a number or a date (RFC 9110, section 10.2.3).

    >>> _retry_after("7"), _retry_after(""), _retry_after("soon"), _retry_after("Thu, 01 Jan 1970 00:00:00 GMT")
    (7.0, 0.0, 0.0, 0.0)
    """
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return 0.0


def _same_host(target: str, base: str) -> bool:
    """Return whether a redirect stays on the host and port, or upgrades the host to https on the default port."""
    to, here = urlsplit(target), urlsplit(base)
    try:
        port = to.port
    except ValueError:  # not a valid port
        return False
    upgraded = (here.scheme, to.scheme) == ("http", "https") and port in (None, 443) and here.port in (None, 80)
    same = (to.scheme, port) == (here.scheme, here.port)
    return to.username is None and to.hostname == here.hostname and (same or upgraded)
