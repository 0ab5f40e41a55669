"""The publications, and what changed with each: /changes as a page and Atom feed."""

from typing import Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.formats import HTML
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.history import Publication
from cper_lod.release.history.timeline import Timeline
from cper_lod.web.api.parameters import SIZE_OF_SEARCH, page_links, requested_rows
from cper_lod.web.history.atom import ATOM, AtomFeed, changes_in_words, summary, title
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.links import Link
from cper_lod.web.http.representation import select
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import published_releases, site

blueprint = Blueprint("changes", __name__)
FORMS: Final = (HTML, ATOM)
MAX_TOLD: Final = 12
"""Lines in which `/changes` tells what changed with a publication; the page of its release tells all."""


@blueprint.get("/changes", defaults={"suffix": ""})
@blueprint.get("/changes.<suffix>")
def latest(suffix: str) -> Response:
    """The publications and what changed with each, the last one first, twenty at a time: page, and Atom feed (RFC 4287)."""
    timeline, lang, rows = published_releases(), flask_responses.lang(), requested_rows(SIZE_OF_SEARCH)
    selected, pages = (
        select("/changes", suffix, FORMS, rows.own_query, localized=FORMS),
        rows.others(len(timeline.entries)),
    )
    others = [(each, address) for each, address in selected.public_addresses() if each is not selected.format]
    links = [Link(address, "alternate", each.media_type) for each, address in others]
    links += page_links({relation: selected.address(None, each) for relation, each in pages.items()})
    entries = timeline.entries[::-1][rows.part]
    if selected.format is ATOM:
        body = _feed(timeline).write(entries)
        feed = flask_responses.representation(body, ATOM, vary=("Accept-Language",), modified=timeline.current.at)
        return selected.respond(feed, links=links)
    page = flask_responses.page(
        "changes.html",
        publications=[told(timeline, each, lang, MAX_TOLD) for each in entries],
        kept={each.number for each in entries if timeline.stored(each.release)},
        current=timeline.current.number,
        pager={relation: urls.link("/changes", **each) for relation, each in pages.items()},
        forms=urls.format_addresses(selected.path, {}, FORMS),
        curl=curl_command(selected.path, {}, ATOM.media_type),
    )
    return selected.respond(page, links=links)


def told(
    timeline: Timeline, entry: Publication, lang: Language, most: int | None = None
) -> tuple[Publication, str, list[str], list[str]]:
    """Return a publication with its title, the numbers of its changes, and the most important ones as lines of text."""
    return entry, title(entry, lang), summary(timeline, entry, lang), changes_in_words(timeline, entry, lang)[:most]


def _feed(timeline: Timeline) -> AtomFeed:
    lang, publisher = flask_responses.lang(), site().rights.publisher
    name = ReleaseGraph(site().release).name(NamedNode(publisher), lang) if publisher else ""
    keep_language = bool(urls.language_parameter())
    return AtomFeed(timeline, site().settings.public_url, name or site().title(lang), lang, keep_language=keep_language)
