"""What a rejection says of the sources: enough to correct them, and no path of the machine."""

import json
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.rdf.report import Finding, Report
from cper_lod.release.history.rejection import (
    FILE,
    Rejection,
    clear_rejection,
    read_rejection,
    write_rejection,
)

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
    assert (given.sources, given.code, given.report["conforms"]) == ("abc", "not-conforming", False)
    assert "1 violation" in given.explanation("fr").detail
    assert given.explanation("en").title == "Release refused."
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o644, "the process that answers may be another user's"
    clear_rejection(tmp_path)
    clear_rejection(tmp_path)
    assert read_rejection(tmp_path) is None


@pytest.mark.parametrize(
    "path", [SOURCES / "data" / "a.ttl", str(SOURCES / "data" / "a.ttl"), Path("/elsewhere/secret/data/a.ttl")]
)
def test_the_folder_of_sources_is_hidden(path: Path | str) -> None:
    told = refused(path=path)
    assert "a.ttl" in told.explanation("fr").detail
    assert "secret" not in json.dumps(told.words)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "\x00",
        '{"at": 1, "code": "x", "words": {}}',
        '{"at": 1, "code": "x", "words": {"fr": 1, "en": 1}}',
        '{"at": "1", "code": "", "words": {"fr": {}, "en": {}}}',
        '{"at": 1, "code": "x", "words": [], "report": [], "more": 1}',
    ],
)
def test_an_unreadable_rejection_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert read_rejection(tmp_path) is None
    write_rejection(tmp_path, told := refused(path="a"))
    assert read_rejection(tmp_path) == told


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("[Errno 28] No space: '/secret/place/x.sst'", "[Errno 28] No space: 'x.sst'"),
        ("IO error: /secret/place/a/index/LOCK: denied", "IO error: LOCK: denied"),
        ("see https://example.org/secret/page and data/a.ttl", "see https://example.org/secret/page and data/a.ttl"),
        ("a/b/c or 1/2/3 or a dot", "a/b/c or 1/2/3 or a dot"),
    ],
)
def test_local_paths_within_text_are_hidden(message: str, said: str) -> None:
    assert said in refused(path=Path("a.ttl"), message=message).explanation("en").detail
