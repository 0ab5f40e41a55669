"""What changed, noted: pages of the files, and memory that does not grow with what changed."""

from pathlib import Path

import pytest

from cper_lod.release.changes import changelog
from cper_lod.release.changes.changelog import read_changes, stream_changes, write_changes
from tests.release.changes.trig_release import release_of_trig
from tests.support.refusals import refused


def test_stored_changes_equal_a_comparison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changelog, "PAGE", 2)
    before = release_of_trig(tmp_path, " ".join(f":t{n} :p {n} ; :q 1 ." for n in range(7)))
    after = release_of_trig(tmp_path, " ".join(f":t{n} :p {n * 2} ." for n in range(2, 9)))
    write_changes(tmp_path, before, after)
    told = read_changes(tmp_path)
    *rows, summary = stream_changes(before, after)
    assert told
    assert [row for page in range(1, told.pages + 1) for row in told.rows(page)] == rows
    assert {name: told.summary[name] for name in summary} == summary
    assert summary["things"] == {"new": 2, "gone": 2, "changed": 5}
    assert summary["facts"] == {"added": 2, "withdrawn": 9, "corrected": 5}
    assert (told.pages, len(told.rows(1)), len(told.rows(5))) == (5, 2, 1)


@pytest.mark.parametrize("name", [changelog.ROWS, changelog.SUMMARY])
def test_damage_names_the_file(tmp_path: Path, name: str) -> None:
    write_changes(tmp_path, release_of_trig(tmp_path, ""), release_of_trig(tmp_path, ":a :p 1 ."))
    told = read_changes(tmp_path)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with refused("history-damaged", str(tmp_path / name)):
        assert told
        told.rows(1), read_changes(tmp_path)
