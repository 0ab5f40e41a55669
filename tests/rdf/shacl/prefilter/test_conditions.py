"""Conditions evaluated on tokens: unless they are unsure, rdflib gives the same result."""

import itertools
from collections.abc import Callable

import pytest
from rdflib.plugins.sparql.sparql import Prologue

from cper_lod.rdf.shacl.prefilter.conditions import (
    UNSURE,
    UndecidableError,
    compile_condition,
    fast_condition,
    rdflib_condition,
    variables,
)
from cper_lod.rdf.shacl.prefilter.graphs import literals_as_written
from cper_lod.rdf.shacl.prefilter.query_cache import parse_query

XSD = "http://www.w3.org/2001/XMLSchema#"
TOKENS = [
    None,
    "<https://example.org/a>",
    "<urn:b>",
    "_:c",
    '"fr"',
    '"en"',
    '"x"',
    '""',
    '"l\\"été\\n"',
    '"x"@fr',
    '"12"',
    '"21"@fr',
    '"fr"@fr',
    '"X"@en-gb',
    *(
        f'"{text}"^^<{XSD}{kind}>'
        for text, kind in [
            ("1", "integer"),
            ("2", "integer"),
            ("0", "integer"),
            ("-01", "integer"),
            ("1.50", "decimal"),
            ("5.", "decimal"),
            (".5", "decimal"),
            ("x", "integer"),
            ("2021-02-03", "date"),
            ("2021-02-30", "date"),
            ("true", "boolean"),
            ("1e3", "double"),
        ]
    ),
    '"x"^^<https://example.org/kind>',
]
CONDITIONS = [
    "isIRI(?x)",
    "BOUND(?x)",
    "STRSTARTS(STR(?x), 'https://')",
    "STRSTARTS(?x, 'x')",
    "CONTAINS(STR(?x), 'x')",
    "REGEX(STR(?x), '^[a-z]+$')",
    "REGEX(?x, 'é')",
    "?x IN (<urn:b>, <urn:d>)",
    "?x NOT IN (<urn:b>)",
    "STR(?x) < STR(?y)",
    "STR(?x) >= STR(?y)",
    "STR(?x) != 'x'",
    "LANG(?x) = 'fr'",
    "LANG(?x) != ''",
    "DATATYPE(?x) = xsd:date",
    "DATATYPE(?x) != xsd:decimal",
    "?x = ?y",
    "?x != ?y",
    "?x != <urn:b>",
    "?x < 1",
    "?x >= 1.0",
    "?x < ?y",
    "?x = 1.5",
    "?x > 0",
    "?x * 2 > ?y * ?x",
    "?x * 100 != ?y * ?y",
]


ERROR = "rdflib fails"


def answer(ask: Callable[[dict[str, str]], object], bindings: dict[str, str]):
    """Return the result of a function; rdflib raises errors for some invalid numbers."""
    try:
        return ask(bindings)
    except (TypeError, AttributeError, ArithmeticError, RecursionError):
        return ERROR


def filter_of(text: str):
    query = parse_query(f"PREFIX xsd: <{XSD}> SELECT * WHERE {{ ?s ?p ?o FILTER({text}) }}", (), None)
    return query.algebra.p.p.expr


@pytest.mark.parametrize("text", CONDITIONS)
def test_fast_conditions_equal_those_of_rdflib(text: str):
    with literals_as_written():
        expression = filter_of(text)
        fast, slow = fast_condition(expression), rdflib_condition(expression, Prologue())
        sure = set()
        for x, y in itertools.product(TOKENS, TOKENS if "?y" in text else [None]):
            bindings = {name: token for name, token in (("x", x), ("y", y)) if token}
            found = fast(bindings)
            if found is not UNSURE:
                assert found == answer(slow, bindings), bindings
                sure.add(found)
    assert sure == {True, False}


SLOW = ["STRLEN(?x) > 1", "?x + ?y > 1", "?x", "REGEX(?x, 'X', 'i')", "REGEX(?x, ?y)", "?x IN (1)", "LANG(?x) = ?y"]


@pytest.mark.parametrize("text", SLOW)
def test_conditions_without_a_fast_form_use_rdflib(text: str):
    assert fast_condition(filter_of(text)) is None


@pytest.mark.slow
def test_errors_go_through_and_or_and_not_as_in_rdflib():
    texts = ["?x < 1 || ?y < 1", "?x < 1 && ?y < 1", "!(?x < 1)", "!(?x < 1 && ?y < 1)", "!(?y < 1 || ?x < 1)"]
    with literals_as_written():
        for text in texts:
            expression = filter_of(text)
            ours, theirs = (
                compile_condition(expression, Prologue(), lambda _: None),
                rdflib_condition(expression, Prologue()),
            )
            for x, y in itertools.product(TOKENS, TOKENS):
                bindings = {name: token for name, token in (("x", x), ("y", y)) if token}
                assert ours(bindings) == theirs(bindings), (text, bindings)


@pytest.mark.parametrize("text", ["EXISTS { ?s ?p ?x } = true", "RAND() < 0.5", "NOW() = ?x"])
def test_expressions_that_are_not_functions_are_undecidable(text: str):
    with pytest.raises(UndecidableError):
        list(variables(filter_of(text)))
