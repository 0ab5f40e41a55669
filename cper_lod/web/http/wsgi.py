"""Flask behind the gateway: a request of RSGI as an environment of WSGI, the application's answer as a reply."""

import io
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from werkzeug.wsgi import FileWrapper

from cper_lod.web.http.request import Request
from cper_lod.web.http.response import Response

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
OFFERED: Final = "cper_lod.offered"
"""The key of the environment under which the application notes among which forms it let Accept choose."""
PROBLEM: Final = "cper_lod.problem"
"""The key under which it notes the code of the error that it tells."""
_FILE: Final = "cper_lod.file"
_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/\d+")


@dataclass(frozen=True)
class FileResponse(Response):
    """A reply whose body is a part of a file, from `start` on; the file is read by whoever sends it."""

    path: Path = field(default=Path())
    start: int = 0


class _Wrapper:
    """The `wsgi.file_wrapper` of PEP 3333: it notes which file is sent, so that no thread has to read it."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._environ = environ

    def __call__(self, file: Any, size: int = 65536) -> Iterable[bytes]:  # noqa: ANN401
        self._environ[_FILE] = Path(file.name)
        return FileWrapper(file, size)


def environment(request: Request, client: str, body: bytes) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333)."""
    scope = request.scope
    server, _, port = (scope.server or "localhost:80").rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "QUERY_STRING": request.query_string.encode().decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    environ["wsgi.file_wrapper"] = _Wrapper(environ)
    for name, value in request.headers.items():
        if "_" not in name:  # it could pass for another: `content_type` would become CONTENT_TYPE
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ


def call(application: Application, environ: dict[str, Any]) -> Response:
    """Return the whole answer of a WSGI application."""
    status, headers = 500, dict[str, str]()

    def start(line: str, pairs: list[tuple[str, str]], *_: object) -> None:
        nonlocal status
        status = int(line[:3])
        for name, value in pairs:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value

    answer = application(environ, start)
    try:
        if (path := environ.get(_FILE)) and status in (200, 206) and environ["REQUEST_METHOD"] != "HEAD":
            return _file(status, headers, path)
        body = b"".join(answer)
    finally:
        if close := getattr(answer, "close", None):
            close()
    headers.pop("Date", None)  # a reply may be kept: granian says the time of each
    length = headers.pop("Content-Length", None)
    offered = environ.get(OFFERED, ())
    offers = next(iter(offered)) if len(offered) == 1 else ()
    size, problem = int(length) if length else len(body), str(environ.get(PROBLEM, ""))
    return Response(status, headers, body, size, offers=offers, problem=problem)


def _file(status: int, headers: dict[str, str], path: Path) -> FileResponse:
    headers.pop("Date", None)
    length = int(headers.pop("Content-Length"))
    found = _RANGE.fullmatch(headers.get("Content-Range", "")) if status == 206 else None
    return FileResponse(status, headers, b"", length, path, int(found[1]) if found else 0)
