"""Formatting: idempotent, lossless except for canonical forms, careful with comments and files; literals as queries see them."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from cper_lod.core.formats import N_QUADS, TURTLE
from cper_lod.core.namespaces import XSD
from cper_lod.rdf.formatter import (
    canonical_forms,
    canonical_literals,
    canonical_nquads,
    forms_of_nquads,
    is_canonical,
    literal_lines,
    rewrite,
)
from cper_lod.rdf.reader import parse
from cper_lod.rdf.serialize import write
from tests.support.properties import examples
from tests.support.refusals import refused

UNTIDY = """@prefix c: <https://w3id.org/cper-lod/ontology#> .
@prefix mine: <http://example.org/> .
mine:a c:montant 0994000000.00 ; a c:Axe .
mine:b c:nom "B"@fr-FR .
"""
TIDY = """@prefix cper: <https://w3id.org/cper-lod/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<http://example.org/a> a cper:Axe ;
    cper:montant "994000000"^^xsd:decimal .

<http://example.org/b> cper:nom "B"@fr-fr .
"""
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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.ttl"
    path.write_text(UNTIDY, "utf-8")
    return path


def test_a_file_gets_its_canonical_form_once(path: Path):
    assert not is_canonical(path)
    assert path.read_text("utf-8") == UNTIDY
    assert rewrite(path)
    assert path.read_text("utf-8") == TIDY
    assert is_canonical(path)
    before = path.stat()
    assert not rewrite(path)
    assert path.stat() == before


def test_a_rewriting_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "fsync", fail)
    with refused("permission", "Permission denied"):
        rewrite(path)
    assert [(each.name, each.read_text("utf-8")) for each in path.parent.iterdir()] == [("a.ttl", UNTIDY)]


def test_a_file_with_a_comment_is_not_touched(path: Path):
    text = UNTIDY + "\n# à vérifier\n# encore\n"
    path.write_text("\ufeff" + text, "utf-8")
    for attempt in (is_canonical, rewrite):
        with refused("source-comments", 6, "# à vérifier"):
            attempt(path)
    assert path.read_text("utf-8-sig") == text


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
    found = list(literal_lines(ODD.encode(), Path("a.ttl"), {one, plus, double}))
    assert found == [(5, one), (5, plus), (6, one), (6, one), (6, one), (7, double)]
