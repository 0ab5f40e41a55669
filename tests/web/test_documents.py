"""Things and the documents about them: names, addresses, formats, validators."""

from contextlib import closing
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from tests.support.paths import ROOT
from tests.support.server import Server
from tests.support.web import CONTRACT, CPER, ID, SUFFIXES, HttpClient, describe

pytestmark = pytest.mark.server

ACCEPTS = {
    None: "ttl",
    "text/turtle": "ttl",
    "text/html": "html",
    "application/ld+json": "jsonld",
    "application/json": "json",
    "application/n-triples": "nt",
    "application/rdf+xml": "rdf",
    "application/trig": "trig",
    "*/*": "ttl",
    "text/html,application/xhtml+xml,*/*;q=0.8": "html",
    "application/ld+json;q=0.9, text/turtle;q=0.8": "jsonld",
}
TYPES = {suffix: content_type for suffix, (content_type, _) in SUFFIXES.items()} | {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}
AMOUNT = "http://data.openbudgets.eu/ontology/dsd/dimension/programmeClassification"
INSEE = "http://id.insee.fr/geo/region/32"


@pytest.mark.parametrize(("accept", "suffix"), ACCEPTS.items())
def test_a_thing_sends_on_to_the_document_in_the_form_preferred(web: HttpClient, accept: str | None, suffix: str):
    answer = web.get(f"/id{CONTRACT}", accept)
    assert (answer.status, answer.body) == (303, b"")
    assert answer.headers["location"] == f"/doc{CONTRACT}.{suffix}"
    assert answer.vary == {"Accept"}


@pytest.mark.parametrize(
    ("iri", "suffix", "words"),
    [
        (INSEE, ".nt", f"<{INSEE}>"),
        (AMOUNT, ".nt", f"<{AMOUNT}>"),
        (CPER + "Subdivision", ".ttl", "owl:Class"),
        ("https://w3id.org/cper-lod/graph/catalogue", ".trig", "graph/catalogue"),
        ("https://w3id.org/cper-lod/graph/rapport", ".trig", "graph/rapport"),
    ],
)
def test_what_is_only_mentioned_or_used_and_named_graphs_have_documents(
    web: HttpClient, iri: str, suffix: str, words: str
):
    answer = web.get(describe(iri, suffix))
    assert (answer.status, words in answer.text) == (200, True)


def test_a_page_names_the_other_forms_too(web: HttpClient):
    page = web.get(f"/doc{CONTRACT}.html").text
    assert f'<link rel="alternate" type="application/ld+json" href="/doc{CONTRACT}.jsonld">' in page


def test_the_context_never_changes_under_its_address(web: HttpClient):
    answer = web.get("/context/2.0.0.jsonld")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.body == (ROOT / "ontology/context/2.0.0.jsonld").read_bytes()
    assert web.get("/context/0.0.1.jsonld").status == 404


def test_the_report_conforms(web: HttpClient):
    assert web.get("/report.json").json()["conforms"] is True
    assert "sh:conforms true" in web.get("/report.ttl").text


def test_health(web: HttpClient, server: Server):
    answer = web.get("/health")
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found["status"] == "ok"
    assert len(found["release"]) == 64
    assert found["program"].startswith("0.")


# Validators: RFC 9110, sections 8.8.3 and 13


@pytest.mark.parametrize("path", ["/", "/dump/tout.ttl", "/sparql"])
@pytest.mark.parametrize(("condition", "status"), [("{}", 304), ('"a", W/{}, "b"', 304), ('"another"', 200)])
def test_if_none_match(web: HttpClient, path: str, condition: str, status: int):
    accept = "text/html, */*;q=0.1"
    first = web.get(path, accept)
    assert first.headers["etag"].startswith('"')
    again = web.get(path, accept, If_None_Match=condition.format(first.headers["etag"]))
    assert again.status == status
    assert again.headers["etag"] == first.headers["etag"]
    assert again.body == (b"" if status == 304 else first.body)
    for name in ("vary", "cache-control", "content-location", "access-control-allow-origin"):
        assert again.headers.get(name) == first.headers.get(name)


