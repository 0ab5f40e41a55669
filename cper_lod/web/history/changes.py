"""What changed with each publication: /changes as a page and Atom feed, /changes/<number> as a page and JSON."""

import json
from functools import partial
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON
from cper_lod.core.i18n import translate
from cper_lod.release.changes.describe import Row, Summary
from cper_lod.release.changes.text import plain, value
from cper_lod.release.changes.text import title as change_title
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.history import Publication
from cper_lod.release.history.timeline import Timeline, format_time
from cper_lod.release.history.tombstones import Purge
from cper_lod.web.api.pagination import Rows, page_links
from cper_lod.web.api.parameters import AFTER_NUMBER, whole_number
from cper_lod.web.history.atom import ATOM, AtomFeed, changes_in_words, summary, title
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.links import Link
from cper_lod.web.http.representation import Selection, select
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import published_releases, site

blueprint = Blueprint("changes", __name__)
LIST_FORMS: Final = (HTML, ATOM)
"""The formats of the list of publications."""
FORMS: Final = (JSON, HTML)
"""The formats of the changes of a publication."""
MAX_LISTED: Final = 20
"""Publications that `/changes` lists, the last ones; `/release` lists all of them."""
MAX_TOLD: Final = 12
"""Lines in which `/changes` tells what changed with a publication; its own page tells all."""
_MAX_TEXT: Final = 2000
"""Characters of a text that a page shows; its statement and the JSON have all of it."""


@blueprint.get("/changes", defaults={"suffix": ""})
@blueprint.get("/changes.<suffix>")
def latest(suffix: str) -> Response:
    """The last twenty publications and what changed with each: page, and Atom feed (RFC 4287)."""
    timeline, lang = published_releases(), flask_responses.lang()
    selected = select("/changes", suffix, LIST_FORMS, localized=LIST_FORMS)
    links = [
        Link(address, "alternate", each.media_type)
        for each, address in selected.public_addresses()
        if each is not selected.format
    ]
    entries, modified = timeline.entries[-MAX_LISTED:], timeline.current.at
    if selected.format is ATOM:
        body = _feed(timeline).write(entries)
        feed = flask_responses.representation(body, ATOM, vary=("Accept-Language",), modified=modified)
        return selected.respond(feed, links=links)
    page = flask_responses.page(
        "changes.html",
        publications=[
            (each, title(each, lang), summary(timeline, each, lang), changes_in_words(timeline, each, lang)[:MAX_TOLD])
            for each in reversed(entries)
        ],
        older=len(timeline.entries) > MAX_LISTED,
        forms=urls.format_addresses(selected.path, {}, LIST_FORMS),
        curl=curl_command(selected.path, {}, ATOM.media_type),
    )
    return selected.respond(page, links=links)


