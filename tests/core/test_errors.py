"""The error table: each row whole in both languages, each row raised somewhere, each code in the table."""

import pickle
import re
import string
from http import HTTPStatus
from pathlib import Path

import pytest

import cper_lod
from cper_lod.core.errors import LANGUAGES, Problem, ProblemText, table

PACKAGE = Path(cper_lod.__file__).parent
SOURCE = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py")))
ROWS = sorted(table())


def places(words: ProblemText) -> list[set[str]]:
    return [
        {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        for text in (words.title, words.detail, words.remedy)
    ]


def filled(code: str) -> Problem:
    names = set().union(*places(table()[code].words["fr"]))
    return Problem(code, **{name: f"<{name}>" for name in names})


@pytest.mark.parametrize("code", ROWS)
def test_a_row_is_whole(code: str):
    kind = table()[code]
    assert re.fullmatch("[a-z-]+", code)
    assert kind.code == code
    assert HTTPStatus(kind.status).value >= 400
    assert kind.exit_code in (1, 2, 3)
    assert set(kind.words) == set(LANGUAGES)
    for words in kind.words.values():
        assert words.title
        assert words.detail
        assert words.remedy
        assert words.title.endswith(".")
        assert places(words)[0] == set()


@pytest.mark.parametrize("code", ROWS)
def test_both_languages_have_the_same_places(code: str):
    words = table()[code].words
    assert places(words["fr"]) == places(words["en"])


@pytest.mark.parametrize("code", ROWS)
def test_words_differ_between_languages(code: str):
    words = table()[code].words
    assert words["fr"].title != words["en"].title


@pytest.mark.parametrize("code", ROWS)
def test_a_problem_is_said_with_what_it_is_about(code: str):
    problem = filled(code)
    for lang in LANGUAGES:
        said = str(problem.words(lang))
        assert "{" not in said.replace("{…}", "")
        assert all(str(value) in said for value in problem.params.values())


@pytest.mark.parametrize("code", ROWS)
def test_a_problem_survives_pickling(code: str):
    problem = filled(code)
    again = pickle.loads(pickle.dumps(problem))  # noqa: S301 - our own bytes
    assert (again.kind, again.params, str(again)) == (problem.kind, problem.params, str(problem))


def test_every_row_is_raised_somewhere():
    written = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"', SOURCE))
    assert sorted(set(table()) - written) == []


def test_every_code_that_is_raised_has_a_row():
    raised = set(re.findall(r'Problem\(\s*"([a-z-]+)"', SOURCE))
    assert len(raised) > 35
    assert sorted(raised - set(table())) == []


def test_an_unknown_code_is_a_fault_of_ours():
    with pytest.raises(KeyError):
        Problem("no-such-row")


def test_what_another_program_says_ends_before_what_to_do_begins():
    fault = Problem("source-syntax", path="a.ttl", line=1, column=2, message="A dot is expected")
    assert "A dot is expected. Correct" in str(fault)
    assert "trop tôt. Corrigez" in str(
        Problem("query-syntax", line=1, column=2, message="la requête s'arrête trop tôt.").words("fr")
    )


def test_as_text_it_is_english():
    assert str(Problem("format-unknown", suffix=".x", offers=".ttl")) == (
        "Unknown format. “.x” is not a form of this document. Available forms: .ttl."
    )
