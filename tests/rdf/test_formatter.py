"""Canonical forms: idempotent, of the same values, literals as queries see them; tests of the command line say what becomes of files."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from cper_lod.core.formats import N_QUADS, TURTLE
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import XSD
from cper_lod.rdf.formatter import canonical_forms, canonical_literals, canonical_nquads, forms_of_nquads, literal_lines
from cper_lod.rdf.reader import parse
from cper_lod.rdf.serialize import write
from tests.support.properties import examples

A, P = NamedNode("http://x/a"), NamedNode("http://x/p")


def typed(form: str, type_: str) -> Literal:
    return Literal(form, datatype=NamedNode(XSD + type_))


def about(*literals: Literal) -> list[Quad]:
    return [Quad(A, P, literal) for literal in literals]


def stored(quads: list[Quad]) -> set[object]:
    """Return the objects as a query sees them."""
    store = Store()
    store.extend(quads)
    return {quad.object for quad in store}


CANONICAL = [
    ("01", "integer", typed("1", "integer")),
    (".50", "decimal", typed("0.5", "decimal")),
    ("1", "boolean", typed("true", "boolean")),
    ("P1Y12M", "duration", typed("P2Y", "duration")),
    ("2020-01-01+00:00", "date", typed("2020-01-01Z", "date")),
    ("2020-13-01", "date", typed("2020-13-01", "date")),
    ("0.12345678901234567890123", "decimal", typed("0.12345678901234567890123", "decimal")),
    ("+1", "nonNegativeInteger", typed("1", "integer")),
    ("2020-01-01T00:00:00+00:00", "dateTimeStamp", typed("2020-01-01T00:00:00Z", "dateTime")),
]


@pytest.mark.parametrize(("form", "type_", "expected"), CANONICAL)
def test_a_literal_becomes_what_a_query_returns(form: str, type_: str, expected: Literal):
    quads = about(typed(form, type_))
    assert list(canonical_literals(quads)) == about(expected)
    assert stored(quads) == {expected}
    nquads = write(quads, N_QUADS)
    assert canonical_nquads(nquads) == write(about(expected), N_QUADS)


def test_only_literals_that_change_have_another_form():
    same = [Literal("x", language="fr"), Literal("01"), typed("5", "integer"), typed("19.5", "decimal")]
    text = b'<http://x/a> <http://x/p> <<( <http://x/a> <http://x/p> "01"^^<%sinteger> )>> .\n' % XSD.encode()
    quads = [*about(*same, typed("19.0", "decimal")), Quad(A, A, A)]
    assert canonical_forms(quads) == {typed("19.0", "decimal"): typed("19", "decimal")}
    assert canonical_nquads(text) == text.replace(b'"01"', b'"1"')


numbers = st.from_regex(r"[+-]?[0-9]{1,22}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)
times = st.sampled_from(["true", "0", "2020-02-29", "2020-01-01T24:00:00Z", "P1Y12M", "PT24H", "12:00:00.10"])
numeric = st.sampled_from(["integer", "decimal", "double", "float", "boolean", "nonNegativeInteger", "byte"])
temporal = st.sampled_from(["date", "dateTime", "dateTimeStamp", "duration", "dayTimeDuration", "time"])
literals = st.builds(typed, st.one_of(numbers, times, st.text(max_size=3)), st.one_of(numeric, temporal))


@given(st.lists(literals, min_size=1, max_size=12))
@settings(max_examples=examples(60))
def test_formatting_is_idempotent_and_changes_no_value(objects: list[Literal]):
    quads = about(*objects)
    first = write(canonical_literals(quads), TURTLE)
    again = parse(first, path=Path("a.ttl"))
    assert write(canonical_literals(again), TURTLE) == first
    assert stored(quads) == {quad.object for quad in again}
    assert not forms_of_nquads(canonical_nquads(write(quads, N_QUADS)))
    assert canonical_forms(quads) == forms_of_nquads(write(quads, N_QUADS))


ODD = '''@prefix x: <http://x/1.0/> . # 1.0 _:comment
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
x:1.0 x:a\\(1.0 <http://x/(1.0)>, "1.0 _:b [", """
1.0""", 'it is 1.0' ;
  x:p 1.0, +1.0
    , "1.0"^^xsd:decimal,"1.0" ^^ <http://www.w3.org/2001/XMLSchema#decimal>; x:q 1.0.
x:b x:p "1.0"^^xsd:double, 11.0, "1.0"@fr, ( ) , 1.0e0 .
x:c x:p "1.0"^^x:unknown, (
  [] ), _:z .
'''


def test_each_occurrence_of_a_literal_has_its_line() -> None:
    one, plus, double = typed("1.0", "decimal"), typed("+1.0", "decimal"), typed("1.0e0", "double")
    found = list(literal_lines(ODD.encode(), Path("a.ttl"), {one, plus, double}, PROGRAM))
    assert found == [(5, one), (5, plus), (6, one), (6, one), (6, one), (7, double)]
