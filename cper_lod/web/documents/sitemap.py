"""For crawlers: /sitemap.xml, with the pages that people look for, and /robots.txt."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request

from cper_lod.core.formats import Format
from cper_lod.core.namespaces import expand
from cper_lod.web.documents.class_list import list_address
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("sitemap", __name__)
_LISTED: Final = expand("cper:Contrat cper:Subdivision cper:Document subv:Subvention")
"""The classes whose lists people look for."""
_NAMED: Final = (*_LISTED, *expand("cper:Avenant cper:Cadre cper:Groupe org:FormalOrganization geo:Feature"))
"""The classes whose things have pages that people look for; other things of a contract are shown on these."""
MAX_PAGES: Final = 20_000
"""Pages that are named: some 1.6 MB."""
XML: Final = Format("xml", "xml", "application/xml", "XML")
TEXT: Final = Format("text", "txt", "text/plain", "Text")
_NAMESPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_SITE_PAGES: Final = ("/", "/download", "/developers", "/legal", "/accessibility")
"""The pages that every release has."""
_DISALLOWED: Final = (
    *(
        "/sparql?query=",
        "/sparql.",
        "/search?q=",
        "/search?lang=",
        "/search.",
        "/commune/",
        "/commune?q=",
        "/describe/",
    ),
    *("/reconcile/", "/reconcile?", "/*?*after=", "/*?*sort=", "/release/*/", "/health", "/ready", "/metrics"),
)
"""Addresses without content for crawlers: queries, parts of other pages, earlier releases, the state of the server."""


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read."""
    prefix = request.script_root
    lines = ["User-agent: *", *(f"Disallow: {prefix}{path}" for path in _DISALLOWED)]
    lines += ["Allow: /", "", f"Sitemap: {site().settings.public_url}/sitemap.xml", ""]
    return flask_responses.representation("\n".join(lines).encode(), TEXT)


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The pages that people look for: those of the site, lists, then things. A page is named once: its links lead to both languages."""
    base = site().settings.public_url
    pages = islice(chain(_pages(), _things()), MAX_PAGES)
    rows = "".join(f"<url><loc>{escape(base + urls.with_query(path, query))}</loc></url>\n" for path, query in pages)
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {_NAMESPACE}>\n{rows}</urlset>\n'
    return flask_responses.representation(body.encode(), XML)


def _pages() -> Iterator[tuple[str, dict[str, str]]]:
    yield from ((path, {}) for path in _SITE_PAGES)
    release, has_contracts = site().release, site().has_contracts
    if has_contracts:
        yield from ((path, {}) for path in ("/compare", "/commune"))
        if release.listing.called("signataire"):
            yield "/signatories", {}
    yield from (list_address(cls) for cls in release.listing.classes if not has_contracts or cls.iri in _LISTED)


def _things() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the addresses of things with pages of their own, those of small classes first; of other data than contracts, of all classes."""
    listing, has_contracts = site().release.listing, site().has_contracts
    classes = [each.iri for each in reversed(listing.classes) if not has_contracts or each.iri in _NAMED]
    # A thing of two classes is named once.
    for iri in dict.fromkeys(islice(chain.from_iterable(map(listing.things, classes)), MAX_PAGES)):
        path, query = urls.page_address(iri)
        if "#" not in path:
            yield path, query
