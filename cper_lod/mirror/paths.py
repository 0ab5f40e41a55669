"""Where an address lies in the folder: by its own path where any file system takes that, else under a digest."""

import hashlib
import re
from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from typing import Final, NamedTuple
from urllib.parse import quote_plus, urlencode

from cper_lod.core.errors import LANGUAGES, Phrase, Problem, table
from cper_lod.core.formats import ALL, CSV_FR, DOCUMENT, HTML, XLSX, Format
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.release.docs import versions
from cper_lod.release.docs.json_schema import Schemas, folder
from cper_lod.release.release import DUMP, Release
from cper_lod.release.storage.class_listing import Class
from cper_lod.web.catalog import views
from cper_lod.web.documents import lists, sitemap
from cper_lod.web.documents.list_query import FORMS, place_of
from cper_lod.web.http.links import LINKSET, LINKSET_JSON
from cper_lod.web.http.urls import place as page_of
from cper_lod.web.site import Site
from cper_lod.web.site_pages import problems, static, status
from cper_lod.web.sparql import editor

ODD: Final = "odd"
"""The folder of what lies under a digest."""
CODED: Final = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
"""What the name of a compressed file ends with, by its coding."""
VARIED: Final = (HTML, XLSX)
"""The forms that have words for a reader: a file for each language, and for each that the address asks for."""
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_~-](?:[A-Za-z0-9._~-]{0,178}[A-Za-z0-9_~-])?", re.ASCII)
_ENDINGS: Final = (*("." + each.suffix for each in (*ALL, CSV_FR)), ".txt", *CODED.values())
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_LONGEST: Final = 900


class Variant(NamedTuple):
    """A page for a reader of a language, who said so in a header, or by the address (`asked`)."""

    language: str
    asked: bool

    @property
    def name(self) -> str:
        """What the name of its file has before the suffix."""
        return f"lang-{self.language}" if self.asked else self.language


VARIANTS: Final = tuple(Variant(language, asked) for asked in (False, True) for language in LANGUAGES)


class Address(NamedTuple):
    """An address, path and query apart and the path decoded; where it lies, without a suffix; and its forms.

    With `suffixed` each form has an address of its own. Without forms it is one file, at that very place.
    """

    path: str
    query: str
    place: str
    forms: tuple[Format, ...] = ()
    suffixed: bool = True


class Representation(NamedTuple):
    """One file to make: how to ask for it, and where it lies."""

    path: str
    query: str
    accept: str
    language: str
    file: str


def plain(path: str) -> bool:
    """Whether a path can be that of files anywhere, with a suffix and beside others.

    >>> plain("doc/contrat/x"), plain("doc/a/../b"), plain("doc/été"), plain("doc/x.ttl/y"), plain("doc/nul")
    (True, False, False, False, False)
    """
    segments = path.split("/")
    return len(path) <= _LONGEST and all(
        _SEGMENT.fullmatch(each) and not each.endswith(_ENDINGS) and not _DEVICES.fullmatch(each) for each in segments
    )


def odd(address: str) -> str:
    """Return the place of an address that cannot be a path: the same in every run."""
    return f"{ODD}/{hashlib.sha256(address.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def representations(address: Address) -> Iterator[Representation]:
    """Yield every file of an address."""
    if not address.forms:
        yield Representation(address.path, address.query, "*/*", "fr", address.place)
    for form in address.forms:
        path = f"{address.path}.{form.suffix}" if address.suffixed else address.path
        if form not in VARIED:
            yield Representation(path, address.query, form.media_type, "fr", f"{address.place}.{form.suffix}")
            continue
        for variant in VARIANTS:
            own = [address.query] if address.query else []
            query = "&".join([*own, f"lang={variant.language}"] if variant.asked else own)
            file = f"{address.place}.{variant.name}.{form.suffix}"
            yield Representation(path, query, form.media_type, variant.language, file)


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
    for number in (
        filter(None, (versions.current_version(site.release), *versions.earlier_versions(site.release))) if ours else ()
    ):
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
    if script := editor.script():
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


ERRORS: Final = "errors"
"""The folder of the error documents."""


def error_documents() -> list[Problem]:
    """Return the errors that rules answer with; each has a status of its own."""
    asked = Phrase("what was asked for", fr="ce qui était demandé")
    return [
        Problem("page-not-found", path=Phrase("at this address", fr="à cette adresse")),
        Problem("method-not-allowed", method=Phrase("This method", fr="Cette méthode"), offers="GET, HEAD, OPTIONS"),
        Problem("not-acceptable", accept=asked, offers=", ".join(each.media_type for each in DOCUMENT)),
        Problem("mirror-static"),
    ]
