"""For crawlers: /sitemap.xml and its parts, with the pages that people look for, and /robots.txt."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request

from cper_lod.core.errors import Problem
from cper_lod.core.formats import Format
from cper_lod.core.namespaces import expand
from cper_lod.release.storage.class_listing import Class
from cper_lod.web.documents.class_list import list_address
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("sitemap", __name__)
_LISTED: Final = expand("cper:Contrat cper:Subdivision cper:Document cper:Subvention")
"""The classes whose lists people look for."""
_NAMED: Final = (*_LISTED, *expand("cper:Avenant cper:Cadre cper:Groupe org:FormalOrganization geo:Feature"))
"""The classes whose things have pages that people look for; other things of a contract are shown on these."""
MAX_THINGS: Final = 10_000
"""Things of a class that are named: some 800 kB."""
XML: Final = Format("xml", "xml", "application/xml", "XML")
TEXT: Final = Format("text", "txt", "text/plain", "Text")
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NUMBER: Final = re.compile("[1-9][0-9]{0,8}")
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
        "/reconcile/",
        "/reconcile?",
    ),
    *("/*?*after=", "/*?*sort=", "/release/*/", "/health", "/ready", "/metrics"),
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
def index() -> Response:
    """The parts of the site map."""
    base = site().settings.public_url
    names = ("site", *(str(number) for number in range(1, len(_classes()) + 1)))
    rows = "".join(f"<sitemap><loc>{escape(base)}/sitemap-{name}.xml</loc></sitemap>\n" for name in names)
    return _xml(f"<sitemapindex {_NAMESPACE}>\n{rows}</sitemapindex>\n")


@blueprint.get("/sitemap-<name>.xml")
def part(name: str) -> Response:
    """One part of the site map: the pages of the site, or those of the things of one class."""
    if name == "site":
        return _urls(_pages())
    classes = _classes()
    if not _NUMBER.fullmatch(name) or int(name) > len(classes):
        raise Problem("page-not-found", path=request.path[:200])
    things = map(urls.page_address, site().release.listing.things(classes[int(name) - 1].iri))
    return _urls(islice((each for each in things if "#" not in each[0]), MAX_THINGS))


def _classes() -> list[Class]:
    """Return the classes whose things are named; of other data than contracts, all."""
    classes = site().release.listing.classes
    return [each for each in classes if each.count and (not site().has_contracts or each.iri in _NAMED)]


def _pages() -> Iterator[tuple[str, dict[str, str]]]:
    yield from ((path, {}) for path in _SITE_PAGES)
    release, has_contracts = site().release, site().has_contracts
    known = {
        "/compare": has_contracts,
        "/commune": True,
        "/signatories": release.listing.called("signataire"),
    }
    yield from ((path, {}) for path, has in known.items() if has_contracts and has)
    lists = (cls for cls in release.listing.classes if not has_contracts or cls.iri in _LISTED)
    yield from (list_address(cls) for cls in lists)


def _urls(pages: Iterable[tuple[str, dict[str, str]]]) -> Response:
    """Return a part; a page is named once, without a language: its own links lead to it in both."""
    addresses = (escape(site().settings.public_url + urls.with_query(path, query)) for path, query in pages)
    rows = "".join(f"<url><loc>{each}</loc></url>\n" for each in addresses)
    return _xml(f"<urlset {_NAMESPACE}>\n{rows}</urlset>\n")


def _xml(body: str) -> Response:
    return flask_responses.representation((_HEAD + body).encode(), XML)
