"""Earlier states of documents (Memento, RFC 7089): each document is its own TimeGate, and says which state it is."""

from contextlib import suppress
from typing import Final

from flask import Response, request
from werkzeug.http import http_date, parse_date

from cper_lod.core.errors import Problem
from cper_lod.release.history.timeline import Timeline
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.headers import Link, link_values
from cper_lod.web.site import site

DOCUMENT_ENDPOINTS: Final = frozenset(
    (
        *("resources.doc", "resources.describe", "lists.index", "lists.named", "dataset_links.links"),
        *("ontology.ontology", "ontology.module", "ontology.term"),
        *("ontology.shapes", "ontology.publication_shapes", "ontology.shape"),
        *("catalog.catalogue", "catalog.void"),
    )
)
"""The endpoints of the documents that have earlier states."""


def seconds(accept_datetime: str) -> int:
    """Return the Unix time that an Accept-Datetime header names, read as every date of HTTP; raises `accept-datetime-invalid`.

    >>> seconds("Thu, 01 Jan 1970 00:01:00 GMT")
    60
    """
    with suppress(OverflowError):  # of a year or an offset of twenty digits
        if when := parse_date(accept_datetime):
            return int(when.timestamp())
    raise Problem("accept-datetime-invalid", value=accept_datetime[:80])


def release_at_time(timeline: Timeline, at: int) -> str:
    """Return the id of the stored release that was served last until `at`, else of the first one.

    After a rollback an earlier release is served again.
    """
    served = (each for each in reversed(timeline.entries) if each.at <= at and timeline.stored(each.release))
    first = (each for each in timeline.entries if timeline.stored(each.release))
    return (next(served, None) or next(first, timeline.current)).release


def timegate() -> Response | None:
    """Redirect a request with Accept-Datetime to the document in the release served at that time (RFC 7089, section 4.1.1).

    Raises `accept-datetime-invalid`.
    """
    requested, served = request.headers.get("Accept-Datetime"), site()
    is_document = request.endpoint in DOCUMENT_ENDPOINTS and request.method in ("GET", "HEAD")
    if requested is None or not is_document or served.moment or served.timeline is None:
        return None
    release = release_at_time(served.timeline, seconds(requested))
    location = f"{request.script_root}/release/{release}{urls.requested_path()}"
    return flask_responses.see_other(location, 302, "Accept-Datetime")


def add_memento_headers(response: Response) -> Response:
    """Add the link of a document to its TimeGate, itself; and to an earlier state the headers that identify it."""
    served = site()
    if served.timeline is None or request.endpoint not in DOCUMENT_ENDPOINTS:
        return response
    succeeded = response.status_code == 200  # a 304, or a part, is made of it later
    if served.moment is None:
        response.vary.add("Accept-Datetime")
    elif succeeded:
        response.headers["Memento-Datetime"] = http_date(served.moment.at)
    if succeeded or (served.moment is None and response.status_code in (302, 410)):
        original = urls.canonical_url(served.settings.public_url) + urls.requested_path()
        response.headers.add("Link", link_values([Link(original, "original timegate")])[0])
    return response
