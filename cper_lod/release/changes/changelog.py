"""The changes between two publications, stored in the history so that they outlive the releases."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.core.files import temporary_folder
from cper_lod.release.changes.describe import ChangeDescriber, Row, Summary
from cper_lod.release.files import reading
from cper_lod.release.release import Release

SUMMARY: Final = "changes.json"
ROWS: Final = "changes.jsonl"
"""The files: counts with page offsets; one row per resource."""
FORMAT: Final = 3
"""The version of these files; changes stored in another one are not read."""
PAGE: Final = 100
"""Most rows of a page."""
_PAGE_BYTES: Final = 512 * 1024
"""Bytes after which a page ends."""


def write_changes(folder: Path, before: Release, after: Release) -> None:
    """Store the changes in `folder`, the most important first, few of them in memory at a time. Raises OSError."""
    describer, pages = ChangeDescriber(before, after), list[int]()
    with (folder / ROWS).open("wb") as file:
        on_page = 0
        for line in _sorted_lines(describer, folder):
            if not pages or on_page == PAGE or file.tell() - pages[-1] > _PAGE_BYTES:
                pages.append(file.tell())
                on_page = 0
            file.write(line)
            on_page += 1
        pages.append(file.tell())
    summary = describer.summary() | {"format": FORMAT, "pages": pages}
    (folder / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False) + "\n", "utf-8")


def _sorted_lines(describer: ChangeDescriber, folder: Path) -> Iterator[bytes]:
    """Yield the rows as lines of JSON, the most important first, then by contract; a file in `folder` holds them meanwhile."""
    places = list[tuple[int, str, int]]()
    with TemporaryFile(dir=folder) as file:
        for row in describer.rows():
            places.append((row["importance"], row["contract"], file.tell()))
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        for *_, place in sorted(places):
            file.seek(place)
            yield file.readline()


class StoredChanges(NamedTuple):
    """The stored changes of a publication; rows are read page by page."""

    folder: Path
    summary: Summary

    @property
    def pages(self) -> int:
        """The number of pages; 0 if nothing published has changed."""
        return len(self.summary["pages"]) - 1

    def rows(self, page: int) -> list[Row]:
        """Return the rows of a page, counted from 1; raises `history-damaged`."""
        with _damage_as_problem(self.folder / ROWS) as path, path.open("rb") as file:
            start, end = self.summary["pages"][page - 1 : page + 1]
            file.seek(start)
            return [json.loads(line) for line in file.read(end - start).splitlines()]


def read_changes(folder: Path) -> StoredChanges | None:
    """Return the stored changes in the folder of a publication, None if there are none or another program stored them.

    Raises `history-damaged`.
    """
    if not (folder / SUMMARY).exists():
        return None
    with _damage_as_problem(folder / SUMMARY) as path:
        summary = json.loads(path.read_bytes())
        if summary["format"] != FORMAT:
            return None
        if not summary["pages"]:
            raise ValueError("pages")
        return StoredChanges(folder, summary)


@contextmanager
def _damage_as_problem(path: Path) -> Iterator[Path]:
    try:
        with reading(path, "history-damaged"):
            yield path
    except (ValueError, LookupError, TypeError) as error:
        raise Problem("history-damaged", path=path, message=str(error)) from error


def stream_changes(before: Release, after: Release) -> Iterator[Row | Summary]:
    """Yield the rows of all changes, the most important first, then the summary (the only item without `thing`)."""
    describer = ChangeDescriber(before, after)
    yield from map(json.loads, _sorted_lines(describer, temporary_folder()))
    yield describer.summary()
