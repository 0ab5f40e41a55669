"""The middleware and the instrumented engine: every request and query is counted once, whatever becomes of it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask

from cper_lod.core.errors import Problem
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.core.settings import Settings
from cper_lod.engine.base import EngineStatus, Query
from cper_lod.web.observability.metrics import InstrumentedEngine
from cper_lod.web.observability.recorder import Recorder
from tests.web.counting_engine import CountingEngine, one_row
from tests.web.observability.wsgi_requests import PAGE, page, request_to, samples_of

ASK = Query("ASK { ?s ?p ?o }", RESULTS_JSON, None, client="192.0.2.7")


def flask_app(*rules: str) -> Flask:
    app = Flask("cper_lod.web")
    for rule in rules:
        app.add_url_rule(rule, rule)
    release, engine = SimpleNamespace(digest="d" * 64), SimpleNamespace(status=EngineStatus)
    app.extensions["cper_lod"] = SimpleNamespace(release=release, program="0.1.0", rejection=None, engine=engine)
    return app


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with closing(Recorder(Settings(log_level="info"), "/cper")) as recorder:
        recorder.set_release(flask_app("/", "/doc/<path:path>", "/sparql.<suffix>", "/.well-known/void"))
        yield recorder


def requests(recorder: Recorder) -> dict[tuple[str, ...], float]:
    """Return how many requests were counted, by use of the cache, method, route and status."""
    found = samples_of(recorder)
    return {tuple(value for _, value in key[1:]): n for key, n in found.items() if key[0] == "cper_lod_requests_total"}


def test_a_list_is_passed_on_and_recorded_at_once(recorder: Recorder) -> None:
    heads, body = request_to(recorder.wrap(page), "/doc/a")
    assert body is PAGE, "granian sends a list without a thread"
    assert heads[0][0] == "200 OK"
    request_to(recorder.wrap(page), "/doc/a", method="HEAD")
    assert requests(recorder) == {("hit", "GET", "doc", "200"): 1, ("hit", "HEAD", "doc", "200"): 1}
    found = samples_of(recorder)
    assert found["cper_lod_response_bytes_total", ("route", "doc")] == 4
    assert found["cper_lod_request_seconds_count", ("route", "doc")] == 2


def test_a_response_in_pieces_is_recorded_when_it_begins(recorder: Recorder) -> None:
    def pieces(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        environ["PATH_INFO"] = "/x"  # as for an application that is mounted below a path
        start_response("206 Partial Content", [("Content-Length", "2")])  # late, as PEP 3333 allows
        yield b"a"

    body = request_to(recorder.wrap(pieces), "/doc/a")[1]
    assert requests(recorder) == {}
    assert next(iter(body)) == b"a"
    assert requests(recorder) == {("none", "GET", "doc", "206"): 1}


def test_no_client_makes_a_label(recorder: Recorder) -> None:
    paths = {"/": "home", "": "home", "/doc/a/b": "doc", "/doc.ttl": "doc", "/.well-known/x": ".well-known"}
    paths |= {"/.": "other", "//doc": "home", "/cper/doc/a": "doc", "/cper": "home", "/cperx": "other", "/é\n": "other"}
    assert {path: recorder.route(path) for path in paths} == paths
    for method in ("GET", "get", "BREW", "X" * 500):
        request_to(recorder.wrap(page), f"/{method}", method=method)
    assert set(requests(recorder)) == {("hit", "GET", "other", "200"), ("hit", "other", "other", "200")}
    recorder.set_release(flask_app("/plan"))
    assert [recorder.route(path) for path in ("/plan", "/doc")] == ["plan", "other"], "those of another release"


def test_threads_lose_no_request(capfd: pytest.CaptureFixture[str], recorder: Recorder) -> None:
    application, paths = recorder.wrap(page), {f"/doc/{number}" for number in range(1600)}
    with ThreadPoolExecutor(8) as pool:
        pool.map(partial(request_to, application), paths)
    assert requests(recorder) == {("hit", "GET", "doc", "200"): 1600}
    recorder.close()
    assert {json.loads(line)["path"] for line in capfd.readouterr().err.splitlines()} == paths


def test_what_a_query_comes_to_is_counted(recorder: Recorder) -> None:
    inner = CountingEngine()
    engine = InstrumentedEngine(cast(Any, inner), recorder.metrics)
    assert engine.query(ASK) == one_row(ASK)
    for error in (Problem("query-timeout", limit=1), LookupError()):
        inner.outcome = error
        with pytest.raises(type(error)):
            engine.query(ASK)
    found = samples_of(recorder)
    counted = {key[1][1]: n for key, n in found.items() if key[0] == "cper_lod_queries_total"}
    assert counted == {"answered": 1, "query-timeout": 1, "unexpected": 1}
    assert found["cper_lod_query_seconds_count",] == 3
