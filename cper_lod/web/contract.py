"""A contract at a glance: axes and shares, funders and amounts, signatories."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.release.graph import Term
from cper_lod.terms.namespaces import CPER, DCT, ORG, PROV, SKOS
from cper_lod.web import addresses, wording
from cper_lod.web.observations import AMOUNT, Figure, Link, Observations, Source, page

SHOWN: Final = 60
"""How many signatories, funders, priorities and axes of a priority a summary shows; more are in the data."""
_NONE: Final = Figure()


@dataclass(frozen=True)
class Line:
    """An axis or a funder with its figure; beside it the share of a funder, or the amount derived for an axis."""

    number: str
    title: str
    href: str
    figure: Figure
    share: Figure | None = None
    derived: Figure | None = None


@dataclass(frozen=True)
class Group:
    """A priority with its axes."""

    number: str
    title: str
    href: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Signatory:
    """A body that signed, in what capacity."""

    name: str
    role: str
    href: str


@dataclass(frozen=True)
class Glance:
    """What a contract's summary shows."""

    iri: str
    title: str
    href: str
    date: str
    place: Link | None
    period: str
    territory: Link | None
    envelope: Figure | None
    groups: tuple[Group, ...]
    funders: tuple[Line, ...]
    total: Figure | None
    signatories: tuple[Signatory, ...]
    sources: tuple[Source, ...]
    whole: bool

    @property
    def axes(self) -> int:
        """How many axes the summary shows."""
        return sum(len(group.lines) for group in self.groups)

    @property
    def derives(self) -> bool:
        """Whether an amount is derived for some axis."""
        return any(line.derived for group in self.groups for line in group.lines)


def folded(text: str) -> str:
    """Return `text` without accents and case, for sorting: « État » before « Région »."""
    return "".join(char for char in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(char))


class _Summary:
    """Reads a glance of one contract."""

    def __init__(self, observations: Observations, contract: NamedNode) -> None:
        self.read = observations
        self.graph = observations.reader
        self.lang = observations.lang
        self.contract = contract
        self.whole = True

    def all(self, node: Term, name: str) -> list[Term]:
        """Return the first values of a property, and note where there are more."""
        values = self.graph.all(node, CPER + name)
        self.whole = self.whole and len(values) <= SHOWN
        return values[:SHOWN]

    def number(self, node: Term) -> tuple[int, str]:
        """Return what `node` is sorted by: its notation as a number, and as it stands."""
        notation = self.graph.value(node, SKOS + "notation")
        return (int(notation) if notation.isascii() and notation.isdigit() and len(notation) < 10 else 0, notation)

    def numbered(self, node: Term, name: str) -> Iterator[tuple[str, str, str, Term]]:
        """Yield number, label and page of each value of a property, by their numbers; and the value."""
        for each in sorted(self.all(node, name), key=self.number):
            yield self.number(each)[1], self.graph.label(each, self.lang), page(each), each

    def axis(self, number: str, title: str, href: str, node: Term) -> Line:
        """Return an axis with its share."""
        figure = self.read.figure(self.graph.one(node, CPER + "part")) or _NONE
        derived = self.read.figure(self.graph.one(node, CPER + "valeurDerivee"))
        return Line(number, title, href, figure, derived=derived)

    def groups(self) -> tuple[Group, ...]:
        """Return the priorities with their axes."""
        return tuple(
            Group(number, title, href, tuple(self.axis(*each) for each in self.numbered(node, "axe")))
            for number, title, href, node in self.numbered(self.contract, "priorite")
        )

    def funders(self) -> tuple[Line, ...]:
        """Return the funders with their amounts, the largest first; its bar is the longest."""
        nodes = self.all(self.contract, "engagement")
        amounts = {node: wording.exact(self.graph.value(node, AMOUNT)) or Decimal(0) for node in nodes}
        lines = []
        for node in sorted(nodes, key=lambda each: -amounts[each]):
            funder = self.graph.one(node, CPER + "financeur")
            share = self.read.figure(self.graph.one(node, CPER + "part"))
            figure = self.read.figure(node, max(amounts.values())) or _NONE
            lines.append(Line("", self.graph.label(funder, self.lang), page(node), figure, share))
        return tuple(lines)

    def signatories(self) -> tuple[Signatory, ...]:
        """Return the signatories: the rarest capacity first, then by name."""
        found = []
        for node in self.all(self.contract, "signataire"):
            body, role = self.graph.one(node, ORG + "member"), self.graph.one(node, ORG + "role")
            found.append(Signatory(self.graph.label(body, self.lang), self.graph.label(role, self.lang), page(body)))
        roles = Counter(each.role for each in found)
        return tuple(sorted(found, key=lambda each: (roles[each.role], folded(each.role), folded(each.name))))

    def sources(self) -> tuple[Source, ...]:
        """Return the documents that the statements about the contract were taken from."""
        quotes = self.read.quotes(self.contract)
        return tuple({each.source.link.href: each.source for each in quotes if each.source}.values())


def contract_of(observations: Observations, iri: str) -> Glance | None:
    """Return the glance of the contract `iri`, None where the data know no contract of that name."""
    node, graph, lang = NamedNode(iri), observations.reader, observations.lang
    if CPER + "Contrat" not in graph.types(node):
        return None
    summary = _Summary(observations, node)
    signing = graph.one(node, CPER + "signature")
    groups, funders, signatories = summary.groups(), summary.funders(), summary.signatories()
    return Glance(
        iri=iri,
        title=graph.label(node, lang),
        href=addresses.page(iri),
        date=graph.value(signing, DCT + "date") if signing else "",
        place=observations.link(graph.one(signing, PROV + "atLocation")) if signing else None,
        period=graph.label(graph.one(node, DCT + "temporal"), lang),
        territory=observations.link(graph.one(node, CPER + "territoire")),
        envelope=observations.figure(graph.one(node, CPER + "enveloppe")),
        groups=groups,
        funders=funders,
        total=observations.figure(graph.one(node, CPER + "valeurDerivee")),
        signatories=signatories,
        sources=summary.sources(),
        whole=summary.whole,
    )
