"""The middleware and the instrumented engine: every request and query is counted once, whatever becomes of it."""

import json
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask

from cper_lod.core.errors import Problem
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Engine, EngineStatus, Query
from cper_lod.web.http.environ import CACHE
from cper_lod.web.observability.metrics import InstrumentedEngine
from cper_lod.web.observability.recorder import Recorder
from tests.web.observability.wsgi_requests import request_to, samples_of

ASK = Query("ASK { ?s ?p ?o }", RESULTS_JSON, None, client="192.0.2.7")
PAGE = [b"page"]


def flask_app(*rules: str) -> Flask:
    app = Flask("cper_lod.web")
    for rule in rules:
        app.add_url_rule(rule, rule)
    release, engine = SimpleNamespace(digest="d" * 64), SimpleNamespace(status=EngineStatus)
    app.extensions["cper_lod"] = SimpleNamespace(release=release, program="0.1.0", rejection=None, engine=engine)
    return app


def recorder_of(**settings: Any) -> Recorder:  # noqa: ANN401
    recorder = Recorder(Settings(**settings), "/cper")
    app = flask_app("/", "/doc/<path:path>", "/sparql.<suffix>", "/.well-known/void")
    recorder.set_release(app)
    return recorder


def page(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    environ[CACHE] = "hit"
    start_response("200 OK", [("Content-Length", "4"), ("Content-Type", "text/html")])
    return PAGE


def requests(recorder: Recorder) -> dict[tuple[str, ...], float]:
    """Return how many requests were counted, by use of the cache, method, route and status."""
    found = samples_of(recorder)
    return {tuple(value for _, value in key[1:]): n for key, n in found.items() if key[0] == "cper_lod_requests_total"}


def test_a_list_is_passed_on_and_recorded_at_once() -> None:
    recorder = recorder_of()
    _, heads, body = request_to(recorder.wrap(page), "/doc/a")
    assert body is PAGE, "granian sends a list without a thread"
    assert heads == [("200 OK", [("Content-Length", "4"), ("Content-Type", "text/html")])]
    request_to(recorder.wrap(page), "/doc/a", method="HEAD")
    assert requests(recorder) == {("hit", "GET", "doc", "200"): 1, ("hit", "HEAD", "doc", "200"): 1}
    found = samples_of(recorder)
    assert found["cper_lod_response_bytes_total", ("route", "doc")] == 4
    assert found["cper_lod_request_seconds_count", ("route", "doc")] == 2


def test_a_response_in_pieces_is_recorded_when_it_begins() -> None:
    recorder, closed = recorder_of(), list[bool]()

    def pieces(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        environ["PATH_INFO"] = "/x"  # as for an application that is mounted below a path
        try:
            start_response("206 Partial Content", [("Content-Length", "2")])  # late, as PEP 3333 allows
            yield b"a"
            yield b"b"
        finally:
            closed.append(True)

    body = request_to(recorder.wrap(pieces), "/doc/a")[2]
    assert requests(recorder) == {}
    assert next(iter(body)) == b"a"
    assert requests(recorder) == {("none", "GET", "doc", "206"): 1}
    cast(Any, body).close()
    assert closed == [True]


def test_no_client_makes_a_label() -> None:
    recorder = recorder_of()
    paths = {"/": "home", "": "home", "/doc/a/b": "doc", "/doc.ttl": "doc", "/.well-known/x": ".well-known"}
    paths |= {"/.": "other", "//doc": "home", "/cper/doc/a": "doc", "/cper": "home", "/cperx": "other", "/é\n": "other"}
    assert {path: recorder.route(path) for path in paths} == paths
    application = recorder.wrap(page)
    for method in ("GET", "get", "BREW", "X" * 500):
        request_to(application, f"/{method}", method=method)
    assert set(requests(recorder)) == {("hit", "GET", "other", "200"), ("hit", "other", "other", "200")}


def test_threads_lose_no_request(capfd: pytest.CaptureFixture[str]) -> None:
    recorder = recorder_of(log_level="info")
    application = recorder.wrap(page)

    def ask() -> None:
        for number in range(200):
            request_to(application, f"/doc/{number}")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert requests(recorder) == {("hit", "GET", "doc", "200"): 1600}
    recorder.close()
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1600
    assert all(json.loads(line)["path"].startswith("/doc/") for line in lines)


def test_another_release_has_its_own_routes() -> None:
    recorder = recorder_of()
    recorder.set_release(flask_app("/plan"))
    assert [recorder.route(path) for path in ("/plan", "/doc")] == ["plan", "other"]


def test_what_a_query_comes_to_is_counted() -> None:
    def query(_: Query) -> Answer:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    answer = Answer(b"{}", RESULTS_JSON, "ask")
    outcomes: list[Answer | Exception] = [answer, answer, Problem("query-timeout", limit=1), LookupError()]
    inner = cast(Engine, SimpleNamespace(query=query, status=lambda: "its own", close=lambda: None))
    recorder = recorder_of()
    engine = InstrumentedEngine(inner, recorder.metrics)
    assert [engine.query(ASK), InstrumentedEngine(inner, engine.metrics).query(ASK)] == [answer, answer]
    for error in (Problem, LookupError):
        with pytest.raises(error):
            engine.query(ASK)
    found = samples_of(recorder)
    counted = {key[1][1]: n for key, n in found.items() if key[0] == "cper_lod_queries_total"}
    assert counted == {"answered": 2, "query-timeout": 1, "unexpected": 1}
    assert found["cper_lod_query_seconds_count",] == 4
    assert engine.status() == "its own"
