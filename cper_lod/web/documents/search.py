"""Search: /search?q= finds things by the words of their names and texts, as a page and as JSON."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON
from cper_lod.core.identifiers import commune_index
from cper_lod.core.namespaces import CPER, LABELS, PREFIXES, PROV, expand
from cper_lod.rdf.graph import Term
from cper_lod.release.build.index_search import NOT_SEARCHED, TEXT_DATATYPES
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.release import Release, once_per_release
from cper_lod.release.storage.search import MAX_LENGTH, Hits, parse_search, question, synonyms, with_synonyms
from cper_lod.release.storage.text import SearchWords, Snippet, highlight, snippet, words
from cper_lod.web.api import parameters
from cper_lod.web.api.parameters import Rows, requested_rows
from cper_lod.web.api.resources import Json, ResourceReader, json_bytes
from cper_lod.web.api.schemas import schema_path
from cper_lod.web.api.signposting import SCHEMA_TYPE
from cper_lod.web.components.comparison import summaries
from cper_lod.web.components.described import observations_in
from cper_lod.web.components.groups import class_group
from cper_lod.web.components.labels import LabelReader, names_here
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.headers import Link, link_values
from cper_lod.web.http.representation import select
from cper_lod.web.site import site

blueprint = Blueprint("search", __name__)
FORMS: Final = (HTML, JSON)
_READ: Final = 200
"""Lines of one thing in which a text with the words is searched for."""
BUDGET: Final = 100_000
"""Characters of one page of hits that are scanned for the words, to show where they are: each thing has its part,"""
_LOOKED: Final = 20_000
"""so many at most."""
MAX_ABOUT: Final = 3
"""Things about a subject that are shown with it;"""
MAX_OTHERS: Final = 20
"""things for developers;"""
_MAX_DOCUMENTS: Final = 20
"""documents that are looked at for the words;"""
MAX_COMMUNES: Final = 5
"""communes of just the name that is looked for;"""
_MOST: Final = 200
"""hits that are put together by subject."""
_MAX_STEPS: Final = 4
"""Steps from a thing to its subject: statement, figure, axis."""
_TERRITORY: Final = PREFIXES["geo"] + "Feature"
_COMMUNE: Final = PREFIXES["igeo"] + "Commune"
"""Communes have pages of their own."""
_TELLING_CLASSES: Final = frozenset(
    expand("cper:Enonce cper:Lecture cper:Montant cper:Part cper:Chiffre cper:ValeurDerivee cper:Etape")
)
"""Classes of the things that are shown with the subject they are about."""
_BODIES: Final = frozenset(expand("org:FormalOrganization schema:GovernmentOrganization"))
_SUBJECTS: Final = _BODIES | frozenset(
    expand("cper:Contrat cper:Subdivision cper:Avenant cper:Cadre cper:Groupe cper:Document subv:Subvention")
)
"""Classes of what people look for; of anything else the page shows what it belongs to."""


class SearchHit(NamedTuple):
    """A thing that was found: its name with the words marked, its page, its class, and a text with the words marked.

    `of` is what the thing belongs to, usually a contract.
    """

    iri: str
    href: str
    title: Snippet
    kind: str
    text: Snippet | None
    lang: str
    of: Hyperlink | None


class FoundSubject(NamedTuple):
    """A subject for a reader, such as a body or an axis, and the things about it that were found, `MAX_ABOUT` at most.

    `hit` is that of the subject itself, None if only things about it were found: `name` is its title then.
    """

    hit: SearchHit | None
    name: Hyperlink
    about: list[SearchHit]


@blueprint.get("/search", defaults={"suffix": ""})
@blueprint.get("/search.<suffix>")
def search(suffix: str) -> Response:
    """Search in names and texts: `/search?q=…`, as a page or as JSON, with the same hits in the same order.

    JSON has all hits: contracts and axes first, SPARQL queries last. The page has a subject once, with what was found about
    it, answers questions such as « qui paie ? », leads from a commune to who signed for it, and says which documents do not
    have a word. Words of the field are found too: « train » finds « mobilités ».
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
    served, lang = site(), flask_responses.lang()
    asked = question(query) if served.has_contracts else None
    text = asked.words if asked else query
    observations = observations_in(lang)
    try:
        rows = requested_rows(parameters.SIZE_OF_SEARCH)
        if text or not asked:
            terms = with_synonyms(parse_search(text))
            found = served.release.search.find(text, 0, _MOST, terms)
            subjects, count, others = _subjects(found, terms, rows)
            values |= {
                "text": text,
                "subjects": subjects,
                "count": count,
                "others": others,
                "also": synonyms(terms, lang),
                "more": found.more or found.count > _MOST,
                "pager": {name: urls.link("/search", q=query, **page) for name, page in rows.others(count).items()},
                "near": None if count else _near(terms, found.deadline),
                "unsaid": None if count or not served.has_contracts else _unsaid(observations, terms),
            }
    except Problem as error:
        message = error.words(lang)
        values |= {"query": query[:MAX_LENGTH], "message": message}
        return flask_responses.page("search.html", error=error, **values)
    lines = [{line.href: line for line in each.lines} for each in summaries()]
    # A figure of a body in several contracts would answer for one of them; what a funder brings answers about itself alone.
    contracts = Counter(chain.from_iterable(lines))
    values["lines"] = {href: line for each in lines for href, line in each.items() if contracts[href] == 1}
    values["funders"] = {line.href for each in summaries() for line in each.funders}
    if asked and not text:
        values |= {"about": asked.about, "contracts": summaries()}
    named = commune_index.find(text, exact=True)[:MAX_COMMUNES] if served.has_contracts and text else []
    return flask_responses.page("search.html", asked=asked, communes=named, **values)


