"""The position of syntax errors in any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.engine.syntax.errors import parser_chunks, syntax_problem
from cper_lod.engine.worker.worker import count_valid_chunks, is_query_prefix

VALID = """PREFIX ex: <http://e/>
SELECT ?s (COUNT(*) AS ?n) # many
WHERE { ?s ex:p/^ex:q* [ ex:r "a"^^ex:t , 'b'@fr , -1 , .5 ] . FILTER(?s<3 && !(?n IN (1, 2))) OPTIONAL { ?s a _:b } }
GROUP BY ?s HAVING (COUNT(*) > 1) ORDER BY DESC(?n) LIMIT 10 VALUES (?s ?m) { (<http://x> UNDEF) }"""


def test_every_prefix_of_a_query_can_begin_a_query() -> None:
    cuts = parser_chunks(VALID)
    assert len(cuts) > 60
    assert "".join(cuts) == VALID
    for end in range(len(cuts) + 1):
        assert is_query_prefix("".join(cuts[:end]), {}), "".join(cuts[:end])


@pytest.mark.parametrize("at", range(0, 64, 3))
def test_an_invalid_token_is_located_anywhere(at: int) -> None:
    cuts = parser_chunks(VALID)
    text = "".join([*cuts[:at], " % ", *cuts[at:]])
    found = parser_chunks(text)
    problem = syntax_problem(text, found, count_valid_chunks(text, [len(cut) for cut in found], {}), "")
    before = text[: text.index("%")]
    assert problem.params == {
        "line": before.count("\n") + 1,
        "column": len(before) - before.rfind("\n"),
        "message": "unexpected “%”.",
    }


@given(st.text(alphabet="aS?:<>{}()[]\"'.^-+1 \n#@é") | st.text())
def test_any_text_has_an_error_position(text: str) -> None:
    cuts = parser_chunks(text)
    for good in range(len(cuts) + 1):
        problem = syntax_problem(text, cuts, good, "error at 1:1: expected [_]")
        assert 1 <= int(str(problem.params["line"])) <= text.count("\n") + 1
        assert int(str(problem.params["column"])) >= 1
