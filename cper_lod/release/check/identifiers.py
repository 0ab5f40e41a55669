"""Identifiers against names: each SIREN, code and outside IRI is that of the body or territory which has it.

The tables of `core.identifiers` say whose it is. What they do not have (most items of Wikidata, the SIREN of a body that is
no local authority) nothing here can decide.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import identifiers
from cper_lod.core.identifiers import COMMUNES, INSEE, Body, Named, identified, identifiers_like, named
from cper_lod.core.namespaces import CPER, ORG, OWL, PREFIXES, RDF, SKOS
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import DataRule, PublishedData
from cper_lod.release.check.quotations import without_qualifier
from cper_lod.release.check.territories import CODE, STATE, body_kind, territory_kind

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
    for predicate in (_SIREN, _SIRET, CODE, _NOTATION, *_LINKS):
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
            elif thing.kind == STATE and predicate in (_SIREN, _SIRET) and not value.value.startswith("1"):
                yield [data.finding("siren-of-state", node.value, predicate, value)]
            elif holders:
                yield []


def _thing(data: PublishedData, node: NamedNode, predicate: str, value: str) -> _Thing | None:
    """Return the body or territory that has an identifier, None if it has no name or the value is no identifier."""
    is_compared = predicate != _NOTATION or value.startswith(_ISO)
    names = [*map(without_qualifier, data.french_names(node))] if is_compared else []
    kind = territory_kind(data, node) or body_kind(data, node)
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
    prefix = f"{INSEE}{thing.kind}/" if predicate == CODE else ""
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


IDENTIFIER_OF: Final = DataRule("identifier-of", _identifiers)
"""Each identifier is that of the thing which has it."""
