"""The SPARQL handler without an engine: validators of answers, what the client has already, pages, errors."""

import hashlib
import re
from typing import Any, cast
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import (
    CSV,
    CSV_FR,
    GRAPH_FORMATS,
    HTML,
    RESULTS_JSON,
    SOLUTION_FORMATS,
    TURTLE,
    XLSX,
    Format,
)
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query, run_blocking
from cper_lod.release.docs.unknown_terms import UnknownTerm
from cper_lod.web.http.conditional import Conditions, apply
from cper_lod.web.http.response import Response
from cper_lod.web.site import Site
from cper_lod.web.sparql.handler import MAX_HEADER, is_deterministic, query_etag, respond, unknown_terms
from cper_lod.web.sparql.protocol import ParsedQuery, ProtocolRequest
from tests.support.asgi import empty_release
from tests.support.cases import each_case

QUERY = Query("ASK { ?s ?p ?o }", RESULTS_JSON, TURTLE)
DATA = f"digest 0.1.0 {Settings().engine} {Settings().index_memory} {Settings().endpoint}"
ETAG = query_etag(DATA, QUERY, RESULTS_JSON)


def test_a_validator_of_a_query_is_the_same_in_every_process() -> None:
    known = b"digest 0.1.0\0application/sparql-results+json\0\0\0ASK { ?s ?p ?o }"
    assert hashlib.sha256(known).hexdigest()[:32] == query_etag("digest 0.1.0", QUERY, RESULTS_JSON)


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
        query_etag(release, query, form) for release in ("a 1", "b 1", "a 2") for query in queries for form in forms
    }
    assert len(found) == 3 * len(queries) * len(forms)


def test_who_asks_makes_no_other_validator() -> None:
    other = Query(QUERY.text, RESULTS_JSON, None, accept="*/*", client="192.0.2.1")
    assert query_etag(DATA, other, RESULTS_JSON) == ETAG


