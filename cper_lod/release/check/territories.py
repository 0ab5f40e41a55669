"""Territories: what is around them, and their outlines, against each other and against the tables.

Of a region, a department or a commune of France, the tables of `core.identifiers` say where it lies, and how its outline runs.
"""

from collections.abc import Iterator
from typing import Final

from cper_lod.core.identifiers import KINDS, Body, by_code, by_name
from cper_lod.core.identifiers.outlines import outline, rings_of
from cper_lod.core.namespaces import ORG, PREFIXES
from cper_lod.rdf.graph import Term
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import DataRule, PublishedData

CODE: Final = PREFIXES["igeo"] + "codeINSEE"
STATE: Final = "etat"
TERRITORIES: Final = {
    PREFIXES["igeo"] + "Pays": "pays",
    PREFIXES["igeo"] + "Region": "region",
    PREFIXES["igeo"] + "Departement": "departement",
    PREFIXES["igeo"] + "Commune": "commune",
}
"""The kinds of territories, from the highest level to the lowest."""
_LEVELS: Final = ["", *TERRITORIES.values()]
_WITHIN, _OUTLINE, _WKT = (PREFIXES["geo"] + name for name in ("sfWithin", "hasGeometry", "asWKT"))


def territory_kind(data: PublishedData, territory: Term) -> str:
    """Return the kind of a territory, "" if it is none or has none."""
    return next((TERRITORIES[each] for each in data.graph.types(territory) if each in TERRITORIES), "")


def body_kind(data: PublishedData, body: Term) -> str:
    """Return the kind of a body that is the State or a local authority, "" for any other."""
    codes = (each.value.rpartition("/")[2] for each in data.graph.all(body, ORG + "classification"))
    return next((code for code in codes if code in (*KINDS, STATE)), "")


def known_territory(data: PublishedData, territory: Term) -> Body | None:
    """Return what the table says of a region, department or commune, by its Insee code, or else by its name."""
    kind, code = territory_kind(data, territory), data.graph.value(territory, CODE)
    if kind not in KINDS:
        return None
    if code:
        return by_code(kind, code)
    found = {body for name in data.french_names(territory) for body in by_name(name, kind)}
    return found.pop() if len(found) == 1 else None


def _levels(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each territory in another: that one is not of a higher level, or it lies in another one."""
    for node, around in data.pairs(_WITHIN):
        inner, outer = (_LEVELS.index(territory_kind(data, each)) for each in (node, around))
        known, known_around = known_territory(data, node), known_territory(data, around)
        right = around != node and (inner > outer or not (inner and outer))
        if right and known and known_around:
            right = known_around.code in (known.regions if known_around.kind == "region" else known.departments)
        yield [] if right else [data.finding("within-differs", node.value, _WITHIN, around)]


def _outlines(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each outline: it is not that of its territory in the tables."""
    for node, drawn in data.pairs(_OUTLINE):
        known, found = known_territory(data, node), list[Finding]()
        rings = [ring for text in data.graph.all(drawn, _WKT) for ring in rings_of(text.value)]
        if known and rings and (expected := outline(known)) and (apart := expected.point_apart(rings)):
            place = "{:.3f} {:.3f}".format(*apart)
            found.append(data.finding("outline-differs", node.value, _OUTLINE, drawn, named=known.name, place=place))
        yield found


TERRITORY_RULES: Final = (
    DataRule("within-differs", _levels),
    DataRule("outline-differs", _outlines),
)
