"""Data extension: the values of properties of things, with JSON types where they are exact, else as text."""

import re
import time
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.errors import Language, Problem
from cper_lod.core.namespaces import XSD, shorten
from cper_lod.linking.reconciliation.properties import named_term, node, resolve_term
from cper_lod.linking.reconciliation.queries import ExtendQuery, RequestedProperty
from cper_lod.release.graph import MAX_READ, ReleaseGraph
from cper_lod.release.release import Release

TIMEOUT: Final = 5
"""Seconds for one answer."""
MAX_CHARACTERS: Final = 4_000_000
"""Characters of values in one answer."""
_NUMBERS: Final = frozenset(
    XSD + name
    for name in [
        "integer",
        "decimal",
        "int",
        "long",
        "short",
        "nonNegativeInteger",
        "positiveInteger",
        "float",
        "double",
    ]
)
_MAX_EXACT_INTEGER: Final = 2**53
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", re.ASCII)
_TIME: Final = re.compile(_DAY.pattern + r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?", re.ASCII)
_ZONE: Final = re.compile(_TIME.pattern + r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])", re.ASCII)
Value = dict[str, Any]


def extend_values(release: Release, query: ExtendQuery, lang: Language) -> dict[str, Any]:
    """Return the answer to a data extension query; raises `reconciliation-batch`, `reconciliation-timeout`."""
    reader, deadline = ReleaseGraph(release), time.monotonic() + TIMEOUT
    properties = [(requested, resolve_term(release, requested.pid)) for requested in query.properties]
    meta = [
        {"id": requested.pid, "name": named_term(release, reader, iri, lang).name if iri else requested.pid}
        for requested, iri in properties
    ]
    rows: dict[str, dict[str, list[Value]]] = {}
    size = 0
    for thing in query.iris:
        rows[thing], subject = {}, node(thing)
        for requested, iri in properties:
            if time.monotonic() > deadline:
                raise Problem("reconciliation-timeout", limit=TIMEOUT)
            found = _values(reader, subject, iri, requested, lang) if iri and subject else []
            size += sum(len(str(text)) for each in found for text in each.values())
            if size > MAX_CHARACTERS:
                raise Problem("reconciliation-batch", count=size, limit=MAX_CHARACTERS)
            rows[thing][requested.pid] = found
    return {"meta": meta, "rows": rows}


def _values(
    reader: ReleaseGraph, thing: NamedNode, predicate: str, requested: RequestedProperty, lang: Language
) -> list[Value]:
    """Return the values of a property. Of texts in several languages only one language: the requested one, else French."""
    values = reader.all(thing, predicate)
    wanted = requested.lang or lang
    languages = {each.language for each in values if isinstance(each, Literal)}
    others = languages - {None, wanted if wanted in languages else "fr"} if {wanted, "fr"} & languages else set()
    chosen = (each for each in values if not (isinstance(each, Literal) and each.language in others))
    return list(islice(_convert(reader, chosen, wanted), requested.limit or MAX_READ))


def _convert(
    reader: ReleaseGraph, values: Iterable[NamedNode | BlankNode | Literal], lang: Language
) -> Iterable[Value]:
    for each in values:
        if isinstance(each, Literal):
            yield literal(each)
        elif isinstance(each, NamedNode) and reader.is_described(each.value):
            yield {"id": each.value, "name": reader.name(each, lang) or shorten(each.value)}
        elif isinstance(each, NamedNode):
            yield {"str": each.value}  # an external IRI is not an identifier of this service
        elif name := reader.name(each, lang):
            yield {"str": name}


def literal(value: Literal) -> Value:
    """Return a literal as a JSON number if JSON preserves all its digits, as a date with time, else as text.

    >>> literal(Literal("57.3", datatype=NamedNode(XSD + "decimal")))
    {'float': 57.3}
    >>> literal(Literal("57.30000000000000001", datatype=NamedNode(XSD + "decimal")))
    {'str': '57.30000000000000001'}
    """
    text, datatype = value.value, value.datatype.value
    if datatype in _NUMBERS and _NUMBER.fullmatch(text):
        number = Decimal(text)
        if number == number.to_integral_value() and abs(number) <= _MAX_EXACT_INTEGER:
            return {"int": int(number)}
        if Decimal(repr(float(number))) == number:  # JSON numbers are doubles, written with the fewest digits
            return {"float": float(number)}
    if datatype == XSD + "date" and _DAY.fullmatch(text):
        return {"date": f"{text}T00:00:00Z"}  # the protocol has no date without a time
    if datatype == XSD + "dateTime" and _ZONE.fullmatch(text):
        return {"date": text}
    return {"str": text}
