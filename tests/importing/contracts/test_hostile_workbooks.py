"""Workbooks made to take all memory or time of who opens them: each is read or refused with little of either."""

import struct
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from cper_lod.core.errors import Problem
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from cper_lod.importing.contracts.template import write_xlsx
from tests.importing.limited import limited
from tests.importing.workbooks import CODES, Parts, read, with_parts

pytestmark = pytest.mark.slow  # some have a hundred megabytes
MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ALL: Final = "A1:XFD1048576"
SHEET: Final = "xl/worksheets/sheet7.xml"
"""The sheet of figures."""
TITLE: Final = '<row r="1"><c r="B1" t="str"><v>Ligne</v></c></row>'
SHOWN: Final = '<c t="s"><v>0</v></c>'


def sheet(rows: str = "", after: str = "", before: str = "") -> Parts:
    """Return the sheet of figures with these rows, and what stands after and before them."""
    space = f'xmlns="{MAIN}" xmlns:r="{OFFICE}"'
    return {SHEET: f"<worksheet {space}>{before}<sheetData>{TITLE}{rows}</sheetData>{after}</worksheet>"}


def rows(count: int, cell: str) -> str:
    """Return as many rows of one cell."""
    return "".join(f'<row r="{number}">{cell}</row>' for number in range(2, count + 2))


def styles(formats: str, cells: str) -> Parts:
    """Return the number formats and the styles of cells."""
    space = f'xmlns="{MAIN}"'
    return {"xl/styles.xml": f"<styleSheet {space}><numFmts>{formats}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>"}


def many_sheets(number: int) -> Parts:
    """Return the list of sheets with as many others."""
    named = "".join(f'<sheet name="s{each}" sheetId="{each}" r:id="rId7"/>' for each in (6, *range(100, 100 + number)))
    return {"xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>'}


def spaced() -> str:
    """Return elements whose names a tree repeats with a long address."""
    return f'<x xmlns="{"u" * 1_000_000}">{"".join(f"<n{number}/>" for number in range(2_000))}</x>'


def wrapped(tag: str, inner: str) -> str:
    """Return an element."""
    return f"<{tag}>{inner}</{tag}>"


TEXT: Final = wrapped("si", wrapped("t", "a" * 32_000))
FORMATTED: Final = '<c s="1"><v>1</v></c>'
ARRAY: Final = f'<row r="2"><c r="B2"><f t="array" ref="{ALL}">1</f></c></row>'

CHANGES: Final[dict[str, tuple[Callable[[], Parts], str]]] = {
    "a link over the whole sheet": (lambda: sheet(after=wrapped("hyperlinks", f'<hyperlink ref="{ALL}"/>')), ""),
    "a merge over the whole sheet": (lambda: sheet(after=wrapped("mergeCells", f'<mergeCell ref="{ALL}"/>')), ""),
    "60 000 columns": (lambda: sheet(before=wrapped("cols", '<col min="1" max="16384" hidden="1"/>' * 60_000)), ""),
    "1 000 000 empty rows": (lambda: sheet(rows(1_000_000, "")), "workbook-large"),
    "a formula for the whole sheet": (lambda: sheet(ARRAY), ""),
    "a text of 32 MB": (
        lambda: sheet(f'<row r="2"><c r="B2" t="str">{wrapped("v", "a" * (32 << 20))}</c></row>'),
        "workbook-large",
    ),
    "one text, 40 000 times": (
        lambda: {
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{TEXT}{"<si/>" * 5_000}</sst>',
            **sheet(rows(40_000, SHOWN)),
        },
        "workbook-large",
    ),
    "1 000 sheets": (lambda: many_sheets(1_000), "workbook-large"),
    "a million elements in each other": (lambda: sheet("<a>" * 1_000_000), "workbook-unreadable"),
    "one long format of 20 000 styles": (
        lambda: {
            **styles(f'<numFmt numFmtId="200" formatCode="{"d%" * 2_000_000}"/>', '<xf numFmtId="200"/>' * 20_000),
            **sheet(rows(20_000, FORMATTED)),
        },
        "",
    ),
    "a column before the first": (lambda: sheet('<row r="2"><c r="-5"><v>1</v></c></row>'), "workbook-unreadable"),
    "many attributes": (
        lambda: sheet("<row " + " ".join(f'a{number}=""' for number in range(600_000)) + "/>"),
        "workbook-large",
    ),
    "names with a long address": (lambda: sheet(spaced()), "workbook-unreadable"),
}
"""Changes of parts of a valid workbook; "" where it is read, else the problem."""


def misdeclared(good: bytes, size: int) -> bytes:
    """Return a workbook that declares a size for its first sheet, in the directory at its end."""
    data = bytearray(with_parts(good, sheet(rows(5_000, FORMATTED))))
    place = data.index(SHEET.encode(), data.index(b"PK\x01\x02"))
    struct.pack_into("<I", data, place - 46 + 24, size)
    return bytes(data)


def flagged(good: bytes) -> bytes:
    """Return a workbook whose parts are said to be encrypted."""
    data, place = bytearray(good), -1
    while (place := data.find(b"PK\x01\x02", place + 1)) >= 0:
        data[place + 8] |= 1
    return bytes(data)


ARCHIVES: Final[dict[str, tuple[Callable[[bytes], bytes], str]]] = {
    "a size that is too small": (lambda good: misdeclared(good, 100), "workbook-unreadable"),
    "a size that is too large": (lambda good: misdeclared(good, 1 << 30), "workbook-large"),
    "a part twice": (lambda good: with_parts(good, {"xl/Workbook.xml": ""}), "workbook-unreadable"),
    "encrypted parts": (flagged, "workbook-unreadable"),
    "another compression": (lambda good: with_parts(good, {}, zipfile.ZIP_LZMA), "workbook-unreadable"),
    "100 000 parts": (lambda good: with_parts(good, dict.fromkeys(map(str, range(100_000)), "")), "workbook-large"),
    "a picture of 100 MB": (lambda good: with_parts(good, {"xl/media/image1.png": b"\0" * (100 << 20)}), ""),
}
"""Changes of the archive of a valid workbook."""


SECONDS = 20
"""Of processor time: far more than the two that they need, so that a slow machine does not matter."""


def outcome(path: Path) -> str:
    """Return the code of the problem of a file, "" if it is read."""
    try:
        read(read_xlsx(path)[0])
    except Problem as error:
        return error.kind.code
    return ""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a valid workbook."""
    path = tmp_path_factory.mktemp("good") / "good.xlsx"
    write_xlsx(path, {}, CODES, "fr")
    return path.read_bytes()


@pytest.mark.parametrize("name", [*CHANGES, *ARCHIVES])
def test_a_hostile_workbook_is_read_or_refused_within_limits(name: str, good: bytes, tmp_path: Path) -> None:
    if name in CHANGES:
        make, code = CHANGES[name]
        data = with_parts(good, make())
    else:
        make_archive, code = ARCHIVES[name]
        data = make_archive(good)
    path = tmp_path / "contrat.xlsx"
    path.write_bytes(data)
    assert limited(partial(outcome, path), SECONDS) == code
