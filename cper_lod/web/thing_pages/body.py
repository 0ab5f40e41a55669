"""The page of a body, or of a category of funders: what it signed, what the source says of its money, where it is."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, DCT, ORG, PROV, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.pictures.place import PlaceMap, place_map
from cper_lod.release.plan.observations import Hyperlink, Observation, Quote
from cper_lod.release.plan.parties import Parties, Party, parties
from cper_lod.web.thing_pages.page import CodedTerm, KindPage, PageSubject

MAX_CONTRACTS: Final = 12
"""Contracts of which the page tells; all are among what refers to the body."""
MAX_COMMITMENTS: Final = 60
SHOWN: Final = frozenset({CPER + "territoire", CPER + "siren", CPER + "siret", ORG + "classification"})


class JointRole(NamedTuple):
    """What the bodies of a category of funders do together in a contract: they sign, and commit money.

    `members` are those that are counted together; `commitment` is theirs, and that of the body if it is alone.
    """

    contract: Hyperlink | None
    day: str
    place: Hyperlink | None
    group: CodedTerm | None
    members: tuple[Hyperlink, ...]
    commitment: Observation | None
    share: Observation | None

    @property
    def is_alone(self) -> bool:
        """Whether the money of the group is that of one body."""
        return len(self.members) == 1


class Role(NamedTuple):
    """What a body does in a contract.

    `joint` reads what it does with those that it is counted with: their pages share that part, so that most need not.
    `quotes` name the body as a signatory; `note` says where its name comes from if not from the source.
    """

    party: Party
    joint: Callable[[], JointRole]
    quotes: tuple[Quote, ...]
    note: str


class BodyPage(NamedTuple):
    """A body: its kind, its numbers in the register of companies, its roles in contracts, its place on the map."""

    kind: Hyperlink | None
    siren: str
    siret: str
    roles: tuple[Role, ...]
    territory: Hyperlink | None
    place: PlaceMap | None
    is_group: bool = False


def body_page(subject: PageSubject) -> KindPage | None:
    """Return the page of a body; None if the data say nothing that this page would show."""
    reader, observations, node = subject.reader, subject.observations, subject.node
    known = parties(subject.release)
    roles = _roles(subject, known, known.by_body.get(node, ()))
    territory = reader.one(node, CPER + "territoire")
    content = BodyPage(
        kind=observations.link(reader.one(node, ORG + "classification")),
        siren=reader.value(node, CPER + "siren"),
        siret=reader.value(node, CPER + "siret"),
        roles=roles,
        territory=observations.link(territory),
        place=place_map(subject.release, reader, territory, subject.lang),
    )
    if not (roles or content.kind or content.siren or content.territory):
        return None
    referring = {CPER + "signePar", PROV + "agent"} if roles else set()
    return KindPage("thing_pages/body.html", content, SHOWN, frozenset(referring))


def group_page(subject: PageSubject) -> KindPage | None:
    """Return the page of a category of funders, None if no contract counts signatories in it."""
    known = parties(subject.release)
    firsts = {each.contract: each for each in reversed(known.by_group.get(subject.node, ()))}
    roles = _roles(subject, known, list(reversed(firsts.values())))
    if not roles:
        return None
    content = BodyPage(None, "", "", roles, None, None, is_group=True)
    return KindPage(
        "thing_pages/body.html",
        content,
        frozenset({SKOS + "inScheme"}),
        frozenset({CPER + "groupe", CPER + "financeur"}),
    )


def _roles(subject: PageSubject, known: Parties, found: Sequence[Party]) -> tuple[Role, ...]:
    """Return what the first of these signatories do in their contracts."""
    return tuple(_role(subject, known, party) for party in found[:MAX_CONTRACTS])


def _role(subject: PageSubject, known: Parties, party: Party) -> Role:
    """Return what a signatory does in its contract."""
    joint = partial(_joint_role, subject, known, party)
    if party.signatory == party.body:
        return Role(party, joint, (), "")
    note = subject.reader.text(party.signatory, SKOS + "note", subject.lang)[0]
    return Role(party, joint, subject.observations.quotes(party.signatory), note)


def _joint_role(subject: PageSubject, known: Parties, party: Party) -> JointRole:
    """Return what a signatory does in its contract with those that it is counted with, itself among them."""
    reader, observations = subject.reader, subject.observations
    signing = reader.one(party.contract, CPER + "signature")
    commitment = _commitment(subject, party.contract, party.group)
    share = reader.one(commitment, CPER + "part") if commitment is not None else None
    return JointRole(
        contract=observations.link(party.contract),
        day=reader.value(signing, DCT + "date") if signing is not None else "",
        place=observations.link(reader.one(signing, PROV + "atLocation")) if signing is not None else None,
        group=subject.term(party.group),
        members=tuple(link for each in known.counted_with(party) if (link := observations.link(each.body))),
        commitment=observations.figure(commitment),
        share=observations.figure(share),
    )


def _commitment(subject: PageSubject, contract: NamedNode, group: Term | None) -> Term | None:
    """Return the commitment of a category of funders to a contract."""
    if group is None:
        return None
    for each in subject.reader.all(contract, CPER + "engagement")[:MAX_COMMITMENTS]:
        if group in subject.reader.all(each, CPER + "financeur"):
            return each
    return None