@each_case(
    ("text", "deterministic"),
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
def test_which_queries_are_deterministic(text: str, deterministic: bool) -> None:
    assert is_deterministic(text) is deterministic


@given(
    st.text(max_size=20), st.sampled_from(["NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE"]), st.text(max_size=9)
)
def test_what_changes_is_found_anywhere(before: str, name: str, after: str) -> None:
    assert not is_deterministic(f"{before} {name}({after}")
    assert not is_deterministic(f"{before}\n{name.lower()} {{{after}")


class FakeBackend:
    """Answers every query by one outcome, and notes what is asked of it."""

    def __init__(self, outcome: Answer | Problem, *, is_repeated: bool = False) -> None:
        self.outcome, self.is_repeated, self.asked = outcome, is_repeated, list[Any]()

    async def run(self, query: Query, deterministic: bool) -> tuple[Answer, bool]:
        assert deterministic is is_deterministic(query.text)
        self.asked.append(query)
        if isinstance(self.outcome, Problem):
            raise self.outcome
        return self.outcome, self.is_repeated

    async def spreadsheet(self, parsed: ParsedQuery, answer: Answer, format: Format, lang: Language) -> Answer:
        return Answer(b"sheet " + lang.encode(), format, answer.form)

    async def page(self, parsed: ParsedQuery, outcome: Answer | Problem) -> str:
        return f"page {outcome.kind.code if isinstance(outcome, Problem) else outcome.form}"


def ask(
    text: str,
    outcome: Answer | Problem,
    format: Format | None = RESULTS_JSON,
    *,
    method: str = "GET",
    suffix: str = "",
    accept: str | None = None,
    conditions: Conditions = Conditions(),  # noqa: B008
    is_repeated: bool = False,
) -> tuple[Response | str, FakeBackend]:
    backend = FakeBackend(outcome, is_repeated=is_repeated)
    site = Site(empty_release(), cast(Any, None), Settings(), "0.1.0")
    request = ProtocolRequest(method, b"", suffix, accept=accept)
    parsed = ParsedQuery(text, solutions=format, graph=HTML if format is HTML else TURTLE)
    functions = backend.run, backend.spreadsheet, backend.page
    work = respond(request, parsed, *functions, site=site, lang="fr", client="", conditions=conditions)
    return run_blocking(work), backend


def test_the_header_with_unknown_terms_is_short_and_cannot_hold_another_header() -> None:
    many = [UnknownTerm(f"http://e.org/#{'x' * 300}{number}", "http://e.org/#x") for number in range(20)]
    value = unknown_terms(many)["SPARQL-Unknown-Terms"]
    assert 2 * 300 < len(value) <= MAX_HEADER
    assert value.count(";nearest=") == 2
    assert unknown_terms([UnknownTerm("http://e.org/#" + "x" * MAX_HEADER, "")]) == {}
    assert unknown_terms([]) == {}
    evil = 'http://e.org/#"\r\nSet-Cookie: a=b\\, é\u202e'
    value = unknown_terms([UnknownTerm(evil, evil)])["SPARQL-Unknown-Terms"]
    match = re.fullmatch(r'"([!#-~]+)";nearest="([!#-~]+)"', value)
    assert match is not None
    assert [unquote(each) for each in match.groups()] == [evil, evil]
    assert "\\" not in value


def answer(body: bytes = b"true", form: Format = RESULTS_JSON, *, has_blank_nodes: bool = False) -> Answer:
    return Answer(body, form, "ask", has_blank_nodes)


def test_a_deterministic_answer_is_known_by_its_query() -> None:
    response, _ = ask(QUERY.text, answer())
    etag = query_etag(DATA, QUERY, RESULTS_JSON)
    headers = {
        "Content-Type": "application/sparql-results+json",
        "Cache-Control": "no-cache",
        "Vary": "Accept",
        "ETag": f'"{etag}"',
    }
    assert response == Response(200, headers, b"true")


@pytest.mark.parametrize(("text", "has_blank_nodes"), [("SELECT (NOW() AS ?n) {}", False), ("ASK {}", True)])
def test_another_is_known_by_its_bytes(text: str, has_blank_nodes: bool) -> None:
    tags = set()
    for body in (b"a", b"b", b"a"):
        response, _ = ask(text, answer(body, CSV, has_blank_nodes=has_blank_nodes), CSV)
        assert isinstance(response, Response)
        tags.add(response.headers["ETag"])
    assert len(tags) == 2
    assert f'"{query_etag(DATA, Query(text, CSV, TURTLE), CSV)}"' not in tags


def test_a_response_to_post_is_not_stored_nor_known() -> None:
    etag = query_etag(DATA, QUERY, RESULTS_JSON)
    for conditions in (Conditions(f'"{etag}"'), Conditions("*")):
        response, backend = ask(QUERY.text, answer(), method="POST", suffix="srj", conditions=conditions)
        assert isinstance(response, Response)
        assert (response.status, response.headers["Cache-Control"], len(backend.asked)) == (200, "no-store", 1)
        assert "Vary" not in response.headers
        assert apply(response, conditions) is response


@each_case(
    ("none_match", "match", "known"),
    [
        ("", "", False),
        (f'"{ETAG}"', "", True),
        (f'W/"{ETAG}"', "", True),
        (f'"x", "{ETAG}" , W/"y"', "", True),
        ("*", "", False),
        ('"x"', "", False),
        (ETAG[:-1], "", False),
        ("", f'"{ETAG}"', False),
        (f'"{ETAG}"', '"x"', False),
        (f'"{ETAG}"', f'"{ETAG}"', True),
        ("\xff\x00,,,", "", False),
    ],
)
def test_the_engine_is_not_asked_for_what_the_client_has(none_match: str, match: str, known: bool) -> None:
    """What becomes of the whole response otherwise, `conditional.apply` decides."""
    response, backend = ask(QUERY.text, answer(), conditions=Conditions(none_match, match))
    assert isinstance(response, Response)
    assert (response.status, len(backend.asked)) == ((304, 0) if known else (200, 1))
    if known:
        assert (response.body, set(response.headers)) == (b"", {"ETag", "Cache-Control", "Vary"})


def test_nothing_is_known_of_what_changes_or_is_of_another_format() -> None:
    changing = Query("SELECT (NOW() AS ?n) {}", CSV, TURTLE)
    for text, format in ((changing.text, CSV), (QUERY.text, CSV)):
        etag = query_etag(DATA, Query(text, RESULTS_JSON, TURTLE), RESULTS_JSON)
        _, backend = ask(text, answer(form=CSV), format, conditions=Conditions(f'"{etag}"'))
        assert len(backend.asked) == 1


@pytest.mark.parametrize("format", [CSV_FR, XLSX])
def test_spreadsheets_are_made_of_the_answer(format: Format) -> None:
    response, backend = ask(QUERY.text, answer(), format, suffix=format.suffix)
    assert isinstance(response, Response)
    assert (response.body, response.headers["Content-Type"]) == (b"sheet fr", format.content_type)
    assert response.headers.get("Vary") == ("Accept-Language" if format is XLSX else None)
    assert [query.solutions for query in backend.asked] == [RESULTS_JSON]
    unchanged, again = ask(QUERY.text, answer(), format, conditions=Conditions(response.headers["ETag"]))
    assert isinstance(unchanged, Response)
    assert (unchanged.status, again.asked) == (304, [])


@each_case(
    ("format", "accept", "outcome", "page"),
    [
        (HTML, "text/html", answer(), "page ask"),
        (HTML, "text/html", Problem("query-queue"), "page query-queue"),
        (CSV, "text/html", Problem("query-queue"), "page query-queue"),
        (CSV, "text/csv", Problem("query-queue"), None),
        (CSV, None, Problem("query-queue"), None),
    ],
)
def test_results_and_errors_are_pages_for_browsers(
    format: Format, accept: str | None, outcome: Answer | Problem, page: str | None
) -> None:
    if page:
        assert ask(QUERY.text, outcome, format, accept=accept)[0] == page
        return
    with pytest.raises(Problem, match=r"."):
        ask(QUERY.text, outcome, format, accept=accept)


@pytest.mark.parametrize(
    ("method", "is_repeated", "cacheable"),
    [("GET", True, True), ("GET", False, False), ("HEAD", True, False), ("POST", True, False)],
)
def test_responses_to_repeated_queries_are_cacheable(method: str, is_repeated: bool, cacheable: bool) -> None:
    response, _ = ask(QUERY.text, answer(), method=method, is_repeated=is_repeated)
    assert isinstance(response, Response)
    assert response.cacheable is cacheable


def test_a_backend_that_waits_cannot_be_run_blocking() -> None:
    async def waits() -> None:
        import asyncio  # noqa: PLC0415

        await asyncio.sleep(1)

    with pytest.raises((RuntimeError,)):
        run_blocking(waits())
