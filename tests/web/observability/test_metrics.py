"""The figures: what a parser of Prometheus reads, sums over several processes, names that no client chooses."""

import json
import os
import threading
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from cper_lod.core.errors import Problem, table
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, CancelToken, Engine, EngineStatus, Query
from cper_lod.web import app as app_module
from cper_lod.web.observability.counters import BOUNDS, Counters
from cper_lod.web.observability.metrics import COUNTERS, PEER, TABLE
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.readiness import Readiness
from tests.support.asgi import http_request
from tests.support.cases import each_case


class Release:
    """What `/metrics` and `/ready` read of a release."""

    digest = "d" * 64
    built_at = 1_700_000_000
    mode = "data"


class StubEngine:
    """An engine that answers, or raises what it is told to."""

    def __init__(self, *outcomes: Problem | Answer) -> None:
        self.outcomes = list(outcomes)

    def status(self) -> EngineStatus:
        return EngineStatus()

    def query(self, query: Query) -> Answer:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Problem):
            raise outcome
        return outcome

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        return self.query(query)


@cache
def client_of(engine: object = None, **settings: Any) -> FlaskClient:  # noqa: ANN401
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app_module, "program_id", lambda: "0.1.0")
        app = app_module.create_app(cast(Any, Release()), cast(Engine, engine), Settings(**settings))
    app.testing = True
    return app.test_client()


def asked(client: FlaskClient, counters: Counters | None, peer: str = "127.0.0.1", **headers: str) -> Any:  # noqa: ANN401
    base = {COUNTERS: counters, PEER: peer}
    return client.get("/metrics", environ_overrides=base, headers={k.replace("_", "-"): v for k, v in headers.items()})


def observed(folder: Path | None = None) -> RequestRecorder:
    recorder = RequestRecorder(Settings(), "/cper", folder)
    rules = [SimpleNamespace(rule=rule) for rule in ("/", "/doc/<path:path>", "/sparql.<suffix>", "/.well-known/void")]
    application = SimpleNamespace(url_map=SimpleNamespace(iter_rules=lambda: rules))
    recorder.set_release(application, lambda: {"running": 2, "ended": 3})
    return recorder


def test_a_parser_of_prometheus_reads_what_was_counted() -> None:
    recorder, client = observed(), client_of()
    recorder.counters.observe(("request", "GET", "doc", "200", "hit"), 0.003, 1000)
    recorder.counters.observe(("request", "GET", "doc", "200", "hit"), 0.0001, 1000)
    recorder.counters.observe(("request", "GET", "doc", "404", "miss"), 60.0, 5)
    recorder.counters.observe(("query", "query-timeout", "long"), 10.0)
    plain = asked(client, recorder.counters)
    open_one = asked(client, recorder.counters, accept="application/openmetrics-text; version=1.0.0")
    assert plain.content_type.startswith("text/plain; version=")
    assert open_one.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert plain.headers["Cache-Control"] == "no-store"
    for parse, answer in ((prometheus, plain), (openmetrics, open_one)):
        families = {family.name: family for family in parse(answer.text)}
        assert len(families) == len(TABLE)
        samples = {(s.name, *sorted(s.labels.items())): s.value for f in families.values() for s in f.samples}
        labels = (("cache", "hit"), ("method", "GET"), ("route", "doc"), ("status", "200"))
        assert samples["cper_lod_requests_total", *labels] == 2
        assert samples["cper_lod_response_bytes_total", ("route", "doc")] == 2005
        bucket = "cper_lod_request_seconds_bucket"
        assert samples[bucket, ("le", "0.0005"), ("route", "doc")] == 1
        assert samples[bucket, ("le", "0.005"), ("route", "doc")] == 2
        assert samples[bucket, ("le", "10.0"), ("route", "doc")] == 2
        assert samples[bucket, ("le", "+Inf"), ("route", "doc")] == 3
        assert samples["cper_lod_queries_total", ("lane", "long"), ("outcome", "query-timeout")] == 1
        assert samples["cper_lod_queries_running",] == 2
        assert samples["cper_lod_query_processes_ended_total",] == 3
        assert samples["cper_lod_release_sealed_timestamp_seconds",] == Release.built_at
        assert samples["cper_lod_server_memory_bytes",] > 1_000_000
        told = ("digest", Release.digest), ("program", "0.1.0"), ("release", Release.digest[:16])
        assert samples["cper_lod_release_info", *told] == 1


