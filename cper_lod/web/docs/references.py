"""References of the documentation to terms, shapes and resources: kept with a release, and linked when a page is made."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.namespaces import shorten
from cper_lod.rdf.graph import Graph, Term
from cper_lod.release.release import Release
from cper_lod.web.components.view import DocumentView
from cper_lod.web.http import urls
from cper_lod.web.http.values import Value, escaped
from cper_lod.web.site import site

RESERVED_IDS: Final = frozenset({"content", "search-box", "diagram-title", "diagram-desc", "diagram-head", "versions"})
"""Ids of elements of the pages, which no term and no shape can have."""


_QUOTED: Final = re.compile("(?<=« )[^»]*(?= »)|(?<=“)[^”]*(?=”)")


def typeset(text: str, lang: Language) -> str:
    """Return a text of the ontology or of the shapes as we set ours; what it quotes stays as it is.

    >>> typeset("l'axe : « l'avenir »", "fr").replace(chr(160), "~")
    "l’axe~: «~l'avenir~»"
    """
    quoted = iter(_QUOTED.findall(text))
    return re.sub("\0", lambda _: next(quoted, ""), formatting.typeset(_QUOTED.sub("\0", text), lang))


@dataclass(frozen=True)
class NamedLink:
    """A name and where it leads: to a page here (path without prefix, and query), else to the web (`outside`).

    `code` is the prefixed name where it differs from the text. Templates write it as a link, which is made with the page:
    it keeps the language and the prefix of the request.
    """

    text: str
    code: str = ""
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    outside: str = ""

    @property
    def href(self) -> str:
        """The link to the page in this request, "" if there is none."""
        return urls.link(self.path, **self.query) if self.path else ""

    @property
    def _code(self) -> str:
        return f" <code>{escaped(self.code)}</code>" if self.code else ""

    def __html__(self) -> str:
        """Return the name with its link, as HTML (the protocol of MarkupSafe)."""
        if self.path:
            return f'<a href="{escaped(self.href)}">{escaped(self.text)}</a>'
        return self.elsewhere.__html__() if self.outside else escaped(self.text)

    @property
    def named(self) -> Markup:
        """The same with the prefixed name."""
        return Markup(self.__html__() + self._code)  # noqa: S704 (both are escaped)

    @property
    def elsewhere(self) -> Markup:
        """The link to the web, with an arrow; the same as `named` if there is none."""
        if not self.outside:
            return self.named
        arrow = '<span class="arrow" aria-hidden="true"> ↗</span>'
        start = f'<a class="outside" href="{escaped(self.outside)}" rel="external">'
        return Markup(f"{start}{escaped(self.text)}{self._code}{arrow}</a>")  # noqa: S704 (all parts are escaped)


@dataclass(frozen=True)
class LocalizedText:
    """A text and its language; templates mark it if it is not that of the page (`foreign`)."""

    text: str
    lang: str
    foreign: bool = False

    def __html__(self) -> str:
        """Return the text as HTML (the protocol of MarkupSafe)."""
        if not self.foreign:
            return escaped(self.text)
        mark = f' lang="{escaped(self.lang)}"' if self.lang else ""
        return f'<span{mark} dir="auto">{escaped(self.text)}</span>'


class LinkReader:
    """Makes named links in one language; each IRI is looked up once."""

    def __init__(self, release: Release, lang: Language) -> None:
        self.lang = lang
        self.view = DocumentView(release, (), lang)
        self._known: dict[str, NamedLink] = {}

    def __call__(self, iri: str) -> NamedLink:
        """Return the link to what an IRI names."""
        shapes = site().documentation.shapes
        if iri in shapes.all:
            label = typeset(shapes.graph.label(NamedNode(iri), self.lang), self.lang)
            return NamedLink(label, shorten(iri), urls.page_address(iri)[0])
        if iri not in self._known:
            value, short = self.view.iri(iri), shorten(iri)
            path, query = urls.page_address(iri) if value.href else ("", {})
            text = value.text if short == value.text else typeset(value.text, self.lang)
            self._known[iri] = NamedLink(text, "" if short in (iri, text) else short, path, query, value.outside)
        return self._known[iri]

    def named(self, iri: str, text: str, path: str) -> NamedLink:
        """Return the link to an IRI with another name and another page."""
        return replace(self(iri), text=typeset(text, self.lang), path=path, query={}, outside="")

    def all(self, iris: Iterable[str]) -> list[NamedLink]:
        """Return the links to some IRIs."""
        return [self(iri) for iri in iris]

    def value(self, term: Term) -> NamedLink | Value:
        """Return how a value is shown."""
        return self(term.value) if isinstance(term, NamedNode) else self.view.value(term)

    def texts(self, graph: Graph, iri: str, *predicates: str) -> list[LocalizedText]:
        """Return the texts of properties in the reader's language; without one, in every language."""
        found = [
            LocalizedText(typeset(each.value, self.lang), each.language or "", each.language != self.lang)
            for name in predicates
            for each in graph.all(NamedNode(iri), name)
            if isinstance(each, Literal)
        ]
        return [each for each in found if each.lang == self.lang] or sorted(found, key=lambda each: each.lang)


def fragment(iri: str) -> str:
    """Return what follows the `#` of an IRI, as the id of an element; "" if the pages need it themselves."""
    name = iri.partition("#")[2]
    return "" if name in RESERVED_IDS else name
