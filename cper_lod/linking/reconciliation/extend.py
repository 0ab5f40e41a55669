"""Values of properties of things, as reconciliation clients take them: exact, or else as text."""

import re
import time
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.errors import Language, Problem
from cper_lod.core.namespaces import XSD, shorten
from cper_lod.linking.reconciliation.properties import named, node, resolved
from cper_lod.linking.reconciliation.queries import Extension, Wanted
from cper_lod.release.reader import LIMIT, Reader
from cper_lod.release.release import Release

TIME: Final = 5
"""Seconds that an answer takes at most;"""
CHARACTERS: Final = 4_000_000
"""and characters of values in it at most."""
_NUMBERS: Final = frozenset(
    XSD + name
    for name in (
        "integer",
        "decimal",
        "int",
        "long",
        "short",
        "nonNegativeInteger",
        "positiveInteger",
        "float",
        "double",
    )
)
_EXACT: Final = 2**53
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", re.ASCII)
_TIME: Final = re.compile(_DAY.pattern + r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?", re.ASCII)
_ZONE: Final = re.compile(_TIME.pattern + r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])", re.ASCII)
Value = dict[str, Any]


def values(release: Release, asked: Extension, lang: Language) -> dict[str, Any]:
    """Return the answer to a data extension query; raises `reconciliation-batch`, `reconciliation-timeout`."""
    reader, deadline = Reader(release), time.monotonic() + TIME
    properties = [(wanted, resolved(release, wanted.pid)) for wanted in asked.properties]
    meta = [
        {"id": wanted.pid, "name": named(release, reader, iri, lang).name if iri else wanted.pid}
        for wanted, iri in properties
    ]
    rows: dict[str, dict[str, list[Value]]] = {}
    size = 0
    for thing in asked.iris:
        rows[thing], subject = {}, node(thing)
        for wanted, iri in properties:
            if time.monotonic() > deadline:
                raise Problem("reconciliation-timeout", limit=TIME)
            found = _values(reader, subject, iri, wanted, lang) if iri and subject else []
            size += sum(len(str(text)) for each in found for text in each.values())
            if size > CHARACTERS:
                raise Problem("reconciliation-batch", count=size, limit=CHARACTERS)
            rows[thing][wanted.pid] = found
    return {"meta": meta, "rows": rows}


def _values(reader: Reader, thing: NamedNode, predicate: str, wanted: Wanted, lang: Language) -> list[Value]:
    """Return the values of a property; of texts in several languages, those in the reader's, French, any."""
    held = reader.all(thing, predicate)
    spoken = {each.language for each in held if isinstance(each, Literal) and each.language}
    heard = next((each for each in (wanted.lang or lang, "fr") if each in spoken), None)
    told = (each for each in held if not (heard and isinstance(each, Literal) and each.language not in (None, heard)))
    return list(islice(_made(reader, told, wanted.lang or lang), wanted.limit or LIMIT))


def _made(reader: Reader, held: Iterable[NamedNode | BlankNode | Literal], lang: Language) -> Iterable[Value]:
    for each in held:
        if isinstance(each, Literal):
            yield literal(each)
        elif isinstance(each, NamedNode) and reader.described(each.value):
            yield {"id": each.value, "name": reader.name(each, lang) or shorten(each.value)}
        elif isinstance(each, NamedNode):
            yield {"str": each.value}  # another's thing: no identifier of this service
        elif name := reader.name(each, lang):
            yield {"str": name}


def literal(value: Literal) -> Value:
    """Return a literal: a number where JSON keeps every digit of it, a date with its time, else its text.

    >>> literal(Literal("57.3", datatype=NamedNode(XSD + "decimal")))
    {'float': 57.3}
    >>> literal(Literal("57.30000000000000001", datatype=NamedNode(XSD + "decimal")))
    {'str': '57.30000000000000001'}
    """
    text, datatype = value.value, value.datatype.value
    if datatype in _NUMBERS and _NUMBER.fullmatch(text):
        number = Decimal(text)
        if number == number.to_integral_value() and abs(number) <= _EXACT:
            return {"int": int(number)}
        if Decimal(repr(float(number))) == number:  # JSON is read as a double, and written with as few digits
            return {"float": float(number)}
    if datatype == XSD + "date" and _DAY.fullmatch(text):
        return {"date": f"{text}T00:00:00Z"}  # the protocol knows no day without a time
    if datatype == XSD + "dateTime" and _ZONE.fullmatch(text):
        return {"date": text}
    return {"str": text}
