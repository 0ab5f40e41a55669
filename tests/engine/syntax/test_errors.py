"""The place of a fault of syntax, whatever the text is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.engine.syntax.errors import fault, fault_as_told, pieces
from cper_lod.engine.worker.worker import can_begin, good_pieces

VALID = """PREFIX ex: <http://e/>
SELECT ?s (COUNT(*) AS ?n) # many
WHERE { ?s ex:p/^ex:q* [ ex:r "a"^^ex:t , 'b'@fr , -1 , .5 ] . FILTER(?s<3 && !(?n IN (1, 2))) OPTIONAL { ?s a _:b } }
GROUP BY ?s HAVING (COUNT(*) > 1) ORDER BY DESC(?n) LIMIT 10 VALUES (?s ?m) { (<http://x> UNDEF) }"""


def test_every_beginning_of_a_query_can_begin_a_query() -> None:
    cuts = pieces(VALID)
    assert len(cuts) > 60
    assert "".join(cuts) == VALID
    for end in range(len(cuts) + 1):
        assert can_begin("".join(cuts[:end])), "".join(cuts[:end])


@pytest.mark.parametrize("at", range(0, 64, 3))
def test_a_foreign_piece_is_found_wherever_it_stands(at: int) -> None:
    cuts = pieces(VALID)
    text = "".join([*cuts[:at], " % ", *cuts[at:]])
    found = pieces(text)
    problem = fault(text, found, good_pieces(text, [len(cut) for cut in found]), "")
    before = text[: text.index("%")]
    assert problem.params == {
        "line": before.count("\n") + 1,
        "column": len(before) - before.rfind("\n"),
        "message": "unexpected “%”.",
    }


@given(st.text(alphabet="aS?:<>{}()[]\"'.^-+1 \n#@é") | st.text())
def test_any_text_has_a_place(text: str) -> None:
    cuts = pieces(text)
    for good in range(len(cuts) + 1):
        problem = fault(text, cuts, good, "error at 1:1: expected [_]")
        assert 1 <= int(str(problem.params["line"])) <= text.count("\n") + 1
        assert int(str(problem.params["column"])) >= 1


def test_the_message_alone() -> None:
    told = fault_as_told("error at 3:7: expected one of Prefix not found, ['%'], [_]")
    assert told.params == {"line": 3, "column": 7, "message": "Prefix not found."}
    assert fault_as_told("error at 1:2: expected OPTIONAL").params["column"] == 2
    assert fault_as_told("no place\nat all").params == {"line": 1, "column": 1, "message": "no place at all."}
