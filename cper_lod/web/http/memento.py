"""Datetime negotiation (Memento, RFC 7089): Accept-Datetime, links of mementos, TimeMaps in two formats."""

import json
from collections import deque
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, NamedTuple

from werkzeug.http import http_date

from cper_lod.core.errors import Problem
from cper_lod.core.formats import Format
from cper_lod.web.http.links import Link, header

LINK_FORMAT: Final = Format("link-format", "link", "application/link-format", "Link", ("text/plain",), charset=False)


class Memento(NamedTuple):
    """An earlier state of a document: its URL, when it was published (Unix time), its release."""

    address: str
    at: int
    release: str


def seconds(accept_datetime: str) -> int:
    """Return the Unix time that an Accept-Datetime header names; raises `accept-datetime-invalid`.

    Only the format of RFC 1123 in GMT is allowed, case-sensitive (RFC 7089, section 2.1.1.1); the day of the week must
    be that of the date.

    >>> seconds("Thu, 01 Jan 1970 00:01:00 GMT")
    60
    """
    text = accept_datetime.strip(" \t")
    with suppress(ValueError):  # also for a thirtieth of February
        when = datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
        if http_date(when) == text:  # `strptime` reads other cases, digits and days of the week too
            return int(when.timestamp())
    raise Problem("accept-datetime-invalid", value=accept_datetime[:80])


def best_memento(mementos: Sequence[Memento], publications: Iterable[tuple[int, str]], at: int) -> Memento:
    """Return the state in the last release served until `at` that has one, else the first state.

    `publications` are times and releases, in order: after a rollback an earlier release is served again.
    """
    states = {each.release: each for each in mementos}
    served = (states[release] for moment, release in publications if moment <= at and release in states)
    return next(iter(deque(served, maxlen=1)), mementos[0])


def gate_links(original: str, timemap: str) -> list[Link]:
    """Return the links of a document that is its own TimeGate (RFC 7089, section 4.1.1)."""
    return [Link(original, "original timegate"), Link(timemap, "timemap", LINK_FORMAT.media_type)]


def memento_links(mementos: Sequence[Memento], here: Memento) -> list[Link]:
    """Return the links from a memento to itself, the first, the last, the previous and the next one, each URL once."""
    at = mementos.index(here)
    return _links(mementos, {"first": 0, "prev": at - 1, "next": at + 1, "last": len(mementos) - 1}, {at})


def _links(mementos: Sequence[Memento], places: Mapping[str, int], others: Container[int]) -> list[Link]:
    """Return the links to the mementos at some places, which are relations, and to those at other places."""
    return [
        Link(each.address, " ".join([*relations, "memento"]), more=(("datetime", http_date(each.at)),))
        for place, each in enumerate(mementos)
        if (relations := [name for name, where in places.items() if where == place]) or place in others
    ]


def timemap_text(original: str, here: str, mementos: Sequence[Memento]) -> bytes:
    """Return a TimeMap as `application/link-format` (RFC 7089, section 5; RFC 6690)."""
    period = (("from", http_date(mementos[0].at)), ("until", http_date(mementos[-1].at)))
    links = [Link(original, "original timegate"), Link(here, "self", LINK_FORMAT.media_type, period)]
    links += _links(mementos, {"first": 0, "last": len(mementos) - 1}, range(len(mementos)))
    return ",\n".join(header(links)).encode() + b"\n"


def timemap_json(original: str, here: str, text: str, mementos: Sequence[Memento]) -> bytes:
    """Return a TimeMap as JSON, as MemGator and other aggregators read it; `text` is the URL of the other format."""
    listed = [{"datetime": moment(each.at), "uri": each.address} for each in mementos]
    document = {
        "original_uri": original,
        "self": here,
        "timegate_uri": original,
        "timemap_uri": {"link_format": text, "json_format": here},
        "mementos": {"list": listed, "first": listed[0], "last": listed[-1]},
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def moment(at: int) -> str:
    """Return a Unix time as an xsd:dateTime.

    >>> moment(60)
    '1970-01-01T00:01:00Z'
    """
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
