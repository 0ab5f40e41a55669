"""The page of a thing: a few rules that order its content for every class of things, most useful first."""

from flask import Response
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.namespaces import CPER, SH, STANDARD_TERMS
from cper_lod.core.sorted_lines import Count
from cper_lod.release.documents import Document, count_mentions, excerpt, mentions
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader, Quote
from cper_lod.release.sources.questions import QUERY_FORMS, in_language
from cper_lod.web.components import embedded_jsonld as embedded
from cper_lod.web.components.dates import fact_date
from cper_lod.web.components.groups import PageSection, page_section
from cper_lod.web.components.linked_datasets import LinkedDataset, linked_datasets
from cper_lod.web.components.view import DocumentView
from cper_lod.web.documents import neighbours, values
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.urls import curl_command
from cper_lod.web.http.values import Row
from cper_lod.web.site import site
from cper_lod.web.thing_pages.kinds import KindPage, kind_page
from cper_lod.web.thing_pages.page import PageSubject

MAX_MENTIONS = 25
"""Mentions of a thing that its page shows; all of them are on separate pages."""
MAX_FIGURES = 12
"""Figures that a page shows in full; the others are rows."""


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


def page(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of a document."""
    content = ThingPage(about)
    parts, sections = neighbours.parts(content.subject)
    found = mentions(site().release, about.iri, MAX_MENTIONS)
    inverses, told = neighbours.inverses(content.subject, found, content.first.referring if content.first else ())
    count = count_mentions(site().release, about.iri) if len(found) == MAX_MENTIONS else Count(len(found), exact=True)
    total, more = content.excerpt.part_count, count.number > len(found) or not count.exact
    folded = content.first is not None and content.first.kind.parts
    crumbs = neighbours.crumbs(content.subject, content.cls)
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
