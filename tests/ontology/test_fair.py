"""ontology/FAIR.md says what the criteria say; each criterion that is decided here has an ontology that fails it."""

import re
from functools import cache

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Store

from tests.ontology import checking
from tests.ontology.checking import HTTP, Answer, Criterion, Get, criteria, faults, get_by, ontology, page, result
from tests.support.paths import ROOT

FOOPS = [
    *("PURL1", "URI1", "URI2", "VER1", "VER2", "FIND1", "FIND2", "FIND3", "FIND_3_BIS", "CN1", "DOC1", "HTTP1", "RDF1"),
    *("OM1", "OM2", "OM3", "OM4_1", "OM4_2", "OM5_1", "OM5_2", "VOC1", "VOC2", "VOC3", "VOC4"),
]
OOPS = [f"P{number:02}" for number in range(1, 42)]
DECIDED = [each for each in criteria() if each.decidable]


@pytest.fixture(scope="module")
def ours() -> Store:
    return ontology()


@pytest.fixture(scope="module")
def get(client: FlaskClient) -> Get:
    """Return what asks the application, each question once."""
    return cache(get_by(client))


def nothing(path: str, accept: str) -> Answer:
    """Answer as a server that has no ontology."""
    return Answer(404, "application/problem+json", b"{}")


def another(path: str, accept: str) -> Answer:
    """Answer as a server at whose address another ontology is declared."""
    return Answer(200, "text/turtle", b"<https://example.org/o> a <http://www.w3.org/2002/07/owl#Ontology> .")


def test_every_criterion_of_both_is_there_once() -> None:
    assert [each.code for each in criteria() if each.scanner == "FOOPS!"] == FOOPS
    assert [each.code for each in criteria() if each.scanner == "OOPS!"] == OOPS
    assert len(criteria()) == len(FOOPS) + len(OOPS)
    assert set(HTTP) == {each.code for each in DECIDED if not each.query}
    assert len(DECIDED) >= 55


def test_what_fails_says_why_and_what_is_to_be_submitted_is_there(ours: Store, get: Get) -> None:
    failing = [each for each in DECIDED if faults(each, ours, get)]
    assert {each.code for each in failing} == {"OM3", "P11", "P13"}
    assert all(each.remark for each in failing)
    to_submit = {each.submit for each in criteria() if each.submit}
    assert len(to_submit) >= 4
    for name in to_submit:
        assert (ROOT / name).stat().st_size > 200, name


def test_the_page_says_what_the_criteria_say(ours: Store, get: Get) -> None:
    told = (ROOT / "ontology" / "FAIR.md").read_text("utf-8")
    assert told == page(ours, get), "run: python -m tests.ontology"
    assert len(re.findall(r"^\| [A-Z][A-Z0-9_]+ \|", told, re.MULTILINE)) == len(criteria())


@pytest.mark.parametrize("criterion", [each for each in DECIDED if each.query], ids=lambda each: each.code)
def test_an_ontology_that_must_fail_it(criterion: Criterion, ours: Store) -> None:
    spoiled = Store()
    spoiled.extend(ours)
    spoiled.update(checking.HEAD + criterion.bad)
    assert set(spoiled) != set(ours), "the update changes nothing"
    before, after = faults(criterion, ours, nothing), faults(criterion, spoiled, nothing)
    assert set(after) - set(before), "it is not found"


@pytest.mark.parametrize("code", sorted(HTTP))
def test_a_server_that_must_fail_it(code: str, ours: Store) -> None:
    criterion = next(each for each in DECIDED if each.code == code)
    assert faults(criterion, ours, nothing)
    assert faults(criterion, ours, another) or code == "URI1"


def test_results_in_words() -> None:
    one = Criterion("FOOPS!", "X", "x", query="SELECT ?fault {}")
    assert [result(one, []), result(one, ["a", "b"])] == ["passes", "fails: 2"]
    assert result(Criterion("FOOPS!", "X", "x", submit="f"), ["a"]) == "fails: needs registration"
    assert result(Criterion("FOOPS!", "X", "x", why="net", submit="f"), []) == "needs registration"
    assert result(Criterion("FOOPS!", "X", "x", why="net"), []) == "not decidable offline"
