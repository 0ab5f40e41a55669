"""Calling a WSGI application: a `Request` becomes its environment, its answer a whole `Response`."""

import io
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from werkzeug.wsgi import FileWrapper

from cper_lod.web.http.request import Request
from cper_lod.web.http.response import FileResponse, Response

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
GATEWAY: Final = "cper_lod.gateway"
"""Key of the WSGI environment, set by the gateway: it runs the queries, and applies conditions after compression."""
OFFERS: Final = "cper_lod.offers"
"""Key of the WSGI environment: the application notes here among which formats Accept chose."""
PROBLEM: Final = "cper_lod.problem"
"""Key of the WSGI environment: the application notes here the code of the error in its response."""
_FILE: Final = "cper_lod.file"


def environment(request: Request, client: str, body: bytes) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333)."""
    scope = request.scope
    server, port = scope["server"] or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "REQUEST_URI": f"{request.raw_path}?{request.query_string}",
        "QUERY_STRING": request.query_string.encode().decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }

    def file_wrapper(file: Any, size: int = 65536) -> Iterable[bytes]:  # noqa: ANN401
        environ[_FILE] = Path(file.name)  # no thread has to read it
        return FileWrapper(file, size)

    environ["wsgi.file_wrapper"] = file_wrapper
    for name, value in request.headers.items():
        if "_" not in name:  # it could pass for another: `content_type` would become CONTENT_TYPE
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ


def call(application: Application, environ: dict[str, Any]) -> Response:
    """Return the whole response of a WSGI application; of a file that it sends, the path."""
    status, headers = 500, dict[str, str]()

    def start(line: str, pairs: list[tuple[str, str]], *_: object) -> None:
        nonlocal status
        status = int(line[:3])
        for name, value in pairs:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value

    chunks = application(environ, start)
    try:
        path = environ.get(_FILE) if status == 200 and environ["REQUEST_METHOD"] != "HEAD" else None
        body = b"" if path else b"".join(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    headers.pop("Date", None)  # a response may be cached: granian adds the date to each
    length = headers.pop("Content-Length", None)
    size = int(length) if length else len(body)
    if path:
        return FileResponse(status, headers, b"", size, path=path)
    sets = environ.get(OFFERS, ())
    offers = next(iter(sets)) if len(sets) == 1 else ()
    return Response(status, headers, body, size, offers=offers, problem=str(environ.get(PROBLEM, "")))
