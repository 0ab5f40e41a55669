"""A body, or a category of funders: what it signed, what the source says of its money, where it is."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader, Quote
from cper_lod.release.plan.parties import Party, parties
from cper_lod.web.components.described import Described, PageSubject
from cper_lod.web.http import urls
from cper_lod.web.site import site

MAX_CONTRACTS: Final = 12
"""Contracts of which the page tells; all are among what refers to the body."""
MAX_COMMITMENTS: Final = 60


class JointRole(NamedTuple):
    """What the bodies of a category of funders do together in a contract: they sign, and commit money.

    `day` and `place` are those of the signature. `members` are those that are counted together; `commitment` is theirs,
    and that of the body if it is alone.
    """

    contract: Hyperlink
    day: str
    place: Hyperlink | None
    group: Hyperlink | None
    members: list[Hyperlink | None]
    commitment: Observation | None
    share: Observation | None


class Role(NamedTuple):
    """What a body does in a contract.

    `joint` is what it does with those that it is counted with. `quotes` name the body as a signatory; `note` says where its name comes from if not from the source.
    """

    party: Party
    joint: JointRole
    quotes: tuple[Quote, ...] = ()
    note: str = ""


def content(subject: PageSubject) -> dict[str, Any] | None:
    """Return the roles of a body in contracts; None if the data say nothing that its page would show."""
    known = parties(subject.release)
    roles = _roles(subject, known.by_body.get(subject.node, ()))
    territory = subject.one("cper:territoire")
    if not (roles or subject.one("org:classification") or subject.value("cper:siren") or territory):
        return None
    return {"roles": roles, "is_group": False, **({} if roles else {"referring": frozenset[str]()})}


def group(subject: PageSubject) -> dict[str, Any] | None:
    """Return the roles of a category of funders, None if no contract counts signatories in it."""
    known = parties(subject.release)
    firsts = {each.contract: each for each in reversed(known.by_group.get(subject.node, ()))}
    roles = _roles(subject, list(reversed(firsts.values())))
    return {"roles": roles, "is_group": True} if roles else None


def _roles(subject: PageSubject, found: Sequence[Party]) -> list[Role]:
    """Return what the first of these signatories do in their contracts."""
    roles = []
    for party in found[:MAX_CONTRACTS]:
        # The pages of those that are counted together share it: saves 0.2 of 2 ms of the page of a body.
        joint = site().memoize(_joint_role, party.contract, party.group, subject.lang, urls.link(""))
        role = Role(party, joint)
        if party.signatory != party.body:
            note = subject.reader.text(party.signatory, SKOS + "note", subject.lang)[0]
            role = role._replace(quotes=subject.observations.quotes(party.signatory), note=note)
        roles.append(role)
    return roles


def _joint_role(contract: NamedNode, group: Term | None, lang: Language, _link: str) -> JointRole:
    """Return what the signatories of a category do together in a contract; links depend on what `_link` depends on."""
    release = site().release
    reader = ReleaseGraph(release)
    observations = ObservationReader(reader, lang, urls.page_link)
    commitment = _commitment(reader, contract, group)
    share = reader.one(commitment, CPER + "part") if commitment is not None else None
    signed = Described(reader, contract, lang)
    return JointRole(
        contract=Hyperlink(reader.label(contract, lang), observations.address(contract)),
        day=signed.value("cper:signature/dct:date"),
        place=observations.link(signed.one("cper:signature/prov:atLocation")),
        group=observations.link(group),
        members=[observations.link(each.body) for each in parties(release).counted_in(contract, group)],
        commitment=observations.figure(commitment),
        share=observations.figure(share),
    )


def _commitment(reader: ReleaseGraph, contract: NamedNode, group: Term | None) -> Term | None:
    """Return the commitment of a category of funders to a contract."""
    found = reader.all(contract, CPER + "engagement")[:MAX_COMMITMENTS] if group is not None else ()
    return next((each for each in found if group in reader.all(each, CPER + "financeur")), None)
