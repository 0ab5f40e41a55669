"""Triples in a sorted file of N-Quads, looked up by bisection, with an index that is sorted by predicate and object.

Neither file is held in memory. The index has what `write_run` wrote of each part of the file; lookups by other
predicates read the whole file. Runs are sorted by several processes and then merged, which `core.external_sort` does not
do.
"""

import heapq
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from cper_lod.core.sorted_lines import SortedLines
from cper_lod.rdf.shacl.prefilter.triples import Description, MemoryTriples, ReversePatterns, read_line

_CACHED_SUBJECTS: Final = 20_000
"""Subjects whose triples are cached."""


class SortedTriples:
    """The triples of a sorted file, and some in memory."""

    def __init__(self, path: Path, memory: MemoryTriples) -> None:
        self._path = path
        self._lines = SortedLines(path)
        self._memory = memory
        self._index: SortedLines | None = None
        self._indexed: ReversePatterns = set()
        self._cache: OrderedDict[str, Description] = OrderedDict()
        self._read: dict[str, MemoryTriples] = {}

    def use_index(self, path: Path, patterns: ReversePatterns) -> None:
        """Look subjects up in the index at `path`, which covers `patterns`."""
        self._index, self._indexed = SortedLines(path), patterns

    def of(self, subject: str) -> Description:
        """Return the triples of a subject."""
        found = self._cache.get(subject)
        if found is None:
            lines = self._lines.beginning(f"{subject} ".encode())
            found = self._described(subject, filter(None, (read_line(line.decode()) for line in lines)))
        return found

    def _described(self, subject: str, triples: Iterable[tuple[str, str, str]]) -> Description:
        """Return the triples of a subject in the file, with those in memory; cached."""
        said = {predicate: dict(values) for predicate, values in self._memory.of(subject).items()}
        for _, predicate, value in triples:
            said.setdefault(predicate, {})[value] = None
        self._cache[subject] = said
        if len(self._cache) > _CACHED_SUBJECTS:
            self._cache.popitem(last=False)
        return said

    def parts(self, number: int) -> list[tuple[int, int]]:
        """Return at most `number` parts of the file, as ranges of bytes; no subject is divided."""
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
        """Yield the lines that start in a range of bytes, without mapping them into memory."""
        with self._path.open("rb") as file:
            file.seek(start)
            for line in file:
                if start >= end:
                    return
                start += len(line)
                yield line[:-1].decode()

    def in_part(self, start: int, end: int) -> Iterator[tuple[str, Description]]:
        """Yield each subject of a part with its triples."""
        for subject, triples in groupby(filter(None, map(read_line, self._between(start, end))), itemgetter(0)):
            yield subject, self._described(subject, triples)

    def not_in_file(self) -> Iterator[tuple[str, Description]]:
        """Yield the subjects that are not in the file, with their triples."""
        for subject, said in self._memory.all():
            if f"{subject} ".encode() not in self._lines:
                yield subject, said

    def all(self) -> Iterator[tuple[str, Description]]:
        """Yield every subject with its triples."""
        yield from self.in_part(0, len(self._lines.bytes))
        yield from self.not_in_file()

    def subjects(self, predicate: str, value: str) -> Iterable[str]:
        """Return the subjects with that value of that predicate."""
        if self._index is None or self._indexed.isdisjoint({(predicate, None), (predicate, value)}):
            return self._read_whole(predicate).subjects(predicate, value)
        lines = self._index.beginning(f"{predicate} {value} ".encode())
        found = dict.fromkeys(line.rpartition(b" ")[2].decode() for line in lines)
        return found | dict.fromkeys(self._memory.subjects(predicate, value))

    def pairs(self, predicate: str) -> Iterator[tuple[str, str]]:
        """Yield the subject and object of every triple with a predicate."""
        if self._index is None or (predicate, None) not in self._indexed:
            yield from self._read_whole(predicate).pairs(predicate)
            return
        for line in self._index.beginning(f"{predicate} ".encode()):
            value, _, subject = line.decode()[len(predicate) + 1 :].rpartition(" ")
            yield subject, value
        yield from self._memory.pairs(predicate)

    def objects(self, predicate: str) -> Iterator[str]:
        """Yield every object of a predicate, once."""
        if self._index is None or (predicate, None) not in self._indexed:
            yield from self._read_whole(predicate).objects(predicate)
            return
        last = ""
        for line in self._index.beginning(f"{predicate} ".encode()):
            value = line.decode()[len(predicate) + 1 :].rpartition(" ")[0]
            if value != last and not self._memory.subjects(predicate, value):
                yield value
            last = value
        yield from self._memory.objects(predicate)

    def _read_whole(self, predicate: str) -> MemoryTriples:
        """Return all triples of a predicate that is not in the index; this reads the whole file."""
        found = self._read.get(predicate)
        if found is None:
            found = self._read[predicate] = MemoryTriples()
            for subject, said in self.all():
                for value in said.get(predicate, ()):
                    found.add(subject, predicate, value)
        return found

    def write_run(self, part: tuple[int, int], patterns: ReversePatterns, to: Path) -> Path:
        """Write the triples of a part that match the patterns to a file, sorted by predicate and object; return it."""
        predicates, lines = {predicate for predicate, _ in patterns}, list[bytes]()
        whole = {predicate for predicate, value in patterns if value is None}
        for line in self._between(*part):
            triple = read_line(line)
            if triple and triple[1] in predicates and (triple[1] in whole or triple[1:] in patterns):
                lines.append(f"{triple[1]} {triple[2]} {triple[0]}\n".encode())
        to.write_bytes(b"".join(sorted(lines)))
        return to


def merge_files(runs: Iterable[Path], to: Path) -> None:
    """Merge sorted files into one."""
    with ExitStack() as files, to.open("wb") as out:
        out.writelines(heapq.merge(*(files.enter_context(run.open("rb")) for run in runs)))
