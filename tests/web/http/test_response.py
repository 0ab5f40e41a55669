"""Validators, conditions and headers of answers, as plain values."""

import hashlib
import json
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.errors import Problem, table
from cper_lod.core.formats import CSV, GRAPH_FORMATS, RESULTS_JSON, SOLUTION_FORMATS, TURTLE, Format
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.web.http import response
from cper_lod.web.http.conditional import Conditions
from cper_lod.web.http.response import Caching, Response

RELEASE = "digest 0.1.0"
KEPT = Caching(kept=True, vary=("Accept",))
QUERY = Query("ASK { ?s ?p ?o }", RESULTS_JSON, TURTLE)
ETAG = response.query_etag(RELEASE, QUERY, RESULTS_JSON)


def test_a_validator_of_a_query_is_the_same_in_every_process() -> None:
    known = b"digest 0.1.0\0application/sparql-results+json\0\0\0ASK { ?s ?p ?o }"
    assert hashlib.sha256(known).hexdigest()[:32] == ETAG


def test_whatever_makes_another_answer_makes_another_validator() -> None:
    graphs = ("http://e/1", "http://e/2")
    queries = [
        Query(text, RESULTS_JSON, TURTLE, default, named)
        for text in ("ASK {}", "ASK { }", "ASK {}\0", "")
        for default in ((), graphs[:1], graphs[1:], graphs)
        for named in ((), graphs[:1], graphs)
    ]
    forms: tuple[Format, ...] = (*SOLUTION_FORMATS, *GRAPH_FORMATS)
    found = {
        response.query_etag(release, query, form)
        for release in ("a 1", "b 1", "a 2")
        for query in queries
        for form in forms
    }
    assert len(found) == 3 * len(queries) * len(forms)


def test_who_asks_makes_no_other_validator() -> None:
    other = Query(QUERY.text, RESULTS_JSON, None, accept="*/*", client="192.0.2.1")
    assert response.query_etag(RELEASE, other, RESULTS_JSON) == ETAG


@pytest.mark.parametrize(
    ("text", "steady"),
    [
        ("ASK {}", True),
        ("SELECT * { ?s ?p 'known, random, unknown' }", True),
        ("SELECT ?nowhere { ?s ?p ?nowhere }", True),
        ("SELECT (NOW() AS ?n) {}", False),
        ("SELECT (now() AS ?n) {}", False),
        ("SELECT (1+NOW() AS ?n) {}", False),
        ("SELECT (RAND() AS ?n) {}", False),
        ("SELECT (uUiD() AS ?n) {}", False),
        ("SELECT (STRUUID() AS ?n) {}", False),
        ("SELECT (BNODE() AS ?n) {}", False),
        ("SELECT (N\\u004FW() AS ?n) {}", False),
        ("SELECT (N\\U0000004FW() AS ?n) {}", False),
        ("SELECT * { SERVICE <http://e.org/> { ?s ?p ?o } }", False),
        ("SELECT * { service ?x { ?s ?p ?o } }", False),
    ],
)
def test_what_is_steady(text: str, steady: bool) -> None:
    assert response.is_deterministic(text) is steady


@given(
    st.text(max_size=20), st.sampled_from(["NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE"]), st.text(max_size=9)
)
def test_what_changes_is_found_anywhere(before: str, name: str, after: str) -> None:
    assert not response.is_deterministic(f"{before} {name}({after}")
    assert not response.is_deterministic(f"{before}\n{name.lower()} {{{after}")


def answer(body: bytes = b"true", form: Format = RESULTS_JSON, *, nameless: bool = False) -> Answer:
    return Answer(body, form, "ask", nameless)


def test_a_steady_answer_is_known_by_its_query() -> None:
    reply = response.found(RELEASE, QUERY, answer(), KEPT)
    assert reply == Response(
        200,
        {
            "Content-Type": "application/sparql-results+json",
            "Cache-Control": "no-cache",
            "Vary": "Accept",
            "ETag": f'"{ETAG}"',
        },
        b"true",
    )
    assert reply.size == 4


