"""The page of a document from which statements are taken: its passages in the order of the text, each with its facts."""

from collections.abc import Callable
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER, DCAT, DCT, FOAF, PROV, RDFS, SCHEMA
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.plan.passages import Passage, passages_of, statements_of
from cper_lod.release.release import Release, once_per_release
from cper_lod.web.http import urls
from cper_lod.web.http.values import Value
from cper_lod.web.thing_pages.page import KindPage, PageSubject

MAX_STATEMENTS: Final = 200
"""Statements that the page shows, the first ones of the text; all of them are among the mentions of the document."""
ADDRESSES: Final = (FOAF + "page", DCAT + "landingPage", DCAT + "accessURL", SCHEMA + "url", RDFS + "seeAlso")
SHOWN: Final = frozenset(
    {DCT + name for name in ("title", "issued", "publisher")}
    | {SCHEMA + "locationCreated", CPER + "enonce", *ADDRESSES}
)


class DocumentPage(NamedTuple):
    """A document: its own title, who published it, where and when, where it can be read, and its passages.

    The addresses of the passages are IRIs, of which `link_to` returns the page. `left` is the number of statements that
    the page does not show.
    """

    title: Value | None
    day: str
    publisher: Hyperlink | None
    place: Hyperlink | None
    addresses: tuple[str, ...]
    passages: tuple[Passage, ...]
    left: int
    link_to: Callable[[str], str] = urls.page_link


@once_per_release(32)
def _passages(release: Release, document: str, lang: Language) -> tuple[Passage, ...]:
    """Return the passages of a document as they are in every request."""
    statements = [each.iri for each in statements_of(release, document)[:MAX_STATEMENTS]]
    return passages_of(ObservationReader(ReleaseGraph(release), lang), statements)


def document_page(subject: PageSubject) -> KindPage | None:
    """Return the page of a document, None if no statement is taken from it, or too many to order."""
    reader, observations, node = subject.reader, subject.observations, subject.node
    order = statements_of(subject.release, node.value)
    if not order:
        return None
    title = reader.one(node, DCT + "title")
    found = [each.value for name in ADDRESSES for each in reader.all(node, name) if isinstance(each, NamedNode)]
    content = DocumentPage(
        title=subject.view.value(title) if title is not None else None,
        day=reader.value(node, DCT + "issued"),
        publisher=observations.link(reader.one(node, DCT + "publisher")),
        place=observations.link(reader.one(node, SCHEMA + "locationCreated")),
        addresses=tuple(each for iri in dict.fromkeys(found) if (each := urls.external_link(iri))),
        passages=_passages(subject.release, node.value, subject.lang),
        left=max(len(order) - MAX_STATEMENTS, 0),
    )
    return KindPage(
        "thing_pages/document.html", content, SHOWN, frozenset({PROV + "wasDerivedFrom"}), quotes=True, parts=True
    )
