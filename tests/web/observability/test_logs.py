"""The log: a line for each request, query and message, that nothing a client sends can break, forge or stop."""

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.settings import Settings
from cper_lod.web.http.environ import CACHE, PROBLEM, RELEASE
from cper_lod.web.observability import logs, recorder
from cper_lod.web.observability.logs import LOGGERS, configure
from cper_lod.web.observability.recorder import Recorder
from tests.support.paths import ROOT
from tests.web.observability.wsgi_requests import page, request_to, samples_of

LOST = ("cper_lod_log_lines_lost_total",)


class Site:
    """A site that answers everything in the same way, and the lines of its log."""

    def __init__(self, *headers: tuple[str, str], problem: str | None = None, **settings: Any) -> None:  # noqa: ANN401
        self.kept = list[str]()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(recorder, "LogQueue", lambda *_: SimpleNamespace(add=self.kept.append))
            self._recorder = Recorder(Settings(**{"log_level": "info", **settings}))
        self._headers, self._problem = [*headers], problem

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ |= {CACHE: "hit", RELEASE: "digest", PROBLEM: self._problem}
        start_response("200 OK", self._headers)
        return []

    def ask(self, path: str = "/", query: str = "", method: str = "GET", **headers: str) -> None:
        request_to(self._recorder.wrap(self._answer), path, query, method, **headers)
        self._recorder.record()


@pytest.fixture
def loggers() -> Iterator[None]:
    """Leave the loggers as they were."""
    before = [(logger, logger.handlers, logger.propagate, logger.level) for logger in LOGGERS]
    yield
    logging.captureWarnings(False)
    for logger, handlers, propagate, level in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.mark.usefixtures("loggers")
def test_a_message_and_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    try:
        int("one\n2026-11-25T00:00:00.000Z info request status=200\x1b[31m\x85\u2028two")
    except ValueError:
        LOGGERS[0].exception("at %s", "/a\n2026 info\x85\u2028")
    said = capsys.readouterr().err
    told = json.loads(said)
    assert (told["level"], told["message"], told["process"]) == ("error", "at /a\n2026 info\x85\u2028", os.getpid())
    assert "ValueError: invalid literal" in told["trace"]
    assert len(said.splitlines()) == 1


def test_a_request_has_a_line_without_personal_data() -> None:
    site = Site(("Content-Type", 'text/html;a="b"'), ("Content-Language", "fr"), ("Content-Length", "4"))
    site.ask("/sea\nrch/é", "q=secret")
    (told,) = map(json.loads, site.kept)
    assert told.pop("ms") >= 0
    assert told.pop("time").endswith("Z")
    expected = {"level": "info", "event": "request", "method": "GET", "path": "/sea%0Arch/%C3%A9", "status": 200}
    expected |= {"bytes": 4, "cache": "hit", "type": 'text/html;a="b"', "language": "fr", "client": "192.0.2.0"}
    assert told == expected | {"release": "digest", "problem": None}, "and nothing of the query"


def test_a_line_is_bounded_whatever_is_asked() -> None:
    site = Site(trusted_proxy="192.0.2.7")
    site.ask("/" + "é\n" * 60_000, "é" * 60_000, "É" * 9000, HTTP_X_FORWARDED_FOR="é" * 9000)
    assert len(site.kept[0]) < 4096


@pytest.mark.usefixtures("loggers")
def test_who_does_not_read_the_log_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "CLOSE_TIMEOUT", 0.05)
    monkeypatch.setattr(logs, "MAX_WAITING", 100)
    reader, end = os.pipe()
    with os.fdopen(end, "w") as stderr, os.fdopen(reader) as log:
        monkeypatch.setattr(sys, "stderr", stderr)
        made = Recorder(Settings(log_level="info"))
        configure(made.log)
        application = made.wrap(page)
        for number in range(2000):  # 280 KB, of which the pipe takes 64 KiB
            request_to(application, f"/{number}")
        for _ in range(200):
            LOGGERS[0].warning("messages do not wait either")
        made.close()
        lost = samples_of(made)[LOST]
        assert lost > 200
        lines = [log.readline() for _ in range(2200 - int(lost))]
    assert all(json.loads(each)["level"] for each in lines)


def test_a_disk_that_refuses_costs_the_lines_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        made = Recorder(Settings(log_level="info"))
        request_to(made.wrap(page), "/")
        made.close()
        assert samples_of(made)[LOST] >= 1


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=10), st.sampled_from(["info", "warning"]))
def test_no_client_can_write_a_line_of_its_own(path: str, query: str, client: str, level: str) -> None:
    site = Site(trusted_proxy="192.0.2.7", log_level=level)
    path, query, client = (each.encode("utf-8", "replace").decode() for each in (path, query, client))
    site.ask("/" + path, query, HTTP_X_FORWARDED_FOR="x" + client)
    assert [json.loads(each)["event"] for each in "\n".join(site.kept).splitlines()] == ["request"] * (level == "info")


def test_every_value_of_a_line_is_documented() -> None:
    section = (ROOT / "deploy" / "README.md").read_text("utf-8").partition("\n## Logs\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([\w, ]+) \|", section, re.MULTILINE)
    told = {(of, name) for names, ofs in rows for of in ofs.split(", ") for name in re.findall(r"\w+", names)}
    site = Site(problem="page-not-found")
    site.ask()
    assert set(json.loads(site.kept[0])) == {name for of, name in told if of in ("request", "all")}
