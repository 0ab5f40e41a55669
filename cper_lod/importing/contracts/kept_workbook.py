"""The workbook that a contract was imported from last: its cells are kept beside the data, and exported again.

So a contract is corrected in its own workbook; an import says what it changes, and does not undo what came after the export.
"""

import json
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import translate
from cper_lod.importing.contracts.importer import PATHS, Workbook
from cper_lod.importing.contracts.model import WorkbookSheet, sheets, shorter
from cper_lod.importing.contracts.template import Answers
from cper_lod.release.sources.address import site_names
from cper_lod.release.sources.writing import settle

VERSION: Final = "version"
"""The column of the sheet of the contract that says which version of the data the workbook was exported from."""
KEPT: Final = "data/.workbooks/{}.json"
"""The file with the cells of the workbook that was imported last, its version, and the digest of the files that it became."""


def export_contract(sources: Path, name: str) -> Answers:
    """Return the cells of the workbook that a contract was imported from, with the version of the data.

    `name` is the IRI of the contract or the end of it. Its version is the digest of its files, and a random part, which tells
    apart two workbooks that are exported from the same files. Raises `import-contract` for an unknown contract,
    `export-differs` for one whose files are not those that its workbook became, `workbook-damaged` if its cells cannot be
    read, and the problems of `settle`.
    """
    settle(sources)
    slug = name.rpartition("/")[2]
    path = sources / PATHS["contracts"].format(slug)
    if ("/" in name and name != site_names(sources).contracts + slug) or not path.is_file():
        known = sorted(each.stem for each in path.parent.glob("*.ttl"))
        raise Problem("import-contract", contract=name, known=", ".join(known) or "–")
    kept, digest = _kept(sources, slug), _digest(_contents(sources, slug))
    if kept.get("digest") != digest:
        raise Problem("export-differs", contract=slug)
    cells: Answers = kept["cells"]
    return {**cells, "contrat": [{**cells["contrat"][0], VERSION: f"{digest}-{secrets.token_hex(4)}"}]}


def is_older(workbook: Workbook, folder: Path) -> bool:
    """Return whether the contract in `folder` has changed since the workbook was exported, other than by importing it.

    So it has, too, if its files are no longer those of the last import. Else a workbook that was not exported is not older.
    Raises `workbook-damaged` if that cannot be known.
    """
    version, files = _version(workbook), _contents(folder, workbook.slug)
    present = _digest(files)
    if not files or version.partition("-")[0] == present:
        return False
    kept = _kept(folder, workbook.slug)
    if kept and kept["digest"] != present:
        return True
    return bool(version) and kept.get(VERSION) != version


def is_outdated(folder: Path, slug: str) -> bool:
    """Return whether the kept cells of a contract cannot be exported, as its files are others."""
    with suppress(Problem):
        return bool(_kept(folder, slug).get("digest") != _digest(_contents(folder, slug)))
    return True


def followed(folder: Path, changed: Mapping[str, bytes], gone: Collection[str]) -> dict[str, bytes]:
    """Return the kept cells that can be exported, with the digest of the files after a withdrawal, by path.

    It leaves what their workbook became, and takes only what that does not need.
    """
    found = dict[str, bytes]()
    for path in sorted((folder / KEPT).parent.glob("*.json")):
        before, name = _contents(folder, path.stem), KEPT.format(path.stem)
        after = {each: changed.get(each, data) for each, data in before.items() if each not in gone}
        if name not in gone and _digest(after) != _digest(before) and not is_outdated(folder, path.stem):
            found[name] = _json({**_kept(folder, path.stem), "digest": _digest(after)})
    return found


def kept_file(workbook: Workbook, folder: Path) -> dict[str, bytes]:
    """Return the file that keeps a checked workbook in `folder`, by its path; none if the same is kept already."""
    cells, digest = _cells(workbook), _digest(workbook.files)
    with suppress(Problem):  # a damaged file is replaced
        kept = _kept(folder, workbook.slug)
        if kept.get("digest") == digest and kept["cells"] == cells:
            return {}
    new = {"digest": digest, VERSION: _version(workbook), "cells": cells}
    return {KEPT.format(workbook.slug): _json(new)}


def _json(kept: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(kept, indent=1, ensure_ascii=False)}\n".encode()


def differences(workbook: Workbook, folder: Path, lang: Language) -> list[str] | None:
    """Return what a checked workbook changes in the one that is kept in `folder`, a sentence a cell or a row.

    None if that cannot be said: no workbook is kept, or its cells are the same, but the files of the contract are not.
    """
    before = None
    with suppress(Problem):  # which is told when something is to be written
        before = _kept(folder, workbook.slug).get("cells")
    if before is None:
        return None
    found = [text for sheet in sheets() for text in _sheet_differences(sheet, before, _cells(workbook), lang)]
    is_same = _digest(workbook.files) == _digest(_contents(folder, workbook.slug))
    return found if found or is_same else None


def _kept(folder: Path, slug: str) -> dict[str, Any]:
    """Return what is kept of the last workbook, {} for none; raises `workbook-damaged`."""
    path = folder / KEPT.format(slug)
    try:
        kept: dict[str, Any] = json.loads(path.read_bytes())
        texts = [kept["digest"], kept[VERSION], *kept["cells"]["contrat"][0].values()]
        texts += [text for rows in kept["cells"].values() for row in rows for text in row.values()]
    except FileNotFoundError:
        return {}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Problem("workbook-damaged", path=path) from error
    if not all(isinstance(each, str) for each in texts):
        raise Problem("workbook-damaged", path=path)
    return kept


def _cells(workbook: Workbook) -> Answers:
    """Return the cells of a workbook but its version; with them the identifiers that its rows got, where it has none."""
    filled = {
        key: [{column: text for column, text in each.typed.items() if text and column != VERSION} for each in records]
        for key, records in workbook.parsed.records.items()
    }
    return {key: rows for key, rows in filled.items() if rows}


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


def _sheet_differences(sheet: WorkbookSheet, before: Answers, after: Answers, lang: Language) -> Iterator[str]:
    """Yield a sentence for each cell that differs, and for each row that only one of the workbooks has."""
    old, new = ({_key(row): row for row in answers.get(sheet.key, ())} for answers in (before, after))
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


def _key(row: Mapping[str, str]) -> str:
    """Return what tells a row apart in its sheet."""
    named = (row[each] for each in ("identifiant", "code", "nom") if row.get(each))
    return next(named, _whole(row))


def _whole(row: Mapping[str, str]) -> str:
    return " · ".join(filter(None, row.values()))
