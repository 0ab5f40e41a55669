"""Units: in what the numbers of a property are, and how texts write it."""

from typing import Final

from cper_lod.core.namespaces import PREFIXES, expand, own_name

UNIT: Final = PREFIXES["sdmx-attribute"] + "unitMeasure"
"""The property of a figure that gives its unit."""
CURRENCY: Final = "http://publications.europa.eu/resource/authority/currency/"
EURO: Final = CURRENCY + "EUR"
PERCENT: Final = "http://qudt.org/vocab/unit/PERCENT"
SIGNS: Final = {EURO: "€", PERCENT: "%"}
"""The units that have a sign in texts."""
IN_UNIT: Final = frozenset(expand("cper:valeur cper:pas cper:borneInferieure cper:borneSuperieure"))
"""Numbers in the unit of their figure."""


def unit_of(predicate: str, measure: str) -> str:
    """Return the unit of the numbers of a property of a thing that has the unit `measure`, "" if they have none.

    >>> [unit_of(each, EURO).rpartition("/")[2] for each in expand("cper:montantTotal cper:partParFinanceur cper:valeur subv:ligne")]
    ['EUR', 'PERCENT', 'EUR', '']
    """
    name = own_name(predicate)
    if name.startswith("part"):
        return PERCENT
    if name.startswith("montant"):
        return measure if measure.startswith(CURRENCY) else EURO
    return measure if predicate in IN_UNIT else ""


def shown_unit(predicate: str, measure: str) -> str:
    """Return that unit as pages show it: `%`, the code of a currency, or none."""
    unit = unit_of(predicate, measure)
    return "%" if unit == PERCENT else unit.removeprefix(CURRENCY) if unit.startswith(CURRENCY) else ""
