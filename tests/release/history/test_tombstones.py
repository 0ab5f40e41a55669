"""What is gone: one file a publication, held against sets; what replaced it; pruning loses nothing of it."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cper_lod.release.history import tombstones
from cper_lod.release.history.comparison import compare
from cper_lod.release.history.tombstones import Tombstone
from cper_lod.release.release import Release
from tests.release.history.trig_release import release_of_lines
from tests.support.properties import examples

NAMES = ("a", "a/1", "a/10", "a/2", "a#x", "b", "é", "a-", "a.", "z")
DCT = "http://purl.org/dc/terms/"
STATES = st.lists(st.sets(st.sampled_from(NAMES)), min_size=1, max_size=6)


def iri(name: str) -> str:
    return f"http://ex.org/{name}"


def made(folder: Path, lines: Iterable[str]) -> Release:
    """Return a release of some lines of N-Quads."""
    return release_of_lines(folder, (f"{line} .".encode() for line in lines))


def follow(folder: Path, states: list[Release]) -> list[Path]:
    """Return the file of each publication of releases that follow each other."""
    files = list[Path]()
    for number, release in enumerate(states):
        files.append(folder / f"gone-{number}")
        before = states[number - 1] if number else None
        known, last = (files[-2], before.id) if before else (None, None)
        with tombstones.written(files[-1], known, release, last) as note:
            if before:
                list(compare(before, release, Counter(), note))
    return files


def held(file: Path | None) -> dict[str, str]:
    """Return what a file holds: IRIs, each with the last release that described it."""
    lines = file.read_text("utf-8").splitlines() if file else []
    return {line.split(" ")[0][1:-1]: line.split(" ")[1] for line in lines}


@settings(max_examples=examples(25))
@given(states=STATES)
def test_the_file_holds_what_was_described_once_and_is_no_longer(
    tmp_path_factory: pytest.TempPathFactory, states: list[set[str]]
) -> None:
    folder = tmp_path_factory.mktemp("states")
    releases = [
        made(folder, (f'<{iri(name)}> <{iri("p")}> "{part}"' for name in names for part in "12")) for names in states
    ]
    last: dict[str, str] = {}
    known: Path | None = None
    for release, file, names in zip(releases, follow(folder, releases), states, strict=True):
        apart = folder / "where nothing is compared"
        with tombstones.written(apart, known, release, None):
            pass
        assert held(apart) == {name: each for name, each in held(known).items() if name not in map(iri, names)}
        last |= dict.fromkeys(names, release.id)
        expected = {iri(name): each for name, each in last.items() if name not in names}
        assert held(file) == expected
        for name in NAMES:
            found = tombstones.find_tombstone(file, iri(name), release)
            assert found == (Tombstone(expected[iri(name)], ()) if iri(name) in expected else None)
        known = file


def test_what_replaced_it_is_read_on_both_sides(tmp_path: Path) -> None:
    old = [
        f'<{iri("x")}> <{iri("p")}> "1"',
        f"<{iri('x')}> <{DCT}isReplacedBy> <{iri('y')}>",
        f"<{iri('x')}> <{DCT}isReplacedBy> <{iri('y')}> <{iri('graph')}>",
        f'<{iri("x")}> <{DCT}isReplacedBy> "a literal"',
        f"_:b <{iri('p')}> <{iri('x')}>",
    ]
    new = [
        f"<{iri('z')}> <{DCT}replaces> <{iri('x')}>",
        f"<{iri('y')}> <{DCT}replaces> <{iri('x')}>",
        f"_:b <{DCT}replaces> <{iri('x')}>",
        f"<{iri('w')}> <{iri('p')}> <{iri('x')}>",
    ]
    releases = [made(tmp_path, lines) for lines in (old, new, ())]
    files = follow(tmp_path, releases)
    assert tombstones.find_tombstone(files[1], iri("x"), releases[1]) == Tombstone(releases[0].id, (iri("y"), iri("z")))
    assert tombstones.find_tombstone(files[2], iri("x"), releases[2]) == Tombstone(releases[0].id, (iri("y"),)), (
        "what it said itself stays"
    )
    assert tombstones.find_tombstone(files[1], iri("p"), releases[1]) is None, "it was only used"
