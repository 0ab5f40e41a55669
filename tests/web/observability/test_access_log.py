"""The access log: whole lines in the Common Log Format, whatever clients send, however often the file is moved."""

import asyncio
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.web.http.request import Request
from cper_lod.web.observability.access_log import AccessLog, _quote_cached
from tests.support.rsgi import FakeScope

# Lines wait in a private list until a timer writes them; the tests look at them without the timer.

LINE = re.compile(r'\S+ - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "\S+ \S+ HTTP/1\.1" \d{3} (?:\d+|-)')


def test_a_line_for_each_request(tmp_path: Path) -> None:
    async def work() -> None:
        access = AccessLog(tmp_path / "log")
        access.add(Request.from_scope(FakeScope("GET", "/doc/é", "a=b")), "192.0.2.7", 200, 12)
        access.add(Request.from_scope(FakeScope("HEAD", "/")), "2001:db8::/64", 304, 0)
        access.write()
        (tmp_path / "log").rename(tmp_path / "log.1")
        access.add(Request.from_scope(FakeScope()), "192.0.2.7", 200, 1)
        access.write()
        access.write()

    asyncio.run(work())
    first, second = (tmp_path / "log.1").read_text().splitlines()
    assert LINE.fullmatch(first), first
    assert first.startswith("192.0.2.7 - - [")
    assert first.endswith('"GET /doc/%C3%A9?a=b HTTP/1.1" 200 12')
    assert second.endswith('"HEAD / HTTP/1.1" 304 -')
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def test_a_long_address_is_cut_and_not_quote_cached() -> None:
    async def work() -> list[str]:
        access = AccessLog(Path("/nowhere/log"))
        for number in range(50):
            access.add(Request.from_scope(FakeScope("GET", f"/{number}" + "é" * 60_000)), "192.0.2.7", 200, 1)
        return access._lines

    _quote_cached.cache_clear()
    lines = asyncio.run(work())
    assert len(lines) == 50
    assert max(map(len, lines)) < 13_000
    assert _quote_cached.cache_info().currsize < 5, "the client and the method alone"


def test_lines_are_written_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cper_lod.web.observability.access_log.INTERVAL", 0.01)

    async def work() -> None:
        AccessLog(tmp_path / "log").add(Request.from_scope(FakeScope()), "192.0.2.7", 200, 1)
        assert not (tmp_path / "log").exists()
        await asyncio.sleep(0.05)

    asyncio.run(work())
    assert (tmp_path / "log").read_text().count("\n") == 1


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=10))
def test_no_client_can_write_a_line_of_its_own(path: str, query: str, client: str) -> None:
    async def work() -> list[str]:
        access = AccessLog(Path("/nowhere/log"))
        scope = FakeScope(
            "GET", "/" + path.encode("utf-8", "replace").decode(), query.encode("utf-8", "replace").decode()
        )
        access.add(Request.from_scope(scope), "x" + client.encode("utf-8", "replace").decode(), 200, 1)
        return access._lines

    (line,) = asyncio.run(work())
    assert LINE.fullmatch(line.rstrip("\n")), line


def test_a_disk_that_refuses_costs_the_lines_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        access = AccessLog(tmp_path / "missing" / "log")
        access.add(Request.from_scope(FakeScope()), "192.0.2.7", 200, 1)
        access.write()
        assert access._lines == []

    asyncio.run(work())
    assert "No such file or directory" in caplog.text
