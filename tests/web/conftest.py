"""How the tests of the server ask it: plain HTTP, the application in this process, and data that means harm."""

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from pyoxigraph import CanonicalizationAlgorithm, Dataset, DefaultGraph, Quad, RdfFormat, parse

from cper_lod.core.config import load
from cper_lod.engine.process.embedded import EmbeddedEngine
from cper_lod.release.build.build import build_data
from cper_lod.release.release import DATA, INDEX, Release
from cper_lod.web.app import create_app
from tests.conftest import Server
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CONTRACT = "/contrat/hauts-de-france-2021-2027"
ID = "https://w3id.org/cper-lod/id"
CPER = "https://w3id.org/cper-lod/ontology#"
SUFFIXES = {
    "ttl": ("text/turtle; charset=utf-8", RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", RdfFormat.JSON_LD),
    "nt": ("application/n-triples; charset=utf-8", RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml; charset=utf-8", RdfFormat.RDF_XML),
    "trig": ("application/trig; charset=utf-8", RdfFormat.TRIG),
}


@dataclass(frozen=True)
class Answer:
    """What came back; headers by lower-case name, repeated ones joined."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:  # noqa: ANN401
        return json.loads(self.body)

    @property
    def vary(self) -> set[str]:
        return {each.strip() for each in self.headers.get("vary", "").split(",") if each.strip()}


class Web:
    """A client of one server: it sends what it is told, character by character, and follows nothing."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.host = url.partition("//")[2]

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, path, body, {key.replace("_", "-"): value for key, value in headers.items()})
            response = connection.getresponse()
            names = [name.lower() for name, _ in response.getheaders()]
            merged = {name: response.headers.get_all(name) for name in names}
            return Answer(
                response.status, {name: ", ".join(found or []) for name, found in merged.items()}, response.read()
            )
        finally:
            connection.close()

    def get(self, path: str, accept: str | None = None, **headers: str) -> Answer:
        return self.ask("GET", path, None, **headers, **({"Accept": accept} if accept else {}))

    def head(self, path: str, **headers: str) -> Answer:
        return self.ask("HEAD", path, None, **headers)

    def query(self, text: str, accept: str | None = None, suffix: str = "", **more: str) -> Answer:
        return self.get(f"/sparql{suffix}?" + urlencode({"query": text, **more}), accept)

    def post(self, path: str, body: bytes, content_type: str, **headers: str) -> Answer:
        return self.ask("POST", path, body, Content_Type=content_type, **headers)


def describe(iri: str, suffix: str = "") -> str:
    """Return the path of /describe for an IRI."""
    return f"/describe{suffix}?iri={quote(iri, safe='')}"


def canonical(quads: list[Quad]) -> set[str]:
    """Return the triples of any graphs, blank nodes named by what they say."""
    dataset = Dataset([Quad(each.subject, each.predicate, each.object) for each in quads])
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


def triples(body: bytes, form: RdfFormat, context: bytes | None = None) -> set[str]:
    """Return the triples in a body; the JSON-LD context is put in place of its address."""
    if form is RdfFormat.JSON_LD and context is not None:
        document = json.loads(body)
        own = document["@context"]
        inline = json.loads(context)["@context"]
        document["@context"] = [inline, *own[1:]] if isinstance(own, list) else inline
        body = json.dumps(document).encode()
    return canonical(list(parse(body, form)))


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """One Chromium for all tests of a module."""
    from tests.support.chromium import chromium  # noqa: PLC0415  # most modules do without

    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def web(server: Server) -> Web:
    """A client of the running server."""
    return Web(server.url)


@pytest.fixture(scope="session")
def context(web: Web) -> bytes:
    """The JSON-LD context that the server serves."""
    return web.get("/context/1.0.0.jsonld").body


def client_of(release: Release, **flags: object) -> Iterator[FlaskClient]:
    """Yield a client of the application in this process, on a real engine."""
    settings = load({"public_url": "http://127.0.0.1:8000", **flags}, {}).settings
    with EmbeddedEngine(release.folder / INDEX, settings, release.graphs, release.folder / DATA) as engine:
        yield create_app(release, engine, settings).test_client()


@pytest.fixture(scope="session")
def client(release: Release) -> Iterator[FlaskClient]:
    """A client of the application in this process, serving the release of the real sources."""
    yield from client_of(release, query_workers=1)


HOSTILE = r"""
@prefix ex: <http://ex.org/> .
@prefix cper: <https://w3id.org/cper-lod/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix om: <http://data.openbudgets.eu/ontology/dsd/measure/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix id: <https://w3id.org/cper-lod/id/thing/> .

ex:a a ex:Evil, cper:Contrat ;
    rdfs:label "<script>alert(1)</script> \"quoted\" 'single' & amp"@en, "\u202Eمرحبا"@ar ;
    ex:p <javascript:alert(1)>, <data:text/html,x>, "1E9999999"^^xsd:decimal,
        "123456789012345678901234567890.5"^^xsd:decimal, "20230109"^^xsd:date, "x"^^<javascript:dt>,
        "</textarea><script>" ;
    cper:engagement ex:e1, "text", [ om:amount "abc" ] ;
    cper:enveloppe ex:env ; cper:priorite ex:p1, "literal" ; cper:signature ex:sig ; cper:valeurDerivee ex:der ;
    cper:signataire ex:sign, [] .
<http://ex.org/a/e1> om:amount "-5"^^xsd:decimal ; cper:financeur "someone" .
ex:quoted ex:q <<( ex:s ex:p "<script>" )>> .
<http://ex.org/a/sub> cper:pourcentage "NaN"^^xsd:double ; skos:notation "²" .
ex:b a cper:Contrat ; cper:engagement <http://ex.org/b/1>, <http://ex.org/b/2> ; cper:enveloppe <http://ex.org/b/env> ;
    cper:priorite <http://ex.org/b/p1>, <http://ex.org/b/p2> ; cper:valeurDerivee <http://ex.org/b/sum> ;
    cper:signature <http://ex.org/b/sig> .
<http://ex.org/b/1> om:amount "-5"^^xsd:decimal ; cper:part <http://ex.org/b/part> .
<http://ex.org/b/2> om:amount "1E99999999" .
<http://ex.org/b/part> cper:pourcentage "-12", "1200" .
<http://ex.org/b/env> cper:minimum "beaucoup" .
<http://ex.org/b/sum> om:amount "1E99999999" .
<http://ex.org/b/sig> dct:date "never" .
<http://ex.org/b/p1> skos:notation "²" ; cper:axe <http://ex.org/b/x> .
<http://ex.org/b/p2> skos:notation "10" .
<http://ex.org/b/x> skos:notation "x" ; cper:part <http://ex.org/b/part> .
<http://ex.org/a%20b> ex:p ex:é .
ex:é ex:p ex:a ; rdfs:label "été" .
<http://ex.org/a'b> a ex:Q ; ex:p 1 .
ex:notype ex:p rdf:type .
ex:literal-type a "a literal type", <<( ex:s ex:p ex:o )>> .
ex:control rdfs:label "bell \u0007" .
ex:digit <http://ex.org/1> "x" .
ex:list ex:p ( "one" ex:two ( "deeper" ) ), [ ex:p [ ex:p "inside" ] ] .
ex:loop ex:p _:c1 . _:c1 ex:p _:c2 . _:c2 ex:p _:c1 .
id:file.ttl rdfs:label "a thing named like a file" .
<https://w3id.org/cper-lod/id/thing/a/../b> rdfs:label "dots" .
<https://w3id.org/cper-lod/id/thing/q?x=1&y=2> rdfs:label "query" .
<https://w3id.org/cper-lod/id/thing/f#frag> rdfs:label "fragment" .
id:é rdfs:label "accent" .
<https://w3id.org/cper-lod/id/thing/%C3%A8> rdfs:label "encoded" .
<https://w3id.org/cper-lod/id//evil.example/x> rdfs:label "slashes" .
<https://w3id.org/cper-lod/id/thing/o'q> rdfs:label "apostrophe" .
<https://w3id.org/cper-lod/id/thing/100%25> rdfs:label "percent" .
GRAPH ex:g { ex:a ex:p ex:other . _:x a ex:InG . }
GRAPH _:nameless { ex:a ex:p ex:c }
"""


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TriG file that tries what data can try against pages and writers."""
    path = tmp_path_factory.mktemp("hostile") / "hostile.trig"
    path.write_text(HOSTILE, "utf-8")
    return path


@pytest.fixture(scope="session")
def hostile(hostile_file: Path, releases: Path) -> Release:
    """The release of the hostile file, served as given."""
    return build_data(releases, ROOT, (hostile_file,))


@pytest.fixture(scope="session")
def hostile_client(hostile: Release) -> Iterator[FlaskClient]:
    """A client of the application in this process, serving the hostile file."""
    yield from client_of(hostile, query_workers=1)


@pytest.fixture(scope="session")
def data_server(hostile_file: Path, releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server that serves the hostile file as given."""
    log = tmp_path_factory.mktemp("data-server") / "log"
    running = Server(["--releases", str(releases), "--data", str(hostile_file)], log)
    yield running
    running.close()


def described(release: Release) -> list[str]:
    """Return the IRIs of which the default graph says something, sorted."""
    quads = parse(path=release.folder / "data.nq", format=RdfFormat.N_QUADS)
    named = (quad.subject for quad in quads if isinstance(quad.graph_name, DefaultGraph))
    return sorted({subject.value for subject in named if type(subject).__name__ == "NamedNode"})
