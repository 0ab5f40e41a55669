"""Parsing of reconciliation requests; errors name the path of the faulty value."""

import json
from typing import Any

import pytest

from cper_lod.core.errors import Problem
from cper_lod.linking.reconciliation.queries import (
    MAX_CANDIDATES,
    MAX_IDS,
    MAX_IRI_LENGTH,
    MAX_ITEMS,
    MAX_PROPERTIES,
    MAX_QUERIES,
    MAX_TEXT_LENGTH,
    PropertyCondition,
    ReconciliationQuery,
    RequestedProperty,
    parse_batch,
    parse_extend_query,
)
from tests.support.refusals import refused

Q: dict[str, Any] = {"query": "x"}
INVALID = {
    "nothing": ("", "queries, 1"),
    "no JSON": ("{'q'}", "queries, 2"),
    "cut": ('{"q": {"query": "x"', "queries, 20"),
    "an array": ("[]", "queries"),
    "a number": ("1", "queries"),
    "NaN": ('{"q": {"query": "x", "limit": NaN}}', "queries"),
    "infinite": ('{"q": {"query": "x", "limit": -Infinity}}', "queries"),
    "a name twice": ('{"q": {"query": "x"}, "q": {"query": "y"}}', "queries"),
    "a field twice": ('{"q": {"query": "x", "query": "y"}}', "queries"),
    "deep": ("[" * 100_000, "queries"),
    "deep objects": ('{"a":' * 100_000, "queries"),
    "a number of 5000 digits": ('{"q": {"query": "x", "limit": ' + "9" * 5000 + "}}", "queries"),
    "a query that is a text": ('{"q": "x"}', "queries.q"),
    "nothing asked": ('{"q": {}}', "queries.q"),
    "no name and no properties": ('{"q": {"properties": []}}', "queries.q"),
    "a number asked": ('{"q": {"query": 59}}', "queries.q.query"),
    "half a character": ('{"q": {"query": "\\ud800"}}', "queries.q.query"),
    "half a character as a name": ('{"\\ud800": {"query": "x"}}', "queries"),
    "a long query": (json.dumps({"q": {"query": "x" * (MAX_TEXT_LENGTH + 1)}}), "queries.q.query"),
    "a long name": (json.dumps({"q" * (MAX_TEXT_LENGTH + 1): Q}), "queries"),
    "a class that is a number": (json.dumps({"q": Q | {"type": 1}}), "queries.q.type"),
    "a long class": (json.dumps({"q": Q | {"type": "x" * (MAX_IRI_LENGTH + 1)}}), "queries.q.type[0]"),
    "a limit of nothing": (json.dumps({"q": Q | {"limit": 0}}), "queries.q.limit"),
    "a limit below": (json.dumps({"q": Q | {"limit": -1}}), "queries.q.limit"),
    "half a limit": (json.dumps({"q": Q | {"limit": 1.5}}), "queries.q.limit"),
    "a limit in words": (json.dumps({"q": Q | {"limit": "two"}}), "queries.q.limit"),
    "a limit that is true": (json.dumps({"q": Q | {"limit": True}}), "queries.q.limit"),
    "a huge limit": ('{"q": {"query": "x", "limit": 1e999}}', "queries.q.limit"),
    "strict in a way of its own": (json.dumps({"q": Q | {"type_strict": "never"}}), "queries.q.type_strict"),
    "properties that are a text": (json.dumps({"q": Q | {"properties": "p"}}), "queries.q.properties"),
    "a property that is a text": (json.dumps({"q": Q | {"properties": ["p"]}}), "queries.q.properties[0]"),
    "a property of no name": (json.dumps({"q": Q | {"properties": [{"v": "x"}]}}), "queries.q.properties[0].pid"),
    "a property of no value": (json.dumps({"q": Q | {"properties": [{"pid": "p"}]}}), "queries.q.properties[0].v[0]"),
    "an entity of no name": (
        json.dumps({"q": Q | {"properties": [{"pid": "p", "v": {"name": "x"}}]}}),
        "queries.q.properties[0].v[0]",
    ),
}


@pytest.mark.parametrize(("text", "place"), INVALID.values(), ids=INVALID.keys())
def test_what_is_refused_and_where(text: str, place: str):
    with pytest.raises(Problem) as raised:
        parse_batch(text)
    assert (raised.value.kind.code, raised.value.params["place"]) == ("reconciliation-invalid", place)
    said = {str(raised.value.words(lang)) for lang in ("fr", "en")}
    assert len(said) == 2
    assert all(len(each.encode()) < 1000 for each in said)