@each_case(
    ("setting", "peer", "headers", "status"),
    [
        ("local", "127.0.0.1", {}, 200),
        ("local", "::1", {}, 200),
        ("local", "::ffff:127.0.0.1", {}, 200),
        ("local", "192.0.2.7", {}, 403),
        ("local", "what", {}, 403),
        ("local", "127.0.0.1", {"X_Forwarded_For": "127.0.0.1"}, 403),
        ("local", "127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 403),
        ("local", "127.0.0.1", {"Via": "1.1 proxy"}, 403),
        ("direct", "192.0.2.7", {}, 200),
        ("direct", "127.0.0.1", {"X_Real_IP": "127.0.0.1"}, 403),
        ("all", "192.0.2.7", {"X_Forwarded_For": "192.0.2.9"}, 200),
        ("none", "127.0.0.1", {}, 404),
    ],
)
def test_who_reads_them(setting: str, peer: str, headers: dict[str, str], status: int) -> None:
    answer = asked(client_of(metrics=setting), Counters(), peer, **headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json["title"] == "Accès aux mesures restreint."


def test_another_wsgi_server_has_none() -> None:
    assert client_of(metrics="all").get("/metrics").status_code == 404


def test_whoever_is_asked_next_knows_what_was_told(tmp_path: Path) -> None:
    one, other = Counters(tmp_path), Counters(tmp_path)
    one.increment("x")
    assert one.totals().counts == {"x": 1}
    assert other.totals().counts == {"x": 1}


def test_no_client_makes_a_label() -> None:
    recorder = observed()
    paths = {
        "/": "home",
        "": "home",
        "/doc/a/b": "doc",
        "/doc.ttl": "other",
        "/sparql.csv": "sparql",
        "/.well-known/void": ".well-known",
        "/.well-known/x": ".well-known",
        "/.": "other",
        "//doc": "home",
        "/cper/doc/a": "doc",
        "/cper": "home",
        "/cperx": "other",
        "/é\n": "other",
        "/doc%0a": "other",
    }
    paths["/doc.ttl"] = "doc"
    assert {path: recorder.route(path) for path in paths} == paths
    for method in ("GET", "get", "BREW", "X" * 500):
        recorder.record(http_request(method, f"/{method}"), 0.0, 200, 1, None)
    assert {key[1:3] for key in recorder.counters.totals().histograms} == {("GET", "other"), ("other", "other")}


def test_several_processes_are_summed_and_the_dead_count_on(tmp_path: Path) -> None:
    ours, key = observed(tmp_path), ("request", "GET", "doc", "200", "hit")
    ours.counters.observe(key, 0.01, 10)
    others = {"histograms": [[list(key), [1] * (len(BOUNDS) + 1), [2.0, 5.0]]], "counts": {}}
    measures = {"processes": 1, "cpu": 7.5, "ended": 2, "memory": 1000, "running": 1}
    alive = {"process": os.getppid(), **others, "measurements": measures}
    dead = {"process": 2**22 + 1, **others, "measurements": measures}
    (tmp_path / "a.json").write_text(json.dumps(alive))
    (tmp_path / "b.json").write_text(json.dumps(dead))
    sums = ours.counters.totals()
    assert sum(sums.histograms[key].buckets) == 1 + 2 * (len(BOUNDS) + 1)
    assert sums.histograms[key].totals[1] == 20
    assert sums.measurements["processes"] == 2
    assert sums.measurements["running"] == 3
    assert sums.measurements["ended"] == 7
    assert sums.measurements["cpu"] > 15
    again = ours.counters.totals()
    assert again.histograms == sums.histograms, "nothing is counted twice"


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    recorder = observed(tmp_path / "missing")
    recorder.close()
    recorder.close()
    assert caplog.text.count("cannot be shared with the others") == 1


def test_figures_are_told_where_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is when somebody looks; what this process counted is in its memory."""
    ours, key = observed(tmp_path), ("request", "GET", "doc", "200", "hit")
    other = {
        "process": 1,
        "histograms": [[list(key), [1] * (len(BOUNDS) + 1), [2.0, 5.0]]],
        "counts": {},
        "measurements": {},
    }
    (tmp_path / "a.json").write_text(json.dumps(other))
    (tmp_path / "cut.json").write_text('{"histograms": [')
    ours.counters.publish()
    ours.counters.observe(key, 0.01, 10)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert ours.counters.totals().histograms[key].totals[1] == 15


def test_what_ended_is_counted_on_when_another_release_is_served() -> None:
    recorder = observed()
    recorder.set_release(SimpleNamespace(url_map=SimpleNamespace(iter_rules=list)), lambda: {"ended": 4})
    assert recorder.counters.totals().measurements["ended"] == 7
    assert recorder.counters.totals().counts == {"swaps": 1}


def answer() -> Answer:
    return Answer(b"{}", RESULTS_JSON, "ask")


def test_ready_where_the_engine_answers_and_one_trial_for_many() -> None:
    engine = StubEngine(answer())
    client = client_of(engine)
    first, second = client.get("/ready"), client.get("/ready")
    assert (first.status_code, first.json) == (200, {"status": "ready", "release": Release.digest})
    assert second.status_code == 200
    assert engine.outcomes == [], "the second one asked nothing"


def test_not_ready_where_the_engine_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cper_lod.web.readiness.MAX_AGE", -1.0)
    client = client_of(StubEngine(Problem("query-queue"), answer()))
    refused = client.get("/ready", headers={"Accept-Language": "en"})
    assert (refused.status_code, refused.json["title"]) == (503, "Not ready yet.")
    assert table()["query-queue"].words["en"].title in refused.json["detail"]
    assert int(refused.headers["Retry-After"]) > 0
    assert client.get("/ready").status_code == 200, "it recovers"


def test_not_ready_at_once_where_the_engine_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cper_lod.web.readiness.TIMEOUT", 0.05)
    release = threading.Event()

    class HangingEngine(StubEngine):
        def query(self, query: Query) -> Answer:
            release.wait(10)
            return answer()

    readiness = Readiness(cast(Engine, HangingEngine()))
    for _ in range(3):
        with pytest.raises(Problem) as refused:
            readiness.check()
        assert refused.value.kind.code == "not-ready"
    release.set()
