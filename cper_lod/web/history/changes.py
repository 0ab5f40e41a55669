"""What changed with each publication: /changes as pages and Atom feed, /changes/<number> as a page and JSON; earlier releases."""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import HTML, JSON, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE
from cper_lod.release.changes.changelog import StoredChanges
from cper_lod.release.changes.describe import Row
from cper_lod.release.changes.text import counts, describe, plain, value
from cper_lod.release.changes.text import title as change_title
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.history import Publication
from cper_lod.release.history.timeline import Timeline, format_time, publication_iri
from cper_lod.web.api.parameters import AFTER_NUMBER, Rows, page_links, whole_number
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.headers import Link
from cper_lod.web.http.representation import select
from cper_lod.web.http.templating import environment
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import REFUSED, published_releases, site

blueprint = Blueprint("changes", __name__)
log = logging.getLogger("cper_lod")
ATOM: Final = Format("atom", "atom", "application/atom+xml", "Atom", charset=False)
LIST_FORMS: Final = (HTML, ATOM)
"""The formats of the list of publications."""
FORMS: Final = (JSON, HTML)
"""The formats of the changes of a publication."""
MAX_LISTED: Final = 20
"""Publications on a page of `/changes`, the last ones first, and in its feed."""
_STORED: Final = ("pages", "format")
"""What a summary says of its file alone."""
MAX_TOLD: Final = 12
"""Lines in which `/changes` tells what changed with a publication; its own page tells all."""
_MAX_TEXT: Final = 2000
"""Characters of a text that a page shows; its statement and the JSON have all of it."""


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
        if (recorded := publications.changes_of(entry)) and recorded.pages:
            return [*describe(recorded.rows(1), lang), *(["…"] if recorded.pages > 1 else [])]
    return []


