"""Dividing what the source files state: what is published, and the triples of each dataset, each in a sorted file."""

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from typing import IO, Final

from cper_lod.release.dumps import Dumped
from cper_lod.release.parts import Part
from cper_lod.release.progress import Progress
from cper_lod.release.stated import OF_THE_CATALOGUE, PUBLISHED, Stated
from cper_lod.release.stored import Stored, graph_of

_OFTEN: Final = 1 << 20
"""Bytes between two words about how far it is."""


def divide(stated: Stated, found: Sequence[Part], tell: Progress) -> tuple[Dumped, dict[Part, Dumped]]:
    """Write what is published but for the catalogue, and the triples of each dataset; return the files of both.

    A triple belongs to every dataset that names a file which states it. Raises OSError.
    """
    folder = stated.scratch.folder
    paths = [folder / "whole.nq", *(folder / f"{number}.nq" for number in range(len(found)))]
    tell.begin("divide", stated.path.stat().st_size)
    with ExitStack() as stack:
        outs = [stack.enter_context(path.open("wb")) for path in paths]
        shares = _Shares(stated, found, outs)
        _write(stated, shares, outs[0], tell)
    tell.end("divide")
    names = ["tout", *(part.slug for part in found)]
    made = [
        Dumped(name, Stored(path, stated.scratch), shares.triples(place))
        for place, (name, path) in enumerate(zip(names, paths, strict=True))
    ]
    return made[0], dict(zip(found, made[1:], strict=True))


def _write(stated: Stated, shares: "_Shares", main: IO[bytes], tell: Progress) -> None:
    passed = 0
    for line, files in stated.statements():
        share = shares[files if len(files) > 1 else files[0]]
        if not share.writes:
            continue
        text = line + b"\n"
        if line.count(b" ") == 3 or not graph_of(line):
            share.triples += 1
            for write in share.writes:
                write(text)
        elif not line.endswith(OF_THE_CATALOGUE):
            main.write(text)
        passed += len(text)
        if passed > _OFTEN:
            tell.passed("divide", passed)
            passed = 0


class _Share:
    """What some files state: which files it is written to, by their numbers, and how many triples it comes to."""

    def __init__(self, places: Collection[int], outs: Sequence[IO[bytes]]) -> None:
        self.places = places
        self.triples = 0
        self.writes: list[Callable[[bytes], int]] = [outs[place].write for place in places]


class _Shares(dict[int | tuple[int, ...], _Share]):
    """What becomes of what one source file states, or some together, by their numbers; made as it is asked for."""

    def __init__(self, stated: Stated, found: Sequence[Part], outs: Sequence[IO[bytes]]) -> None:
        super().__init__()
        self._stated, self._found, self._outs = stated, found, outs

    def __missing__(self, files: int | tuple[int, ...]) -> _Share:
        those = [self._stated.files[each] for each in ((files,) if isinstance(files, int) else files)]
        names = [each.name for each in those if each.role in PUBLISHED]
        held = (place for place, part in enumerate(self._found, 1) if any(map(part.holds, filter(None, names))))
        share = self[files] = _Share((0, *held) if names else (), self._outs)
        return share

    def triples(self, place: int) -> int:
        """Return how many triples of the default graph the file at a place has."""
        return sum(share.triples for share in self.values() if place in share.places)
