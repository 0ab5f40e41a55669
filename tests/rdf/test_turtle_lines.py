"""The lines of literals, whatever else a file has in it."""

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import XSD
from cper_lod.rdf.turtle_lines import literal_lines

TURTLE = '''@prefix x: <http://x/1.0/> . # 1.0 _:comment
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
x:1.0 x:a\\(1.0 <http://x/[1.0]>, "1.0 _:b [", """
1.0""", 'it is 1.0' ;
  x:p 1.0, +1.0
    , "1.0"^^xsd:decimal,"1.0" ^^ <http://www.w3.org/2001/XMLSchema#decimal>; x:q 1.0.
x:b x:p "1.0"^^xsd:double, 11.0, "1.0"@fr, ( ) , 1.0e0 .
x:c x:p "1.0"^^x:unknown, (
  [] ), _:z .
'''


def typed(text: str, name: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + name))


def test_each_occurrence_of_a_literal_has_its_line() -> None:
    one, plus, double = typed("1.0", "decimal"), typed("+1.0", "decimal"), typed("1.0e0", "double")
    found = list(literal_lines(TURTLE.encode(), {one, plus, double}))
    assert found == [(5, one), (5, plus), (6, one), (6, one), (6, one), (7, double)]
