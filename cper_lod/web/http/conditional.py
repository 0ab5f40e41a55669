"""Conditional requests and ranges (RFC 9110, sections 13 and 14): the one place that decides 304, 412, 206 and 416.

Views and caches return whole 200 responses with validators. Conditions apply to them once, as the last step: in the
gateway after compression (`apply`), under another WSGI server in `responses.apply_conditions`.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from werkzeug.http import parse_date, parse_etags, parse_range_header
from werkzeug.sansio.http import is_resource_modified

from cper_lod.core.errors import Problem
from cper_lod.web.http.response import Response

_RANGE: Final = re.compile(r"bytes=(?:[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18})", re.ASCII)


def is_single_range(header: str) -> bool:
    """Return whether a Range header names one range of bytes.

    Several ranges, other units and malformed headers are ignored: the whole is as right (RFC 9110, section 14.2).

    >>> is_single_range("bytes=0-9"), is_single_range("bytes=-5"), is_single_range("bytes=0-1,5-6")
    (True, True, False)
    """
    return _RANGE.fullmatch(header) is not None


class Conditions(NamedTuple):
    """The conditions of a request (RFC 9110, section 13.1) and the range it asks for, if that is a single one."""

    if_none_match: str = ""
    if_match: str = ""
    if_modified_since: str = ""
    if_unmodified_since: str = ""
    range: str = ""
    if_range: str = ""

    @classmethod
    def of(cls, method: str, get: Callable[[str], str | None]) -> "Conditions":
        """Return the conditions in the request headers that `get` returns by lower-case name."""
        if not any(map(get, _HEADERS)):
            return _UNCONDITIONAL
        found = cls(*(get(name) or "" for name in _HEADERS))
        ranged = method == "GET" and is_single_range(found.range)
        return found if ranged else found._replace(range="", if_range="")

    def evaluate(self, etag: str, modified: str = "") -> int:
        """Return 304 or 412 if the preconditions say so, else 200 (RFC 9110, section 13.2.2).

        `modified` is the Last-Modified header; without one, conditions about dates are ignored.
        """
        if self.if_match:
            if not parse_etags(self.if_match).contains(etag):
                return 412
        elif _is_later(modified, self.if_unmodified_since):
            return 412
        if known := self.if_none_match:
            # A browser sends back the one validator that it has: reading a list is a sixth of our part of a 304.
            same = bool(etag) and known == f'"{etag}"'
            return 304 if same or parse_etags(known).contains_weak(etag) else 200
        return 304 if _is_later(modified, self.if_modified_since) is False else 200

    def is_unchanged(self, etag: str, modified: str = "") -> bool:
        """Return whether the client has these bytes already; raises precondition-failed if it asks for others."""
        status = self.evaluate(etag, modified)
        if status == 412:
            raise Problem("precondition-failed", etag=f'"{etag}"')
        return status == 304

    def part_of(self, response: Response) -> Response:
        """Return the 206 that a whole response with a body becomes, if it is still the one of If-Range, else itself."""
        headers, size = response.headers, response.size
        if self.if_range and is_resource_modified(
            http_range=self.range,
            http_if_range=self.if_range,
            etag=headers.get("ETag"),
            last_modified=headers.get("Last-Modified"),
            ignore_if_range=False,
        ):
            return response
        parsed = parse_range_header(self.range)
        part = parsed.range_for_length(size) if parsed else None
        if part is None:
            raise Problem("range-invalid", length=size)
        return response.part(*part)


_UNCONDITIONAL: Final = Conditions()
_HEADERS: Final = tuple(name.replace("_", "-") for name in Conditions._fields)


def apply(response: Response, conditions: Conditions) -> Response:
    """Return the 304 or the 206 that a whole response becomes under the conditions of its request, else itself.

    Only a 200 that may be stored or has a validator is conditional. A response that must not be stored, such as one to a
    POST, never becomes a 304. A range is served where the response says `Accept-Ranges: bytes`.
    Raises `precondition-failed` and `range-invalid`.
    """
    headers = response.headers
    etag, storable = headers.get("ETag", ""), "no-store" not in headers.get("Cache-Control", "no-store")
    if response.status != 200 or not (etag or storable):
        return response
    if conditions.is_unchanged(etag.strip('"'), headers.get("Last-Modified", "")) and storable:
        return response.not_modified()
    if conditions.range and response.size and headers.get("Accept-Ranges") == "bytes":
        return conditions.part_of(response)
    return response


def _is_later(modified: str, date: str) -> bool | None:
    """Return whether `modified` is later than `date`; None if one of them is not an HTTP date."""
    if not (modified and date):
        return None
    ours, theirs = parse_date(modified), parse_date(date)
    return ours > theirs if ours and theirs else None
