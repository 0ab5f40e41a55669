"""Pages made when a server process begins: those that nobody sees, and those that visitors will come for."""

import gc
from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from flask import Flask

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.formats import HTML, JSON_LD, TURTLE
from cper_lod.core.namespaces import CPER
from cper_lod.web.http.request import Request
from cper_lod.web.site import Site
from cper_lod.web.site_pages.home import MAX_LINKS

KINDS: Final = 5
"""Of how many classes a thing is shown, the most frequent first."""
CODINGS: Final = ("identity", "br")
"""The codings that are made at once; of what is there uncompressed the others cost little."""


class _NoConnection:
    """What granian would tell of a connection, where there is none."""

    http_version, server, client, scheme, method, path, query_string = "1.1", "localhost:80", "", "http", "GET", "/", ""
    headers: Final[dict[str, str]] = {}


def warm(app: Flask) -> None:
    """Have templates and tables compiled by asking for a page of each kind."""
    site: Site = app.extensions["cper_lod"]
    client, listing = app.test_client(), site.release.listing
    for each in listing.classes[:KINDS]:
        for iri in islice(listing.things(each.iri), 1):
            client.get("/describe.html", query_string={"iri": iri})
    for path in ("/", "/ontology.html", "/shapes.html"):
        client.get(path)


def settle() -> None:
    """Have what is there stay: the collector of garbage need not look through it again and again.

    What stayed before and is not used any more goes: the application of a release that has had its successor.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def expected(site: Site) -> Iterator[Request]:
    """Yield the requests that visitors begin with, and that cost most: the documents of the contracts, the long pages.

    A contract has some hundred parts, and its page a figure and a row for each.
    """
    for path in ("/", "/ontology", "/shapes"):
        yield from _pages(path)
    start = site.settings.base_iri + "id/"
    for iri in islice(site.release.listing.things(CPER + "Contrat"), MAX_LINKS):
        if iri.startswith(start):
            path = "/doc/" + iri.removeprefix(start)
            yield from _pages(path)
            yield from _pages(f"{path}.{HTML.suffix}")
            for form, coding in product((JSON_LD, TURTLE), CODINGS):
                yield _request(f"{path}.{form.suffix}", {"accept-encoding": coding})


def _pages(path: str) -> Iterator[Request]:
    for lang, coding in product(LANGUAGES, CODINGS):
        yield _request(path, {"accept": HTML.media_type, "accept-language": lang, "accept-encoding": coding})


def _request(path: str, headers: dict[str, str]) -> Request:
    return Request("GET", path, "", headers, _NoConnection())
