"""The findings of an import: how many of a kind are shown, and a CSV file of all of them for spreadsheets."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.files import AtomicFile, disk_errors
from cper_lod.core.i18n import translate
from cper_lod.rdf.spreadsheets import is_formula

MAX_SHOWN: Final = 10
"""Findings of one kind that are shown; all are counted."""


class FindingRow(NamedTuple):
    """A finding as a row of the file: where it is, and its sentences; "" for what it has not.

    `severity` is in the words of the command, `kind` is the name of the finding whatever the language.
    """

    severity: str
    kind: str
    file: str
    sheet: str
    row: str
    column: str
    value: str
    finding: str
    remedy: str


@contextmanager
def findings_file(path: Path | None, lang: Language) -> Iterator[Callable[[FindingRow], object]]:
    """Yield a function that adds a finding to the CSV file `path`; without a path, one that does nothing.

    The file takes its place at the end, and replaces only a file that begins as it does.
    Raises `findings-file-exists` and `permission`.
    """
    if path is None:
        yield lambda _: None
        return
    with disk_errors(path):
        if path.exists() and not _is_findings_file(path):
            raise Problem("findings-file-exists", path=path)
    with new_csv(path, _headings(lang)) as write:
        yield write


@contextmanager
def new_csv(path: Path, headings: Iterable[str], mode: int = 0o644) -> Iterator[Callable[[Iterable[str]], object]]:
    """Yield a function that writes a row of a CSV file for spreadsheets, which takes its place at the end; raises `permission`."""
    with (
        disk_errors(path),
        AtomicFile(path, mode=mode) as new,
        io.TextIOWrapper(new.file, "utf-8-sig", newline="") as text,
    ):
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(headings)
        # An apostrophe marks what a spreadsheet would run as a formula as text, as it does when typed.
        yield lambda row: writer.writerow(f"'{each}" if is_formula(each) else each for each in row)
        text.flush()
        new.commit()


def _headings(lang: Language) -> list[str]:
    return [translate(f"findings-{name}", lang) for name in FindingRow._fields]


def _is_findings_file(path: Path) -> bool:
    beginnings = tuple(";".join(_headings(lang)).encode("utf-8-sig") for lang in LANGUAGES)
    longest = max(map(len, beginnings))
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(longest).startswith(beginnings)
