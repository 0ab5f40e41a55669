"""Shapes of every kind of constraint that are compiled to SPARQL, and random graphs for them."""

from hypothesis import strategies as st
from pyoxigraph import Quad

from cper_lod.rdf.formatter import canonical_literals
from tests.rdf.shacl.shacl_reports import quads

TARGET = "sh:targetClass ex:C"
CORE = {
    "minCount": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:minCount 2",
    "maxCount": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:maxCount 1",
    "datatype": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:datatype xsd:integer",
    "decimal": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:q ; sh:datatype xsd:decimal ; sh:severity sh:Warning",
    "date": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:q ; sh:datatype xsd:date",
    "string": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:q ; sh:datatype xsd:string",
    "nodeKind": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:nodeKind sh:BlankNodeOrIRI",
    "in": f'a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:in ( ex:a "x"@fr 1 )',
    "pattern": f'a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:pattern "^[a-z0-9:/.]+$"',
    # One each: where a shape has both, a node is a suspect of one or the other.
    "minLength": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:minLength 2",
    "maxLength": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:maxLength 3",
    "minInclusive": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:q ; sh:minInclusive 1",
    "maxExclusive": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:q ; sh:maxExclusive 2",
    "languageIn": f'a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:languageIn ( "fr" "en" )',
    "uniqueLang": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:uniqueLang true",
    "hasValue": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:hasValue ex:a",
    "equals": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:equals ex:q",
    "disjoint": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:disjoint ex:q",
    "class": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:class ex:C , ex:D",
    "property": f"a sh:NodeShape ; {TARGET} ; sh:property ex:minCount , ex:none",
    "node": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:node [ a sh:NodeShape ; sh:property ex:minCount ]",
    "or": f"a sh:NodeShape ; {TARGET} ; sh:or ( ex:minCount [ sh:path ex:q ; sh:hasValue 1 ]"
    " [ sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:equals ex:q ] , ex:none ] )",
    "and": f"a sh:NodeShape ; {TARGET} ; sh:and ( ex:minCount [ sh:path ex:q ; sh:minCount 1 ] )",
    "orOfValues": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:or ( [ sh:nodeKind sh:Literal ]"
    " [ sh:path ex:q ; sh:minCount 1 ] )",
    "off": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:minCount 9 ; sh:deactivated true",
    "inverse": "a sh:PropertyShape ; sh:targetObjectsOf ex:p , ex:q ; sh:path [ sh:inversePath ex:p ] ; sh:maxCount 1",
    "sequence": "a sh:PropertyShape ; sh:targetSubjectsOf ex:q ; sh:path ( ex:p ex:q ) ; sh:minCount 1",
    "alternative": f"a sh:PropertyShape ; {TARGET} ; sh:path [ sh:alternativePath ( ex:p ex:q ) ] ; sh:maxCount 1",
    "repeated": f"a sh:PropertyShape ; {TARGET} ; sh:path [ sh:oneOrMorePath ex:p ] ; sh:class ex:C",
    "perhaps": "a sh:PropertyShape ; sh:targetNode ex:a , ex:z ; sh:nodeKind sh:IRI ;"
    " sh:path [ sh:zeroOrOnePath ex:p ]",
    "not": f"a sh:NodeShape ; {TARGET} ; sh:not [ a sh:NodeShape ; sh:property [ sh:path ex:q ; sh:minCount 1 ] ]",
    "notThese": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:not [ sh:in ( ex:a 1 ) ] ,"
    ' [ sh:pattern "^[a-c0-9]" ; sh:nodeKind sh:Literal ] , [ sh:or ( [ sh:class ex:D ] [ sh:path ex:q ; sh:hasValue 1 ] ) ]',
    "notNot": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:not [ sh:not [ sh:path ex:q ; sh:maxCount 0 ] ]",
    "notTyped": f"a sh:PropertyShape ; {TARGET} ; sh:path ex:q ; sh:not [ sh:datatype xsd:integer ]",
    "E": "a sh:NodeShape , rdfs:Class ; sh:or ( [ sh:nodeKind sh:BlankNode ] [ sh:path ex:q ; sh:minCount 1 ] )",
    # What is not compiled goes to pyshacl whole.
    "xone": f"a sh:NodeShape ; {TARGET} ; sh:xone ( ex:minCount [ sh:path ex:q ; sh:minCount 1 ] )",
}
QUERIES = {
    "optional": "$this ex:p ?value OPTIONAL { ?value ex:q ?other } FILTER(!BOUND(?other))",
    "twins": "$this ex:p ?value . ?other ex:p ?value . FILTER(?other != $this)",
    "language": '{ BIND("fr" AS ?value) } UNION { BIND("en" AS ?value) } '
    "FILTER NOT EXISTS { $this ex:p ?text . FILTER(LANG(?text) = ?value) }",
    "back": "$this ex:p ?value FILTER NOT EXISTS { ?value ex:q|^ex:q $this }",
    "below": "$this ex:p ?value . ?value a/rdfs:subClassOf* ex:D",
    "any": "$this ?path ?value FILTER(?path IN (ex:p, ex:q) && isIRI(?value) && !STRSTARTS(STR(?value), 'https://e'))",
    "number": "$this ex:q ?value FILTER(?value < 2 || DATATYPE(?value) = xsd:date)",
    "text": "$this ex:q ?value FILTER(!(REGEX(STR(?value), '^[0-9]+$') && STRLEN(STR(?value)) < 3))",
    "order": "$this ex:q ?value ; ex:p ?least FILTER(STR(?value) > STR(?least))",
    "values": "$this ex:p ?one . OPTIONAL { $this ex:q ?two } BIND(COALESCE(?two, ?one) AS ?value) FILTER(?value != 1)",
    "groups": "$this ex:p ?one { $this ex:q ?value } UNION { ?value ex:q ?one FILTER(?value != ?one) }",
    "nested": "$this ex:p ?value FILTER(EXISTS { ?value a ?c FILTER NOT EXISTS { $this a ?c } } || ?value = 1)",
    "among": "?value ex:q $this . FILTER(?value NOT IN (ex:a, ex:b))",
}
SUM = """SELECT $this (SUM(?one) AS ?value) WHERE {
  $this ex:q ?one FILTER(isNumeric(?one)) } GROUP BY $this HAVING (SUM(?one) > 0)"""
SHAPES = quads(
    "\n".join(f"ex:{name} {text} ." for name, text in CORE.items())
    + "\n".join(
        f'ex:{name} a sh:NodeShape ; {TARGET} ; sh:sparql [ sh:prefixes ex:prefixes ; sh:select """{query}""" ] .'
        for name, query in {
            **{name: f"SELECT $this ?path ?value WHERE {{ {text} }}" for name, text in QUERIES.items()},
            "sum": SUM,
        }.items()
    )
    + "ex:none a sh:PropertyShape ; sh:path ex:q ; sh:maxCount 0 ."
    + 'ex:prefixes sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/"^^xsd:anyURI ] ,'
    ' [ sh:prefix "xsd" ; sh:namespace "http://www.w3.org/2001/XMLSchema#"^^xsd:anyURI ] .'
)
NODES = ["ex:a", "ex:b", "ex:c", "_:d", "<urn:e>"]
CANONICAL = [
    *('"x"', '"x"@fr', '"y"@en', '""', '"X y\\"z"'),
    *("1", "2", "-3.5", "true", '"2021-02-03"^^xsd:date', '"a"^^ex:kind'),
]
"""Literals that have a value for Oxigraph, and the form in which it writes them."""
OTHERS = ['"x"@en', '"01"^^xsd:integer', "-3.0", '"1.50"^^xsd:decimal', '"5."^^xsd:decimal', '"2021-02-30"^^xsd:date']
LITERALS = CANONICAL + OTHERS


def graphs(literals: list[str]) -> st.SearchStrategy[list[Quad]]:
    """Return graphs with some literals."""
    triples = st.one_of(
        st.tuples(st.sampled_from(NODES), st.sampled_from(["ex:p", "ex:q"]), st.sampled_from(NODES * 3 + literals)),
        st.tuples(st.sampled_from(NODES), st.just("ex:p"), st.sampled_from(['"x"@en', '"y"@en', '"x"@fr'])),
        st.tuples(st.sampled_from(NODES), st.just("a"), st.sampled_from(["ex:C", "ex:D", "ex:E"])),
        st.tuples(
            st.sampled_from(["ex:D", "ex:E"]), st.just("rdfs:subClassOf"), st.sampled_from(["ex:C", "ex:D", "ex:E"])
        ),
    )
    found = st.lists(triples, min_size=20, max_size=45)
    return found.map(lambda each: [*canonical_literals(quads("".join(f"{' '.join(triple)} .\n" for triple in each)))])


GRAPHS = graphs(LITERALS)
CANONICAL_GRAPHS = graphs(CANONICAL)
