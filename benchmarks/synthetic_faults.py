"""Faults planted in synthetic data: each breaks one rule of our shapes at one node, and is recorded."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pyoxigraph import RdfFormat, parse

from benchmarks.synthetic_contracts import canonical
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, DCT, PROV, SHAPES, SUBV, XSD

_AMOUNT: Final = SUBV + "montantAttribue"
_BEFORE: Final = SUBV + "montantAvantRepartition"
_SHARE: Final = SUBV + "partDuBeneficiaire"
_ELSEWHERE: Final = f"{PROGRAM.address}id/contrat/hauts-de-france-2021-2027/axe/1"
"""An axis that is there and is of no synthetic contract."""
Lines = list[str]


@dataclass(frozen=True)
class PlantedFault:
    """A fault: the rule that it breaks (an IRI), the node that breaks it, the file where that stands."""

    shape: str
    node: str
    path: str


def _without(predicate: str) -> Callable[[Lines], Lines]:
    return lambda lines: [line for line in lines if f"> <{predicate}> " not in line]


def _instead(predicate: str, value: str) -> Callable[[Lines], Lines]:
    """Return what gives a property another value, in the form of N-Triples."""
    pattern = re.compile(rf"(<{re.escape(predicate)}>) .* \.$")
    return lambda lines: [pattern.sub(rf"\1 {value} .", line) for line in lines]


def _undivided(lines: Lines) -> Lines:
    """Give the beneficiary the whole amount."""
    return _without(_BEFORE)(_without(_SHARE)(lines))


def _twice(lines: Lines) -> Lines:
    """Give a second amount."""
    amount = next(line for line in lines if f"<{_AMOUNT}>" in line)
    return sorted([*_undivided(lines), re.sub(r'"[0-9.]+"', '"1"', amount)])


def _half_of_itself(lines: Lines) -> Lines:
    """Say that the amount is half of itself."""
    amount = next(line for line in lines if f"<{_AMOUNT}>" in line)
    share = _instead(_AMOUNT, f'"50"^^<{XSD}decimal>')([amount])[0].replace(_AMOUNT, _SHARE)
    return sorted([*_undivided(lines), amount.replace(_AMOUNT, _BEFORE), share])


def _more_than_all(lines: Lines) -> Lines:
    """Give the beneficiary 101 % of the amount, and what that comes to."""
    amount = next(line for line in lines if f"<{_AMOUNT}>" in line)
    number = amount.split('"')[1]
    more = f'"{Decimal(number) * 101 / 100:f}"^^<{XSD}decimal>'
    others = _undivided(_instead(_AMOUNT, more)(lines))
    shared = _instead(_AMOUNT, f'"101"^^<{XSD}decimal>')([amount])
    return sorted([*others, amount.replace(_AMOUNT, _BEFORE), *[each.replace(_AMOUNT, _SHARE) for each in shared]])


KINDS: Final[Mapping[str, Callable[[Lines], Lines]]] = {
    "subvention-complete.montant": _twice,
    "subvention-complete.montant-attribue": _without(SUBV + "montantAttribue"),
    "subvention-montant-recalcule": _half_of_itself,
    "subvention-complete.part": _more_than_all,
    "subvention-complete.siret-attribuant": _instead(SUBV + "siretAttribuant", '"0000000010001"'),
    "subvention-complete.siret-beneficiaire": _instead(SUBV + "siretBeneficiaire", '"00000000100012 "'),
    "subvention-complete.date": _without(DCT + "date"),
    "meme-contrat": _instead(CPER + "subdivision", f"<{_ELSEWHERE}>"),
    "subvention-complete.ligne": _instead(SUBV + "ligne", f'"1"^^<{XSD}integer>'),
    "subvention-complete.rattachement": _without(SUBV + "rattachement"),
    "subvention-complete.attribuant": _without(SUBV + "attribuant"),
    "subvention-complete.beneficiaire": _without(SUBV + "beneficiaire"),
    "subvention-complete.nature": _without(SUBV + "natureDeLAide"),
    "subvention-complete.periode": _without(DCT + "temporal"),
    "subvention-complete.fichier": _without(PROV + "wasDerivedFrom"),
}
"""What is done to the lines of a subsidy, by the rule that then finds it; after a dot, what is wrong."""
_BENEFICIARY: Final = f"<{SUBV}siretBeneficiaire>"


def plant(number: int, end: str, lines: Lines, path: str) -> tuple[Lines, PlantedFault]:
    """Return the lines of the subsidy whose IRI ends so with a fault, each kind in turn by `number`; and the fault."""
    kinds = [*KINDS]
    kind = kinds[number % len(kinds)]
    if kind == "subvention-complete.siret-beneficiaire" and not any(_BENEFICIARY in line for line in lines):
        kind = "subvention-complete.montant"  # an association without SIREN
    rule = kind.partition(".")[0]
    return KINDS[kind](lines), PlantedFault(SHAPES + rule, f"{PROGRAM.address}id/subvention/{end}", path)


def plant_in_contract(text: str, path: str) -> tuple[str, PlantedFault]:
    """Return a contract's Turtle in which one framework has no kind any more; and the fault."""
    quads = list(parse(text, format=RdfFormat.TURTLE, base_iri=PROGRAM.address))
    lost = next(quad for quad in quads if quad.predicate.value == DCT + "type" and "/cadre/" in str(quad.subject))
    quads.remove(lost)
    fault = PlantedFault(SHAPES + "cadre-decrit", str(lost.subject)[1:-1], path)
    return canonical(quads), fault
