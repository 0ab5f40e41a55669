"""What changed: with each publication (/changes as pages, Atom and LDES), and between two releases."""

import json
import threading
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, current_app, request
from pyoxigraph import NamedNode, Quad

from cper_lod.core import formatting
from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON, N_QUADS, RDF, TRIG, TURTLE, Format
from cper_lod.core.i18n import translate
from cper_lod.core.memo import Memo
from cper_lod.rdf.serialize import write
from cper_lod.release.changes import changeset
from cper_lod.release.changes.changelog import PAGE, compare_releases
from cper_lod.release.changes.describe import Row, Summary
from cper_lod.release.changes.text import counts, plain, value
from cper_lod.release.changes.text import title as change_title
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history import ldes
from cper_lod.release.history.history import History, Publication
from cper_lod.release.history.timeline import Timeline, format_time
from cper_lod.release.release import Release
from cper_lod.web.components.pagination import other_pages, page_links
from cper_lod.web.history.atom import ATOM, AtomFeed, summary, title
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.flask_responses import FRESH, IMMUTABLE
from cper_lod.web.http.links import Link
from cper_lod.web.http.representation import Selection, select, serialize
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import published_releases, site

blueprint = Blueprint("changes", __name__)
LIST_FORMS: Final = (TRIG, HTML, ATOM, N_QUADS)
"""The formats of a list of publications."""
PUBLICATION_FORMS: Final = (TRIG, HTML, N_QUADS)
"""The formats of one publication; the RDF formats have named graphs, since each member of the event stream is one."""
COMPARISON_FORMS: Final = (TURTLE, HTML, JSON, *RDF[1:])
"""The formats of a comparison of two releases."""
_KEY: Final = "cper_lod.changes.compared"
"""The key under which an application keeps its latest comparisons."""
_MAX_TEXT: Final = 2000
"""Characters of a text that a page shows; its statement and the other formats have all of it."""


@blueprint.get("/changes", defaults={"suffix": ""})
@blueprint.get("/changes.<suffix>")
def latest(suffix: str) -> Response:
    """The latest publications and what changed: page, Atom feed (RFC 4287), event stream (LDES: `.trig`, `.nq`)."""
    log, selected = published_releases(), _select_list("/changes", suffix)
    if selected.format is HTML:
        entries, older = log.recent, log.archives
        if not entries and older:
            entries, older = log.archive(older), older - 1
        return _list_page(log, entries, older, translate("changes", flask_responses.lang()), selected)
    if selected.format is ATOM:
        body = _feed(log).current()
    else:
        body = _stream(ldes.root_page(log, site().settings.public_url), selected)
    return _respond(body, selected, log.entries[-1])


@blueprint.get("/changes/archive/<name>")
def archive(name: str) -> Response:
    """Fifty publications in the forms of `/changes` (RFC 5005); it never changes."""
    log, (number, suffix) = published_releases(), _split_number(name)
    entries = log.archive(number)
    if not entries:
        raise Problem("page-not-found", path=request.path[:200])
    selected = _select_list(f"/changes/archive/{number}", suffix)
    if selected.format is HTML:
        first, last = entries[0].number, entries[-1].number
        heading = translate("changes-archive", flask_responses.lang(), first=first, last=last)
        return _list_page(log, entries, number - 1, heading, selected)
    if selected.format is ATOM:
        body = _feed(log).archive(number)
    else:
        body = _stream(ldes.archive_page(log, number, site().settings.public_url), selected)
    return _respond(body, selected, entries[-1], cache=IMMUTABLE)


@blueprint.get("/changes/<name>")
@blueprint.get("/changes/<number>/<name>")
def publication(name: str, number: str = "") -> Response:
    """What changed with one publication, by its number, page by page; the event stream never changes."""
    last, suffix = _split_number(name)
    log, index, page = published_releases(), _split_number(number)[0] if number else last, last if number else 1
    entry = log.publication(index)
    if entry is None or (number and not 1 < page <= log.page_count(entry)):
        raise Problem("page-not-found", path=request.path[:200])
    selected = select(f"/changes/{index}" + (f"/{page}" if number else ""), suffix, PUBLICATION_FORMS)
    if selected.format is HTML:
        return selected.respond(_publication_page(log, entry, page, selected), links=_alternates(selected))
    body = _stream(ldes.publication_page(log, entry, page, site().settings.public_url), selected)
    return _respond(body, selected, entry, cache=IMMUTABLE)


@blueprint.get("/release/<release>/changes", defaults={"suffix": ""})
@blueprint.get("/release/<release>/changes.<suffix>")
def of_release(release: str, suffix: str) -> Response:
    """What changed when a release was first published; `?since=<id>` compares with any other release that is kept.

    Beyond 500 things: 400 `changes-too-large`, which names the command to use.
    """
    changes = _requested_changes(release)
    selected = select(f"/release/{release}/changes", suffix, COMPARISON_FORMS, _page_query(changes.page))
    pages = {name: _page_query(number) for name, number in other_pages(changes.page, changes.pages).items()}
    others = {
        name: urls.format_address(selected.format, selected.path, query)
        if suffix
        else urls.address(selected.path, query)
        for name, query in pages.items()
    }
    body = _comparison_page(changes, selected) if selected.format is HTML else _comparison(changes, selected.format)
    return selected.respond(body, links=page_links(others))


