"""The kinds of things: the table `kinds.toml`, and what the templates of most of them are given.

What else these templates show they ask the thing for.
"""

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DEFINITIONS, PREFIXES, expand
from cper_lod.core.units import UNIT, shown_unit
from cper_lod.rdf.graph import Term
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.plan.passages import annotated_text, statements_of, text_of
from cper_lod.release.release import document_name
from cper_lod.web.components.described import PageSubject
from cper_lod.web.components.subsidies import subsidy_section
from cper_lod.web.http import urls
from cper_lod.web.http.values import Value
from cper_lod.web.thing_pages import body, figure, subdivision, vocabulary

Content = dict[str, Any]
_OF_TERRITORY: Final = (CPER + "territoire", PREFIXES["geo"] + "sfWithin")
"""The properties by which things are about a territory, or lie in it."""
MAX_THINGS: Final = 20
"""Things that a statement is about, of which the page tells."""
MAX_VALUES: Final = 8
"""Values of one property that the page shows."""
MAX_RULES: Final = 50
"""Attachment rules of a file that the page shows; the others are in the data."""
_METRIC, _NUMBER = PREFIXES["dqv"] + "isMeasurementOf", PREFIXES["dqv"] + "value"
_CODES: Final = DEFINITIONS + "code/compte/"
_ADDRESSES: Final = ("foaf:page", "dcat:landingPage", "dcat:accessURL", "schema:url", "rdfs:seeAlso")
OUTCOMES: Final = ("lues", "gardees", "refusees", "personnes", "sans-regle", "repetees")
"""What becomes of rows, in the order of the table."""


class Kind(NamedTuple):
    """A row of `kinds.toml`, which says what it holds, with the function that returns what the template is given.

    The function returns None if the data of a thing are not enough for a page of this kind.
    """

    classes: frozenset[str]
    template: str
    content: Callable[[PageSubject], Content | None]
    shown: frozenset[str]
    quotes: bool
    parts: bool


class KindPage(NamedTuple):
    """What a page shows first: of which kind it is, the thing, the content that the template of the kind is given."""

    kind: Kind
    subject: PageSubject
    content: SimpleNamespace


def territory(subject: PageSubject) -> Content:
    """Return by class what says that this is its territory, or lies in it."""
    found, reader = dict[str, list[Hyperlink]](), subject.reader
    node = NamedNode(subject.node.value)
    for each in (it for name in _OF_TERRITORY for it in reader.referring(node, name, ())):
        kind = formatting.capital(subject.view.names.class_label(each.value))
        found.setdefault(kind, []).append(Hyperlink(reader.label(each, subject.lang), urls.page_link(each.value)))
    return {"concerned": sorted(found.items())}


def statement(subject: PageSubject) -> Content:
    """Return the things that a statement supports something of."""
    attested = subject.all("cper:atteste")
    supported = subject.reader.supported(subject.node)[:MAX_THINGS] if isinstance(subject.node, NamedNode) else ()
    return {"things": [_supported(subject, each, attested) for each in supported]}


def _supported(
    subject: PageSubject, thing: Term, attested: list[Term]
) -> tuple[Hyperlink | None, str, list[tuple[Value, list[Value]]]]:
    """Return a thing, its class, and the properties of it that words attest, each with values in the reader's language."""
    reader, view = subject.reader, subject.view
    facts = []
    for name in attested:
        values = reader.all(thing, name.value)
        spoken = [each for each in values if getattr(each, "language", None) in (None, subject.lang)] or values
        measure = shown_unit(name.value, reader.value(thing, UNIT))
        shown = [view.value(each, unit=measure) for each in spoken[:MAX_VALUES]]
        if shown:
            facts.append((view.iri(name.value), shown))
    kind = view.names.class_label(thing.value) if isinstance(thing, NamedNode) else ""
    return subject.observations.link(thing), kind, facts


def document(subject: PageSubject) -> Content | None:
    """Return where a document can be read, its text with what its statements support, and how many are not shown.

    None if there is neither a text nor a statement, or too many statements to order.
    """
    iri = subject.node.value
    statements = statements_of(subject.release, iri)
    if statements is None or not (statements or subject.release.has_text(document_name(iri))):
        return None
    found = [each.value for name in _ADDRESSES for each in subject.all(name) if isinstance(each, NamedNode)]
    annotated = annotated_text(
        ObservationReader(subject.reader, subject.lang), text_of(subject.release, iri), statements
    )
    publisher = subject.label("dct:publisher")
    return {
        "addresses": [each for iri in dict.fromkeys(found) if (each := urls.external_link(iri))],
        "text": annotated.text,
        "notes": annotated.notes,
        "passages": annotated.unplaced,
        "left": annotated.left,
        "length": annotated.length,
        "checked": subject.reader.checked_on(iri) if annotated.length else "",
        "raw": urls.link(f"/text/{document_name(iri)}") if annotated.length else "",
        "kicker": translate("document-kicker", subject.lang, publisher=publisher) if publisher else "",
    }


def subsidy_file(subject: PageSubject) -> Content:
    """Return how many rows of a file there are by what became of them, by reason and by remark, and its subsidies."""
    reader, counts = subject.reader, dict[str, list[tuple[str, str]]]()
    for each in subject.all("dqv:hasQualityMeasurement"):
        metric = reader.one(each, _METRIC) if isinstance(each, NamedNode) else None
        if metric is not None and metric.value.startswith(_CODES):
            row = reader.label(each, subject.lang), reader.value(each, _NUMBER)
            counts.setdefault(metric.value.removeprefix(_CODES), []).append(row)
    for rows in counts.values():
        rows.sort(key=lambda row: (-int(row[1]) if row[1].isdigit() else 0, row[0]))
    tables = "subdivisions", "grantors", "years"
    return {
        "counts": (
            ("subsidies-outcomes", [row for each in OUTCOMES for row in counts.get(each, ())]),
            ("subsidies-reasons", counts.get("motif-de-refus", ())),
            ("subsidies-remarks", counts.get("remarque", ())),
        ),
        "address": urls.external_link(subject.value("schema:contentUrl")),
        "known": subsidy_section(subject.release, subject.observations, subject.node, *tables, rules=MAX_RULES),
    }


_CONTENTS: Final[dict[str, Callable[[PageSubject], Content | None]]] = {
    "figure": figure.content,
    "subdivision": subdivision.content,
    "statement": statement,
    "group": body.group,
    "body": body.content,
    "territory": territory,
    "subsidy_file": subsidy_file,
    "document": document,
    "ontology": vocabulary.ontology,
    "term": vocabulary.term,
}


@cache  # a file of the program
def kinds() -> dict[str, Kind]:
    """Return the kinds by name, in the order in which they are looked for."""
    rows = tomllib.loads((Path(__file__).parent / "kinds.toml").read_text("utf-8"))
    found = {}
    for name, row in rows.items():
        classes, shown = (frozenset(expand(row.get(key, ""))) for key in ("classes", "shown"))
        flags = bool(row.get("quotes")), bool(row.get("parts"))
        found[name] = Kind(classes, row.get("template", name), _CONTENTS[name], shown, *flags)
    return found


def kind_page(subject: PageSubject) -> KindPage | None:
    """Return what the page of a thing shows first, None for a thing of no kind."""
    types = {*subject.reader.types(subject.node)}
    kind = next((each for each in kinds().values() if each.classes & types), None)
    content = kind.content(subject) if kind else None
    if kind is None or content is None:
        return None
    return KindPage(kind, subject, SimpleNamespace(**content))
