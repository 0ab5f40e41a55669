"""A commune in the contracts: who signed for it, what is said of their money, and who else could have signed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.identifiers import Body
from cper_lod.core.namespaces import CPER, PREFIXES
from cper_lod.rdf.graph import Term
from cper_lod.release.plan.contract import ContractSummary, SummaryLine
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader

_IGEO: Final = PREFIXES["igeo"]
_CLASSES: Final = {_IGEO + "Region": "region", _IGEO + "Departement": "departement", _IGEO + "Commune": "commune"}
"""The kinds of territories with a code of Insee, by their classes."""
LEVELS: Final = ("etat", "region", "departement", "epci", "commune")
"""Kinds of bodies, from the State to the commune."""


@dataclass(frozen=True)
class LocalBody:
    """A body that acts for a commune, or would; `body` is None if it did not sign.

    `own` are its figures in the contract. Else `group` are the funders that it is counted with, whose money is `joint`.
    """

    level: str
    name: str
    body: Hyperlink | None = None
    own: tuple[Observation, ...] = ()
    group: SummaryLine | None = None
    joint: tuple[Observation, ...] = ()


@dataclass(frozen=True)
class LocalContract:
    """A contract whose territory a commune lies in, and the bodies that act for it, from the State to the commune."""

    contract: ContractSummary
    bodies: tuple[LocalBody, ...]


def local_contracts(
    observations: ObservationReader, contracts: Iterable[ContractSummary], areas: Sequence[Body]
) -> list[LocalContract]:
    """Return those of some contracts that hold for a commune; `areas` is it and what it lies in."""
    codes = {(each.kind, each.code) for each in areas}
    places = ((each, observations.reader.one(NamedNode(each.iri), CPER + "territoire")) for each in contracts)
    held = (each for each, place in places if _codes(observations, place) & codes)
    return [LocalContract(each, tuple(_bodies(observations, each, areas))) for each in held]


def _codes(observations: ObservationReader, place: Term | None) -> set[tuple[str, str]]:
    """Return the kind and the code of Insee of a territory, nothing if it has none."""
    if place is None:
        return set()
    code = observations.reader.value(place, _IGEO + "codeINSEE")
    return {(_CLASSES[each], code) for each in observations.reader.types(place) if each in _CLASSES and code}


def _bodies(observations: ObservationReader, summary: ContractSummary, areas: Sequence[Body]) -> list[LocalBody]:
    """Return the State if it signed, and for each area the signatory that governs it, or that none does."""
    graph = observations.reader
    signed = graph.all(NamedNode(summary.iri), CPER + "signePar")
    codes = {node: _codes(observations, graph.one(node, CPER + "territoire")) for node in signed}
    sirens = {node: graph.value(node, CPER + "siren") for node in signed}
    kinds = {observations.address(node): node for node in signed}
    state = next((kinds[each.href] for each in summary.signatories if each.code == "etat" and each.href in kinds), None)
    found = [_signatory(observations, summary, "etat", state)] if state is not None else []
    for area in sorted(areas, key=lambda each: LEVELS.index(each.kind)):
        node = next(
            (
                each
                for each in signed
                if (
                    sirens[each] == area.siren if sirens[each] and area.siren else (area.kind, area.code) in codes[each]
                )
            ),
            None,
        )
        found.append(
            LocalBody(area.kind, area.name) if node is None else _signatory(observations, summary, area.kind, node)
        )
    return found


def _signatory(observations: ObservationReader, summary: ContractSummary, level: str, node: Term) -> LocalBody:
    """Return a signatory with its figures, or with those of the funders that it is counted with."""
    body = observations.link(node) or Hyperlink("")
    own = next((line for line in summary.funders if line.href == body.href), None)
    group = None if own else next((line for line in summary.funders if body.href in _addresses(line)), None)
    return LocalBody(level, body.text, body, _figures(own), group, _figures(group))


def _addresses(line: SummaryLine) -> set[str]:
    return {each.href for each in line.members}


def _figures(line: SummaryLine | None) -> tuple[Observation, ...]:
    """Return the published amount and share of a line."""
    return tuple(each for each in (line.amount, line.share) if each and each.said) if line else ()
