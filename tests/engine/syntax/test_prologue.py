"""The prologue of a query: what is known without declaration, and what another endpoint must be told."""

import pytest

from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.engine.syntax.prologue import MAX_BASE, implied_declarations, iris

HERE = "http://here.example/sparql"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ASK { ?x a cper:Axe }", [CPER + "Axe"]),
        ("PREFIX c: <#> ASK { ?x <y> c:z }", ["http://here.example/y", HERE + "#z"]),
        ("BASE <http://e.org/a/> BASE <b/> ASK { ?x <c> <urn:d> }", ["http://e.org/a/b/c", "urn:d"]),
        ("PREFIX c: <http://c/#> ASK { ?x c:a <http://e.org/b/../c> }", ["http://c/#a", "http://e.org/b/../c"]),
        ("ASK { ?x nope:a 'cper:Axe' } # cper:Axe", []),
        ("ASK { ?x <[> <\\u0023a> }", ["http://here.example/[", HERE + "#a"]),
        (f"BASE <http://e.org/{'x/' * MAX_BASE}> ASK {{ ?x <y> <urn:z> }}", ["y", "urn:z"]),
    ],
)
def test_iris_of_a_query(text: str, found: list[str]) -> None:
    assert list(iris(text, HERE)) == found


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        (f"PREFIX cper: <{CPER}> ASK {{ ?x a cper:Axe }}", ""),
        ("ASK { ?x a cper:Axe ; skos:notation 1 }", f"PREFIX cper: <{CPER}> PREFIX skos: <{SKOS}> "),
        ("ASK { ?x a nope:Axe , 'cper:Axe' }", ""),
        ("ASK { ?x a <y> }", f"BASE <{HERE}> "),
        ("SELECT (iri('y') AS ?x) {}", f"BASE <{HERE}> "),
        ("BASE <http://e.org/> SELECT (IRI('y') AS ?x) { ?x a <z> }", ""),
        ("PREFIX c: <c#> ASK { ?x a c:d }", f"BASE <{HERE}> "),
    ],
)
def test_what_another_endpoint_must_be_told(text: str, declared: str) -> None:
    assert implied_declarations(text, HERE) == declared
    assert implied_declarations(text, "") == declared.replace(f"BASE <{HERE}> ", "")
    assert list(iris(declared + text, HERE)) == list(iris(text, HERE))