def _split_number(name: str) -> tuple[int, str]:
    """Return the number in a part of a path, and its suffix; raises `page-not-found` if it is not a number."""
    digits, _, suffix = name.partition(".")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10) or digits.startswith("0"):
        raise Problem("page-not-found", path=request.path[:200])
    return int(digits), suffix


def _select_list(path: str, suffix: str) -> Selection:
    return select(path, suffix, LIST_FORMS, localized=(HTML, ATOM))


def _feed(log: Timeline) -> AtomFeed:
    lang, publisher = flask_responses.lang(), site().rights.publisher
    name = ReleaseGraph(site().release).name(NamedNode(publisher), lang) if publisher else ""
    keep_language = bool(urls.language_parameter())
    author = name or site().title(lang)
    return AtomFeed(log, site().settings.public_url, author, lang, keep_language=keep_language)


def _stream(quads: Iterable[Quad], selected: Selection) -> bytes:
    return write(quads, selected.format, root=ldes.STREAM)


def _respond(body: bytes, selected: Selection, entry: Publication, cache: str = FRESH) -> Response:
    """Return the feed or the event stream, last modified with its last publication `entry`."""
    answer: bytes | Response = body
    if selected.format is ATOM:
        answer = flask_responses.representation(body, ATOM, vary=("Accept-Language",), cache=cache, modified=entry.at)
    return selected.respond(answer, links=_alternates(selected), cache=cache, modified=entry.at)


def _alternates(selected: Selection) -> list[Link]:
    """Return the links to the other formats."""
    return [
        Link(address, "alternate", each.media_type)
        for each, address in selected.public_addresses()
        if each is not selected.format
    ]


def _list_page(
    log: Timeline, entries: Sequence[Publication], older: int, heading: str, selected: Selection
) -> Response:
    """Return a page that lists publications, the latest first."""
    lang = flask_responses.lang()
    page = flask_responses.page(
        "changes.html",
        heading=heading,
        publications=[(each, title(each, lang), summary(log, each, lang)) for each in reversed(entries)],
        older=older,
        forms=urls.format_addresses(selected.path, {}, LIST_FORMS),
        curl=curl_command(selected.path, {}, TRIG.media_type),
    )
    return selected.respond(page, links=_alternates(selected))


