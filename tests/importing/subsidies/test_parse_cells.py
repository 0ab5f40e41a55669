"""Cells of a file of subsidies: accepted, tolerated and invalid values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.check_digits import is_rna, is_siret, luhn
from cper_lod.importing.subsidies import parse_cells
from cper_lod.importing.subsidies.parse_cells import InvalidCell
from cper_lod.importing.subsidies.parse_rows import COLUMNS

READ = [
    (parse_cells.parse_amount, "0,00", "0"),
    (parse_cells.parse_amount, "00012.10", "12.1"),
    (parse_cells.parse_share, "0.015", "1.5"),
    (parse_cells.parse_date, "2024-02-29", "2024-02-29"),
    (parse_cells.parse_date, "2024-02-29 00:00:00", "2024-02-29"),
    (parse_cells.parse_period, "2024-02-29", "2024-02-29/2024-02-29"),
    (parse_cells.parse_period, "13/01/2024 / 30/06/2024", "2024-01-13/2024-06-30"),
    (parse_cells.parse_nature, "AIDE EN NUMERAIRE", "numeraire"),
    (parse_cells.parse_yes_no, "OUI", "true"),
    (parse_cells.parse_rna, "w000000001", "W000000001"),
]
REFUSED = [
    (parse_cells.parse_share, "45%", "amount-number"),
    (parse_cells.parse_amount, "1,234", "number-ambiguous"),
    (parse_cells.parse_amount, "1.234", "amount-cents"),
    (parse_cells.parse_amount, "1E5", "amount-number"),
    (parse_cells.parse_amount, "-5", "amount-negative"),
    (parse_cells.parse_date, "03/04/2024", "date-ambiguous"),
    (parse_cells.parse_date, "12/31/2024", "date-unreadable"),
]


@pytest.mark.parametrize(("parse", "text", "value"), READ)
def test_a_cell_is_read(parse: parse_cells.CellParser, text: str, value: str):
    assert parse(text) == value


@pytest.mark.parametrize(("parse", "text", "code"), REFUSED)
def test_a_cell_is_refused(parse: parse_cells.CellParser, text: str, code: str):
    with pytest.raises(InvalidCell) as raised:
        parse(text)
    assert raised.value.code == code


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_invalid(text: str):
    for read in {column.parse for column in COLUMNS.values()} - {parse_cells.any_text}:
        try:
            value = read(text)
        except InvalidCell as fault:
            assert fault.code
        else:
            assert value.isascii()


@given(st.integers(min_value=1, max_value=10**8 - 1), st.integers(min_value=1, max_value=9999))
def test_check_digits_of_siren_and_siret(number: int, establishment: int):
    (siren,) = (f"{number:08}{key}" for key in range(10) if luhn(f"{number:08}{key}"))
    valid = [f"{siren}{establishment:04}{key}" for key in range(10) if is_siret(f"{siren}{establishment:04}{key}")]
    assert len(valid) == 1 or siren == "356000000"


def test_sirets_of_la_poste_have_another_check():
    assert is_siret("35600000000048"), "the seat has the key of everyone"
    assert is_siret("35600000049837")
    assert not is_siret("35600000049838")
    assert not is_rna("W12345678é")
