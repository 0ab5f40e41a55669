"""Who signed which contract, and with whom it is counted: read once for a release."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, PROV
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import Release, once_per_release

MAX_CONTRACTS: Final = 300
"""Contracts whose signatories are read."""


@dataclass(frozen=True)
class Party:
    """A signatory of a contract: the node of its signing, the body, and the category of funder that it is counted in."""

    contract: NamedNode
    signatory: Term
    body: Term
    group: Term | None


@dataclass(frozen=True)
class Parties:
    """The signatories of all contracts, by body and by category of funder."""

    by_body: Mapping[Term, tuple[Party, ...]]
    by_group: Mapping[Term, tuple[Party, ...]]

    def counted_with(self, party: Party) -> tuple[Party, ...]:
        """Return the signatories of a contract that are counted in one category, the party among them."""
        found = self.by_group.get(party.group, ()) if party.group is not None else ()
        return tuple(each for each in found if each.contract == party.contract)


@once_per_release(4)
def parties(release: Release) -> Parties:
    """Return the signatories of the contracts of a release."""
    graph = ReleaseGraph(release)
    by_body, by_group = defaultdict[Term, list[Party]](list), defaultdict[Term, list[Party]](list)
    for contract in map(NamedNode, graph.instances(CPER + "Contrat", MAX_CONTRACTS)):
        named = set()
        for signing in graph.all(contract, CPER + "signature"):
            for signatory in graph.all(signing, PROV + "qualifiedAssociation"):
                for body in graph.all(signatory, PROV + "agent"):
                    party = Party(contract, signatory, body, graph.one(signatory, CPER + "groupe"))
                    by_body[body].append(party)
                    named.add(body)
                    if party.group is not None:
                        by_group[party.group].append(party)
        for body in graph.all(contract, CPER + "signePar"):
            if body not in named:
                by_body[body].append(Party(contract, body, body, None))
    return Parties(
        {body: tuple(found) for body, found in by_body.items()}, {group: tuple(e) for group, e in by_group.items()}
    )
