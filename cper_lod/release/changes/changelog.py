"""What changed between two publications, noted in the history so that it outlives the releases themselves."""

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
"""The names of the files: how much changed and where pages begin; a row a thing; what is said now of each of them."""
PAGE: Final = 100
"""How many rows a page has at most."""
_BYTES: Final = 512 * 1024
"""After how many bytes a page ends at the latest, but for what is said of its last thing."""
MAX_ROWS, MAX_FACTS = 500, 5000
"""How many rows and facts are told of two releases that nobody compared when they were published."""
Summary = dict[str, Any]


class ChangeCounts:
    """How much changed, counted row by row."""

    def __init__(self) -> None:
        self.things: Counter[str] = Counter()
        self.facts: Counter[str] = Counter()

    def add(self, row: Row) -> None:
        """Count what changed of one thing."""
        self.facts.update(told["change"] for told in row["facts"])
        if not row.get("continued"):
            self.things[row["change"]] += 1

    def summary(self, before: Release, after: Release, graphs: Counter[str]) -> Summary:
        """Return the counts; `same` says that nothing that is published differs."""
        return {
            "before": before.id,
            "after": after.id,
            "same": not self.things,
            "things": {name: self.things[name] for name in ("new", "gone", "changed")},
            "facts": {name: self.facts[name] for name in ("added", "withdrawn", "corrected")},
            "graphs": dict(sorted(graphs.items())),
        }


def write_changes(aside: Path, before: Release, after: Release) -> None:
    """Note in the folder `aside` what changed; in memory there is one thing at a time. Raises OSError."""
    telling, tally, pages = ChangeDescriber(before, after), ChangeCounts(), list[tuple[int, int]]()
    with (aside / ROWS).open("wb") as rows, (aside / MEMBERS).open("wb") as members:
        held = 0
        for row in telling.rows():
            if not pages or held == PAGE or rows.tell() + members.tell() - sum(pages[-1]) > _BYTES:
                pages.append((rows.tell(), members.tell()))
                held = 0
            tally.add(row)
            rows.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            if not row.get("continued"):
                _state(members, after, row["thing"])
            held += 1
        pages.append((rows.tell(), members.tell()))
    summary = tally.summary(before, after, telling.graphs) | {"format": 1, "pages": pages}
    (aside / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False) + "\n", "utf-8")


def _state(members: IO[bytes], after: Release, thing: str) -> None:
    """Write all that a release publishes of a thing."""
    term = thing if thing.startswith("_:") else f"<{thing}>"
    for quad in default_graph_quads(after, f"{term} "):
        members.write(f"{quad} .\n".encode())


class StoredChanges(NamedTuple):
    """What was noted of a publication; its rows are read page by page."""

    folder: Path
    summary: Summary

    @property
    def pages(self) -> int:
        """How many pages there are; none where nothing that is published has changed."""
        return len(self.summary["pages"]) - 1

    def rows(self, page: int) -> list[Row]:
        """Return the rows of a page, counted from 1; raises `history-damaged`."""
        path = self.folder / ROWS
        try:
            return [json.loads(line) for line in self._lines(path, page, 0)]
        except (OSError, ValueError) as error:
            raise Problem("history-damaged", path=path, message=str(error)) from error

    def members(self, page: int) -> list[bytes]:
        """Return all that is said, since this publication, of the things of a page, as N-Quads; raises the same."""
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
    """Return what was noted in the folder of a publication, None where nothing was; raises `history-damaged`."""
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
    """Return what changed between any two releases; raises `changes-too-large` where that is very much."""
    telling, tally, rows = ChangeDescriber(before, after), ChangeCounts(), list[Row]()
    for row in telling.rows():
        if len(rows) == MAX_ROWS or tally.facts.total() > MAX_FACTS:
            told = f"cper-lod diff {before.id} {after.id}"
            raise Problem("changes-too-large", limit=MAX_ROWS, facts=MAX_FACTS, command=told)
        tally.add(row)
        rows.append(row)
    return tally.summary(before, after, telling.graphs), rows


def stream_changes(before: Release, after: Release) -> Iterator[Row | Summary]:
    """Yield the rows of what changed, however many, and in the end the summary, which alone has no thing."""
    telling, tally = ChangeDescriber(before, after), ChangeCounts()
    for row in telling.rows():
        tally.add(row)
        yield row
    yield tally.summary(before, after, telling.graphs)
