"""The page of a thing: a few rules that order its content for every class of things, most useful first; its neighbours."""

from collections.abc import Collection
from functools import partial
from typing import Any, NamedTuple

from flask import Response
from pyoxigraph import BlankNode, NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.formats import VOCABULARY_FORMATS
from cper_lod.core.namespaces import CPER, MODULES, SH, STANDARD_TERMS, VOCABULARIES
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.documents import Document, excerpt
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.sources.questions import in_language
from cper_lod.release.storage.triples import Count
from cper_lod.web.components.dates import fact_date
from cper_lod.web.components.described import PageSubject
from cper_lod.web.components.groups import PageSection, is_technical_class, page_section
from cper_lod.web.components.labels import MAX_PARENT_STEPS
from cper_lod.web.components.linked_datasets import linked_datasets
from cper_lod.web.components.view import DocumentView
from cper_lod.web.http import flask_responses, templating, urls
from cper_lod.web.http.urls import curl_command
from cper_lod.web.http.values import Row, Section, Value
from cper_lod.web.site import site
from cper_lod.web.thing_pages.registry import kind_page

MAX_MENTIONS = 25
"""Mentions of a thing that its page shows; all of them are on separate pages."""
_ONTOLOGY = "/ontology"
"""Path of the ontology; those of its modules and of all terms lie below it."""


def _vocabulary_path(path: str) -> str:
    """Return the path of the ontology or the module of which a page below /ontology shows something.

    >>> [_vocabulary_path(f"/ontology{each}") for each in ("/term/Montant", "/liens", "/term/liens/cle")]
    ['/ontology', '/ontology/liens', '/ontology/liens']
    """
    parts = path.split("/")
    return next((f"{_ONTOLOGY}/{name}" for name in MODULES if name in (parts[2:3] + parts[3:4])), _ONTOLOGY)


def _rows(
    subject: PageSubject, own: Section, shown: Collection[str], said: Collection[str], *, quote: bool
) -> dict[PageSection, list[Row]]:
    """Return the rows about a thing by page section.

    What the page shows in its own way (`shown`), and standard terms that only repeat our properties, are technical. `quote`
    says whether the thing is a quotation, `said` are texts that the page has already.
    """
    found: dict[PageSection, list[Row]] = {}
    for row in own.rows:
        section = page_section(row.name, quote=quote)
        if row.name in shown or (row.name in STANDARD_TERMS and _repeats(subject, own, row.name)):
            section = "technical"
        if section != "technical":
            row = _in_one_language(row, subject.lang)  # noqa: PLW2901
        if section == "lead":
            row = row._replace(values=tuple(each for each in row.values if each.text not in said))  # noqa: PLW2901
        if row.values:
            found.setdefault(section, []).append(row)
    return found


def _repeats(subject: PageSubject, own: Section, name: str) -> bool:
    """Return whether a standard term only repeats what our own properties say."""
    ours = (row.name for row in own.rows if row.name.startswith(VOCABULARIES))
    said = {value for each in ours for value in subject.reader.all(subject.node, each)}
    return said.issuperset(subject.reader.all(subject.node, name))


def _in_one_language(row: Row, lang: Language) -> Row:
    """Return a row with its texts in one language: the reader's, else French, else all of them."""
    for each in (lang, "fr"):
        if any(value.lang == each for value in row.values):
            return row._replace(values=tuple(value for value in row.values if value.lang in (each, "")))
    return row


def _number(subject: PageSubject) -> str:
    """Return the number of a numbered thing, as in « Axe 2 »; for what has no name, the end of its IRI."""
    return subject.node.value.rpartition("/")[2] if _is_nameless(subject) else subject.number


def _is_nameless(subject: PageSubject) -> bool:
    """Return whether a thing is called after its words, as a statement or a reading is: several may have the same."""
    has_words = subject.one("oa:exact") or CPER + "Lecture" in subject.reader.types(subject.node)
    return bool(has_words) and not subject.reader.name(NamedNode(subject.node.value), subject.lang)


def _query(subject: PageSubject) -> str:
    """Return the query of a competency question, empty for any other thing; the query of a rule cannot be run alone."""
    if SH + "SPARQLExecutable" not in subject.reader.types(subject.node):
        return ""
    return in_language(subject.reader.value(subject.node, SH + "select"), subject.lang)


class PartGroup(NamedTuple):
    """The parts of a thing that are of one class; `technical` if only machines need them."""

    title: str
    values: tuple[Value, ...]
    technical: bool


def _crumbs(subject: PageSubject, kind: str) -> list[Hyperlink]:
    """Return what a thing belongs to, the largest first; else the list of its class."""
    view, own, found = subject.view, subject.node.value, list[Hyperlink]()
    starts, iri = site().release.names.shared_start, own
    for _ in range(MAX_PARENT_STEPS):
        iri = iri.rpartition("/")[0]
        if own.startswith(starts) and not iri.startswith(starts):
            break
        if iri.count("/") > 2 and subject.reader.is_described(iri):
            found.append(Hyperlink(view.name(iri), view.page_link(iri)))
    cls = site().release.listing.of(kind) if kind and not found else None
    if cls and cls.slug:
        found.append(Hyperlink(formatting.capital(view.name(kind)), urls.link(f"/doc/{cls.slug}")))
    return found[::-1]


