"""The log: a line for each request, query and message, that nothing a client sends can break, forge or stop."""

import json
import logging
import os
import re
import select
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.web.http.response import Response
from cper_lod.web.observability import logs, recorder
from cper_lod.web.observability.logs import MAX_TEXT, LineFormatter, LogWriter, line, truncate
from cper_lod.web.observability.recorder import CLIENT_DISCONNECTED, RequestRecorder
from tests.support.asgi import http_request
from tests.support.paths import ROOT
from tests.support.processes import eventually

# The writer thread is joined, and the lines are caught before they reach it, through private attributes.

TEXT = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info \w+( \w+=([!#-<>-\[\]-~]+|"([^"\\]|\\.)*"))*\n')


@given(st.dictionaries(st.sampled_from(["path", "text", "client"]), st.text(max_size=80), max_size=3))
def test_a_value_of_whatever_kind_stays_in_its_place(values: dict[str, str]) -> None:
    assert json.loads(line("json", "info", "request", values)).items() >= values.items()
    for form in ("json", "text"):
        assert line(form, "info", "request", values).count("\n") == 1
    said = line("text", "info", "request", values)
    assert TEXT.fullmatch(said), said


@given(st.text(alphabet=st.characters(), min_size=0, max_size=4000))
def test_a_cut_text_fits(text: str) -> None:
    assert len(json.dumps(truncate(text))) <= MAX_TEXT
    assert text.startswith(truncate(text))
    if len(json.dumps(text)) <= MAX_TEXT:
        assert truncate(text) == text


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_message_and_its_trace(form: str) -> None:
    try:
        int("one\n2026-11-25T00:00:00.000Z info request status=200\x1b[31m\x85\u2028two")
    except ValueError:
        record = logging.LogRecord("cper_lod", logging.ERROR, "", 0, "at %s", ("/a\n2026 info",), sys.exc_info(), None)
    said = LineFormatter(form).format(record)
    if form == "json":
        told = json.loads(said)
        assert (told["level"], told["message"]) == ("error", "at /a\n2026 info")
        assert "ValueError: invalid literal" in told["trace"]
        assert len(said.splitlines()) == 1
        return
    first, *rest = said.split("\n")
    assert first.endswith("Z error at /a\\n2026 info")
    assert rest
    assert all(each.startswith("  ") and each.isprintable() for each in rest)


class Seen:
    """A recorder, and the lines that it would write."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401
        self.kept: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(recorder, "LogWriter", lambda _: SimpleNamespace(add=self.kept.append))
            self.recorder = RequestRecorder(Settings(**{"log_level": "info", "log_format": "json", **settings}))

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.kept]


def test_a_request_has_a_line_without_personal_data() -> None:
    seen = Seen()
    request = http_request("GET", "/sea\nrch", "q=secret")
    reply = Response(200, {"Content-Type": "text/html", "Content-Language": "fr"}, b"page")
    request.cache, request.release = "hit", "digest"
    seen.recorder.record(request, 0.0, 200, 4, reply)
    seen.recorder.record(request, 0.0, CLIENT_DISCONNECTED, 0, None)
    first, second = seen.lines()
    assert {name: first[name] for name in ("method", "path", "status", "bytes", "cache", "type", "language")} == {
        "method": "GET",
        "path": "/sea%0Arch",
        "status": 200,
        "bytes": 4,
        "cache": "hit",
        "type": "text/html",
        "language": "fr",
    }
    assert (first["client"], first["release"], first["event"]) == ("192.0.2.0", "digest", "request")
    assert "problem" not in first
    assert "secret" not in json.dumps(first)
    assert (second["status"], second["bytes"]) == (499, 0)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_line_is_short_enough_for_a_pipe_whatever_is_asked(form: str) -> None:
    seen = Seen(log_addresses="full", log_queries="text", trusted_proxy="192.0.2.7")
    seen.recorder.settings = replace(seen.recorder.settings, log_format=form)
    request = http_request("É" * 9000, "/" + "é\n" * 9000, "", ("x-forwarded-for", "é" * 9000))
    request.release = "d" * 16
    seen.recorder.record(request, 0.0, 200, 4, Response(200, {"Content-Type": "a/b"}, b""))
    seen.recorder.record_query(
        Query("😀\n" * 9000, None, None, client="é" * 64), 0.1, "", Problem("query-depth"), "d" * 16
    )
    assert [each.count("\n") for each in seen.kept] == [1, 1]
    assert max(len(each.encode("ascii")) for each in seen.kept) <= select.PIPE_BUF


def test_an_error_is_named() -> None:
    seen = Seen(log_addresses="full")
    reply = Response(404, {}, b"x", problem="page-not-found")
    seen.recorder.record(http_request(), 0.0, 404, 1, reply)
    assert [(each["problem"], each["client"]) for each in seen.lines()] == [("page-not-found", "192.0.2.7")]


def test_a_query_has_a_line_with_its_digest_and_its_text_by_setting_only() -> None:
    query = Query("ASK { ?secret ?b 'é\n' }", None, None, client="2001:db8:1:2::/64")

    plain, told = Seen(), Seen(log_queries="text", log_addresses="none")
    for seen in (plain, told):
        seen.recorder.record_query(query, 0.25, "long", Answer(b"12", CSV, "select"), "digest")
        seen.recorder.record_query(query, 0.25, "", Problem("query-timeout", limit=1), "digest")
        seen.recorder.record_query(query, 0.25, "short", None, "digest")
    first, second, third = plain.lines()
    assert (first["outcome"], first["lane"], first["bytes"], first["form"]) == ("answered", "long", 2, "select")
    assert (first["ms"], first["type"], first["client"]) == (250.0, "csv", "2001:db8:1::")
    assert (second["outcome"], third["outcome"]) == ("query-timeout", "left")
    assert first["query"] == second["query"] == told.lines()[0]["query"]
    assert "secret" not in json.dumps(plain.lines())
    assert told.lines()[0]["text"] == query.text
    assert told.lines()[0]["client"] == "-"


ACCESS = re.compile(r'\S+ - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "\S+ \S+ HTTP/1\.1" \d{3} (?:\d+|-)\n')


def access_log() -> Seen:
    return Seen(log_level="error", access_log=Path("log"), log_addresses="full", trusted_proxy="192.0.2.7")


def test_a_request_has_a_line_in_the_access_log() -> None:
    seen = access_log()
    seen.recorder.record(http_request("GET", "/doc/é", "a=b"), 0.0, 200, 12, None)
    seen.recorder.record(http_request("HEAD", "/", "", ("x-forwarded-for", "2001:db8::1")), 0.0, 304, 0, None)
    seen.recorder.record(http_request(), 0.0, CLIENT_DISCONNECTED, 0, None)
    first, second = seen.kept
    assert ACCESS.fullmatch(first), first
    assert first.startswith("192.0.2.7 - - [")
    assert first.endswith('"GET /doc/%C3%A9?a=b HTTP/1.1" 200 12\n')
    assert second.startswith("2001:db8::/64 - - [")
    assert second.endswith('"HEAD / HTTP/1.1" 304 -\n')


def test_a_long_address_is_cut_and_its_quoted_form_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    quoted, quote, seen = list[str](), logs.quote, access_log()
    monkeypatch.setattr(logs, "quote", lambda text, safe: quoted.append(text) or quote(text, safe=safe))
    for path in ("/short-one", "/" + "é" * 60_000):
        for _ in range(50):
            seen.recorder.record(http_request("GET", path), 0.0, 200, 1, None)
    assert len(seen.kept) == 100
    assert max(map(len, seen.kept)) < 13_000
    assert quoted.count("/short-one") == 1
    assert len([text for text in quoted if len(text) > 300]) == 50, "quoted anew each time"


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=10))
def test_no_client_can_write_a_line_of_its_own(path: str, query: str, client: str) -> None:
    seen = access_log()
    path, query, client = (each.encode("utf-8", "replace").decode() for each in (path, query, client))
    request = http_request("GET", "/" + path, query)
    request.headers["x-forwarded-for"] = "x" + client
    seen.recorder.record(request, 0.0, 200, 1, None)
    assert ACCESS.fullmatch(*seen.kept), seen.kept


def test_lines_are_written_whole_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, written = os.write, list[bytes]()
    monkeypatch.setattr(os, "write", lambda file, data: written.append(data) or write(file, data))
    with (tmp_path / "log").open("wb", buffering=0) as file:
        writer = LogWriter(file.fileno())
        for number in range(3000):
            writer.add(f"{number} {'x' * (number % 90)}\n")
        for _ in range(5):
            writer.add(f"3000 {'y' * 3900}\n")
        writer.close()
    lines = (tmp_path / "log").read_text().splitlines()
    assert [int(each.split()[0]) for each in lines] == [*range(3000), *[3000] * 5]
    pieces = [data for data in written if b"x" in data or b"y" in data]
    assert len(pieces) > 5
    assert all(len(data) <= select.PIPE_BUF and data.endswith(b"\n") for data in pieces)


@pytest.mark.parametrize("opened", [True, False])
def test_lines_come_by_themselves_from_any_thread_and_a_file_may_be_moved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, opened: bool
) -> None:
    monkeypatch.setattr(logs, "INTERVAL", 0.01)
    path, moved = tmp_path / "log", tmp_path / "moved"
    with path.open("wb", buffering=0) as file:
        writer = LogWriter(file.fileno() if opened else path)
        threads = [threading.Thread(target=lambda: [writer.add("line\n") for _ in range(200)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert eventually(lambda: path.read_text() == "line\n" * 800, 5)
        path.rename(moved)
        writer.add("after\n")
        writer.close()
    assert (moved.read_text()[4000:], path.exists()) == (("after\n", False) if opened else ("", True))
    assert opened or path.read_text() == "after\n"


def test_who_does_not_read_the_log_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "CLOSE_TIMEOUT", 0.05)
    reader, end = os.pipe()
    writer = LogWriter(end)
    for _ in range(logs.MAX_WAITING + 500):
        writer.add("x" * 200 + "\n")
    writer.close()
    assert 0 < writer.lost <= 500, "what is beyond the bound is lost, and counted"
    os.close(reader)  # now the thread that writes fails, and ends
    assert eventually(lambda: writer.lost > logs.MAX_WAITING - 1000, 5)
    os.close(end)


def test_a_disk_that_refuses_costs_the_lines_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        for target in (file.fileno(), tmp_path / "missing" / "log"):
            writer = LogWriter(target)
            writer.add("a\n")
            writer.add("b\n")
            writer.close()
            assert writer.lost == 2
    assert caplog.text.count("No such file or directory") == 1


def test_every_value_of_a_line_is_documented() -> None:
    section = (ROOT / "deploy" / "README.md").read_text("utf-8").partition("\n## Logs\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([\w, ]+) \|", section, re.MULTILINE)
    told = {(of, name) for names, ofs in rows for of in ofs.split(", ") for name in re.findall(r"\w+", names)}
    seen = Seen(log_queries="text")
    reply = Response(404, {"Content-Type": "a/b", "Content-Language": "fr"}, b"", problem="page-not-found")
    seen.recorder.record(http_request(), 0.0, 404, 4, reply)
    seen.recorder.record_query(Query("ASK {}", None, None), 0.1, "short", Answer(b"12", CSV, "select"), "digest")
    assert len(rows) >= 6
    for written in seen.lines():
        of = str(written["event"])
        expected = {name for each, name in told if each in (of, "all")}
        assert set(written) == expected, of
