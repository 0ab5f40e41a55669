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
from importlib.metadata import version
from queue import Empty, SimpleQueue
from typing import Final, NoReturn, Self
from urllib.parse import urljoin, urlsplit

import httpx

from cper_lod.core.errors import Phrase, Problem

TIMEOUT: Final = 20.0
"""Seconds in which a whole response must have arrived."""
MAX_ATTEMPTS: Final = 2
PAUSE: Final = 2.0
"""Seconds between two attempts."""
MAX_RESPONSE_BYTES: Final = 8 * 1024 * 1024
"""The largest response that is read, before and after decompression."""
MAX_REDIRECTS: Final = 5
_RETRY_STATUSES: Final = {408, 425, 429, 500, 502, 503, 504}
"""Statuses after which the request is repeated."""
_USER_AGENT: Final = "cper-lod/{} (linked data of plan contracts; command line, not a crawler)"
_Answer = tuple[int, bytes]


class JsonClient:
    """A client for one host, GET only.

    A whole response, with its redirects, takes `TIMEOUT` seconds at most, a connection half of them. The time-outs of httpx
    alone would start again with each byte.
    """

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._connection_error: object = ""  # why no connection is possible; later requests then fail at once
        accepted = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        headers = {"User-Agent": _USER_AGENT.format(version("cper-lod")), **accepted}
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
        return _parse_json(self._get(url), url)

    def _get(self, url: str) -> bytes:
        """Return the body of a response after up to MAX_ATTEMPTS attempts."""
        reason = self._connection_error
        for attempt in range(1, 1 if reason else MAX_ATTEMPTS + 1):
            if attempt > 1:
                time.sleep(PAUSE)
            try:
                status, body = self._within_timeout(url)
            except httpx.TransportError as error:
                reason = Phrase(f"connection failed ({error})", f"connexion impossible ou rompue ({error})")
                if attempt == MAX_ATTEMPTS and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                    self._connection_error = reason
            except TimeoutError:
                reason = Phrase(f"no whole answer within {TIMEOUT:g} s", f"pas de réponse entière en {TIMEOUT:g} s")
            else:
                if status == 200:
                    return body
                if status in (404, 410):
                    raise Problem("catalogue-missing", url=url, status=status)
                reason = f"HTTP {status}"
                if status not in _RETRY_STATUSES:
                    raise Problem("catalogue-answer", url=url, message=reason)
        raise Problem("catalogue-unreachable", url=url, message=reason)

    def _within_timeout(self, url: str) -> _Answer:
        """Return what `_follow` returns, and raise what it raises; raises TimeoutError if that takes too long.

        httpx limits each read alone: a host that sends a byte now and then would never end. So another thread reads, and
        is left to itself after the time limit; it ends at its own, which is longer.
        """
        outcomes = SimpleQueue[_Answer | Exception]()

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

    def _follow(self, url: str) -> _Answer:
        """Return status and body of the response after redirects on the same host."""
        current_url = url
        for _ in range(MAX_REDIRECTS + 1):
            try:
                with self._http.stream("GET", current_url) as response:
                    if not response.has_redirect_location:
                        return response.status_code, _body(response, url)
                    current_url = urljoin(current_url, response.headers["Location"])
                here, there = urlsplit(self.base), urlsplit(current_url)
            except (httpx.InvalidURL, ValueError) as error:
                raise _not_json(url, error) from error
            if (there.scheme, there.netloc) not in ((here.scheme, here.netloc), ("https", here.hostname)):
                elsewhere = current_url[:200]
                raise unexpected_answer(url, f"redirected to {elsewhere}", f"redirection vers {elsewhere}")
        raise unexpected_answer(url, "redirected again and again", "redirections sans fin")


def _body(response: httpx.Response, url: str) -> bytes:
    """Return the body, at most MAX_RESPONSE_BYTES before and after decompression."""
    body = bytearray()
    for part in response.iter_raw():
        body += part
        if len(body) > MAX_RESPONSE_BYTES:
            break
    whole = bytes(body)
    if response.headers.get("Content-Encoding", "").lower() == "gzip":
        try:
            whole = zlib.decompressobj(31).decompress(whole, MAX_RESPONSE_BYTES + 1)
        except zlib.error as error:
            raise _not_json(url, error) from error
    if max(len(body), len(whole)) > MAX_RESPONSE_BYTES:
        limit = MAX_RESPONSE_BYTES
        raise unexpected_answer(url, f"more than {limit} bytes", f"plus de {limit} octets")
    return whole


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
