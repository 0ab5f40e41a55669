"""The tokenizer follows the grammar of SPARQL, and splits any text in linear time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.engine.syntax.tokenizer import tokens


def kinds_and_texts(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'a' \"b\"", [("string", "'a'"), ("string", '"b"')]),
        ("'''a'b''c'''", [("string", "'''a'b''c'''")]),
        ('"""a\n"b""\\""""', [("string", '"""a\n"b""\\""""')]),
        ("<a b>", [("sign", "<"), ("word", "a"), ("word", "b"), ("sign", ">")]),
        ("ex:a.b.", [("name", "ex:a.b"), ("sign", ".")]),
        ("ex:a\\#b#c", [("name", "ex:a\\#b")]),
        ("ex:l%C3%A9 é:é", [("name", "ex:l%C3%A9"), ("name", "é:é")]),
        ('"a"@fr-FR', [("string", '"a"'), ("language", "@fr-FR")]),
        ("_:b1.", [("blank", "_:b1"), ("sign", ".")]),
        ("1.5e3 1. .5", [("number", "1.5e3"), ("number", "1"), ("sign", "."), ("sign", "."), ("number", "5")]),
        ("1SELECT", [("number", "1"), ("word", "SELECT")]),
        ("<< ?s ?p >>", [("sign", "<<"), ("variable", "?s"), ("variable", "?p"), ("sign", ">>")]),
        ("'a", [("unclosed", "'")]),
    ],
)
def test_cut(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds_and_texts(text) == expected


@pytest.mark.parametrize(
    ("text", "iris"),
    [
        ("SELECT * { ?s ?p ?o FILTER(?o<1&&?o>0) }", 0),
        ("SELECT * { ?s ?p ?o FILTER ex:f(?o<1,?o>1) }", 0),
        ("SELECT (?a<?b&&?c>?d AS ?e) {}", 0),
        ("SELECT * { FILTER(true<?b&&?c>false) }", 0),
        ("SELECT * { ?s ?p ?o FILTER(?o<<a>) }", 1),
        ("SELECT * { ?s ?p <<( ?s ?p ?o )>> . ?s ?p (1 <a>) }", 1),
        ("SELECT * { FILTER(?o = <<( ?s <a> 1 )>> && ?o<1 || ?o>1) }", 1),
        ("SELECT * { ?s ?p ?o FILTER(?o IN(<a>,<b>)) }", 2),
        ("SELECT * { VALUES (?x ?y) {(1 <b>)} }", 1),
        ('SELECT * { FILTER("1"^^<a> = 1) }', 1),
    ],
)
def test_less_than_is_distinguished_from_an_iri(text: str, iris: int) -> None:
    assert sum(kind == "iri" for kind, _ in kinds_and_texts(text)) == iris


@given(st.text(alphabet="aS\"'\\<>{}()[]?:_@#^|&.,1 \n\r%-*é\u2003\U0001f600"))
def test_chunks_of_any_text_join_to_the_text(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert token.offset >= end
        assert text.startswith(token.text, token.offset)
        assert token.text
        between = text[end : token.offset]
        assert not between.strip(" \t\r\n") or "#" in between
        end = token.offset + len(token.text)
