"""What is known of the subsidies of a contract: totals by subdivision, grantor, year and territory, computed once per release.

They are kept for each contract, each subdivision and each imported file. A subsidy counts for what its beneficiary receives.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core import formatting
from cper_lod.core.namespaces import CPER, DCT, PROV, RDF, SUBV
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines

MAX_GROUPS: Final = 100
"""Grantors, territories, files, rules that are kept of one total, those with the largest amounts; the rest is its difference."""
_DIMENSIONS: Final = ("subdivisions", "grantors", "years", "files", "rules", "territories")
"""What subsidies are grouped by; the territory is that which the grantor governs."""
_TERRITORY: Final = CPER + "territoire"
_READ: Final = {
    CPER + "contrat": "contracts",
    CPER + "subdivision": "subdivisions",
    SUBV + "attribuant": "grantors",
    SUBV + "montantAttribue": "amount",
    SUBV + "rattachement": "rules",
    DCT + "date": "years",
    PROV + "wasDerivedFrom": "files",
}
"""What is read of a subsidy."""
_TYPE: Final = RDF + "type"
_SUBSIDY: Final = NamedNode(SUBV + "Subvention")


class SubsidyGroup(NamedTuple):
    """The subsidies that have one value in common, an IRI or a year (empty: none): their number and their amount."""

    key: str
    number: int
    amount: str


class SubsidyTotals(NamedTuple):
    """The number of subsidies, their amount in euros, and their groups by each dimension."""

    number: int
    amount: str
    groups: Mapping[str, tuple[SubsidyGroup, ...]]

    def first(self, dimension: str, limit: int) -> tuple[list[SubsidyGroup], SubsidyGroup | None, SubsidyGroup | None]:
        """Return the first groups of a dimension, then what the others add up to, and the subsidies without a value.

        The groups with a value, these others, and those without one add up to the total.
        """
        named = [each for each in self.groups[dimension] if each.key][:limit]
        without = next((each for each in self.groups[dimension] if not each.key), None)
        counted = [*named, *([without] if without else [])]
        number = self.number - sum(each.number for each in counted)
        amount = Decimal(self.amount) - sum((Decimal(each.amount) for each in counted), Decimal(0))
        return named, SubsidyGroup("", number, _plain(amount)) if number else None, without


@dataclass
class _Tally:
    """A total that is being computed: `groups` has number and amount by dimension and value."""

    number: int = 0
    amount: Decimal = Decimal(0)
    groups: dict[str, dict[str, tuple[int, Decimal]]] = field(
        default_factory=lambda: {name: {} for name in _DIMENSIONS}
    )

    def add(self, values: Mapping[str, list[str]], amount: Decimal) -> None:
        """Count a subsidy."""
        self.number += 1
        self.amount += amount
        for dimension, groups in self.groups.items():
            # Several values are no group: the subsidy would be counted in each.
            found = values.get(dimension, [])
            key = found[0] if len(found) == 1 else ""
            number, sum_ = groups.get(key, (0, Decimal(0)))
            groups[key] = number + 1, sum_ + amount

    def as_json(self) -> str:
        """Return what `totals_of` reads."""
        groups = {name: _sorted_groups(name, found) for name, found in self.groups.items()}
        return json.dumps([self.number, _plain(self.amount), groups], ensure_ascii=False, separators=(",", ":"))


def totals_of(release: Release, iri: str) -> SubsidyTotals | None:
    """Return the totals of a contract, a subdivision or a file; None if no subsidy of it is known."""
    totals = release.listing.totals(iri)
    if totals is None:
        return None
    count, amount, groups = json.loads(totals)
    told = {name: tuple(SubsidyGroup(*each) for each in found) for name, found in groups.items()}
    return SubsidyTotals(count, amount, told)


def write_totals(release: Release, lines: Iterable[bytes]) -> None:
    """Write the totals of each contract, subdivision and file with subsidies to the lists of a release that is being built.

    `lines` are the N-Quads of the release, sorted. Raises sqlite3.Error.
    """
    tallies = defaultdict[str, _Tally](_Tally)
    graph = ReleaseGraph(release)
    territories = cache(lambda grantor: [each.value for each in graph.all(NamedNode(grantor), _TERRITORY)])
    for values in _subsidies(lines):
        amount, grantors = formatting.exact(values["amount"][0]) or Decimal(0), values.get("grantors", ())
        values["years"] = [each[:4] for each in values.get("years", ())]
        values["territories"] = territories(grantors[0]) if len(grantors) == 1 else []
        for owner in dict.fromkeys(
            each for name in ("contracts", "subdivisions", "files") for each in values.get(name, ())
        ):
            tallies[owner].add(values, amount)
    rows = ((iri, tally.as_json()) for iri, tally in sorted(tallies.items()))
    release.tables.executemany("INSERT INTO subsidies VALUES (?, ?)", rows)


def _subsidies(lines: Iterable[bytes]) -> Iterator[dict[str, list[str]]]:
    """Yield what sorted N-Quads say of each subsidy with an amount; from the index, it would take three times as long."""
    read = {f"<{each}>".encode() for each in (_TYPE, *_READ)}
    quads = parse_lines(line for line in lines if line.split(b" ", 2)[1] in read)
    for _, about in groupby(quads, key=attrgetter("subject")):
        found, is_subsidy = dict[str, list[str]](), False
        for quad in about:
            name, value = _READ.get(quad.predicate.value), quad.object
            is_subsidy = is_subsidy or value == _SUBSIDY
            if name and isinstance(value, NamedNode | Literal) and value.value not in found.setdefault(name, []):
                found[name].append(value.value)  # once, though the same triple may be in two graphs
        if is_subsidy and "amount" in found:
            yield found


def _sorted_groups(dimension: str, found: Mapping[str, tuple[int, Decimal]]) -> list[tuple[str, int, str]]:
    """Return the largest groups of a dimension, subdivisions and years in their order; those without a value come last."""
    largest = sorted((key for key in found if key), key=lambda key: (-found[key][1], key))[:MAX_GROUPS]
    ordered = sorted(largest, key=natural_sort_key) if dimension in ("subdivisions", "years") else largest
    keys = [*ordered, *([""] if "" in found else [])]
    return [(key, found[key][0], _plain(found[key][1])) for key in keys]


def _plain(number: Decimal) -> str:
    """Return a number without exponent or final zeros."""
    return format(number.normalize(), "f")
