"""A statement: its words, the facts that they support, and its place in the text of its document."""

from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.rdf.graph import Term
from cper_lod.release.plan.observations import CURRENCY, Hyperlink, unit
from cper_lod.release.plan.passages import statements_of
from cper_lod.web.components.described import PageSubject
from cper_lod.web.http import urls
from cper_lod.web.http.values import Value

MAX_THINGS: Final = 20
"""Things that a statement is about, of which the page tells."""
MAX_VALUES: Final = 8
"""Values of one property that the page shows."""


def content(subject: PageSubject) -> dict[str, Any]:
    """Return the things that a statement supports something of, its number in its document, and the statements beside it."""
    document = subject.one("prov:wasDerivedFrom")
    order = statements_of(subject.release, document.value) if isinstance(document, NamedNode) else ()
    place = next((number for number, each in enumerate(order) if each.iri == subject.node.value), -1)
    attested = subject.all("cper:atteste")
    return {
        "things": [_supported(subject, each, attested) for each in subject.all("oa:hasBody")[:MAX_THINGS]],
        "number": place + 1,
        "count": len(order),
        "before": _neighbour(subject, order[place - 1].iri) if place > 0 else None,
        "after": _neighbour(subject, order[place + 1].iri) if 0 <= place < len(order) - 1 else None,
    }


def _supported(
    subject: PageSubject, thing: Term, attested: list[Term]
) -> tuple[Hyperlink | None, str, list[tuple[Value, list[Value]]]]:
    """Return a thing, its class, and the properties of it that words attest, each with values in the reader's language."""
    reader, view = subject.reader, subject.view
    facts = []
    for name in attested:
        values = reader.all(thing, name.value)
        spoken = [each for each in values if getattr(each, "language", None) in (None, subject.lang)] or values
        currency = reader.value(thing, CURRENCY).rpartition("/")[2]
        shown = [view.value(each, unit=unit(name.value, currency)) for each in spoken[:MAX_VALUES]]
        if shown:
            facts.append((view.iri(name.value), shown))
    kind = view.names.class_label(thing.value) if isinstance(thing, NamedNode) else ""
    return subject.observations.link(thing), kind, facts


def _neighbour(subject: PageSubject, iri: str) -> tuple[str, str]:
    """Return the address and the words of a statement."""
    quote = subject.observations.quote(NamedNode(iri))
    return urls.page_link(iri), quote.text if quote else ""
