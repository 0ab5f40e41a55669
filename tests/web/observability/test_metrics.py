"""/metrics: what a parser of Prometheus reads, who may read it, and that each metric is documented."""

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import EngineStatus
from cper_lod.release.release import Memo
from cper_lod.web import app as app_module
from cper_lod.web.observability.recorder import Recorder
from tests.support.paths import ROOT


class Release:
    """What `/metrics` reads of a release."""

    digest = "d" * 64
    triples = SimpleNamespace(describes=lambda _: False)
    listing = SimpleNamespace(classes=())
    memo = Memo()


ENGINE = SimpleNamespace(status=lambda: EngineStatus(2, 5, fault=Problem("engine-unreachable")))


def served() -> tuple[FlaskClient, Recorder]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app_module, "program_id", lambda: "0.1.0")
        app = app_module.create_app(cast(Any, Release()), cast(Any, ENGINE), Settings())
    app.testing = True
    recorder = Recorder(Settings())
    recorder.set_release(app)
    app.wsgi_app = recorder.wrap(app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app.test_client(), recorder


def test_a_parser_of_prometheus_reads_what_was_counted() -> None:
    client, recorder = served()
    for path in ("/nothing", "/else"):
        assert client.get(path, buffered=True).status_code == 404
    for seconds in (0.003, 60.0):
        recorder.metrics.query_seconds.observe(seconds)
        recorder.metrics.queries.labels("query-timeout").inc()
    plain, open_one = (
        client.get("/metrics", headers={"Accept": accept})
        for accept in ("*/*", "application/openmetrics-text; version=1.0.0")
    )
    assert plain.content_type.startswith("text/plain; version=")
    assert open_one.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert plain.headers["Cache-Control"] == "no-store"
    for parse, answer in ((prometheus, plain), (openmetrics, open_one)):
        samples = {(s.name, *sorted(s.labels.items())): s.value for f in parse(answer.text) for s in f.samples}
        labels = (("cache", "none"), ("method", "GET"), ("route", "other"), ("status", "404"))
        assert samples["cper_lod_requests_total", *labels] == 2
        assert samples["cper_lod_response_bytes_total", ("route", "other")] > 100
        assert samples["cper_lod_request_seconds_count", ("route", "other")] == 2
        bucket = "cper_lod_query_seconds_bucket"
        assert [samples[bucket, ("le", le)] for le in ("0.0025", "0.005", "10.0", "+Inf")] == [0, 1, 1, 2]
        assert samples["cper_lod_queries_total", ("outcome", "query-timeout")] == 2
        gauges = {"queries_running": 2, "queries_waiting": 5, "engine_fault": 1, "release_refused": 0}
        assert {name: samples[f"cper_lod_{name}",] for name in gauges} == gauges
        told = ("digest", Release.digest), ("program", "0.1.0"), ("release", Release.digest[:16])
        assert samples["cper_lod_release_info", *told] == 1
        assert not [name for name, *_ in samples if name.endswith("_created")]


def test_who_reads_them_and_that_each_is_documented() -> None:
    client = served()[0]
    statuses = [
        client.get("/metrics", headers={name: "127.0.0.1"}).status_code for name in ("X-Forwarded-For", "X-Real-IP")
    ]
    assert statuses == [404, 404]
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs/reference/metrics.md").read_text("utf-8"), re.MULTILINE)
    declared = re.findall(r"^# TYPE (\w+) (\w+)$", client.get("/metrics").text, re.MULTILINE)
    assert sorted(rows) == sorted(declared)
