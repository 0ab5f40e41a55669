"""Workbooks read by openpyxl and pandas, and their XML by a parser: types, hostile texts, reproducible bytes."""

import datetime
import io
import zipfile
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from cper_lod.rdf.spreadsheets import Cell, CellKind, write
from tests.support.properties import examples


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