def _supports(fact: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Return what supports a fact, and once supported it, each with the key of the sentence that says how."""
    new, old = fact["new_statements"], fact["old_statements"]
    return [*(("stated", each) for each in new), *(("was-stated", each) for each in old if each not in new)]


def _text(row: Row, term: dict[str, str]) -> str:
    """Return a value that is no thing as the page shows it."""
    is_text = term["type"] == "literal" and "datatype" not in term
    return formatting.brief(term["value"] if is_text else value(row, term, flask_responses.lang()), _MAX_TEXT)


def _page_address(iri: str) -> str:
    return urls.page_link(iri) if urls.ABSOLUTE.fullmatch(iri) else ""


_MAX_COMPARISONS: Final = 2
"""Comparisons that are kept: reading all pages of one takes a request each."""
_MAX_OPEN: Final = 4
"""Releases that stay open: checking a large one against its manifest takes seconds."""
PATIENCE: Final = 2.0
"""Seconds that a comparison waits for another one: a few threads make the pages, and it must not block them."""


class ReleaseComparisons:
    """The latest comparisons of one application; used by many threads."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._lock = threading.Lock()
        self._memo = Memo()

    def of(self, before: str, after: str) -> tuple[Summary, list[Row]]:
        """Return the changes between two releases, given by their ids.

        Raises `query-queue` if another comparison takes long, `changes-too-large`, and what `History.open` raises.
        """
        if not self._lock.acquire(timeout=PATIENCE):
            raise Problem("query-queue")
        try:
            return self._memo.get(
                "comparison",
                (before, after),
                _MAX_COMPARISONS,
                lambda: compare_releases(self._open(before), self._open(after)),
            )
        finally:
            self._lock.release()

    def _open(self, release: str) -> Release:
        """Return a release; it is checked against its manifest once while it stays open and its folder exists."""
        found = self._memo.get("release", release, _MAX_OPEN, lambda: self._history.open(release))
        return found if found.folder.is_dir() else self._history.open(release)


class ChangePage(NamedTuple):
    """One page of the changes between two releases (`before` is empty for the first release), and how many there are.

    `at` is the time of the publication, empty for a comparison; `summary` is None if the changes are not known.
    """

    before: str
    after: str
    summary: Summary | None
    rows: list[Row]
    page: int
    pages: int
    at: str


def _recorded_changes(log: Timeline, entry: Publication, page: int) -> ChangePage:
    """Return the recorded changes of a publication; raises `parameter-invalid` for a page that does not exist."""
    recorded, before = log.changes_of(entry), log.previous(entry)
    pages = recorded.pages if recorded else 0
    _check_page(page, pages)
    rows = recorded.rows(page) if recorded and pages else []
    counted = recorded.summary if recorded else None
    return ChangePage(
        before.release if before else "", entry.release, counted, rows, page, pages, format_time(entry.at)
    )


def _requested_changes(release: str) -> ChangePage:
    """Return the changes that this request asks for.

    Raises `release-unknown`, `release-gone`, `parameter-invalid`, `changes-too-large` and what opening raises.
    """
    timeline, page = published_releases(), request.args.get("page", "1")
    entry = timeline.first_publication(release)
    if not (page.isascii() and page.isdigit() and len(page) < 8):
        raise Problem("parameter-invalid", name="page", value=page[:40], expected="1…")
    if "since" not in request.args:
        return _recorded_changes(timeline, entry, int(page))
    since = timeline.first_publication(urls.single_parameter("since")).release
    comparisons: ReleaseComparisons = current_app.extensions.setdefault(_KEY, ReleaseComparisons(timeline.history))
    counted, rows = comparisons.of(since, release)
    pages, start = -(-len(rows) // PAGE), (int(page) - 1) * PAGE
    _check_page(int(page), pages)
    return ChangePage(since, release, counted, rows[start : start + PAGE], int(page), pages, "")


def _check_page(page: int, pages: int) -> None:
    if not 1 <= page <= max(pages, 1):
        raise Problem("parameter-invalid", name="page", value=page, expected=f"1–{max(pages, 1)}")


def _page_query(page: int) -> dict[str, str]:
    """Return the query of a page of the requested comparison, without the language."""
    since = request.args.get("since")
    return ({"since": since} if since else {}) | ({"page": str(page)} if page > 1 else {})


def _comparison(changes: ChangePage, format: Format) -> bytes:
    """Return the changes as JSON, or as change sets in RDF."""
    if format is JSON:
        counted = {name: each for name, each in (changes.summary or {}).items() if name not in ("pages", "format")}
        members = {
            "before": changes.before,
            "after": changes.after,
            "at": changes.at,
            "known": changes.summary is not None,
            **counted,
            "page": changes.page,
            "pages": changes.pages,
            "changes": changes.rows,
        }
        return json.dumps(members, ensure_ascii=False, indent=2).encode() + b"\n"
    quads = list(changeset.changeset_quads(changes.before, changes.after, changes.rows, changes.at))
    return serialize(quads, format, changeset.changeset_iri(changes.before, changes.after))


def _publication_page(log: Timeline, entry: Publication, page: int, selected: Selection) -> Response:
    """Return the page of a publication; a release may have several."""
    lang, path = flask_responses.lang(), f"/changes/{entry.number}"
    changes = _recorded_changes(log, entry, page)
    others = other_pages(changes.page, changes.pages)
    around = ((entry.number - 1, "changes-before"), (entry.number + 1, "changes-next"))
    return _change_page(
        changes,
        heading=title(entry, lang),
        sentences=summary(log, entry, lang),
        releases=[entry.release],
        around=[(number, sentence) for number, sentence in around if log.publication(number)],
        pager={name: urls.link(path if each == 1 else f"{path}/{each}") for name, each in others.items()},
        forms=urls.format_addresses(selected.path, {}, PUBLICATION_FORMS),
        curl=curl_command(path, {}, TRIG.media_type),
    )


def _comparison_page(changes: ChangePage, selected: Selection) -> Response:
    """Return the page of the changes between two releases."""
    lang, path, query = flask_responses.lang(), selected.path, dict(selected.query)
    if changes.summary is None:
        sentences = [translate("changes-untold" if changes.before else "changes-first", lang)]
    else:
        sentences = list(counts(changes.summary, lang))
    others = other_pages(changes.page, changes.pages)
    return _change_page(
        changes,
        heading=translate("changes-between", lang, before=changes.before or "–", after=changes.after),
        sentences=sentences,
        releases=[each for each in (changes.before, changes.after) if each],
        around=[],
        pager={name: urls.link(path, **_page_query(number)) for name, number in others.items()},
        forms=urls.format_addresses(path, query, COMPARISON_FORMS),
        curl=curl_command(path, query),
    )


def _change_page(changes: ChangePage, **values: Any) -> Response:  # noqa: ANN401
    lang = flask_responses.lang()
    return flask_responses.page(
        "change.html",
        changes=changes,
        title_of=lambda row: change_title(row, lang),
        page_of=_page_address,
        supports=_supports,
        text_of=_text,
        brief=lambda text: formatting.brief(text, _MAX_TEXT),
        plain=plain,
        say=lambda key, **given: translate(key, lang, **given),
        **values,
    )
