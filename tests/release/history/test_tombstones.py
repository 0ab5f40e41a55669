"""What is gone: one file a publication, held against sets; what replaced it is told by `tests/web/documents/test_withdrawn.py`."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cper_lod.release.history import tombstones
from cper_lod.release.history.comparison import compare
from cper_lod.release.history.tombstones import Tombstone
from tests.release.history.trig_release import release_of_lines
from tests.support.properties import examples

IRIS = [f"http://ex.org/{name}" for name in ("a", "a/1", "a/10", "a/2", "a#x", "b", "é", "a-", "a.", "z")]


def held(file: Path | None) -> dict[str, str]:
    """Return what a file holds: IRIs, each with the last release that described it."""
    lines = file.read_text("utf-8").splitlines() if file else []
    return {line.split(" ")[0][1:-1]: line.split(" ")[1] for line in lines}


@settings(max_examples=examples(25))
@given(states=st.lists(st.sets(st.sampled_from(IRIS)), min_size=1, max_size=6))
def test_the_file_holds_what_was_described_once_and_is_no_longer(
    tmp_path_factory: pytest.TempPathFactory, states: list[set[str]]
) -> None:
    folder = tmp_path_factory.mktemp("states")
    last: dict[str, str] = {}
    known, before = None, None
    for number, iris in enumerate(states):
        # What is described changes each time.
        lines = (f'<{iri}> <urn:p> "{value}" .'.encode() for iri in iris for value in ("x", number))
        release = release_of_lines(folder, lines)
        file, apart = (folder / f"{name}-{number}" for name in ("gone", "where nothing is compared"))
        with tombstones.written(apart, known, release, None):
            pass
        assert held(apart) == {iri: each for iri, each in held(known).items() if iri not in iris}
        with tombstones.written(file, known, release, before and before.id) as note:
            if before:
                list(compare(before, release, note))
        last |= dict.fromkeys(iris, release.id)
        gone = {iri: each for iri, each in last.items() if iri not in iris}
        assert held(file) == gone
        for iri in IRIS:
            found = tombstones.find_tombstone(file, iri, release)
            assert found == (Tombstone(gone[iri], ()) if iri in gone else None)
        known, before = file, release
