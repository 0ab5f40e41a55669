"""Conditions, ranges, content codings and downloads: what is sent of the whole response of a view."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response, send_file
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, TestResponse

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.web.http.compression import MAX_SIZE, MIN_SIZE
from cper_lod.web.http.delivery import WHOLE, as_list, deliver
from cper_lod.web.http.limits import MAX_OF_CLIENT, Limits

MODIFIED = datetime(2026, 11, 24, 10, tzinfo=UTC)
DATES = {day: format_datetime(MODIFIED + timedelta(day), usegmt=True) for day in (-1, 0, 1)}
SAME, EARLIER, LATER = DATES[0], DATES[-1], DATES[1]
PAGE = b"<p>Contrat de plan</p>" * 100
HEADERS = {
    "ETag": '"one"',
    "Last-Modified": SAME,
    "Cache-Control": "no-cache",
    "Content-Location": "/small.html",
    "Vary": "Accept",
    "Link": "<x>; rel=y",
    "Content-Security-Policy": "frame-ancestors *",
    "Access-Control-Allow-Origin": "*",
}
SIZES = {"small": 10, "large": WHOLE + 1, "page": len(PAGE)}
ALL = ["GET", "HEAD", "POST", "QUERY"]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application whose responses are delivered; its problems are their codes."""
    app, folder = Flask(__name__), tmp_path_factory.mktemp("files")
    for name, size in SIZES.items():
        (folder / name).write_bytes(PAGE if name == "page" else (b"0123456789" * (size // 10 + 1))[:size])
    app.extensions["cper_lod.limits"] = Limits()
    app.extensions["cper_lod"] = SimpleNamespace(settings=Settings())

    def whole(body: bytes = b"0123456789", **headers: str) -> Response:
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in {**HEADERS, **changed}.items() if value}
        return Response(body, headers=given, content_type=changed.get("Content-Type", "text/plain"))

    app.add_url_rule("/small", "small", lambda: whole(Accept_Ranges="bytes"), methods=ALL)
    app.add_url_rule("/whole-only", "whole-only", whole, methods=ALL)
    app.add_url_rule("/empty", "empty", lambda: whole(b"", Accept_Ranges="bytes"))
    app.add_url_rule("/unstored", "unstored", lambda: whole(Cache_Control="no-store"), methods=ALL)
    app.add_url_rule("/unsaid", "unsaid", lambda: whole(Cache_Control=""), methods=ALL)
    app.add_url_rule("/undated", "undated", lambda: whole(Last_Modified="", Accept_Ranges="bytes"))
    app.add_url_rule("/gone", "gone", lambda: (whole(), 410))
    app.add_url_rule("/page", "page", lambda: whole(PAGE, Accept_Ranges="bytes"), methods=ALL)
    app.add_url_rule("/coded", "coded", lambda: whole(PAGE, Content_Encoding="br", Vary="Accept-Encoding"))
    app.add_url_rule("/packed", "packed", lambda: whole(PAGE, **{"Content-Type": "application/gzip"}))
    app.add_url_rule("/short", "short", lambda: whole(PAGE[: MIN_SIZE - 1]))
    app.add_url_rule("/long", "long", lambda: whole(b"x" * (MAX_SIZE + 1)))

    @app.get("/file/<name>")
    def file(name: str) -> Response:
        mimetype = "text/html" if name == "page" else "application/gzip"
        response = send_file(folder / name, mimetype=mimetype, conditional=False, etag=False)
        response.headers.update({**HEADERS, "Accept-Ranges": "bytes"})
        response.call_on_close(lambda: app.config.setdefault("closed", []).append(name))
        return response

    def finish(response: Response) -> Response:
        try:
            return deliver(response)
        except Problem as problem:
            headers = {"X-Length": str(problem.params.get("length", ""))}
            return as_list(Response(problem.kind.code, problem.kind.status, headers))

    app.after_request(finish)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.extensions["cper_lod.limits"] = Limits()
    return app.test_client()


def asked(client: FlaskClient, path: str = "/small", method: str = "GET", **headers: str) -> TestResponse:
    return client.open(path, method=method, headers=headers)


# Conditions


def test_a_304_repeats_what_caches_need_and_nothing_else(client: FlaskClient) -> None:
    whole, unchanged = asked(client), asked(client, If_None_Match='"one"')
    kept = {name.lower() for name in unchanged.headers.keys()}  # noqa: SIM118
    assert kept == {name.lower() for name in HEADERS} - {"link", "last-modified", "content-security-policy"}
    assert all(whole.headers[name] == value for name, value in unchanged.headers)
    coded = asked(client, "/page", If_None_Match='"one-br"', Accept_Encoding="br")
    assert (coded.status_code, coded.headers["Vary"]) == (304, "Accept, Accept-Encoding")


@pytest.mark.parametrize(("path", "method"), [("/unsaid", "GET"), ("/unstored", "POST"), ("/unsaid", "QUERY")])
def test_what_must_not_be_stored_is_never_a_304(client: FlaskClient, path: str, method: str) -> None:
    for headers in ({"If_None_Match": "*"}, {"If_None_Match": '"one"'}, {"If_Modified_Since": SAME}):
        answer = asked(client, path, method, **headers)
        assert (answer.status_code, answer.data) == (200, b"0123456789")
    assert asked(client, path, method, If_Match='"two"').status_code == 412


# Ranges


@pytest.mark.parametrize(("header", "start", "stop"), [("4-", 4, 10), ("-3", 7, 10), ("5-5000", 5, 10), ("-50", 0, 10)])
@pytest.mark.parametrize("path", ["/small", "/file/small"])
def test_one_range_is_served(client: FlaskClient, path: str, header: str, start: int, stop: int) -> None:
    whole, part = asked(client, path), asked(client, path, Range=f"bytes={header}")
    assert (part.status_code, part.data) == (206, b"0123456789"[start:stop])
    changed = {"Content-Range": f"bytes {start}-{stop - 1}/10", "Content-Length": str(stop - start)}
    added = {name: value for name, value in part.headers if name != "Date"}
    assert added == {name: value for name, value in whole.headers if name != "Date"} | changed


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/whole-only", {"Range": "bytes=0-1"}),
        ("/empty", {"Range": "bytes=0-1"}),
        ("/small", {"Range": "bytes=-"}),
        ("/undated", {"Range": "bytes=0-1", "If_Range": SAME}),
    ],
)
def test_any_other_request_gets_the_whole(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    """What else is none of a range is among the combinations below."""
    plain, answer = asked(client, path), asked(client, path, **headers)
    assert (answer.status_code, answer.data) == (200, plain.data)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("header", ["bytes=10-12", "bytes=9-2", "bytes=-0"])
def test_a_range_outside_is_refused(client: FlaskClient, header: str) -> None:
    answer = asked(client, Range=header)
    assert (answer.status_code, answer.text, answer.headers["X-Length"]) == (416, "range-invalid", "10")


# Any combination of them, by the words of RFC 9110, section 13.2.2

TAGS = st.sampled_from(["*", '"one"', 'W/"one"', '"two"', '"two", "one"', '"two", W/"one"', '"on", "one-br", ""'])
TIMES = st.sampled_from([*DATES.values(), "yesterday"])


def expected(method: str, headers: dict[str, str]) -> int:
    """Return the status of /small: a step for each of the steps of the section."""
    get = headers.get
    tags = {name: (get(name) or "").split(", ") for name in ("If-Match", "If-None-Match")}
    times = {day: name for name, day in DATES.items()}
    if "If-Match" in headers:
        if not {"*", '"one"'} & set(tags["If-Match"]):
            return 412
    elif times.get(get("If-Unmodified-Since", ""), 0) < 0:
        return 412
    if "If-None-Match" in headers:
        if {"*", '"one"', 'W/"one"'} & set(tags["If-None-Match"]):
            return 304
    elif times.get(get("If-Modified-Since", ""), -1) >= 0:
        return 304
    if method == "GET" and "Range" in headers and get("If-Range") in (None, '"one"', SAME):
        return {"bytes=2-4": 206, "bytes=10-": 416}.get(headers["Range"], 200)
    return 200


@given(
    st.sampled_from(["GET", "HEAD", "QUERY"]),
    st.fixed_dictionaries(
        {},
        optional={
            "If-Match": TAGS,
            "If-None-Match": TAGS,
            "If-Modified-Since": TIMES,
            "If-Unmodified-Since": TIMES,
            "Range": st.sampled_from(["bytes=2-4", "bytes=10-", "bytes=0-0,2-4", "lines=1-2"]),
            "If-Range": st.one_of(TAGS, TIMES),
        },
    ),
)
def test_any_conditions_together(app: Flask, method: str, headers: dict[str, str]) -> None:
    answer = app.test_client().open("/small", method=method, headers=headers)
    assert answer.status_code == expected(method, headers)
    if answer.status_code in (304, 412):
        assert answer.text == ("precondition-failed" if answer.status_code == 412 and method != "HEAD" else "")


# Content codings


@pytest.mark.parametrize("path", ["/short", "/long", "/coded", "/packed", "/gone", "/small", "/file/small"])
def test_what_stays_as_it_is(client: FlaskClient, path: str) -> None:
    plain = asked(client, path)
    for accepted in ("br, gzip", "gzip;q=0.1", "*;q=0", "identity;q=0"):
        answer = asked(client, path, Accept_Encoding=accepted)
        assert (answer.status_code, answer.data) == (plain.status_code, plain.data)
        assert answer.headers == plain.headers


# What holds a thread


@pytest.fixture
def send(app: Flask) -> Iterator[Callable[..., Any]]:
    """Return what returns what a server is given to send; it is closed at the end, and then nothing is held."""
    app.extensions["cper_lod.limits"] = limits = Limits()

    def sent(path: str, **headers: str) -> Any:  # noqa: ANN401
        environ = EnvironBuilder(path, headers=headers).get_environ() | {"REMOTE_ADDR": "127.0.0.1"}
        body = app.wsgi_app(environ, lambda *_: lambda _: None)
        if not isinstance(body, list):
            opened.callback(body.close)  # type: ignore[attr-defined]
        return body

    with ExitStack() as opened:
        yield sent
    assert not limits._of_all.total()  # Private: nothing else tells it.


def test_a_whole_response_is_one_list_and_a_large_file_is_not(send: Callable[..., Any]) -> None:
    for path in ("/small", "/page", "/long", "/file/small", "/file/page", "/gone"):
        body = send(path)
        assert (type(body), len(body)) == (list, 1), path
    for path in ("/small", "/file/small", "/file/large"):
        assert send(path, Range="bytes=1-2") == [b"12"], path
        assert send(path, Range=f"bytes={WHOLE * 9}-") == [b"range-invalid"]
        assert send(path, If_Match='"two"') == [b"precondition-failed"]
    assert not isinstance(send("/file/large"), list)


def test_a_large_file_counts_as_a_download_until_it_is_closed(app: Flask, send: Callable[..., Any]) -> None:
    held, body = app.extensions["cper_lod.limits"]._of_client, send("/file/large")  # Private: nothing tells it.
    first = next(iter(body))
    assert held
    assert len(first) + len(b"".join(body)) == SIZES["large"]
    assert held, "what was read may be in the buffers of the server"
    body.close()
    assert not held


def test_further_downloads_are_refused_at_once(app: Flask, send: Callable[..., Any]) -> None:
    """Those of one client; how many all clients have, `tests/web/http/test_limits.py` says."""
    given = [send("/file/large") for _ in range(MAX_OF_CLIENT["transfer"] + 1)]
    assert [isinstance(each, list) for each in given] == [False] * MAX_OF_CLIENT["transfer"] + [True]
    assert given[-1] == [b"client-busy"]
    for path, method in (("/file/small", "GET"), ("/page", "GET"), ("/file/large", "HEAD")):
        with asked(app.test_client(), path, method) as answer:
            assert answer.status_code == 200, "what holds no thread is sent"


@pytest.mark.parametrize("headers", [{}, {"If_None_Match": "*"}, {"Accept_Encoding": "br"}, {"Range": "bytes=1-2"}])
@pytest.mark.parametrize("path", ["/file/page", "/file/large"])
def test_files_are_closed(app: Flask, client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    """Whatever becomes of a response, its file is closed without the garbage collector."""
    for method in ("GET", "HEAD"):
        app.config["closed"] = []
        asked(client, path, method, **headers).close()
        assert app.config["closed"], method
