"""Synthetic subsidies of a contract: random rows, written by year as `cper-lod import subventions` writes them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from benchmarks.synthetic_contracts import YEARS, SyntheticContract
from benchmarks.synthetic_names import BODIES, CONDITIONS, PLACES, WORKS, siren, siret, town
from cper_lod.importing.subsidies.attachment import AttachmentRule, Origin
from cper_lod.importing.subsidies.parse_rows import Subsidy
from cper_lod.importing.subsidies.report import ImportResult
from cper_lod.importing.subsidies.to_rdf import origin_lines, shared_lines, subsidy_key, subsidy_lines

ROWS = 10_000
"""How many subsidies a file has at most: they are sorted in memory."""
SUBSIDY_YEARS = range(YEARS[0], 2026)
"""The years of which there are subsidies."""
FIRST_BENEFICIARY = 1000
"""The numbers of bodies below it are those of signatories."""


@dataclass
class SubsidyFiles:
    """A file of subsidies: its path, what it says of the file, of bodies, and of each subsidy, by its IRI's end."""

    path: str
    origin: Origin
    head: list[str]
    bodies: list[str]
    subsidies: list[tuple[str, list[str]]]

    @property
    def triples(self) -> int:
        """How many lines it has."""
        return len(self.head) + len(self.bodies) + sum(len(lines) for _, lines in self.subsidies)


def beneficiary(number: int) -> tuple[str, str, str]:
    """Return the name, the SIRET and the RNA number of a body; one in twenty is an association without SIREN."""
    place = town(number * 7)
    if number % 20 == 19:
        return f"Association fictive n° {number} de {place}", "", f"W0{number:08}"
    return BODIES[number % len(BODIES)].format(place), siret(siren(FIRST_BENEFICIARY + number)), ""


def rows(made: SyntheticContract, year: int, bodies: int, chance: random.Random) -> Iterator[Subsidy]:
    """Yield subsidies of a year without end: few bodies get many, most amounts are small, a few large."""
    number = 0
    grantors = [*made.grantors]
    weights = [1 / (rank + 1) for rank in range(len(grantors))]
    axes = [*made.contract.subdivisions]
    while True:
        number += 1
        grantor = chance.choices(grantors, weights)[0]
        rank = int(chance.paretovariate(0.6)) - 1
        # Bodies are shared: the same one is early in some regions and late in others.
        name, number_, rna = beneficiary((rank * 31 + made.region * 97) % bodies)
        month, day = chance.randint(1, 12), chance.randint(1, 28)
        axis = chance.choice(axes)
        work, place = chance.choice(WORKS), chance.choice(PLACES)
        yield Subsidy(
            made.grantors[grantor],
            grantor,
            f"{year}-{month:02}-{day:02}",
            f"FICTIF-{year}-{number:06}",
            name,
            number_,
            rna,
            f"Exemple fictif : {work} {place}, {town(chance.randrange(1320))}, tranche {chance.randint(1, 4)}",
            f"{min(chance.lognormvariate(10, 1.5), 5e7):.2f}".rstrip("0").rstrip("."),
            chance.choices(("numeraire", "nature", "numeraire nature"), (95, 3, 2))[0],
            chance.choice(CONDITIONS),
            f"{year}-{month:02}-{day:02}/{year + chance.randint(0, 3)}-12-31",
            "",
            "true" if chance.random() < 0.05 else "false",
            str(chance.choice((100, 100, 80, 50, 30, 20))),
            f"FICTIF-AXE-{axis.rpartition('/')[2]}",
        )


def origin(made: SyntheticContract, name: str) -> Origin:
    """Return what a file is said to come from: rules that attach each row to the axis of its scheme."""
    reason, day = "Exemple fictif : dispositif inventé pour cet axe", f"{YEARS[0]}-03-01"
    rules = [
        AttachmentRule(iri, f"FICTIF-AXE-{axis.rpartition('/')[2]}", "*", day, reason)
        for axis, iri in sorted(made.contract.subdivisions.items())
    ]
    slug, digest = name, sha256(name.encode()).hexdigest()
    return Origin(slug, f"{name}.csv", digest, f"{YEARS[0]}-12-31", "", made.contract, rules, {})


def write(made: SyntheticContract, year: int, count: int, bodies: int, seed: int) -> Iterator[SubsidyFiles]:
    """Yield the files of a year with `count` subsidies in all, given to so many `bodies`."""
    source = rows(made, year, bodies, random.Random(f"{seed} subsidies {made.slug} {year}"))
    for part in range((count + ROWS - 1) // ROWS):
        chunk = [*islice(source, min(ROWS, count - part * ROWS))]
        name = f"fictif-{made.slug}-{year}" + (f"-{part + 1}" if part else "")
        yield _file(origin(made, name), f"data/subventions/{made.slug}/{name}.nt", chunk)


def _file(said: Origin, path: str, chunk: Sequence[Subsidy]) -> SubsidyFiles:
    places = {decision.scheme: place for place, decision in enumerate(said.rules)}
    known: set[str] = set()
    for subsidy in chunk:
        known.update(shared_lines(subsidy, said))
    keyed = sorted((subsidy_key(subsidy), row, subsidy) for row, subsidy in enumerate(chunk, 2))
    told = [(end, subsidy_lines(end, row, places[each.scheme], each, said)) for end, row, each in keyed]
    days = [each.date for each in chunk]
    kept = ImportResult(len(chunk), len(chunk), first=min(days), last=max(days))
    return SubsidyFiles(path, said, origin_lines(said, kept), sorted(known), told)
