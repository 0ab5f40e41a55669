"""Bodies and territories: identifiers, names, kinds, places and outlines, against each other and against the tables.

The tables of `core.identifiers` say whose a SIREN, a code and an outside IRI is, where a region, a department or a commune lies,
and how its outline runs. What they do not have (most items of Wikidata, the SIREN of a body that is no local authority)
nothing here can decide.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core import identifiers
from cper_lod.core.check_digits import is_siret, luhn
from cper_lod.core.identifiers import (
    COMMUNES,
    INSEE,
    KINDS,
    TERRITORIES,
    Body,
    Named,
    by_code,
    by_name,
    identified,
    identifiers_like,
    named,
)
from cper_lod.core.identifiers.outlines import outline, rings_of
from cper_lod.core.namespaces import CPER, DEFINITIONS, ORG, OWL, PREFIXES, RDF, SKOS
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Term
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import DataRule, PublishedData
from cper_lod.release.check.quotations import without_qualifier

_CODE: Final = PREFIXES["igeo"] + "codeINSEE"
_STATE: Final = "etat"
_TERRITORIES: Final = {PREFIXES["igeo"] + "Pays": "pays", **TERRITORIES}
"""The kinds of territories, from the highest level to the lowest."""
_LEVELS: Final = ["", *_TERRITORIES.values()]
_WITHIN, _OUTLINE, _WKT = (PREFIXES["geo"] + name for name in ("sfWithin", "hasGeometry", "asWKT"))


def _territory_kind(data: PublishedData, territory: Term) -> str:
    """Return the kind of a territory, "" if it is none or has none."""
    return next((_TERRITORIES[each] for each in data.graph.types(territory) if each in _TERRITORIES), "")


def _body_kind(data: PublishedData, body: Term) -> str:
    """Return the kind of a body that is the State or a local authority, "" for any other."""
    codes = (each.value.rpartition("/")[2] for each in data.graph.all(body, ORG + "classification"))
    return next((code for code in codes if code in (*KINDS, _STATE)), "")


def _known_territory(data: PublishedData, territory: Term) -> Body | None:
    """Return what the table says of a region, department or commune, by its Insee code, or else by its name."""
    kind, code = _territory_kind(data, territory), data.graph.value(territory, _CODE)
    if kind not in KINDS:
        return None
    if code:
        return by_code(kind, code)
    found = {body for name in data.french_names(territory) for body in by_name(name, kind)}
    return found.pop() if len(found) == 1 else None


def _levels(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each territory in another: that one is not of a higher level, or it lies in another one."""
    for node, around in data.pairs(_WITHIN):
        inner, outer = (_LEVELS.index(_territory_kind(data, each)) for each in (node, around))
        known, known_around = _known_territory(data, node), _known_territory(data, around)
        right = around != node and (inner > outer or not (inner and outer))
        if right and known and known_around:
            right = known_around.code in (known.regions if known_around.kind == "region" else known.departments)
        yield [] if right else [data.finding("within-differs", node.value, _WITHIN, around)]


