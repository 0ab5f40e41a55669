"""What our data know of a thing that a dataset could be about: its names, bodies, territories, period."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, LABELS, ORG, PREFIXES, SKOS
from cper_lod.linking.suggestions.topics import FIELDS, Field, Needs
from cper_lod.rdf.graph import Graph

_IGEO: Final = PREFIXES["igeo"]
_GEO: Final = PREFIXES["geo"]
_ZONES: Final = {"Region": "fr:region:", "Departement": "fr:departement:", "Commune": "fr:commune:"}
"""How data.gouv.fr names the zone of an Insee territory."""
_LINKED: Final = (CPER + "Contrat", CPER + "Axe", CPER + "Priorite", ORG + "FormalOrganization", _GEO + "Feature")
"""The classes of things that links start from."""
_OFFERED: Final = 12


@dataclass(frozen=True)
class Subject:
    """What is known of a thing; `topics` are the names of its parts, `bodies` maps SIREN to name."""

    iri: str
    label: dict[str, str]
    names: tuple[str, ...]
    topics: tuple[str, ...]
    bodies: dict[str, str]
    places: tuple[str, ...]
    zones: tuple[str, ...]
    period: tuple[str, str]
    fields: tuple[Field, ...]


def things(graph: Graph) -> list[str]:
    """Return the IRIs of the things that links can start from, contracts first, then in the order of their classes."""
    found: dict[str, int] = {}
    for node in graph.subjects():
        classes = [_LINKED.index(each) for each in graph.types(node) if each in _LINKED]
        if classes and isinstance(node, NamedNode):
            found[node.value] = min(classes)
    return sorted(found, key=lambda iri: (found[iri], iri))


def resolved(graph: Graph, given: str | None) -> str:
    """Return the IRI of the thing that a person names: by IRI, by the end of it, or none for the only contract.

    Raises `link-thing` with what there is, where no thing or more than one is called so.
    """
    known = things(graph)
    contracts = [iri for iri in known if CPER + "Contrat" in graph.types(NamedNode(iri))]
    asked = (given or "").strip().strip("/")
    found = [iri for iri in known if iri == asked or iri.endswith("/" + asked)] if asked else contracts
    if len(found) != 1:
        offers = [iri.removeprefix(BASE + "id/") for iri in (found or known)]
        more = " …" if len(offers) > _OFFERED else ""
        raise Problem("link-thing", name=given or "", offers=", ".join(offers[:_OFFERED]) + more)
    return found[0]


def subject(graph: Graph, iri: str) -> Subject:
    """Return what `graph` knows of a thing."""
    node = NamedNode(iri)
    contract = _first(graph, node, "contrat") or (node if CPER + "Contrat" in graph.types(node) else None)
    territories = _territories(graph, node, contract)
    bodies = _bodies(graph, node, contract, territories)
    sirens = {siren: graph.label(body, "fr") for body in bodies if (siren := graph.value(body, CPER + "siren"))}
    period = graph.one(contract, DCT + "temporal") if contract else None
    span = (
        (graph.value(period, DCAT + "startDate")[:4], graph.value(period, DCAT + "endDate")[:4]) if period else ("", "")
    )
    has: dict[Needs, bool] = {
        "siren": bool(sirens),
        "place": bool(territories),
        "money": bool(contract or sirens),
        "contract": contract is not None,
    }
    return Subject(
        iri=iri,
        label={lang: graph.label(node, lang) for lang in LANGUAGES},
        names=tuple(_names(graph, [node])),
        topics=tuple(_names(graph, _parts(graph, node))),
        bodies=sirens,
        places=tuple(dict.fromkeys(name for each in territories for name in _names(graph, [each]))),
        zones=tuple(zone for each in territories for zone in _zones(graph, each))
        + tuple(f"fr:epci:{each}" for each in sirens),
        period=span,
        fields=tuple(field for field in FIELDS if has[field.needs]),
    )


def _first(graph: Graph, node: NamedNode, name: str) -> NamedNode | None:
    return next((each for each in graph.all(node, CPER + name) if isinstance(each, NamedNode)), None)


def _all(graph: Graph, node: NamedNode, predicate: str) -> list[NamedNode]:
    return [each for each in graph.all(node, predicate) if isinstance(each, NamedNode)]


def _pointing(graph: Graph, predicate: str, targets: Iterable[NamedNode]) -> list[NamedNode]:
    """Return what points to one of `targets`."""
    wanted = set(targets)
    return [
        node
        for node in graph.subjects()
        if isinstance(node, NamedNode) and wanted.intersection(_all(graph, node, predicate))
    ]


def _territories(graph: Graph, node: NamedNode, contract: NamedNode | None) -> list[NamedNode]:
    """Return the territory of a thing, else of its contract, and all that lie in it."""
    own = [node] if _GEO + "Feature" in graph.types(node) else _all(graph, node, CPER + "territoire")
    found = own or (_all(graph, contract, CPER + "territoire") if contract else [])
    found = [each for each in found if _IGEO + "Pays" not in graph.types(each)]
    for each in found:  # it grows: departments of a region, then their communes
        found += [inside for inside in _pointing(graph, _GEO + "sfWithin", [each]) if inside not in found]
    return found


def _bodies(graph: Graph, node: NamedNode, contract: NamedNode | None, territories: list[NamedNode]) -> list[NamedNode]:
    """Return the body itself, the signatories of the contract, or the bodies that govern the territory."""
    if ORG + "FormalOrganization" in graph.types(node):
        return [node]
    if contract:
        signatories = _all(graph, contract, CPER + "signataire")
        return [body for each in signatories for body in _all(graph, each, ORG + "member")]
    return _pointing(graph, CPER + "territoire", territories[:1])


def _parts(graph: Graph, node: NamedNode) -> list[NamedNode]:
    """Return the priorities and axes of a contract, what an axis serves, the schemes a contract agrees with."""
    priorities = _all(graph, node, CPER + "priorite")
    axes = _pointing(graph, CPER + "sert", priorities) if priorities else []
    return [*priorities, *axes, *_all(graph, node, CPER + "sert"), *_all(graph, node, CPER + "coherentAvec")]


def _names(graph: Graph, nodes: Iterable[NamedNode]) -> list[str]:
    """Return the French names of things, each once."""
    texts = [each for node in nodes for name in (*LABELS, SKOS + "altLabel") for each in graph.all(node, name)]
    return list(
        dict.fromkeys(each.value for each in texts if isinstance(each, Literal) and each.language in (None, "fr"))
    )


def _zones(graph: Graph, territory: NamedNode) -> list[str]:
    code = graph.value(territory, _IGEO + "codeINSEE")
    kinds = [each.removeprefix(_IGEO) for each in graph.types(territory)]
    return [_ZONES[kind] + code for kind in kinds if kind in _ZONES and re.fullmatch("[0-9AB]{2,5}", code)]


def join_key(graph: Graph, given: str, things: Iterable[str]) -> str:
    """Return the IRI of the property by which things are joined; raises `link-key` where one of them has no value."""
    prefix, _, name = given.partition(":")
    iri = PREFIXES[prefix] + name if prefix in PREFIXES and name else given
    for thing in things:
        if not graph.all(NamedNode(thing), iri) if "://" in iri else True:
            raise Problem("link-key", key=given, thing=thing)
    return iri
