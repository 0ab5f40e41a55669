"""What the data say about a thing that datasets could be about: names, bodies, territories, period."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, LABELS, ORG, PREFIXES, SKOS
from cper_lod.linking.decisions.store import LinkTarget
from cper_lod.linking.suggestions.topics import TOPICS, Requirement, Topic
from cper_lod.rdf.graph import Graph

_IGEO: Final = PREFIXES["igeo"]
_GEO: Final = PREFIXES["geo"]
_ZONES: Final = {"Region": "fr:region:", "Departement": "fr:departement:", "Commune": "fr:commune:"}
"""The prefix of the zones of data.gouv.fr for each class of territory."""
_LINKABLE_CLASSES: Final = (
    CPER + "Contrat",
    CPER + "Subdivision",
    ORG + "FormalOrganization",
    _GEO + "Feature",
)
"""The classes whose instances can be linked."""
_MAX_OFFERED: Final = 12


@dataclass(frozen=True)
class Subject:
    """What is known about a thing; `part_names` are the names of its parts, `bodies` maps SIREN to name."""

    iri: str
    label: dict[str, str]
    names: tuple[str, ...]
    part_names: tuple[str, ...]
    bodies: dict[str, str]
    places: tuple[str, ...]
    zones: tuple[str, ...]
    period: tuple[str, str]
    topics: tuple[Topic, ...]


def linkable_things(graph: Graph) -> list[str]:
    """Return the IRIs of the things that can be linked, contracts first, then in the order of their classes."""
    found: dict[str, int] = {}
    for node in graph.subjects():
        classes = [_LINKABLE_CLASSES.index(each) for each in graph.types(node) if each in _LINKABLE_CLASSES]
        if classes and isinstance(node, NamedNode):
            found[node.value] = min(classes)
    return sorted(found, key=lambda iri: (found[iri], iri))


def find_thing(graph: Graph, name: str | None) -> str:
    """Return the IRI of a thing by its IRI or the end of it; without a name, that of the only contract.

    Raises `link-thing` with the candidates if there is not exactly one.
    """
    known = linkable_things(graph)
    suffix = (name or "").strip().strip("/")
    contracts = sorted(each.value for each in _contracts(graph))
    found = [iri for iri in known if iri == suffix or iri.endswith("/" + suffix)] if suffix else contracts
    if len(found) != 1:
        offers = [iri.removeprefix(BASE + "id/") for iri in (found or known)]
        more = " …" if len(offers) > _MAX_OFFERED else ""
        raise Problem("link-thing", name=name or "", offers=", ".join(offers[:_MAX_OFFERED]) + more)
    return found[0]


def describe_subject(graph: Graph, iri: str) -> Subject:
    """Return what `graph` says about a thing."""
    node = NamedNode(iri)
    contract = next(iter(_nodes(graph, node, CPER + "contrat")), node if node in _contracts(graph) else None)
    territories = _territories(graph, node, contract)
    bodies = _bodies(graph, node, contract, territories)
    sirens = {siren: graph.label(body, "fr") for body in bodies if (siren := graph.value(body, CPER + "siren"))}
    period = graph.one(contract, DCT + "temporal") if contract else None
    first, last = (graph.value(period, DCAT + each)[:4] if period else "" for each in ("startDate", "endDate"))
    has: dict[Requirement, object] = {
        "siren": sirens,
        "place": territories,
        "money": contract or sirens,
        "contract": contract,
    }
    return Subject(
        iri=iri,
        label={lang: graph.label(node, lang) for lang in LANGUAGES},
        names=_names(graph, [node]),
        part_names=_names(graph, _parts(graph, node)),
        bodies=sirens,
        places=_names(graph, territories),
        zones=(
            *(zone for each in territories for zone in _zones(graph, each)),
            *(f"fr:epci:{each}" for each in sirens),
        ),
        period=(first, last),
        topics=tuple(topic for topic in TOPICS if has[topic.needs]),
    )


def _contracts(graph: Graph) -> list[NamedNode]:
    return [node for node in graph.subjects() if isinstance(node, NamedNode) and CPER + "Contrat" in graph.types(node)]


def _nodes(graph: Graph, node: NamedNode, predicate: str) -> list[NamedNode]:
    return [each for each in graph.all(node, predicate) if isinstance(each, NamedNode)]


def _referring_nodes(graph: Graph, predicate: str, targets: Iterable[NamedNode]) -> list[NamedNode]:
    """Return the nodes that refer to one of `targets`."""
    wanted = set(targets)
    return [
        node
        for node in graph.subjects()
        if isinstance(node, NamedNode) and wanted.intersection(_nodes(graph, node, predicate))
    ]


def _territories(graph: Graph, node: NamedNode, contract: NamedNode | None) -> list[NamedNode]:
    """Return the territory of a thing, else of its contract, and all territories inside it."""
    territories = [node] if _GEO + "Feature" in graph.types(node) else _nodes(graph, node, CPER + "territoire")
    found = territories or (_nodes(graph, contract, CPER + "territoire") if contract else [])
    found = [each for each in found if _IGEO + "Pays" not in graph.types(each)]
    for each in found:  # the list grows: departments of a region, then their communes
        found += [inside for inside in _referring_nodes(graph, _GEO + "sfWithin", [each]) if inside not in found]
    return found


def _bodies(graph: Graph, node: NamedNode, contract: NamedNode | None, territories: list[NamedNode]) -> list[NamedNode]:
    """Return the body itself, the signatories of the contract, or the bodies that govern the territory."""
    if ORG + "FormalOrganization" in graph.types(node):
        return [node]
    if contract:
        return _nodes(graph, contract, CPER + "signePar")
    return _referring_nodes(graph, CPER + "territoire", territories[:1])


def _parts(graph: Graph, node: NamedNode) -> list[NamedNode]:
    """Return the subdivisions of a contract and its outside frameworks, or the level above a subdivision."""
    own = [
        each for each in _referring_nodes(graph, CPER + "contrat", [node]) if CPER + "Subdivision" in graph.types(each)
    ]
    return [*own, *_nodes(graph, node, SKOS + "broader"), *_nodes(graph, node, CPER + "articuleAvec")]


def _names(graph: Graph, nodes: Iterable[NamedNode]) -> tuple[str, ...]:
    """Return the French names of things, each once."""
    texts = (each for node in nodes for name in (*LABELS, SKOS + "altLabel") for each in graph.all(node, name))
    names = (each.value for each in texts if isinstance(each, Literal) and each.language in (None, "fr"))
    return tuple(dict.fromkeys(names))


def _zones(graph: Graph, territory: NamedNode) -> list[str]:
    code = graph.value(territory, _IGEO + "codeINSEE")
    kinds = [each.removeprefix(_IGEO) for each in graph.types(territory)]
    return [_ZONES[kind] + code for kind in kinds if kind in _ZONES and re.fullmatch("[0-9AB]{2,5}", code)]


def resolve_join_key(graph: Graph, name: str, things: Iterable[str]) -> str:
    """Return the IRI of the property that joins things with a dataset; raises `link-key` if one of them lacks it."""
    prefix, _, local_name = name.partition(":")
    iri = PREFIXES[prefix] + local_name if prefix in PREFIXES and local_name else name
    for thing in things:
        if not graph.all(NamedNode(thing), iri) if "://" in iri else True:
            raise Problem("link-key", key=name, thing=thing)
    return iri


def link_targets(graph: Graph, things: Iterable[str], key: str) -> tuple[LinkTarget, ...]:
    """Return the things with their values of a join key, and the contracts that name their datasets."""
    concerned: dict[NamedNode, set[NamedNode]] = {}
    for contract in (contracts := _contracts(graph)):
        bodies = _bodies(graph, contract, contract, [])
        territories = [place for each in (contract, *bodies) for place in _nodes(graph, each, CPER + "territoire")]
        concerned[contract] = {*bodies, *territories}
    return tuple(
        LinkTarget(
            thing,
            tuple(sorted(each.value for each in graph.all(NamedNode(thing), key))) if key else (),
            tuple(contract.value for contract in contracts if NamedNode(thing) in concerned[contract]),
            tuple(
                (contract.value, dataset.value)
                for contract in contracts
                if NamedNode(thing) in {contract, *concerned[contract]}
                for each in sorted(concerned[contract], key=str)
                for dataset in _nodes(graph, each, CPER + "jeuLie")
            ),
        )
        for thing in things
    )
