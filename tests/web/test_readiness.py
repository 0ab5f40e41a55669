"""/ready: green while the engine answers, with one trial for many requests."""

import threading
from pathlib import Path
from typing import Any, cast

import pytest
from flask.testing import FlaskClient

from cper_lod.core.errors import Problem, table
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Engine, EngineStatus, Query
from cper_lod.web import app as app_module
from cper_lod.web.readiness import Readiness


class Release:
    """What `/ready` reads of a release."""

    digest = "d" * 64
    folder = Path("/releases/d")
    damaged: Problem | None = None

    def check_sizes(self) -> None:
        if self.damaged:
            raise self.damaged

    def damage(self, error: Exception) -> None:
        return None


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


def client_of(engine: StubEngine) -> FlaskClient:
    app = app_module.create_app(cast(Any, Release()), cast(Engine, engine), Settings())
    app.testing = True
    return app.test_client()


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
    assert refused.json
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (503, "not-ready")
    assert table()["query-queue"].words["en"].title in refused.json["detail"]
    assert int(refused.headers["Retry-After"]) > 0
    assert client.get("/ready").status_code == 200, "it recovers"


def test_a_file_without_its_size_is_named_in_the_log_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("cper_lod.web.readiness.MAX_AGE", -1.0)
    client = client_of(StubEngine(answer(), answer()))
    assert client.get("/ready").status_code == 200
    path = Release.folder / "dump" / "tout.nt.gz"
    monkeypatch.setattr(Release, "damaged", Problem("release-damaged", path=path, message="0 bytes instead of 9"))
    for _ in range(2):
        refused = client.get("/ready", headers={"Accept-Language": "en"})
        assert (refused.status_code, refused.get_json()["type"].rpartition("/")[2]) == (503, "not-ready")
        assert table()["release-damaged"].words["en"].title in refused.get_json()["detail"]
    assert caplog.text.count(str(path)) == 1
    monkeypatch.setattr(Release, "damaged", None)
    assert client.get("/ready").status_code == 503, "the file may be open"


def test_not_ready_at_once_where_the_engine_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cper_lod.web.readiness.TIMEOUT", 0.05)
    release = threading.Event()

    class HangingEngine(StubEngine):
        def query(self, query: Query) -> Answer:
            release.wait(10)
            return answer()

    readiness = Readiness(cast(Engine, HangingEngine()), cast(Any, Release()), Settings())
    for _ in range(3):
        with pytest.raises(Problem) as refused:
            readiness.check()
        assert refused.value.kind.code == "not-ready"
    release.set()