def _unsaid(observations: ObservationReader, query: SearchWords) -> dict[str, list[Hyperlink]]:
    """Return which documents have the words of a query, whatever their synonyms; which lack one, read whole; which are only quoted."""
    found: dict[str, list[Hyperlink]] = {"having": [], "lacking": [], "quoted": []}
    for node in map(NamedNode, observations.reader.instances(CPER + "Document", _MAX_DOCUMENTS)):
        link, said = observations.link(node), _document_words(site().release, node.value.rpartition("/")[2])
        if link:
            found["quoted" if said is None else "having" if said.issuperset(query.words) else "lacking"].append(link)
    return found


@once_per_release(_MAX_DOCUMENTS)
def _document_words(release: Release, document: str) -> frozenset[str] | None:
    """Return the words of the text of a document, None if there is no copy of it."""
    text = release.text(document)
    return None if text is None else frozenset(words(text.decode()))


def _subjects(found: Hits, terms: SearchWords, rows: Rows) -> tuple[list[FoundSubject], int, list[SearchHit]]:
    """Return what was found by subject, of them those of a page, how many there are, and what only developers look for."""
    names = names_here()
    members, others = dict[str, list[str]](), list[str]()
    for iri in found.within_time():
        types = names.reader.types(NamedNode(iri))
        group = class_group(names.main_class(types))
        if site().has_contracts and (group in ("machinery", "data") or _COMMUNE in types):
            others.append(iri)
        else:
            members.setdefault(_subject(names, NamedNode(iri)), []).append(iri)

    def tells(iri: str) -> bool:
        return not _TELLING_CLASSES.isdisjoint(names.reader.types(NamedNode(iri)))

    shown = {
        subject: [subject] * (subject in iris) + [each for each in iris if each != subject and tells(each)][:MAX_ABOUT]
        for subject, iris in islice(members.items(), rows.after, rows.after + rows.size)
    }
    read = (*chain.from_iterable(shown.values()), *others[:MAX_OTHERS])
    hits = {each.iri: each for each in _hits(replace(found, iris=read), terms)}
    subjects = [
        FoundSubject(
            hits.get(subject),
            Hyperlink(names.name(subject), urls.page_link(subject)),
            [*{hit.text or hit.title: hit for each in iris if each != subject for hit in (hits[each],)}.values()],
        )
        for subject, iris in shown.items()
    ]
    return subjects, len(members), [hits[each] for each in others[:MAX_OTHERS]]


