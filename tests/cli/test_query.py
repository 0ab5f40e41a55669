"""The work of the command `query`: forms of the result, hints about empty ones, arguments that are no query."""

import json
import re
from pathlib import Path

import pytest

from cper_lod.cli.query import query_text, run_query
from cper_lod.core.errors import Language
from cper_lod.core.settings import Settings
from cper_lod.release.build.build import build
from cper_lod.release.release import Release
from cper_lod.release.sources.questions import CompetencyQuestion
from tests.support.paths import TINY
from tests.support.refusals import refused

SETTINGS = Settings(query_workers=1, query_timeout=20)


@pytest.fixture(scope="module")
def ferries(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return a release of the smallest sources."""
    return build(tmp_path_factory.mktemp("ferries"), TINY)


def ask(release: Release, argument: str, form: str = "table", lang: str = "fr") -> str:
    language: Language = "en" if lang == "en" else "fr"
    return run_query(release.folder, SETTINGS, query_text(argument, questions(release), language), form, language)


def questions(release: Release) -> list[CompetencyQuestion]:
    return [CompetencyQuestion(each["slug"], each["title"], each["text"]) for each in release.questions]


def test_forms(ferries: Release) -> None:
    query = "SELECT ?nom ?rien { ?bac a cper:Bac ; skos:prefLabel ?nom } ORDER BY LANG(?nom)"
    assert ask(ferries, query, "csv") == "nom,rien\r\nFictitious ferry 1,\r\nBac fictif n° 1,\r\n"
    assert ask(ferries, query, "tsv").startswith("?nom\t?rien\n")
    _, french = json.loads(ask(ferries, query, "json"))["results"]["bindings"]
    assert french["nom"] == {"type": "literal", "value": "Bac fictif n° 1", "xml:lang": "fr"}
    assert ask(ferries, "ASK { }") == "Oui (vrai)\n"


@pytest.mark.slow
def test_every_kind_of_value_is_printed_on_one_line_without_control_characters(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text('<urn:s> <urn:p> "a\\u001B[31mrouge\\n\\u202E", _:b, <urn:o>, 1 .')
    release = build(tmp_path / "r", TINY, data=(tmp_path / "a.ttl",))
    table = ask(release, "SELECT ?o { ?s ?p ?o } ORDER BY isBlank(?o) STR(?o)")
    assert len(table.splitlines()) == 7
    assert "\x1b" not in table
    assert "a\\u001b[31mrouge\\u000a\\u202e" in table
    assert ask(release, "SELECT * { }").splitlines() == ["", "", "", "1 ligne(s)"]
    assert ask(release, "SELECT ?x { ?x a <urn:C> }").splitlines() == ["x", "-", "0 ligne(s)"]


def test_an_empty_result_is_explained_on_standard_error(ferries: Release, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(ferries, "SELECT ?b { ?b a cper:Bacs }").splitlines() == ["b", "-", "0 ligne(s)"]
    out, told = capsys.readouterr()
    assert (out, re.findall(r"cper:\w+", told)) == ("", ["cper:Bacs", "cper:Bac"])
    assert ask(ferries, "ASK { ?b a cper:Inconnu\\-x , cper:Bac }", "json", "en").startswith("{")
    assert capsys.readouterr() == ("", "Nothing here is of the class cper:Inconnu-x.\n")
    assert ask(ferries, "ASK { ?b a cper:Bac OPTIONAL { ?b cper:inconnu ?x } }") == "Oui (vrai)\n"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("argument", ["bac", "nope.rq", "", "x" * 5000, "SELECT"])
def test_argument_that_is_neither_question_nor_file_nor_sparql(ferries: Release, argument: str) -> None:
    with refused("question-unknown", "bacs"):
        ask(ferries, argument)
