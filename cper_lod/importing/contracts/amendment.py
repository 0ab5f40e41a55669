"""An exported workbook that is imported again: whether the contract has changed meanwhile, and what the import changes."""

import secrets
import tempfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.importing.contracts.export import Answers, Cells, export_contract
from cper_lod.importing.contracts.importer import PATHS, Workbook, link_sources
from cper_lod.importing.contracts.model import WorkbookSheet, sheets, shorter

VERSION: Final = "version"
"""The line of the form of the contract that says which version of the data the workbook was exported from."""
LAST_IMPORT: Final = "data/.workbooks/{}.txt"
"""The file with the version in the workbook that was imported last, and the digest of the files that it became."""


def with_version(answers: Answers, sources: Path, slug: str) -> Answers:
    """Return the cells of an exported workbook with its version: the digest of the contract's files, and a random part.

    The random part tells apart two workbooks that are exported from the same files.
    """
    version = f"{_digest(_contents(sources, slug))}-{secrets.token_hex(4)}"
    return {**answers, "contrat": [{**answers["contrat"][0], VERSION: version}]}


def is_older(workbook: Workbook, folder: Path) -> bool:
    """Return whether the contract in `folder` has changed since the workbook was exported, other than by importing it.

    A workbook that was not exported is never older.
    """
    version, present = _version(workbook), _digest(_contents(folder, workbook.slug))
    path = folder / LAST_IMPORT.format(workbook.slug)
    imported = path.read_text("utf-8").split() if path.is_file() else []
    return bool(version) and version.partition("-")[0] != present and imported != [version, present]


def last_import(workbook: Workbook, folder: Path) -> dict[str, bytes]:
    """Return the file that records which exported workbook the contract in `folder` comes from now, by its path.

    There is none for a workbook that was not exported, or that changes nothing.
    """
    version, digest = _version(workbook), _digest(workbook.files)
    if not version or digest == _digest(_contents(folder, workbook.slug)):
        return {}
    return {LAST_IMPORT.format(workbook.slug): f"{version} {digest}\n".encode()}


def _version(workbook: Workbook) -> str:
    return workbook.parsed.records["contrat"][0].text(VERSION)


def _contents(folder: Path, slug: str) -> dict[str, bytes]:
    """Return the files of a contract that are there, by path."""
    paths = [path.format(slug) for path in PATHS.values()]
    return {path: (folder / path).read_bytes() for path in paths if (folder / path).is_file()}


def _digest(files: Mapping[str, bytes]) -> str:
    """Return one digest of the RDF files of a contract; its texts have their checksums in there."""
    digest = sha256()
    for path in sorted(each for each in files if each.endswith(".ttl")):
        digest.update(f"{path} {sha256(files[path]).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def differences(workbook: Workbook, sources: Path, lang: Language) -> list[str]:
    """Return what importing a checked workbook changes in a contract of `sources`, a sentence a cell or a row.

    Raises `export-differs` if a workbook cannot say what is there now.
    """
    with tempfile.TemporaryDirectory(prefix="cper-lod-import-") as folder:
        link_sources(sources, copy := Path(folder), workbook.paths(sources))
        for path, data in workbook.files.items():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_bytes(data)
        after = export_contract(copy, workbook.slug)
    before = export_contract(sources, workbook.slug)
    return [text for sheet in sheets() for text in _sheet_differences(sheet, before, after, lang)]


def _sheet_differences(sheet: WorkbookSheet, before: Answers, after: Answers, lang: Language) -> Iterator[str]:
    """Yield a sentence for each cell that differs, and for each row that only one of the workbooks has."""
    old, new = ({_key(sheet, row): row for row in answers.get(sheet.key, ())} for answers in (before, after))
    for key in dict.fromkeys((*old, *new)):
        row = old.get(key) or new[key]
        place = {"sheet": sheet.names["fr"], "row": shorter(row.get("nom") or row.get("code") or _whole(row))}
        if key not in new or key not in old:
            yield translate("amended-removed" if key not in new else "amended-added", lang, **place)
            continue
        for column in sheet.columns:
            cells = [rows[key].get(column.key, "") for rows in (old, new)]
            if cells[0] != cells[1] and not column.kept:
                was, now = (shorter(each) or "–" for each in cells)
                yield translate("amended-cell", lang, column=column.headings[lang], before=was, after=now, **place)


def _key(sheet: WorkbookSheet, row: Cells) -> str:
    """Return what tells a row apart in its sheet."""
    named = (row[each] for each in ("identifiant", "code", "nom") if row.get(each))
    return "" if sheet.form else next(named, _whole(row))


def _whole(row: Cells) -> str:
    return " · ".join(filter(None, row.values()))