SAME = [
    *(f"/doc{CONTRACT}.{suffix}" for suffix in TYPES),
    "/doc.ttl",
    "/doc/enonce.html",
    "/doc/enonce.csv",
    "/doc/enonce.jsonld?size=7",
    "/ontology.html",
    "/shapes.html",
    "/shapes.ttl",
    "/shapes.rdf",
    "/report.ttl",
    "/report.html",
    describe("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", ".jsonld"),
    "/sparql.ttl?query=CONSTRUCT%20WHERE%20%7B%3Fs%20a%20%3Fo%7D",
    "/sparql.csv?query=SELECT%20%2A%20%7B%3Fs%20a%20%3Fo%7D%20ORDER%20BY%20%3Fs%20%3Fo",
    "/dump/tout.nt.gz",
    "/?lang=en",
]


@pytest.mark.slow
def test_another_process_answers_byte_for_byte_alike(web: HttpClient, server: Server, releases, tmp_path):  # noqa: ANN001
    log = tmp_path / "log"
    # Nothing may depend on the order of a set.
    arguments = ["--releases", str(releases), "--sources", str(ROOT), "--public-url", server.url]
    with closing(Server(arguments, log, {"PYTHONHASHSEED": "4711"})) as other:
        for path in SAME:
            ours, theirs = web.get(path), HttpClient(other.url).get(path)
            assert ours.status == theirs.status == 200, path
            assert ours.headers["etag"] == theirs.headers["etag"], path
            assert ours.body == theirs.body, path


ADDRESSES = (
    *("/", f"/id{CONTRACT}", "/dump/tout.ttl", "/dump/tout.nt.gz", "/health", "/nowhere", "/static/style.css"),
    *("/sparql", "/sparql?query=ASK%7B%7D", "/sparql.csv?query=ASK%7B%7D", "/sparql?query=SELECT"),
)
"""Addresses of every kind but documents (test_forms.py)."""


@pytest.mark.parametrize("path", ADDRESSES)
def test_head_has_the_headers_of_get_and_no_body(web: HttpClient, path: str):
    get, head = web.get(path), web.head(path)
    assert head.status == get.status
    assert head.body == b""
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}
    assert int(head.headers["content-length"]) == len(get.body)


@pytest.mark.parametrize("path", ["/", f"/doc{CONTRACT}", "/sparql", f"/id{CONTRACT}", "/dump/tout.ttl", "/health"])
def test_preflight(web: HttpClient, path: str):
    answer = web.ask(
        "OPTIONS",
        path,
        Origin="https://example.org",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="accept, if-none-match",
    )
    assert answer.status in (200, 204)
    assert answer.body == b""
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert {"accept", "accept-profile", "accept-language", "content-type", "if-none-match"} <= set(allowed)
    assert "GET" in answer.headers["access-control-allow-methods"]
    assert {"GET", "HEAD", "OPTIONS"} <= {each.strip() for each in answer.headers["allow"].split(",")}


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_may_be_read_from_any_page_and_is_locked_down(web: HttpClient, path: str):
    answer = web.get(path, Origin="https://example.org")
    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"Link", "ETag", "Content-Location", "Location", "Vary", "Retry-After", "Allow"} <= set(exposed)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


# Dumps

DATASETS = ("contrat", "enonces", "valeurs-derivees")
DUMPS = {
    "tout.nt.gz": "application/gzip",
    "tout.nq.gz": "application/gzip",
    "tout.ttl": "text/turtle; charset=utf-8",
    "tout.jsonld": "application/ld+json",
    **{f"{dataset}.nt.gz": "application/gzip" for dataset in DATASETS},
    **{f"{dataset}.ttl": "text/turtle; charset=utf-8" for dataset in DATASETS},
    **{f"{dataset}.jsonld": "application/ld+json" for dataset in DATASETS},
}


@pytest.mark.parametrize(("name", "kind"), DUMPS.items())
def test_a_dump_has_its_type_and_serves_ranges(web: HttpClient, name: str, kind: str):
    whole = web.get(f"/dump/{name}")
    assert (whole.status, whole.headers["content-type"]) == (200, kind)
    assert whole.headers["accept-ranges"] == "bytes"
    assert "content-encoding" not in whole.headers
    assert whole.headers["last-modified"] == web.get("/ontology.ttl").headers["last-modified"]
    part = web.get(f"/dump/{name}", Range="bytes=100-199")
    assert part.status == 206
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.body)}"
    assert (part.body, part.headers["etag"]) == (whole.body[100:200], whole.headers["etag"])
    assert int(part.headers["content-length"]) == 100
    assert web.get(f"/dump/{name}", Range="bytes=-10").body == whole.body[-10:]


