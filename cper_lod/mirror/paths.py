"""The addresses of a site and the file of each: under its own path if that is portable, else under a digest."""

import hashlib
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote_plus, urlencode

from pyoxigraph import NamedNode

from cper_lod.core.errors import LANGUAGES, Phrase, Problem, table
from cper_lod.core.formats import ALL, CSV_FR, DOCUMENT_FORMATS, HTML, VOCABULARY_FORMATS, XLSX, Format
from cper_lod.release.docs import versions
from cper_lod.release.release import DUMP, Release
from cper_lod.web.api import schemas
from cper_lod.web.catalog import views
from cper_lod.web.components import citation
from cper_lod.web.documents import contracts, dataset_links, embed, lists, sitemap
from cper_lod.web.documents.class_list import FORMS, list_address
from cper_lod.web.http import static
from cper_lod.web.http.links import LINKSET, LINKSET_JSON
from cper_lod.web.http.plain_json import schema_path
from cper_lod.web.http.urls import page_address as page_of
from cper_lod.web.site import Site
from cper_lod.web.site_pages import problems, status
from cper_lod.web.sparql import editor

DIGEST_FOLDER: Final = "odd"
"""The folder of files named by digest."""
ENCODING_SUFFIXES: Final = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
"""The suffix of compressed files, by content coding."""
LANGUAGE_FORMATS: Final = (HTML, XLSX)
"""Formats with text for readers: one file for each language, and one for each language in the query.

Plain JSON is in French alone: programs get a language asked for in the address from a running server.
"""
LANGUAGE_FILES: Final = tuple(dict.fromkeys((*LANGUAGE_FORMATS, *contracts.LOCALIZED_TABLES, *citation.FORMS)))
"""Those of them, and of the files of contracts, which have one file for each language too."""
_PORTABLE_SEGMENT: Final = re.compile(r"[A-Za-z0-9_~-](?:[A-Za-z0-9._~-]{0,178}[A-Za-z0-9_~-])?", re.ASCII)
_RESERVED_ENDINGS: Final = (*("." + each.suffix for each in (*ALL, CSV_FR)), ".txt", *ENCODING_SUFFIXES.values())
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_MAX_PATH_LENGTH: Final = 900


class Variant(NamedTuple):
    """A page in a language, requested by header, or in the query (`in_query`)."""

    language: str
    in_query: bool

    @property
    def name(self) -> str:
        """The part of its file name before the suffix."""
        return f"lang-{self.language}" if self.in_query else self.language


VARIANTS: Final = tuple(Variant(language, asked) for asked in (False, True) for language in LANGUAGES)


class Address(NamedTuple):
    """An address (query apart, path decoded), its file stem, and its formats.

    With `suffixed` each format has its own address. Without formats it is a single file, named `stem`. The formats of
    `localized` have text for readers.
    """

    path: str
    query: str
    stem: str
    forms: tuple[Format, ...] = ()
    suffixed: bool = True
    localized: tuple[Format, ...] = LANGUAGE_FORMATS


class Representation(NamedTuple):
    """One file to render: how to request it, and its path."""

    path: str
    query: str
    accept: str
    language: str
    file: str


def is_portable(path: str) -> bool:
    """Whether a path works on any file system, with suffixes added.

    >>> is_portable("doc/contrat/x"), is_portable("doc/a/../b"), is_portable("doc/été"), is_portable("doc/x.ttl/y"), is_portable("doc/nul")
    (True, False, False, False, False)
    """
    segments = path.split("/")
    return len(path) <= _MAX_PATH_LENGTH and all(
        _PORTABLE_SEGMENT.fullmatch(each) and not each.endswith(_RESERVED_ENDINGS) and not _DEVICES.fullmatch(each)
        for each in segments
    )


def digest_stem(address: str) -> str:
    """Return the stem of an address that cannot be a path; it is the same in every run."""
    return f"{DIGEST_FOLDER}/{hashlib.sha256(address.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def representations(address: Address) -> Iterator[Representation]:
    """Yield every file of an address."""
    if not address.forms:
        yield Representation(address.path, address.query, "*/*", "fr", address.stem)
    for format_ in address.forms:
        path = f"{address.path}.{format_.suffix}" if address.suffixed else address.path
        if format_ not in address.localized:
            yield Representation(path, address.query, format_.media_type, "fr", f"{address.stem}.{format_.suffix}")
            continue
        for variant in VARIANTS:
            query_parts = [address.query] if address.query else []
            query = "&".join([*query_parts, f"lang={variant.language}"] if variant.in_query else query_parts)
            file = f"{address.stem}.{variant.name}.{format_.suffix}"
            yield Representation(path, query, format_.media_type, variant.language, file)


PAGE_FORMATS: Final = (HTML,)
DOCUMENTATION: Final = r"ontology/(?:[0-9.]+/)?(?:term/[A-Za-z0-9_-]+|properties|codes)|shapes/[A-Za-z0-9_-]+"
"""The pages of the ontology and of the shapes besides their first ones; those with other names need a server."""
LINKSET_FORMATS: Final = (LINKSET_JSON, LINKSET)
LINKSET_FOLDER: Final = "linkset"
"""The folder of the link sets of documents."""
LIST_FOLDER: Final = "list"
"""The folder of list pages with a query, each under a digest of its address."""


