"""The conditions of a request: whether the client has what it asks for, or asks for what there is no more."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from werkzeug.http import parse_date, parse_etags

from cper_lod.core.errors import Problem

_RANGE: Final = re.compile(r"bytes=(?:[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18})", re.ASCII)


def one_range(header: str | None) -> bool:
    """Say whether a Range header names one range of bytes.

    Several are not served, other units and malformed ones are ignored: the whole is as right (RFC 9110, section 14.2).

    >>> one_range("bytes=0-9"), one_range("bytes=-5"), one_range("bytes=0-1,5-6"), one_range("items=0-1")
    (True, True, False, False)
    """
    return header is not None and _RANGE.fullmatch(header) is not None


@dataclass(frozen=True)
class Conditions:
    """The conditions of a request (RFC 9110, section 13.1)."""

    if_none_match: str = ""
    if_match: str = ""
    if_modified_since: str = ""
    if_unmodified_since: str = ""

    @classmethod
    def of(cls, get: Callable[[str], str | None]) -> "Conditions":
        """Return the conditions among the headers that `get` knows by their names in small letters."""
        names = ("if-none-match", "if-match", "if-modified-since", "if-unmodified-since")
        return cls(*((get(name) or "") for name in names))

    def unchanged(self, etag: str, modified: str = "") -> bool:
        """Return whether the client has these bytes already; raises precondition-failed where it wants others."""
        status = self.met(etag, modified)
        if status == 412:
            raise Problem("precondition-failed", etag=f'"{etag}"')
        return status == 304

    def met(self, etag: str, modified: str = "") -> int:
        """Return 304 or 412 where the conditions end the matter, 200 where they do not (section 13.2.2).

        `modified` is the Last-Modified header; without one, conditions about dates are ignored.
        """
        if self.if_match:
            if not parse_etags(self.if_match).contains(etag):
                return 412
        elif _later(modified, self.if_unmodified_since):
            return 412
        if self.if_none_match:
            return 304 if parse_etags(self.if_none_match).contains_weak(etag) else 200
        return 304 if _later(modified, self.if_modified_since) is False else 200


def _later(modified: str, date: str) -> bool | None:
    """Return whether `modified` is later than `date`, None where one is no date of HTTP."""
    if not (modified and date):
        return None
    ours, theirs = parse_date(modified), parse_date(date)
    return ours > theirs if ours and theirs else None
