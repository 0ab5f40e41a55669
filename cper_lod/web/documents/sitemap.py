"""For crawlers: /sitemap.xml and its parts, with the pages of all things, and /robots.txt."""

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.formats import Format
from cper_lod.core.namespaces import expand
from cper_lod.release.build.indexes import SITEMAP_PART
from cper_lod.web.documents.class_list import list_address
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("sitemap", __name__)
_LISTED: Final = frozenset(expand("cper:Contrat cper:Subdivision cper:Document cper:Subvention"))
"""The classes whose lists people look for."""
XML: Final = Format("xml", "xml", "application/xml", "XML")
TEXT: Final = Format("text", "txt", "text/plain", "Text")
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NUMBER: Final = re.compile("[1-9][0-9]{0,8}")
_SITE_PAGES: Final = ("/", "/download", "/developers", "/legal", "/accessibility")
"""The pages that every release has."""
_MACHINERY: Final = re.compile(
    "id/(?:code|cube|lieu|question|rapprochement|regle|structure)/"
    "|id/.+/(?:chiffre|contact|decoupage|derive|empreinte|enonce|etape|lien|montant|part|periode|signataire)/"
)
"""Things of a contract that are shown on the page of what they belong to, and what data are made of."""
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
    rows = "".join(f"<sitemap><loc>{escape(base)}/sitemap-{name}.xml</loc></sitemap>\n" for name in names())
    return _xml(f"<sitemapindex {_NAMESPACE}>\n{rows}</sitemapindex>\n")


def names() -> list[str]:
    """Return the names of the parts of the site map."""
    every = range(1, len(site().release.listing.parts) + 1)
    return ["site", *(str(number) for number in every if next(_things(number), None) is not None)]


@blueprint.get("/sitemap-<name>.xml")
def part(name: str) -> Response:
    """One part of the site map: pages in both languages."""
    if name == "site":
        return _urls(_pages())
    iris = _things(int(name)) if _NUMBER.fullmatch(name) else iter(())
    first = next(iris, None)
    if first is None:
        raise Problem("page-not-found", path=request.path[:200])
    return _urls(urls.page_address(iri) for iri in chain([first], iris))


def _things(number: int) -> Iterator[str]:
    """Yield the named things of one part that have a page of their own, in order; none if there is no such part."""
    firsts = site().release.listing.parts
    if number > len(firsts):
        return
    start = site().settings.base_iri + "id/"
    if next(site().release.listing.described(start), None) is None:  # other data may have any IRIs
        start = ""
    contracts = site().has_contracts
    end = firsts[number] if number < len(firsts) else ""
    for iri in islice(site().release.listing.described(start, firsts[number - 1]), SITEMAP_PART):
        if end and iri >= end:
            return
        if "#" not in urls.page_address(iri)[0] and not (contracts and _MACHINERY.search(iri)):
            yield iri


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


def _urls(pages: Iterator[tuple[str, dict[str, str]]]) -> Response:
    base, rows = site().settings.public_url, []
    for path, query in pages:
        # The address without a language is the canonical one: its language is negotiated.
        address = escape(base + urls.with_query(path, query))
        quoted, separator = address.replace('"', "&quot;"), "&amp;" if query else "?"
        versions = {lang: f"{quoted}{separator}lang={lang}" for lang in LANGUAGES} | {"x-default": quoted}
        links = (f'<xhtml:link rel="alternate" hreflang="{name}" href="{to}"/>' for name, to in versions.items())
        rows.append(f"<url><loc>{address}</loc>{''.join(links)}</url>\n")
    return _xml(f'<urlset {_NAMESPACE} xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{"".join(rows)}</urlset>\n')


def _xml(body: str) -> Response:
    return flask_responses.representation((_HEAD + body).encode(), XML)
