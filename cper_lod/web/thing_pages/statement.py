"""The page of a statement: its words, the facts that they support, and its place in the text of its document."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, OA, PROV, SCHEMA
from cper_lod.rdf.graph import Term
from cper_lod.release.plan.observations import CURRENCY, Hyperlink, Quote, unit
from cper_lod.release.plan.passages import statements_of
from cper_lod.web.http import urls
from cper_lod.web.http.values import Value
from cper_lod.web.thing_pages.page import KindPage, PageSubject

MAX_THINGS: Final = 20
"""Things that a statement is about, of which the page tells."""
MAX_VALUES: Final = 8
"""Values of one property that the page shows."""
SHOWN: Final = frozenset(
    {CPER + "atteste", CPER + "citation", OA + "hasBody", PROV + "wasDerivedFrom", SCHEMA + "position"}
)


class SupportedValue(NamedTuple):
    """A property of a thing that the words support, and its values."""

    title: str
    href: str
    values: tuple[Value, ...]


class SupportedThing(NamedTuple):
    """A thing that the words are about, and what they support of it."""

    link: Hyperlink
    kind: str
    facts: tuple[SupportedValue, ...]


class Neighbour(NamedTuple):
    """The statement before or after another one in the text."""

    href: str
    text: str


@dataclass(frozen=True)
class StatementPage:
    """A statement: the facts that it supports, and its place: characters before it, its number, those beside it."""

    things: tuple[SupportedThing, ...]
    document: Hyperlink | None
    position: str
    number: int
    count: int
    before: Neighbour | None
    after: Neighbour | None


def statement_page(subject: PageSubject) -> KindPage:
    """Return the page of a statement."""
    reader, node = subject.reader, subject.node
    document = reader.one(node, PROV + "wasDerivedFrom")
    order = statements_of(subject.release, document.value) if isinstance(document, NamedNode) else ()
    place = next((number for number, each in enumerate(order) if each.iri == node.value), -1)
    attested = reader.all(node, CPER + "atteste")
    content = StatementPage(
        things=tuple(supported(subject, each, attested) for each in reader.all(node, OA + "hasBody")[:MAX_THINGS]),
        document=subject.observations.link(document),
        position=reader.value(node, SCHEMA + "position"),
        number=place + 1,
        count=len(order),
        before=_neighbour(subject, order[place - 1].iri) if place > 0 else None,
        after=_neighbour(subject, order[place + 1].iri) if 0 <= place < len(order) - 1 else None,
    )
    return KindPage("thing_pages/statement.html", content, SHOWN, frozenset({CPER + "enonce"}))


def supported(subject: PageSubject, thing: Term, attested: list[Term]) -> SupportedThing:
    """Return a thing with the properties that words attest, each with its values in the reader's language."""
    reader, view = subject.reader, subject.view
    facts = []
    for name in attested:
        values = reader.all(thing, name.value)
        spoken = [each for each in values if getattr(each, "language", None) in (None, subject.lang)] or values
        currency = reader.value(thing, CURRENCY).rpartition("/")[2]
        shown = tuple(view.value(each, unit=unit(name.value, currency)) for each in spoken[:MAX_VALUES])
        if shown:
            facts.append(SupportedValue(view.name(name.value), view.iri(name.value).href, shown))
    link = subject.observations.link(thing) or Hyperlink("")
    kind = view.names.class_label(thing.value) if isinstance(thing, NamedNode) else ""
    return SupportedThing(link, kind, tuple(facts))


def _neighbour(subject: PageSubject, iri: str) -> Neighbour:
    quote: Quote | None = subject.observations.quote(NamedNode(iri))
    return Neighbour(urls.page_link(iri), quote.text if quote else "")