@blueprint.get("/changes/<name>")
def publication(name: str) -> Response:
    """What changed with one publication, by its number: page and JSON, a hundred things a page."""
    number, _, suffix = name.partition(".")
    timeline = published_releases()
    entry = timeline.publication(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    if entry is None or number.startswith("0"):
        raise Problem("page-not-found", path=request.path[:200])
    around = ((entry.number - 1, "changes-before"), (entry.number + 1, "changes-next"))
    lang = flask_responses.lang()
    return _respond(
        _recorded_changes(timeline, entry),
        f"/changes/{number}",
        suffix,
        heading=title(entry, lang),
        sentences=summary(timeline, entry, lang),
        releases=[entry.release],
        around=[(other, sentence) for other, sentence in around if timeline.publication(other)],
    )


class ChangePage(NamedTuple):
    """One page of the changes of a publication (`before` is empty for the first release), and how many there are.

    `at` is the time of the publication; `summary` is None if the changes are not known; `purge` is what is told in their
    place of a publication that was a purge.
    """

    before: str
    after: str
    summary: Summary | None
    rows: list[Row]
    page: int
    pages: int
    at: str
    purge: Purge | None

    @property
    def position(self) -> Rows:
        """The page among the pages: they have as many rows as are stored together, which no client chooses."""
        return Rows(self.page - 1, 1, 1)


def _recorded_changes(timeline: Timeline, entry: Publication) -> ChangePage:
    """Return the page of recorded changes that this request asks for; raises `parameter-invalid`."""
    recorded, before = timeline.changes_of(entry), timeline.previous(entry)
    pages = recorded.pages if recorded else 0
    page = whole_number(AFTER_NUMBER) + 1
    return ChangePage(
        before.release if before else "",
        entry.release,
        recorded.summary if recorded else None,
        recorded.rows(page) if recorded and page <= pages else [],
        page,
        pages,
        format_time(entry.at),
        timeline.purges.get(entry.number),
    )


def _purge_as_json(purge: Purge) -> dict[str, Any]:
    """Return what is told of a purge: what kind of thing, why, and how many releases went."""
    return {"kind": purge.kind, "reason": purge.reason(flask_responses.lang()), "releases": len(purge.releases)}


def _respond(changes: ChangePage, path: str, suffix: str, **values: Any) -> Response:  # noqa: ANN401
    """Return a page of changes as HTML, with further `values` for the template, or as JSON."""
    rows = changes.position
    selected, others = select(path, suffix, FORMS, rows.own_query), rows.others(changes.pages)
    address = partial(urls.address, path) if selected.negotiated else partial(selected.address, None)
    body = (
        _page(changes, selected, others, **values)
        if selected.format is HTML
        else _as_json(
            changes, {name: urls.public_url(urls.format_address(JSON, path, others[name])) for name in others}
        )
    )
    return selected.respond(body, links=page_links({name: address(each) for name, each in others.items()}))


def _as_json(changes: ChangePage, others: dict[str, str]) -> bytes:
    counted = {name: each for name, each in (changes.summary or {}).items() if name not in ("pages", "format")}
    members = {
        "before": changes.before,
        "after": changes.after,
        "at": changes.at,
        "known": changes.summary is not None,
        **counted,
        **({"purge": _purge_as_json(changes.purge)} if changes.purge else {}),
        **{member: others[name] for name, member in (("prev", "previous"), ("next", "next")) if name in others},
        "changes": changes.rows,
    }
    return json.dumps(members, ensure_ascii=False, indent=2).encode() + b"\n"


def _page(changes: ChangePage, selected: Selection, others: dict[str, dict[str, str]], **values: Any) -> Response:  # noqa: ANN401
    lang, query = flask_responses.lang(), dict(selected.query)
    return flask_responses.page(
        "change.html",
        changes=changes,
        title_of=lambda row: change_title(row, lang),
        page_of=lambda iri: urls.page_link(iri) if urls.ABSOLUTE.fullmatch(iri) else "",
        supports=_supports,
        text_of=_text,
        brief=lambda text: formatting.brief(text, _MAX_TEXT),
        plain=plain,
        say=lambda key, **given: translate(key, lang, **given),
        pager={name: urls.link(selected.path, **each) for name, each in others.items()},
        forms=urls.format_addresses(selected.path, query, FORMS),
        curl=curl_command(selected.path, query, JSON.media_type),
        **values,
    )


def _supports(fact: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Return what supports a fact, and once supported it, each with the key of the sentence that says how."""
    new, old = fact["new_statements"], fact["old_statements"]
    return [*(("stated", each) for each in new), *(("was-stated", each) for each in old if each not in new)]


def _text(row: Row, term: dict[str, str]) -> str:
    """Return a value that is no thing as the page shows it."""
    is_text = term["type"] == "literal" and "datatype" not in term
    return formatting.brief(term["value"] if is_text else value(row, term, flask_responses.lang()), _MAX_TEXT)


def _feed(timeline: Timeline) -> AtomFeed:
    lang, publisher = flask_responses.lang(), site().rights.publisher
    name = ReleaseGraph(site().release).name(NamedNode(publisher), lang) if publisher else ""
    keep_language = bool(urls.language_parameter())
    return AtomFeed(timeline, site().settings.public_url, name or site().title(lang), lang, keep_language=keep_language)
