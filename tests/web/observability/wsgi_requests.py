"""Requests to plain WSGI functions, and what a recorder has counted of them."""

from collections.abc import Callable, Iterable
from typing import Any

from cper_lod.web.http.environ import CACHE, Application, Environ
from cper_lod.web.observability.recorder import Recorder

PAGE = [b"page"]


def page(environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
    """A WSGI application that answers with this page, as from the cache."""
    environ[CACHE] = "hit"
    start_response("200 OK", [("Content-Length", "4"), ("Content-Type", "text/html")])
    return PAGE


def request_to(
    application: Application, path: str, query: str = "", method: str = "GET", **headers: str
) -> tuple[list[tuple[Any, ...]], Iterable[bytes]]:
    """Send a request as granian does; return what `start_response` was called with, and the body."""
    heads = list[tuple[Any, ...]]()
    texts = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method}
    environ: Environ = {name: text.encode().decode("latin-1") for name, text in texts.items()}
    environ |= {"REMOTE_ADDR": "192.0.2.7", "SERVER_PROTOCOL": "HTTP/1.1", "SCRIPT_NAME": "", **headers}
    return heads, application(environ, lambda *head: heads.append(head))  # type: ignore[arg-type, func-returns-value]


def samples_of(recorder: Recorder) -> dict[tuple[Any, ...], float]:
    """Return the values of all metrics, by the name and the labels of each."""
    samples = [sample for family in recorder.metrics.registry.collect() for sample in family.samples]
    return {(each.name, *sorted(each.labels.items())): each.value for each in samples}
