"""Pages that tell what changed: with a publication, and between two releases (/release/<id>/changes)."""

import json
import threading
from collections import OrderedDict
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, current_app, request

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import HTML, JSON, JSON_LD, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format, by_suffix
from cper_lod.core.i18n import translate
from cper_lod.rdf import jsonld
from cper_lod.rdf.serialize import write
from cper_lod.release.changes import changeset
from cper_lod.release.changes.changelog import PAGE, Summary, compare
from cper_lod.release.changes.describe import Row
from cper_lod.release.changes.text import counts, plain, value
from cper_lod.release.changes.text import title as change_title
from cper_lod.release.history.history import Publication
from cper_lod.release.history.publications import PublicationLog, moment
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.release import Release
from cper_lod.web.history.atom import summary, title
from cper_lod.web.http import formatting, responses, urls
from cper_lod.web.http.links import Link, header
from cper_lod.web.http.urls import command
from cper_lod.web.site import site

_DID: Final = {"added": "did-added", "withdrawn": "did-withdrawn", "corrected": "did-corrected"}
_LONGEST: Final = 2000
"""Characters of a text that a page shows; its statement, and the other forms, have it whole."""


class Side(NamedTuple):
    """A value: its text, its language, and the page of the thing that it is."""

    text: str
    lang: str
    href: str


class Words(NamedTuple):
    """What supports a fact: a sentence that says how, the words quoted, the pages of statement and document."""

    how: str
    text: str
    lang: str
    href: str
    document: str
    document_href: str


class ShownFact(NamedTuple):
    """A fact that changed."""

    did: str
    property: str
    href: str
    old: Side | None
    new: Side | None
    words: tuple[Words, ...]


class ShownChange(NamedTuple):
    """A thing with what changed of it."""

    title: str
    href: str
    facts: tuple[ShownFact, ...]


def shown(row: Row, lang: Language) -> ShownChange:
    """Return what changed of a thing, for a reader of `lang`."""
    thing = row["thing"]
    facts = tuple(_fact(row, told, lang) for told in row["facts"])
    return ShownChange(change_title(row, lang), _page(thing), facts)


def _fact(row: Row, told: dict[str, Any], lang: Language) -> ShownFact:
    sides = [_side(row, told[name], lang) if name in told else None for name in ("old", "new")]
    words = [_words(row, each, "stated", lang) for each in told["new_statements"]]
    words += [
        _words(row, each, "was-stated", lang) for each in told["old_statements"] if each not in told["new_statements"]
    ]
    name = plain(row["names"][told["property"]][lang])
    return ShownFact(
        translate(_DID[told["change"]], lang), name, _page(told["property"]), sides[0], sides[1], tuple(words)
    )


def _side(row: Row, term: dict[str, str], lang: Language) -> Side:
    if term["type"] == "uri":
        return Side(plain(row["names"][term["value"]][lang]), "", _page(term["value"]))
    text = term["value"] if term["type"] == "literal" and "datatype" not in term else value(row, term, lang)
    return Side(formatting.brief(text, _LONGEST), term.get("xml:lang", ""), "")


def _words(row: Row, support: dict[str, str], how: str, lang: Language) -> Words:
    names, statement, document = row["names"], support["statement"], support["document"]
    if not support["words"]:
        return Words(translate("fact-computed", lang, name=""), names[statement][lang], "", _page(statement), "", "")
    title = names[document][lang] if document else ""
    words = formatting.brief(support["words"], _LONGEST)
    return Words(
        translate(how, lang), words, support["language"], _page(statement), title, _page(document) if document else ""
    )


def _page(iri: str) -> str:
    return urls.page(iri) if urls.ABSOLUTE.fullmatch(iri) else ""


_KEPT: Final = 2
_OPEN: Final = 4
"""How many releases stay open: reading a large one through, to compare it with its manifest, takes seconds."""
_PATIENCE: Final = 2.0
"""Seconds that a comparison waits for another: pages are made by a few threads, which it must not hold."""


