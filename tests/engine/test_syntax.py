"""The text of a query: its tokens, the IRIs that it uses, what is refused before it runs, and where an error is."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import CPER
from cper_lod.engine import syntax
from cper_lod.engine.base import LIMITS
from cper_lod.engine.syntax import DEPTH, MAX_BASE, OPERATORS, UNCLOSED, check, decode_escapes, iris, tokens
from tests.support.refusals import refused

GRAPH = "http://e.org/g"
HERE = "http://here.example/sparql"
KINDS = r"""?a 'a"' "b\"" '''a'b''' <http://a/b#c> <a b> ex:a\#b.c. : l:%C3%A9 "a"@fr-FR _:b1. 1.5e3 1. .5 1SELECT a#b
c << ?s ?p >> <<( 'no end"""
EXPECTED = """variable string string string iri sign word word sign name sign name name string language blank sign number number sign
sign number number word word word sign variable variable sign sign sign"""


def test_kinds_of_tokens() -> None:
    assert [token.kind for token in tokens(KINDS)] == [*EXPECTED.split(), "unclosed"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("SELECT * { ?s ?p ?o FILTER(?o<1&&?o>0) }", 0),
        ("SELECT * { ?s ?p ?o FILTER ex:f(?o<1,?o>1) }", 0),
        ("SELECT (?a<?b&&?c>?d AS ?e) {}", 0),
        ("SELECT * { FILTER((true<?b&&?c>false)) }", 0),
        ("SELECT * { ?s ?p ?o FILTER(?o<<a>) }", 1),
        ("SELECT * { ?s ?p <<( ?s ?p ?o )>> . ?s ?p (1 <a>) }", 1),
        ("SELECT * { FILTER(?o = <<( ?s <a> 1 )>> && ?o<1 || ?o>1) }", 1),
        ("SELECT * { ?s ?p ?o FILTER(?o IN(<a>,<b>)) }", 2),
        ("SELECT * { VALUES (?x ?y) {(1 <b>)} }", 1),
        ('SELECT * { FILTER("1"^^<a> = 1) }', 1),
    ],
)
def test_less_than_is_distinguished_from_an_iri(text: str, number: int) -> None:
    assert sum(token.kind == "iri" for token in tokens(text)) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('VERSION "1.2" PREFIX c: <urn:c:> ASK { ?x a cper:Axe }', [CPER + "Axe"]),
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
    "text",
    [
        "PREFIX from: <http://e/> SELECT * FROM <http://e.org/g> { ?s from:x ?from, 'FROM <http://nowhere/>' }",
        "PREFIX e: <http://e.org/> SELECT * from named e:g { ?s ?p ?o }",
        "PREFIX service: <http://e/> SELECT * { ?service service:x ?o GRAPH service:x { ?s ?p ?o } }",
        '# SERVICE <x> {}\nSELECT * { ?s ?p """a " SERVICE <x> {}""", "a\\" SERVICE <x> {}" }',
        "SELECT * { ?s ?p <http://x/L'Aquila(SERVICE)> }",
        "SELECT * { ?s ?p ?o FILTER(?o<'>' ) } # from",
        "SELECT * {" + "{" * (DEPTH - 1) + "}" * DEPTH,
        "SELECT * { ?s ?p '" + "(" * (DEPTH + 5) + "' }",
        f"ASK {{ FILTER({'+'.join(['1'] * OPERATORS)}) }}",
        f"ASK {{ VALUES ?x {{ {' <http://e.org/a-b+c/d&e>' * 5 * OPERATORS} }} }}",
        f"ASK {{ ?x ?y '{'+' * 5 * OPERATORS}' }} #{'+' * 5 * OPERATORS}",
    ],
)
def test_allowed(text: str) -> None:
    assert check(text, [GRAPH], [], [], "http://e.org/x") is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("SELECT * { ?s ?p ?o FILTER(?o<<urn:a#b>) SERVICE <http://x/> {} }", "query-service", (1, 42)),
        ("ASK { ?s ?p <<( ?s ?p ?o )>> . true ?p (1 <urn:a#b>) SERVICE <http://x/> {} }", "query-service", (1, 54)),
        ("SELECT * { ?s a (1 <urn:a#b>) SERVICE <http://x/> {} }", "query-service", (1, 31)),
        ("SELECT * { ?s ?p trueSERVICE <http://x/> {} }", "query-service", (1, 22)),
        ("PREFIX : <http://x/> PREFIX SERVICE: <http://y/> SELECT * { SERVICE:x #\n{} }", "query-service", (1, 61)),
        ("PREFIX : <http://x/> SELECT * { SERVICE SILENT:x {} }", "query-service", (1, 33)),
        ("PREFIX : <http://x/> SELECT * { ?s ?p 1.ServiceSilent:x {} }", "query-service", (1, 41)),
        ("SELECT * { \\u0053ERVICE <http://x/> {} }", "query-service", (1, 12)),
        ('SELECT * { ?s ?p """from }', "query-syntax", (1, 18)),
        ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", "query-graph", None),
        ("BASE <http://e.org/> SELECT * FROM <other> { ?s ?p ?o }", "query-graph", None),
        ("SELECT * {" + "{" * 5000, "query-depth", None),
        ("SELECT * { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }", "query-depth", None),
        ("SELECT * { ?s ?p " + "<< ?s ?p " * 5000, "query-depth", None),
        (f"ASK {{ FILTER({'+'.join(['1'] * 20_000)}) }}", "query-operators", (1, 13 + 2 * OPERATORS)),
        (f"ASK\n{{ ?s {'/'.join(['<a:b>'] * 2000)} ?o }}", "query-operators", (2, 5 + 6 * (OPERATORS + 1))),
        ("SELECT * { ?s ?p '\ud800' }", "body-encoding", None),
    ],
)
def test_refused(text: str, code: str, place: tuple[int, int] | None) -> None:
    with refused(code) as caught:
        check(decode_escapes(text), [GRAPH], [], [])
    if place:
        assert (caught.value.params["line"], caught.value.params["column"]) == place


