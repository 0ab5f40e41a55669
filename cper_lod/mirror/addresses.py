"""Every address of a release that can be a file, one after the other, read as they are asked for."""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from typing import Final
from urllib.parse import quote_plus, urlencode

from cper_lod.core.errors import table
from cper_lod.core.formats import DOCUMENT, HTML
from cper_lod.mirror.paths import Address, odd
from cper_lod.release.docs.json_schema import Schemas, folder
from cper_lod.release.release import DUMP, Release
from cper_lod.release.sources import versions
from cper_lod.release.storage.class_listing import Class
from cper_lod.release.storage.sorted_lines import SortedLines
from cper_lod.web.catalog import views
from cper_lod.web.documents import lists, sitemap
from cper_lod.web.documents.list_query import FORMS, place_of
from cper_lod.web.http.links import LINKSET, LINKSET_JSON
from cper_lod.web.http.urls import place as page_of
from cper_lod.web.site import Site
from cper_lod.web.site_pages import problems, static, status
from cper_lod.web.sparql import editor_files

PAGE: Final = (HTML,)
LINKSETS: Final = (LINKSET_JSON, LINKSET)
LINKS: Final = "linkset"
"""The folder of the links of documents."""
LISTS: Final = "list"
"""The folder of the pages of lists that have a query: each under a digest of its address."""


def of_site(site: Site) -> Iterator[Address]:
    """Yield the addresses of a site but for its things and lists: pages, descriptions, errors, and single files."""
    ours = site.release.mode == "contract"
    yield Address("/", "", "index", PAGE, suffixed=False)
    for name in ("legal", "accessibility"):
        yield Address(f"/{name}", "", name, PAGE, suffixed=False)
    for name in ("ontology", "shapes") if ours else ():
        yield Address(f"/{name}", "", name, DOCUMENT)
    for number in filter(None, (versions.current(site.release), *versions.kept(site.release))) if ours else ():
        yield Address(f"/ontology/{number}", "", f"ontology/{number}", DOCUMENT)
    if ours:
        yield Address("/catalog", "", "catalog", views.FORMS)
    yield Address("/void", "", "void", views.VOID_FORMS)
    yield Address("/report", "", "report", status.FORMS)
    for name in ("problem", *(f"problem/{code}" for code in table())):
        yield Address(f"/{name}", "", name, problems.FORMS)
    yield from (Address(path, "", path[1:]) for path in _files(site))


def _files(site: Site) -> Iterator[str]:
    """Yield the paths of what has one form only."""
    release = site.release
    yield from (f"/context/{version}.jsonld" for version in release.contexts)
    yield from (folder(release) + name for name in Schemas(release, site.settings.public_url).names())
    yield from (f"/{name}" for name in sorted(release.manifest["files"]) if name.startswith(f"{DUMP}/"))
    yield from ("/robots.txt", "/sitemap.xml", "/sparql/terms.json")
    yield from (f"/sitemap-{name}.xml" for name in sitemap.names())
    yield from (f"/static/{name}" for name in static.files())
    if script := editor_files.script():
        yield f"/static/editor/{script}"


def of_lists(site: Site) -> Iterator[Address]:
    """Yield the addresses of the lists, each with its pages."""
    yield Address("/doc", "", "doc", FORMS)
    for cls in site.release.listing.classes:
        path, query = place_of(cls)
        yield _list(path, query)
        for after in _cursors(site.release, cls):
            yield _list(path, {**query, "after": after})


def _list(path: str, query: dict[str, str]) -> Address:
    asked = urlencode(query)
    return Address(path, asked, f"{LISTS}/{odd(f'{path}?{asked}')[4:]}" if asked else path[1:], FORMS)


def _cursors(release: Release, cls: Class) -> Iterator[str]:
    """Yield after which things the pages of a list begin, as its links say: nothing for the first where it has two."""
    page = release.listing.page(cls.iri, "", lists.SIZE)
    if page.next is not None:
        yield ""
    while page.next is not None:
        yield page.next
        page = release.listing.page(cls.iri, page.next, lists.SIZE)


def names(site: Site) -> Iterator[str]:
    """Yield what the names of things have after `id/`, of all that the data describe or use, in order."""
    start = f"<{site.settings.base_iri}id/".encode()
    described = _beginnings(site.release.data, start, b" ")
    used = _beginnings(site.release.mentions, start, b"\t")
    for iri, _ in groupby(merge(described, used, key=lambda each: each + ">")):  # the order of the files
        # What has no page of its own under /doc is described for whoever asks by its IRI.
        if page_of(iri)[0].startswith("/doc/"):
            yield iri.removeprefix(site.settings.base_iri + "id/")


def _beginnings(lines: SortedLines, start: bytes, end: bytes) -> Iterator[str]:
    line = next(lines.beginning(start), None)
    while line is not None and line.startswith(start):
        key = line[: line.index(b">" + end) + 2]
        yield key[1:-2].decode()
        line = lines.next_after(key)


def of_thing(site: Site, name: str, *, own: bool) -> Iterator[Address]:
    """Yield the addresses of a thing: its document, and its links; they lie at its `own` path or under a digest."""
    stem = odd(f"/doc/{name}")
    iri = quote_plus(f"{site.settings.base_iri}id/{name}")
    yield Address(f"/doc/{name}", "", f"doc/{name}" if own else stem, DOCUMENT)
    yield Address("/linkset", f"iri={iri}", f"{LINKS}/{name}" if own else f"{LINKS}-{stem}", LINKSETS)
