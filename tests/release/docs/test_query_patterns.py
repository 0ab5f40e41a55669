"""Triple patterns and roles of queries: what each solution needs, and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.namespaces import RDF
from cper_lod.release.docs.empty_results import QueryPatterns

TYPE = f"<{RDF}type>"


def patterns(text: str) -> list[str]:
    return [" ".join(each) for each in QueryPatterns(text, "http://b/").patterns]


READ = {
    "ASK { ?x a <A> ; <p> 1 , -2 ; . ?y <q> 'a. ; {b}'@fr }": [
        f"?x {TYPE} <http://b/A>", "?x <http://b/p> 1", "?x <http://b/p> -2", "?y <http://b/q> 'a. ; {b}'@fr",
    ],
    "ASK { ?x <urn:p>/<urn:q>/a $y }": ["?x <urn:p> ?_v"],
    "PREFIX p: <urn:> ASK { _:b p:q '1'^^p:t , true }": ["?_b <urn:q> '1'^^<urn:t>", "?_b <urn:q> true"],
    "ASK { ?x ^<urn:p> ?y . ?x <urn:p>* ?y . ?x (<urn:p>|<urn:q>)/<urn:r> ?z . ?x !<urn:p> ?y . ?x <urn:p>|<urn:q> ?y }": [],
    "ASK { ?x <urn:p> [ <urn:q> 1 ] , ( 1 2 ) . ?y <urn:q> 2 }": ["?y <urn:q> 2"],
    "ASK { ?x <urn:p> 1 FILTER(?x > 2 && ?x = <urn:z>) . ?x <urn:q> 2 }": ["?x <urn:p> 1", "?x <urn:q> 2"],
    "ASK { ?x <urn:p> 1 OPTIONAL { ?x <urn:q> 2 } GRAPH <urn:g> { ?x <urn:r> 3 } }": [
        "?x <urn:p> 1", "?x <urn:q> 2", "?x <urn:r> 3",
    ],
    "CONSTRUCT { ?x <urn:p> 1 } WHERE { VALUES (?x ?y) { (<urn:a> <urn:b>) } ?x <urn:q> ?y }": ["?x <urn:q> ?y"],
    "SELECT (COUNT(*) AS ?n) ?b ?c { ?x <urn:p> 1 } GROUP BY ?b ?c HAVING (?n > 1) ORDER BY ?b ?c LIMIT 1": ["?x <urn:p> 1"],
    r"ASK { ?x <urn:\u0070> 1 } # . ?x <urn:q> 2": ["?x <urn:p> 1"],
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_the_patterns_of_a_query(text: str) -> None:
    assert patterns(text) == READ[text]


def test_roles() -> None:
    text = """CONSTRUCT { ?x a <urn:t> } { ?x a <urn:c> ; <urn:p>/^<urn:q> <urn:o> , "x"@en-GB OPTIONAL { <urn:s> <urn:r> ?l }
        GRAPH <urn:g> { ?x <urn:r> ?l } BIND(<urn:f>(?x) AS ?y) }"""
    read = QueryPatterns(text, "")
    assert {iri.removeprefix("urn:"): role for iri, role in read.roles if iri.startswith("urn:")} == {
        "c": "class", "p": "property", "q": "property", "o": "thing", "s": "thing", "r": "property", "f": "other",
    }  # fmt: skip


SIGNS = [
    *"{}()[].;,/|*+?!^a-<>=",
    " ASK ",
    " SELECT ",
    " VALUES ",
    " NOT EXISTS ",
    " ?x ",
    " <urn:p> ",
    "'a'",
    "@fr",
    "^^",
    "1",
]


@given(st.lists(st.sampled_from(SIGNS), max_size=40))
def test_any_text_is_read(parts: list[str]) -> None:
    assert isinstance(patterns("PREFIX e: <urn:e> ASK " + "".join(parts)), list)
