"""The subsidies known of a contract, a subdivision or a file, as a section of its page: totals, files, and who attached them; and what
stands above the list of all.

They are what grantors declare, and stand beside what the contract announces: nothing is added to it or divided by it.
"""

from collections.abc import Collection
from decimal import Decimal
from types import SimpleNamespace
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.plan.contract import contracts_of
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.plan.subsidies import SubsidyGroup, SubsidyTotals, totals_of
from cper_lod.release.release import Release
from cper_lod.web.components.described import Described
from cper_lod.web.http import urls

MAX_ROWS: Final = 6
"""Grantors and territories of one table; the others are one row."""
MAX_SUBDIVISIONS: Final = 60
"""Axes, or years, of one table."""
MAX_FILES: Final = 3
MAX_RULES: Final = 1
"""Files and attachment rules that a section shows; the page of a file shows more rules."""


class SubsidyRow(NamedTuple):
    """A row: what the subsidies have in common, their number and amount, a note, the language of a text that is foreign.

    The amount is exact, a text in euros: the share of a beneficiary may leave parts of a cent. `bar` is the length of its
    bar, in percent of the largest amount of its table.
    """

    link: Hyperlink
    number: int
    amount: str
    note: str = ""
    lang: str = ""
    bar: str = ""

    @property
    def cents(self) -> str:
        """The amount, rounded to the cent."""
        return format(round(Decimal(self.amount), 2).normalize(), "f")


def subsidy_section(
    release: Release, observations: ObservationReader, node: Term, *dimensions: str, rules: int = MAX_RULES
) -> SimpleNamespace | None:
    """Return what is known of the subsidies of a contract, a subdivision or a file, for `subsidies.html`; None if nothing is.

    Tables by `dimensions` have the sentences of their captions; `every_file`, `every_subsidy` are the addresses of lists.
    """
    totals = totals_of(release, node.value)
    if totals is None:
        return None
    files, attached = ([each for each in totals.groups[name] if each.key] for name in ("files", "rules"))
    return SimpleNamespace(
        total=SubsidyRow(Hyperlink(""), totals.number, totals.amount),
        tables=[(f"subsidies-by-{name}", _rows(observations, node, totals, name)) for name in dimensions],
        files=[_file(observations, each) for each in files[:MAX_FILES]],
        more_files=max(len(files) - MAX_FILES, 0),
        rules=[_rule(observations, each) for each in attached[:rules]],
        more_rules=max(len(attached) - rules, 0),
        every_file=urls.link("/doc/fichier-de-subventions"),
        every_subsidy=urls.link("/doc/subvention", **_condition(observations, node)),
    )


class ListedSubsidies(NamedTuple):
    """What stands above the list of subsidies: the contracts to choose from, and totals as `subsidies.html` shows them.

    `contract` is the one that is chosen, or the only one; without it, each contract has its total, and they are not added up.
    """

    contract: str
    choice: list[Hyperlink]
    total: SubsidyRow | None
    tables: list[tuple[str, list[SubsidyRow]]]


def listed_subsidies(release: Release, observations: ObservationReader, keys: Collection[str]) -> ListedSubsidies:
    """Return what stands above the list of subsidies, of the contract that is in `keys`, or of all."""
    every = {iri: totals for iri in contracts_of(release) if (totals := totals_of(release, iri))}
    chosen = next((iri for iri in every if iri in keys or len(every) == 1), "")
    contracts = {
        iri: Hyperlink(
            observations.reader.label(NamedNode(iri), observations.lang),
            "" if iri == chosen else urls.link("/doc/subvention", contrat=_short(iri)),
        )
        for iri in every
    }
    everything = Hyperlink(translate("query-contract-all", observations.lang), chosen and urls.link("/doc/subvention"))
    choice = [*([everything] if len(every) > 1 else []), *contracts.values()]
    if chosen:
        node, totals = NamedNode(chosen), every[chosen]
        tables = [
            (f"subsidies-by-{name}", _rows(observations, node, totals, name))
            for name in ("subdivisions", "grantors", "years")
        ]
        return ListedSubsidies(chosen, choice, SubsidyRow(Hyperlink(""), totals.number, totals.amount), tables)
    rows = [SubsidyRow(contracts[iri], totals.number, totals.amount) for iri, totals in every.items()]
    return ListedSubsidies("", choice, None, [("subsidies-by-contracts", _with_bars(rows))] if rows else [])


