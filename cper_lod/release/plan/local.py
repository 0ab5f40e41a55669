"""A commune in the contracts: who signed for it, what is said of their money, and who else could have signed."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.identifiers import TERRITORIES, Body
from cper_lod.core.namespaces import CPER, ORG, PREFIXES
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.contract import ContractSummary, SummaryLine
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader

_CODE: Final = PREFIXES["igeo"] + "codeINSEE"
LEVELS: Final = ("etat", "region", "departement", "epci", "commune")
"""Kinds of bodies, from the State to the commune."""


class LocalBody(NamedTuple):
    """A body that acts for a commune, or would; `body` is None if it did not sign.

    `line` is its own in the contract, else that of the funders that it is counted with.
    """

    level: str
    name: str
    body: Hyperlink | None = None
    line: SummaryLine | None = None

    @property
    def is_joint(self) -> bool:
        """Whether its money is only known together with that of others."""
        return self.line is not None and self.body is not None and self.line.href != self.body.href

    @property
    def figures(self) -> list[Observation]:
        """The published amount and share of its line."""
        return [each for each in (self.line.amount, self.line.share) if each and each.said] if self.line else []


class LocalContract(NamedTuple):
    """A contract whose territory a commune lies in, and the bodies that act for it, from the State to the commune."""

    contract: ContractSummary
    bodies: list[LocalBody]


def local_contracts(
    observations: ObservationReader, contracts: Iterable[ContractSummary], areas: Sequence[Body]
) -> list[LocalContract]:
    """Return those of some contracts that hold for a commune; `areas` is it and what it lies in."""
    graph, codes = observations.reader, {(each.kind, each.code) for each in areas}
    held = (each for each in contracts if _codes(graph, NamedNode(each.iri)) & codes)
    return [LocalContract(each, [*_bodies(observations, each, areas)]) for each in held]


def _codes(graph: ReleaseGraph, node: Term) -> set[tuple[str, str]]:
    """Return the kind and the code of Insee of the territory of a contract or a body, nothing if it has none."""
    place = graph.one(node, CPER + "territoire")
    code = graph.value(place, _CODE) if place is not None else ""
    return (
        {(TERRITORIES[each], code) for each in graph.types(place) if each in TERRITORIES} if place and code else set()
    )


def _bodies(observations: ObservationReader, summary: ContractSummary, areas: Sequence[Body]) -> Iterator[LocalBody]:
    """Yield the State if it signed, and for each area the signatory that governs it, or that none does.

    A department without a body of its own has no row that says so: Corsica, Alsace and Paris have another one, Martinique,
    Guyane and Mayotte that of the region.
    """
    graph = observations.reader
    signed = graph.all(NamedNode(summary.iri), CPER + "signePar")
    state = (each for each in signed if graph.value(each, ORG + "classification").endswith("/etat"))
    yield from (_signatory(observations, summary, "etat", each) for each in islice(state, 1))
    sirens = set[str]()
    for area in sorted(areas, key=lambda each: LEVELS.index(each.kind)):
        if area.siren and area.siren in sirens:
            continue
        sirens.add(area.siren)
        node = next((each for each in signed if _governs(graph, each, area)), None)
        signs = _signatory(observations, summary, area.kind, node) if node is not None else None
        if signs or area.siren or area.kind != "departement":
            yield signs or LocalBody(area.kind, area.name)


def _governs(graph: ReleaseGraph, body: Term, area: Body) -> bool:
    """Return whether a body is that of an area: by its SIREN, or else by its territory."""
    siren = graph.value(body, CPER + "siren")
    return siren == area.siren if siren and area.siren else (area.kind, area.code) in _codes(graph, body)


def _signatory(observations: ObservationReader, summary: ContractSummary, level: str, node: Term) -> LocalBody:
    body = observations.link(node) or Hyperlink("")
    own = (line for line in summary.funders if line.href == body.href)
    counting = (line for line in summary.funders if body.href in {each.href for each in line.members})
    return LocalBody(level, body.text, body, next(chain(own, counting), None))
