"""What reconciliation clients send: read where it is sound, refused with the place where it is not."""

import json
from typing import Any

import pytest

from cper_lod.core.errors import Problem
from cper_lod.linking.reconciliation.queries import (
    BATCH,
    IDS,
    IRI,
    LIMIT,
    LONGEST,
    PROPERTIES,
    TYPES,
    ReconciliationQuery,
    Wanted,
    Wish,
    batch,
    extension,
)

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
    "a long query": (json.dumps({"q": {"query": "x" * (LONGEST + 1)}}), "queries.q.query"),
    "a long name": (json.dumps({"q" * (LONGEST + 1): Q}), "queries"),
    "a class that is a number": (json.dumps({"q": Q | {"type": 1}}), "queries.q.type"),
    "a long class": (json.dumps({"q": Q | {"type": "x" * (IRI + 1)}}), "queries.q.type[0]"),
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
        batch(text)
    assert (raised.value.kind.code, raised.value.params["place"]) == ("reconciliation-invalid", place)
    said = {str(raised.value.words(lang)) for lang in ("fr", "en")}
    assert len(said) == 2
    assert all(len(each.encode()) < 1000 for each in said)


TOO_MANY = {
    "queries": ({str(number): Q for number in range(BATCH + 1)}, BATCH),
    "a thousand long queries": ({str(number): {"query": "x" * 10_000} for number in range(1000)}, BATCH),
    "classes": ({"q": Q | {"type": ["x"] * (TYPES + 1)}}, TYPES),
    "properties": ({"q": Q | {"properties": [{"pid": "p", "v": "x"}] * (TYPES + 1)}}, TYPES),
    "values": ({"q": Q | {"properties": [{"pid": "p", "v": ["x"] * (TYPES + 1)}]}}, TYPES),
}


@pytest.mark.parametrize(("queries", "limit"), TOO_MANY.values(), ids=TOO_MANY.keys())
def test_too_many(queries: object, limit: int):
    with pytest.raises(Problem) as raised:
        batch(json.dumps(queries))
    assert (raised.value.kind.code, raised.value.params["limit"]) == ("reconciliation-batch", limit)


def test_every_field_is_read():
    asked = {
        "query": " Nord ",
        "type": ["a", {"id": "b", "name": "B"}],
        "limit": 3.0,
        "type_strict": "all",
        "properties": [{"pid": "p", "v": [1, 2.50, True, "x", {"id": "http://e.org/y"}, ""]}, {"pid": "r", "v": "z"}],
    }
    wishes = (Wish("p", ("1", "2.5", "true", "x", "http://e.org/y")), Wish("r", ("z",)))
    assert batch(json.dumps({"q": asked, "r": Q | {"type": "c"}})) == {
        "q": ReconciliationQuery("Nord", ("a", "b"), 3, wishes, "all"),
        "r": ReconciliationQuery("x", ("c",)),
    }
    assert batch("{}") == {}
    assert batch(json.dumps({"q": {"query": "  ", "properties": [{"pid": "p", "v": ""}]}})) == {
        "q": ReconciliationQuery("")
    }
    assert batch(json.dumps({"q": Q | {"limit": LIMIT + 1, "type": None, "properties": None}})) == {
        "q": ReconciliationQuery("x", limit=LIMIT)
    }


def test_queries_for_values():
    asked = {"ids": ["a", "b", "a"], "properties": [{"id": "p"}, {"id": "q", "settings": {"lang": "en", "limit": "3"}}]}
    found = extension(json.dumps(asked))
    assert found.iris == ("a", "b")
    assert found.properties == (Wanted("p"), Wanted("q", "en", 3))
    assert extension('{"ids": [], "properties": [{"id": "p", "settings": {"lang": "", "limit": 0}}]}').properties == (
        Wanted("p"),
    )


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
        extension(json.dumps(asked))
    assert (raised.value.kind.code, raised.value.params["place"]) == ("reconciliation-invalid", place)


@pytest.mark.parametrize(
    "asked",
    [
        {"ids": ["x"] * (IDS + 1), "properties": []},
        {"ids": [], "properties": [{"id": "p"}] * (PROPERTIES + 1)},
    ],
)
def test_too_many_values(asked: object):
    with pytest.raises(Problem) as raised:
        extension(json.dumps(asked))
    assert raised.value.kind.code == "reconciliation-batch"
