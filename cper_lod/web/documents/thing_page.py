"""The page of a thing: what people come for first, by a few rules that hold for every kind of thing."""

from dataclasses import replace

from flask import Response
from pyoxigraph import NamedNode, Quad

from cper_lod.core.namespaces import OA, SH, SKOS
from cper_lod.release.documents import Document, count_mentions, excerpt, mentions
from cper_lod.release.sources.questions import FORMS
from cper_lod.release.storage.sorted_lines import Count
from cper_lod.web.components import structured_data as embedded
from cper_lod.web.components.contract import Glance, contract_of
from cper_lod.web.components.dates import as_of
from cper_lod.web.components.figures.contract import Figures, figures_of
from cper_lod.web.components.figures.region_map import map_of
from cper_lod.web.components.observations import Figure, Hyperlink, Observations, Quote, words_of
from cper_lod.web.components.property_groups import HAS_GEOMETRY, Place, place
from cper_lod.web.components.view import Row, View
from cper_lod.web.documents import values
from cper_lod.web.documents.neighbours import Surroundings
from cper_lod.web.http import formatting, responses, urls
from cper_lod.web.http.urls import command
from cper_lod.web.site import site

MENTIONED = 25
"""How many of the quads that mention a thing its page reads; the rest are on pages of their own."""
FIGURES = 12
"""How many figures a page shows in full; the others are rows."""


class ThingPage:
    """What the page of one document shows."""

    def __init__(self, about: Document) -> None:
        self.about = about
        self.node = NamedNode(about.iri)
        self.lang = responses.lang()
        self.excerpt = excerpt(site().release, about)
        # Of what is only mentioned, the excerpt holds but the quads that mention it, not all of their subjects.
        told = self.excerpt if about.described else None
        self.view = View(site().release, self.excerpt.quads, self.lang, told)
        self.reader = self.view.reader
        self.names = self.view.names
        self.observations = Observations(self.reader, self.lang)
        self.title = self.view.name(about.iri)
        self.types = self.reader.types(self.node)
        self.kind = self.names.kind(self.types)
        self.told = self.names.told_kind(about.iri)
        self.own = self.view.section(self.node) if about.described else None
        self.contract: Glance | None = contract_of(self.observations, about.iri)
        self.figure: Figure | None = None if self.contract else self.observations.figure(self.node)
        self.quote: Quote | None = self.observations.quote(self.node, around=True)
        self.quotes = self.observations.quotes(self.node)
        self.figures: list[Figure] = []
        self.rows = self._rows()

    def _rows(self) -> dict[Place, list[Row]]:
        """Return the rows by their place; values that are figures become figures."""
        found: dict[Place, list[Row]] = {}
        for row in self.own.rows if self.own else ():
            where = place(
                row.name,
                contract=self.contract is not None,
                figure=self.figure is not None,
                quote=self.quote is not None,
            )
            told = self._without_figures(row) if where == "fact" else row
            told = told if where == "technical" else self._in_one_language(told)
            if where == "lead":  # some say no more than the title does
                told = replace(told, values=tuple(each for each in told.values if each.text != self.title))
            if told.values:
                found.setdefault(where, []).append(told)
        return found

    def _without_figures(self, row: Row) -> Row:
        """Take the figures out of a row, as long as there is room for them."""
        rest = []
        for term, value in zip(self.reader.all(self.node, row.name), row.values, strict=False):
            figure = self.observations.figure(term) if len(self.figures) < FIGURES else None
            if figure:
                self.figures.append(figure)
            else:
                rest.append(value)
        return replace(row, values=tuple(rest)) if len(rest) < len(row.values) else row

    def _in_one_language(self, row: Row) -> Row:
        """Return a row with the texts of one language where it has several: the reader's, else French, else all."""
        for lang in (self.lang, "fr"):
            if any(value.lang == lang for value in row.values):
                return replace(row, values=tuple(each for each in row.values if each.lang in (lang, "")))
        return row

    def number(self) -> str:
        """Return the number of what is numbered, « Axe 2 »; of words that have no name the end of the IRI.

        The same words may stand in several places.
        """
        notation = self.reader.value(self.node, SKOS + "notation")
        if words_of(self.reader, self.node) and not self.reader.name(self.node, self.lang):
            ends = self.about.iri.rsplit("/", 2)
            return "/".join(ends[-2:]) if self.reader.one(self.node, OA + "exact") else ends[-1]
        return notation if notation.isascii() and notation.isdigit() and len(notation) < 4 else ""

    def kicker(self) -> str:
        """Return what kind of thing it is, where its title does not begin with that."""
        kind = formatting.capital(self.names.name(self.told)) if self.told else ""
        return "" if self.title.startswith(kind) else kind

    def drawn(self) -> Figures | None:
        """Return the drawings of a contract, or the map of a territory that has an outline."""
        if self.contract:
            return figures_of(site().release, self.reader, self.about.iri, self.lang)
        if self.reader.one(self.node, HAS_GEOMETRY) is None:
            return None
        return Figures(map_of(site().release, self.reader, self.about.iri, self.lang), None)

    def words(self) -> str:
        """Return what the page is about in one or two sentences, for those who have not opened it."""
        lead = [value.text for row in self.rows.get("lead", []) for value in row.values]
        said = [self.quote.text] if self.quote else [each.text for each in self.quotes[:1]]
        kind = formatting.capital(self.names.name(self.told)) if self.told else ""
        said = [each for each in said if each not in self.title]
        return formatting.brief(" · ".join(filter(None, [kind, self.title, *lead[:1], *said])))

    def query(self) -> str:
        """Return the query of what is a question, empty for anything else; that of a rule is not to be run alone."""
        if SH + "SPARQLExecutable" not in self.types:
            return ""
        return next((text for form in FORMS if (text := self.reader.value(self.node, SH + form))), "")

    def embedded(self, canonical: str, crumbs: list[Hyperlink]) -> list[str]:
        """Return what the page says to machines: the document where it is all there, and schema.org's view of it."""
        trail = [Hyperlink(each.text, urls.public(each.href)) for each in crumbs]
        shown = embedded.web_page(
            embedded.thing(self.reader, self.node, self.lang), canonical, trail, self.lang, self.title
        )
        own = embedded.own(self.about.iri, self._whole()) if self.excerpt.whole else []
        return [*own, embedded.script(shown)]

    def _whole(self) -> list[Quad]:
        """Return the quads of the document, of which the page shows all but the names of other things."""
        return [*self.excerpt.quads, *self.reader.names_of_others(self.excerpt.quads)]


