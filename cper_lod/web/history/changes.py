"""What changed with each publication: /changes as pages and Atom feed, /changes/<number>; earlier releases."""

import logging
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import HTML, Format
from cper_lod.core.i18n import translate
from cper_lod.core.names import SiteNames
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.changes import counts, plain, read_changes
from cper_lod.release.history.history import Publication
from cper_lod.release.history.timeline import Timeline, format_time, publication_iri
from cper_lod.web.api.parameters import SIZE_OF_SEARCH, page_links, requested_rows
from cper_lod.web.http import flask_responses, templating, urls
from cper_lod.web.http.headers import Link
from cper_lod.web.http.representation import select
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import REFUSED, published_releases, site

blueprint = Blueprint("changes", __name__)
log = logging.getLogger("cper_lod")
ATOM: Final = Format("atom", "atom", "application/atom+xml", "Atom", charset=False)
FORMS: Final = (HTML, ATOM)
"""The formats of the list of publications."""
MAX_TOLD: Final = 12
"""Lines in which `/changes` tells what changed with a publication; its own page tells all."""
_NO_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not allow."""


class Told(NamedTuple):
    """A publication as people read it: its title, the numbers of its changes in sentences, the most important ones in lines."""

    entry: Publication
    title: str
    sentences: list[str]
    lines: list[str]


def told(timeline: Timeline, entry: Publication, lang: Language) -> Told:
    """Return a publication in a language; where its changes cannot be read, that is logged."""
    day = formatting.date(format_time(entry.at)[:10], lang)
    title = translate(f"publication-{entry.how}", lang, number=entry.number, date=day, release=entry.release)
    if purge := timeline.purges.get(entry.number):
        thing, count = translate(f"purge-{purge.kind}", lang), len(purge.releases)
        said = translate("changes-purge", lang, thing=thing, count=count, reason=purge.reason(lang))
        return Told(entry, title, [said], [])
    previous = timeline.previous(entry)
    try:
        if recorded := read_changes(timeline.history.folder(entry)):
            return Told(entry, title, [*counts(recorded.summary, lang)], recorded.lines[lang])
        is_purged = previous and timeline.purged.keys() & {previous.release, entry.release}
        reason = "forgotten" if is_purged else "untold" if previous else "first"
    except Problem as problem:
        log.error("%s", problem)  # noqa: TRY400  # the problem says which file; a traceback would say nothing more
        reason = "damaged"
    return Told(entry, title, [translate(f"changes-{reason}", lang)], [])


@blueprint.get("/changes", defaults={"suffix": ""})
@blueprint.get("/changes.<suffix>")
def latest(suffix: str) -> Response:
    """The publications and what changed with each, the last one first, twenty a page: page, and Atom feed (RFC 4287)."""
    timeline, lang, rows = published_releases(), flask_responses.lang(), requested_rows(SIZE_OF_SEARCH)
    selected = select("/changes", suffix, FORMS, rows.own_query, localized=FORMS)
    pages = rows.others(len(timeline.entries))
    others = [(each, address) for each, address in selected.public_addresses() if each is not selected.format]
    links = [Link(address, "alternate", each.media_type) for each, address in others]
    links += page_links({relation: selected.address(None, each) for relation, each in pages.items()})
    entries = timeline.entries[::-1][rows.part]
    if selected.format is ATOM:
        publisher = site().rights.publisher
        name = ReleaseGraph(site().release).name(NamedNode(publisher), lang) if publisher else ""
        query = urls.language_parameter()
        body = feed(
            timeline, entries, site().release.names, lang, site().settings.public_url, name or site().title(lang), query
        )
        answer = flask_responses.representation(body, ATOM, vary=("Accept-Language",), modified=timeline.current.at)
        return selected.respond(answer, links=links)
    page = flask_responses.page(
        "changes.html",
        publications=[told(timeline, each, lang) for each in entries],
        most=MAX_TOLD,
        pager={relation: urls.link("/changes", **each) for relation, each in pages.items()},
        forms=urls.format_addresses(selected.path, {}, FORMS),
        curl=curl_command(selected.path, {}, ATOM.media_type),
    )
    return selected.respond(page, links=links)


@blueprint.get("/changes/<name>")
def publication(name: str) -> Response:
    """What changed with one publication, by its number; its release, while it is kept."""
    number, _, suffix = name.partition(".")
    timeline = published_releases()
    numbers = {str(each.number): each for each in timeline.entries}
    entry = numbers.get(number)
    if entry is None:
        raise Problem("page-not-found", path=request.path[:200])
    selected = select(f"/changes/{number}", suffix, (HTML,))
    around = ((entry.number - 1, "changes-before"), (entry.number + 1, "changes-next"))
    page = flask_responses.page(
        "change.html",
        told=told(timeline, entry, flask_responses.lang()),
        kept=timeline.stored(entry.release) is not None,
        around=[(other, sentence) for other, sentence in around if str(other) in numbers],
    )
    return selected.respond(page)


@blueprint.get("/release/<name>")
@blueprint.get("/release/<name>/<path:rest>")
@blueprint.post("/release/<name>/<any(sparql, reconcile):rest>")
@blueprint.post("/release/<name>/<any(sparql, reconcile):rest>/<path:more>")
def release(name: str, rest: str = "", more: str = "") -> Response:
    """What that release has at `/<rest>`, unchanged: `/release/<name>/doc/…`, `/sparql`, `/dump/…`; its home page at `/`.

    410 if the release is no longer kept.
    """
    published_releases().first_publication(name)
    if isinstance(refused := request.environ.get(REFUSED), Problem):
        raise refused
    if rest:
        raise Problem("page-not-found", path=request.path[:200])
    return flask_responses.see_other(urls.link(f"/release/{name}/"))


def feed(
    timeline: Timeline,
    entries: Iterable[Publication],
    names: SiteNames,
    lang: Language,
    public_url: str,
    publisher: str,
    query: dict[str, str],
) -> bytes:
    """Return some publications as an Atom feed; its addresses have `query`."""
    text = templating.article(
        "changes.atom",
        lang,
        id=names.address + "changes",
        id_of=lambda entry: publication_iri(entry, names),
        moment=format_time,
        updated=timeline.current.at,
        publisher=plain(publisher),
        public=public_url,
        query=urls.with_query("", query),
        publications=[told(timeline, each, lang) for each in entries],
    )
    return _NO_XML.sub("\ufffd", text).encode()