@blueprint.get("/changes", defaults={"suffix": ""})
@blueprint.get("/changes.<suffix>")
def latest(suffix: str) -> Response:
    """The publications and what changed with each, twenty a page; the last twenty as an Atom feed (RFC 4287)."""
    timeline, lang = published_releases(), flask_responses.lang()
    position = Rows(whole_number(AFTER_NUMBER), MAX_LISTED, MAX_LISTED)
    selected = select("/changes", suffix, LIST_FORMS, position.own_query, localized=LIST_FORMS)
    links = [
        Link(address, "alternate", each.media_type)
        for each, address in selected.public_addresses()
        if each is not selected.format
    ]
    if selected.format is ATOM:
        publisher = site().rights.publisher
        name = ReleaseGraph(site().release).name(NamedNode(publisher), lang) if publisher else ""
        query = f"?lang={lang}" if urls.language_parameter() else ""
        body = feed(
            timeline,
            timeline.entries[-MAX_LISTED:],
            lang,
            site().settings.public_url,
            name or site().title(lang),
            query,
        )
        answer = flask_responses.representation(body, ATOM, vary=("Accept-Language",), modified=timeline.current.at)
        return selected.respond(answer, links=links)
    others = position.others(len(timeline.entries))
    links += page_links({name: urls.address("/changes", each) for name, each in others.items()})
    page = flask_responses.page(
        "changes.html",
        publications=[
            (each, title(each, lang), summary(timeline, each, lang), changes_in_words(timeline, each, lang)[:MAX_TOLD])
            for each in timeline.entries[::-1][position.part]
        ],
        pager={name: urls.link("/changes", **each) for name, each in others.items()},
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
    recorded, path = timeline.changes_of(entry), f"/changes/{number}"
    # A page has as many rows as are stored together, which no client chooses.
    position, pages = Rows(whole_number(AFTER_NUMBER), 1, 1), recorded.pages if recorded else 0
    rows = recorded.rows(position.after + 1) if recorded and position.after < pages else []
    selected, others = select(path, suffix, FORMS, position.own_query), position.others(pages)
    address = partial(urls.address, path) if selected.negotiated else partial(selected.address, None)
    links = page_links({name: address(each) for name, each in others.items()})
    if selected.format is not HTML:
        near = {name: urls.public_url(urls.format_address(JSON, path, each)) for name, each in others.items()}
        return selected.respond(_as_json(timeline, entry, recorded, rows, near), links=links)
    around = ((entry.number - 1, "changes-before"), (entry.number + 1, "changes-next"))
    lang, query = flask_responses.lang(), dict(selected.query)
    page = flask_responses.page(
        "change.html",
        heading=title(entry, lang),
        sentences=summary(timeline, entry, lang),
        entry=entry,
        kept=timeline.stored(entry.release) is not None,
        around=[(other, sentence) for other, sentence in around if timeline.publication(other)],
        rows=rows,
        number=position.after + 1,
        pages=pages,
        title_of=lambda row: change_title(row, lang),
        page_of=lambda iri: urls.page_link(iri) if urls.ABSOLUTE.fullmatch(iri) else "",
        supports=_supports,
        text_of=_text,
        brief=lambda text: formatting.brief(text, _MAX_TEXT),
        plain=plain,
        say=lambda key, **given: translate(key, lang, **given),
        pager={name: urls.link(path, **each) for name, each in others.items()},
        forms=urls.format_addresses(path, query, FORMS),
        curl=curl_command(path, query, JSON.media_type),
    )
    return selected.respond(page, links=links)


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


def _as_json(
    timeline: Timeline, entry: Publication, recorded: StoredChanges | None, rows: list[Row], near: dict[str, str]
) -> bytes:
    """Return a page of the changes of a publication: those stored with it, or what a purge says."""
    before, purge = timeline.previous(entry), timeline.purges.get(entry.number)
    members: dict[str, Any] = {
        "before": before.release if before else "",
        "after": entry.release,
        "at": format_time(entry.at),
        "known": recorded is not None,
    }
    members |= {name: each for name, each in (recorded.summary if recorded else {}).items() if name not in _STORED}
    if purge:
        reason = purge.reason(flask_responses.lang())
        members["purge"] = {"kind": purge.kind, "reason": reason, "releases": len(purge.releases)}
    members |= {member: near[name] for name, member in (("prev", "previous"), ("next", "next")) if name in near}
    return json.dumps(members | {"changes": rows}, ensure_ascii=False, indent=2).encode() + b"\n"


def _supports(fact: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Return what supports a fact, and once supported it, each with the key of the sentence that says how."""
    new, old = fact["new_statements"], fact["old_statements"]
    return [*(("stated", each) for each in new), *(("was-stated", each) for each in old if each not in new)]


def _text(row: Row, term: dict[str, str]) -> str:
    """Return a value that is no thing as the page shows it."""
    is_text = term["type"] == "literal" and "datatype" not in term
    return formatting.brief(term["value"] if is_text else value(row, term, flask_responses.lang()), _MAX_TEXT)


def feed(
    timeline: Timeline, entries: Sequence[Publication], lang: Language, public_url: str, publisher: str, query: str
) -> bytes:
    """Return some publications, given oldest first, as an Atom feed, the last one first; its addresses end with `query`."""
    told = [
        (
            each,
            publication_iri(each),
            format_time(each.at),
            translate(f"release-how-{each.how}", lang),
            title(each, lang),
            _text_of_xml(" ".join(summary(timeline, each, lang))),
            "\n".join(map(_text_of_xml, changes_in_words(timeline, each, lang))),
        )
        for each in reversed(entries)
    ]
    written = (
        environment(lang)
        .get_template("changes.atom")
        .render(
            id=BASE + "changes",
            updated=format_time(entries[-1].at),
            publisher=_text_of_xml(publisher),
            public=public_url,
            query=query,
            publications=told,
        )
    )
    return written.encode()


def _text_of_xml(text: str) -> str:
    """Return a text without the characters that XML does not allow."""
    return "".join("\ufffd" if char in "\ufffe\uffff" or "\ud800" <= char <= "\udfff" else char for char in plain(text))
