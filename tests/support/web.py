"""HTTP and in-process clients of the site, and what the tests of pages and documents compare."""

import csv
import http.client
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote, urlencode

from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, RdfFormat

from cper_lod.core.config import load
from cper_lod.core.formats import RDF
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.release.release import INDEX, Release
from cper_lod.release.storage.quad_file import parse_lines
from cper_lod.web.app import create_app

CONTRACT = "/contrat/hauts-de-france-2021-2027"
ID = "https://w3id.org/cper-lod/id"
CPER = "https://w3id.org/cper-lod/ontology#"
SUFFIXES = {
    each.suffix: (each.content_type, known) for each in RDF if (known := RdfFormat.from_media_type(each.media_type))
}
HTML = {"Accept": "text/html"}
PUBLIC = "http://127.0.0.1:8000"
"""The address that clients in this process are served at."""
TRACES = ("Traceback", 'File "', "werkzeug", "site-packages", "pyoxigraph")
"""What no stranger may see of a fault."""


@dataclass(frozen=True)
class HttpResponse:
    """What came back; headers by lower-case name, repeated ones joined."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, response: http.client.HTTPResponse) -> Self:
        """Read the rest of a response."""
        fields = {name.lower(): ", ".join(response.headers.get_all(name, [])) for name in response.headers}
        return cls(response.status, fields, response.read())

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:  # noqa: ANN401
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def vary(self) -> set[str]:
        return {each.strip() for each in self.headers.get("vary", "").split(",") if each.strip()}


class HttpClient:
    """A client of one server: it sends what it is told, character by character, and follows nothing."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.host = url.partition("//")[2]

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> HttpResponse:
        with closing(http.client.HTTPConnection(self.host, timeout=120)) as connection:
            connection.request(method, path, body, {key.replace("_", "-"): value for key, value in headers.items()})
            return HttpResponse.of(connection.getresponse())

    def get(self, path: str, accept: str | None = None, **headers: str) -> HttpResponse:
        return self.ask("GET", path, None, **headers, **({"Accept": accept} if accept else {}))

    def head(self, path: str, **headers: str) -> HttpResponse:
        return self.ask("HEAD", path, None, **headers)

    def query(self, text: str, accept: str | None = None, suffix: str = "", **more: str) -> HttpResponse:
        return self.get(f"/sparql{suffix}?" + urlencode({"query": text, **more}), accept)

    def post(self, path: str, body: bytes, content_type: str, **headers: str) -> HttpResponse:
        return self.ask("POST", path, body, Content_Type=content_type, **headers)


def describe(iri: str, suffix: str = "") -> str:
    """Return the path of /describe for an IRI."""
    return f"/describe{suffix}?iri={quote(iri, safe='')}"


def csv_rows(client: FlaskClient, path: str, **query: str) -> list[dict[str, str]]:
    """Return the rows of a table in CSV, each by the names of its columns."""
    answer = client.get(path, query_string=query or None)
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8"), answer.text
    assert answer.data.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


def client_of(release: Release, **flags: object) -> Iterator[FlaskClient]:
    """Yield a client of the application in this process, on a real engine."""
    settings = load({"public_url": "http://127.0.0.1:8000", **flags}, {}).settings
    with ProcessEngine(release.folder / INDEX, settings, release.graphs) as engine:
        yield create_app(release, engine, settings).test_client()


def described(release: Release) -> list[str]:
    """Return the IRIs of which the default graph says something, sorted."""
    quads = parse_lines(release.lines())
    named = (quad.subject for quad in quads if isinstance(quad.graph_name, DefaultGraph))
    return sorted({subject.value for subject in named if type(subject).__name__ == "NamedNode"})