@pytest.mark.parametrize(("default", "named"), [(["http://nowhere/"], []), ([], ["http://nowhere/"])])
def test_graphs_of_the_protocol(default: list[str], named: list[str]) -> None:
    check("ASK {}", [GRAPH], [GRAPH], [GRAPH])
    with refused("query-graph") as caught:
        check("ASK {}", [GRAPH], default, named)
    assert caught.value.params == {"iri": "http://nowhere/", "offers": [GRAPH]}


PIECES = st.sampled_from(
    [
        *"{}()[]<>\"'\\#:.?@^|&*,; \n\r%-+é\0",
        *("SELECT", "SERVICE", "FROM", "NAMED", "PREFIX ", "BASE ", "INSERT", "GRAPH", "ex:", "<http://a/>", "<[>"),
        *("'''", '"""', "\\u0053", "\\u0022", "\\UFFFFFFFF", "\\ud800"),
        *("?x", "1", "true", "<<", "\u2003", "\U0001f600"),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text())
def test_any_text_is_split_and_checked_and_has_an_error_position(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert token.text
        assert text.startswith(token.text, token.offset)
        between = text[end : token.offset]
        assert not between.strip(" \t\r\n") or "#" in between
        end = token.offset + len(token.text)
    params = syntax.syntax_problem(text, "error at 1:1: expected [_]").params
    assert 1 <= int(str(params["line"])) <= text.count("\n") + 1
    assert int(str(params["column"])) >= 1
    try:
        check(decode_escapes(text), [GRAPH], [], [])
    except Problem as problem:
        assert problem.kind.status == 400
        assert str(problem)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_call_outside_strings_is_never_missed(noise: str) -> None:
    """A SERVICE outside strings, IRIs and comments is rejected, whatever precedes it."""
    text = re.sub(r"[\r\n]", " ", f"SELECT * {{ ?s ?p ?o . # {noise}") + "\nSERVICE <http://x/> { ?a ?b ?c } }"
    with refused("query-service"):
        check(text, [GRAPH], [], [])


@pytest.mark.parametrize(
    "read", [lambda text: check(text, [GRAPH], [], []), lambda text: syntax.syntax_problem(text, "")]
)
def test_long_texts_are_read_one_at_a_time(read: Callable[[str], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading one takes up to half a second of the interpreter: with many at once, pages would wait."""
    monkeypatch.setattr(syntax, "LIMITS", LIMITS._replace(wait=0))
    short, long = "ASK {} # service", "ASK {} # service" + " " * 10_000
    with ThreadPoolExecutor(1) as other:
        with syntax.one_at_a_time(long):
            other.submit(read, short).result()
            with refused("query-queue"):
                other.submit(read, long).result()
        other.submit(read, long).result()


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("SELECT * {\n ?s ?p 'abc }", 2, 8, str(UNCLOSED)),
        ("SELECT * {\n ?s nope:a ?o }", 2, 5, "the prefix nope: is not declared."),
        ("PREFIX a: <urn:a>\nSELECT * { ?s a:b a:c, c:d }", 2, 24, "the prefix c: is not declared."),
        ("SELECT ?s ?s {\n}", 2, 2, "a variable stands twice in SELECT."),
        ("SELECT ?x {", 1, 12, "unexpected or missing text"),
        ("SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o }", 1, 41, "SELECT names a variable that is neither in GROUP BY"),
        ("SELECT * { ?s ?p <a> }", 1, 21, "an IRI here or shortly before is relative, and no BASE is declared"),
    ],
)
def test_what_is_wrong_and_where(text: str, line: int, column: int, message: str) -> None:
    params = rejected(text)
    assert (params["line"], params["column"]) == (line, column)
    assert str(params["message"]).startswith(message)


def rejected(text: str) -> dict[str, object]:
    """The parameters of the problem of a text that the engine's parser rejects."""
    with pytest.raises(SyntaxError) as caught:
        Store().query(text)
    return syntax.syntax_problem(text, str(caught.value)).params


VALID = """PREFIX ex: <http://e/>
SELECT ?s (COUNT(*) AS ?n) # many
WHERE { ?s ex:p/^ex:q* [ ex:r "a"^^ex:t , 'b'@fr , -1 , .5 ] . FILTER(?s<3 && !(?n IN (1, 2))) OPTIONAL { ?s a _:b } }
GROUP BY ?s HAVING (COUNT(*) > 1) ORDER BY DESC(?n) LIMIT 10 VALUES (?s ?m) { (<http://x> UNDEF) }"""


@pytest.mark.parametrize("place", [word.start() for word in re.finditer(r" \S", VALID)][::4])
def test_a_wrong_word_is_located_anywhere(place: int) -> None:
    """Where it is, or as far behind as the parser looks ahead for its longest keyword."""
    text = f"{VALID[:place]} % {VALID[place:]}"
    params: dict[str, object] = rejected(text)
    before = sum(map(len, text.splitlines(keepends=True)[: int(str(params["line"])) - 1]))
    assert place <= before + int(str(params["column"])) - 1 <= place + 16
