"""Identifiers against names: each SIREN, code and outside IRI is that of the body or territory which has it.

The tables of `core.identifiers` say whose it is. What they do not have (most items of Wikidata, the SIREN of a body that is
no local authority) nothing here can decide.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core import identifiers
from cper_lod.core.identifiers import COMMUNES, INSEE, KINDS, Named, identified, identifiers_like
from cper_lod.core.namespaces import CPER, ORG, OWL, PREFIXES, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.quotations import NAMES, without_qualifier

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

    node: NamedNode
    kind: str
    names: list[str]

    def is_named(self, known: Named) -> bool:
        """Return whether a name is one of this thing."""
        if self.kind not in ("", known.kind):
            return False
        return any(identifiers.is_named(name, known.kind, known.name) for name in self.names)


def check_identifiers(data: PublishedData) -> Iterator[Finding]:
    """Yield a finding for each identifier that another body or territory has, or that is not the known one of this one."""
    for predicate in (_SIREN, _SIRET):
        for node, value in data.pairs(predicate):
            if _BODY in data.graph.types(node):
                thing = _thing(data, node)
                yield from _compare(data, thing, predicate, value, *_with_siren(thing, value.value[:9]))
    for predicate in (_CODE, _NOTATION, *_LINKS):
        for node, value in data.pairs(predicate):
            if predicate != _NOTATION or value.value.startswith(_ISO):
                thing = _thing(data, node)
                prefix = f"{INSEE}{thing.kind}/" if predicate == _CODE else ""
                yield from _compare(data, thing, predicate, value, *_listed(thing, prefix, value.value))


Found = tuple[list[Named], dict[str, Named]]
"""Those that have an identifier, and the identifiers of the same list if there are none."""


def _with_siren(thing: _Thing, siren: str) -> Found:
    holders = [Named(each.kind, each.name) for each in identifiers.with_siren(siren)]
    if holders or not thing.kind:
        return holders, {}
    bodies = (each for name in thing.names for each in identifiers.by_name(name))
    return [], {each.siren: Named(each.kind, each.name) for each in bodies if each.siren}


def _listed(thing: _Thing, prefix: str, value: str) -> Found:
    """Look for a code, or for an IRI; `prefix` makes an IRI of a code."""
    if found := identified(prefix + value):
        return [found], {}
    others = identifiers_like(prefix + value)
    if (prefix + value).startswith(COMMUNES):
        communes = (each for name in thing.names for each in identifiers.by_name(name, "commune"))
        others = {COMMUNES + each.code: Named("commune", each.name) for each in communes}
    return [], {identifier.removeprefix(prefix): each for identifier, each in others.items()}


def _compare(
    data: PublishedData, thing: _Thing, predicate: str, value: Term, holders: list[Named], others: dict[str, Named]
) -> Iterator[Finding]:
    """Yield a finding if the holders of an identifier are others, or if it has none and the thing has another one."""
    named, known = thing.names[:1], [identifier for identifier, each in others.items() if thing.is_named(each)]
    if named and holders and not any(map(thing.is_named, holders)):
        holder = f"{holders[0].name} ({_QUALIFIERS.get(holders[0].kind, holders[0].kind)})"
        yield data.finding("identifier-of", thing.node.value, predicate, value, named=named[0], known=holder)
    elif named and known:
        shown = ", ".join(known[:_MAX_SHOWN])
        yield data.finding("identifier-differs", thing.node.value, predicate, value, named=named[0], known=shown)


def _thing(data: PublishedData, node: NamedNode) -> _Thing:
    """Return a body or territory with its kind and names."""
    texts = (each for predicate in NAMES for each in data.graph.all(node, predicate))
    names = [
        without_qualifier(each.value) for each in texts if isinstance(each, Literal) and each.language in ("fr", None)
    ]
    kinds = [_TERRITORIES[each] for each in data.graph.types(node) if each in _TERRITORIES]
    kinds += [
        kind
        for each in data.graph.all(node, ORG + "classification")
        if isinstance(each, NamedNode) and (kind := each.value.rpartition("/")[2]) in KINDS
    ]
    return _Thing(node, kinds[0] if kinds else "", names)
