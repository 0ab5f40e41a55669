"""The summary of a contract, read once: its figures by what they are of, breakdowns, signatories, steps, amendments, frameworks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER, DCAT, DCT, FOAF, ORG, PREFIXES, PROV, SKOS
from cper_lod.core.text import folded, lowered
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import HUNDRED, MEASURES, Hyperlink, Observation, ObservationReader, Source
from cper_lod.release.release import Release, once_per_release
from cper_lod.release.storage.triples import Count

MAX_CONTRACTS: Final = 20
"""Contracts that are compared; all of them are on the page of their list."""
MAX_ITEMS: Final = 100
"""Things of one class that a summary shows; further ones are only in the data."""
MAX_LEVELS: Final = 6
"""Levels of subdivisions under each other."""
EXAMPLE: Final = {"fr": "(exemple)", "en": "(example)"}
"""How the name of a contract ends that is none of the publisher's own: it came with the program as an example."""
FICTITIOUS: Final = ("(fictif)", "(fictitious)", *EXAMPLE.values())
"""How the name of a contract ends that is an example, or was made up for a test."""
STATUSES: Final = ("prevu", "annonce", "presente", "convenu", "approuve", "signe")
"""The statuses of a contract, in the order of its life."""
_NO_ONE: Final = Count(0, exact=True)
_STATUS: Final = PREFIXES["adms"] + "status"
_PARTS: Final = (
    *("Montant", "Part", "Chiffre", "ValeurDerivee", "Decoupage", "Subdivision"),
    *("Etape", "Avenant", "Cadre"),
)
"""The classes of what a summary reads of a contract."""
_FUNDERS: Final = ("etat", "region")
"""The kinds of funders that come first; among others the largest amount does."""


@dataclass(frozen=True)
class SummaryLine:
    """A subdivision or a funder with its published share and amount, and with the computed amount of a subdivision.

    `kind` is the code of the kind of a funder, the word of the source for a subdivision. `part` is an amount of it that is part
    of another, where it has no amount of its own. `above` names the subdivisions over
    it, `level` says how far it is from the topmost. `members` are those that are counted together as a funder: how they
    divide an amount is not published.
    """

    title: str
    href: str
    number: str = ""
    kind: str = ""
    share: Observation | None = None
    amount: Observation | None = None
    derived: Observation | None = None
    part: Observation | None = None
    above: tuple[str, ...] = ()
    level: int = 0
    members: tuple[Hyperlink, ...] = ()

    @property
    def name(self) -> str:
        """The number, if there is one, and the title."""
        return f"{self.number}\u00a0·\u00a0{self.title}" if self.number else self.title

    @property
    def figures(self) -> list[Observation]:
        """The share, the amount and the computed amount, as far as they are known or said to be missing."""
        return [each for each in (self.share, self.amount, self.derived) if each]

    @property
    def figure(self) -> Observation | None:
        """The published figure: the share, else the amount, a number before « à parité »; else what says why there is none."""
        found = [each for each in (self.share, self.amount) if each]
        return max(found, key=lambda each: (bool(each.value), each.said), default=None)

    @property
    def has_amount(self) -> bool:
        """Whether an amount is published, computed, or said to be missing."""
        return bool(self.amount or self.derived or self.part)

    @property
    def colour(self) -> str:
        """The class that colours a funder, the same in every contract: the State, the Region, and all others."""
        return self.kind.replace("etat", "state") if self.kind in _FUNDERS else "others"

    @property
    def published_share(self) -> Decimal | None:
        """The published share as a number, None if there is none."""
        return formatting.exact(self.share.value) if self.share and self.share.value else None

    @property
    def published_amount(self) -> Decimal | None:
        """The published amount as a number, None if there is none."""
        return formatting.exact(self.amount.value) if self.amount and self.amount.value else None


@dataclass(frozen=True)
class LineGroup:
    """Lines under one of the level above, `head`; without one there is but one level."""

    head: SummaryLine | None
    lines: tuple[SummaryLine, ...]


