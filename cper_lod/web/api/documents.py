"""The documents in plain JSON as bytes: of a thing, of a page of a list, of the list of classes."""

import json
from dataclasses import replace
from typing import Final

from cper_lod.core.errors import Language
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.release import Release
from cper_lod.release.storage.class_listing import Page
from cper_lod.web.api.resources import Json, ResourceReader

MAX_NODES: Final = 20_000
"""Nodes that are read for one page of a list: with larger things it has fewer of them.

A page of the usual size, 100, reaches it with 200 nodes a thing, which no contract has.
"""


def json_bytes(document: Json) -> bytes:
    """Return a document as JSON without blanks: a contract takes half of what it takes indented."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def thing_document(release: Release, iri: str, lang: Language) -> bytes:
    """Return the document about an IRI."""
    return json_bytes(ResourceReader(release, lang).document(iri))


def things_of_page(release: Release, page: Page, lang: Language, *, in_order: bool = False) -> tuple[list[Json], Page]:
    """Return the things of a page of a list, each as in its own document, and the page without those that are too many.

    They are in natural order, or `in_order` of the page.

    The page ends after the thing with which MAX_NODES nodes were read; the next page starts after it.
    """
    reader = ResourceReader(release, lang)
    items: list[Json] = []
    for iri in page.iris:
        items.append(reader.document(iri))
        if reader.nodes_read > MAX_NODES:
            break
    if len(items) < len(page.iris):
        page = replace(page, iris=page.iris[: len(items)], next=page.iris[len(items) - 1])
    return items if in_order else sorted(items, key=lambda each: natural_sort_key(each["id"])), page
