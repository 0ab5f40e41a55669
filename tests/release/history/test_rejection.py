"""What a rejection says of the sources: enough to correct them, and no path of the machine."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.rdf.report import Finding, Report
from cper_lod.release.history.rejection import FILE, Rejection, clear_rejection, read_rejection, write_rejection

FOUND = Finding("violation", "https://example.org/a", {"fr": "faux", "en": "wrong"}, {"fr": "à faire", "en": "to do"})
SOURCES = Path("/secret/place/sources")


def refused(**where: object) -> Rejection:
    values = {"line": 1, "column": 2, "message": "expected a dot", **where}
    return Rejection.of(Problem("source-syntax", **values), SOURCES, "abc")


def test_read_as_it_was_written(tmp_path: Path) -> None:
    given = Rejection.of(Problem("not-conforming", count=1), SOURCES, "abc", Report((FOUND,), 3, 4))
    write_rejection(tmp_path, given)
    assert read_rejection(tmp_path) == given
    assert given.report
    assert given.report["findings"][0]["messages"] == FOUND.messages
    assert (given.sources, given.code, given.first_violation("en")) == ("abc", "not-conforming", (FOUND.node, "wrong"))
    assert "1 violation" in given.explanation("fr").detail
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o644, "the process that answers may be another user's"
    clear_rejection(tmp_path)
    assert read_rejection(tmp_path) is None


@pytest.mark.parametrize("damage", ["", {"at": "1"}, {"words": {}}, {"report": {"findings": 1}}, {"more": 1}], ids=str)
def test_an_unreadable_rejection_is_none(tmp_path: Path, damage: str | dict[str, object]) -> None:
    (tmp_path / FILE).write_text(json.dumps({**asdict(refused(path="a")), **damage}) if damage else "")  # type: ignore[dict-item]
    assert read_rejection(tmp_path) is None
    write_rejection(tmp_path, told := refused(path="a"))
    assert read_rejection(tmp_path) == told


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"path": SOURCES / "data" / "a.ttl"}, "data/a.ttl, "),
        ({"path": str(SOURCES / "data" / "a.ttl")}, "data/a.ttl, "),
        ({"path": "/elsewhere/my secret/a.ttl"}, "a.ttl, "),
        ({"path": Path("/elsewhere/secret/data/a.ttl")}, "a.ttl, "),
        ({"message": "[Errno 28] No space: '/secret/place/x.sst'"}, "[Errno 28] No space: 'x.sst'"),
        ({"message": "IO error: /secret/place/a/index/LOCK: denied"}, "IO error: LOCK: denied"),
        ({"message": "see https://example.org/page and data/a.ttl"}, "see https://example.org/page and data/a.ttl"),
        ({"message": "a/b/c or 1/2/3 or a dot"}, "a/b/c or 1/2/3 or a dot"),
    ],
)
def test_local_paths_are_hidden(where: dict[str, object], said: str) -> None:
    told = refused(**{"path": Path("a.ttl"), **where})
    assert said in told.explanation("en").detail
    assert "secret" not in json.dumps(told.words)
