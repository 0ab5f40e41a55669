"""The access log: whole lines in the Common Log Format, whatever clients send, however often the file is moved."""

import asyncio
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.web.http.request import Request
from cper_lod.web.observability import access_log
from cper_lod.web.observability.access_log import AccessLog
from tests.support.asgi import http_request, http_scope, no_body

LINE = re.compile(r'\S+ - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "\S+ \S+ HTTP/1\.1" \d{3} (?:\d+|-)')


def test_a_line_for_each_request(tmp_path: Path) -> None:
    async def work() -> None:
        access = AccessLog(tmp_path / "log")
        access.add(http_request("GET", "/doc/é", "a=b"), "192.0.2.7", 200, 12)
        access.add(http_request("HEAD", "/"), "2001:db8::/64", 304, 0)
        access.write()
        (tmp_path / "log").rename(tmp_path / "log.1")
        access.add(http_request(), "192.0.2.7", 200, 1)
        access.write()
        access.write()

    asyncio.run(work())
    first, second = (tmp_path / "log.1").read_text().splitlines()
    assert LINE.fullmatch(first), first
    assert first.startswith("192.0.2.7 - - [")
    assert first.endswith('"GET /doc/%C3%A9?a=b HTTP/1.1" 200 12')
    assert second.endswith('"HEAD / HTTP/1.1" 304 -')
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def test_a_long_address_is_cut_and_its_quoted_form_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quoted = list[str]()
    quote = access_log.quote
    monkeypatch.setattr(access_log, "quote", lambda text, safe: quoted.append(text) or quote(text, safe=safe))

    async def work() -> None:
        access = AccessLog(tmp_path / "log")
        for path in ("/short", "/" + "é" * 60_000):
            for _ in range(50):
                access.add(http_request("GET", path), "192.0.2.7", 200, 1)
        access.write()

    asyncio.run(work())
    lines = (tmp_path / "log").read_text().splitlines()
    assert len(lines) == 100
    assert max(map(len, lines)) < 13_000
    assert quoted.count("/short") == 1
    assert len([text for text in quoted if len(text) > 300]) == 50, "quoted anew each time"


def test_lines_are_written_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cper_lod.web.observability.access_log.INTERVAL", 0.01)

    async def work() -> None:
        AccessLog(tmp_path / "log").add(http_request(), "192.0.2.7", 200, 1)
        assert not (tmp_path / "log").exists()
        await asyncio.sleep(0.05)

    asyncio.run(work())
    assert (tmp_path / "log").read_text().count("\n") == 1


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=10))
def test_no_client_can_write_a_line_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, path: str, query: str, client: str
) -> None:
    log = tmp_path_factory.getbasetemp() / "access.log"
    log.unlink(missing_ok=True)

    async def work() -> None:
        access = AccessLog(log)
        scope = http_scope(
            "GET", "/" + path.encode("utf-8", "replace").decode(), query.encode("utf-8", "replace").decode()
        )
        access.add(Request.from_scope(scope, no_body), "x" + client.encode("utf-8", "replace").decode(), 200, 1)
        access.write()

    asyncio.run(work())
    (line,) = log.read_text().splitlines()
    assert LINE.fullmatch(line), line


def test_a_disk_that_refuses_costs_the_lines_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        access = AccessLog(tmp_path / "missing" / "log")
        access.add(http_request(), "192.0.2.7", 200, 1)
        access.write()
        (tmp_path / "missing").mkdir()
        access.write()

    asyncio.run(work())
    assert not (tmp_path / "missing" / "log").exists()
    assert "No such file or directory" in caplog.text