def _contract(observations: ObservationReader, node: Term) -> Term:
    return observations.reader.one(node, CPER + "contrat") or node


def _condition(observations: ObservationReader, node: Term) -> dict[str, str]:
    """Return the condition under which the list has the subsidies of a subdivision, or of a contract; of a file, of its contract."""
    if CPER + "Subdivision" in observations.reader.types(node):
        return {"subdivision": urls.local_name(node.value) or node.value}
    return {"contrat": _short(_contract(observations, node).value)}


def _short(iri: str) -> str:
    """Return the end of the IRI of a contract, by which a condition of the list names it."""
    return iri.rpartition("/")[2]


def _with_bars(rows: list[SubsidyRow]) -> list[SubsidyRow]:
    """Return rows with the bars of their amounts on one scale, if one is positive."""
    most = max((Decimal(each.amount) for each in rows), default=Decimal(0))
    return [each._replace(bar=f"{100 * Decimal(each.amount) / most:.2f}") for each in rows] if most > 0 else rows


def _rows(observations: ObservationReader, node: Term, totals: SubsidyTotals, dimension: str) -> list[SubsidyRow]:
    """Return the rows of a table: the first groups, the others together, those without a value."""
    shown, others, without = totals.first(
        dimension, MAX_SUBDIVISIONS if dimension in ("subdivisions", "years") else MAX_ROWS
    )
    rows = [_thing(observations, each) for each in shown] if dimension != "years" else _years(observations, node, shown)
    for key, group in (("subsidies-others", others), (f"subsidies-without-{dimension}", without)):
        if group is not None:
            rows.append(SubsidyRow(Hyperlink(translate(key, observations.lang)), group.number, group.amount))
    return _with_bars(rows)


def _years(observations: ObservationReader, node: Term, groups: list[SubsidyGroup]) -> list[SubsidyRow]:
    """Return the rows about years; those outside the years of the contract, if these are known, say so."""
    contract = Described(observations.reader, _contract(observations, node), observations.lang)
    first, last = (contract.value(f"dct:temporal/dcat:{name}")[:4] for name in ("startDate", "endDate"))
    known = CPER + "Contrat" in observations.reader.types(contract.node)  # a file has years of its own
    rows = []
    for each in groups:
        outside = known and bool((first and each.key < first) or (last and each.key > last))
        note = translate("subsidies-outside", observations.lang) if outside else ""
        rows.append(SubsidyRow(Hyperlink(each.key), each.number, each.amount, note))
    return rows


def _thing(observations: ObservationReader, group: SubsidyGroup) -> SubsidyRow:
    """Return the row about a thing; a subdivision with its number."""
    reader, node = observations.reader, NamedNode(group.key)
    number, name = reader.value(node, SKOS + "notation"), reader.label(node, observations.lang)
    text = f"{number} · {name}" if number.isdigit() and reader.one(node, CPER + "contrat") else name
    return SubsidyRow(Hyperlink(text, observations.address(node)), group.number, group.amount)


def _file(observations: ObservationReader, group: SubsidyGroup) -> SubsidyRow:
    """Return the row about a file, with its date as note."""
    return _thing(observations, group)._replace(note=observations.reader.value(NamedNode(group.key), DCT + "date"))


def _rule(observations: ObservationReader, group: SubsidyGroup) -> SubsidyRow:
    """Return the row about an attachment rule: why a person decided so, and when."""
    reader, node = observations.reader, NamedNode(group.key)
    why, lang = reader.text(node, SKOS + "note", observations.lang)
    link = Hyperlink(why or reader.label(node, observations.lang), observations.address(node))
    foreign = lang if why and lang != observations.lang else ""
    return SubsidyRow(link, group.number, group.amount, reader.value(node, DCT + "date"), foreign)