def site_addresses(site: Site) -> Iterator[Address]:
    """Yield the addresses except those of things and lists: pages, descriptions, problem types, single files."""
    yield from map(_page, ("/", "/download", "/legal", "/accessibility", "/developers"))
    if site.release.mode == "contract":
        yield from (_own_path(f"/{name}", VOCABULARY_FORMATS) for name in ("ontology", "shapes"))
        yield from _documentation(site)
        yield _own_path("/catalog", views.FORMS)
    yield _own_path("/void", views.VOID_FORMS)
    yield _own_path("/report", status.FORMS)
    for name in ("problem", *(f"problem/{code}" for code in table())):
        yield _own_path(f"/{name}", problems.FORMS)
    for name in contracts.names():
        for kind, forms in (("plan", contracts.TABLE_FORMS), ("cite", contracts.CITE_FORMS)):
            path = f"/{kind}/{name}"
            stem = path[1:] if is_portable(path[1:]) else digest_stem(path)
            yield Address(path, "", stem, forms, localized=LANGUAGE_FILES)
    yield from (_page(path) for path in embed.figure_paths() if is_portable(path[1:]))
    yield from (_own_path(path) for path in embed.image_paths() if is_portable(path[1:]))
    yield from _pages(site.release, dataset_links.CLASS, dataset_links.PATH, {}, dataset_links.FORMS)
    yield from map(_own_path, _files(site))


def _own_path(path: str, forms: tuple[Format, ...] = ()) -> Address:
    """Return an address whose files lie under its own path."""
    return Address(path, "", path[1:], forms)


def _page(path: str) -> Address:
    return Address(path, "", path[1:] or "index", PAGE_FORMATS, suffixed=False)


def _documentation(site: Site) -> Iterator[Address]:
    """Yield the versions of the ontology, and the pages of its classes, of its versions and of the shapes."""
    known, paths = (versions.current_version(site.release), *versions.earlier_versions(site.release)), list[str]()
    for number in filter(None, known):
        yield _own_path(f"/ontology/{number}", VOCABULARY_FORMATS)
        paths += site.documentation.paths(number)
    paths += [*site.documentation.paths(), *site.documentation.shape_paths()]
    yield from (_page(path) for path in paths if re.fullmatch(DOCUMENTATION, path[1:]))


def _files(site: Site) -> Iterator[str]:
    """Yield the paths that have a single format."""
    release = site.release
    yield from (f"/context/{version}.jsonld" for version in release.contexts)
    yield from map(schema_path, schemas.names())
    yield from (f"/{name}" for name in sorted(release.manifest["files"]) if name.startswith(f"{DUMP}/"))
    yield from ("/robots.txt", "/sitemap.xml", "/sparql/terms.json")
    yield from (f"/sitemap-{name}.xml" for name in sitemap.names())
    yield from (f"/static/{name}" for each in static.files() for name in (each, static.hashed_name(each)))
    if script := editor.script():
        yield f"/static/editor/{script}"


def list_addresses(site: Site) -> Iterator[Address]:
    """Yield the addresses of the lists with all their pages."""
    yield _own_path("/doc", FORMS)
    for cls in site.release.listing.classes:
        path, query = list_address(cls)
        yield from _pages(site.release, cls.iri, path, query, FORMS)


def _pages(
    release: Release, cls: str, path: str, query: dict[str, str], forms: tuple[Format, ...]
) -> Iterator[Address]:
    """Yield the addresses of the pages of the list of a class, as its links give them; the first is that of the list."""
    after: str | None = ""
    while after is not None:
        asked = urlencode(query | ({"after": after} if after else {}))
        stem = f"{LIST_FOLDER}/{digest_stem(f'{path}?{asked}')[4:]}" if asked else path[1:]
        yield Address(path, asked, stem, forms)
        after = release.listing.page(cls, after, lists.PAGE_SIZE).next


def thing_names(site: Site) -> Iterator[str]:
    """Yield the part after `id/` of the IRI of every thing that the data describe or use, in order."""
    start = site.settings.base_iri + "id/"
    used = {
        term.value
        for quad in site.release.triples
        for term in (quad.predicate, quad.object, quad.graph_name)
        if isinstance(term, NamedNode) and term.value.startswith(start)
    }
    for iri in sorted(used.union(site.release.listing.described(start))):
        # IRIs without a page under /doc are described only on request (/describe).
        if page_of(iri)[0].startswith("/doc/"):
            yield iri.removeprefix(start)


def thing_addresses(site: Site, name: str, *, portable: bool) -> Iterator[Address]:
    """Yield the addresses of a thing: its document and its link set, under their own path if `portable`."""
    stem = digest_stem(f"/doc/{name}")
    iri = quote_plus(f"{site.settings.base_iri}id/{name}")
    yield Address(f"/doc/{name}", "", f"doc/{name}" if portable else stem, DOCUMENT_FORMATS)
    linkset = f"{LINKSET_FOLDER}/{name}" if portable else f"{LINKSET_FOLDER}-{stem}"
    yield Address("/linkset", f"iri={iri}", linkset, LINKSET_FORMATS)


ERROR_FOLDER: Final = "errors"
"""The folder of the error documents."""


def error_documents() -> list[Problem]:
    """Return the errors that the rules can answer with; each has a different status."""
    requested = Phrase("what was asked for", fr="ce qui était demandé")
    return [
        Problem("page-not-found", path=Phrase("at this address", fr="à cette adresse")),
        Problem(
            "method-not-allowed",
            method=Phrase("of this request", fr="de cette requête"),
            offers=["GET", "HEAD", "OPTIONS"],
        ),
        Problem("not-acceptable", accept=requested, offers=[each.media_type for each in DOCUMENT_FORMATS]),
        Problem("mirror-static"),
    ]
