"""Asking a catalogue for JSON over HTTP: patient, polite, bounded; whatever goes wrong is a problem of the table.

Problem
├── catalogue-unreachable   no network, no answer in time, 429 or 5xx after the last attempt
├── catalogue-missing       404 or 410: there is no such thing, or no longer
└── catalogue-answer        it answers something else: HTML, a redirect elsewhere, too much, no JSON
"""

import json
import time
import zlib
from contextlib import suppress
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from cper_lod.core.errors import Phrase, Problem
from cper_lod.linking.datagouv.cache import Cache

ATTEMPTS: Final = 4
BYTES: Final = 16 * 1024 * 1024
"""The largest answer that is read."""
REDIRECTS: Final = 5
PATIENCE: Final = 30.0
"""The longest wait, in seconds, that a catalogue may ask for (Retry-After) before we give up."""
_AGAIN: Final = {408, 425, 429, 500, 502, 503, 504}
"""Statuses after which asking again may help."""
_AGENT: Final = "cper-lod/{} (linked data of plan contracts; command line, not a crawler)"


class CatalogClient:
    """A client of one catalogue: GET only, one host only; answers are kept in `cache` where one is given."""

    def __init__(self, base: str, timeout: float, cache: Cache | None = None) -> None:
        self.base = base.rstrip("/")
        self._timeout, self._cache = timeout, cache
        self._away: object = ""  # why it could not even be connected to: nothing else is asked of it then
        headers = {
            "User-Agent": _AGENT.format(version("cper-lod")),
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        }
        try:
            self._http = httpx.Client(headers=headers, timeout=timeout, follow_redirects=False)
        except (ImportError, OSError, ValueError) as error:  # a proxy or certificates of the environment that cannot be
            raise Problem("catalogue-unreachable", url=self.base, message=error) from error

    def __enter__(self) -> "CatalogClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def json(self, path: str, **query: object) -> object:
        """Return the JSON at a path of the catalogue; raises the problems drawn above."""
        url = self.base + path + ("?" + urlencode(query) if query else "")
        kept = self._cache.get(url) if self._cache else None
        if kept is not None:
            with suppress(Problem):  # damaged since: ask
                return _parsed(kept, url)
        answer = self._patiently(url)
        value = _parsed(answer, url)
        if self._cache:
            self._cache.put(url, answer)
        return value

    def _patiently(self, url: str) -> bytes:
        """Return an answer, asked for up to ATTEMPTS times; a wait that the catalogue asks for is kept."""
        reason = self._away
        for attempt in range(1, 1 if reason else ATTEMPTS + 1):
            wait = 0.5 * 2 ** (attempt - 1)
            try:
                status, headers, answer = self._once(url)
            except httpx.TransportError as error:
                reason = _reason(error)
                if attempt == ATTEMPTS and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                    self._away = reason
            except _TooLateError:
                reason = Phrase(
                    f"no whole answer within {self._timeout:g} s", f"pas de réponse entière en {self._timeout:g} s"
                )
            else:
                if status in (404, 410):
                    raise Problem("catalogue-missing", url=url, status=status)
                if status == 200:
                    return answer
                reason = f"HTTP {status}"
                if status not in _AGAIN:
                    raise Problem("catalogue-answer", url=url, message=reason)
                wait = max(wait, _asked_wait(headers.get("Retry-After", "")))
                if wait > PATIENCE:
                    reason = f"HTTP {status}, Retry-After: {wait:g} s"
                    break
            if attempt < ATTEMPTS:
                time.sleep(wait)
        raise Problem("catalogue-unreachable", url=url, message=reason)

    def _once(self, url: str) -> tuple[int, httpx.Headers, bytes]:
        """Return status, headers and body of one request, its redirects on the same host followed."""
        at = url
        for _ in range(REDIRECTS + 1):
            try:
                with self._http.stream("GET", at) as response:
                    if not response.has_redirect_location:
                        return response.status_code, response.headers, self._body(response, url)
                    target = urljoin(at, response.headers["Location"])
            except (httpx.InvalidURL, ValueError) as error:
                raise _not_json(url, error) from error
            if not _same_host(target, self.base):
                words = Phrase(
                    f"redirected to another host, {target[:200]}", f"redirection vers un autre hôte, {target[:200]}"
                )
                raise Problem("catalogue-answer", url=url, message=words)
            at = target
        raise Problem(
            "catalogue-answer", url=url, message=Phrase("redirected again and again", "redirections sans fin")
        )

    def _body(self, response: httpx.Response, url: str) -> bytes:
        """Return the body, BYTES at most whether compressed or not, read within the time-out."""
        parts, size, until = [], 0, time.monotonic() + self._timeout
        for part in response.iter_raw():
            parts.append(part)
            size += len(part)
            if time.monotonic() > until:
                raise _TooLateError
            if size > BYTES:
                break
        body = b"".join(parts)
        if response.headers.get("Content-Encoding", "").lower() == "gzip":
            try:
                body = zlib.decompressobj(31).decompress(body, BYTES + 1)
            except zlib.error as error:
                raise _not_json(url, error) from error
        if len(body) > BYTES:
            words = Phrase(f"more than {BYTES} bytes", f"plus de {BYTES} octets")
            raise Problem("catalogue-answer", url=url, message=words)
        return body


class _TooLateError(Exception):
    """An answer that comes drop by drop."""


def _parsed(answer: bytes, url: str) -> object:
    """Return the JSON of an answer, or raise `catalogue-answer`; a page of HTML is called one."""
    if answer.lstrip()[:1] == b"<":
        raise Problem("catalogue-answer", url=url, message=Phrase("HTML instead of JSON", "du HTML au lieu de JSON"))
    try:
        value: object = json.loads(answer, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _not_json(url, error) from error
    return value


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _not_json(url: str, error: Exception) -> Problem:
    detail = f"{type(error).__name__}: {str(error)[:120]}"
    return Problem("catalogue-answer", url=url, message=Phrase(f"not JSON ({detail})", f"pas du JSON ({detail})"))


def _reason(error: httpx.TransportError) -> object:
    """Return why there was no answer, in few words."""
    if isinstance(error, httpx.TimeoutException):
        return Phrase("no answer in time", "pas de réponse à temps")
    if isinstance(error, httpx.ConnectError):
        return Phrase(f"no connection ({error})", f"connexion impossible ({error})")
    return Phrase(f"connection broken ({error})", f"connexion rompue ({error})")


def _asked_wait(retry_after: str) -> float:
    """Return the seconds that Retry-After asks for, as a number or a date (RFC 9110, section 10.2.3).

    >>> _asked_wait("7"), _asked_wait(""), _asked_wait("soon"), _asked_wait("Thu, 01 Jan 1970 00:00:00 GMT")
    (7.0, 0.0, 0.0, 0.0)
    """
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return 0.0


def _same_host(target: str, base: str) -> bool:
    """Return whether a redirect stays: same host and port, or the same host by https on its usual port."""
    to, here = urlsplit(target), urlsplit(base)
    try:
        port = to.port
    except ValueError:  # none that there is
        return False
    upgraded = (here.scheme, to.scheme) == ("http", "https") and port in (None, 443) and here.port in (None, 80)
    same = (to.scheme, port) == (here.scheme, here.port)
    return to.username is None and to.hostname == here.hostname and (same or upgraded)