def _parts(subject: PageSubject) -> tuple[list[PartGroup], list[Section]]:
    """Return the parts of a thing by class; and those without a page of their own: blank nodes and fragments."""
    view, groups, sections = subject.view, dict[str, list[Value]](), list[Section]()
    under = (subject.node.value + "/", subject.node.value + "#")
    nodes = sorted(view.graph.subjects(), key=lambda each: natural_sort_key(each.value))
    for node in nodes:
        if isinstance(node, NamedNode) and node.value.startswith(under):
            if "#" in view.page_link(node.value):
                sections.append(view.section(node))
            else:
                groups.setdefault(view.names.main_class(view.graph.types(node)), []).append(view.value(node))
    sections += [view.section(n) for n in nodes if isinstance(n, BlankNode) and not view.is_shown(n)]
    found = [
        PartGroup(formatting.capital(view.name(kind)) if kind else "", tuple(values), is_technical_class(kind))
        for kind, values in groups.items()
    ]
    return sorted(found, key=lambda each: (len(each.values) > MAX_PARENT_STEPS, each.title)), sections


def _contract(subject: PageSubject, node: NamedNode | BlankNode) -> Value | None:
    """Return the contract of a thing that refers to the page, None if the page is of that contract."""
    contract = subject.reader.one(node, CPER + "contrat")
    if not isinstance(contract, NamedNode) or f"{subject.node.value}/".startswith(f"{contract.value}/"):
        return None
    return subject.view.value(contract)


def page(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of a document."""
    return flask_responses.article_page(_article, about, path, query)


def _article(about: Document, path: str, query: dict[str, str], lang: Language) -> dict[str, Any]:
    """Return the article about a thing, and what the frame of its page is given; the files of a term are those of the ontology."""
    release, node = site().release, NamedNode(about.iri)
    shown = excerpt(release, about)
    # If the thing is only mentioned, the excerpt has those quads, and not all quads of their subjects.
    view = DocumentView(release, shown.quads, lang, shown if about.described else None)
    observations = ObservationReader(view.reader, lang, view.page_link)
    subject = PageSubject(view.reader, node, lang, release, view, observations)
    title, cls = view.name(about.iri), view.names.main_class(view.reader.types(node))
    # What the source calls a subdivision says more than its class.
    word = subject.label("dct:type") if cls == CPER + "Subdivision" else ""
    kind = formatting.capital(word or view.name(cls)) if cls else ""
    own = view.section(node) if about.described else None
    first = kind_page(subject) if about.described else None
    figure, quote, quotes = observations.figure(node), observations.quote(node), observations.quotes(node)
    said = {title, *(each.text for each in quotes if figure)}
    rows = _rows(subject, own, first.kind.shown if first else (), said, quote=quote is not None) if own else {}
    parts, sections = _parts(subject)
    found = release.triples.mentions(about.iri, MAX_MENTIONS)
    count = release.triples.count_mentions(about.iri) if len(found) == MAX_MENTIONS else Count(len(found), exact=True)
    total, more = shown.part_count, count.number > len(found) or not count.exact
    rest = partial(urls.link, "/describe/list", iri=about.iri)
    folded = first is not None and first.kind.parts
    crumbs = _crumbs(subject, cls)
    canonical = urls.public_url(urls.address(path, query))
    lead = [value.text for row in rows.get("lead", ()) for value in row.values]
    words = [each.text for each in ((quote,) if quote else quotes[:1]) if each.text not in title]
    description = formatting.brief(" · ".join(filter(None, [kind, title, *lead[:1], *words])))
    kind, ordinal = "" if title.startswith(kind) else kind, _number(subject)
    above = [each.text for each in crumbs[:1] if each.text != kind]
    page_title = [
        formatting.typeset(title, lang),
        f"{kind} {ordinal}".strip() if kind or _is_nameless(subject) else "",
        *above,
    ]
    if path.startswith(_ONTOLOGY):
        whole = _vocabulary_path(path)
        forms, curl = urls.format_addresses(whole, {}, VOCABULARY_FORMATS), curl_command(whole, {})
    else:
        forms, curl = urls.forms_of_page(path, query), curl_command(path, query)
    article = templating.article(
        "resource.html",
        lang,
        about=about,
        title=title,
        kind=kind,
        kind_href=view.iri(cls).href if cls else "",
        ordinal=ordinal,
        within=crumbs[0].text if crumbs and cls == CPER + "Subdivision" else "",
        first=first,
        own=own,
        lead=rows.get("lead", ()),
        facts=rows.get("fact"),
        notes=rows.get("note"),
        elsewhere=rows.get("elsewhere"),
        figure=figure,
        quote=quote,
        quotes=quotes,
        readings=observations.readings(node),
        sparql=_query(subject),
        datasets=linked_datasets(observations, node),
        divided=cls == CPER + "Subdivision",
        truncated=shown.truncated,
        parts=[each for each in parts if not (each.technical or folded)],
        technical_parts=[each for each in parts if each.technical or folded],
        sections=sections,
        uses=[
            (*view.mention(quad), quad.object != node, _contract(subject, quad.subject))
            for quad in found
            if isinstance(quad.subject, NamedNode | BlankNode) and not quad.subject.value.startswith(f"{about.iri}/")
        ],
        all_parts=Hyperlink(view.count(total), rest(of="parts")) if total else None,
        all_mentions=Hyperlink(view.count(count), rest(of="mentions")) if more else None,
        day=fact_date(observations, node),
        forms=forms,
        outside=urls.external_link(about.iri),
        curl=curl,
    )
    return {
        "article": article,
        "title": title,
        "page_title": " · ".join(filter(None, page_title)),
        "description": description,
        "crumbs": crumbs,
        "forms": forms,
        "curl": curl,
        "canonical": canonical,
    }
