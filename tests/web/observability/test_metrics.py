"""/metrics: what a parser of Prometheus reads, who may read it, and that each metric is documented."""

import re
from types import SimpleNamespace
from typing import Any, cast

from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import EngineStatus
from cper_lod.release.release import Release, program_id
from cper_lod.web.app import create_app
from cper_lod.web.observability.recorder import Recorder
from tests.support.paths import ROOT


def served(release: Release) -> tuple[FlaskClient, Recorder]:
    engine = SimpleNamespace(status=lambda: EngineStatus(2, 5, fault=Problem("engine-unreachable")))
    app, recorder = create_app(release, cast(Any, engine), Settings()), Recorder(Settings())
    recorder.set_release(app)
    app.wsgi_app = recorder.wrap(app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app.test_client(), recorder


def test_a_parser_of_prometheus_reads_what_was_counted(release: Release) -> None:
    client, recorder = served(release)
    client.get("/nothing", buffered=True)
    for seconds in (0.003, 60.0):
        recorder.metrics.query_seconds.observe(seconds)
        recorder.metrics.queries.labels("query-timeout").inc()
    accepted = "*/*", "application/openmetrics-text; version=1.0.0"
    plain, open_one = (client.get("/metrics", headers={"Accept": each}) for each in accepted)
    assert plain.content_type.startswith("text/plain; version=")
    assert open_one.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert plain.headers["Cache-Control"] == "no-store"
    for parse, answer in ((prometheus, plain), (openmetrics, open_one)):
        samples = {(s.name, *sorted(s.labels.items())): s.value for f in parse(answer.text) for s in f.samples}
        labels = (("cache", "none"), ("method", "GET"), ("route", "other"), ("status", "404"))
        assert samples["cper_lod_requests_total", *labels] == 1
        assert samples["cper_lod_response_bytes_total", ("route", "other")] > 100
        bucket = "cper_lod_query_seconds_bucket"
        assert [samples[bucket, ("le", le)] for le in ("0.0025", "0.005", "10.0", "+Inf")] == [0, 1, 1, 2]
        assert samples["cper_lod_queries_total", ("outcome", "query-timeout")] == 2
        gauges = {"queries_running": 2, "queries_waiting": 5, "engine_fault": 1, "release_refused": 0}
        assert {name: samples[f"cper_lod_{name}",] for name in gauges} == gauges
        told = ("digest", release.digest), ("program", program_id()), ("release", release.digest[:16])
        assert samples["cper_lod_release_info", *told] == 1
        assert not [name for name, *_ in samples if name.endswith("_created")]


def test_who_reads_them_and_that_each_is_documented(release: Release) -> None:
    client = served(release)[0]
    for name in ("X-Forwarded-For", "X-Real-IP"):
        assert client.get("/metrics", headers={name: "127.0.0.1"}).status_code == 404, name
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs/reference/metrics.md").read_text("utf-8"), re.MULTILINE)
    declared = re.findall(r"^# TYPE (\w+) (\w+)$", client.get("/metrics").text, re.MULTILINE)
    assert sorted(rows) == sorted(declared)
