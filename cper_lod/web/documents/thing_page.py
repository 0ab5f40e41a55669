"""The page of a thing: a few rules that order its content for every class of things, most useful first; its neighbours."""

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import NamedTuple

from flask import Response
from pyoxigraph import BlankNode, NamedNode, Quad

from cper_lod.core import formatting
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, OA, PREFIXES, PROV, QB, SH, SKOS, STANDARD_TERMS
from cper_lod.core.sorted_lines import Count
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.documents import Document, count_mentions, excerpt, mentions
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader, Quote
from cper_lod.release.sources.questions import QUERY_FORMS, in_language
from cper_lod.web.components import embedded_jsonld as embedded
from cper_lod.web.components.dates import fact_date
from cper_lod.web.components.described import PageSubject
from cper_lod.web.components.groups import PageSection, is_technical_class, page_section
from cper_lod.web.components.labels import MAX_PARENT_STEPS
from cper_lod.web.components.linked_datasets import LinkedDataset, linked_datasets
from cper_lod.web.components.view import DocumentView
from cper_lod.web.documents import values
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.urls import curl_command
from cper_lod.web.http.values import Row, Section, Value
from cper_lod.web.site import site
from cper_lod.web.thing_pages.kinds import KindPage, kind_page

MAX_MENTIONS = 25
"""Mentions of a thing that its page shows; all of them are on separate pages."""
MAX_FIGURES = 12
"""Figures that a page shows in full; the others are rows."""
_HIDDEN_INVERSES = frozenset({CPER + "contrat", SKOS + "hasTopConcept", PROV + "used", DCT + "relation"})
"""Properties whose inverse is not shown: parts refer to their whole, lists to their items, calculations to their inputs.

The whole shows its parts anyway, and a derived value its inputs.
"""
_INVERSE_SENTENCES = {
    PREFIXES["geo"] + "sfWithin": "inverse-within",
    QB + "dataSet": "inverse-data-set",
    CPER + "jeuLie": "inverse-linking",
}
"""Properties whose inverse has a sentence of its own."""


