"""Queries that are rejected, and those that are not."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.engine import syntax
from cper_lod.engine.base import LIMITS
from cper_lod.engine.syntax import DEPTH, OPERATORS, check, decode_escapes
from tests.support.refusals import refused

GRAPH = "http://e.org/g"

ALLOWED = [
    "PREFIX from: <http://e/> SELECT * FROM <http://e.org/g> { ?s from:x ?from }",
    "SELECT * { ?service ?p ?o }",
    "PREFIX service: <http://e/> SELECT * { ?s service:x ?o }",
    "PREFIX service: <http://e/> SELECT * { GRAPH service:x { ?s ?p ?o } }",
    'SELECT * { ?s ?p """a " SERVICE <x> {}""" }',
    'SELECT * { ?s ?p "a\\" SERVICE <x> {}" }',
    "# SERVICE <x> {}\nSELECT * { ?s ?p ?o }",
    "SELECT * { ?s ?p <http://x/L'Aquila(SERVICE)> }",
    "SELECT * { ?s ?p ?o FILTER(?o<'>' ) } # from",
    "PREFIX load: <http://e/> # DROP ALL\nSELECT * { ?s ?p 'CLEAR' }",
    "PREFIX e: <http://e.org/> SELECT * from named e:g { ?s ?p ?o }",
    "SELECT * { ?s ?p 'FROM <http://nowhere/>' }",
    "SELECT * {" + "{" * (DEPTH - 1) + "}" * DEPTH,
    "SELECT * { ?s ?p '" + "(" * (DEPTH + 5) + "' }",
    f"ASK {{ FILTER({'+'.join(['1'] * OPERATORS)}) }}",
    f"ASK {{ VALUES ?x {{ {' <http://e.org/a-b+c/d&e>' * 5 * OPERATORS} }} }}",
    f"ASK {{ FILTER(?x IN ({', '.join(['1'] * 5 * OPERATORS)})) }}",
    f"ASK {{ ?x ?y '{'+' * 5 * OPERATORS}' }} #{'+' * 5 * OPERATORS}",
    "SELECT (COUNT(*) AS ?n) { ?s ?p '\\u0022' }",
]
REFUSED = [
    ("SELECT * { ?s ?p ?o FILTER(?o<<urn:a#b>) SERVICE <http://x/> {} }", "query-service", (1, 42)),
    ("SELECT * { ?s ?p <<( ?s ?p ?o )>> . true ?p (1 <urn:a#b>) SERVICE <http://x/> {} }", "query-service", (1, 59)),
    ("SELECT * { SERVICE <http://x/> { ?s ?p ?o } }", "query-service", (1, 12)),
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
]


@pytest.mark.parametrize("text", ALLOWED)
def test_allowed(text: str) -> None:
    assert check(text, [GRAPH], [], [], "http://e.org/x") is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(("text", "code", "place"), REFUSED)
def test_refused(text: str, code: str, place: tuple[int, int] | None) -> None:
    with refused(code) as caught:
        check(decode_escapes(text), [GRAPH], [], [])
    if place:
        assert (caught.value.params["line"], caught.value.params["column"]) == place
    assert str(caught.value)  # its words can be filled in


@pytest.mark.parametrize(("default", "named"), [(["http://nowhere/"], []), ([], ["http://nowhere/"])])
def test_graphs_of_the_protocol(default: list[str], named: list[str]) -> None:
    check("ASK {}", [GRAPH], [GRAPH], [GRAPH])
    with refused("query-graph") as caught:
        check("ASK {}", [GRAPH], default, named)
    assert caught.value.params == {"iri": "http://nowhere/", "offers": [GRAPH]}


_PIECES = st.sampled_from(
    [
        *"{}()[]<>\"'\\#:.?@^|&*,; \n",
        *("SELECT", "SERVICE", "FROM", "NAMED", "PREFIX ", "BASE ", "INSERT", "GRAPH", "ex:", "<http://a/>", "<[>"),
        *("'''", '"""', "\\u0053", "\\u0022", "\\UFFFFFFFF", "\\ud800", "?x", "1", "true", "<<", "é", "\0"),
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join) | st.text())
def test_any_text_is_checked(text: str) -> None:
    try:
        check(decode_escapes(text), [GRAPH], [], [])
    except Problem as problem:
        assert problem.kind.status == 400
        assert str(problem)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_a_call_outside_strings_is_never_missed(noise: str) -> None:
    """A SERVICE outside strings, IRIs and comments is rejected, whatever precedes it."""
    text = f"SELECT * {{ ?s ?p ?o . # {noise}".replace("\n", " ") + "\nSERVICE <http://x/> { ?a ?b ?c } }"
    with refused("query-service"):
        check(text, [GRAPH], [], [])


@pytest.mark.parametrize(
    "read", [lambda text: check(text, [GRAPH], [], []), lambda text: syntax.syntax_problem(text, "")]
)
def test_long_texts_are_read_one_at_a_time(read: Callable[[str], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading one takes up to half a second of the interpreter: with many at once, pages would wait."""
    monkeypatch.setattr(syntax, "LIMITS", LIMITS._replace(wait=0))
    short, long = "ASK {} # service", "ASK {} # service" + " " * 10_000
    met = []

    def tokens(text: str, base: str = "") -> Iterator[syntax.Token]:
        with ThreadPoolExecutor(1) as other:
            for each in (short, long):
                problem = other.submit(
                    lambda text=each: _problem(lambda: syntax.one_at_a_time(text).__enter__())
                ).result()
                met.append(problem)
        yield from ()

    monkeypatch.setattr(syntax, "tokens", tokens)
    read(long)
    assert met == ["", "query-queue"]


def _problem(work: Callable[[], object]) -> str:
    try:
        work()
    except Problem as problem:
        return problem.kind.code
    return ""
