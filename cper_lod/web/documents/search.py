"""Search: /search?q= finds things by the words of their names and texts, as a page and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.formats import HTML, JSON, by_suffix
from cper_lod.core.namespaces import DCT, LABELS, RDFS, SKOS
from cper_lod.rdf.graph import Graph
from cper_lod.release.build.index_search import CODE, TEXTS
from cper_lod.release.reader import Reader
from cper_lod.release.storage.search import LONGEST, MOST, Hits, wanted
from cper_lod.release.storage.text import Snippet, Wanted, snippet, whole
from cper_lod.web.components.labels import Names
from cper_lod.web.components.observations import Hyperlink
from cper_lod.web.http import responses, urls
from cper_lod.web.http.links import Link, header
from cper_lod.web.site import site

blueprint = Blueprint("search", __name__)
FORMS: Final = (HTML, JSON)
SIZE: Final = 20
"""How many hits a page has."""
PAGES: Final = MOST // SIZE
_READ: Final = 200
"""Lines about one thing in which a text that holds the words is looked for."""
_BUDGET: Final = 100_000
"""Characters in which the words are looked for, for showing where they stand: for a page in all,"""
_LOOKED: Final = 20_000
"""for one thing at most,"""
_KEPT: Final = 2_000
"""and kept for each of the things that come after it."""
_LEAST: Final = 300
"""Characters of a longer text that are worth looking at."""
_TELLING: Final = (SKOS + "definition", DCT + "description", RDFS + "comment", SKOS + "scopeNote")
"""The properties whose text tells of a thing where no text holds the words."""


@dataclass(frozen=True)
class Hit:
    """One thing found: its name with the words marked, where its page is, of what kind it is, and a text, marked.

    `cls` is name and IRI of the class; `of` is what the thing belongs to, a contract most often.
    """

    iri: str
    href: str
    title: Snippet
    kind: str
    text: Snippet | None
    lang: str
    cls: Hyperlink | None
    of: Hyperlink | None


@blueprint.get("/search", defaults={"suffix": ""})
@blueprint.get("/search.<suffix>")
def search(suffix: str) -> Response:
    """Search in names and texts: `/search?q=…`, as a page or as JSON."""
    form = by_suffix(suffix, FORMS) if suffix else responses.negotiate_format(FORMS)
    if form is None:
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=".html, .json")
    answer = _json() if form is JSON else _page()
    if not suffix:
        answer.vary.add("Accept")
        if answer.status_code == 200:
            answer.headers["Content-Location"] = urls.whole(f"/search.{form.suffix}", dict(request.args))
    return answer


def _page() -> Response:
    text = urls.only("q") if "q" in request.args else ""
    if not text.strip():
        return responses.page("search.html", query="", longest=LONGEST)
    try:
        number = _number()
        found = site().release.search.find(text, (number - 1) * SIZE, SIZE)
        hits = _hits(found, wanted(text))
    except Problem as error:
        words = error.words(responses.lang())
        return responses.page("search.html", error=error, query=text[:LONGEST], longest=LONGEST, words=words)
    pager = {name: urls.at("/search", q=text, page=str(page)) for name, page in _others(number, found).items()}
    return responses.page("search.html", query=text, longest=LONGEST, hits=hits, found=found, pager=pager, most=MOST)


def _json() -> Response:
    text = urls.only("q")
    number = _number()
    found = site().release.search.find(text, (number - 1) * SIZE, SIZE)
    pages = {
        name: urls.public(urls.whole("/search.json", {"q": text, "page": str(page)}))
        for name, page in _others(number, found).items()
    }
    told = {"query": text, "total": found.count, "more": found.more, "page": number, **pages}
    told["results"] = [_as_json(hit) for hit in _hits(found, wanted(text))]
    body = json.dumps(told, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
    links = header([Link(address, relation) for relation, address in pages.items()])
    return responses.representation(body, JSON, vary=("Accept-Language",), links=links)


def _as_json(hit: Hit) -> dict[str, Any]:
    page = urls.public(hit.href)
    kind = {"id": hit.cls.href, "label": hit.cls.text} if hit.cls else None
    told: dict[str, Any] = {"id": hit.iri, "page": page, "label": hit.title.text, "class": kind}
    if hit.of:
        told["of"] = {"page": urls.public(hit.of.href), "label": hit.of.text}
    if hit.text:
        told["text"] = {"value": hit.text.text, "language": hit.lang, "marks": hit.text.marks}
    return told


def _number() -> int:
    """Return the number of the page; raises `parameter-invalid`."""
    text = urls.only("page") if "page" in request.args else "1"
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= PAGES):
        expected = Phrase(f"a whole number from 1 to {PAGES}", fr=f"un nombre entier de 1 à {PAGES}")
        raise Problem("parameter-invalid", name="page", value=text[:40], expected=expected)
    return int(text)


def _others(number: int, found: Hits) -> dict[str, int]:
    """Return the numbers of the other pages, by their relation to this one."""
    last = max(1, -(-found.count // SIZE))
    others = {"first": 1, "prev": min(number - 1, last), "next": number + 1, "last": last}
    return {name: page for name, page in others.items() if 1 <= page <= last and page != number}


class _Budget:
    """The characters of one page in which words may still be looked for: each thing has some, the first have more."""

    def __init__(self, things: int) -> None:
        self._left = _BUDGET
        self._things = things
        self._here = 0

    def begin(self) -> None:
        """Go on to the next thing."""
        self._things -= 1
        self._here = min(_LOOKED, self._left - _KEPT * self._things)

    def take(self, text: str) -> str:
        """Return the beginning of a text that may be looked at, empty where that is not worth it."""
        piece = text[: self._here] if self._here >= min(len(text), _LEAST) else ""
        self._here -= len(piece)
        self._left -= len(piece)
        return piece


def _hits(found: Hits, sought: Wanted) -> list[Hit]:
    names = Names(Reader(site().release), Graph(()), responses.lang())
    budget = _Budget(len(found.iris))
    hits = []
    for iri in found.within_time():
        budget.begin()
        name = names.name(iri)
        piece = budget.take(name)
        title = whole(name, sought) if piece == name else snippet(piece, sought)
        text, language = _text(iri, sought, name, budget, named=len(title.marks) >= len(sought.words))
        kind = names.kind(names.reader.types(NamedNode(iri)))
        cls = Hyperlink(names.name(kind), kind) if kind else None
        hits.append(Hit(iri, urls.page(iri), title, names.kind_of(iri), text, language, cls, names.whole(iri)))
    return hits


def _text(iri: str, sought: Wanted, title: str, budget: _Budget, *, named: bool) -> tuple[Snippet | None, str]:
    """Return the text of a thing with most of the words, else one that tells of it; and its language.

    Among equals the reader's language comes first, then French, then the order of the data. Where the words stand in
    the name that is shown (`named`), names in other languages tell no more.
    """
    best: tuple[int, int, int] | None = None
    chosen: tuple[str, str] | None = None
    lang, texts = responses.lang(), list(_literals(iri))
    same = {title, *(value.value for name, value in texts if named and name in LABELS)}
    for name, value in texts:
        if name in CODE or value.value in same:
            continue
        piece = budget.take(value.value)
        share = sought.share(piece)
        if not piece or (not share and name not in _TELLING):
            continue
        language = (lang, "fr", None).index(value.language) if value.language in (lang, "fr", None) else 3
        rank = (-share, language, _TELLING.index(name) if name in _TELLING else len(_TELLING))
        if best is None or rank < best:
            best, chosen = rank, (piece, value.language or "")
    return (snippet(chosen[0], sought), chosen[1]) if chosen else (None, "")


def _literals(iri: str) -> Iterator[tuple[str, Literal]]:
    lines = islice(site().release.data.beginning(f"<{iri}> ".encode()), _READ)
    for quad in parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True):
        value = quad.object
        if isinstance(quad.subject, NamedNode) and isinstance(value, Literal) and value.datatype.value in TEXTS:
            yield quad.predicate.value, value