def _outlines(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each outline: it is not that of its territory in the tables."""
    for node, drawn in data.pairs(_OUTLINE):
        known, found = _known_territory(data, node), list[Finding]()
        rings = [ring for text in data.graph.all(drawn, _WKT) for ring in rings_of(text.value)]
        if known and rings and (expected := outline(known)) and (apart := expected.point_apart(rings)):
            place = "{:.3f} {:.3f}".format(*apart)
            found.append(data.finding("outline-differs", node.value, _OUTLINE, drawn, named=known.name, place=place))
        yield found


_LINKS: Final = (SKOS + "exactMatch", SKOS + "closeMatch", OWL + "sameAs")
_SIREN: Final = CPER + "siren"
_SIRET: Final = CPER + "siret"
_NOTATION: Final = SKOS + "notation"
_BODY: Final = ORG + "FormalOrganization"
"""What we describe: beneficiaries of subsidies have the names that their files give."""
_QUALIFIERS: Final = {"region": "région", "departement": "département", "epci": "EPCI"}
_ISO: Final = "FR-"
"""Before the codes of ISO 3166-2; other notations are no identifiers of the tables."""
_MAX_LEVELS: Final = 4
"""Territories around each other that are looked at: department, region, country."""
_MAX_SHOWN: Final = 3


class _Thing(NamedTuple):
    """A body or a territory: its kind ("" if none of the tables is about it), and its French names, the preferred first."""

    kind: str
    names: list[str]
    regions: set[str]
    """The codes of those around an intercommunality or a commune, which may share its name with others."""

    def is_named(self, known: Named) -> bool:
        """Return whether a name is one of this thing, and that of something where it lies."""
        if self.kind not in ("", known.kind) or (
            known.regions and self.regions and not self.regions & {*known.regions}
        ):
            return False
        return any(identifiers.is_named(name, known.kind, known.name) for name in self.names)


def _identifiers(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each identifier of which a table knows whose it is, or what it should be."""
    bodies = {*data.subjects(RDF + "type", _BODY)}
    for predicate in (_SIREN, _SIRET, _CODE, _NOTATION, *_LINKS):
        for node, value in data.pairs(predicate):
            if predicate in (_SIREN, _SIRET) and node not in bodies:
                continue
            thing = _thing(data, node, predicate, value.value)
            if thing is None:
                continue
            holders, others = _looked_up(thing, predicate, value.value)
            known = [identifier for identifier, each in others.items() if thing.is_named(each)]
            if holders and not any(map(thing.is_named, holders)):
                kind = _QUALIFIERS.get(holders[0].kind, holders[0].kind)
                holder = f"{holders[0].name} ({', '.join((kind, *holders[0].departments))})"
                yield [data.finding("identifier-of", node.value, predicate, value, named=thing.names[0], known=holder)]
            elif known:
                shown = ", ".join(known[:_MAX_SHOWN])
                named = thing.names[0]
                yield [data.finding("identifier-differs", node.value, predicate, value, named=named, known=shown)]
            elif thing.kind == _STATE and predicate in (_SIREN, _SIRET) and not value.value.startswith("1"):
                yield [data.finding("siren-of-state", node.value, predicate, value)]
            elif holders:
                yield []


def _thing(data: PublishedData, node: NamedNode, predicate: str, value: str) -> _Thing | None:
    """Return the body or territory that has an identifier, None if it has no name or the value is no identifier."""
    is_compared = predicate != _NOTATION or value.startswith(_ISO)
    names = [*map(without_qualifier, data.french_names(node))] if is_compared else []
    kind = _territory_kind(data, node) or _body_kind(data, node)
    return _Thing(kind, names, _regions(data, node) if kind in ("epci", "commune") else set()) if names else None


def _regions(data: PublishedData, node: NamedNode) -> set[str]:
    """Return the codes of the regions in which a territory lies, or that of a body, by their names."""
    around, found = [node, *data.graph.all(node, CPER + "territoire")], set[str]()
    for _ in range(_MAX_LEVELS):
        around = [each for inner in around for each in data.graph.all(inner, PREFIXES["geo"] + "sfWithin")]
        places = (name for each in around for name in data.french_names(each, SKOS + "prefLabel"))
        names = [*map(without_qualifier, places)]
        for iri, region in identifiers_like(f"{INSEE}region/").items():
            if any(identifiers.is_named(name, "region", region.name) for name in names):
                found.add(iri.rpartition("/")[2])
    return found


def _looked_up(thing: _Thing, predicate: str, value: str) -> tuple[list[Named], dict[str, Named]]:
    """Return those that have an identifier, or else the identifiers like it with those that have them."""
    if predicate in (_SIREN, _SIRET):
        holders = [*map(named, identifiers.with_siren(value[:9]))]
        # Bodies of other kinds may bear the name of a commune.
        namesakes = _namesakes(thing) if thing.kind and not holders else []
        return holders, {each.siren: named(each) for each in namesakes if each.siren}
    prefix = f"{INSEE}{thing.kind}/" if predicate == _CODE else ""
    iri = prefix + value
    if found := identified(iri):
        return [found], {}
    if iri.startswith(COMMUNES):
        others = {COMMUNES + each.code: named(each) for each in _namesakes(thing)}
    else:
        others = {**identifiers_like(iri)}
    return [], {identifier.removeprefix(prefix): each for identifier, each in others.items()}


def _namesakes(thing: _Thing) -> list[Body]:
    return [body for name in thing.names for body in identifiers.by_name(name)]


_SIREN_OR_SIRET: Final = re.compile('"([0-9]{9}|[0-9]{14})"')
_KIND: Final = ORG + "classification"


def _check_digits(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each SIREN and SIRET: its check digit is wrong."""
    for subject, predicate, rest in data.triples_with(f"> <{CPER}sire"):
        if match := _SIREN_OR_SIRET.match(rest):
            right = (luhn if len(match[1]) == 9 else is_siret)(match[1])
            number = Literal(match[1])
            yield [] if right else [data.finding("check-digit", subject[1:-1], predicate[1:-1], number)]


def _territories(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each body and contract with a territory: its name is not that of its territory.

    The name of a body has that of its territory, or the reverse. A contract whose name has that of a region is of this one.
    """
    for node, territory in data.pairs(CPER + "territoire"):
        types, place = data.graph.types(node), _names(data, territory)
        if CPER + "Contrat" in types:
            words = _padded(" / ".join(map(folded, data.french_names(node))))
            regions = (_padded(folded(each.name)) for each in identifiers_like(f"{INSEE}region/").values())
            stated = [each for each in regions if each in words]
            right = not stated or any(_padded(each) in stated for each in place)
        elif any(each.startswith(PREFIXES["org"]) for each in types):
            is_compared = _territory_kind(data, territory) != "pays" or _body_kind(data, node) in KINDS
            own = _names(data, node) if is_compared else []
            right = not (own and place) or any(one in other or other in one for one in own for other in place)
        else:
            continue
        predicate, named = CPER + "territoire", " / ".join(place)
        yield [] if right else [data.finding("territory-differs", node.value, predicate, territory, named=named)]


def _kinds(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each body: its name is that of another kind."""
    kinds = {*data.concepts(f"{DEFINITIONS}code/type-d-organisme")}
    for node in data.subjects(_KIND):
        words = _padded(" / ".join(_names(data, node)))
        named = {kind for kind in kinds if any(_padded(folded(each)) in words for each in data.french_names(kind))}
        others = [kind for kind in data.graph.all(node, _KIND) if named and kind not in named]
        yield [data.finding("kind-differs", node.value, _KIND, kind, named=words.strip()) for kind in others]


def _names(data: PublishedData, node: Term) -> list[str]:
    """Return the preferred French names of a thing, folded."""
    return [folded(without_qualifier(each)) for each in data.french_names(node, SKOS + "prefLabel")]


def _padded(text: str) -> str:
    """Return the words of a text between spaces, so that a word is found whole."""
    return " ".join(["", *re.findall(r"\w+", text), ""])


ACTOR_RULES: Final = (
    DataRule("check-digit", _check_digits),
    DataRule("territory-differs", _territories),
    DataRule("kind-differs", _kinds),
    DataRule("within-differs", _levels),
    DataRule("outline-differs", _outlines),
    DataRule("identifier-of", _identifiers),
)