class ThingPage:
    """The content of the page of one document."""

    def __init__(self, about: Document) -> None:
        self.about = about
        self.node = NamedNode(about.iri)
        self.lang = flask_responses.lang()
        self.excerpt = excerpt(site().release, about)
        # If the thing is only mentioned, the excerpt has those quads, and not all quads of their subjects.
        complete = self.excerpt if about.described else None
        self.view = DocumentView(site().release, self.excerpt.quads, self.lang, complete)
        self.reader = self.view.reader
        self.names = self.view.names
        self.observations = ObservationReader(self.reader, self.lang, urls.page_link)
        self.title = self.view.name(about.iri)
        self.number = self._number()
        self.types = self.reader.types(self.node)
        self.cls = self.names.main_class(self.types)
        self.kind = formatting.capital(self.names.name(self.cls)) if self.cls else ""
        self.own = self.view.section(self.node) if about.described else None
        self.subject = PageSubject(self.reader, self.node, self.lang, site().release, self.view, self.observations)
        self.first: KindPage | None = kind_page(self.subject) if about.described else None
        self.figure: Observation | None = self.observations.figure(self.node)
        self.quote: Quote | None = self.observations.quote(self.node)
        self.quotes = self.observations.quotes(self.node)
        self.figures: list[Observation] = []
        self.datasets: list[LinkedDataset] = linked_datasets(self.observations, self.node)
        self.rows = self._rows()

    def _rows(self) -> dict[PageSection, list[Row]]:
        """Return the rows by page section; values that are figures become figures."""
        found: dict[PageSection, list[Row]] = {}
        for full_row in self.own.rows if self.own else ():
            section = page_section(full_row.name, figure=self.figure is not None, quote=self.quote is not None)
            shown = self.first is not None and full_row.name in self.first.kind.shown
            section = "technical" if shown or self._repeats(full_row.name) else section
            row = self._without_figures(full_row) if section == "fact" else full_row
            row = row if section == "technical" else self._in_one_language(row)
            if section == "lead":  # not a text that repeats the title, nor the words that a figure shows
                said = {self.title, *(each.text for each in self.quotes if self.figure)}
                row = row._replace(values=tuple(each for each in row.values if each.text not in said))
            if row.values:
                found.setdefault(section, []).append(row)
        return found

    def _repeats(self, name: str) -> bool:
        """Return whether a standard term only repeats what our own properties say."""
        if name not in STANDARD_TERMS:
            return False
        ours = [row.name for row in (self.own.rows if self.own else ()) if row.name.startswith(CPER)]
        said = {value for each in ours for value in self.reader.all(self.node, each)}
        return said.issuperset(self.reader.all(self.node, name))

    def _without_figures(self, row: Row) -> Row:
        """Return a row without its figures, while the page has room for figures."""
        rest = []
        for term, value in zip(self.reader.all(self.node, row.name), row.values, strict=False):
            figure = self.observations.figure(term) if len(self.figures) < MAX_FIGURES else None
            if figure:
                self.figures.append(figure)
            else:
                rest.append(value)
        return row._replace(values=tuple(rest)) if len(rest) < len(row.values) else row

    def _in_one_language(self, row: Row) -> Row:
        """Return a row with its texts in one language: the reader's, else French, else all of them."""
        for lang in (self.lang, "fr"):
            if any(value.lang == lang for value in row.values):
                return row._replace(values=tuple(each for each in row.values if each.lang in (lang, "")))
        return row

    def _number(self) -> str:
        """Return the number of a numbered thing, as in « Axe 2 »; for a statement without a name, the end of its IRI.

        The same words may be quoted several times.
        """
        if self.reader.one(self.node, CPER + "citation") and not self.reader.name(self.node, self.lang):
            return self.about.iri.rpartition("/")[2]
        return self.reader.number(self.node)

    def class_label(self) -> str:
        """Return the class of the thing, unless its title begins with it."""
        return "" if self.title.startswith(self.kind) else self.kind

    def description(self) -> str:
        """Return one or two sentences that describe the page, for search engines."""
        lead = [value.text for row in self.rows.get("lead", []) for value in row.values]
        quotes = [self.quote.text] if self.quote else [each.text for each in self.quotes[:1]]
        quotes = [each for each in quotes if each not in self.title]
        return formatting.brief(" · ".join(filter(None, [self.kind, self.title, *lead[:1], *quotes])))

    def query(self) -> str:
        """Return the query of a competency question, empty for any other thing; the query of a rule cannot be run alone."""
        if SH + "SPARQLExecutable" not in self.types:
            return ""
        text = next((text for form in QUERY_FORMS if (text := self.reader.value(self.node, SH + form))), "")
        return in_language(text, self.lang)


class PartGroup(NamedTuple):
    """The parts of a thing that are of one class; `technical` if only machines need them."""

    title: str
    values: tuple[Value, ...]
    technical: bool


class IncomingLinks(NamedTuple):
    """The subjects that refer to a thing by one property, each with its contract if it is a membership."""

    title: str
    values: tuple[tuple[Value, Value | None], ...]


def _crumbs(subject: PageSubject, kind: str) -> list[Hyperlink]:
    """Return what a thing belongs to, the largest first; else the list of its class."""
    view, own, found = subject.view, subject.node.value, list[Hyperlink]()
    start, iri = site().settings.base_iri + "id/", own
    for _ in range(MAX_PARENT_STEPS):
        iri = iri.rpartition("/")[0]
        if own.startswith(start) and not iri.startswith(start):
            break
        if iri.count("/") > 2 and subject.reader.is_described(iri):
            found.append(Hyperlink(view.name(iri), urls.page_link(iri)))
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
            if "#" in urls.page_link(node.value):
                sections.append(view.section(node))
            else:
                groups.setdefault(view.names.main_class(view.graph.types(node)), []).append(view.value(node))
    sections += [view.section(n) for n in nodes if isinstance(n, BlankNode) and not view.is_shown(n)]
    found = [
        PartGroup(formatting.capital(view.name(kind)) if kind else "", tuple(values), is_technical_class(kind))
        for kind, values in groups.items()
    ]
    return sorted(found, key=lambda each: (len(each.values) > MAX_PARENT_STEPS, each.title)), sections


