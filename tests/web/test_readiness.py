"""/ready: green while the engine answers, with one trial for many requests."""

import threading
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
