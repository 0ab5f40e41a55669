"""The error table: each row whole in both languages, each row raised somewhere, each code in the table."""

import os
import pickle
import re
import string
from http import HTTPStatus

from cper_lod.core.errors import LANGUAGES, Problem, ProblemText, table
from tests.support.paths import ROOT

SOURCE = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "cper_lod").rglob("*.py")))
ROWS = sorted(table())


def places(words: ProblemText) -> list[set[str]]:
    return [
        {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        for text in (words.title, words.detail, words.remedy)
    ]


def filled(code: str) -> Problem:
    names = set().union(*places(table()[code].words["fr"]))
    return Problem(code, **{name: f"<{name}>" for name in names})


def test_every_row_is_whole():
    kinds = table()
    statuses = {status.value for status in HTTPStatus if status.value >= 400}
    assert [code for code in ROWS if not re.fullmatch("[a-z-]+", code) or kinds[code].code != code] == []
    assert {code: kinds[code].status for code in ROWS if kinds[code].status not in statuses} == {}
    assert {code: kinds[code].exit_code for code in ROWS if kinds[code].exit_code not in (1, 2, 3, os.EX_IOERR)} == {}
    rows = [(code, lang, kinds[code].words[lang]) for code in ROWS for lang in LANGUAGES]
    assert [(code, lang) for code, lang, words in rows if not words.detail or not words.remedy] == []
    assert [(code, lang) for code, lang, words in rows if not re.fullmatch(r".+\.", words.title)] == []
    assert [code for code in ROWS if places(kinds[code].words["fr"]) != places(kinds[code].words["en"])] == []


def test_a_problem_is_said_with_what_it_is_about_and_survives_pickling():
    problems = {code: filled(code) for code in ROWS}
    said = {(code, lang): str(problems[code].words(lang)) for code in ROWS for lang in LANGUAGES}
    assert [each for each, text in said.items() if "{" in text.replace("{…}", "")] == []
    values = [(each, str(value)) for each in said for value in problems[each[0]].params.values()]
    assert [(each, value) for each, value in values if value not in said[each]] == []
    again = {code: pickle.loads(pickle.dumps(problem)) for code, problem in problems.items()}  # noqa: S301 - our own bytes
    assert {(code, lang): str(again[code].words(lang)) for code, lang in said} == said


def test_every_code_that_is_raised_has_a_row():
    raised = set(re.findall(r'Problem\(\s*"([a-z-]+)"', SOURCE))
    assert len(raised) > 35
    assert sorted(raised - set(table())) == []


def test_what_another_program_says_ends_before_what_to_do_begins():
    for message in ("A dot is expected", "A dot is expected."):
        fault = Problem("source-syntax", path="a.ttl", line=1, column=2, message=message)
        assert "A dot is expected. Correct" in str(fault), message


def test_lists_and_nothing_in_a_sentence():
    error = Problem("parameter-unknown", name="a", hint=None, offers=["size", "lang"])
    assert error.words("en").remedy == "Parameters known here: size, lang."
    assert Problem("release-unknown", release="a", offers=[]).words("en").remedy.endswith("The last ones: –.")
