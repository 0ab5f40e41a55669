"""CSV files: other formats, encodings, separators, limits."""

import os
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.importing.csv_file import MAX_LINE_BYTES, inspect_csv, read_rows
from tests.importing.subsidies.example import EXAMPLE
from tests.importing.workbooks import zipped
from tests.support.refusals import refused

REFUSED = {
    "a page": (b"<!DOCTYPE html><html><title>404</title>", "import-not-csv", "HTML"),
    "a workbook": (zipped("x.csv", b"a,b"), "import-not-csv", "XLSX"),
    "utf-16": ("a,b\n1,2".encode("utf-16"), "import-not-csv", "UTF-16"),
    "nul": (b"a,b\n1,\x002\n", "import-not-csv", "line 2"),
    "no end": (b"a,b\n" + b"x" * (MAX_LINE_BYTES + 2), "import-too-large", "Line 2"),
    "columns": (b",".join(b"c%d" % number for number in range(300)), "import-too-large", "100"),
    "mixed": ("a,b\n1,é\n".encode() + "1,é\n".encode("cp1252"), "import-encoding", "line 2 is UTF-8, line 3 is not"),
    "mixed with a mark": (b"\xef\xbb\xbfa,b\n1,\xe9\n", "import-encoding", "line 1 is UTF-8, line 2 is not"),
    "no encoding": (b"a,b\n1,\xe9\x81\n", "import-encoding", "0x81"),
    "nothing": (b"", "import-not-csv", "empty"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_files_that_are_not_csv_are_refused(tmp_path: Path, kind: str):
    data, code, words = REFUSED[kind]
    (tmp_path / "x.csv").write_bytes(data)
    with pytest.raises(Problem) as raised:
        inspect_csv(tmp_path / "x.csv")
    assert (raised.value.kind.code, raised.value.kind.exit_code) == (code, 2)
    assert words in raised.value.words("en").detail
    assert raised.value.words("fr").detail != raised.value.words("en").detail


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path):
    with (tmp_path / "x.csv").open("wb") as file:
        os.truncate(file.fileno(), 2 << 30)
    with refused("import-too-large"):
        inspect_csv(tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("name", "code"), [("none.csv", "source-missing"), (".", "permission"), ("pipe", "source-endless")]
)
def test_what_is_not_there_or_no_file(tmp_path: Path, name: str, code: str):
    os.mkfifo(tmp_path / "pipe")
    with refused(code):
        inspect_csv(tmp_path / name)


@pytest.mark.parametrize(
    ("data", "encoding", "separator", "expected"),
    [
        ("a,b\n1,é\n".encode(), "utf-8-sig", ",", [(2, ["1", "é"])]),
        ("\ufeffa;b\r\n1;é\r\n".encode(), "utf-8-sig", ";", [(2, ["1", "é"])]),
        ("a\tb\n1\té".encode("cp1252"), "cp1252", "\t", [(2, ["1", "é"])]),
        ("a;b\n1;5 €\n".encode("cp1252"), "cp1252", ";", [(2, ["1", "5 €"])]),
        (b'\n"a",b\n"1,\n2",3\n\n , \n4,5\n', "utf-8-sig", ",", [(3, ["1,\n2", "3"]), (7, ["4", "5"])]),
        (b"a,b\r1,2\r", "utf-8-sig", ",", [(2, ["1", "2"])]),
    ],
)
def test_rows_and_their_lines(
    tmp_path: Path, data: bytes, encoding: str, separator: str, expected: list[tuple[int, list[str]]]
):
    (tmp_path / "x.csv").write_bytes(data)
    file = inspect_csv(tmp_path / "x.csv")
    assert (file.encoding, file.separator, file.header) == (encoding, separator, ("a", "b"))
    assert list(read_rows(file)) == expected


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('a,b\n1,2\n1,"2\n3,4\n', "import-quotes", "line 3"),
        ('a,b\n1,2\n1,"2"3\n', "import-quotes", "line 3"),
        (f"1,{'x' * 200_000}\n", "import-too-large", "line 1 "),
        (f"a,b\n1,2\n1,{'x' * 200_000}\n", "import-too-large", "line 3 "),
    ],
    ids=["unclosed", "text after a quotation", "header without an end", "cell without an end"],
)
def test_a_row_that_cannot_be_read_is_a_problem(tmp_path: Path, text: str, code: str, words: str):
    (tmp_path / "x.csv").write_text(text, "utf-8")
    with refused(code) as raised:
        list(read_rows(inspect_csv(tmp_path / "x.csv")))
    assert words in raised.value.words("en").detail


def test_a_file_that_changes_is_not_trusted(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1,2\n")
    file = inspect_csv(path)
    path.write_bytes(b"a,b\n1,2\n3,4\n")
    with refused("import-changed"):
        list(read_rows(file))


def test_progress_ends_at_the_size_of_the_file():
    told: list[int] = []
    assert len(list(read_rows(inspect_csv(EXAMPLE), told.append))) == 6
    assert told[-1] == EXAMPLE.stat().st_size
