"""A small data.gouv.fr on loopback: the API of udata and the tabular API, and every fault that is asked for.

What they answer has the fields of udata 17.18.0 (`udata_site.py` runs it) and of https://github.com/datagouv/api-tabular.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.server import serving

Fault = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class File:
    """A file of a dataset, with its columns and rows."""

    id: str
    title: str
    columns: list[str]
    rows: list[list[str]]


class FakeDataGouv(ThreadingHTTPServer):
    """The server: `datasets` by identifier with their `files`, `faults` played one after the other before any answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.datasets: dict[str, dict[str, Any]] = {}
        self.files: dict[str, File] = {}
        self.faults: list[Fault] = []
        self.always: Fault | None = None
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def tabular(self) -> str:
        return f"{self.url}/tabular"

    def add(self, identifier: str, title: str, *files: File) -> None:
        """Add a dataset with its files."""
        resources = [{"id": each.id, "title": each.title, "format": "csv"} for each in files]
        dataset = {"id": identifier, "title": title, "slug": title.lower().replace(" ", "-"), "resources": resources}
        dataset |= {"license": "lov2", "last_update": "2026-11-20T08:00:00+00:00", "archived": None, "deleted": None}
        self.datasets[identifier] = {**dataset, "organization": {"name": "Un éditeur"}}
        self.files |= {each.id: each for each in files}

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Say nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as by the real one
    disable_nagle_algorithm = True
    server: FakeDataGouv

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        fault = self.server.faults.pop(0) if self.server.faults else self.server.always
        with suppress(ConnectionError):
            if fault:
                fault(self)
            else:
                status, body = self._answer(unquote(urlsplit(self.path).path).strip("/").split("/"))
                send(self, status, json.dumps(body))

    def _answer(self, path: list[str]) -> tuple[int, object]:
        """Return the status and the body for a path."""
        datasets, files = self.server.datasets, self.server.files
        match path:
            case ["api", "1", "datasets", name]:
                found = next((each for each in datasets.values() if name in (each["id"], each["slug"])), None)
                return (410 if found and found["deleted"] else 200 if found else 404), found or {"message": "no"}
            case ["api", "2", "datasets", "resources", file]:
                holders = [key for key, each in datasets.items() if file in (it["id"] for it in each["resources"])]
                return (200, {"dataset_id": holders[0]}) if holders else (404, {"message": "no"})
            case ["tabular", "resources", file, "profile"] if file in files:
                return 200, {"profile": {"header": files[file].columns}}
            case ["tabular", "resources", file, "data"] if file in files:
                return self._rows(files[file])
        return 404, {"errors": [{"code": 404, "title": "Not found", "detail": "No such resource"}]}

    def _rows(self, file: File) -> tuple[int, object]:
        rows, query = file.rows, parse_qsl(urlsplit(self.path).query)
        for name, value in query:
            column, _, operator = name.rpartition("__")
            if operator == "exact":
                if column not in file.columns:
                    return 400, {"errors": [{"title": "Database error", "detail": f"column {column} does not exist"}]}
                place = file.columns.index(column)
                rows = [row for row in rows if row[place] == value]
        return 200, {"data": [], "links": {}, "meta": {"page": 1, "page_size": 1, "total": len(rows)}}

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def send(
    handler: BaseHTTPRequestHandler, status: int, body: str | bytes, kind: str = "application/json", **headers: str
) -> None:
    """Send an answer; `_` in names of headers is `-`."""
    data = body.encode() if isinstance(body, str) else body
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(data)


def answering(status: int = 200, body: str | bytes = "{}", kind: str = "application/json", **headers: str) -> Fault:
    """Return a fault that is an answer."""
    return lambda handler: send(handler, status, body, kind, **headers)


@contextmanager
def running() -> Iterator[FakeDataGouv]:
    """Run a server for a while."""
    with serving(server := FakeDataGouv()):
        yield server
