"""The changes between two publications, stored in the history so that they outlive the releases."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.release.changes.describe import ChangeDescriber, Row
from cper_lod.release.changes.diff import default_graph_quads
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
Summary = dict[str, Any]


class ChangeCounts:
    """Counts of changes."""

    def __init__(self) -> None:
        self.things: Counter[str] = Counter()
        self.facts: Counter[str] = Counter()

    def add(self, row: Row) -> None:
        """Count a row."""
        self.facts.update(fact["change"] for fact in row["facts"])
        if not row.get("continued"):
            self.things[row["change"]] += 1

    def summary(self, before: Release, after: Release, graphs: Counter[str]) -> Summary:
        """Return the counts; `same` means that no published triple differs."""
        return {
            "before": before.id,
            "after": after.id,
            "same": not self.things,
            "things": {name: self.things[name] for name in ("new", "gone", "changed")},
            "facts": {name: self.facts[name] for name in ("added", "withdrawn", "corrected")},
            "graphs": dict(sorted(graphs.items())),
        }


def write_changes(folder: Path, before: Release, after: Release) -> None:
    """Store the changes in `folder`, with one resource in memory at a time. Raises OSError."""
    describer, counts, pages = ChangeDescriber(before, after), ChangeCounts(), list[tuple[int, int]]()
    with (folder / ROWS).open("wb") as rows, (folder / MEMBERS).open("wb") as members:
        on_page = 0
        for row in describer.rows():
            if not pages or on_page == PAGE or rows.tell() + members.tell() - sum(pages[-1]) > _PAGE_BYTES:
                pages.append((rows.tell(), members.tell()))
                on_page = 0
            counts.add(row)
            rows.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            if not row.get("continued"):
                _write_member(members, after, row["thing"])
            on_page += 1
        pages.append((rows.tell(), members.tell()))
    summary = counts.summary(before, after, describer.graphs) | {"format": 1, "pages": pages}
    (folder / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False) + "\n", "utf-8")


def _write_member(members: IO[bytes], release: Release, resource: str) -> None:
    """Write the published triples of a resource."""
    term = resource if resource.startswith("_:") else f"<{resource}>"
    for quad in default_graph_quads(release, f"{term} "):
        members.write(f"{quad} .\n".encode())


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
        path = self.folder / ROWS
        try:
            return [json.loads(line) for line in self._lines(path, page, 0)]
        except (OSError, ValueError) as error:
            raise Problem("history-damaged", path=path, message=str(error)) from error

    def members(self, page: int) -> list[bytes]:
        """Return the triples of the resources on a page, as N-Quads; raises `history-damaged`."""
        path = self.folder / MEMBERS
        try:
            return self._lines(path, page, 1)
        except OSError as error:
            raise Problem("history-damaged", path=path, message=str(error)) from error

    def _lines(self, path: Path, page: int, column: int) -> list[bytes]:
        start, end = (self.summary["pages"][place][column] for place in (page - 1, page))
        with path.open("rb") as file:
            file.seek(start)
            return file.read(end - start).splitlines()


def read_changes(folder: Path) -> StoredChanges | None:
    """Return the stored changes in the folder of a publication, None if there are none; raises `history-damaged`."""
    path = folder / SUMMARY
    if not path.exists():
        return None
    try:
        summary = json.loads(path.read_bytes())
        if summary["format"] == 1 and summary["pages"]:
            return StoredChanges(folder, summary)
        error: Exception = ValueError("format, pages")
    except (OSError, ValueError, LookupError, TypeError) as found:
        error = found
    raise Problem("history-damaged", path=path, message=str(error)) from error


def compare_releases(before: Release, after: Release) -> tuple[Summary, list[Row]]:
    """Return the changes between any two releases; raises `changes-too-large` if there are very many."""
    describer, counts, rows = ChangeDescriber(before, after), ChangeCounts(), list[Row]()
    for row in describer.rows():
        if len(rows) == MAX_ROWS or counts.facts.total() > MAX_FACTS:
            command = f"cper-lod diff {before.id} {after.id}"
            raise Problem("changes-too-large", limit=MAX_ROWS, facts=MAX_FACTS, command=command)
        counts.add(row)
        rows.append(row)
    return counts.summary(before, after, describer.graphs), rows


def stream_changes(before: Release, after: Release) -> Iterator[Row | Summary]:
    """Yield the rows of all changes, then the summary (the only item without `thing`)."""
    describer, counts = ChangeDescriber(before, after), ChangeCounts()
    for row in describer.rows():
        counts.add(row)
        yield row
    yield counts.summary(before, after, describer.graphs)
