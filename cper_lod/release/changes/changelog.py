"""The changes between two publications, stored in the history so that they outlive the releases."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, NamedNode

from cper_lod.core.errors import Problem
from cper_lod.release.changes.describe import ChangeDescriber, Row, Summary
from cper_lod.release.release import Release

SUMMARY: Final = "changes.json"
ROWS: Final = "changes.jsonl"
MEMBERS: Final = "members.nq"
"""The files: counts with page offsets; one row per resource; the present triples of each changed resource."""
PAGE: Final = 100
"""Most rows of a page."""
_PAGE_BYTES: Final = 512 * 1024
"""Bytes after which a page ends, not counting the triples of its last resource."""
MAX_ROWS, MAX_FACTS = 500, 5000
"""Most rows and facts of a comparison that was not stored at publication."""


def write_changes(folder: Path, before: Release, after: Release) -> None:
    """Store the changes in `folder`, with one resource in memory at a time. Raises OSError."""
    describer, pages = ChangeDescriber(before, after), list[tuple[int, int]]()
    with (folder / ROWS).open("wb") as rows, (folder / MEMBERS).open("wb") as members:
        on_page = 0
        for row in describer.rows():
            if not pages or on_page == PAGE or rows.tell() + members.tell() - sum(pages[-1]) > _PAGE_BYTES:
                pages.append((rows.tell(), members.tell()))
                on_page = 0
            rows.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            if not row.get("continued"):
                name = row["thing"]
                node = BlankNode(name[2:]) if name.startswith("_:") else NamedNode(name)
                quads = after.triples.about(node)
                members.writelines(f"{quad} .\n".encode() for quad in quads if quad.graph_name == DefaultGraph())
            on_page += 1
        pages.append((rows.tell(), members.tell()))
    summary = describer.summary() | {"format": 1, "pages": pages}
    (folder / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False) + "\n", "utf-8")


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
        with _damage_as_problem(self.folder / ROWS) as path:
            return [json.loads(line) for line in self._lines(path, page, 0)]

    def members(self, page: int) -> list[bytes]:
        """Return the triples of the resources on a page, as N-Quads; raises `history-damaged`."""
        with _damage_as_problem(self.folder / MEMBERS) as path:
            return self._lines(path, page, 1)

    def _lines(self, path: Path, page: int, column: int) -> list[bytes]:
        start, end = (self.summary["pages"][place][column] for place in (page - 1, page))
        with path.open("rb") as file:
            file.seek(start)
            return file.read(end - start).splitlines()


def read_changes(folder: Path) -> StoredChanges | None:
    """Return the stored changes in the folder of a publication, None if there are none; raises `history-damaged`."""
    if not (folder / SUMMARY).exists():
        return None
    with _damage_as_problem(folder / SUMMARY) as path:
        summary = json.loads(path.read_bytes())
        if summary["format"] != 1 or not summary["pages"]:
            raise ValueError("format, pages")
        return StoredChanges(folder, summary)


@contextmanager
def _damage_as_problem(path: Path) -> Iterator[Path]:
    try:
        yield path
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise Problem("history-damaged", path=path, message=str(error)) from error


def compare_releases(before: Release, after: Release) -> tuple[Summary, list[Row]]:
    """Return the changes between any two releases; raises `changes-too-large` if there are very many."""
    describer, rows = ChangeDescriber(before, after), list[Row]()
    for row in describer.rows():
        if len(rows) == MAX_ROWS or describer.facts.total() - len(row["facts"]) > MAX_FACTS:
            command = f"cper-lod diff {before.id} {after.id}"
            raise Problem("changes-too-large", limit=MAX_ROWS, facts=MAX_FACTS, command=command)
        rows.append(row)
    return describer.summary(), rows


def stream_changes(before: Release, after: Release) -> Iterator[Row | Summary]:
    """Yield the rows of all changes, then the summary (the only item without `thing`)."""
    describer = ChangeDescriber(before, after)
    yield from describer.rows()
    yield describer.summary()
