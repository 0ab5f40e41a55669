"""/ready: green while the engine answers, with one trial for many requests."""

import threading

import pytest
from flask.testing import FlaskClient

from cper_lod.core.errors import Problem, table
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.release.release import Release
from cper_lod.web import readiness
from cper_lod.web.app import create_app
from tests.web.counting_engine import CountingEngine, one_row


@pytest.fixture
def engine() -> CountingEngine:
    return CountingEngine()


@pytest.fixture
def ready(release: Release, engine: CountingEngine) -> FlaskClient:
    """A client of an application whose readiness nobody has asked yet."""
    return create_app(release, engine, Settings()).test_client()


def not_ready(client: FlaskClient) -> str:
    """Return what the refusal says."""
    refused = client.get("/ready", headers={"Accept-Language": "en"})
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (503, "not-ready")
    assert int(refused.headers["Retry-After"]) > 0
    return str(refused.json["detail"])


def test_one_trial_for_many(release: Release, ready: FlaskClient, engine: CountingEngine) -> None:
    for _ in range(2):
        answer = ready.get("/ready")
        assert (answer.status_code, answer.json) == (200, {"status": "ready", "release": release.digest})
    assert len(engine.asked) == 1


def test_not_ready_while_the_engine_fails(
    ready: FlaskClient, engine: CountingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "MAX_AGE", -1.0)
    engine.outcome = Problem("query-queue")
    assert table()["query-queue"].words["en"].title in not_ready(ready)
    engine.outcome = one_row
    assert ready.get("/ready").status_code == 200, "it recovers"


def test_a_file_without_its_size_is_named_in_the_log_once(
    release: Release, ready: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(readiness, "MAX_AGE", -1.0)
    path = release.folder / "dump" / "tout.nt.gz"

    def check_sizes(_: Release) -> None:
        raise Problem("release-damaged", path=path, message="0 bytes instead of 9")

    with monkeypatch.context() as damaged:
        damaged.setattr(Release, "check_sizes", check_sizes)
        for _ in range(2):
            assert table()["release-damaged"].words["en"].title in not_ready(ready)
    assert caplog.text.count(str(path)) == 1
    assert not_ready(ready), "the file may be open"


def test_not_ready_at_once_while_the_engine_hangs(
    ready: FlaskClient, engine: CountingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "TIMEOUT", 0.05)
    ended = threading.Event()

    def hang(query: Query) -> Answer:
        ended.wait(10)
        return one_row(query)

    engine.outcome = hang
    for _ in range(3):
        assert not_ready(ready)
    assert len(engine.asked) == 1
    ended.set()