@dataclass(frozen=True)
class Breakdown:
    """Subdivisions of one level, with all that lie under them.

    `exclusive` says that the source has each euro in one subdivision: None if it does not say. `above` is the breakdown of
    the heads of the groups, if it is another. `whole` says that all subdivisions and figures were read.
    """

    name: str
    title: str
    href: str
    groups: tuple[LineGroup, ...]
    exclusive: bool | None = None
    above: Hyperlink | None = None
    whole: bool = True

    @cached_property
    def lines(self) -> list[SummaryLine]:
        """The lines of the level that has figures, each once: the upper one if both have."""
        heads = [each.head for each in self.groups if each.head]
        if any(each.figure and each.figure.said for each in heads):
            return heads
        return list({line.href or line.name: line for group in self.groups for line in group.lines}.values()) or heads

    @property
    def all_lines(self) -> list[SummaryLine]:
        """The lines of all levels, in the order of the table."""
        return [line for group in self.groups for line in (*((group.head,) if group.head else ()), *group.lines)]

    @property
    def has_figures(self) -> bool:
        """Whether the source gives, or says that it does not give, a figure of a subdivision."""
        return any(each.figure for each in self.lines)

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Its place among the breakdowns of a contract: published figures first, then exclusive ones, then larger ones."""
        has_published = any(each.figure and each.figure.said for each in self.lines)
        return not has_published, not self.exclusive, -len(self.lines)


@dataclass(frozen=True)
class Signatory:
    """A body that signed, and what kind of body it is."""

    name: str
    kind: str
    code: str
    href: str


@dataclass(frozen=True)
class Step:
    """A step in the life of a contract or of an amendment; the day may lack its year, or be a month or a year."""

    status: str
    code: str
    day: str
    title: str
    href: str
    place: Hyperlink | None = None
    note: str = ""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Amendment:
    """An amendment with its steps and what it is about; its figures are among the other figures of the contract."""

    title: str
    href: str
    steps: tuple[Step, ...]
    about: tuple[Hyperlink, ...] = ()
    note: str = ""

    @property
    def last(self) -> Step | None:
        """The furthest step, None if none is known."""
        return _furthest(self.steps)


@dataclass(frozen=True)
class OutsideFramework:
    """A scheme or a fund outside of the contract, and which of the two it is."""

    title: str
    long: str
    kind: str
    href: str


@dataclass(frozen=True)
class Rivals:
    """A figure, and those of other sources or of earlier days that say otherwise."""

    leading: Observation
    others: tuple[Observation, ...]


@dataclass(frozen=True)
class ContractSummary:
    """What a contract says; `whole` if nothing is left out, which the counts do not depend on.

    `start` and `end` are the first and the last day of its period, or years; `day` is that of the data. `summed` are the
    published amounts by funder that `sum` adds up; `original` is what an example is a copy of; `complete` if the source says that they make the whole. `crossed` are
    figures of one funder for one subdivision. `others` belong to no table.
    """

    iri: str
    title: str
    href: str
    kind: str = ""
    period: str = ""
    start: str = ""
    end: str = ""
    territory: Hyperlink | None = None
    region: bool = False
    total: Observation | None = None
    rivals: tuple[Observation, ...] = ()
    funders: tuple[SummaryLine, ...] = ()
    sum: Observation | None = None
    summed: tuple[Observation, ...] = ()
    complete: bool = False
    breakdowns: tuple[Breakdown, ...] = ()
    crossed: tuple[Observation, ...] = ()
    parts: tuple[Observation, ...] = ()
    others: tuple[Observation, ...] = ()
    disagreements: tuple[Rivals, ...] = ()
    earlier: tuple[Rivals, ...] = ()
    steps: tuple[Step, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    frames: tuple[OutsideFramework, ...] = ()
    signatories: tuple[Signatory, ...] = ()
    signatory_count: Count = _NO_ONE
    note: str = ""
    original: str = ""
    whole: bool = True
    day: str = ""

    @property
    def fictitious(self) -> bool:
        """Whether the contract is made up, or an example."""
        return self.title.endswith(FICTITIOUS)

    @property
    def announced(self) -> list[Observation]:
        """The total in the words of each source, each once, the smallest first; empty if none says it."""
        said = [each for each in (self.total, *self.rivals) if each and each.said]
        said.sort(key=lambda each: (formatting.exact(each.value) or Decimal(0), each.nature == "plus-de"))
        return list(
            {
                (each.value, each.published if not each.value else each.nature == "plus-de"): each for each in said
            }.values()
        )

    @property
    def status(self) -> Step | None:
        """The furthest step of the contract, None if none is known."""
        return _furthest(self.steps)

    @property
    def signing(self) -> Step | None:
        """Its signing, None if it is not known to be signed."""
        return next((each for each in self.steps if each.code == "signe"), None)

    @property
    def lines(self) -> list[SummaryLine]:
        """All lines with figures."""
        subdivisions = [line for breakdown in self.breakdowns for line in breakdown.all_lines]
        return [*subdivisions, *self.funders]

    @cached_property
    def shared(self) -> Breakdown | None:
        """The breakdown that its picture shows: that with the most published figures, None if none has any."""
        counted = [
            (sum(bool(line.figure and line.figure.said) for line in each.lines), each) for each in self.breakdowns
        ]
        most = max((count for count, _ in counted), default=0)
        return next((each for count, each in counted if count == most), None) if most else None

    @cached_property
    def figures(self) -> list[Observation]:
        """All figures, each once: the total first."""
        found = [
            *((self.total,) if self.total else ()),
            *(figure for line in self.lines for figure in line.figures),
            *((self.sum,) if self.sum else ()),
            *(*self.crossed, *self.parts, *self.others, *self.rivals),
            *(each for rival in (*self.disagreements, *self.earlier) for each in (rival.leading, *rival.others)),
        ]
        return list({each.href or each.title: each for each in found}.values())

    @property
    def leading_sources(self) -> list[Source]:
        """The documents that the total and the figures of the funders come from."""
        leading = (self.total, *(figure for line in self.funders for figure in (line.amount, line.share)))
        return list(dict.fromkeys(each.source for each in leading if each and each.source))

    @property
    def sources(self) -> list[Source]:
        """The documents that the figures come from, those of the total first."""
        steps = (source for step in self.steps for source in step.sources)
        return list(dict.fromkeys([*(each.source for each in self.figures if each.source), *steps]))


def _furthest(steps: Iterable[Step]) -> Step | None:
    known = [each for each in steps if each.code in STATUSES]
    return max(known, key=lambda each: (STATUSES.index(each.code), each.day), default=next(iter(steps), None))


class _SummaryReader:
    """Reads the summary of one contract."""

    def __init__(self, observations: ObservationReader, contract: NamedNode) -> None:
        self.observations = observations
        self.graph = observations.reader
        self.lang = observations.lang
        self.contract = contract
        self.whole = True
        self.found = {name: self._instances(name) for name in _PARTS}

    def _instances(self, name: str) -> list[NamedNode]:
        """Return the things of a class that belong to the contract: their addresses lie below its own."""
        iris = self.graph.instances_below(CPER + name, self.contract.value, MAX_ITEMS + 1)
        self.whole = self.whole and len(iris) <= MAX_ITEMS
        nodes = map(NamedNode, iris[:MAX_ITEMS])
        return [each for each in nodes if self.contract in self.graph.all(each, CPER + "contrat")]

    def all(self, node: Term, name: str) -> list[Term]:
        """Return the first values of a property, and record whether there are more."""
        values = self.graph.all(node, name)
        self.whole = self.whole and len(values) <= MAX_ITEMS
        return values[:MAX_ITEMS]

    def has(self, node: Term, *names: str) -> bool:
        """Return whether a node has one of these properties of ours."""
        return any(self.graph.all(node, CPER + name) for name in names)

    def text(self, node: Term, name: str) -> str:
        """Return the text of a property in the best language."""
        return self.graph.text(node, name, self.lang)[0]

    def code(self, node: Term, name: str) -> str:
        """Return the last part of the address of a value, such as `signe`."""
        return self.graph.value(node, name).rpartition("/")[2]

    def label(self, node: Term | None) -> str:
        """Return the name of a node, empty for None."""
        return self.graph.label(node, self.lang)

    def called(self, node: Term) -> str:
        """Return what a subdivision is called in a note about another: « priorité 2 », else its name."""
        kind, number = self.label(self.graph.one(node, DCT + "type")), self.graph.value(node, SKOS + "notation")
        return f"{lowered(kind)} {number}" if kind and number else self.label(node)

    def summary(self) -> ContractSummary:
        """Return the summary."""
        graph, node = self.graph, self.contract
        period = graph.one(node, DCT + "temporal")
        place = graph.one(node, CPER + "territoire")
        steps, of_amendments = self.steps()
        figures = self.figures()
        signatories = self.signatories()
        return ContractSummary(
            iri=node.value,
            title=self.label(node),
            href=self.observations.address(node),
            kind=self.label(graph.one(node, DCT + "type")),
            period=self.label(period),
            start=graph.value(period, DCAT + "startDate") if period is not None else "",
            end=graph.value(period, DCAT + "endDate") if period is not None else "",
            territory=self.observations.link(place),
            region=place is not None and PREFIXES["igeo"] + "Region" in graph.types(place),
            steps=steps,
            amendments=self.amendments(of_amendments),
            frames=self.frames(),
            signatories=signatories,
            signatory_count=graph.count(node, CPER + "signePar"),
            note=self.text(node, SKOS + "note"),
            original=graph.value(node, DCT + "source"),
            day=graph.data_day,
            **figures,  # type: ignore[arg-type]
            whole=self.whole,
        )

    def figures(self) -> dict[str, object]:
        """Return the figures by what they are of, as the summary has them."""
        graph, read = self.graph, self.observations.figure
        published = list(dict.fromkeys(each for name in _PARTS[:3] for each in self.found[name]))
        replaced = {old for each in published for old in graph.all(each, PROV + "wasRevisionOf")}
        rivals, earlier = defaultdict[Term, list[Term]](list), defaultdict[Term, list[Term]](list)
        by_funder, by_subdivision = defaultdict[Term, list[Term]](list), defaultdict[Term, list[Term]](list)
        plain, crossed, parts, others = list[Term](), list[Term](), list[Term](), list[Term]()
        within = dict[Term, Term]()
        for each in published:
            for old in graph.all(each, PROV + "wasRevisionOf"):
                earlier[each].append(old)
            if each in replaced:
                continue
            funder, subdivision = (graph.one(each, CPER + name) for name in ("financeur", "subdivision"))
            types = graph.types(each)
            if leading := graph.one(each, CPER + "divergeDe"):
                rivals[leading].append(each)
            elif self.has(each, "partieDe"):
                parts.append(each)
                if subdivision is not None and funder is None:
                    within.setdefault(subdivision, each)
            elif (
                self.has(each, "avenant")
                or graph.all(each, DCT + "temporal")
                or not {CPER + "Montant", CPER + "Part"} & {*types}
            ):
                others.append(each)
            elif funder is not None and subdivision is not None:
                crossed.append(each)
            elif funder is not None:
                by_funder[funder].append(each)
            elif subdivision is not None:
                by_subdivision[subdivision].append(each)
            else:
                plain.append(each)
        total = self.total(plain)
        others += [each for each in plain if each != total]
        derived = {graph.one(each, CPER + "subdivision"): each for each in self.found["ValeurDerivee"]}
        funders = self.funders(by_funder, others)
        breakdowns = self.breakdowns(by_subdivision, derived, within, others)
        summed = [each for each in published if self.has(each, "montantParFinanceur")]
        composed = [set(graph.all(each, CPER + "composeDe")) for each in published]

        def shown(nodes: Iterable[Term]) -> tuple[Observation, ...]:
            return tuple(figure for each in nodes if (figure := read(each)))

        def compared(pairs: dict[Term, list[Term]]) -> tuple[Rivals, ...]:
            return tuple(Rivals(first, shown(rest)) for each, rest in pairs.items() if (first := read(each)))

        return {
            "total": read(total),
            "rivals": shown(rivals.get(total, ())) if total is not None else (),
            "funders": funders,
            "sum": read(derived.get(None)),
            "summed": shown(summed),
            "complete": bool(summed) and any(each.issuperset(summed) for each in composed),
            "breakdowns": breakdowns,
            "crossed": shown(crossed),
            "parts": shown(parts),
            "others": shown(others),
            "disagreements": compared({each: found for each, found in rivals.items() if each != total}),
            "earlier": compared(earlier),
        }

    def total(self, nodes: Sequence[Term]) -> Term | None:
        """Return the amount of the whole contract: what the rules take for it, else the only one that says why it has none."""
        amounts = [each for each in nodes if CPER + "Montant" in self.graph.types(each)]
        stated = next((each for each in amounts if self.has(each, "montantTotal")), None)
        silent = [each for each in amounts if not self.has(each, "valeur", "perimetre")]
        return stated or next(iter(silent), None)

    def main(self, nodes: Sequence[Term], cls: str, others: list[Term]) -> Observation | None:
        """Return the leading share or amount of some figures of one thing; the rest of that class goes to `others`.

        What adds up comes first, then what has a value.
        """
        mine = [each for each in nodes if CPER + cls in self.graph.types(each)]
        mine.sort(key=lambda each: (not self.has(each, *MEASURES), not self.has(each, "valeur", "valeurPubliee")))
        others += mine[1:]
        return self.observations.figure(mine[0]) if mine else None

    def funders(self, figures: dict[Term, list[Term]], others: list[Term]) -> tuple[SummaryLine, ...]:
        """Return the funders with their figures: the State, the Region, then the largest amount first."""
        lines = []
        for funder, nodes in figures.items():
            amount, share = (self.main(nodes, cls, others) for cls in ("Montant", "Part"))
            members = tuple(
                link for each in self.all(funder, FOAF + "member") if (link := self.observations.link(each))
            )
            kind = self.code(funder, ORG + "classification")
            href = self.observations.address(funder)
            lines.append(SummaryLine(self.label(funder), href, "", kind, share, amount, members=members))

        def rank(line: SummaryLine) -> tuple[int, Decimal, str]:
            first = _FUNDERS.index(line.kind) if line.kind in _FUNDERS else len(_FUNDERS)
            return first, -(line.published_amount or line.published_share or Decimal(0)), folded(line.title)

        return tuple(sorted(lines, key=rank))

    def breakdowns(
        self,
        figures: dict[Term, list[Term]],
        derived: dict[Term | None, NamedNode],
        within: dict[Term, Term],
        others: list[Term],
    ) -> tuple[Breakdown, ...]:
        """Return the breakdowns, each with the levels under it; one that lies under another is in that alone."""
        graph = self.graph
        nodes = sorted(self.found["Subdivision"], key=graph.by_number)
        under = defaultdict[Term, list[Term]](list)
        for each in nodes:
            for above in graph.all(each, SKOS + "broadMatch"):
                under[above].append(each)
        known = set[Term](nodes)
        tops = defaultdict[Term | None, list[Term]](list)
        for each in nodes:
            if not known.intersection(graph.all(each, SKOS + "broadMatch")):
                tops[graph.one(each, SKOS + "inScheme")].append(each)
        others += [each for key, found in figures.items() if key not in known for each in found]
        mine = dict[Term, list[Observation | None]]()
        for each in nodes:
            mine[each] = [self.main(figures.get(each, ()), cls, others) for cls in ("Part", "Montant")]

        def line(node: Term, level: int = 0) -> SummaryLine:
            above = [each for each in graph.all(node, SKOS + "broadMatch") if each in known]
            return SummaryLine(
                title=self.label(node),
                href=self.observations.address(node),
                number=graph.value(node, SKOS + "notation"),
                kind=self.label(graph.one(node, DCT + "type")),
                share=mine[node][0],
                amount=mine[node][1],
                derived=self.observations.figure(derived.get(node)),
                part=self.observations.figure(within.get(node)) if not mine[node][1] else None,
                above=tuple(map(self.called, above)),
                level=level,
            )

        def below(node: Term, level: int) -> list[tuple[Term, int]]:
            if level > MAX_LEVELS:
                return []
            return [found for each in under[node] for found in ((each, level), *below(each, level + 1))]

        breakdowns = []
        for scheme, heads in tops.items():
            nested = [(head, below(head, 0)) for head in heads]
            if any(lines for _, lines in nested):
                groups = tuple(LineGroup(line(head), tuple(line(*each) for each in lines)) for head, lines in nested)
                leading = scheme if any(mine[each][0] or mine[each][1] for each in heads) else None
                inner = next(each for _, lines in nested for each, _ in lines)
                leading = leading or graph.one(inner, SKOS + "inScheme") or scheme
            else:
                groups, leading = (LineGroup(None, tuple(map(line, heads))),), scheme
            stated = graph.value(leading, CPER + "exclusif") if leading is not None else ""
            breakdowns.append(
                Breakdown(
                    name=leading.value.rpartition("/")[2] if leading is not None else "",
                    title=self.label(leading),
                    href=self.observations.address(leading),
                    groups=groups,
                    exclusive=stated in ("true", "1") if stated else None,
                    above=self.observations.link(scheme) if leading != scheme else None,
                    whole=self.whole,
                )
            )
        return tuple(sorted(breakdowns, key=lambda each: each.rank))

    def steps(self) -> tuple[tuple[Step, ...], dict[Term, list[Step]]]:
        """Return the steps of the contract in the order of its life, and those of each amendment."""
        graph, own, of_amendments = self.graph, list[Step](), defaultdict[Term, list[Step]](list)
        for node in self.found["Etape"]:
            status, amendment = graph.one(node, _STATUS), graph.one(node, CPER + "avenant")
            quoted = (each.source for each in self.observations.quotes(node) if each.source)
            step = Step(
                status=self.label(status),
                code=self.code(node, _STATUS),
                day=graph.value(node, DCT + "date"),
                title=self.label(node),
                href=self.observations.address(node),
                place=self.observations.link(graph.one(node, PROV + "atLocation")),
                note=self.text(node, SKOS + "note"),
                sources=tuple(dict.fromkeys(quoted)),
            )
            (own if amendment is None else of_amendments[amendment]).append(step)
        order = {code: place for place, code in enumerate(STATUSES)}
        own.sort(key=lambda each: (order.get(each.code, len(order)), each.day))
        return tuple(own), of_amendments

    def amendments(self, steps: dict[Term, list[Step]]) -> tuple[Amendment, ...]:
        """Return the amendments, by day."""
        found = []
        for node in self.found["Avenant"]:
            about = (self.observations.link(each) for each in self.all(node, CPER + "subdivision"))
            found.append(
                Amendment(
                    title=self.label(node),
                    href=self.observations.address(node),
                    steps=tuple(sorted(steps.get(node, ()), key=lambda each: each.day)),
                    about=tuple(each for each in about if each),
                    note=self.text(node, SKOS + "note"),
                )
            )
        return tuple(sorted(found, key=lambda each: (each.last.day if each.last else "", each.title)))

    def frames(self) -> tuple[OutsideFramework, ...]:
        """Return the schemes and funds outside of the contract, by kind and name."""
        found = []
        for node in self.found["Cadre"]:
            long, kind = self.text(node, SKOS + "altLabel"), self.label(self.graph.one(node, DCT + "type"))
            found.append(OutsideFramework(self.label(node), long, kind, self.observations.address(node)))
        return tuple(sorted(found, key=lambda each: (each.kind, folded(each.title))))

    def signatories(self) -> tuple[Signatory, ...]:
        """Return the signatories: the State, the Region, then by kind and name."""
        found = []
        for body in self.all(self.contract, CPER + "signePar"):
            kind = self.label(self.graph.one(body, ORG + "classification"))
            code = self.code(body, ORG + "classification")
            found.append(Signatory(self.label(body), kind, code, self.observations.address(body)))

        def rank(each: Signatory) -> tuple[int, str, str]:
            first = _FUNDERS.index(each.code) if each.code in _FUNDERS else len(_FUNDERS)
            return first, folded(each.kind), folded(each.name)

        return tuple(sorted(found, key=rank))


@once_per_release(1)  # the menu of every page asks for them
def contracts_of(release: Release) -> tuple[str, ...]:
    """Return the IRIs of the contracts of a release, MAX_CONTRACTS at most; a text that another is made of is none."""
    graph = ReleaseGraph(release)
    found = graph.instances(CPER + "Contrat", MAX_CONTRACTS)
    parts = {part for iri in found for part in graph.all(NamedNode(iri), DCT + "hasPart")}
    return tuple(iri for iri in found if NamedNode(iri) not in parts)


def contract_summary(observations: ObservationReader, iri: str) -> ContractSummary | None:
    """Return the summary of the contract `iri`, None if the data describe no such contract."""
    node = NamedNode(iri)
    if CPER + "Contrat" not in observations.reader.types(node):
        return None
    return _SummaryReader(observations, node).summary()


@once_per_release(40)  # saves 2 of 4 ms of the page of a signatory, and of a letter about a contract
def summary_in(release: Release, iri: str, lang: Language) -> ContractSummary | None:
    """Return the summary of a contract in a language; its addresses are IRIs."""
    return contract_summary(ObservationReader(ReleaseGraph(release), lang), iri)


def are_alike(breakdown: Breakdown, lines: Iterable[SummaryLine]) -> bool:
    """Return whether the shares of these lines add up: the breakdown is exclusive, and they are said to be of one whole."""
    wholes = {line.share.whole for line in lines if line.share and line.share.value}
    return breakdown.whole and bool(breakdown.exclusive) and len(wholes) == 1


def largest_share(breakdown: Breakdown | None) -> SummaryLine | None:
    """Return the line with the largest published share; None if two have it, or if shares cannot be compared."""
    shares = [
        (each, line) for line in (breakdown.lines if breakdown else ()) if (each := line.published_share) is not None
    ]
    most = max((share for share, _ in shares), default=Decimal(0))
    largest = [line for share, line in shares if share == most]
    alike = breakdown is not None and len(shares) > 1 and are_alike(breakdown, [line for _, line in shares])
    return largest[0] if alike and len(largest) == 1 and 0 < most <= HUNDRED else None
