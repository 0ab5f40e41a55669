"""HTTP client for a JSON API, with a deadline, one retry and limits; every error becomes a problem.

Problem
├── catalogue-unreachable   no network, no whole answer in time, 429 or 5xx after the last attempt
├── catalogue-missing       404 or 410
└── catalogue-answer        anything else: HTML, a redirect to another host, too large, invalid JSON
"""

import json
import threading
import time
from concurrent.futures import Future
from importlib.metadata import version
from typing import Final

import httpx

from cper_lod.core.errors import Phrase, Problem

TIMEOUT: Final = 20.0
"""Seconds in which a whole response must have arrived."""
MAX_ATTEMPTS: Final = 2
PAUSE: Final = 2.0
"""Seconds between two attempts."""
MAX_RESPONSE_BYTES: Final = 8 * 1024 * 1024
"""The largest response that is read, after decompression."""
_RETRY_STATUSES: Final = {408, 425, 429, 500, 502, 503, 504}
"""Statuses after which the request is repeated."""
_USER_AGENT: Final = "cper-lod/{} (linked data of plan contracts; command line, not a crawler)"


class JsonClient(httpx.Client):
    """A client for one host, GET only.

    A whole response, with its redirects, takes `TIMEOUT` seconds at most, a connection half of them. The time-outs of httpx
    alone would start again with each byte.
    """

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._connection_error: object = ""  # why no connection is possible; later requests then fail at once
        headers = {"User-Agent": _USER_AGENT.format(version("cper-lod")), "Accept": "application/json"}
        times = httpx.Timeout(2 * TIMEOUT, connect=TIMEOUT / 2)
        hooks = {"request": [self._refuse_other_host]}
        try:
            super().__init__(headers=headers, timeout=times, event_hooks=hooks, follow_redirects=True)
        except (ImportError, OSError, ValueError) as error:  # invalid proxy or certificates in the environment
            raise Problem("catalogue-unreachable", url=self.base, message=error) from error

    def get_json(self, path: str) -> object:
        """Return the JSON at a path, which may have a query; raises the problems listed above."""
        url, reason = self.base + path, self._connection_error
        for attempt in range(0 if reason else MAX_ATTEMPTS):
            if attempt:
                time.sleep(PAUSE)
            try:
                status, value = self._within_timeout(url)
            except TimeoutError:
                reason = Phrase(f"no whole answer within {TIMEOUT:g} s", f"pas de réponse entière en {TIMEOUT:g} s")
            except httpx.TransportError as error:
                reason = Phrase(f"connection failed ({error})", f"connexion impossible ou rompue ({error})")
                if attempt == MAX_ATTEMPTS - 1 and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                    self._connection_error = reason
            else:
                if status == 200:
                    return value
                if status in (404, 410):
                    raise Problem("catalogue-missing", url=url, status=status)
                reason = f"HTTP {status}"
                if status not in _RETRY_STATUSES:
                    raise Problem("catalogue-answer", url=url, message=reason)
        raise Problem("catalogue-unreachable", url=url, message=reason)

    def _within_timeout(self, url: str) -> tuple[int, object]:
        """Return what `_read` returns, and raise what it raises; raises TimeoutError if that takes too long.

        httpx limits each read alone: a host that sends a byte now and then would never end. So another thread reads, and
        is left to itself after the time limit; it ends at its own, which is longer.
        """
        answer = Future[tuple[int, object]]()

        def work() -> None:
            try:
                answer.set_result(self._read(url))
            except Exception as error:
                answer.set_exception(error)

        threading.Thread(target=work, name="link", daemon=True).start()
        return answer.result(TIMEOUT)

    def _read(self, url: str) -> tuple[int, object]:
        """Return the status of the response after redirects on the same host, and its JSON if the status is 200."""
        try:
            with self.stream("GET", url) as response:
                body = _body(response, url)
            if response.status_code != 200:
                return response.status_code, None
            if body.lstrip()[:1] == b"<":
                raise unexpected_answer(url, "HTML instead of JSON", "du HTML au lieu de JSON")
            return 200, json.loads(body)
        except httpx.TooManyRedirects as error:
            raise unexpected_answer(url, "redirected again and again", "redirections sans fin") from error
        except (httpx.InvalidURL, httpx.DecodingError, ValueError, RecursionError) as error:
            detail = f"{type(error).__name__}: {str(error)[:120]}"
            raise unexpected_answer(url, f"not JSON ({detail})", f"pas du JSON ({detail})") from error

    def _refuse_other_host(self, request: httpx.Request) -> None:
        here, there = httpx.URL(self.base), request.url
        if here.host != there.host or (there.scheme, there.port) not in ((here.scheme, here.port), ("https", None)):
            raise unexpected_answer(self.base, f"redirected to {there}", f"redirection vers {there}")


def _body(response: httpx.Response, url: str) -> bytes:
    """Return the body, at most MAX_RESPONSE_BYTES."""
    body, limit = bytearray(), MAX_RESPONSE_BYTES
    for part in response.iter_bytes():
        body += part
        if len(body) > limit:
            raise unexpected_answer(url, f"more than {limit} bytes", f"plus de {limit} octets")
    return bytes(body)


def unexpected_answer(url: str, en: str, fr: str) -> Problem:
    """Return the problem of an answer that is not what was asked for, in words."""
    return Problem("catalogue-answer", url=url, message=Phrase(en, fr))
