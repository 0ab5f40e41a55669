"""What a French text states: days in each form; tests of figures as they are printed say numbers and amounts."""

from datetime import date

import pytest

from cper_lod.core.french import days, in_figures, years

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