def _subject(names: LabelReader, node: NamedNode) -> str:
    """Return what a reader looks for who finds a thing: what a statement or a figure is about, the body of a signature."""
    graph = names.reader
    for _ in range(_MAX_STEPS):
        types = {*graph.types(node)}
        above: Term | None
        if CPER + "Enonce" in types:
            above = next(iter(graph.supported(node)), None) or graph.one(node, PROV + "wasQuotedFrom")
        elif CPER + "Lecture" in types:
            above = next(iter(graph.referring(node, CPER + "lecture", ())), None)
        elif _TERRITORY in types:
            governed = graph.referring(node, CPER + "territoire", ())
            above = next((each for each in governed if not _BODIES.isdisjoint(graph.types(each))), None)
        elif types.isdisjoint(_SUBJECTS):
            properties = (PROV + "agent", CPER + "subdivision", CPER + "contrat")
            above = next((each for name in properties if (each := graph.one(node, name))), None)
        else:
            break
        if not isinstance(above, NamedNode):
            return (
                names.parent_iri(node.value)
                if types.isdisjoint(_SUBJECTS) and names.parent_iri(node.value)
                else node.value
            )
        node = above
    return node.value


def _near(words: SearchWords, deadline: float) -> Hyperlink | None:
    """Return the search for the nearest words that the data have, None if there are none."""
    nearest = site().release.search.nearest_words(words, deadline)
    if not nearest:
        return None
    text = " ".join(nearest.get(word, word) for word in words.words)
    corrected = parse_search(text)
    written: dict[str, str] = {}
    for hit in _hits(site().release.search.find(text, 0, 3, corrected), corrected):
        for piece in filter(None, (hit.title, hit.text)):
            for start, end, word in corrected.found(piece.text):
                written.setdefault(word, piece.text[start:end].lower())
    shown = " ".join(written.get(word, word) for word in corrected.words)
    return Hyperlink(shown, urls.link("/search", q=shown)) if written else None


def _json() -> Response:
    query = urls.single_parameter("q")
    rows, words = requested_rows(parameters.SIZE_OF_SEARCH), with_synonyms(parse_search(query))
    found = site().release.search.find(query, rows.after, rows.size, words)
    pages = {name: _json_address({"q": query} | page) for name, page in rows.others(found.count).items()}
    reader, also = ResourceReader(site().release, flask_responses.lang()), synonyms(words, flask_responses.lang())
    result = {
        "url": _json_address({"q": query} | rows.own_query),
        "total": found.count,
        **({"more": True} if found.more else {}),
        **({"aussi": list(also)} if also else {}),
        **{member: pages[name] for name, member in (("prev", "previous"), ("next", "next")) if name in pages},
        "items": [_as_json(hit, reader) for hit in _hits(found, words)],
    }
    schema = urls.public_url(urls.address(schema_path("Recherche"), {}))
    links = [
        *(Link(address, relation) for relation, address in pages.items()),
        Link(schema, "describedby", SCHEMA_TYPE),
    ]
    return flask_responses.representation(json_bytes(result), JSON, vary=("Accept-Language",), links=link_values(links))


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


def _hits(found: Hits, terms: SearchWords) -> Iterator[SearchHit]:
    """Yield the hits in their order."""
    names = names_here()
    budget = min(_LOOKED, BUDGET // max(len(found.iris), 1))
    for iri in found.within_time():
        name = names.name(iri)
        title = highlight(name, terms) if len(name) <= budget else snippet(name[:budget], terms)
        text, language = _text(iri, terms, name, budget - len(name), named=len(title.marks) >= len(terms.words))
        kind, of = names.class_label(iri), names.parent(iri)
        yield SearchHit(iri, urls.page_link(iri), title, kind, text, language, of)


def _text(iri: str, terms: SearchWords, title: str, budget: int, *, named: bool) -> tuple[Snippet | None, str]:
    """Return the text of a thing that contains most of the words, None if none does, and its language.

    Among equals the reader's language comes first, then French, then the order of the data. If the name on the page
    contains the words (`named`), names in other languages are left out. So many characters as `budget` are read.
    """
    best: tuple[int, int] | None = None
    chosen: tuple[str, str] | None = None
    lang, texts = flask_responses.lang(), list(_literals(iri))
    same = {title, *(value.value for name, value in texts if named and name in LABELS)}
    for name, value in texts:
        if name in NOT_SEARCHED or value.value in same:
            continue
        piece = value.value[: max(budget, 0)]
        budget -= len(piece)
        share = terms.share(piece)
        if not share:
            continue
        language = (lang, "fr", None).index(value.language) if value.language in (lang, "fr", None) else 3
        rank = (-share, language)
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
