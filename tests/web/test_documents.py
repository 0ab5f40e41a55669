"""Things and the documents about them: names, addresses, formats, validators; the dumps."""

import gzip
import itertools
import re
from contextlib import closing

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, RdfFormat, parse

from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines
from tests.support.graphs import canonical
from tests.support.paths import ROOT
from tests.support.server import Server, ServerAddress
from tests.support.web import CONTRACT, SUFFIXES, HttpClient, describe

pytestmark = pytest.mark.server


def test_a_named_graph_has_a_document(web: HttpClient):
    answer = web.get(describe("https://w3id.org/cper-lod/graph/rapport", ".trig"))
    assert (answer.status, "graph/rapport" in answer.text) == (200, True)


def test_the_context_never_changes_under_its_address(web: HttpClient):
    answer = web.get("/context/2.0.0.jsonld")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/ld+json")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.body == (ROOT / "ontology/context/2.0.0.jsonld").read_bytes()


def test_dumps_hold_exactly_the_default_graph(web: HttpClient, release: Release):
    quads = list(parse_lines(release.lines()))
    default = [quad for quad in quads if isinstance(quad.graph_name, DefaultGraph)]
    expected = canonical(default)
    assert len(expected) == release.manifest["triples"] == len(default)
    nt = gzip.decompress(web.get("/dump/tout.nt.gz").body)
    assert nt.count(b"\n") == len(default)
    assert canonical(parse(nt, RdfFormat.N_TRIPLES)) == expected
    assert canonical(parse(web.get("/dump/tout.ttl").body, RdfFormat.TURTLE)) == expected
    assert canonical(parse(web.get("/dump/tout.jsonld").body, RdfFormat.JSON_LD)) == expected
    assert gzip.decompress(web.get("/dump/tout.nq.gz").body) == b"".join(line + b"\n" for line in release.lines())
    counted = web.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv").text
    assert counted.split() == ["n", str(len(default))], "a query sees the same"


def test_turtle_is_in_the_order_of_the_context(client: FlaskClient):
    paragraph = client.get(f"/doc{CONTRACT}/part/axe-2.ttl").text.partition(" a cper:")[2].partition(" .\n")[0]
    said = re.findall(r"^    cper:([A-Za-z]+)", paragraph, re.MULTILINE)
    assert len(said) > 4
    assert said != sorted(said)


# Validators: RFC 9110, sections 8.8.3 and 13


SAME = [
    *(f"/doc{CONTRACT}.{suffix}" for suffix in (*SUFFIXES, "html", "json")),
    *("/doc.json", "/doc/enonce.html", "/doc/enonce.csv", "/doc/enonce.json?size=7", "/ontology.html"),
    *("/shapes.html", "/shapes.rdf", "/report.ttl", "/report.html", "/dump/tout.nt.gz", "/legal?lang=en"),
    describe("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", ".jsonld"),
    "/sparql.ttl?query=CONSTRUCT%20WHERE%20%7B%3Fs%20a%20%3Fo%7D",
    "/sparql.csv?query=SELECT%20%2A%20%7B%3Fs%20a%20%3Fo%7D%20ORDER%20BY%20%3Fs%20%3Fo",
]


@pytest.mark.slow
def test_another_process_answers_byte_for_byte_alike(web: HttpClient, server: ServerAddress, releases, tmp_path):  # noqa: ANN001
    log = tmp_path / "log"
    # Nothing may depend on the order of a set.
    arguments = ["--releases", str(releases), "--sources", str(ROOT), "--public-url", server.url]
    with closing(Server(arguments, log, {"PYTHONHASHSEED": "4711"})) as other:
        for path, coding in zip(SAME, itertools.cycle(("identity", "br", "gzip"))):
            ours, theirs = (each.get(path, Accept_Encoding=coding) for each in (web, HttpClient(other.url)))
            assert (ours.status, ours.headers["etag"]) == (200, theirs.headers["etag"]), path
            assert ours.body == theirs.body, (path, coding)


ADDRESSES = (
    *("/legal", f"/id{CONTRACT}", "/dump/tout.ttl", "/dump/tout.nt.gz", "/health", "/nowhere", "/static/style.css"),
    *("/sparql", "/sparql?query=ASK%7B%7D", "/sparql.csv?query=ASK%7B%7D", "/sparql?query=SELECT"),
)
"""Addresses of every kind but documents (test_forms.py)."""


@pytest.mark.parametrize("path", ADDRESSES)
def test_head_has_the_headers_of_get_and_no_body(web: HttpClient, path: str):
    get, head = web.get(path), web.head(path)
    assert head.status == get.status
    assert head.body == b""
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}
    assert (get.headers["access-control-allow-origin"], get.headers["x-content-type-options"]) == ("*", "nosniff")
    assert "default-src 'self'" in get.headers["content-security-policy"]
    assert int(head.headers["content-length"]) == len(get.body)


def test_a_dump_has_its_type_and_a_page_of_another_site_reads_a_part_of_it(web: HttpClient):
    path, origin = "/dump/tout.nq.gz", {"Origin": "https://example.org"}
    whole = web.get(path)
    assert (whole.status, whole.headers["content-type"]) == (200, "application/gzip")
    assert "content-encoding" not in whole.headers
    assert whole.headers["last-modified"] == web.get("/ontology.ttl").headers["last-modified"]
    part = web.get(path, Range="bytes=-5", **origin)
    assert (part.status, part.body) == (206, whole.body[-5:])
    assert {"Content-Range", "Accept-Ranges"} <= {*part.headers["access-control-expose-headers"].split(", ")}
    wanted = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-range,range"}
    allowed = web.ask("OPTIONS", path, **origin, **wanted).headers["access-control-allow-headers"].split(", ")
    assert {"Range", "If-Range", "If-Modified-Since"} <= {*allowed}


LEADS = {
    "/doc/subdivision/?size=2&lang=en": "/doc/subdivision?size=2&lang=en",
    "/search/?q=%C3%A9t%C3%A9%20b+c": "/search?q=%C3%A9t%C3%A9%20b+c",
    "/doc/%C3%A9t%C3%A9%20x/": "/doc/%C3%A9t%C3%A9%20x",
    "/nothing/here///": "/nothing/here",
    "//evil.example/": "/evil.example",
}


@pytest.mark.parametrize(("path", "place"), LEADS.items())
def test_it_leads_to_the_address_without_it(web: HttpClient, path: str, place: str) -> None:
    answer = web.get(path)
    assert (answer.status, answer.headers["location"], answer.body) == (301, place, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert web.get(place).status in (200, 303, 404)


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_another_method_is_kept(web: HttpClient, method: str) -> None:
    answer = web.ask(method, "/sparql/", b"ASK {}", Content_Type="application/sparql-query")
    assert (answer.status, answer.headers["location"]) == (308, "/sparql")


def test_a_thing_whose_name_ends_with_a_slash_is_answered(hostile_client: FlaskClient) -> None:
    assert hostile_client.get("/doc/thing/ends/").status_code == 200
    place = hostile_client.get("/id/thing/ends/").headers["Location"]
    assert hostile_client.get(place).data.startswith(b"@prefix")
    assert hostile_client.get("/doc/thing/ends").status_code == 404
    assert hostile_client.get("/doc//evil.example/x/").headers["Location"] == "/doc//evil.example/x"
