"""A small udata on loopback: answers recorded from the real one, datasets of ours, every fault that is asked for."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cper_lod.release.storage.text import words
from tests.support.server import serving

RECORDED = json.loads((Path(__file__).parent / "udata_recorded.json").read_text("utf-8"))
"""Answers of udata 17.18.0 about datasets of ours, shortened; `{base}` is its address."""

Fault = Callable[[BaseHTTPRequestHandler], None]


class FakeUdata(ThreadingHTTPServer):
    """The server: `datasets` by identifier, `faults` played one after the other before anything else is answered."""

    daemon_threads = True

    def __init__(self, datasets: list[dict[str, Any]], recorded: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.datasets = {each["id"]: each for each in datasets}
        self.recorded = RECORDED if recorded else {}
        self.faults: list[Fault] = []
        self.always: Fault | None = None
        self.asked: list[str] = []
        self.agents: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Say nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as by the real one
    disable_nagle_algorithm = True
    server: FakeUdata

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.agents.add(self.headers["User-Agent"])
        fault = self.server.faults.pop(0) if self.server.faults else self.server.always
        with suppress(ConnectionError):
            if fault:
                fault(self)
            elif self.path in self.server.recorded:
                self._recorded(RECORDED[self.path])
            else:
                self._ours()

    def _recorded(self, answer: dict[str, Any]) -> None:
        body = answer["body"] if isinstance(answer["body"], str) else json.dumps(answer["body"])
        headers = {"Location": answer["location"].format(base=self.server.url)} if "location" in answer else {}
        send(
            self,
            answer["status"],
            body.replace("{base}", self.server.url),
            answer.get("type", "application/json"),
            **headers,
        )

    def _ours(self) -> None:
        parts, query = urlsplit(self.path), parse_qs(urlsplit(self.path).query)
        every = list(self.server.datasets.values())
        if parts.path == "/api/2/datasets/search/":
            wanted = set(words(query["q"][0]))
            self._page([each for each in every if wanted <= told(each)], query)
        elif parts.path == "/api/1/datasets/":
            self._page(
                [each for each in every if query["geozone"][0] in (each["spatial"] or {}).get("zones", [])], query
            )
        elif parts.path.startswith("/api/1/organizations/"):
            name = parts.path.split("/")[4]
            found = [each["organization"] for each in every if each["organization"]["id"] == name]
            send(self, 200 if found else 404, json.dumps(found[0] if found else {"message": "no"}))
        else:
            name = parts.path.split("/")[4]
            found = [each for each in every if name in (each["id"], each["slug"])]
            gone = bool(found and found[0]["deleted"])
            send(self, 410 if gone else 200 if found else 404, json.dumps(found[0] if found else {"message": "no"}))

    def _page(self, found: list[dict[str, Any]], query: dict[str, list[str]]) -> None:
        page, size = int(query["page"][0]), int(query["page_size"][0])
        data = found[(page - 1) * size : page * size]
        more = f"{self.server.url}/?page={page + 1}" if page * size < len(found) else None
        body = {"data": data, "page": page, "page_size": size, "total": len(found), "next_page": more}
        send(self, 200 if data or page == 1 else 404, json.dumps(body))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def told(dataset: dict[str, Any]) -> frozenset[str]:
    """Return the words by which a dataset is found, as the search of data.gouv.fr would."""
    return _words((dataset["title"], dataset["description"], dataset["organization"]["name"], *dataset["tags"]))


@cache
def _words(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for text in texts for word in words(text))


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
def running(datasets: list[dict[str, Any]], recorded: bool = False) -> Iterator[FakeUdata]:
    """Run a server for a while."""
    server = FakeUdata(datasets, recorded)
    with serving(server):
        yield server
