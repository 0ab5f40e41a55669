"""Triples in a sorted file of N-Quads, read by bisection, beside a second file that is sorted by predicate and object.

Neither is held in memory: what a subject says is found in the first, who says it in the second. That has what
`extracted` wrote of each part of the first; for anything else, the whole file is read.
"""

import heapq
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from cper_lod.core.sorted_lines import SortedLines
from cper_lod.rdf.shacl.prefilter.tokens import read_line
from cper_lod.rdf.shacl.prefilter.triples import Backwards, Description, Held

_KEPT: Final = 20_000
"""So many subjects that were looked up are kept."""
_RUN: Final = 500_000
"""So many lines are sorted at once."""


class SortedTriples:
    """The triples of a sorted file, and some that are held in memory."""

    def __init__(self, path: Path, held: Held) -> None:
        self._path = path
        self._lines = SortedLines(path)
        self._held = held
        self._sayers: SortedLines | None = None
        self._known: Backwards = set()
        self._kept: OrderedDict[str, Description] = OrderedDict()
        self._read: dict[str, Held] = {}

    def look_back(self, path: Path, known: Backwards) -> None:
        """Look subjects up in the file `path`, which has all that is `known`."""
        self._sayers, self._known = SortedLines(path), known

    def of(self, subject: str) -> Description:
        """Return what a subject says."""
        found = self._kept.get(subject)
        if found is None:
            more = self._held.of(subject)
            said = {predicate: dict(values) for predicate, values in more.items()}
            for line in self._lines.beginning(f"{subject} ".encode()):
                if triple := read_line(line.decode()):
                    said.setdefault(triple[1], {})[triple[2]] = None
            found = self._keep(subject, said)
        return found

    def _keep(self, subject: str, said: Description) -> Description:
        self._kept[subject] = said
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return said

    def parts(self, number: int) -> list[tuple[int, int]]:
        """Return at most so many parts of the file, each from a byte to a byte, none of which divides a subject."""
        size, starts = len(self._lines.bytes), [0]
        for at in range(1, number):
            start = self._lines.bytes.rfind(b"\n", 0, size * at // number) + 1
            subject = self._subject(start)
            while start < size and self._subject(start) == subject:
                start = self._lines.bytes.find(b"\n", start) + 1
            starts += [start] if start > starts[-1] else []
        return [part for part in zip(starts, [*starts[1:], size], strict=True) if part[0] < part[1]]

    def _subject(self, start: int) -> bytes:
        return self._lines.bytes[start : self._lines.bytes.find(b" ", start)]

    def _between(self, start: int, end: int) -> Iterator[str]:
        """Yield the lines that begin from `start` on and before `end`; what was read does not stay in memory."""
        with self._path.open("rb") as file:
            file.seek(start)
            for line in file:
                if start >= end:
                    return
                start += len(line)
                yield line[:-1].decode()

    def described(self, start: int, end: int) -> Iterator[tuple[str, Description]]:
        """Yield each subject of a part, with what it says."""
        subject, said = "", dict[str, dict[str, None]]()
        for line in self._between(start, end):
            triple = read_line(line)
            if triple is None:
                continue
            if triple[0] != subject:
                if subject:
                    yield subject, self._keep(subject, said)
                subject = triple[0]
                said = {predicate: dict(values) for predicate, values in self._held.of(subject).items()}
            said.setdefault(triple[1], {})[triple[2]] = None
        if subject:
            yield subject, self._keep(subject, said)

    def held_only(self) -> Iterator[tuple[str, Description]]:
        """Yield the subjects that the file does not have."""
        for subject, said in self._held.all():
            if f"{subject} ".encode() not in self._lines:
                yield subject, said

    def all(self) -> Iterator[tuple[str, Description]]:
        """Yield every subject with what it says."""
        yield from self.described(0, len(self._lines.bytes))
        yield from self.held_only()

    def subjects(self, predicate: str, value: str) -> Iterable[str]:
        """Return who says that value by that predicate."""
        if self._sayers is None or self._known.isdisjoint({(predicate, None), (predicate, value)}):
            return self._whole(predicate).subjects(predicate, value)
        lines = self._sayers.beginning(f"{predicate} {value} ".encode())
        found = dict.fromkeys(line.rpartition(b" ")[2].decode() for line in lines)
        return found | dict.fromkeys(self._held.subjects(predicate, value))

    def pairs(self, predicate: str) -> Iterator[tuple[str, str]]:
        """Yield every subject and object of a predicate."""
        if self._sayers is None or (predicate, None) not in self._known:
            yield from self._whole(predicate).pairs(predicate)
            return
        for line in self._sayers.beginning(f"{predicate} ".encode()):
            value, _, subject = line.decode()[len(predicate) + 1 :].rpartition(" ")
            yield subject, value
        yield from self._held.pairs(predicate)

    def objects(self, predicate: str) -> Iterator[str]:
        """Yield every object of a predicate, once."""
        if self._sayers is None or (predicate, None) not in self._known:
            yield from self._whole(predicate).objects(predicate)
            return
        last = ""
        for line in self._sayers.beginning(f"{predicate} ".encode()):
            value = line.decode()[len(predicate) + 1 :].rpartition(" ")[0]
            if value != last and not self._held.subjects(predicate, value):
                yield value
            last = value
        yield from self._held.objects(predicate)

    def _whole(self, predicate: str) -> Held:
        """Return all triples of a predicate that no rule was seen to look up so: the file is read from end to end."""
        found = self._read.get(predicate)
        if found is None:
            found = self._read[predicate] = Held()
            for subject, said in self.all():
                for value in said.get(predicate, ()):
                    found.add(subject, predicate, value)
        return found

    def extracted(self, part: tuple[int, int], wanted: Backwards, to: Path) -> list[Path]:
        """Write what is wanted of a part of the file, sorted by predicate and object, to files beginning like `to`."""
        written, lines = list[Path](), list[bytes]()
        whole = {predicate for predicate, value in wanted if value is None}
        predicates = {predicate for predicate, _ in wanted}
        for line in self._between(*part):
            triple = read_line(line)
            if triple and triple[1] in predicates and (triple[1] in whole or (triple[1], triple[2]) in wanted):
                lines.append(f"{triple[1]} {triple[2]} {triple[0]}\n".encode())
                if len(lines) == _RUN:
                    written.append(_run(lines, to, len(written)))
                    lines = []
        return [*written, _run(lines, to, len(written))]


def _run(lines: list[bytes], to: Path, number: int) -> Path:
    lines.sort()
    path = to.with_name(f"{to.name}-{number}")
    path.write_bytes(b"".join(lines))
    return path


def merged(runs: Iterable[Path], to: Path) -> None:
    """Merge sorted files into one."""
    with ExitStack() as files, to.open("wb") as out:
        out.writelines(heapq.merge(*(files.enter_context(run.open("rb")) for run in runs)))