@pytest.mark.parametrize(
    ("query", "nameless"), [(Query("SELECT (NOW() AS ?n) {}", CSV, None), False), (Query("ASK {}", CSV, None), True)]
)
def test_another_is_known_by_its_bytes(query: Query, nameless: bool) -> None:
    tags = {
        response.found(RELEASE, query, answer(body, CSV, nameless=nameless), KEPT).headers["ETag"]
        for body in (b"a", b"b", b"a")
    }
    assert len(tags) == 2
    assert f'"{response.query_etag(RELEASE, query, CSV)}"' not in tags


def test_a_post_is_kept_by_nobody() -> None:
    cache = Caching(kept=False)
    reply = response.found(RELEASE, QUERY, answer(), cache)
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Vary" not in reply.headers
    asked = Conditions(f'"{ETAG}"')
    assert response.known_already(RELEASE, QUERY, asked, cache) is None
    assert response.conditional(reply, asked, cache) is reply


@pytest.mark.parametrize(
    ("none_match", "match", "status"),
    [
        ("", "", 200),
        (f'"{ETAG}"', "", 304),
        (f'W/"{ETAG}"', "", 304),
        (f'"x", "{ETAG}" , W/"y"', "", 304),
        ("*", "", 304),
        ('"x"', "", 200),
        (ETAG[:-1], "", 200),
        ("", f'"{ETAG}"', 200),
        ("", f'"x", "{ETAG}"', 200),
        ("", "*", 200),
        ("", '"x"', 412),
        ("", f'W/"{ETAG}"', 412),
        (f'"{ETAG}"', '"x"', 412),
        (f'"{ETAG}"', f'"{ETAG}"', 304),
        ('"x"', f'"{ETAG}"', 200),
        ("\xff\x00,,,", "", 200),
    ],
)
def test_conditions(none_match: str, match: str, status: int) -> None:
    """RFC 9110, section 13.2.2: If-Match comes first, and compares strongly."""
    conditions = Conditions(none_match, match)
    assert conditions.met(ETAG) == status
    reply = response.found(RELEASE, QUERY, answer(), KEPT)
    if status == 412:
        with pytest.raises(Problem, match=ETAG):
            response.conditional(reply, conditions, KEPT)
        return
    got = response.conditional(reply, conditions, KEPT)
    assert got.status == status
    if status == 304:
        assert (got.body, set(got.headers)) == (b"", {"ETag", "Cache-Control", "Vary"})
    early = response.known_already(RELEASE, QUERY, conditions, KEPT)
    assert (early is not None) == (status == 304 and none_match != "*")
    if early:
        assert early == got


def test_nothing_is_known_already_of_what_changes_or_is_of_another_form_or_release() -> None:
    changing = Query("SELECT (NOW() AS ?n) {}", CSV, TURTLE)
    tag = response.query_etag(RELEASE, changing, CSV)
    assert response.known_already(RELEASE, changing, Conditions(f'"{tag}"'), KEPT) is None
    for release, query in ((RELEASE, Query(QUERY.text, CSV, TURTLE)), ("digest 0.2.0", QUERY)):
        assert response.known_already(release, query, Conditions(f'"{ETAG}"'), KEPT) is None


@pytest.mark.parametrize("code", sorted(table()))
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_problem_as_data(code: str, lang: str) -> None:
    templates = " ".join(f"{words.detail} {words.remedy}" for words in table()[code].words.values())
    names = {name for _, name, _, _ in Formatter().parse(templates) if name}
    problem = Problem(code, **dict.fromkeys(names | {"offers", "length"}, 7))
    settings = Settings()
    reply = response.problem(problem, "fr" if lang == "fr" else "en", settings)
    assert (reply.status, reply.headers["Content-Type"]) == (table()[code].status, "application/problem+json")
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Language"] == lang
    assert reply.headers["Vary"] == "Accept, Accept-Language"
    assert ("Retry-After" in reply.headers) == (reply.status in (429, 503))
    assert ("Allow" in reply.headers) == (reply.status == 405)
    assert isinstance(reply.body, bytes)
    assert json.loads(reply.body)["type"].endswith(f"problem/{code}")


def test_what_cannot_be_encoded_is_replaced() -> None:
    reply = response.problem(Problem("page-not-found", path="/\ud800"), "fr", Settings())
    assert isinstance(reply.body, bytes)
    assert json.loads(reply.body)["path"] == "/?"
