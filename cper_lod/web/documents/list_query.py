"""A page of a list: which things it has, where the other pages are, and what it is in RDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.formats import CSV, DOCUMENT, SHEETS
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import shorten
from cper_lod.rdf.graph import label as best_label
from cper_lod.rdf.statements import natural
from cper_lod.web.documents import hydra
from cper_lod.release.documents import Document, labels, speaks_of, summaries
from cper_lod.release.storage.class_listing import Class, Page
from cper_lod.release.storage.sorted_lines import Count
from cper_lod.web.http import urls
from cper_lod.web.site import site

FORMS: Final = (*DOCUMENT, CSV, *SHEETS)
"""The forms of a list."""


@dataclass(frozen=True)
class List:
    """One page of the list of a class; `path` and `query` are the address of the list, `size` what a page asks for."""

    of: Class
    path: str
    query: dict[str, str]
    size: dict[str, str]
    page: Page

    def asking(self, after: str | None) -> dict[str, str]:
        """Return the query of the page that begins after a thing, of the whole list where that is None."""
        return {**self.query, **({} if after is None else {**self.size, "after": after})}

    def address(self, after: str | None) -> str:
        """Return the address of that page, in whichever form is asked for."""
        return urls.whole(self.path, self.asking(after))

    @property
    def here(self) -> dict[str, str]:
        """The query of this page."""
        return {**self.query, **self.size, **({"after": self.page.after} if self.page.after else {})}

    @property
    def others(self) -> dict[str, str]:
        """After which thing the other pages begin, by their relation to this one."""
        page = self.page
        known = {"first": "", "prev": page.previous, "next": page.next, "last": page.last}
        return {relation: after for relation, after in known.items() if after is not None}

    @cached_property
    def iris(self) -> list[str]:
        """The things of this page as people count: in the order of the file it would begin 1, 10, 2."""
        return sorted(self.page.iris, key=natural)

    @cached_property
    def document(self) -> Document:
        """The page in RDF."""
        whole, here = (urls.public(self.address(after)) for after in (None, self.page.after))
        relations = {"previous" if name == "prev" else name: after for name, after in self.others.items()}
        views = {name: urls.public(self.address(after)) for name, after in relations.items()}
        quads = [
            *hydra.collection(whole, titles(self.of.iri), site().release.listing.count(self.of.iri), self.of.iri),
            *hydra.view(whole, here, views),
            *hydra.members(whole, self.page.iris),
            *summaries(site().release, self.page.iris),
        ]
        return Document(whole, True, lambda: quads)


def titles(iri: str) -> dict[str, str]:
    """Return what the list of a class is called, by language."""
    return {lang: translate("list-title", lang, name=name_of(iri, lang)) for lang in LANGUAGES}


def name_of(iri: str, lang: Language) -> str:
    """Return what a class is called."""
    return best_label(labels(site().release, iri), lang) or shorten(iri)


def place_of(cls: Class) -> tuple[str, dict[str, str]]:
    """Return path and query of the list of a class: its slug, unless a thing has that very address."""
    listing, base = site().release.listing, site().settings.base_iri
    if cls.slug and listing.called(cls.slug) is cls and not speaks_of(site().release, f"{base}id/{cls.slug}"):
        return f"/doc/{cls.slug}", {}
    return "/doc", {"class": cls.iri}


def of_classes(classes: Sequence[tuple[Class, str]]) -> Document:
    """Return the list of the lists, in RDF."""
    iri = urls.public(urls.whole("/doc", {}))
    lists = [urls.public(address) for _, address in classes]
    names: dict[str, str] = {lang: translate("classes", lang) for lang in LANGUAGES}
    quads = hydra.collection(iri, names, Count(len(classes), exact=True)) + hydra.members(iri, lists)
    for (cls, _), address in zip(classes, lists, strict=True):
        quads += hydra.collection(address, titles(cls.iri), Count(cls.count, exact=True), cls.iri)
    return Document(iri, True, lambda: quads)
