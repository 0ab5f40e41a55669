"""The publications, and what changed with each: /changes as a page and Atom feed."""

import logging
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import HTML, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.changes import counts, plain
from cper_lod.release.history.history import Publication
from cper_lod.release.history.timeline import Timeline, format_time, publication_iri
from cper_lod.web.api.parameters import SIZE_OF_SEARCH, page_links, requested_rows
from cper_lod.web.http import flask_responses, templating, urls
from cper_lod.web.http.links import Link
from cper_lod.web.http.representation import select
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import published_releases, site

blueprint = Blueprint("changes", __name__)
log = logging.getLogger("cper_lod")
ATOM: Final = Format("atom", "atom", "application/atom+xml", "Atom", charset=False)
FORMS: Final = (HTML, ATOM)
_NO_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not allow."""
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
        base, publisher = site().settings.public_url, site().rights.publisher
        name = ReleaseGraph(site().release).name(NamedNode(publisher), lang) if publisher else ""
        body = feed_of(timeline, entries, base, name or site().title(lang), lang, urls.language_parameter())
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


def feed_of(
    timeline: Timeline,
    entries: Iterable[Publication],
    base: str,
    publisher: str,
    lang: Language,
    query: dict[str, str],
) -> bytes:
    """Return the feed of some publications; its addresses begin with `base`, and have `query`."""
    text = templating.article(
        "changes.xml",
        lang,
        id=BASE + "changes",
        id_of=publication_iri,
        moment=format_time,
        updated=timeline.current.at,
        publisher=plain(publisher),
        url=base,
        query=urls.with_query("", query),
        publications=[told(timeline, each, lang) for each in entries],
    )
    return _NO_XML.sub("\ufffd", text).encode()


def title(entry: Publication, lang: Language) -> str:
    """Return the title of a publication."""
    day = formatting.date(format_time(entry.at)[:10], lang)
    return translate(f"publication-{entry.how}", lang, number=entry.number, date=day, release=entry.release)


def summary(publications: Timeline, entry: Publication, lang: Language) -> list[str]:
    """Return sentences with the number of changes of a publication, or what it purged; what cannot be read is logged."""
    if purge := publications.purges.get(entry.number):
        thing, count = translate(f"purge-{purge.kind}", lang), len(purge.releases)
        return [translate("changes-purge", lang, thing=thing, count=count, reason=purge.reason(lang))]
    try:
        recorded = publications.changes_of(entry)
    except Problem as problem:
        log.error("%s", problem)  # noqa: TRY400  # the problem says which file; a traceback would say nothing more
        return [translate("changes-damaged", lang)]
    if recorded:
        return list(counts(recorded.summary, lang))
    previous = publications.previous(entry)
    if previous and publications.purged.keys() & {previous.release, entry.release}:
        return [translate("changes-forgotten", lang)]
    return [translate("changes-untold" if previous else "changes-first", lang)]


def changes_in_words(publications: Timeline, entry: Publication, lang: Language) -> list[str]:
    """Return the most important changes of a publication as lines of text; none if they cannot be read."""
    with suppress(Problem):  # told by the summary
        recorded = publications.changes_of(entry)
        return recorded.lines[lang] if recorded else []
    return []
