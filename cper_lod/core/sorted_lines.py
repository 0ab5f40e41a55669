"""Look up lines by prefix in a sorted, memory-mapped file, by bisection: at the same cost at any size."""

import mmap
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

_WINDOW: Final = 256 * 1024
"""Bytes in which lines are counted; the rest is not read, so that counting costs the same at any size."""

FENCES: Final = 4096
"""Lines at most, spread over the file, whose first bytes are held in memory: bisection starts between two of them."""
FENCE_DISTANCE: Final = 512
"""Bytes at least between two such lines: more of them would not make lookups faster, but opening a file slower."""
_FENCE_BYTES: Final = 160
"""Bytes of such a line that are held."""


_LEAST, _MOST = 512, 1024 * 1024
"""Bytes that are compared at once: doubled while two files are equal, then few again."""


class Count(NamedTuple):
    """A number, or a lower bound if not `exact`."""

    number: int
    exact: bool


class SortedLines:
    """The lines of a file that is sorted as bytes; each line ends with a line feed."""

    def __init__(self, path: Path, *, fenced: bool = True) -> None:
        """Map the file at `path`; without fences, a lookup takes a little longer and hardly any memory."""
        self._fenced = fenced
        with path.open("rb") as file:
            # An empty file cannot be mapped.
            self.bytes: mmap.mmap | bytes = (
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
            )

    @cached_property
    def _fences(self) -> tuple[list[bytes], list[int]]:
        """The first bytes of some lines, in file order, and the offset of each line."""
        offsets, last = dict[int, None](), 0
        step = max(len(self.bytes) // FENCES + 1, FENCE_DISTANCE)
        for at in range(0, len(self.bytes) if self._fenced else 0, step):
            last = self.bytes.rfind(b"\n", last, at) + 1 or last
            offsets[last] = None
        return [self.bytes[each : each + _FENCE_BYTES].partition(b"\n")[0] for each in offsets], list(offsets)

    def _start(self, key: bytes, *, after: bool = False) -> int:
        """Return the offset of the first line not before `key`, or with `after`, of the first line after all that start with it."""
        if after:
            key += b"\xff"  # which no text has
        fences, offsets = self._fences
        before, beyond = bisect_left(fences, key[:_FENCE_BYTES]), bisect_right(fences, key[:_FENCE_BYTES])
        low = offsets[before - 1] if before else 0
        high = offsets[beyond] if beyond < len(offsets) else len(self.bytes)
        while low < high:
            middle = self.bytes.rfind(b"\n", low, (low + high) // 2) + 1 or low
            if self.bytes[middle : middle + len(key)] < key:
                low = self._end(middle) + 1
            else:
                high = middle
        return low

    def _end(self, start: int) -> int:
        """Return the offset of the end of a line; the last line may have lost its line feed."""
        end = self.bytes.find(b"\n", start)
        return end if end >= 0 else len(self.bytes)

    def place(self, line: bytes) -> int:
        """Return the offset of a line, or that at which it would be inserted."""
        return self._start(line)

    def beginning(self, key: bytes, since: bytes = b"", *, at: int = 0) -> Iterator[bytes]:
        """Yield the lines that start with `key`, without their line feeds, in file order.

        With `since`, start at the first line not before it; with `at`, so many bytes after the first line.
        """
        start, data, length = self._start(max(key, since)) + at, self.bytes, len(key)
        while data[start : start + length] == key and start < len(data):
            end = data.find(b"\n", start)
            if end < 0:
                end = len(data)
            yield data[start:end]
            start = end + 1

    def preceding(self, key: bytes, until: bytes | None = None) -> Iterator[bytes]:
        """Yield the lines that start with `key` from the last to the first; with `until`, only those before it."""
        end = self._start(key, after=True) if until is None else self._start(until)
        while end:
            start = self.bytes.rfind(b"\n", 0, end - 1) + 1
            if self.bytes[start : start + len(key)] != key:
                return
            yield self.bytes[start : end - 1]
            end = start

    def next_after(self, key: bytes) -> bytes | None:
        """Return the first line after all that start with `key`, None if there is none."""
        start = self._start(key, after=True)
        return self.bytes[start : self._end(start)] if start < len(self.bytes) else None

    def beginnings(self, key: bytes, part: Callable[[bytes], bytes], since: bytes = b"") -> Iterator[bytes]:
        """Yield the different beginnings of the lines that start with `key`; `part` returns the beginning of a line.

        With `since`, start at the first line not before it. Lines with the same beginning are skipped, not read.
        """
        line = next(self.beginning(key, since), None)
        while line is not None and line.startswith(key):
            yield (beginning := part(line))
            line = self.next_after(beginning)

    def is_line(self, key: bytes, at: int) -> bool:
        """Return whether a line starts `at` bytes after the first that starts with `key`, and starts with it too."""
        start = self._start(key) + at
        whole = at >= 0 and (start == 0 or self.bytes[start - 1 : start] == b"\n")
        return whole and self.bytes[start : start + len(key)] == key

    def back(self, key: bytes, at: int, lines: int) -> int:
        """Return the offset of the line that is so many `lines` before the one at `at`; both as in `beginning`."""
        start = self._start(key)
        place = start + at
        for _ in range(lines):
            if place <= start:
                break
            place = self.bytes.rfind(b"\n", start, place - 1) + 1 or start
        return max(place - start, 0)

    def count(self, key: bytes) -> "Count":
        """Return how many lines start with `key`; a lower bound if they take more than 256 KiB."""
        start, end = self._start(key), self._start(key, after=True)
        looked = self.bytes[start : min(end, start + _WINDOW)].count(b"\n")
        return Count(max(looked, 1) if end > start else 0, exact=end - start <= _WINDOW)

    def differing(self, other: "SortedLines") -> Iterator[tuple[bytes, bool]]:
        """Yield the lines that only one of two files has, in order, each with whether `other` has it."""
        ours, theirs = self.bytes, other.bytes
        here = there = 0
        size = _LEAST
        while here < len(ours) or there < len(theirs):
            block = ours[here : here + size]
            if block and block == theirs[there : there + size] and (whole := block.rfind(b"\n") + 1):
                here, there, size = here + whole, there + whole, min(size * 2, _MOST)
                continue
            size = _LEAST
            left, right = self._end(here), other._end(there)
            mine, yours = ours[here:left], theirs[there:right]
            if here < len(ours) and (there >= len(theirs) or mine <= yours):
                if there >= len(theirs) or mine != yours:
                    yield mine, False
                else:
                    there = right + 1
                here = left + 1
            else:
                yield yours, True
                there = right + 1

    def __contains__(self, key: bytes) -> bool:
        return next(self.beginning(key), None) is not None

    def close(self) -> None:
        """Unmap the file."""
        if isinstance(self.bytes, mmap.mmap):
            self.bytes.close()

    def __enter__(self) -> "SortedLines":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
