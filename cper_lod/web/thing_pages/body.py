"""A body, or a category of funders: what it signed, what the source says of its money, where it is."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.pictures.region_map import place_map
from cper_lod.release.plan.observations import Hyperlink, Observation, Quote
from cper_lod.release.plan.parties import Parties, Party, parties
from cper_lod.web.components.described import PageSubject

MAX_CONTRACTS: Final = 12
"""Contracts of which the page tells; all are among what refers to the body."""
MAX_COMMITMENTS: Final = 60


class JointRole(NamedTuple):
    """What the bodies of a category of funders do together in a contract: they sign, and commit money.

    `members` are those that are counted together; `commitment` is theirs, and that of the body if it is alone.
    """

    contract: PageSubject
    group: Hyperlink | None
    members: list[Hyperlink | None]
    commitment: Observation | None
    share: Observation | None


class Role(NamedTuple):
    """What a body does in a contract.

    `joint` reads what it does with those that it is counted with: their pages share that part, so that most need not.
    `quotes` name the body as a signatory; `note` says where its name comes from if not from the source.
    """

    party: Party
    joint: Callable[[], JointRole]
    quotes: tuple[Quote, ...] = ()
    note: str = ""


def content(subject: PageSubject) -> dict[str, Any] | None:
    """Return the roles of a body in contracts, its place on the map; None if the data say nothing that its page would show."""
    known = parties(subject.release)
    roles = _roles(subject, known, known.by_body.get(subject.node, ()))
    territory = subject.one("cper:territoire")
    if not (roles or subject.one("org:classification") or subject.value("cper:siren") or territory):
        return None
    place = place_map(subject.release, subject.reader, territory, subject.lang)
    return {"roles": roles, "place": place, "is_group": False, **({} if roles else {"referring": frozenset[str]()})}


def group(subject: PageSubject) -> dict[str, Any] | None:
    """Return the roles of a category of funders, None if no contract counts signatories in it."""
    known = parties(subject.release)
    firsts = {each.contract: each for each in reversed(known.by_group.get(subject.node, ()))}
    roles = _roles(subject, known, list(reversed(firsts.values())))
    return {"roles": roles, "place": None, "is_group": True} if roles else None


def _roles(subject: PageSubject, known: Parties, found: Sequence[Party]) -> list[Role]:
    """Return what the first of these signatories do in their contracts."""
    roles = []
    for party in found[:MAX_CONTRACTS]:
        role = Role(party, partial(_joint_role, subject, known, party))
        if party.signatory != party.body:
            note = subject.reader.text(party.signatory, SKOS + "note", subject.lang)[0]
            role = role._replace(quotes=subject.observations.quotes(party.signatory), note=note)
        roles.append(role)
    return roles


def _joint_role(subject: PageSubject, known: Parties, party: Party) -> JointRole:
    """Return what a signatory does in its contract with those that it is counted with, itself among them."""
    reader, observations = subject.reader, subject.observations
    commitment = _commitment(subject, party.contract, party.group)
    share = reader.one(commitment, CPER + "part") if commitment is not None else None
    return JointRole(
        contract=subject.at(party.contract),
        group=observations.link(party.group),
        members=[observations.link(each.body) for each in known.counted_with(party)],
        commitment=observations.figure(commitment),
        share=observations.figure(share),
    )


def _commitment(subject: PageSubject, contract: NamedNode, group: Term | None) -> Term | None:
    """Return the commitment of a category of funders to a contract."""
    found = subject.reader.all(contract, CPER + "engagement")[:MAX_COMMITMENTS] if group is not None else ()
    return next((each for each in found if group in subject.reader.all(each, CPER + "financeur")), None)