def _inverses(
    subject: PageSubject, quads: Iterable[Quad], told: Collection[str]
) -> tuple[list[IncomingLinks], list[IncomingLinks]]:
    """Return what refers to a thing, by property: first by those that the page does not tell in its own way, then by those.

    Left out are subjects that the page already shows as values or as parts of the thing, and standard terms that only
    repeat one of our properties.
    """
    pointing = [quad for quad in quads if quad.object == subject.node]
    shown = {each for values in subject.reader.properties(subject.node).values() for each in values}
    ours = {quad.subject for quad in pointing if quad.predicate.value.startswith(CPER)}
    under = (subject.node.value + "/", subject.node.value + "#")
    found: tuple[list[IncomingLinks], list[IncomingLinks]] = [], []
    ordered = sorted(pointing, key=lambda quad: (quad.predicate.value, str(quad.subject)))
    for name, group in groupby(ordered, key=lambda quad: quad.predicate.value):
        is_technical = page_section(name) == "technical" and name not in (OA + "hasBody", *_INVERSE_SENTENCES)
        if name in _HIDDEN_INVERSES or is_technical:
            continue
        subjects = dict.fromkeys(
            quad.subject
            for quad in group
            if isinstance(quad.subject, NamedNode | BlankNode) and quad.subject not in shown
            if name not in STANDARD_TERMS or quad.subject not in ours
            if not quad.subject.value.startswith(under)
        )
        if subjects:
            title = translate(_sentence(subject, name, subjects), subject.lang, name=subject.view.name(name))
            values = tuple((subject.view.value(each), _contract(subject, each)) for each in subjects)
            found[name in told].append(IncomingLinks(formatting.typeset(title, subject.lang), values))
    return found


def _sentence(subject: PageSubject, name: str, subjects: Iterable[NamedNode | BlankNode]) -> str:
    """Return the key of the sentence that introduces the subjects which use a property."""
    if name == PROV + "wasDerivedFrom":
        computed = all(CPER + "ValeurDerivee" in subject.reader.types(each) for each in subjects)
        return "inverse-computed" if computed else "inverse-derived"
    return _INVERSE_SENTENCES.get(name, "inverse")


def _contract(subject: PageSubject, node: NamedNode | BlankNode) -> Value | None:
    """Return the contract of a signatory, which would mean nothing without it."""
    is_signatory = subject.reader.one(node, PROV + "agent") is not None
    contract = subject.reader.one(node, CPER + "contrat") if is_signatory else None
    return subject.view.value(contract) if isinstance(contract, NamedNode) else None


def page(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of a document."""
    content = ThingPage(about)
    parts, sections = _parts(content.subject)
    found = mentions(site().release, about.iri, MAX_MENTIONS)
    inverses, told = _inverses(content.subject, found, content.first.referring if content.first else ())
    count = count_mentions(site().release, about.iri) if len(found) == MAX_MENTIONS else Count(len(found), exact=True)
    total, more = content.excerpt.part_count, count.number > len(found) or not count.exact
    folded = content.first is not None and content.first.kind.parts
    crumbs = _crumbs(content.subject, content.cls)
    canonical = urls.public_url(urls.address(path, query))
    entity = embedded.schema_org_entity(content.subject)
    return flask_responses.page(
        "resource.html",
        about=about,
        page=content,
        title=content.title,
        kind=content.class_label(),
        kind_href=content.view.iri(content.cls).href if content.cls else "",
        crumbs=crumbs,
        parts=[each for each in parts if not (each.technical or folded)],
        technical_parts=[each for each in parts if each.technical or folded],
        sections=sections,
        inverses=inverses,
        repeated_inverses=told,
        uses=[content.view.mention(quad) for quad in found if quad.object != content.node],
        all_parts=Hyperlink(content.view.count(total), values.parts_url(about.iri)) if total else None,
        all_mentions=Hyperlink(content.view.count(count), values.mentions_url(about.iri)) if more else None,
        day=fact_date(content.observations, content.node),
        forms=urls.forms_of_page(path, query),
        outside=urls.external_link(about.iri),
        curl=curl_command(path, query),
        canonical=canonical,
        description=content.description(),
        embedded_jsonld=[
            embedded.script(embedded.schema_org_page(entity, canonical, crumbs, content.lang, content.title))
        ],
    )
