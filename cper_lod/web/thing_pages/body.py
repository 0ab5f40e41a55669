"""A body, or a group of funders: whether its money is published, what it signed, what the contract is for, whom to ask."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from markupsafe import Markup
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, FOAF, PROV, SKOS
from cper_lod.release.pictures.bars import place_svg
from cper_lod.release.plan.contract import ContractSummary, Step, SummaryLine
from cper_lod.release.plan.observations import Hyperlink, Observation, Quote, Reading, Source
from cper_lod.release.plan.silence import Letter
from cper_lod.release.sources.questions import in_language
from cper_lod.web.components.comparison import summary_of
from cper_lod.web.components.described import PageSubject
from cper_lod.web.http import urls
from cper_lod.web.thing_pages.subdivision import ShareSum, share_sum

MAX_CONTRACTS: Final = 12
"""Contracts of which the page tells; all are among what refers to the body."""
MAX_FIGURES: Final = 12
"""Figures of a body in one contract that the page shows; all are among what refers to it."""
_FIGURES: Final = (CPER + "Montant", CPER + "Part")


FOUND_QUESTION: Final = "annonce-et-retrouve"
"""The question whose answer is the table of what was announced and found, in every form."""


class Money(NamedTuple):
    """What the source says of the money of a body in a contract: alone, or together with the other members of a `group`.

    `bar` has the amounts of the contract, with this one lit; "" if it has no place among them.
    """

    figures: list[Observation]
    group: Hyperlink | None = None
    members: tuple[Hyperlink, ...] = ()
    bar: Markup = Markup("")

    @property
    def quotes(self) -> list[Quote]:
        """The words about these figures, each once."""
        return list({quote.text: quote for each in self.figures for quote in each.quotes}.values())

    @property
    def sources(self) -> list[Source]:
        """The documents of these figures, each once."""
        return list(dict.fromkeys(each.source for each in self.figures if each.source))


class Priority(NamedTuple):
    """What a contract is for, at its highest level: what lies under it with its figures, and the sum of its shares."""

    line: SummaryLine
    below: tuple[SummaryLine, ...]
    total: ShareSum | None


class Role(NamedTuple):
    """What a body does in a contract.

    `signing` is the step in which it was signed, if the body signed. `quotes` name it as a signatory, `readings` say why
    they mean it; `note` says where its name comes from if not from the source. `letter` asks it for its own amount where that is not published.
    """

    contract: Hyperlink
    summary: ContractSummary | None
    money: list[Money]
    signed: bool
    signing: Step | None = None
    quotes: tuple[Quote, ...] = ()
    readings: tuple[Reading, ...] = ()
    note: str = ""
    letter: Letter | None = None


def content(subject: PageSubject) -> dict[str, Any] | None:
    """Return the roles of a body in contracts; None if the data say nothing that its page would show."""
    roles = _roles(subject)
    known = any(subject.all(each) for each in ("org:classification", "cper:siren", "cper:territoire"))
    if not (roles or known):
        return None
    one, values = roles[0].summary if len(roles) == 1 else None, [*_found(subject)]
    return {
        "roles": roles,
        "is_group": False,
        "priorities": _priorities(one) if one and roles[0].signed else (),
        "kicker": _kicker(roles, subject.lang),
        "found": values,
        "found_query": _found_query(subject) if values else "",
    }


def _found(subject: PageSubject) -> Iterator[tuple[PageSubject, Hyperlink | None]]:
    """Yield what was copied of the rows of the links of a body, each with its dataset."""
    for link in map(subject.at, subject.all("dcat:qualifiedRelation")):
        for value in link.all("liens:valeurRetrouvee"):
            yield subject.at(value), link.link("dct:relation")


def _found_query(subject: PageSubject) -> str:
    """Return the address of the question whose answer is the table of what was announced and found, "" without it."""
    questions = (each for each in subject.release.questions if each["slug"] == FOUND_QUESTION)
    return next((urls.link("/sparql", query=in_language(each["text"], subject.lang)) for each in questions), "")


def _kicker(roles: Sequence[Role], lang: Language) -> str:
    """Return what a body is for a reader: the signatory of a contract, or of how many; "" if it signed none."""
    signed = [each.contract.text for each in roles if each.signed]
    if len(signed) > 1:
        return translate("body-signatories", lang, count=formatting.cardinal(len(signed), lang))
    return translate("body-signatory", lang, contract=signed[0]) if signed else ""


def group(subject: PageSubject) -> dict[str, Any] | None:
    """Return the roles of a group of funders, None if it pays nothing in any contract."""
    roles = _roles(subject)
    return {"roles": roles, "is_group": True, "priorities": ()} if roles else None


def _roles(subject: PageSubject) -> list[Role]:
    """Return what a body does in the contracts that it signed, or that have a figure of it or of a group that counts it."""
    reader, node = subject.reader, subject.node
    if not isinstance(node, NamedNode):
        return []
    groups = reader.referring(node, FOAF + "member", (CPER + "Groupe",))
    figures = {each: reader.referring(each, CPER + "financeur", _FIGURES) for each in (node, *groups)}
    about = [contract for each in chain(*figures.values(), groups) for contract in reader.all(each, CPER + "contrat")]
    contracts = dict.fromkeys(
        (*reader.referring(node, CPER + "signePar", (CPER + "Contrat",)), *sorted(about, key=str))
    )
    named = (each for each in contracts if isinstance(each, NamedNode))
    return [_role(subject, node, each, figures) for each in islice(named, MAX_CONTRACTS)]


def _role(
    subject: PageSubject, body: NamedNode, contract: NamedNode, figures: Mapping[NamedNode, Sequence[NamedNode]]
) -> Role:
    """Return what a body does in a contract: its own money comes before that of the groups that count it.

    `figures` are those of the body and of these groups, in all contracts.
    """
    reader, observations = subject.reader, subject.observations

    def of_contract(nodes: Iterable[NamedNode]) -> list[NamedNode]:
        return [each for each in nodes if contract in reader.all(each, CPER + "contrat")]

    summary, money = summary_of(contract.value), list[Money]()
    for payer, nodes in figures.items():
        shown = _figures(subject, of_contract(nodes))
        if shown or payer in of_contract([payer]):  # a group of this contract
            members = _links(subject, reader.all(payer, FOAF + "member"))
            counting = observations.link(payer) if payer != body else None
            money.append(Money(shown, counting, members, _bar(subject, summary, payer)))
    signed = body in reader.all(contract, CPER + "signePar")
    signatories = of_contract(reader.referring(body, PROV + "agent", (CPER + "Signataire",)))
    published = any(each.said for one in money if one.group is None for each in one.figures)
    return Role(
        contract=observations.link(contract) or Hyperlink(""),
        summary=summary,
        money=money,
        signed=signed,
        signing=summary.signing if summary and signed else None,
        quotes=observations.quotes(signatories[0]) if signatories else (),
        readings=observations.readings(signatories[0]) if signatories else (),
        note=reader.text(signatories[0], SKOS + "note", subject.lang)[0] if signatories else "",
        letter=_letter(subject, contract, money) if signed and not published else None,
    )


def _bar(subject: PageSubject, summary: ContractSummary | None, payer: NamedNode) -> Markup:
    """Return the bar of the amounts of a contract with that of a funder lit, "" if it has none."""
    if summary is None:
        return Markup("")
    return Markup(place_svg(summary, subject.observations.address(payer), subject.lang))  # noqa: S704  # its texts are escaped there


def _letter(subject: PageSubject, contract: NamedNode, money: Sequence[Money]) -> Letter:
    """Return the letter that asks a body what it pays."""
    lang = LANGUAGES[0]
    name = subject.reader.label(subject.node, lang)
    asked = translate("silence-body", lang, name=name)
    sources = dict.fromkeys(source for each in money for source in each.sources)
    return Letter(name, subject.reader.label(contract, lang), (asked,), tuple(sources))


def _priorities(summary: ContractSummary) -> tuple[Priority, ...]:
    """Return the highest level of what a contract is for, with what lies directly under it; nothing if there is but one level."""
    breakdown = summary.shared or next(iter(summary.breakdowns), None)
    found = []
    for each in breakdown.groups if breakdown else ():
        if each.head and breakdown:
            below = [line for line in each.lines if line.level == 0]
            alone = bool(breakdown.exclusive) and breakdown.whole and all(len(line.above) < 2 for line in below)
            found.append(Priority(each.head, tuple(below), share_sum([_share(line) for line in below], alone=alone)))
    return tuple(found)


def _share(line: SummaryLine) -> Observation | None:
    return line.share if line.share and line.share.value else None


def _figures(subject: PageSubject, nodes: Sequence[NamedNode]) -> list[Observation]:
    return [figure for each in nodes[:MAX_FIGURES] if (figure := subject.observations.figure(each))]


def _links(subject: PageSubject, nodes: Sequence[Any]) -> tuple[Hyperlink, ...]:
    return tuple(link for each in nodes if (link := subject.observations.link(each)))
