"""Warm-up of the server: fills the response cache with the pages that visitors want, which also compiles their templates."""

import gc
from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from werkzeug.test import Client

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.formats import HTML, JSON, JSON_LD, TURTLE
from cper_lod.core.namespaces import CPER
from cper_lod.release.plan.contract import MAX_CONTRACTS
from cper_lod.web.http.response_cache import ResponseCache
from cper_lod.web.http.templating import environment
from cper_lod.web.site import Site

MAX_CLASSES: Final = 5
"""Classes of which a thing is rendered, the most frequent first."""
CODINGS: Final = ("identity", "br")
"""The codings made in advance; the others cost little once the uncompressed response exists."""

HOME_PAGE: Final = ("base.html", "cite.html", "figures.html", "frame.html", "home.html", "macros.html", "plan.html")
"""The templates of the home page."""


def compile_home_page() -> None:
    """Compile the templates of the page that is asked for first: this takes ten times as long as making the page."""
    for name in HOME_PAGE:
        environment(LANGUAGES[0]).get_template(name)


def warm(application: ResponseCache, site: Site) -> None:
    """Request the likely pages until half of the cache is full, then a page of each kind."""
    client = Client(application)
    for path, headers in likely_requests(site):
        if application.size * 2 > application.limit:
            break
        client.get(path, headers=headers)
    listing = site.release.listing
    for each in listing.classes[:MAX_CLASSES]:
        for iri in islice(listing.things(each.iri), 1):
            client.get("/describe.html", query_string={"iri": iri})
    for start, iris in (
        ("/ontology/term/", site.documentation.ontology.classes),
        ("/shapes/", site.documentation.shapes.all),
    ):
        for iri in iris[:1]:
            client.get(start + iri.partition("#")[2])


def freeze_heap() -> None:
    """Exempt all present objects from garbage collection, after a collection of those that were exempt before.

    So the collector does not traverse a release again and again, and the application of an earlier release is freed.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def likely_requests(site: Site) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the path and the headers of the requests that visitors begin with and that cost most.

    They are the documents of the contracts, and long pages: a contract has some hundred parts; its page has a figure and
    a row for each.
    """
    for path in ("/", "/sparql", "/ontology", "/shapes"):
        yield from _pages(path)
    start = site.settings.base_iri + "id/"
    for iri in islice(site.release.listing.things(CPER + "Contrat"), MAX_CONTRACTS):
        if iri.startswith(start):
            path = "/doc/" + iri.removeprefix(start)
            yield from _pages(path)
            yield from _pages(f"{path}.{HTML.suffix}")
            for form, coding in product((JSON, JSON_LD, TURTLE), CODINGS):
                yield f"{path}.{form.suffix}", {"Accept-Encoding": coding}


def _pages(path: str) -> Iterator[tuple[str, dict[str, str]]]:
    for lang, coding in product(LANGUAGES, CODINGS):
        yield path, {"Accept": HTML.media_type, "Accept-Language": lang, "Accept-Encoding": coding}
