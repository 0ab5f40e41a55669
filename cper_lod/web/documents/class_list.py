"""One page of the list of a class: its things, the addresses of the other pages, and its description in RDF."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.formats import CSV, DOCUMENT_FORMATS, SPREADSHEET_FORMATS
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCT, HYDRA, RDF, shorten
from cper_lod.core.sorted_lines import Count
from cper_lod.rdf.graph import label as best_label
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.documents import Document, has_document, labels, summaries
from cper_lod.release.storage.class_listing import Class, Page
from cper_lod.web.http import urls
from cper_lod.web.site import site

FORMS: Final = (*DOCUMENT_FORMATS, CSV, *SPREADSHEET_FORMATS)
"""The formats of a list."""


@dataclass(frozen=True)
class ListPage:
    """One page of the list of a class.

    `path` and `query` are the address of the list, `size` is the query of a page size other than the default, `sort` that
    of an order other than by address.
    """

    cls: Class
    path: str
    query: dict[str, str]
    size: dict[str, str]
    page: Page
    sort: dict[str, str] = field(default_factory=dict)

    def query_after(self, after: str | None) -> dict[str, str]:
        """Return the query of the page that starts after a thing (empty: the first), of the whole list for None."""
        if after is None:
            return self.query
        return {**self.query, **self.size, **self.sort, **({"after": after} if after else {})}

    def address(self, after: str | None) -> str:
        """Return the address of that page, without a suffix."""
        return urls.address(self.path, self.query_after(after))

    @property
    def own_query(self) -> dict[str, str]:
        """The query of this page."""
        return self.query_after(self.page.after)

    @property
    def other_pages(self) -> dict[str, str]:
        """The things after which the other pages start, by their relation to this page."""
        page = self.page
        known = {"first": "", "prev": page.previous, "next": page.next, "last": page.last}
        return {relation: after for relation, after in known.items() if after is not None}

    def _view(self, after: str) -> str:
        """Return the IRI of a page as a view of the list: that of the first is not that of the list."""
        return urls.public_url(urls.address(self.path, {**self.query, **self.size, **self.sort, "after": after}))

    @cached_property
    def iris(self) -> list[str]:
        """The things of this page in their order, by default the natural one; the order of the file would be 1, 10, 2."""
        return [*self.page.iris] if self.sort else sorted(self.page.iris, key=natural_sort_key)

    @cached_property
    def document(self) -> Document:
        """The page in RDF."""
        whole, here = urls.public_url(self.address(None)), self._view(self.page.after)
        relations = {"previous" if name == "prev" else name: after for name, after in self.other_pages.items()}
        views = {name: self._view(after) for name, after in relations.items()}
        cls = self.cls.iri
        quads = [
            *_collection(whole, list_titles(cls), site().release.listing.count(cls), cls),
            *_view(whole, here, views),
            *_members(whole, self.page.iris),
            *summaries(site().release, self.page.iris),
        ]
        return Document(whole, True, lambda: quads)


def list_titles(iri: str) -> dict[str, str]:
    """Return the title of the list of a class, by language."""
    return {lang: translate("list-title", lang, name=class_label(iri, lang)) for lang in LANGUAGES}


def class_label(iri: str, lang: Language) -> str:
    """Return the label of a class, else its prefixed name."""
    return best_label(labels(site().release, iri), lang) or shorten(iri)


def list_address(cls: Class) -> tuple[str, dict[str, str]]:
    """Return path and query of the list of a class: its slug, unless a thing has the same address."""
    listing, base = site().release.listing, site().settings.base_iri
    if cls.slug and listing.called(cls.slug) is cls and not has_document(site().release, f"{base}id/{cls.slug}"):
        return f"/doc/{cls.slug}", {}
    return "/doc", {"class": cls.iri}


def class_index(classes: Sequence[tuple[Class, str]]) -> Document:
    """Return the list of all lists, each class with the address of its list, in RDF."""
    iri = urls.public_url(urls.address("/doc", {}))
    lists = [urls.public_url(address) for _, address in classes]
    names: dict[str, str] = {lang: translate("classes", lang) for lang in LANGUAGES}
    quads = _collection(iri, names, Count(len(classes), exact=True)) + _members(iri, lists)
    for (cls, _), address in zip(classes, lists, strict=True):
        quads += _collection(address, list_titles(cls.iri), Count(cls.count, exact=True), cls.iri)
    return Document(iri, True, lambda: quads)


def _quad(subject: str, predicate: str, object_: str | Literal) -> Quad:
    value = object_ if isinstance(object_, Literal) else NamedNode(object_)
    return Quad(NamedNode(subject), NamedNode(predicate), value, DefaultGraph())


def _collection(iri: str, titles: dict[str, str], count: Count, cls: str = "") -> list[Quad]:
    """Return the description of a list: its titles by language, its number of members if known, their class.

    Source: Hydra Core Vocabulary, sections 5.4 (collections) and 5.5 (member assertions).
    """
    quads = [_quad(iri, RDF + "type", HYDRA + "Collection")]
    quads += [_quad(iri, DCT + "title", Literal(text, language=lang)) for lang, text in sorted(titles.items())]
    if count.exact:
        quads.append(_quad(iri, HYDRA + "totalItems", Literal(count.number)))
    if cls:
        assertion = iri + "#assertion"
        quads += [
            _quad(iri, HYDRA + "memberAssertion", assertion),
            _quad(assertion, HYDRA + "property", RDF + "type"),
            _quad(assertion, HYDRA + "object", cls),
        ]
    return quads


def _members(iri: str, things: Iterable[str]) -> list[Quad]:
    """Return the members of a list."""
    return [_quad(iri, HYDRA + "member", thing) for thing in things]


def _view(iri: str, here: str, others: dict[str, str]) -> list[Quad]:
    """Return a page as a view of a list, with the addresses of the `first`, `next`, `previous` and `last` page."""
    quads = [
        _quad(iri, HYDRA + "view", here),
        _quad(here, RDF + "type", HYDRA + "PartialCollectionView"),
    ]
    return quads + [_quad(here, HYDRA + name, address) for name, address in sorted(others.items())]
