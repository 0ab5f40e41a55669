"""The prologue of a query: what is known without declaration."""

import pytest

from cper_lod.core.namespaces import CPER
from cper_lod.engine.syntax import MAX_BASE, iris

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