def test_a_range_of_another_version_gives_the_whole(web: HttpClient):
    whole = web.get("/dump/tout.ttl")
    headers = {"Range": "bytes=0-9"}
    assert web.get("/dump/tout.ttl", **headers, If_Range='"old"').body == whole.body
    assert web.get("/dump/tout.ttl", **headers, If_Range=whole.headers["etag"]).status == 206


def test_a_range_outside_the_file_says_how_long_it_is(web: HttpClient):
    length = len(web.get("/dump/tout.ttl").body)
    answer = web.get("/dump/tout.ttl", Range="bytes=99999999-")
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{length}")
    assert (answer.json()["length"], answer.json()["type"].rpartition("/")[2]) == (length, "range-invalid")


def test_a_dump_under_another_name_says_which_there_are(web: HttpClient):
    answer = web.get("/dump/all.nt.gz")
    offered = answer.json()["offers"]
    assert (answer.status, offered) == (404, sorted(offered))
    assert {*DUMPS, "datapackage.json"} <= {*offered}


LEADS = {
    f"/id{CONTRACT}/": f"/id{CONTRACT}",
    f"/doc{CONTRACT}/": f"/doc{CONTRACT}",
    f"/doc{CONTRACT}.jsonld/": f"/doc{CONTRACT}.jsonld",
    f"/doc{CONTRACT}/axe/1.ttl///": f"/doc{CONTRACT}/axe/1.ttl",
    "/id/organisme/": "/id/organisme",
    "/doc/subdivision/?size=2&lang=en": "/doc/subdivision?size=2&lang=en",
    "/search/?q=%C3%A9t%C3%A9%20b+c": "/search?q=%C3%A9t%C3%A9%20b+c",
    "/describe/?iri=https%3A%2F%2Fw3id.org%2Fcper-lod%2Fontology": "/describe?iri=https%3A%2F%2Fw3id.org%2Fcper-lod%2Fontology",
    "/catalog/": "/catalog",
    "/dump/": "/dump",
    "/.well-known/void/": "/.well-known/void",
    "/sparql/": "/sparql",
    "/ontology/1.0.0/": "/ontology/1.0.0",
    "/doc/%C3%A9t%C3%A9%20x/": "/doc/%C3%A9t%C3%A9%20x",
    "/nothing/here/": "/nothing/here",
}


@pytest.mark.parametrize(("path", "place"), LEADS.items())
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_leads_to_the_address_without_it(web: HttpClient, method: str, path: str, place: str) -> None:
    answer = web.ask(method, path)
    assert (answer.status, answer.headers["location"], answer.body) == (301, place, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert web.get(place).status in (200, 303, 404)


@pytest.mark.parametrize("method", ["POST", "QUERY", "PUT", "DELETE"])
def test_another_method_is_kept(web: HttpClient, method: str) -> None:
    answer = web.ask(method, "/sparql/", b"ASK {}", Content_Type="application/sparql-query")
    assert (answer.status, answer.headers["location"]) == (308, "/sparql")


def test_other_addresses_and_preflight_requests_are_answered(client: FlaskClient) -> None:
    assert client.get(f"/doc/subdivision?after={ID}{CONTRACT}/axe/1").status_code == 200
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    assert client.options(f"/doc{CONTRACT}/", headers=asked).status_code in (200, 204)


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example//", "/\\evil.example/", "//evil.example/%2e%2e/"])
def test_it_never_leads_to_another_host(client: FlaskClient, path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": path})
    place = answer.headers["Location"]
    assert answer.status_code == 301
    assert place.startswith(("/evil", "/%5Cevil"))
    assert urlsplit(place).netloc == ""


def test_a_thing_whose_name_ends_with_a_slash_is_answered(hostile_client: FlaskClient) -> None:
    assert hostile_client.get("/doc/thing/ends/").status_code == 200
    place = hostile_client.get("/id/thing/ends/").headers["Location"]
    assert hostile_client.get(place).data.startswith(b"@prefix")
    assert hostile_client.get("/doc/thing/ends").status_code == 404
    assert hostile_client.get("/doc//evil.example/x/").headers["Location"] == "/doc//evil.example/x"


def test_nor_does_the_server(web: HttpClient) -> None:
    assert web.get("//evil.example/").headers["location"] == "/evil.example"
