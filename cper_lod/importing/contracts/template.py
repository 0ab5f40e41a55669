"""The workbook that a contract is written in: every sheet as rows of text, with help and an example, then as CSV."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from cper_lod.core.errors import Language, Problem
from cper_lod.importing.contracts.code_lists import Code
from cper_lod.importing.contracts.model import (
    FORM,
    INSTRUCTIONS,
    LISTS,
    MARK,
    MARKS,
    YES_NO,
    Column,
    Sheet,
    instructions,
    sheets,
)
from cper_lod.importing.contracts.read_csv import file_name

Row = list[str]
Codes = Mapping[str, tuple[Code, ...]]


def begun(region: str, years: tuple[int, int]) -> dict[str, str]:
    """Return what the form of the contract begins with, by the key of its line."""
    span = f"{years[0]}-{years[1]}"
    return {"region": region, "periode": span, "intitule": f"Contrat de plan État-Région {span} {region}"}


def offers(codes: Codes) -> dict[str, tuple[str, ...]]:
    """Return what each drop-down offers: the code lists by name, and what is chosen without one by the column's key."""
    lists = {name: tuple(code.shown for code in found) for name, found in codes.items()}
    chosen = {column.key: column.choices for sheet in sheets() for column in sheet.columns if column.kind == "choice"}
    return {**lists, **chosen, "yesno": YES_NO}


def offered(column: Column) -> str:
    """Return the name of the drop-down of a column; empty where there is none."""
    return column.codes or {"choice": column.key, "yesno": "yesno"}.get(column.kind, "")


def rows(sheet: Sheet, given: Mapping[str, str], lang: Language) -> list[Row]:
    """Return the rows of an empty sheet, with what is `given` in the form of the contract."""
    if sheet.form:
        known = given if sheet.key == "contrat" else {}
        lines = [
            [column.headings["fr"], column.headings["en"], known.get(column.key, ""), "", _help(column, lang),
             " — ".join(filter(None, (column.example, column.example_cited and f"« {column.example_cited} »")))]
            for column in sheet.columns
        ]  # fmt: skip
        return [[names[0] for names in FORM.values()], *lines]
    return [
        [MARK, *(column.headings["fr"] for column in sheet.columns)],
        [MARKS[0], *(column.headings["en"] for column in sheet.columns)],
        [MARKS[1], *(_help(column, lang) for column in sheet.columns)],
        [MARKS[2], *(column.example for column in sheet.columns)],
    ]


def _help(column: Column, lang: Language) -> str:
    must = {"fr": "Obligatoire. ", "en": "Required. "}[lang] if column.required else ""
    if column.cited:
        must += {"fr": "Avec citation. ", "en": "With quotation. "}[lang]
    return must + column.help[lang]


def instruction_rows() -> list[Row]:
    """Return the rows of the sheet of instructions: French, then English."""
    told = instructions()
    return [[INSTRUCTIONS], *([line["fr"]] for line in told), [""], ["How to use"], *([line["en"]] for line in told)]


def list_rows(codes: Codes) -> list[Row]:
    """Return the rows of the sheet of lists: for each a column of values, and one of what they mean."""
    meanings = {code.shown: code.definitions for found in codes.values() for code in found}
    columns: list[Row] = []
    for name, values in offers(codes).items():
        columns.append([name, *values])
        columns.append(["", *(" / ".join(meanings.get(value, {}).get(lang, "") for lang in ("fr", "en")
                                         if value in meanings) for value in values)])  # fmt: skip
    height = max(map(len, columns))
    return [[column[at] if at < len(column) else "" for column in columns] for at in range(height)]


def _tables(given: Mapping[str, str], codes: Codes, lang: Language) -> Iterator[tuple[str, list[Row]]]:
    yield INSTRUCTIONS, instruction_rows()
    for sheet in sheets():
        yield sheet.names["fr"], rows(sheet, given, lang)
    yield LISTS, list_rows(codes)


def write_folder(folder: Path, given: Mapping[str, str], codes: Codes, lang: Language) -> None:
    """Write the workbook as a folder of CSV files that French spreadsheets open: UTF-8 with its mark, semicolons.

    Raises `workbook-exists` where the folder is there, and `permission`.
    """
    try:
        folder.mkdir(parents=True)
        for name, table in _tables(given, codes, lang):
            text = io.StringIO()
            csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(table)
            (folder / file_name(name)).write_bytes(text.getvalue().encode("utf-8-sig"))
    except FileExistsError as error:
        raise Problem("workbook-exists", path=folder) from error
    except OSError as error:
        raise Problem("permission", path=folder, message=error.strerror or error) from error
