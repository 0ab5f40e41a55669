"""The SPARQL endpoint: validators, what a client has already, limits, pages.

What is sent and what comes back, case by case, is in test_protocol.py; the clients of others in test_clients.py.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from cper_lod.core.config import load
from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, RESULTS_JSON, TURTLE
from cper_lod.engine.base import Answer, Query
from cper_lod.engine.worker import Spool, spooled
from cper_lod.release.docs.empty_results import EmptyReason
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from cper_lod.web.http.delivery import WHOLE
from cper_lod.web.http.limits import MAX_OF_CLIENT, Limits, Use
from cper_lod.web.sparql import spreadsheets, views
from cper_lod.web.sparql.endpoint import MAX_REASONS, empty_result_header, is_deterministic
from tests.web.counting_engine import CountingEngine, one_row

QUERY = Query("SELECT ?x { ?x ?y ?z }", RESULTS_JSON, TURTLE)
DIRECT = {"Content-Type": "application/sparql-query"}

# Which answers are the same


def test_a_variable_or_a_word_is_no_function() -> None:
    assert is_deterministic("SELECT ?nowhere { ?s ?p ?nowhere }")


@given(st.text(max_size=20), st.sampled_from(["NOW", "RAND", "UUID", "STRUUID", "BNODE"]), st.text(max_size=9))
def test_what_changes_is_found_anywhere(before: str, name: str, after: str) -> None:
    assert not is_deterministic(f"{before} {name}({after}")
    assert not is_deterministic(f"{before}\n{name.lower()} {{{after}")


def test_the_header_of_an_empty_answer_is_short_and_cannot_hold_another_header() -> None:
    many = [EmptyReason("property", f"http://e.org/#{'x' * 300}{number}") for number in range(20)]
    value = empty_result_header(many)["SPARQL-Empty-Result"]
    assert (len(value) <= MAX_REASONS, value.count('", "')) == (True, 1)
    assert empty_result_header([EmptyReason("property", "http://e.org/#" + "x" * MAX_REASONS)]) == {}
    evil = 'http://e.org/#"\r\nSet-Cookie: a=b\\, é\u202e'
    match = re.fullmatch('"([ !#-~]+)"', empty_result_header([EmptyReason("class", evil)])["SPARQL-Empty-Result"])
    assert match is not None
    assert evil in unquote(match[1])


# With an engine that answers as it is told


class Endpoint:
    """The application of the real release, its engine and its limits."""

    def __init__(self, release: Release, **flags: object) -> None:
        self.engine = CountingEngine()
        settings = load({"public_url": "http://127.0.0.1:8000", **flags}, {}).settings
        self.app = create_app(release, self.engine, settings, limits=Limits())
        self.client: FlaskClient = self.app.test_client()
        self.limits: Limits = self.app.extensions["cper_lod.limits"]

    def ask(self, text: str = QUERY.text, suffix: str = "", method: str = "GET", **headers: str) -> TestResponse:
        if method in ("POST", "QUERY"):
            return self.client.open(f"/sparql{suffix}", method=method, data=text, headers=headers | DIRECT)
        return self.client.open(f"/sparql{suffix}?query={quote(text)}", method=method, headers=headers)


@pytest.fixture(scope="module")
def made(release: Release) -> Endpoint:
    return Endpoint(release)


@pytest.fixture
def endpoint(made: Endpoint) -> Iterator[Endpoint]:
    made.engine.asked.clear()
    made.engine.outcome = one_row
    yield made
    assert not made.limits._of_all.total()  # Private: whatever became of a query, its thread is given back.


def test_an_answer_is_known_by_its_bytes(endpoint: Endpoint) -> None:
    tags = list[str]()
    for body, method in ((b"a", "GET"), (b"b", "GET"), (b"a", "HEAD"), (b"a", "QUERY")):
        endpoint.engine.outcome = lambda _, body=body: Answer(body, CSV, "select")  # type: ignore[misc]
        answer = endpoint.ask(suffix=".csv", method=method)
        assert answer.headers["Cache-Control"] == "no-cache"
        tags.append(answer.headers["ETag"])
    assert tags[0] == tags[2] == tags[3] != tags[1]


def test_a_response_to_post_is_not_stored_nor_known(endpoint: Endpoint) -> None:
    answer = endpoint.ask(suffix=".srj", method="POST", If_None_Match="*")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_one_spreadsheet_is_made_at_a_time(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    convert, alone = spreadsheets.convert, list[bool]()
    monkeypatch.setattr(spreadsheets, "convert", lambda *of: alone.append(views._ONE_SHEET.locked()) or convert(*of))
    assert endpoint.ask(suffix=".xlsx").status_code == 200
    assert alone == [True]


def test_a_query_that_cannot_be_answered_now_may_come_again(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    for code, words in (("query-timeout", "?x ?y ?z"), ("query-queue", "/query-queue")):
        endpoint.engine.outcome = Problem(code, limit=1)
        answer = endpoint.ask(suffix=".csv", Accept="text/html" if code == "query-timeout" else "*/*")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
        assert int(answer.headers["Retry-After"]) >= 1
        assert words in answer.text, "on a page the query is in its box"
    endpoint.engine.outcome = Problem("query-syntax", line=1, column=1, message="")
    assert endpoint.ask().status_code == 400
    (line,) = caplog.messages
    assert re.fullmatch(r"503 query-timeout for 127\.0\.0\.0 after \d+\.\d s", line)


# What holds a thread


@pytest.mark.parametrize(
    ("use", "method", "headers"),
    [("query", "GET", {}), ("query", "GET", {"Accept": "text/html"}), ("transfer", "POST", {})],
)
def test_a_client_that_holds_too_much_is_told_to_come_again(
    endpoint: Endpoint, use: Use, method: str, headers: dict[str, str]
) -> None:
    held = [endpoint.limits.hold(use, "127.0.0.1") for _ in range(MAX_OF_CLIENT[use])]
    answer = endpoint.ask(method=method, **headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert answer.headers["Cache-Control"] == "no-store"
    assert endpoint.engine.asked == []
    assert endpoint.client.get("/health").status_code == endpoint.client.get("/sparql").status_code == 200
    held.pop().close()
    assert endpoint.ask(method=method, **headers).status_code == 200
    for thread in held:
        thread.close()


def test_a_body_that_is_announced_as_too_large_is_not_waited_for(endpoint: Endpoint) -> None:
    environ = {"CONTENT_LENGTH": str(10**9), "wsgi.input": object()}  # which nobody can read
    answer = endpoint.client.post("/sparql", headers=DIRECT, environ_overrides=environ)
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (413, "body-too-large")


@pytest.mark.parametrize(("size", "is_held"), [(100_000, False), (WHOLE + 1, True)])
def test_an_answer_in_a_file_is_sent_whole_or_held_until_it_is_closed(
    endpoint: Endpoint, tmp_path: Path, size: int, is_held: bool
) -> None:
    def large(_: Query) -> Answer:
        spools.append(Spool(spooled(b"x" * size, str(tmp_path))))
        spools[-1].seek(0)
        return Answer(spools[-1], CSV, "select")

    spools = list[Spool]()
    endpoint.engine.outcome = large
    for method in ("GET", "POST"):
        with endpoint.ask(suffix=".csv", method=method) as answer:
            assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(size))
            assert endpoint.limits._of_all.total() == is_held
            assert len(answer.data) == size
        assert spools[-1].closed
    for headers in ({"If_None_Match": "*"}, {"If_Match": '"x"'}, {"Accept_Encoding": "*;q=0"}):
        with endpoint.ask(suffix=".csv", **headers):
            pass
        assert spools[-1].closed


@pytest.mark.parametrize(
    ("client", "forwarded", "share"),
    [
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),
        ("192.0.2.8", "203.0.113.9, 198.51.100.4", "198.51.100.4"),
        ("192.0.2.8", "2001:db8:0:1::5", "2001:db8:0:1::/64"),
        ("::ffff:192.0.2.7", "", "192.0.2.7"),
        ("unix", "", "unix"),
    ],
)
def test_for_whom_a_query_is_counted(release: Release, client: str, forwarded: str, share: str) -> None:
    proxied = Endpoint(release, trusted_proxy="192.0.2.8")
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    proxied.client.get("/sparql?query=ASK%7B%7D", headers=headers, environ_overrides={"REMOTE_ADDR": client})
    assert proxied.engine.asked.pop().client == share