def show(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of a document."""
    page = ThingPage(about)
    around = Surroundings(page.view, about.iri)
    parts, sections = around.parts()
    found = mentions(site().release, about.iri, MENTIONED)
    inverses, uses = around.inverses(found)
    count = count_mentions(site().release, about.iri) if len(found) == MENTIONED else Count(len(found), exact=True)
    crumbs = around.crumbs(page.kind)
    canonical = urls.public(urls.whole(path, query))
    return responses.page(
        "resource.html",
        about=about,
        page=page,
        drawn=page.drawn(),
        title=page.title,
        kind=page.kicker(),
        kind_href=page.view.iri(page.told).href if page.told else "",
        crumbs=crumbs,
        parts=[each for each in parts if not each.technical],
        machinery=[each for each in parts if each.technical],
        sections=sections,
        inverses=inverses,
        uses=uses,
        all_parts=page.view.count(page.excerpt.parts) if page.excerpt.parts else "",
        all_parts_href=values.parts_address(about.iri),
        all_mentions=page.view.count(count) if count.number > len(found) or not count.exact else "",
        all_mentions_href=values.mentions_address(about.iri),
        day=as_of(page.observations, page.node),
        forms=urls.forms(path, query),
        outside=urls.outside(about.iri),
        curl=command(path, query),
        canonical=canonical,
        description=page.words(),
        structured_data=page.embedded(canonical, crumbs),
    )
