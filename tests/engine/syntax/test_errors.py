"""The position of syntax errors in any text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from cper_lod.engine.syntax import UNCLOSED, syntax_problem


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("SELECT * {\n ?s ?p 'abc }", 2, 8, str(UNCLOSED)),
        ("SELECT * {\n ?s nope:a ?o }", 2, 5, "the prefix nope: is not declared."),
        ("PREFIX a: <urn:a>\nSELECT * { ?s a:b a:c, c:d }", 2, 24, "the prefix c: is not declared."),
        ("SELECT ?s ?s {\n}", 2, 2, "a variable stands twice in SELECT."),
        ("SELECT ?x {", 1, 12, "unexpected or missing text"),
        ("SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o }", 1, 41, "SELECT names a variable that is neither in GROUP BY"),
        ("SELECT * { ?s ?p <a> }", 1, 21, "an IRI here or shortly before is relative, and no BASE is declared"),
    ],
)
def test_what_is_wrong_and_where(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        Store().query(text)
    problem = syntax_problem(text, str(caught.value))
    assert (problem.params["line"], problem.params["column"]) == (line, column)
    assert str(problem.params["message"]).startswith(message)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("INSERT DATA { <a:a> <a:a> 1 }", 1),
        ("PREFIX ex: <http://e/>\nBASE <http://e/>\n# SELECT\ndelete where { ?s ?p ?o }", 4),
    ],
)
def test_an_update_is_named(text: str, line: int) -> None:
    with pytest.raises(SyntaxError) as caught:
        Store().query(text)
    problem = syntax_problem(text, str(caught.value))
    assert (problem.kind.code, problem.params["line"], problem.params["column"]) == ("query-update", line, 1)


VALID = """PREFIX ex: <http://e/>
SELECT ?s (COUNT(*) AS ?n) # many
WHERE { ?s ex:p/^ex:q* [ ex:r "a"^^ex:t , 'b'@fr , -1 , .5 ] . FILTER(?s<3 && !(?n IN (1, 2))) OPTIONAL { ?s a _:b } }
GROUP BY ?s HAVING (COUNT(*) > 1) ORDER BY DESC(?n) LIMIT 10 VALUES (?s ?m) { (<http://x> UNDEF) }"""


@pytest.mark.parametrize("place", [word.start() for word in re.finditer(r" \S", VALID)][::4])
def test_a_wrong_word_is_located_anywhere(place: int) -> None:
    """Where it is, or as far behind as the parser looks ahead for its longest keyword."""
    text = f"{VALID[:place]} % {VALID[place:]}"
    with pytest.raises(SyntaxError) as caught:
        Store().query(text)
    params = syntax_problem(text, str(caught.value)).params
    lines = text.splitlines(keepends=True)
    offset = sum(map(len, lines[: params["line"] - 1])) + params["column"] - 1
    assert place <= offset <= place + 16


@given(st.text(alphabet="aS?:<>{}()[]\"'.^-+1 \n#@é") | st.text())
def test_any_text_has_an_error_position(text: str) -> None:
    problem = syntax_problem(text, "error at 1:1: expected [_]")
    assert 1 <= int(str(problem.params["line"])) <= text.count("\n") + 1
    assert int(str(problem.params["column"])) >= 1
