"""Looking at an XLSX file before openpyxl opens it: what kind of file it is, how large it gets, no DTD in it."""

import zipfile
import zlib
from pathlib import Path
from typing import Final
from xml.parsers import expat

from cper_lod.rdf.reading import load
from cper_lod.terms.problems import Phrase, Problem

FILE_BYTES: Final = 16 * 2**20
PART_BYTES: Final = 4 * 2**20
TOTAL_BYTES: Final = 24 * 2**20
PARTS: Final = 500
_LOOKED_AT: Final = 65536
"""A DTD stands before the first element: so many bytes of a part are parsed to find it, or to find none."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def examine(path: Path) -> tuple[bytes, bool]:
    """Return the bytes of an XLSX file that is safe to open, and whether it carries macros (which nothing runs).

    A ZIP says in its directory how large each part gets, and Python's reader stops there whatever comes: what is said
    there bounds what is read. Office files have no DTD (ECMA-376, part 2), so none is taken: no entity can grow.
    Raises `workbook-unreadable` and `workbook-too-large`, and what reading a file raises.
    """
    if path.exists() and path.is_file() and path.stat().st_size > FILE_BYTES:
        raise _too_large(path, path.name, path.stat().st_size, FILE_BYTES)
    data = load(path)
    _refuse_others(path, data)
    try:
        with zipfile.ZipFile(path) as archive:
            return data, _examine(path, archive)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, zlib.error) as error:
        raise _unreadable(path, Phrase("It is damaged or cut short", "Il est abîmé ou coupé")) from error


def _refuse_others(path: Path, data: bytes) -> None:
    """Raise `workbook-unreadable`, in words that say what the file is, for what is no ZIP."""
    if data.startswith(b"PK\x03\x04"):
        return
    if data.startswith(_OLE):
        raise _unreadable(
            path,
            Phrase("It is an old .xls file, or protected by a password", "C'est un ancien .xls, ou un mot de passe"),
        )
    if data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise _unreadable(path, Phrase("It is a page of the web or XML", "C'est une page web ou du XML"))
    if not data:
        raise _unreadable(path, Phrase("It is empty", "Il est vide"))
    raise _unreadable(path, Phrase("It is no XLSX file, perhaps a CSV file", "Ce n'est pas un XLSX, peut-être un CSV"))


def _examine(path: Path, archive: zipfile.ZipFile) -> bool:
    """Look at the directory, then at the beginning of each part of XML; return whether there are macros."""
    parts = archive.infolist()
    if len(parts) > PARTS:
        raise _too_large(path, path.name, len(parts), PARTS)
    for part in parts:
        if part.filename.endswith((".xml", ".rels")) and part.file_size > PART_BYTES:
            raise _too_large(path, part.filename, part.file_size, PART_BYTES)
    if (total := sum(part.file_size for part in parts)) > TOTAL_BYTES:
        raise _too_large(path, path.name, total, TOTAL_BYTES)
    if "xl/workbook.xml" not in archive.namelist():
        raise _unreadable(path, Phrase("It is a ZIP without a workbook in it", "C'est un ZIP sans classeur"))
    for part in parts:
        if part.filename.endswith((".xml", ".rels", ".vml")):
            with archive.open(part) as stream:
                _refuse_dtd(path, part.filename, stream.read(_LOOKED_AT))
    return any(name.endswith("vbaProject.bin") for name in archive.namelist())


class _Enough(Exception):
    """The first element has begun: no DTD can follow."""


def _refuse_dtd(path: Path, name: str, beginning: bytes) -> None:
    """Raise `workbook-unreadable` for a part of XML with a DTD."""

    def dtd(*_: object) -> None:
        raise _unreadable(path, Phrase(f"{name} has a DTD", f"{name} a une DTD"))

    def enough(*_: object) -> None:
        raise _Enough

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = dtd
    parser.StartElementHandler = enough
    try:
        # As if it ended here: what is cut off after its first element has told what there is to tell.
        parser.Parse(beginning, True)
    except _Enough:
        return
    except expat.ExpatError as error:
        raise _unreadable(path, Phrase(f"{name} is no XML", f"{name} n'est pas du XML")) from error


def _too_large(path: Path, part: str, size: int, limit: int) -> Problem:
    return Problem("workbook-too-large", path=path, part=part, size=size, limit=limit)


def _unreadable(path: Path, reason: Phrase) -> Problem:
    return Problem("workbook-unreadable", path=path, reason=reason)
