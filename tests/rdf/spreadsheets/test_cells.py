"""RDF terms as cells, and CSV for French spreadsheets: numbers, dates, formulas, and what does not fit."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import XSD
from cper_lod.rdf.spreadsheets import csv_fr
from cper_lod.rdf.spreadsheets.cells import MAX_CELL_LENGTH, MAX_ROWS, Cell, cell, check_limits, is_formula
from tests.support.properties import examples

LITERALS = [
    ("57.3", "decimal", "number", "57,3"),
    ("-0.50", "decimal", "number", "-0,50"),
    ("+7", "integer", "number", "+7"),
    ("994000000", "integer", "number", "994000000"),
    ("123456789012345", "integer", "number", "123456789012345"),
    ("1234567890123456", "integer", "text", "1234567890123456"),
    ("0.1234567890123456", "decimal", "text", "0.1234567890123456"),
    ("5.73E1", "double", "number", "5,73E1"),
    ("0.30000000000000004", "double", "number", "0,30000000000000004"),
    ("1E999", "double", "text", "1E999"),
    ("1.7E308", "double", "text", "1.7E308"),
    ("INF", "double", "text", "INF"),
    ("-INF", "double", "text", "'-INF"),
    ("NaN", "double", "text", "NaN"),
    ("=1+1", "integer", "text", "'=1+1"),
    ("-2+3+cmd|' /C calc'!A0", "decimal", "text", "'-2+3+cmd|' /C calc'!A0"),
    ("١", "integer", "text", "١"),
    ("1\n", "integer", "text", "1\n"),
    ("beaucoup", "integer", "text", "beaucoup"),
    ("2023-01-09", "date", "date", "2023-01-09"),
    ("1900-02-28", "date", "text", "1900-02-28"),
    ("2023-02-30", "date", "text", "2023-02-30"),
    ("2023-01-09Z", "date", "text", "2023-01-09Z"),
    ("-0044-03-15", "date", "text", "'-0044-03-15"),
    ("2023-01-09T12:30:00", "dateTime", "datetime", "2023-01-09 12:30:00"),
    ("2023-01-09T12:30:00.5", "dateTime", "datetime", "2023-01-09 12:30:00,5"),
    ("2023-01-09T24:00:00", "dateTime", "text", "2023-01-09T24:00:00"),
    ("2023-01-09T12:30:00+01:00", "dateTime", "text", "2023-01-09T12:30:00+01:00"),
    ("2021", "gYear", "text", "2021"),
    ("true", "boolean", "boolean", "VRAI"),
    ("0", "boolean", "boolean", "FAUX"),
    ("oui", "boolean", "text", "oui"),
    ("57.3", "string", "text", "57.3"),
    ("02", "string", "text", "02"),
]


def french(*row: Cell | None) -> list[str]:
    """Return the values that a French spreadsheet reads in a row."""
    body = csv_fr.write([row])
    assert body.startswith(b"\xef\xbb\xbf")
    (read,) = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)
    return read


@pytest.mark.parametrize(("text", "datatype", "kind", "written"), LITERALS)
def test_a_literal(text: str, datatype: str, kind: str, written: str):
    found = cell(Literal(text, datatype=NamedNode(XSD + datatype)))
    assert found == (text, kind)
    assert french(found) == [written]


@settings(max_examples=examples(200))
@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_a_text_survives_a_french_spreadsheet(texts: list[str]):
    texts = [text.replace("\x00", "") for text in texts]
    read = french(*map(Cell, texts))
    assert [
        each.removeprefix("'") if is_formula(text) else each for each, text in zip(read, texts, strict=True)
    ] == texts
    assert not any(map(is_formula, read))


@pytest.mark.parametrize(("text", "length"), [("x" * 40_000, 40_000), ("😀" * 17_000, 34_000)])
def test_a_text_longer_than_a_cell_is_rejected(text: str, length: int):
    with pytest.raises(Problem) as refused:
        csv_fr.write([[Cell("a")], [None, Cell(text)]])
    assert refused.value.kind.code == "sheet-cell"
    assert refused.value.params == {"row": 2, "column": 2, "length": length, "limit": MAX_CELL_LENGTH}
    assert french(Cell("x" * MAX_CELL_LENGTH)) == ["x" * MAX_CELL_LENGTH]


@pytest.mark.slow
def test_too_many_rows_are_rejected():
    empty: list[Cell] = []
    with pytest.raises(Problem) as refused:
        for _ in check_limits(empty for _ in range(MAX_ROWS + 1)):
            pass
    assert refused.value.kind.code == "sheet-rows"


def test_texts_that_do_not_look_like_formulas():
    assert not any(map(is_formula, ("", "a=1", "'=1", "https://example.org/", "1-2", "(=1)", "é", '"=1"')))


@pytest.mark.parametrize(
    "sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\u00a0=", " \t-"]
)
def test_texts_that_look_like_formulas(sign: str):
    assert is_formula(sign + "cmd|' /C calc'!A0")
    assert french(Cell(sign + "1;2"))[0] == "'" + sign + "1;2"
