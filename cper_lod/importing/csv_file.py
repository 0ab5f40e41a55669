"""Inspects a CSV file (digest, encoding, separator, columns) and reads its rows, in bounded memory."""

import csv
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.rdf.reader import open_source

MAX_FILE_BYTES: Final = 128 << 20
"""Some 500 000 rows of subsidies, which are sorted in memory: a region and a year have some thousands."""
MAX_LINE_BYTES: Final = 1 << 20
MAX_COLUMNS: Final = 100
SEPARATORS: Final = (",", ";", "\t")

_MAGIC: Final = (
    (b"PK\x03\x04", Phrase("a ZIP archive or an XLSX workbook", fr="une archive ZIP ou un classeur XLSX")),
    (b"\xd0\xcf\x11\xe0", Phrase("an old Excel workbook (XLS)", fr="un ancien classeur Excel (XLS)")),
    (b"%PDF", Phrase("a PDF document", fr="un document PDF")),
    (b"\x1f\x8b", Phrase("a gzip archive", fr="une archive gzip")),
    (b"\xff\xfe", Phrase("a text in UTF-16", fr="un texte en UTF-16")),
    (b"\xfe\xff", Phrase("a text in UTF-16", fr="un texte en UTF-16")),
    (b"<", Phrase("an HTML or XML page", fr="une page HTML ou XML")),
    (b"{", Phrase("a JSON document", fr="un document JSON")),
)
"""First bytes of formats that are often mistaken for CSV."""


Progress = Callable[[int], object]
"""Called from time to time with the number of bytes read so far."""

_STEP = 1000


@dataclass(frozen=True)
class CsvFile:
    """A CSV file: its path, its digest and size, and how to read it."""

    path: Path
    sha256: str
    size: int
    encoding: str
    separator: str
    header: tuple[str, ...]
    stamp: tuple[int, int]


def inspect_csv(path: Path) -> CsvFile:
    """Return how to read the file.

    Raises what `open_source` raises, and `import-not-csv`, `import-too-large`, `import-encoding`.
    """
    with open_source(path) as file:
        status = os.fstat(file.fileno())
        if status.st_size > MAX_FILE_BYTES:
            raise too_large(path, Phrase("The file", fr="Le fichier"), f"{MAX_FILE_BYTES >> 20} MiB")
        _refuse_other_kinds(path, file.read(1024))
        file.seek(0)
        sha256, encoding = _digest_and_encoding(path, file)
    separator, header = _header(path, encoding)
    stamp = (status.st_mtime_ns, status.st_size)
    return CsvFile(path, sha256, status.st_size, encoding, separator, header, stamp)


def too_large(path: Path, what: Phrase, limit: str) -> Problem:
    """Return the problem for something beyond a limit."""
    return Problem("import-too-large", path=path, what=what, limit=limit)


def _refuse_other_kinds(path: Path, beginning: bytes) -> None:
    bare = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not bare and len(beginning) < 1024:
        raise Problem("import-not-csv", path=path, kind=Phrase("an empty file", fr="un fichier vide"))
    for magic, kind in _MAGIC:
        if bare.startswith(magic):
            raise Problem("import-not-csv", path=path, kind=kind)


def _lines(path: Path, file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its number; raises a problem for a line that is too long or contains NUL."""
    for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), 1):
        if len(line) > MAX_LINE_BYTES:
            what = Phrase(f"Line {number}", fr=f"La ligne {number}")
            raise too_large(path, what, f"{MAX_LINE_BYTES >> 20} MiB")
        if b"\0" in line:
            kind = Phrase(
                f"a binary file (NUL byte, line {number})", fr=f"un fichier binaire (octet NUL, ligne {number})"
            )
            raise Problem("import-not-csv", path=path, kind=kind)
        yield number, line


def _digest_and_encoding(path: Path, file: IO[bytes]) -> tuple[str, str]:
    """Return the SHA-256 of the file, and its encoding: UTF-8, else Windows-1252."""
    digest = hashlib.sha256()
    utf8 = cp1252 = 0  # the first line that is UTF-8 beyond ASCII, and the first that is not
    for number, line in _lines(path, file):
        digest.update(line)
        if line.isascii() or (utf8 and cp1252):
            continue
        try:
            line.decode("utf-8")
            utf8 = utf8 or number
        except UnicodeDecodeError:
            cp1252 = cp1252 or number
            try:
                line.decode("cp1252")
            except UnicodeDecodeError as error:
                what = f"0x{line[error.start]:02X}"
                raise Problem("import-encoding", path=path, line=number, what=what) from error
    if utf8 and cp1252:
        both = Phrase(
            f"line {utf8} is UTF-8, line {cp1252} is not", fr=f"la ligne {utf8} est en UTF-8, la {cp1252} non"
        )
        raise Problem("import-encoding", path=path, line=max(utf8, cp1252), what=both)
    return digest.hexdigest(), "cp1252" if cp1252 else "utf-8-sig"


def _header(path: Path, encoding: str) -> tuple[str, tuple[str, ...]]:
    """Return the separator that splits the first line into most columns, and these columns."""
    with path.open(encoding=encoding, newline="") as file:
        first = next((line for line in file if line.strip()), "")
    try:
        found = [(separator, next(csv.reader([first], delimiter=separator))) for separator in SEPARATORS]
    except csv.Error as error:
        raise _unreadable_row(path, 1, error) from error
    separator, header = max(found, key=lambda each: len(each[1]))
    if len(header) > MAX_COLUMNS:
        raise too_large(path, Phrase("The list of columns", fr="La liste des colonnes"), str(MAX_COLUMNS))
    return separator, tuple(" ".join(name.split()) for name in header)


def read_rows(file: CsvFile, progress: Progress = lambda _: None) -> Iterator[tuple[int, list[str]]]:
    """Yield each non-empty row after the header, with its line number.

    Raises `import-quotes` for an unclosed quotation mark, `import-too-large` for a cell without an end, `import-changed` if the file changed since its inspection.
    """
    with file.path.open("rb") as binary, io.TextIOWrapper(binary, encoding=file.encoding, newline="") as text:
        reader = csv.reader(text, delimiter=file.separator, strict=True)
        first_line, header_seen = 1, False
        try:
            for row in reader:
                if any(map(str.strip, row)):
                    if header_seen:
                        yield first_line, row
                    header_seen = True
                first_line = reader.line_num + 1
                if first_line % _STEP == 0:
                    progress(binary.tell())
        except (csv.Error, UnicodeDecodeError) as error:
            raise _unreadable_row(file.path, first_line, error) from error
        progress(file.size)
    status = file.path.stat()
    if (status.st_mtime_ns, status.st_size) != file.stamp:
        raise Problem("import-changed", path=file.path)


def _unreadable_row(path: Path, line: int, error: Exception) -> Problem:
    """Return the problem of a row that the reader of CSV gives up: a cell without an end, or another fault of quotation."""
    if "field larger than" not in str(error):
        return Problem("import-quotes", path=path, line=line)
    cell = Phrase(
        f"The cell that begins on line {line} (perhaps for lack of a quotation mark)",
        fr=f"La cellule qui commence à la ligne {line} (peut-être faute d'un guillemet)",
    )
    return too_large(path, cell, str(csv.field_size_limit()))
