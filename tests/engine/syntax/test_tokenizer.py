"""The tokenizer follows the grammar of SPARQL, and splits any text in linear time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.engine.syntax import tokens

KINDS = r"""?a 'a"' "b\"" '''a'b''' <http://a/b#c> <a b> ex:a\#b.c. : l:%C3%A9 "a"@fr-FR _:b1. 1.5e3 1. .5 1SELECT a#b
c << ?s ?p >> <<( 'no end"""
EXPECTED = """variable string string string iri sign word word sign name sign name name string language blank sign number number sign
sign number number word word word sign variable variable sign sign sign"""


def test_kinds() -> None:
    assert [token.kind for token in tokens(KINDS)] == [*EXPECTED.split(), "unclosed"]


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
    assert sum(token.kind == "iri" for token in tokens(text)) == iris


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
