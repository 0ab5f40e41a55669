"""RDF terms as cells, and workbooks read by openpyxl, pandas and a parser of XML: types, formulas, what does not fit."""

import datetime
import io
import zipfile
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import XSD
from cper_lod.rdf.spreadsheets import MAX_CELL_LENGTH, MAX_ROWS, Cell, CellKind, cell, check_limits, is_formula, write
from tests.support.properties import examples
from tests.support.refusals import refused


def texts(*given: str) -> list[str]:
    """Return the texts that are read in a column of these texts."""
    body = write({"x": [[Cell("head")], *([Cell(each)] for each in given)]})
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        root = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))  # noqa: S314  # it is ours
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    read = {each.get("r"): unescape(each.findtext(f"{main}is/{main}t") or "") for each in root.iter(f"{main}c")}
    return [read.get(f"A{number}", "") for number in range(2, len(given) + 2)]


def test_types():
    import pandas  # noqa: PLC0415  # each process collects this module, few run it

    heads = [Cell(name) for name in ("nom", "part", "jour", "datetime", "vrai")]
    kinds: tuple[CellKind, ...] = ("text", "number", "date", "datetime", "boolean")
    row = [*map(Cell, ("Région", "57.3", "2023-01-09", "2023-01-09T12:30:15", "true"), kinds)]
    body = write({"x": [heads, row, [None, Cell("-7", "number"), None, None, Cell("0", "boolean")]]})
    head, first, second = openpyxl.load_workbook(io.BytesIO(body))["x"].iter_rows(values_only=True)
    assert head == ("nom", "part", "jour", "datetime", "vrai")
    day, moment = datetime.datetime(2023, 1, 9), datetime.datetime(2023, 1, 9, 12, 30, 15)
    assert first == ("Région", 57.3, day, moment, True)
    assert second == (None, -7, None, None, False)
    read = pandas.read_excel(io.BytesIO(body))
    assert read.part.sum() == pytest.approx(50.3)
    assert read.jour[0] == pandas.Timestamp(day)


def test_a_formula_stays_a_text():
    body = write({"x": [[Cell("=head")], [Cell("=cmd|' /C calc'!A0")], [Cell("@SUM(1)")], [Cell("plain")]]})
    book = openpyxl.load_workbook(io.BytesIO(body))
    column = [row[0] for row in book["x"].iter_rows()]
    assert {each.data_type for each in column} <= {"s", "inlineStr"}
    assert column[1].value == "=cmd|' /C calc'!A0"
    assert [int(each.quotePrefix) for each in column] == [0, 1, 1, 0]
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml")


@settings(max_examples=examples(100))
@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
@example(["a\x00b\x01\x1f", "\ufffe\uffff", "_x0041_", "a\r\nb\tc", "<&>\"']]>", "  a  ", "😀", "_x00"])
def test_any_text_round_trips(given: list[str]):
    assert texts(*given) == given


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
    texts = ("", "a=1", "'=1", "https://example.org/", "1-2", "(=1)", "é", '"=1"')
    assert [text for text in texts if is_formula(text)] == []
    signs = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\u00a0=", " \t-")
    assert [sign for sign in signs if not is_formula(sign + "cmd|' /C calc'!A0")] == []
