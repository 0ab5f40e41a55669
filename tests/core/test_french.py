"""What a French text states: the forms in which press releases write numbers, amounts and days."""

from datetime import date
from decimal import Decimal

import pytest

from cper_lod.core.french import days, in_figures, quantities, years


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("plus de 2,7 milliards d'euros sur 7 ans", "2700000000", "€"),
        ("995 millions d’euros", "995000000", "€"),
        ("994 M€ (36 %)", "994000000", "€"),
        ("994\u202fM€ (36\u00a0%)", "36", "%"),
        ("1 250 000,50 €", "1250000.5", "€"),
        ("trois cent mille euros", "300000", "€"),
        ("57,3 pour cent", "57.3", "%"),
        ("quatre-vingt-dix-sept communes", "97", ""),
        ("2021-2027", "2027", ""),
    ],
)
def test_numbers_have_their_unit(text: str, value: str, unit: str) -> None:
    assert (Decimal(value), unit) in {(each.value, each.unit) for each in quantities(text)}


def test_a_number_has_no_other_unit() -> None:
    found = {(each.value, each.unit) for each in quantities("768 M€ (28 %), neuf signataires")}
    assert (Decimal(28), "€") not in found
    assert (Decimal(768), "%") not in found
    assert (Decimal(9), "%") not in found


DAYS = (
    "ce lundi 9 janvier 2023|le 09/01/2023|le 9/01/2023|le 9.1.2023|2023-01-09|le neuf janvier 2023|le 9 Janvier 2023"
)


@pytest.mark.parametrize("text", DAYS.split("|"))
def test_days(text: str) -> None:
    assert days(text) == {date(2023, 1, 9)}
    assert years(text) == {2023}


@pytest.mark.parametrize("text", ["le 31/02/2023", "le 9 janvier", "janvier 2023", "03 20 30 52 50", "1.2.3"])
def test_no_days(text: str) -> None:
    assert days(text) == set()


def test_words_that_are_no_numbers_stay() -> None:
    assert in_figures("un partenariat unique, le premier") == "un partenariat unique, le premier"