TOO_MANY = {
    "queries": ({str(number): Q for number in range(MAX_QUERIES + 1)}, MAX_QUERIES),
    "a thousand long queries": ({str(number): {"query": "x" * 10_000} for number in range(1000)}, MAX_QUERIES),
    "classes": ({"q": Q | {"type": ["x"] * (MAX_ITEMS + 1)}}, MAX_ITEMS),
    "properties": ({"q": Q | {"properties": [{"pid": "p", "v": "x"}] * (MAX_ITEMS + 1)}}, MAX_ITEMS),
    "values": ({"q": Q | {"properties": [{"pid": "p", "v": ["x"] * (MAX_ITEMS + 1)}]}}, MAX_ITEMS),
}


@pytest.mark.parametrize(("queries", "limit"), TOO_MANY.values(), ids=TOO_MANY.keys())
def test_too_many(queries: object, limit: int):
    with pytest.raises(Problem) as raised:
        parse_batch(json.dumps(queries))
    assert (raised.value.kind.code, raised.value.params["limit"]) == ("reconciliation-batch", limit)


def test_every_field_is_read():
    asked = {
        "query": " Nord ",
        "type": ["a", {"id": "b", "name": "B"}],
        "limit": 3.0,
        "type_strict": "all",
        "properties": [{"pid": "p", "v": [1, 2.50, True, "x", {"id": "http://e.org/y"}, ""]}, {"pid": "r", "v": "z"}],
    }
    conditions = (PropertyCondition("p", ("1", "2.5", "true", "x", "http://e.org/y")), PropertyCondition("r", ("z",)))
    assert parse_batch(json.dumps({"q": asked, "r": Q | {"type": "c"}})) == {
        "q": ReconciliationQuery("Nord", ("a", "b"), 3, conditions, "all"),
        "r": ReconciliationQuery("x", ("c",)),
    }
    assert parse_batch("{}") == {}
    assert parse_batch(json.dumps({"q": {"query": "  ", "properties": [{"pid": "p", "v": ""}]}})) == {
        "q": ReconciliationQuery("")
    }
    assert parse_batch(json.dumps({"q": Q | {"limit": MAX_CANDIDATES + 1, "type": None, "properties": None}})) == {
        "q": ReconciliationQuery("x", limit=MAX_CANDIDATES)
    }


def test_queries_for_values():
    asked = {"ids": ["a", "b", "a"], "properties": [{"id": "p"}, {"id": "q", "settings": {"lang": "en", "limit": "3"}}]}
    found = parse_extend_query(json.dumps(asked))
    assert found.iris == ("a", "b")
    assert found.properties == (RequestedProperty("p"), RequestedProperty("q", "en", 3))
    assert parse_extend_query(
        '{"ids": [], "properties": [{"id": "p", "settings": {"lang": "", "limit": 0}}]}'
    ).properties == (RequestedProperty("p"),)


NO_VALUES = {
    "no things": ({"properties": []}, "extend.ids"),
    "no properties": ({"ids": []}, "extend.properties"),
    "a thing that is a number": ({"ids": [1], "properties": []}, "extend.ids[0]"),
    "settings that are a text": (
        {"ids": [], "properties": [{"id": "p", "settings": "x"}]},
        "extend.properties[0].settings",
    ),
    "a language of nobody": (
        {"ids": [], "properties": [{"id": "p", "settings": {"lang": "de"}}]},
        "extend.properties[0].settings.lang",
    ),
    "a limit below": (
        {"ids": [], "properties": [{"id": "p", "settings": {"limit": -1}}]},
        "extend.properties[0].settings.limit",
    ),
}


@pytest.mark.parametrize(("asked", "place"), NO_VALUES.values(), ids=NO_VALUES.keys())
def test_queries_for_values_that_are_refused(asked: object, place: str):
    with pytest.raises(Problem) as raised:
        parse_extend_query(json.dumps(asked))
    assert (raised.value.kind.code, raised.value.params["place"]) == ("reconciliation-invalid", place)


@pytest.mark.parametrize(
    "asked",
    [
        {"ids": ["x"] * (MAX_IDS + 1), "properties": []},
        {"ids": [], "properties": [{"id": "p"}] * (MAX_PROPERTIES + 1)},
    ],
)
def test_too_many_values(asked: object):
    with refused("reconciliation-batch"):
        parse_extend_query(json.dumps(asked))
