"""HTTP client for a JSON API, with a deadline, one retry and limits; every error becomes a problem.

Problem
├── catalogue-unreachable   no network, no whole answer in time, 429 or 5xx after the last attempt
├── catalogue-missing       404 or 410
└── catalogue-answer        anything else: HTML, a redirect to another host, too large, invalid JSON
"""

import json
import threading
import time
import zlib
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from queue import Empty, SimpleQueue
from typing import Final, NoReturn, Self
from urllib.parse import urljoin, urlsplit

import httpx

from cper_lod.core.errors import Phrase, Problem

TIMEOUT: Final = 20.0
"""Seconds in which a whole response must have arrived."""
MAX_ATTEMPTS: Final = 2
MAX_RESPONSE_BYTES: Final = 16 * 1024 * 1024
"""The largest response that is read."""
MAX_REDIRECTS: Final = 5
MAX_RETRY_AFTER: Final = 30.0
"""The longest delay in seconds of a Retry-After header that is respected; beyond it, the request fails."""
_RETRY_STATUSES: Final = {408, 425, 429, 500, 502, 503, 504}
"""Statuses after which the request is repeated."""
_USER_AGENT: Final = "cper-lod/{} (linked data of plan contracts; command line, not a crawler)"


class JsonClient:
    """A client for one host, GET only.

    A whole response, with its redirects, takes `TIMEOUT` seconds at most, a connection half of them. The time-outs of httpx
    alone would start again with each byte.
    """

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
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

    def get_json(self, path: str) -> object:
        """Return the JSON at a path, which may have a query; raises the problems listed above."""
        url = self.base + path
        return _parse_json(self._get_with_retries(url), url)

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