class Comparisons:
    """The comparisons of one application; used by many threads."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._lock = threading.Lock()
        self._opened: OrderedDict[str, Release] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], tuple[Summary, list[Row]]] = OrderedDict()

    def of(self, before: str, after: str) -> tuple[Summary, list[Row]]:
        """Return what changed between two releases, given by their ids.

        Raises `query-queue` where another comparison takes long, `changes-too-large`, and what `Timeline.open` raises.
        """
        if not self._lock.acquire(timeout=_PATIENCE):
            raise Problem("query-queue")
        try:
            if (before, after) not in self._known:
                self._known[before, after] = compare(self._open(before), self._open(after))
            self._known.move_to_end((before, after))
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
            return self._known[before, after]
        finally:
            self._lock.release()

    def _open(self, release: str) -> Release:
        """Return a release, compared with its manifest once as long as it stays open and is there."""
        found = self._opened.pop(release, None)
        if found is None or not found.folder.is_dir():
            found = self._timeline.open(release)
        self._opened[release] = found
        if len(self._opened) > _OPEN:
            self._opened.popitem(last=False)
        return found


blueprint = Blueprint("change_pages", __name__)
FORMS: Final = (TURTLE, HTML, JSON, JSON_LD, N_TRIPLES, RDF_XML, TRIG)
_KEY: Final = "cper_lod.changes"
"""The key under which an application keeps its chronicle, and what it compared lately."""


class Between(NamedTuple):
    """A page of what changed between two releases (`before` is empty for the first one), and how many pages it has."""

    before: str
    after: str
    summary: Summary | None
    rows: list[Row]
    page: int
    pages: int
    at: str


def chronicle() -> PublicationLog:
    """Return the publications until the one that is served; raises `history-absent`."""
    timeline = _timeline()
    known: PublicationLog = current_app.extensions.setdefault(_KEY, PublicationLog(timeline.entries, timeline))
    return known


def _timeline() -> Timeline:
    timeline = site().timeline
    if timeline is None or site().moment:
        raise Problem("history-absent")
    return timeline


@blueprint.get("/release/<release>/changes", defaults={"suffix": ""})
@blueprint.get("/release/<release>/changes.<suffix>")
def of_release(release: str, suffix: str) -> Response:
    """What changed when a release was first published; `?since=<id>` compares with any other release that is kept.

    Beyond 500 things: 400 `changes-too-large`, which names the command to use.
    """
    told = _told(release)
    form = by_suffix(suffix, FORMS) if suffix else responses.negotiate_format(FORMS)
    if form is None:
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=", ".join("." + each.suffix for each in FORMS))
    path, query = f"/release/{release}/changes", _query(told.page)
    response = _between_page(told, path, query) if form is HTML else responses.representation(_body(told, form), form)
    for relation, number in _others(told).items():
        address = urls.form(form, path, _query(number)) if suffix else urls.whole(path, _query(number))
        response.headers.add("Link", header([Link(urls.public(address), relation)])[0])
    if not suffix:
        response.vary.add("Accept")
        asked = urls.language_asked() if form is HTML else {}
        response.headers["Content-Location"] = urls.form(form, path, query | asked)
    return response


def publication(entry: Publication, page: int, forms: list[tuple[Format, str]]) -> Response:
    """Return the page of a publication, which may be one of several of a release."""
    publications, lang = chronicle(), responses.lang()
    told = _noted(publications, entry, page)
    path = f"/changes/{entry.number}"
    ways = [(urls.at(f"/release/{entry.release}"), translate("changes-release", lang, release=entry.release))]
    for number, name in ((entry.number - 1, "changes-before"), (entry.number + 1, "changes-next")):
        if publications.publication(number):
            ways.append((urls.at(f"/changes/{number}"), translate(name, lang)))
    others = {name: urls.at(path if each == 1 else f"{path}/{each}") for name, each in _others(told).items()}
    sentences = summary(publications, entry, lang)
    return _shown(
        told, title(entry, lang), sentences, ways, pager=others, forms=forms, curl=command(path, {}, TRIG.media_type)
    )


def _noted(publications: PublicationLog, entry: Publication, page: int) -> Between:
    """Return what was noted of a publication; raises `parameter-invalid` for a page that there is not."""
    noted, before = publications.noted(entry), publications.before(entry)
    pages = noted.pages if noted else 0
    _check(page, pages)
    rows = noted.rows(page) if noted and pages else []
    told = noted.summary if noted else None
    return Between(before.release if before else "", entry.release, told, rows, page, pages, moment(entry.at))


def _told(release: str) -> Between:
    """Return what this request asks for; raises `release-unknown`, `release-gone`, `changes-too-large` and others."""
    publications, page = chronicle(), request.args.get("page", "1")
    timeline = _timeline()
    entry = timeline.first(release)
    if not (page.isascii() and page.isdigit() and len(page) < 8):
        raise Problem("parameter-invalid", name="page", value=page[:40], expected="1…")
    if "since" not in request.args:
        return _noted(publications, entry, int(page))
    since = timeline.first(urls.only("since")).release
    comparisons: Comparisons = current_app.extensions.setdefault(_KEY + ".compared", Comparisons(timeline))
    told, rows = comparisons.of(since, release)
    pages, start = -(-len(rows) // PAGE), (int(page) - 1) * PAGE
    _check(int(page), pages)
    return Between(since, release, told, rows[start : start + PAGE], int(page), pages, "")


def _check(page: int, pages: int) -> None:
    if not 1 <= page <= max(pages, 1):
        raise Problem("parameter-invalid", name="page", value=page, expected=f"1–{max(pages, 1)}")


def _query(page: int) -> dict[str, str]:
    """Return the query of a page of this address, the language apart."""
    since = request.args.get("since")
    return ({"since": since} if since else {}) | ({"page": str(page)} if page > 1 else {})


def _others(told: Between) -> dict[str, int]:
    """Return the numbers of the other pages, by their relation to this one."""
    found = {"first": 1, "prev": told.page - 1, "next": told.page + 1, "last": told.pages}
    return {
        name: page for name, page in found.items() if 1 <= page <= told.pages and told.pages > 1 and page != told.page
    }


def _body(told: Between, form: Format) -> bytes:
    """Return what changed for programs: as JSON, or as change sets in RDF."""
    if form is JSON:
        counted = {name: each for name, each in (told.summary or {}).items() if name not in ("pages", "format")}
        members = {"before": told.before, "after": told.after, "at": told.at, "known": told.summary is not None}
        body = {**members, **counted, "page": told.page, "pages": told.pages, "changes": told.rows}
        return json.dumps(body, ensure_ascii=False, indent=2).encode() + b"\n"
    quads, iri = (
        list(changeset.quads(told.before, told.after, told.rows, told.at)),
        changeset.name(told.before, told.after),
    )
    if form is JSON_LD:
        return jsonld.write(quads, iri, site().release.context, address=None)
    return write(quads, form, root=iri)


def _between_page(told: Between, path: str, query: dict[str, str]) -> Response:
    """Return the page of what changed between two releases."""
    lang = responses.lang()
    pair = {"before": told.before or "–", "after": told.after}
    if told.summary is None:
        sentences = [translate("changes-untold" if told.before else "changes-first", lang)]
    else:
        sentences = list(counts(told.summary, lang))
    ids = [each for each in (told.before, told.after) if each]
    ways = [(urls.at(f"/release/{each}"), translate("changes-release", lang, release=each)) for each in ids]
    others = {name: urls.at(path, **_query(number)) for name, number in _others(told).items()}
    forms, curl = urls.forms(path, query, FORMS), command(path, query)
    return _shown(
        told, translate("changes-between", lang, **pair), sentences, ways, pager=others, forms=forms, curl=curl
    )


def _shown(told: Between, heading: str, sentences: list[str], ways: list[tuple[str, str]], **values: Any) -> Response:  # noqa: ANN401
    lang = responses.lang()
    ways = [*ways, (urls.at("/changes"), translate("changes-all", lang))]
    rows = [shown(row, lang) for row in told.rows]
    return responses.page(
        "change.html",
        heading=heading,
        sentences=sentences,
        ways=ways,
        rows=rows,
        page=told.page,
        pages=told.pages,
        **values,
    )
