"""A response becomes a VALUES block with exactly its terms, or is rejected; it cannot inject anything."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from cper_lod.engine.service.values import BlankNodeError, InvalidResultsError, Solutions, parse_solutions, values_block
from cper_lod.engine.syntax.checks import check
from tests.support.cases import each_case

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def answer(variables: object, rows: object) -> bytes:
    return json.dumps({"head": {"vars": variables}, "results": {"bindings": rows}}).encode()


def literal(value: str, **more: str) -> dict[str, str]:
    return {"type": "literal", "value": value, **{name.replace("_", ":"): each for name, each in more.items()}}


def terms(text: str) -> list[list[object]]:
    """Return the terms that the engine reads in a VALUES block."""
    return [list(row) for row in Store().query(f"SELECT * {{ {text} }}")]  # type: ignore[union-attr]


@each_case(
    ("term", "written"),
    [
        ({"type": "uri", "value": "http://e.org/é?a=%20#b"}, "<http://e.org/é?a=%20#b>"),
        (literal("a"), '"a"'),
        (literal("a", datatype=XSD + "string"), '"a"'),
        (literal("a", xml_lang="fr-FR"), '"a"@fr-fr'),
        (literal("a", xml_lang="fr", datatype=RDF + "langString"), '"a"@fr'),
        (literal("1", datatype=XSD + "integer"), f'"1"^^<{XSD}integer>'),
        ({"type": "typed-literal", "value": "1", "datatype": XSD + "integer"}, f'"1"^^<{XSD}integer>'),
        (literal('"'), '"\\""'),
        (literal("\\"), '"\\\\"'),
        (literal("a\nb\rc\td\0e\x7f"), '"a\\nb\\rc\\u0009d\\u0000e\\u007F"'),
        (literal("\\u0022 \\U00000022"), '"\\\\\\u00750022 \\\\\\u005500000022"'),
        (literal("\U0001f600\u2028"), '"\U0001f600\u2028"'),
    ],
)
def test_a_term_in_sparql(term: dict[str, str], written: str) -> None:
    assert values_block(Solutions(["a"], [{"a": term}])) == f"VALUES (?a) {{ ({written}) }}"


@each_case(
    ("variables", "rows", "written"),
    [
        ([], [], "VALUES () {  }"),
        ([], [{}, {}], "VALUES () { () () }"),
        (["a", "é"], [], "VALUES (?a ?é) {  }"),
        (["a", "é"], [{"é": literal("x")}, {}], 'VALUES (?a ?é) { (UNDEF "x") (UNDEF UNDEF) }'),
        (["a", "a"], [{"a": literal("x")}], 'VALUES (?a) { ("x") }'),
    ],
)
def test_a_block(variables: list[str], rows: list[dict[str, Any]], written: str) -> None:
    text = values_block(parse_solutions(answer(variables, rows), ["a", "é"]))
    assert text == written
    assert len(terms(text)) == len(rows)


@each_case(
    "body",
    [
        *(b"", b"{", b"\xff", b"[]", b"null", b'"x"', b"{}", b'{"head": {}, "boolean": true}', b"[" * 100_000),
        *(b"1" * 10_000, '{"head": "é'.encode("utf-16"), b'{"head": {"vars": []}, "results": {}}'),
        answer("a", []),
        answer([], {}),
        answer([1], []),
        answer([["a"]], []),
        answer(["b"], []),
        answer(["?a"], []),
        answer(["a) {} } INSERT"], []),
        answer(["a"], [{"b": literal("x")}]),
        answer([], [{"a": literal("x")}]),
        answer(["a"], ["x"]),
        answer(["a"], [None]),
    ],
)
def test_invalid_results(body: bytes) -> None:
    with pytest.raises(InvalidResultsError):
        parse_solutions(body, ["a"])


@each_case(
    "term",
    [
        *(None, "x", [], {}, {"type": "uri"}, {"type": "literal"}, {"type": "literal", "value": 1}),
        *({"type": "triple", "value": {}}, {"type": ["uri"], "value": "a:"}, {"type": "uri", "value": None}),
        *({"type": "uri", "value": each} for each in ("", "a", "/a", "http://a b", "http://a/>", "a:\\u003e", 'a:"')),
        *({"type": "uri", "value": each} for each in ("a:{", "a:\n", "a:\0", "http://[", "a:%zz", "a:\ud800", "a:`^|")),
        *(literal("a", xml_lang=each) for each in ("", "x y", "fr\n", "fr>", "@", "é", "fr_FR", "\ud800")),
        *(literal("a", datatype=each) for each in ("", "a", "a b", "a:>", RDF + "langString")),
        *(literal("\ud800"), literal("\udc00\ud800"), literal("a", xml_lang="fr", datatype=XSD + "string")),
        literal("a", xml_lang="ar", its_dir="rtl"),
        {"type": "literal", "value": "a", "xml:lang": 1},
        {"type": "literal", "value": "a", "datatype": 1},
    ],
)
def test_invalid_terms(term: object) -> None:
    found = parse_solutions(answer(["a"], [{"a": term}]), ["a"])
    with pytest.raises(InvalidResultsError):
        values_block(found)


def test_blank_nodes_are_rejected() -> None:
    with pytest.raises(BlankNodeError, match=r"^a$"):
        values_block(Solutions(["a"], [{"a": {"type": "bnode", "value": "b0"}}]))


_TEXTS = st.text(max_size=20) | st.text(alphabet="\\uU0022\"'\n\r\t\0}){<>@^ .?SERVICEé\U0001f600", max_size=30)
_IRIS = st.builds(
    "http://e.org/{}".format, st.text(alphabet="abSERVICE/.?#%41:@!$&'()*+,;=~-_é\U00010000", max_size=12)
) | st.sampled_from(
    [f"{XSD}{name}" for name in ("integer", "decimal", "double", "boolean", "date", "dateTime", "string")]
)
_TERMS = st.one_of(
    st.builds(lambda value: {"type": "uri", "value": value}, _IRIS),
    st.builds(literal, _TEXTS),
    st.builds(lambda value, tag: literal(value, xml_lang=tag), _TEXTS, st.sampled_from(["fr", "en-GB", "service"])),
    st.builds(lambda value, iri: literal(value, datatype=iri), _TEXTS | st.just("01"), _IRIS),
)


def stored(term: dict[str, str]) -> object:
    """Return the term as the engine stores it in its own data, with which it must join."""
    store = Store()
    named = NamedNode("a:a")
    if term["type"] == "uri":
        value: NamedNode | Literal = NamedNode(term["value"])
    elif "xml:lang" in term:
        value = Literal(term["value"], language=term["xml:lang"])
    else:
        value = Literal(term["value"], datatype=NamedNode(term.get("datatype", XSD + "string")))
    store.add(Quad(named, named, value))
    return next(iter(store)).object


@given(st.lists(st.fixed_dictionaries({"a": _TERMS}, optional={"b": _TERMS}), max_size=4))
@settings(
    suppress_health_check=[HealthCheck.too_slow]
)  # on a fresh machine Hypothesis first writes its table of Unicode
def test_terms_are_read_as_they_were_sent(rows: list[dict[str, dict[str, str]]]) -> None:
    try:
        expected = [[stored(row["a"]), stored(row["b"]) if "b" in row else None] for row in rows]
    except ValueError:  # an IRI that is none, for the engine too
        expected = None
    found = parse_solutions(answer(["a", "b"], rows), ["a", "b"])
    if expected is None:
        with pytest.raises(InvalidResultsError):
            values_block(found)
        return
    text = values_block(found)
    assert terms(text) == expected
    assert "\n" not in text
    assert "\r" not in text
    check(f"SELECT * {{ {text} }}", [], [], [])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS | _IRIS | st.sampled_from(["uri", "literal", "bnode"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "value", "xml:lang", "datatype", "a"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(_JSON, st.text(alphabet="\ud800\udfff\0>\"\\'\n\x80\ue000\ufffe \u202e", max_size=5))
def test_any_json_gives_a_valid_block(term: object, odd: str) -> None:
    """For any response, the engine reads one row with one value, or the response is rejected."""
    for each in (term, {"type": "uri", "value": f"a:{odd}"}, literal(odd), literal("a", xml_lang=odd)):
        try:
            text = values_block(parse_solutions(answer(["a"], [{"a": each}]), ["a"]))
        except (InvalidResultsError, BlankNodeError):
            continue
        assert [len(row) for row in terms(text)] == [1]
