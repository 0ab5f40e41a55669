"""Pages that nobody sees: made once when a server process begins, so that the first visitor does not wait."""

import gc
from typing import Final

from flask import Flask

from cper_lod.web.app import Site

KINDS: Final = 5
"""Of how many classes a thing is shown, the most frequent first."""


def warm(app: Flask) -> None:
    """Have templates and tables compiled by asking for a page of each kind.

    What is there by then stays: the collector of garbage need not look through it again and again.
    """
    site: Site = app.extensions["cper_lod"]
    client, listing = app.test_client(), site.release.listing
    for each in listing.classes[:KINDS]:
        for iri in listing.page(each.iri, "", 1).iris:
            client.get("/describe.html", query_string={"iri": iri})
    for path in ("/", "/ontology.html", "/shapes.html"):
        client.get(path)
    gc.collect()
    gc.freeze()
