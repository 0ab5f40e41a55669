"""Flask behind the gateway: environments as PEP 3333 has them, answers as plain values, files that are not read."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import pytest
from flask import Flask, request, send_file
from flask import Response as FlaskResponse

from cper_lod.web.http.request import Request, Scope
from cper_lod.web.http.response import FileResponse, Response
from cper_lod.web.http.wsgi import call
from cper_lod.web.http.wsgi import environment as environment_of
from tests.support.asgi import http_scope, no_body


def environment(scope: Scope, client: str, body: bytes) -> dict[str, Any]:
    return environment_of(Request.from_scope(scope, no_body), client, body)


def test_the_environment_is_that_of_pep_3333() -> None:
    scope = http_scope(
        "POST", "/doc/é €", "a=%C3%A9&b=é", ("content-type", "text/x"), ("content-length", "3"), ("accept", "a/b")
    )
    environ = environment(scope, "192.0.2.7", b"abc")
    assert environ["REQUEST_METHOD"] == "POST"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/doc/é €"
    assert environ["QUERY_STRING"].encode("latin-1").decode() == "a=%C3%A9&b=é"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"], environ["SERVER_PROTOCOL"]) == (
        "127.0.0.1",
        "8000",
        "HTTP/1.1",
    )
    assert (environ["REMOTE_ADDR"], environ["SCRIPT_NAME"]) == ("192.0.2.7", "")
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"], environ["HTTP_ACCEPT"]) == ("text/x", "3", "a/b")
    assert environ["HTTP_HOST"] == "localhost:8000"
    assert "HTTP_CONTENT_LENGTH" not in environ
    assert environ["wsgi.input"].read() == b"abc"


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_the_validator_of_the_standard_library_finds_no_fault(method: str) -> None:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"].read(3)
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    scope = http_scope(method, "/a", "b=c", ("x-a", "1"), ("content-type", "text/plain"))
    environ = environment(scope, "192.0.2.7", b"abc")
    reply = call(validator(application), environ)
    assert (reply.status, reply.body) == (200, b"ok")


def test_what_the_body_really_is_counts_and_not_what_was_announced() -> None:
    scope = http_scope("POST", "/", "", ("content-length", "999"), ("transfer-encoding", "chunked"))
    environ = environment(scope, "", b"abc")
    assert environ["CONTENT_LENGTH"] == "3"
    assert "HTTP_TRANSFER_ENCODING" not in environ


def test_a_header_with_an_underscore_passes_for_no_other() -> None:
    scope = http_scope(
        "GET", "/", "", ("content_type", "x"), ("x_forwarded_for", "1"), ("x-forwarded-for", "2"), ("accept_", "y")
    )
    environ = environment(scope, "", b"")
    assert "CONTENT_TYPE" not in environ
    assert environ["HTTP_X_FORWARDED_FOR"] == "2"
    assert "HTTP_ACCEPT_" not in environ


@pytest.mark.parametrize(
    ("server", "name", "port"), [(("::1", 8000), "::1", "8000"), (None, "localhost", "80"), (("host", 1), "host", "1")]
)
def test_the_address_of_the_server(server: tuple[str, int] | None, name: str, port: str) -> None:
    environ = environment(http_scope(server=server), "", b"")
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == (name, port)


@pytest.fixture
def application(tmp_path: Path) -> Flask:
    """An application that sends a file of 1 000 bytes, and tells what it was asked."""
    path = tmp_path / "file"
    path.write_bytes(bytes(range(250)) * 4)
    app = Flask(__name__)

    @app.route("/file")
    def file() -> FlaskResponse:
        response = send_file(path, mimetype="application/octet-stream", etag="tag", conditional=True)
        response.headers.add("Link", "<a>")
        response.headers.add("Link", "<b>")
        return response

    @app.route("/echo", methods=["GET", "POST"])
    def echo() -> FlaskResponse:
        return FlaskResponse(
            request.args["q"].encode() + request.get_data(), headers={"X-Asked": request.remote_addr or ""}
        )

    @app.errorhandler(416)
    def outside(_: Exception) -> FlaskResponse:
        return FlaskResponse("outside", 416)

    return app


def asked(app: Flask, scope: Scope, body: bytes = b"") -> Response:
    return call(app, environment(scope, "192.0.2.7", body))


def test_an_answer(application: Flask) -> None:
    reply = asked(application, http_scope("POST", "/echo", "q=%C3%A9", ("content-length", "3")), b"abc")
    assert (reply.status, reply.body, reply.size) == (200, "éabc".encode(), 5)
    assert reply.headers["X-Asked"] == "192.0.2.7"
    assert "Content-Length" not in reply.headers, "the gateway says it"


def test_head_says_how_long_it_would_be(application: Flask) -> None:
    reply = asked(application, http_scope("HEAD", "/echo", "q=abc"))
    assert (reply.status, reply.body, reply.size) == (200, b"", 3)
    reply = asked(application, http_scope("HEAD", "/file"))
    assert (type(reply), reply.status, reply.body, reply.size) == (Response, 200, b"", 1000)


def test_a_file_is_named_and_not_read(application: Flask, tmp_path: Path) -> None:
    reply = asked(application, http_scope("GET", "/file"))
    assert isinstance(reply, FileResponse)
    assert (reply.status, reply.body, reply.size, reply.path, reply.start) == (200, b"", 1000, tmp_path / "file", 0)
    assert reply.headers["ETag"] == '"tag"'
    assert reply.headers["Link"] == "<a>, <b>"


@pytest.mark.parametrize(
    ("name", "value", "status", "body"),
    [("if-none-match", '"tag"', 304, b""), ("range", "bytes=1000-", 416, b"outside"), ("if-match", '"x"', 412, b"")],
)
def test_an_answer_in_place_of_a_file_is_no_file(
    application: Flask, name: str, value: str, status: int, body: bytes
) -> None:
    reply = asked(application, http_scope("GET", "/file", "", (name, value)))
    assert (type(reply), reply.status) == (Response, status)
    if body:
        assert (reply.body, reply.size) == (body, len(body))


def test_what_an_application_opened_is_closed_whatever_happens() -> None:
    closed: list[int] = []

    class Answer(list[bytes]):
        def close(self) -> None:
            closed.append(1)

    def application(_: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])
        return Answer([b"a", "not bytes"])  # type: ignore[list-item]

    with pytest.raises(TypeError):
        call(application, environment(http_scope(), "", b""))
    assert closed == [1]
