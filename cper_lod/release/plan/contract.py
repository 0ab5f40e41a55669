"""The summary of a contract: axes and their shares, funders and their amounts, signatories, dates."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, ORG, PREFIXES, PROV, SKOS
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import AMOUNT, Hyperlink, Observation, ObservationReader
from cper_lod.release.storage.triples import Count

MAX_ITEMS: Final = 60
"""Signatories, funders, priorities, and axes of a priority that a summary shows; further ones are only in the data."""
_NONE: Final = Observation()
_SIGNED: Final = NamedNode(BASE + "id/code/statut/signe")
_STATUS: Final = PREFIXES["adms"] + "status"


@dataclass(frozen=True)
class SummaryLine:
    """An axis or a funder with its figure, and with the share of a funder or the derived amount of an axis.

    `serves` are the numbers of the priorities that an axis serves: its row appears under each of them. `members` are
    the signatories that are counted together as this funder: the split between several is not published.
    """

    number: str
    title: str
    href: str
    figure: Observation
    share: Observation | None = None
    derived: Observation | None = None
    serves: tuple[str, ...] = ()
    members: int = 0

    @property
    def published_share(self) -> Decimal | None:
        """The published share as a number, None if there is none."""
        published = self.figure.kind == "percent" and self.figure.value and not self.figure.derived
        return formatting.exact(self.figure.value) if published else None


@dataclass(frozen=True)
class PriorityGroup:
    """A priority with its axes."""

    number: str
    title: str
    href: str
    lines: tuple[SummaryLine, ...]


@dataclass(frozen=True)
class Signatory:
    """A body that signed, what kind of body it is, and the IRI of its territory."""

    name: str
    kind: str
    href: str
    territory: str = ""


@dataclass(frozen=True)
class Amendment:
    """An amendment: its title, page and day (which may be a year), and whether it is signed, so far as is known."""

    title: str
    href: str
    day: str
    status: str
    signed: bool
    note: str = ""


@dataclass(frozen=True)
class ContractSummary:
    """The content of the summary of a contract; `whole` if it shows all items, which the counts do not depend on.

    `start` and `end` are the first and the last day of its period, or years; `day` is that of the data.
    """

    iri: str
    title: str
    href: str
    date: str
    place: Hyperlink | None
    period: str
    territory: Hyperlink | None
    envelope: Observation | None
    groups: tuple[PriorityGroup, ...]
    funders: tuple[SummaryLine, ...]
    total: Observation | None
    signatories: tuple[Signatory, ...]
    signatory_count: Count
    axis_count: Count
    whole: bool
    start: str = ""
    end: str = ""
    amendments: tuple[Amendment, ...] = ()
    day: str = ""

    @property
    def axes(self) -> list[SummaryLine]:
        """The axes, each once."""
        return list({line.href or line.number: line for group in self.groups for line in group.lines}.values())


class _SummaryReader:
    """Reads the summary of one contract."""

    def __init__(self, observations: ObservationReader, contract: NamedNode, limit: int) -> None:
        self.observations = observations
        self.graph = observations.reader
        self.lang = observations.lang
        self.contract = contract
        self.limit = limit
        self.whole = True

    def all(self, node: Term, name: str) -> list[Term]:
        """Return the first values of a property, and record whether there are more."""
        values = self.graph.all(node, CPER + name)
        self.whole = self.whole and len(values) <= self.limit
        return values[: self.limit]

    def axis_count(self) -> Count:
        """Return the number of axes."""
        priorities = self.graph.count(self.contract, CPER + "priorite")
        nodes = self.graph.all(self.contract, CPER + "priorite")[:MAX_ITEMS]  # bounds the cost
        exact = priorities.number == len(nodes) and all(self.graph.count(each, CPER + "axe").exact for each in nodes)
        axes = {axis for each in nodes for axis in self.graph.all(each, CPER + "axe")}  # one may serve several
        return Count(len(axes), exact)

    def numbered(self, node: Term, name: str) -> list[Term]:
        """Return the values of a property, ordered by number."""
        return sorted(self.all(node, name), key=self.graph.by_number)

    def heading(self, node: Term) -> tuple[str, str, str]:
        """Return number, label and page of an axis or a priority."""
        number = self.graph.value(node, SKOS + "notation")
        return number, self.graph.label(node, self.lang), self.observations.address(node)

    def axis(self, node: Term, serves: Iterable[str]) -> SummaryLine:
        """Return an axis with its share."""
        figure = self.observations.figure(self.graph.one(node, CPER + "part")) or _NONE
        derived = self.observations.figure(self.graph.one(node, CPER + "valeurDerivee"))
        return SummaryLine(*self.heading(node), figure, derived=derived, serves=tuple(serves))

    def groups(self) -> tuple[PriorityGroup, ...]:
        """Return the priorities with their axes; an axis that serves several priorities appears under each of them."""
        found = [(self.heading(each), self.numbered(each, "axe")) for each in self.numbered(self.contract, "priorite")]
        serves = defaultdict[Term, list[str]](list)
        for (number, _, _), axes in found:
            for axis in axes:
                serves[axis].append(number)
        return tuple(
            PriorityGroup(*heading, tuple(self.axis(axis, serves[axis]) for axis in axes)) for heading, axes in found
        )

    def funders(self) -> tuple[SummaryLine, ...]:
        """Return the funders with their amounts, the largest first, and how many signatories are counted as each."""
        signing = self.graph.one(self.contract, CPER + "signature")
        parties = self.graph.all(signing, PROV + "qualifiedAssociation") if signing is not None else []
        members = Counter(self.graph.one(each, CPER + "groupe") for each in parties[:MAX_ITEMS])
        nodes = self.all(self.contract, "engagement")
        amounts = {node: formatting.exact(self.graph.value(node, AMOUNT)) or Decimal(0) for node in nodes}
        lines = []
        for node in sorted(nodes, key=lambda each: -amounts[each]):
            funder = self.graph.one(node, CPER + "financeur")
            figure, share = (self.observations.figure(each) for each in (node, self.graph.one(node, CPER + "part")))
            name, href = self.graph.label(funder, self.lang), self.observations.address(node)
            lines.append(SummaryLine("", name, href, figure or _NONE, share, members=members[funder]))
        return tuple(lines)

    def amendments(self) -> tuple[Amendment, ...]:
        """Return the amendments, by day."""
        found = []
        for node in self.all(self.contract, "avenant"):
            status = self.graph.one(node, _STATUS)
            found.append(
                Amendment(
                    title=self.graph.label(node, self.lang),
                    href=self.observations.address(node),
                    day=self.graph.value(node, DCT + "date"),
                    status=self.graph.label(status, self.lang),
                    signed=status == _SIGNED,
                    note=self.graph.text(node, SKOS + "note", self.lang)[0],
                )
            )
        return tuple(sorted(found, key=lambda each: (each.day, each.title)))

    def signatories(self) -> tuple[Signatory, ...]:
        """Return the signatories: the rarest kind first, then by name."""
        found = []
        for body in self.all(self.contract, "signePar"):
            kind = self.graph.label(self.graph.one(body, ORG + "classification"), self.lang)
            place = self.graph.value(body, CPER + "territoire")
            found.append(Signatory(self.graph.label(body, self.lang), kind, self.observations.address(body), place))
        kinds = Counter(each.kind for each in found)
        return tuple(sorted(found, key=lambda each: (kinds[each.kind], folded(each.kind), folded(each.name))))


def contract_summary(observations: ObservationReader, iri: str, limit: int = MAX_ITEMS) -> ContractSummary | None:
    """Return the summary of the contract `iri`, None if the data describe no such contract; `limit` bounds its parts."""
    node, graph, lang = NamedNode(iri), observations.reader, observations.lang
    if CPER + "Contrat" not in graph.types(node):
        return None
    reader = _SummaryReader(observations, node, limit)
    signature = graph.one(node, CPER + "signature")
    groups, funders, signatories = reader.groups(), reader.funders(), reader.signatories()
    period, amendments = graph.one(node, DCT + "temporal"), reader.amendments()
    return ContractSummary(
        iri=iri,
        title=graph.label(node, lang),
        href=observations.address(node),
        date=graph.value(signature, DCT + "date") if signature else "",
        place=observations.link(graph.one(signature, PROV + "atLocation")) if signature else None,
        period=graph.label(period, lang),
        territory=observations.link(graph.one(node, CPER + "territoire")),
        envelope=observations.figure(graph.one(node, CPER + "enveloppe")),
        groups=groups,
        funders=funders,
        total=observations.figure(graph.one(node, CPER + "valeurDerivee")),
        signatories=signatories,
        signatory_count=graph.count(node, CPER + "signePar"),
        axis_count=reader.axis_count(),
        whole=reader.whole,
        start=graph.value(period, DCAT + "startDate") if period is not None else "",
        end=graph.value(period, DCAT + "endDate") if period is not None else "",
        amendments=amendments,
        day=data_day(graph),
    )


def data_day(graph: ReleaseGraph) -> str:
    """Return the day of the data, according to their catalogue; empty if it states none."""
    catalogues = graph.instances(DCAT + "Catalog", 1)
    days = (graph.value(NamedNode(iri), DCT + name) for iri in catalogues for name in ("modified", "issued"))
    return next(filter(None, days), "")
