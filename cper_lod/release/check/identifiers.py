"""Identifiers against names: each SIREN, code and outside IRI is that of the body or territory which has it.

The tables of `core.identifiers` say whose it is. What they do not have (most items of Wikidata, the SIREN of a body that is
no local authority) nothing here can decide.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core import identifiers
from cper_lod.core.identifiers import COMMUNES, INSEE, KINDS, Body, Named, identified, identifiers_like
from cper_lod.core.namespaces import CPER, ORG, OWL, PREFIXES, SKOS
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.quotations import NAMES, without_qualifier
from cper_lod.release.check.rules import Rule

_CODE: Final = PREFIXES["igeo"] + "codeINSEE"
_LINKS: Final = (SKOS + "exactMatch", SKOS + "closeMatch", OWL + "sameAs")
_SIREN: Final = CPER + "siren"
_SIRET: Final = CPER + "siret"
_NOTATION: Final = SKOS + "notation"
_BODY: Final = ORG + "FormalOrganization"
"""What we describe: beneficiaries of subsidies have the names that their files give."""
_TERRITORIES: Final = {
    PREFIXES["igeo"] + "Pays": "pays",
    PREFIXES["igeo"] + "Region": "region",
    PREFIXES["igeo"] + "Departement": "departement",
    PREFIXES["igeo"] + "Commune": "commune",
}
_QUALIFIERS: Final = {"region": "région", "departement": "département", "epci": "EPCI"}
_ISO: Final = "FR-"
"""Before the codes of ISO 3166-2; other notations are no identifiers of the tables."""
_MAX_SHOWN: Final = 3


class _Thing(NamedTuple):
    """A body or a territory: its kind ("" if none of the tables is about it), and its French names, the preferred first."""

    kind: str
    names: list[str]

    def is_named(self, known: Named) -> bool:
        """Return whether a name is one of this thing."""
        if self.kind not in ("", known.kind):
            return False
        return any(identifiers.is_named(name, known.kind, known.name) for name in self.names)


def _identifiers(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each identifier of which a table knows whose it is, or what it should be."""
    for predicate in (_SIREN, _SIRET, _CODE, _NOTATION, *_LINKS):
        for node, value in data.pairs(predicate):
            thing = _thing(data, node, predicate, value.value)
            if thing is None:
                continue
            holders, others = _looked_up(thing, predicate, value.value)
            known = [identifier for identifier, each in others.items() if thing.is_named(each)]
            if holders and not any(map(thing.is_named, holders)):
                holder = f"{holders[0].name} ({_QUALIFIERS.get(holders[0].kind, holders[0].kind)})"
                yield [data.finding("identifier-of", node.value, predicate, value, named=thing.names[0], known=holder)]
            elif known:
                shown = ", ".join(known[:_MAX_SHOWN])
                named = thing.names[0]
                yield [data.finding("identifier-differs", node.value, predicate, value, named=named, known=shown)]
            elif holders:
                yield []


def _thing(data: PublishedData, node: NamedNode, predicate: str, value: str) -> _Thing | None:
    """Return the body or territory that has an identifier, None if it has no name or the value is no identifier."""
    types = data.graph.types(node)
    is_compared = _BODY in types if predicate in (_SIREN, _SIRET) else predicate != _NOTATION or value.startswith(_ISO)
    texts = [each for name in NAMES for each in data.graph.all(node, name)] if is_compared else []
    names = [
        without_qualifier(each.value) for each in texts if isinstance(each, Literal) and each.language in ("fr", None)
    ]
    kinds = [_TERRITORIES[each] for each in types if each in _TERRITORIES]
    codes = (each.value.rpartition("/")[2] for each in data.graph.all(node, ORG + "classification"))
    kinds += [code for code in codes if code in KINDS]
    return _Thing(kinds[0] if kinds else "", names) if names else None


def _looked_up(thing: _Thing, predicate: str, value: str) -> tuple[list[Named], dict[str, Named]]:
    """Return those that have an identifier, or else the identifiers like it with those that have them."""
    if predicate in (_SIREN, _SIRET):
        holders = [Named(each.kind, each.name) for each in identifiers.with_siren(value[:9])]
        # Bodies of other kinds may bear the name of a commune.
        namesakes = _namesakes(thing) if thing.kind and not holders else []
        return holders, {each.siren: Named(each.kind, each.name) for each in namesakes if each.siren}
    prefix = f"{INSEE}{thing.kind}/" if predicate == _CODE else ""
    iri = prefix + value
    if found := identified(iri):
        return [found], {}
    if iri.startswith(COMMUNES):
        others = {COMMUNES + each.code: Named(each.kind, each.name) for each in _namesakes(thing)}
    else:
        others = {**identifiers_like(iri)}
    return [], {identifier.removeprefix(prefix): each for identifier, each in others.items()}


def _namesakes(thing: _Thing) -> list[Body]:
    return [body for name in thing.names for body in identifiers.by_name(name)]


IDENTIFIER_OF: Final = Rule("identifier-of", _identifiers)
"""Each identifier is that of the thing which has it."""
