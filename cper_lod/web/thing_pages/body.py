"""A body, or a group of funders: what it signed, what the source says of its money, where it is."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, DCT, FOAF, PREFIXES, PROV, SKOS
from cper_lod.release.plan.observations import Hyperlink, Observation, Quote
from cper_lod.release.plan.parties import Party, parties
from cper_lod.web.components.described import PageSubject

MAX_CONTRACTS: Final = 12
"""Contracts of which the page tells; all are among what refers to the body."""
MAX_FIGURES: Final = 12
"""Figures of a body in one contract that the page shows; all are among what refers to it."""
MAX_STEPS: Final = 60


class Money(NamedTuple):
    """What the source says of the money of a body in a contract: alone, or together with the other members of a `group`."""

    figures: list[Observation]
    group: Hyperlink | None = None
    members: tuple[Hyperlink, ...] = ()

    @property
    def quotes(self) -> list[Quote]:
        """The words about these figures, each once."""
        return list({quote.text: quote for each in self.figures for quote in each.quotes}.values())


class Role(NamedTuple):
    """What a body does in a contract.

    `day` and `place` are those of the signature, if the body signed. `quotes` name it as a signatory; `note` says where its
    name comes from if not from the source.
    """

    contract: Hyperlink
    money: list[Money]
    signed: bool
    day: str = ""
    place: Hyperlink | None = None
    quotes: tuple[Quote, ...] = ()
    note: str = ""


def content(subject: PageSubject) -> dict[str, Any] | None:
    """Return the roles of a body in contracts; None if the data say nothing that its page would show."""
    roles = [_role(subject, each) for each in parties(subject.release).get(subject.node, ())[:MAX_CONTRACTS]]
    known = any(subject.all(each) for each in ("org:classification", "cper:siren", "cper:territoire"))
    if not (roles or known):
        return None
    return {"roles": roles, "is_group": False, **({} if roles else {"referring": frozenset[str]()})}


def group(subject: PageSubject) -> dict[str, Any] | None:
    """Return the roles of a group of funders, None if it pays nothing in any contract."""
    roles = [_role(subject, each) for each in parties(subject.release).get(subject.node, ())[:MAX_CONTRACTS]]
    return {"roles": roles, "is_group": True} if roles else None


def _role(subject: PageSubject, party: Party) -> Role:
    """Return what a body does in a contract: its own money comes before that of the groups that count it."""
    reader, observations, known = subject.reader, subject.observations, parties(subject.release)
    members = reader.all(party.body, FOAF + "member")
    own = _figures(subject, party.figures)
    money = [Money(own, members=_links(subject, members))] if own else []
    for group_ in party.groups:
        joint = next((each for each in known.get(group_, ()) if each.contract == party.contract), None)
        if joint:
            shared = _links(subject, reader.all(group_, FOAF + "member"))
            money.append(Money(_figures(subject, joint.figures), observations.link(group_), shared))
    signed = party.body in reader.all(party.contract, CPER + "signePar")
    signing = _signing(subject, party.contract) if signed else None
    return Role(
        contract=observations.link(party.contract) or Hyperlink(""),
        money=money,
        signed=signed,
        day=reader.value(signing, DCT + "date") if signing else "",
        place=observations.link(reader.one(signing, PROV + "atLocation")) if signing else None,
        quotes=observations.quotes(party.signatory) if party.signatory is not None else (),
        note=reader.text(party.signatory, SKOS + "note", subject.lang)[0] if party.signatory is not None else "",
    )


def _figures(subject: PageSubject, nodes: Sequence[NamedNode]) -> list[Observation]:
    return [figure for each in nodes[:MAX_FIGURES] if (figure := subject.observations.figure(each))]


def _links(subject: PageSubject, nodes: Sequence[Any]) -> tuple[Hyperlink, ...]:
    return tuple(link for each in nodes if (link := subject.observations.link(each)))


def _signing(subject: PageSubject, contract: NamedNode) -> NamedNode | None:
    """Return the step in which a contract was signed, None if it is not known to be."""
    steps = subject.reader.instances_below(CPER + "Etape", contract.value, MAX_STEPS)
    for step in map(NamedNode, steps):
        status = subject.reader.value(step, PREFIXES["adms"] + "status")
        if status.endswith("/signe") and not subject.reader.all(step, CPER + "avenant"):
            return step
    return None
