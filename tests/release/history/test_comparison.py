"""Two releases compared: what is new, gone, added, withdrawn, corrected, whatever the files are like."""

from pathlib import Path

import pytest

from cper_lod.release.history.comparison import ResourceChange, compare
from tests.release.history.trig_release import release_of_trig

B_C = "<http://e.org/b> <http://e.org/c>"


def compared(folder: Path, before: str, after: str) -> list[ResourceChange]:
    return list(compare(release_of_trig(folder, before), release_of_trig(folder, after)))


def facts(folder: Path, before: str, after: str) -> list[tuple[str, str, str]]:
    changes = compared(folder, before, after)
    return [(fact.kind, fact.old, fact.new) for change in changes for fact in change.facts]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (':a :p "x"@fr, "y"@en .', ':a :p "x"@fr, "z"@en .', [("corrected", '"y"@en', '"z"@en')]),
        (
            ":a :p :b, :c .",
            ":a :p :b, :d .",
            [("added", "", "<http://e.org/d>"), ("withdrawn", "<http://e.org/c>", "")],
        ),
        (':a :p "1", "2" .', ':a :p "3" .', [("added", "", '"3"'), ("withdrawn", '"1"', ""), ("withdrawn", '"2"', "")]),
        (':a :p "1" .', ':a :q "1" .', [("withdrawn", '"1"', ""), ("added", "", '"1"')]),
        (
            ':a :p <<( :b :c "d" )>> .',
            ':a :p <<( :b :c "e" )>> .',
            [("corrected", f'<<( {B_C} "d" )>>', f'<<( {B_C} "e" )>>')],
        ),
    ],
)
def test_what_counts_as_a_correction(
    tmp_path: Path, before: str, after: str, expected: list[tuple[str, str, str]]
) -> None:
    assert facts(tmp_path, before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (':a :p "<x>" .', ':a :p "<y>" . :g { :a :p "<y>" }', ["changed"]),
        (":g { :a :p 1 }", ":a :p 1 .", ["new"]),  # it was not published, only spoken of elsewhere
    ],
)
def test_the_default_graph_is_compared(tmp_path: Path, before: str, after: str, kinds: list[str]) -> None:
    assert [change.kind for change in compared(tmp_path, before, after)] == kinds
