"""The subsidies known of a contract, an axis or a file, as a section of its page: totals, files, and who attached them.

They are what grantors declare, and stand beside what the contract announces: nothing is added to it or divided by it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCAT, DCT, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.plan.subsidies import SubsidyGroup, SubsidyTotals, totals_of
from cper_lod.release.release import Release
from cper_lod.web.http import urls

MAX_ROWS: Final = 6
"""Grantors and territories of one table; the others are one row."""
MAX_AXES: Final = 60
"""Axes, or years, of one table."""
MAX_FILES: Final = 3
MAX_RULES: Final = 1
"""Files and attachment rules that a section shows; the page of a file shows more rules."""


class Amount:
    """Something with an exact amount in euros, a text: the share of a beneficiary may leave parts of a cent."""

    amount: str

    @property
    def cents(self) -> str:
        """The amount, rounded to the cent."""
        return format(round(Decimal(self.amount), 2).normalize(), "f")


@dataclass(frozen=True)
class SubsidyRow(Amount):
    """A row: what the subsidies have in common, their number and amount, a note, the language of a text that is foreign."""

    link: Hyperlink
    number: int
    amount: str
    note: str = ""
    lang: str = ""


@dataclass(frozen=True)
class SubsidySection(Amount):
    """The number and the amount of subsidies, tables by the sentence of their caption, files, rules.

    `query` is the address of a query for the subsidies one by one; `every_file`, `every_subsidy` are those of lists.
    """

    number: int
    amount: str
    tables: tuple[tuple[str, tuple[SubsidyRow, ...]], ...]
    files: tuple[SubsidyRow, ...]
    more_files: int
    rules: tuple[SubsidyRow, ...]
    more_rules: int
    query: str
    every_file: str
    every_subsidy: str


def subsidy_section(
    release: Release, observations: ObservationReader, node: Term, *dimensions: str, rules: int = MAX_RULES
) -> SubsidySection | None:
    """Return the subsidies of a contract, an axis or a file in tables by `dimensions`; None if none is known."""
    totals = totals_of(release, node.value)
    if totals is None:
        return None
    builder = _SectionBuilder(observations, node, totals)
    files, rule_groups = ([each for each in totals.groups[name] if each.key] for name in ("files", "rules"))
    return SubsidySection(
        totals.number,
        totals.amount,
        tuple((f"subsidies-by-{name}", builder.rows(name)) for name in dimensions),
        tuple(builder.file(each) for each in files[:MAX_FILES]),
        max(len(files) - MAX_FILES, 0),
        tuple(builder.rule(each) for each in rule_groups[:rules]),
        max(len(rule_groups) - rules, 0),
        urls.link("/sparql", query=_query(observations, node)),
        urls.link("/doc/fichier-de-subventions"),
        urls.link("/doc/subvention"),
    )


class _SectionBuilder:
    """Makes the rows of one section."""

    def __init__(self, observations: ObservationReader, node: Term, totals: SubsidyTotals) -> None:
        self._observations = observations
        self._reader = observations.reader
        self._totals = totals
        self._years = self._contract_years(node)

    def rows(self, dimension: str) -> tuple[SubsidyRow, ...]:
        """Return the rows of a table: the first groups, the others together, those without a value."""
        limit = MAX_AXES if dimension in ("axes", "years") else MAX_ROWS
        shown, others, without = self._totals.first(dimension, limit)
        make: Callable[[SubsidyGroup], SubsidyRow] = self._year if dimension == "years" else self._thing
        last = [
            SubsidyRow(Hyperlink(translate(key, self._observations.lang)), group.number, group.amount)
            for key, group in (("subsidies-others", others), (f"subsidies-without-{dimension}", without))
            if group is not None
        ]
        return (*map(make, shown), *last)

    def file(self, group: SubsidyGroup) -> SubsidyRow:
        """Return the row about a file, with its date as note."""
        return replace(self._thing(group), note=self._reader.value(NamedNode(group.key), DCT + "date"))

    def rule(self, group: SubsidyGroup) -> SubsidyRow:
        """Return the row about an attachment rule: why a person decided so, and when."""
        node = NamedNode(group.key)
        why, lang = self._reader.text(node, SKOS + "note", self._observations.lang)
        link = Hyperlink(why or self._reader.label(node, self._observations.lang), self._observations.address(node))
        foreign = lang if why and lang != self._observations.lang else ""
        return SubsidyRow(link, group.number, group.amount, self._reader.value(node, DCT + "date"), foreign)

    def _thing(self, group: SubsidyGroup) -> SubsidyRow:
        node = NamedNode(group.key)
        number = self._reader.value(node, SKOS + "notation")
        name = self._reader.label(node, self._observations.lang)
        text = f"{number} · {name}" if number.isdigit() and self._reader.one(node, CPER + "contrat") else name
        return SubsidyRow(Hyperlink(text, self._observations.address(node)), group.number, group.amount)

    def _year(self, group: SubsidyGroup) -> SubsidyRow:
        first, last = self._years
        outside = (first and group.key < first) or (last and group.key > last)
        note = translate("subsidies-outside", self._observations.lang) if outside else ""
        return SubsidyRow(Hyperlink(group.key), group.number, group.amount, note)

    def _contract_years(self, node: Term) -> tuple[str, str]:
        """Return the first and the last year of the contract of the section, "" if it is not known."""
        contract = self._reader.one(node, CPER + "contrat") or node
        period = self._reader.one(contract, DCT + "temporal")
        if period is None or not self._reader.one(contract, CPER + "signature"):
            return "", ""
        first, last = (self._reader.value(period, DCAT + name)[:4] for name in ("startDate", "endDate"))
        return first, last


def _query(observations: ObservationReader, node: Term) -> str:
    """Return a query that lists the subsidies one by one, the latest first."""
    classes = observations.reader.types(node)
    link = "cper:axeConcerne" if CPER + "Axe" in classes else "cper:contrat"
    link = "prov:wasDerivedFrom" if CPER + "FichierDeSubventions" in classes else link
    return f"""SELECT ?date ?intitule ?objet ?attribue ?subvention
WHERE {{
  ?subvention {link} <{node.value}> ;
    a cper:Subvention ;
    dct:date ?date ;
    skos:prefLabel ?intitule ;
    dct:description ?objet ;
    cper:montantAttribue ?attribue .
  FILTER(LANG(?intitule) = "{observations.lang}")
}}
ORDER BY DESC(?date) ?subvention
LIMIT 1000
"""
