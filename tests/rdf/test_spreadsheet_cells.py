"""RDF terms as cells: numbers, dates, formulas, and what does not fit."""

import pytest
from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import XSD
from cper_lod.rdf.spreadsheets import MAX_CELL_LENGTH, MAX_ROWS, Cell, cell, check_limits, is_formula
from tests.support.refusals import refused

LITERALS = [
    ("57.3", "decimal", "number"),
    ("+7", "integer", "number"),
    ("123456789012345", "integer", "number"),
    ("1234567890123456", "integer", "text"),
    ("0.1234567890123456", "decimal", "text"),
    ("0.30000000000000004", "double", "number"),
    ("1.7E308", "double", "text"),
    ("NaN", "double", "text"),
    ("=1+1", "integer", "text"),
    ("-2+3+cmd|' /C calc'!A0", "decimal", "text"),
    ("١", "integer", "text"),
    ("2023-01-09", "date", "date"),
    ("1900-02-28", "date", "text"),
    ("2023-01-09Z", "date", "text"),
    ("-0044-03-15", "date", "text"),
    ("2023-01-09T12:30:00", "dateTime", "datetime"),
    ("2023-01-09T24:00:00", "dateTime", "text"),
    ("2023-01-09T12:30:00+01:00", "dateTime", "text"),
    ("true", "boolean", "boolean"),
    ("0", "boolean", "boolean"),
    ("oui", "boolean", "text"),
    ("02", "string", "text"),
]


@pytest.mark.parametrize(("text", "datatype", "kind"), LITERALS)
def test_a_literal(text: str, datatype: str, kind: str):
    assert cell(Literal(text, datatype=NamedNode(XSD + datatype))) == (text, kind)


@pytest.mark.parametrize(("text", "length"), [("x" * 40_000, 40_000), ("😀" * 17_000, 34_000)])
def test_a_text_longer_than_a_cell_is_rejected(text: str, length: int):
    with refused("sheet-cell") as caught:
        list(check_limits([[Cell("a")], [None, Cell(text)]]))
    assert caught.value.params == {"row": 2, "column": 2, "length": length, "limit": MAX_CELL_LENGTH}
    assert list(check_limits([[Cell("x" * MAX_CELL_LENGTH)]]))


@pytest.mark.slow
def test_too_many_rows_are_rejected():
    empty: list[Cell] = []
    with refused("sheet-rows"):
        for _ in check_limits(empty for _ in range(MAX_ROWS + 1)):
            pass


def test_texts_that_look_like_formulas():
    assert not [
        text for text in ("", "a=1", "'=1", "https://example.org/", "1-2", "(=1)", "é", '"=1"') if is_formula(text)
    ]
    signs = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\u00a0=", " \t-")
    assert [sign for sign in signs if not is_formula(sign + "cmd|' /C calc'!A0")] == []
