"""The last steps of every response: content coding, cache, conditions and ranges, and what holds a thread.

Conditions and ranges are decided here alone, by Werkzeug (RFC 9110, sections 13 and 14): views return whole responses with
validators. They come after the coding, because each coding has a validator of its own.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from flask import Request, Response, current_app, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_date, parse_etags, unquote_etag

from cper_lod.core.errors import Problem
from cper_lod.web.http import compression
from cper_lod.web.http.compression import IDENTITY
from cper_lod.web.http.environ import STORE, client
from cper_lod.web.http.limits import Limits
from cper_lod.web.site import Site, site

WHOLE: Final = 1024 * 1024
"""Bytes up to which a file is read and sent as one piece, which holds no thread; it is in memory until it is sent."""
_RANGE: Final = re.compile(r"bytes=(?:[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18})", re.ASCII)
_CONDITIONS: Final = (
    *("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"),
    *("HTTP_RANGE", "HTTP_IF_RANGE"),
)
NOT_MODIFIED: Final = frozenset(
    {
        *("etag", "cache-control", "content-location", "vary", "memento-datetime"),
        *("access-control-allow-origin", "access-control-expose-headers"),
    }
)
"""The headers that a 304 repeats (RFC 9110, section 15.4.5: no Last-Modified); a memento says that it is one (RFC 7089).

A script that sends its own If-None-Match may read the 304 only if that says so (CORS). What else a cache has stays as it is.
"""


def limits() -> Limits:
    """Return the limits of the server that this application runs in."""
    found: Limits = current_app.extensions["cper_lod.limits"]
    return found


def client_of(asked: Request) -> str:
    """Return the client that a request is counted for."""
    return client(asked.environ, site().settings.trusted_proxy)


def is_single_range(header: str) -> bool:
    """Return whether a Range header names one range of bytes.

    Several ranges, other units and malformed headers are ignored: the whole is as right (RFC 9110, section 14.2).

    >>> is_single_range("bytes=0-9"), is_single_range("bytes=-5"), is_single_range("bytes=0-1,5-6")
    (True, True, False)
    """
    return _RANGE.fullmatch(header) is not None


def deliver(response: Response) -> Response:
    """Return what is sent of a whole response: in a coding, and what the conditions of the request make of it.

    Raises precondition-failed and range-invalid; client-busy and query-queue for a large file.
    """
    has_range = request.method == "GET" and is_single_range(request.headers.get("Range", ""))
    try:
        if compression.is_compressible(response):
            response.vary.add("Accept-Encoding")
            coding = IDENTITY if has_range else compression.choose(request.headers.get("Accept-Encoding"))
            compression.compress(response, coding)
        if not has_range and not response.is_streamed and (store := request.environ.get(STORE)):
            store(response.status_code, list(response.headers), response.get_data())
        return _whole_or_counted(apply_conditions(response, request.environ, has_range=has_range))
    except Problem:
        response.close()
        raise


def apply_conditions(response: Response, environ: dict[str, str], *, has_range: bool = False) -> Response:
    """Turn a whole response with a validator into the 304 or the 206 that its request asks for.

    A response that must not be stored, such as one to a POST, never becomes a 304. A range is served where the response
    says `Accept-Ranges: bytes`. Raises precondition-failed and range-invalid.
    """
    etag, storable = response.headers.get("ETag"), "no-store" not in response.headers.get("Cache-Control", "no-store")
    asked: dict[str, str] = {name: environ[name] for name in _CONDITIONS if name in environ}
    if response.status_code != 200 or not asked or not (etag or storable):
        return response
    if_range, modified = asked.pop("HTTP_IF_RANGE", ""), response.headers.get("Last-Modified")
    is_part = has_range and (not if_range or if_range in (etag, modified))  # what is no date of ours is no match either
    range_ = asked.pop("HTTP_RANGE", "")
    if _is_another(etag, modified, asked):
        raise Problem("precondition-failed", etag=etag or "")
    asked.pop("HTTP_IF_MATCH", "")  # Werkzeug would leave out the conditions that follow it
    response.make_conditional({"REQUEST_METHOD": "GET", **asked})  # also for QUERY, which is as safe
    if response.status_code == 304 and storable:
        for name in {*response.headers.keys()}:
            if name.lower() not in NOT_MODIFIED:
                del response.headers[name]
        return response
    response.status_code = 200
    length = response.content_length or 0
    if is_part and length and response.headers.get("Accept-Ranges") == "bytes":
        if range_.startswith(
            "bytes=-"
        ):  # Werkzeug refuses more than the whole, and takes the last 0 bytes for the whole
            range_ = f"bytes={max(length - int(range_[7:]), 0)}-"
        part = {"REQUEST_METHOD": "GET", "HTTP_RANGE": range_}
        try:
            response.make_conditional(part, accept_ranges=True, complete_length=length)
        except RequestedRangeNotSatisfiable:
            raise Problem("range-invalid", length=length) from None
    return response


def _is_another(etag: str | None, modified: str | None, asked: dict[str, str]) -> bool:
    """Return whether a response is not the one of If-Match, or without that, later than If-Unmodified-Since."""
    if match := asked.get("HTTP_IF_MATCH"):
        return not parse_etags(match).contains(unquote_etag(etag)[0] or "")
    ours, theirs = parse_date(modified), parse_date(asked.get("HTTP_IF_UNMODIFIED_SINCE"))
    return bool(ours and theirs and ours > theirs)


def _whole_or_counted(response: Response) -> Response:
    """Return a response whose body is a list, or a large file that counts as a download until it is closed.

    Raises client-busy and query-queue.
    """
    if response.is_streamed and request.method != "HEAD" and response.status_code not in (204, 304):
        response.direct_passthrough = False  # else nothing would be closed
        if (response.content_length or 0) > WHOLE:
            response.call_on_close(limits().hold("transfer", client_of(request)).close)
            response.call_on_close(getattr(response.response, "close", None) or (lambda: None))
            response.response = _reported(response.iter_encoded(), site())
            return response
        response.set_data(response.get_data())
    return as_list(response)


def _reported(chunks: Iterable[bytes], served: Site) -> Iterator[bytes]:
    """Yield the pieces of a file. One that ends too early breaks off the response, whose head promises all of it."""
    try:
        yield from chunks
    except Problem as problem:
        served.readiness.report(problem)
        raise


def as_list(response: Response) -> Response:
    """Return a whole response as one whose body is the list itself.

    granian sends a list without a thread, and any other iterable chunk by chunk, by a thread.
    """
    if not response.is_streamed:
        response.close()  # the file that it was read from
        response.direct_passthrough = True
    return response
