"""Warm-up of the server: makes a page of each kind, which compiles its template and computes what pages share."""

from itertools import islice, product
from typing import Final
from urllib.parse import quote

from werkzeug.test import Client

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.formats import HTML
from cper_lod.core.namespaces import CPER
from cper_lod.release.plan.contract import MAX_CONTRACTS
from cper_lod.web.http.response_cache import ResponseCache
from cper_lod.web.site import Site
from cper_lod.web.thing_pages.registry import kinds

MAX_THINGS: Final = 2
"""Things of each kind whose pages are made: the first may have little to show, such as a document without a text."""


def warm(application: ResponseCache, site: Site) -> None:
    """Request the pages that visitors begin with, those that take long, and one of each kind, in each language."""
    client, listing = Client(application), site.release.listing
    contracts = islice(listing.things(CPER + "Contrat"), MAX_CONTRACTS)
    of_kinds = (next((each for each in listing.classes if each.iri in kind.classes), None) for kind in kinds().values())
    others = (iri for each in of_kinds if each for iri in islice(listing.things(each.iri), MAX_THINGS))
    paths = ["/", "/compare", "/commune/59350", "/search?q=contrat", "/sparql", "/ontology", "/shapes"]
    paths += [_page(iri, site.settings.base_iri) for iri in (*contracts, *others)]
    paths += [f"/ontology/term/{quote(iri.partition('#')[2])}" for iri in site.documentation.ontology.classes[:1]]
    paths += [f"/shapes/{quote(iri.partition('#')[2])}" for iri in site.documentation.shapes.all[:1]]
    for path, lang in product(paths, LANGUAGES):
        client.get(path, headers={"Accept": HTML.media_type, "Accept-Language": lang})


def _page(iri: str, base: str) -> str:
    """Return the address of the page that visitors ask for about a thing."""
    name = iri.removeprefix(f"{base}id/")
    return f"/describe?iri={quote(iri, safe='')}" if name == iri else f"/doc/{quote(name)}"
