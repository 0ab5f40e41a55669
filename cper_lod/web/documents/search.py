"""Search: /search?q= finds things by the words of their names and texts, as a page and as JSON."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON
from cper_lod.core.namespaces import CPER, DCT, LABELS, RDFS, SH, SKOS
from cper_lod.rdf.graph import Graph
from cper_lod.release.build.index_search import CODE_PROPERTIES, TEXT_DATATYPES
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.storage.search import MAX_HITS, MAX_LENGTH, Hits, parse_search, synonyms, with_synonyms
from cper_lod.release.storage.text import SearchWords, Snippet, highlight, snippet
from cper_lod.web.api import parameters
from cper_lod.web.api.pagination import Rows, requested_rows
from cper_lod.web.api.resources import Json, ResourceReader, json_bytes
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.links import SCHEMA_TYPE, Link, header
from cper_lod.web.http.plain_json import schema_path
from cper_lod.web.http.representation import select
from cper_lod.web.site import site

blueprint = Blueprint("search", __name__)
FORMS: Final = (HTML, JSON)
_READ: Final = 200
"""Lines of one thing in which a text with the words is searched for."""
BUDGET: Final = 100_000
"""Characters of one page of hits that are scanned for the words, to show where they are;"""
_LOOKED: Final = 20_000
"""of one thing at most;"""
_KEPT: Final = 2_000
"""reserved for each of the following things."""
_LEAST: Final = 300
"""Characters of a longer text that are worth scanning."""
_TELLING: Final = (SKOS + "definition", DCT + "description", RDFS + "comment", SKOS + "scopeNote")
"""Properties whose text describes a thing if no text contains the words."""


class SearchHit(NamedTuple):
    """A thing that was found: its name with the words marked, its page, its class, and a text with the words marked.

    `of` is what the thing belongs to, usually a contract. `fact` is the IRI of what a statement supports, empty for other
    things; `is_query` says that the thing is a SPARQL query.
    """

    iri: str
    href: str
    title: Snippet
    kind: str
    text: Snippet | None
    lang: str
    of: Hyperlink | None
    fact: str = ""
    is_query: bool = False


HitGroup = tuple[SearchHit | None, Hyperlink | None, list[SearchHit]]
"""A fact with the statements about it that were found: the hit of the fact, else a link to it, and the hits of statements."""


@blueprint.get("/search", defaults={"suffix": ""})
@blueprint.get("/search.<suffix>")
def search(suffix: str) -> Response:
    """Search in names and texts: `/search?q=…`, as a page or as JSON, with the same hits in the same order.

    Contracts and axes come first, statements after the fact that they support, SPARQL queries last. Words of the field
    are found too: « train » finds « mobilités ».
    """
    selected = select("/search", suffix, FORMS, dict(request.args), localized=())
    response = _json() if selected.format is JSON else _page()
    if response.status_code == 200:
        return selected.respond(response)
    if selected.negotiated:
        response.vary.add("Accept")
    return response


def _page() -> Response:
    query = urls.single_parameter("q") if "q" in request.args else ""
    values: dict[str, Any] = {"query": query, "longest": MAX_LENGTH}
    if not query.strip():
        return flask_responses.page("search.html", **values | {"query": ""})
    try:
        rows, words, found = _find(query)
        hits = _hits(found, words)
        near = _near(words, found.deadline) if not found.count else None
    except Problem as error:
        message = error.words(flask_responses.lang())
        values |= {"query": query[:MAX_LENGTH], "message": message}
        return flask_responses.page("search.html", error=error, **values)
    return flask_responses.page(
        "search.html",
        **values,
        groups=[each for each in hits if not (each[0] and each[0].is_query)],
        queries=[hit for hit, _, _ in hits if hit and hit.is_query],
        also=synonyms(words, flask_responses.lang()),
        near=near,
        found=found,
        pager={name: urls.link("/search", q=query, **page) for name, page in rows.others(found.count).items()},
        most=MAX_HITS,
    )


def _find(query: str) -> tuple[Rows, SearchWords, Hits]:
    """Return which hits are asked for, the words of a query with their synonyms, and the hits of the page.

    Raises what `parse_search` and `find` raise, and `parameter-invalid`.
    """
    rows, words = requested_rows(parameters.SIZE_OF_SEARCH), with_synonyms(parse_search(query))
    return rows, words, site().release.search.find(query, rows.after, rows.size, words)


def _near(words: SearchWords, deadline: float) -> Hyperlink | None:
    """Return the search for the nearest words that the data have, None if there are none."""
    nearest = site().release.search.nearest_words(words, deadline)
    if not nearest:
        return None
    text = " ".join(nearest.get(word, word) for word in words.words)
    corrected = parse_search(text)
    written: dict[str, str] = {}
    for own, _, statements in _hits(site().release.search.find(text, 0, 3, corrected), corrected):
        for hit in filter(None, (own, *statements)):
            for piece in filter(None, (hit.title, hit.text)):
                for start, end, word in corrected.found(piece.text):
                    written.setdefault(word, piece.text[start:end].lower())
    shown = " ".join(written.get(word, word) for word in corrected.words)
    return Hyperlink(shown, urls.link("/search", q=shown)) if written else None


def _json() -> Response:
    query = urls.single_parameter("q")
    rows, words, found = _find(query)
    pages = {name: _json_address({"q": query} | page) for name, page in rows.others(found.count).items()}
    reader, also = ResourceReader(site().release, flask_responses.lang()), synonyms(words, flask_responses.lang())
    result = {
        "url": _json_address({"q": query} | rows.own_query),
        "total": found.count,
        **({"more": True} if found.more else {}),
        **({"aussi": list(also)} if also else {}),
        **{member: pages[name] for name, member in (("prev", "previous"), ("next", "next")) if name in pages},
        "items": [
            _as_json(hit, reader) for own, _, statements in _hits(found, words) for hit in (own, *statements) if hit
        ],
    }
    schema = urls.public_url(urls.address(schema_path("Recherche"), {}))
    links = [
        *(Link(address, relation) for relation, address in pages.items()),
        Link(schema, "describedby", SCHEMA_TYPE),
    ]
    return flask_responses.representation(json_bytes(result), JSON, vary=("Accept-Language",), links=header(links))


def _json_address(query: dict[str, str]) -> str:
    """Return the public URL of a page of hits in plain JSON, in the language asked for in the URL."""
    return urls.public_url(urls.address("/search.json", query | urls.language_parameter()))


def _as_json(hit: SearchHit, reader: ResourceReader) -> Json:
    """Return a hit in plain JSON: a reference with its `type`, and an excerpt of the text that has the words."""
    node = NamedNode(hit.iri)
    extra = {
        "type": reader.type(node) or reader.main_class(node),
        "extrait": hit.text.text if hit.text else None,
        "faitPartieDe": reader.parent(hit.iri),
    }
    named = {**reader.reference(node), "nom": hit.title.text}
    return named | {name: held for name, held in extra.items() if held}


class _Budget:
    """The characters of one page of hits that may still be scanned: each thing has some, the first have more."""

    def __init__(self, things: int) -> None:
        self._left = BUDGET
        self._things = things
        self._here = 0

    def begin(self) -> None:
        """Start with the next thing."""
        self._things -= 1
        self._here = min(_LOOKED, self._left - _KEPT * self._things)

    def take(self, text: str) -> str:
        """Return the beginning of a text that may be scanned, empty if that is not worth it."""
        piece = text[: self._here] if self._here >= min(len(text), _LEAST) else ""
        self._here -= len(piece)
        self._left -= len(piece)
        return piece


def _hits(found: Hits, terms: SearchWords) -> list[HitGroup]:
    """Return the hits in their order, the statements about a fact together, with the fact if it is a hit too."""
    names = LabelReader(ReleaseGraph(site().release), Graph(()), flask_responses.lang())
    budget = _Budget(len(found.iris))
    groups: dict[str, list[SearchHit]] = {}
    for iri in found.within_time():
        budget.begin()
        name = names.name(iri)
        piece = budget.take(name)
        title = highlight(name, terms) if piece == name else snippet(piece, terms)
        text, language = _text(iri, terms, name, budget, named=len(title.marks) >= len(terms.words))
        node = NamedNode(iri)
        types = names.reader.types(node)
        hit = SearchHit(
            iri,
            urls.page_link(iri),
            title,
            names.class_label(iri),
            text,
            language,
            names.parent(iri),
            next((each.value for each in names.reader.supported(node)), "") if CPER + "Enonce" in types else "",
            any(each.startswith(SH + "SPARQL") for each in types),
        )
        groups.setdefault(hit.fact or iri, []).append(hit)
    found_groups = list[HitGroup]()
    for fact, hits in groups.items():
        own = next((each for each in hits if each.iri == fact), None)
        link = None if own else Hyperlink(names.name(fact), urls.page_link(fact))
        found_groups.append((own, link, [each for each in hits if each is not own]))
    return found_groups


def _text(iri: str, terms: SearchWords, title: str, budget: _Budget, *, named: bool) -> tuple[Snippet | None, str]:
    """Return the text of a thing that contains most of the words, else one that describes it; and its language.

    Among equals the reader's language comes first, then French, then the order of the data. If the name on the page
    contains the words (`named`), names in other languages are left out.
    """
    best: tuple[int, int, int] | None = None
    chosen: tuple[str, str] | None = None
    lang, texts = flask_responses.lang(), list(_literals(iri))
    same = {title, *(value.value for name, value in texts if named and name in LABELS)}
    for name, value in texts:
        if name in CODE_PROPERTIES or value.value in same:
            continue
        piece = budget.take(value.value)
        share = terms.share(piece)
        if not piece or (not share and name not in _TELLING):
            continue
        language = (lang, "fr", None).index(value.language) if value.language in (lang, "fr", None) else 3
        rank = (-share, language, _TELLING.index(name) if name in _TELLING else len(_TELLING))
        if best is None or rank < best:
            best, chosen = rank, (piece, value.language or "")
    return (snippet(chosen[0], terms), chosen[1]) if chosen else (None, "")


def _literals(iri: str) -> Iterator[tuple[str, Literal]]:
    for quad in site().release.triples.about(NamedNode(iri), _READ):
        value = quad.object
        if (
            isinstance(value, Literal)
            and value.datatype.value in TEXT_DATATYPES
            and isinstance(quad.subject, NamedNode)
        ):
            yield quad.predicate.value, value
