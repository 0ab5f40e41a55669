"""The SPARQL Protocol as a table: each row is what is sent, character by character, and what must come back.

Written from the specifications. By default the server of the tests is asked, and every row holds. Any other endpoint
can be asked with CPER_LOD_ENDPOINT=http://host/path: then only the rows marked `spec` are asked, and of these only what
the specifications demand of every query endpoint, with queries that need no particular data and change none:

    CPER_LOD_ENDPOINT=http://127.0.0.1:7878/query python -m pytest tests/web/sparql/test_protocol.py

Protocol: SPARQL 1.1 Protocol. SD: SPARQL 1.1 Service Description. JSON, XML, CSV: SPARQL 1.1 Query Results in these
forms (CSV is also that of TSV). SPARQL: SPARQL 1.1 Query Language. HTTP: RFC 9110. QUERY: RFC 10008. Problem: RFC 9457.
Fetch: the Fetch standard (CORS). URL: the URL standard (application/x-www-form-urlencoded). No section: our choice.
"""

import csv
import http.client
import io
import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode, urlsplit

import pytest
from rdflib import Dataset, Graph, URIRef, Variable
from rdflib.compare import isomorphic
from rdflib.namespace import RDF
from rdflib.query import Result
from rdflib.util import from_n3

from tests.support.web import HttpResponse

pytestmark = [
    pytest.mark.server,
    # rdflib 7.6 reads JSON-LD, N-Quads and TriG by names of its own that it gives up.
    pytest.mark.filterwarnings("ignore:(ConjunctiveGraph|Dataset.default_context) is deprecated:DeprecationWarning"),
]
ELSEWHERE: Final = os.environ.get("CPER_LOD_ENDPOINT", "")

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
TURTLE, NT, JSONLD, RDFXML = "text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"
NQUADS, TRIG, HTML = "application/n-quads", "application/trig", "text/html"
SOLUTIONS: Final = {JSON: "json", XML: "xml", TSV: "tsv", CSV: "csv"}
GRAPHS: Final = {TURTLE: "turtle", NT: "nt", JSONLD: "json-ld", RDFXML: "xml", NQUADS: "nquads", TRIG: "trig"}
FORM, DIRECT, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
AS_FORM, AS_DIRECT = {"Content-Type": FORM}, {"Content-Type": DIRECT}
Rows = list[tuple[str, ...]]
ANY_FAULT: Final = range(400, 500)
"""Where the specifications say that a request fails, but not with which of the statuses of HTTP, section 15.5."""


@dataclass(frozen=True)
class Row:
    """One case. `target` follows the address of the endpoint; `{etag}` in a header is the ETag that a GET gives.

    `status` is what we answer; `elsewhere` what any endpoint may answer, where the specifications leave more than one.
    `type` is the media type of the answer. `says` is what the body says once parsed: the truth of an ASK, the solutions
    of a SELECT (variables, then terms in the syntax of N-Triples, "" where unbound), the triples of a graph in
    N-Triples, or its very bytes. `problem` is the code of our problem document, `where` its members, `text` its words.
    `sends` are header fields that come back: a set of list elements, or a pattern; None: the field must not be there.
    """

    name: str
    flag: Literal["spec", "ours"]
    section: str
    method: str
    target: str = ""
    headers: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    body: bytes | None = None
    status: int = 200
    elsewhere: tuple[int, ...] | range = ()
    type: str = ""
    says: bool | Rows | str | bytes | None = None
    problem: str = ""
    where: Mapping[str, object] = field(default_factory=dict)
    text: str = ""
    sends: Mapping[str, set[str] | str | None] = field(default_factory=dict)


def q(text: str, *more: tuple[str, str]) -> str:
    """Return the address of a query, every character of it percent-encoded."""
    return "?" + urlencode([("query", text), *more], quote_via=quote, safe="")


def form(*pairs: tuple[str, str]) -> bytes:
    """Return the body of a form."""
    return urlencode(pairs).encode()


def accept(*values: str, **more: str) -> dict[str, str | tuple[str, ...]]:
    """Return header fields with one Accept field a value."""
    return {"Accept": values, **{name.replace("_", "-"): value for name, value in more.items()}}


ASK = "ASK {}"
ONE = "SELECT ?x { VALUES ?x { 1 } }"
ONE_ROW: Rows = [("x",), ('"1"^^<http://www.w3.org/2001/XMLSchema#integer>',)]
NO = "ASK { <urn:x:no> <urn:x:such> <urn:x:triple> }"
NONE = "SELECT ?x ?y { ?x <urn:x:no-such-property> ?y }"
UNBOUND = 'SELECT ?a ?b ?c { VALUES (?a ?b ?c) { (<urn:a> UNDEF "x") (UNDEF "y" UNDEF) } }'
UNBOUND_ROWS: Rows = [("a", "b", "c"), ("<urn:a>", "", '"x"'), ("", '"y"', "")]
TERMS = """SELECT ?iri ?plain ?lang ?int ?day { VALUES (?iri ?plain ?lang ?int ?day) {
  (<urn:x:é> "naïf 𝄞" "été"@fr 42 "2023-01-09"^^<http://www.w3.org/2001/XMLSchema#date>) } }"""
# The tables of the protocol keep their columns.
# fmt: off
TERMS_ROWS: Rows = [
    ("iri", "plain", "lang", "int", "day"),
    ("<urn:x:é>", '"naïf 𝄞"', '"été"@fr', '"42"^^<http://www.w3.org/2001/XMLSchema#integer>',
     '"2023-01-09"^^<http://www.w3.org/2001/XMLSchema#date>'),
]
SIGNS = r"""SELECT ?x { VALUES ?x { "a \"b\", c" "l1\nl2" "r\rt\tb\\s" "<&>" " s " } }"""
SIGNS_ROWS: Rows = [("x",), (r'"a \"b\", c"',), (r'"l1\nl2"',), (r'"r\rt\tb\\s"',), ('"<&>"',), ('" s "',)]
MADE = 'CONSTRUCT { <urn:a> <urn:b> 1 , "é \\"q\\"\\n"@fr , _:n . _:n <urn:c> <urn:x:é> } {}'
MADE_TRIPLES = """<urn:a> <urn:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
<urn:a> <urn:b> "é \\"q\\"\\n"@fr .
<urn:a> <urn:b> _:n .
_:n <urn:c> <urn:x:é> .
"""
AS_XML, AS_XML_TRIPLES = (
    text.replace("urn:b", "http://e.org/b").replace("urn:c", "http://e.org/c") for text in (MADE, MADE_TRIPLES))
SUFFIXES = ("ttl", "nt", "jsonld", "rdf", "nq", "trig")
BASE = "https://w3id.org/cper-lod/graph/"
CATALOGUE, REPORT = BASE + "catalogue", BASE + "rapport"
IN_CATALOGUE = "ASK { ?c a <http://www.w3.org/ns/dcat#Catalog> }"
IN_BOTH = "ASK { ?c a <http://www.w3.org/ns/dcat#Catalog> . ?r a <http://www.w3.org/ns/shacl#ValidationReport> }"
NAMED = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LIMIT = 256 * 1024
LONG = ("ASK {} #" + "x" * LIMIT).encode()

ASKING = [
    Row("GET", "spec", "Protocol 2.1.1", "GET", "?query=ASK%20%7B%7D", says=True),
    Row("GET, equals sign, slash and question mark as they are", "spec", "Protocol 2.1.1", "GET",
        "?query=SELECT%20?x%20%7B%20BIND(%22/a?b=c%22%20AS%20?x)%20%7D", says=[("x",), ('"/a?b=c"',)]),
    Row("GET, unknown parameters beside", "ours", "", "GET", "?timeout=5&query=ASK%7B%7D&Query=x&QUERY&format=&output=",
        type=JSON, says=True),
    Row("GET, non-ASCII", "spec", "Protocol 2.1.1", "GET", q(TERMS), says=TERMS_ROWS),
    Row("POST, a form", "spec", "Protocol 2.1.2", "POST", "", AS_FORM, b"query=ASK%20%7B%7D", says=True),
    Row("POST, the query itself", "spec", "Protocol 2.1.3", "POST", "", AS_DIRECT, b"ASK {}", says=True),
    Row("POST, the query itself, not decoded as a form", "spec", "Protocol 2.1.3", "POST", "",
        {"Content-Type": 'APPLICATION/sparql-query ; Charset="UTF-8"'},
        b'SELECT ("%41+&query=" AS ?x) {}', says=[("x",), ('"%41+&query="',)]),
    Row("POST, the query itself, in chunks", "spec", "RFC 9112 7.1", "POST", "",
        {**AS_DIRECT, "Transfer-Encoding": "chunked"}, b"3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n", says=True),
    Row("POST, after leave to continue", "spec", "HTTP 10.1.1", "POST", "",
        {**AS_DIRECT, "Expect": "100-continue"}, b"ASK {}", says=True),
    Row("QUERY, the query itself", "ours", "QUERY 2", "QUERY", "", {**AS_DIRECT, **accept(CSV)}, ONE.encode(), type=CSV,
        says=ONE_ROW),
]

DECODING = [
    Row("decoded once, address", "spec", "Protocol 2.1.1", "GET", "?query=SELECT%20(%22%2525%22%20AS%20%3Fx)%20%7B%7D",
        says=[("x",), ('"%25"',)]),
    Row("codepoint escapes in a keyword", "spec", "SPARQL 19.2", "GET", q(r"\u0041S\U0000004B {}"), says=True),
    Row("codepoint escapes in a string", "spec", "SPARQL 19.2", "GET", q(r'SELECT ("\u00E9\U0001D11E" AS ?x) {}'),
        says=[("x",), ('"é𝄞"',)]),
    Row("UTF-16, the query itself", "spec", "Protocol 2.1.3", "POST", "", AS_DIRECT, "ASK {}".encode("utf-16"),
        status=400, elsewhere=ANY_FAULT, problem="body-encoding"),
    Row("Latin-1 by its name", "spec", "Protocol 2.1.3", "POST", "",
        {"Content-Type": DIRECT + "; charset=ISO-8859-1"}, b'SELECT ("\xe9" AS ?x) {}', status=415,
        elsewhere=ANY_FAULT, problem="media-type-unsupported"),
]

EXACTLY_ONE = [
    Row("none, a graph in the address", "ours", "Protocol 2.1", "GET", "?default-graph-uri=" + quote(CATALOGUE, ""),
        status=400, problem="parameter-missing", where={"name": "query"}),
    Row("empty, address", "spec", "Protocol 2.1.6", "GET", "?query=", status=400, problem="query-syntax"),
    Row("two, address", "spec", "Protocol 2.1", "GET", "?query=ASK%7B%7D&query=SELECT%20*%20%7B%7D", status=400,
        elsewhere=ANY_FAULT, problem="parameter-repeated", where={"name": "query", "count": 2}),
    Row("two, address and the query itself", "ours", "Protocol 2.1", "POST", q(ASK), AS_DIRECT, b"ASK {}",
        status=400, problem="parameter-repeated", where={"count": 2}),
]

BODIES = [
    Row("a body without a type", "spec", "Protocol 2.1.3", "POST", "", {}, b"ASK {}", status=415,
        elsewhere=ANY_FAULT, problem="media-type-unsupported", where={"offers": [FORM, DIRECT]}),
    Row("QUERY without a type", "ours", "QUERY 2, 3", "QUERY", "", {}, b"ASK {}", status=415,
        problem="media-type-unsupported", sends={"Accept-Query": {DIRECT, FORM}}),
    Row("gzip", "ours", "HTTP 15.5.16", "POST", "", {**AS_DIRECT, "Content-Encoding": "gzip"}, b"\x1f\x8b\x08\0",
        status=415, problem="media-type-unsupported", sends={"Accept-Encoding": {"identity"}}),
    Row("a query beyond the limit", "ours", "HTTP 15.5.14", "POST", "", AS_DIRECT, LONG, status=413,
        problem="body-too-large", where={"limit": LIMIT}),
]

NEGOTIATION = [
    Row("no wish, SELECT", "spec", "Protocol 2.1.5", "GET", q(ONE), type=JSON, says=ONE_ROW,
        sends={"Vary": {"Accept"}, "Cache-Control": r"(?!.*no-store).+", "ETag": r'"[^"]+"'}),
    Row("no wish, CONSTRUCT", "spec", "Protocol 2.1.5", "GET", q(MADE), type=TURTLE, says=MADE_TRIPLES,
        sends={"Vary": {"Accept"}}),
    Row("several fields are one list", "ours", "HTTP 5.3", "GET", q(ONE), accept(f"{CSV};q=0.2", TSV), type=TSV),
    Row("an empty field", "spec", "HTTP 12.5.1", "GET", q(ONE), accept(""), type=JSON, says=ONE_ROW),
    Row("both kinds of answers, CONSTRUCT", "ours", "", "GET", q(MADE), accept(f"{JSON}, {NQUADS};q=0.9"), type=NQUADS),
    *(Row(f"{name}={value}, SELECT", "ours", "", "GET", q(ONE, (name, value)), accept(BROWSER), type=type)
      for name, value, type in (
          ("format", "csv", CSV), ("output", "csv", CSV), ("format", "TSV", TSV), ("output", "json", JSON),
          ("format", "xml", XML), ("format", "srj", JSON), ("format", "SRX", XML), ("format", TSV, TSV),
          ("format", JSON, JSON), ("format", "application/json", JSON), ("output", "text/html", HTML))),
    *(Row(f"format={value}, CONSTRUCT", "ours", "", "GET", q(MADE, ("format", value)), accept(BROWSER), type=type)
      for value, type in (
          ("ttl", TURTLE), ("turtle", TURTLE), ("nt", NT), ("jsonld", JSONLD), ("json", JSONLD), ("rdf", RDFXML),
          ("nq", NQUADS), (NT, NT), ("html", HTML), ("json-ld", JSONLD), ("n3", TURTLE))),
    Row("format of the other kind", "ours", "", "GET", q(MADE, ("format", "csv")), status=406,
        problem="not-acceptable", where={"accept": "text/csv; charset=utf-8"}),
    *(Row(f"one format by two names, {name}", "ours", "", "GET", q(query, *((key, each) for key in ("format", "output")
          for each in (name, type))), accept("*/*"), type=type.partition(",")[0])
      for name, query, type in (("tsv", ONE, TSV), ("rdf+xml", MADE, "application/rdf+xml"),
                                ("json-ld", MADE, "application/ld+json,application/x-json+ld"))),
    Row("two formats", "ours", "", "GET", q(ONE, ("format", "csv"), ("output", "json")), status=400,
        problem="parameter-repeated", where={"name": "format"}),
    Row("a browser, SELECT", "ours", "", "GET", q(ONE), accept(BROWSER), type=HTML, sends={"Vary": {"Accept"}}),
    Row("a picture, SELECT", "ours", "HTTP 15.5.7", "GET", q(ONE), accept("image/png"), status=406,
        problem="not-acceptable", where={"accept": "image/png"}, text=f"{JSON}, {XML}, {CSV}, {TSV}"),
    *(Row(f"by suffix, {suffix}", "ours", "", "GET", f".{suffix}" + q(ONE), accept("image/png"), type=kind, says=ONE_ROW,
          sends={"Vary": "Accept-Encoding"}) for suffix, kind in {"srj": JSON, "srx": XML, "csv": CSV, "tsv": TSV}.items()),
    *(Row(f"by suffix, {suffix}", "ours", "", "GET", f".{suffix}" + q(AS_XML), accept(CSV), type=kind,
          says=AS_XML_TRIPLES, sends={"Vary": "Accept-Encoding"}) for kind, suffix in zip(GRAPHS, SUFFIXES, strict=True)),
    Row("by suffix of the other kind", "ours", "", "GET", ".csv" + q(MADE), status=406, problem="not-acceptable",
        where={"accept": ".csv"}),
    Row("by an unknown suffix", "ours", "", "GET", ".ods" + q(ONE), status=404, problem="format-unknown",
        text=".srj, .srx, .csv, .tsv, .xlsx, .json, .ttl"),
]

RESULTS = [
    *(Row(f"{name} in {form}", "spec", "JSON 3.2, XML 2.3.1, CSV 3.2, 4.2", "GET", q(text), accept(kind), type=kind, says=rows)
      for kind, form in SOLUTIONS.items()
      for name, text, rows in (("terms", TERMS, TERMS_ROWS), ("signs", SIGNS, SIGNS_ROWS),
                               ("unbound", UNBOUND, UNBOUND_ROWS), ("no solution", NONE, [("x", "y")]))),
    Row("unbound in CSV, lines end with CRLF", "ours", "CSV 3.2, RFC 4180 2", "GET", q(UNBOUND), accept(CSV), type=CSV,
        says=b"a,b,c\r\nurn:a,,x\r\n,y,\r\n"),
    Row("one solution without variables", "spec", "JSON 3.2.1", "GET", q("SELECT * {}"), accept(JSON), type=JSON,
        says=[(), ()]),
    Row("ASK in XML, no", "spec", "XML 2.3.2", "GET", q(NO), accept(XML), type=XML, says=False),
]

RDF_ANSWERS = [
    *(Row(f"CONSTRUCT in {form}", "spec", "Protocol 2.1.5", "GET", q(MADE), accept(kind), type=kind, says=MADE_TRIPLES)
      for kind, form in GRAPHS.items() if kind != RDFXML),
    Row("CONSTRUCT in RDF/XML", "spec", "Protocol 2.1.5", "GET", q(AS_XML), accept(RDFXML), type=RDFXML,
        says=AS_XML_TRIPLES),
    Row("a carriage return in RDF/XML", "spec", "XML 1.0 2.11", "GET",
        q(r'CONSTRUCT { <urn:a> <http://e.org/b> "a\rb\r\nc" } {}'), accept(RDFXML), type=RDFXML,
        says=r'<urn:a> <http://e.org/b> "a\rb\r\nc" .'),
    Row("what is no RDF is left out", "spec", "SPARQL 16.2", "GET",
        q('CONSTRUCT { ?x <urn:b> 1 . <urn:a> <urn:b> ?y } { VALUES (?x ?y) { ("literal" UNDEF) } }'), accept(NT),
        type=NT, says=""),
]

DESCRIPTION = [
    Row("the description", "spec", "SD 2", "GET", type=TURTLE, says="sd:endpoint", sends={"Vary": {"Accept"}}),
    Row("no query, results wanted", "ours", "", "GET", "", accept(CSV), status=400, problem="parameter-missing",
        where={"name": "query"}),
    Row("the page for a browser", "ours", "", "GET", "", accept(BROWSER, Accept_Language="fr"), type=HTML,
        text='lang="fr"', sends={"Vary": {"Accept", "Accept-Language"}}),
]

PLAIN = [
    Row("our prefixes are known", "ours", "", "GET", q("ASK { ?x a cper:Part ; skos:prefLabel ?n }"), says=True),
    Row("a declaration wins", "ours", "SPARQL 4.1.1", "GET", q("PREFIX cper: <urn:x:> SELECT (cper:a AS ?x) {}"),
        says=[("x",), ("<urn:x:a>",)]),
    Row("a relative IRI becomes an absolute one", "spec", "SPARQL 4.1.1.2", "GET",
        q("ASK { BIND(STR(<x>) AS ?x) FILTER(STRSTARTS(?x, 'http')) }"), says=True),
    Row("a class that is not there", "ours", "", "GET", q("SELECT ?x { ?x a cper:Partt }"), accept(CSV), type=CSV,
        says=b"x\r\n", sends={"SPARQL-Empty-Result": '"Nothing .+ cper:Partt; the nearest one is cper:Part."', "Vary": {"Accept"}}),
    Row("an answer with something in it is not explained", "ours", "", "GET",
        q("SELECT ?x { ?x a cper:Part OPTIONAL { ?x cper:parts ?y } }"), type=JSON, sends={"SPARQL-Empty-Result": None}),
    Row("another site may read why an answer is empty", "ours", "Fetch 3.3.3", "GET", q("ASK { ?x cper:parts 1 }"),
        {"Origin": "https://yasgui.example"}, says=False,
        sends={"Access-Control-Expose-Headers": {"SPARQL-Empty-Result"}, "SPARQL-Empty-Result": ".+cper:partParSubdivision.+"}),
]

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "QUERY"}
HTTP = [
    Row("PUT", "spec", "HTTP 15.5.6", "PUT", q(ASK), AS_DIRECT, b"ASK {}", status=405,
        elsewhere=(*ANY_FAULT, 501), problem="method-not-allowed", where={"method": "PUT"}, sends={"Allow": METHODS}),
    Row("OPTIONS", "ours", "HTTP 9.3.7", "OPTIONS", status=204, sends={"Allow": METHODS}),
    Row("preflight of a POST", "ours", "Fetch 3.3.3", "OPTIONS", "",
        {"Origin": "https://yasgui.example", "Access-Control-Request-Method": "POST",
         "Access-Control-Request-Headers": "content-type"}, status=204,
        sends={"Access-Control-Allow-Origin": r"\*", "Access-Control-Allow-Methods": {"GET", "POST", "QUERY"},
               "Access-Control-Allow-Headers": {"Accept", "Content-Type", "If-None-Match", "Authorization",
                                                "Cache-Control", "X-Requested-With", "Accept-Profile", "Accept-Language"},
               "Access-Control-Max-Age": r"\d+", "Access-Control-Allow-Credentials": None}),
    Row("revalidated", "ours", "HTTP 13.1.2", "GET", q(ONE), {"If-None-Match": "{etag}"}, status=304,
        sends={"ETag": r'"[^"]+"', "Vary": {"Accept"}, "Cache-Control": ".+"}),
    Row("the version that is kept, in another form", "ours", "HTTP 8.8.3", "GET", q(ONE),
        {**accept(CSV), "If-None-Match": "{etag}"}, type=CSV, says=ONE_ROW),
    Row("a fault is not revalidated", "spec", "HTTP 13.2.1", "GET", q("ASK {"), {"If-None-Match": "*"}, status=400,
        problem="query-syntax", sends={"ETag": None, "Cache-Control": "no-store"}),
    Row("only that version", "ours", "HTTP 13.1.1", "GET", q(ONE), {"If-Match": '"x", {etag}'}, says=ONE_ROW),
]

FAULTS = [
    Row("the end is missing", "spec", "Protocol 2.1.6", "GET", q("SELECT * {"), status=400, problem="query-syntax",
        where={"line": 1, "column": 11}, text="Ligne 1, colonne 11",
        sends={"Content-Language": "fr", "Vary": {"Accept-Language"}}),
    Row("after non-ASCII, columns are characters", "ours", "", "POST", "", AS_DIRECT, 'ASK { ?s ?p "é𝄞" ! }'.encode(),
        status=400, problem="query-syntax", where={"line": 1, "column": 21}),
]


def changes(name: str, text: str, operation: str) -> Row:
    return Row(f"update: {name}", "ours", "Protocol 2.2", "POST", "", AS_DIRECT, text.encode(), status=400,
               problem="query-update", where={"operation": operation})


UPDATES = [
    Row("update: by a form", "ours", "Protocol 2.2.1", "POST", "", {**AS_FORM, "Accept-Language": "en"},
        b"update=CLEAR+SILENT+ALL", status=400, problem="query-update", text="This endpoint is read-only."),
    Row("update: itself", "ours", "Protocol 2.2.2", "POST", "", {"Content-Type": UPDATE}, b"INSERT DATA {}",
        status=400, problem="query-update"),
    *(changes(word, f"{word} SILENT", word)
      for word in ("INSERT", "DELETE", "WITH", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD")),
    changes("after comments and a prologue", "#ASK {}\rBASE <urn:x> # SELECT\nPREFIX : <y#>\n#\nDrop All", "DROP"),
    changes("in escapes", r"\u0049NSERT\u0020DATA \U0000007B}", "INSERT"),
    Row("update: after a query", "spec", "Protocol 2.1.6", "GET", q("ASK {} ; INSERT DATA {}"), status=400,
        problem="query-syntax"),
    Row("no update: words in strings, comments, names", "spec", "SPARQL 19.8", "POST", "", AS_DIRECT,
        b'#DROP ALL\nPREFIX insert: <urn:x:DELETE#> ASK { BIND("LOAD; CLEAR" AS ?DROP) OPTIONAL {?add insert:data 1} }',
        says=True),
]


def elsewhere(name: str, text: str, column: int) -> Row:
    return Row(f"SERVICE: {name}", "ours", "SPARQL 1.1 Federated Query 2", "POST", "", AS_DIRECT, text.encode(),
               status=400, problem="query-service", where={"line": 1, "column": column})


SERVICES = [
    elsewhere("in escapes", r"ASK { \u0053ERVICE <http://127.0.0.1:1/> {} }", 7),
    elsewhere("by a variable", "ASK { VALUES ?s { <http://127.0.0.1:1/> } SERVICE ?s {} }", 43),
    *(Row(f"SERVICE: labels of Wikidata, {name}", "ours", "", "GET", q(f"SELECT ?x {{ ?x a cper:Part {text} }}"),
          status=400, problem="query-label-service", where={"line": 1, "column": 28}, text="rdfs:label")
      for name, text in (
          ("plain", 'SERVICE wikibase:label { bd:serviceParam wikibase:language "fr" }'),
          ("whole", "service silent <http://wikiba.se/ontology#label> {}"))),
    Row("no SERVICE: words in strings, comments, names", "spec", "SPARQL 19.8", "POST", "", AS_DIRECT,
        b'#SERVICE <urn:x> {}\nPREFIX service: <urn:x:> ASK { BIND("SERVICE <urn:x> {}" AS ?SERVICE) }', says=True),
]


def dataset(name: str, target: str, says: bool | Rows) -> Row:
    return Row(f"dataset: {name}", "ours", "Protocol 2.1.4", "GET", target, says=says)


DATASETS = [
    Row("dataset: a graph that is not there matches nothing", "spec", "SPARQL 13.3.2", "GET",
        q("ASK { GRAPH <urn:x:no-such-graph> { ?s ?p ?o } }"), says=False),
    dataset("the default graph holds no catalogue", q(IN_CATALOGUE), says=False),
    dataset("one default graph", q(IN_CATALOGUE, ("default-graph-uri", CATALOGUE)), says=True),
    dataset("two default graphs are merged",
            q(IN_BOTH, ("default-graph-uri", CATALOGUE), ("default-graph-uri", REPORT)), says=True),
    dataset("a default graph alone leaves no named one", q(NAMED, ("default-graph-uri", CATALOGUE)), says=[("g",)]),
    dataset("one named graph", q(NAMED, ("named-graph-uri", REPORT)), says=[("g",), (f"<{REPORT}>",)]),
    dataset("a named graph alone leaves an empty default", q("ASK { ?s ?p ?o }", ("named-graph-uri", REPORT)),
            says=False),
    dataset("FROM", q(f"ASK FROM <{CATALOGUE}> {{ ?c a <http://www.w3.org/ns/dcat#Catalog> }}"), says=True),
    dataset("the request wins over FROM",
            q(IN_CATALOGUE.replace("ASK", f"ASK FROM <{REPORT}>"), ("default-graph-uri", CATALOGUE)), says=True),
    Row("dataset: an unknown default graph", "ours", "Protocol 2.1.4", "GET",
        q(ASK, ("default-graph-uri", "file:///etc/passwd")), status=400, problem="query-graph",
        where={"iri": "file:///etc/passwd"}, text=CATALOGUE),
]

TABLE: Final = [*ASKING, *DECODING, *EXACTLY_ONE, *BODIES, *NEGOTIATION, *RESULTS, *RDF_ANSWERS, *DESCRIPTION, *HTTP,
                *PLAIN, *FAULTS, *UPDATES, *SERVICES, *DATASETS]
# fmt: on
ASKED: Final = [row for row in TABLE if row.flag == "spec" or not ELSEWHERE]


def ask(
    url: str, method: str, target: str, headers: Mapping[str, tuple[str, ...]], body: bytes | None = None
) -> HttpResponse:
    """Send an endpoint what a row says as it stands, with nothing but Host and a length."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with closing(kind(parts.netloc, timeout=30)) as connection:
        connection.putrequest(method, (parts.path or "/") + target, skip_accept_encoding=True)
        for name, values in headers.items():
            for value in values:
                connection.putheader(name, value)
        if body is not None and "Transfer-Encoding" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return HttpResponse.of(connection.getresponse())


@pytest.fixture(scope="module")
def endpoint(request: pytest.FixtureRequest) -> str:
    """Return the address that is asked: the named one, or that of the server of the tests."""
    return ELSEWHERE or request.getfixturevalue("server").url + "/sparql"


def read_solutions(answer: HttpResponse) -> Rows:
    """Return variables and solutions of an answer, terms in the syntax of N-Triples; those of CSV are bare strings."""
    if answer.type == CSV:
        return [tuple(line) for line in csv.reader(io.StringIO(answer.body.decode(), newline=""), strict=True)]
    result = Result.parse(io.BytesIO(answer.body), format=SOLUTIONS[answer.type])
    names = [str(name) for name in result.vars or []]
    return [
        tuple(names),
        *(
            tuple("" if (term := row.get(Variable(name))) is None else term.n3() for name in names)
            for row in result.bindings
        ),
    ]


def read_graph(answer: HttpResponse, base: str) -> Graph:
    """Return the triples of an answer."""
    dataset, triples = Dataset(), Graph()
    dataset.parse(data=answer.body, format=GRAPHS[answer.type], publicID=base)
    for subject, predicate, value, _ in dataset.quads():
        triples.add((subject, predicate, value))
    return triples


def written(rows: Rows, write: Callable[[Any], str]) -> Rows:
    """Return solutions with each term written anew."""
    return [rows[0], *(tuple(write(from_n3(term)) if term else "" for term in row) for row in rows[1:])]


def check_body(row: Row, answer: HttpResponse, endpoint: str) -> None:
    """Check what the body says once parsed."""
    match row.says:
        case bool():
            assert answer.type in SOLUTIONS
            assert Result.parse(io.BytesIO(answer.body), format=SOLUTIONS[answer.type]).askAnswer is row.says
        case list():
            assert answer.type in SOLUTIONS
            # In CSV, without quotes, types and languages; else as rdflib writes it.
            assert read_solutions(answer) == written(row.says, str if answer.type == CSV else lambda term: term.n3())
        case bytes():
            assert answer.body == row.says
        case "sd:endpoint":
            assert answer.type in GRAPHS
            services = read_graph(answer, endpoint)
            ends = set(services.subject_objects(URIRef("http://www.w3.org/ns/sparql-service-description#endpoint")))
            assert endpoint in {str(end) for _, end in ends}
            if not ELSEWHERE:
                kind = URIRef("http://www.w3.org/ns/sparql-service-description#Service")
                assert all((service, RDF.type, kind) in services for service, _ in ends)
        case str():
            assert answer.type in GRAPHS
            assert isomorphic(read_graph(answer, endpoint), Graph().parse(data=row.says, format="nt"))


def check_fields(row: Row, answer: HttpResponse) -> None:
    """Check the header fields that have to come back."""
    for name, expected in row.sends.items():
        found = answer.headers.get(name.lower())
        if expected is None:
            assert found is None, f"{name}: {found}"
        elif isinstance(expected, str):
            assert re.fullmatch(expected, found or ""), f"{name}: {found}"
        else:
            elements = {each.strip(' "').lower() for each in (found or "").split(",")}
            assert {each.lower() for each in expected} <= elements, f"{name}: {found}"


def check_problem(row: Row, answer: HttpResponse) -> None:
    """Check our problem document."""
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.body)
    assert found["type"] == f"https://w3id.org/cper-lod/problem/{row.problem}"
    assert found["status"] == answer.status
    assert all(len(found[name]) > 10 for name in ("title", "detail", "remedy"))
    assert {name: found.get(name) for name in row.where} == row.where
    assert "no-store" in answer.headers["cache-control"]


def check_law(row: Row, answer: HttpResponse) -> None:
    """Check what holds for every answer."""
    if answer.status == 405:
        assert "allow" in answer.headers, "HTTP 15.5.6: the origin server MUST generate an Allow header field"
    if row.method == "HEAD" or answer.status in (204, 304):
        assert answer.body == b""
    elif answer.body:
        assert answer.type, "HTTP 8.3: content has a type"
    if answer.type == "application/problem+json" and row.method != "HEAD":
        assert json.loads(answer.body).get("status", answer.status) == answer.status, "Problem 3.1.2"
    if not ELSEWHERE:
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.status == 304 or answer.headers["x-content-type-options"] == "nosniff"
        if answer.status == 200:
            assert ("; charset=utf-8" in answer.headers["content-type"]) == (answer.type not in (JSON, JSONLD))


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row.name)  # test_elsewhere.py counts them
def test_protocol(row: Row, endpoint: str) -> None:
    headers = {name: (value,) if isinstance(value, str) else value for name, value in row.headers.items()}
    if "{etag}" in str(headers):
        etag = ask(endpoint, "GET", row.target, {}).headers["etag"]
        headers = {name: tuple(each.replace("{etag}", etag) for each in values) for name, values in headers.items()}
    answer = ask(endpoint, row.method, row.target, headers, row.body)
    told = f"{row.section}: {answer.status} {answer.headers.get('content-type')}\n{answer.body[:500]!r}"
    assert answer.status in ((row.elsewhere or (row.status,)) if ELSEWHERE else (row.status,)), told
    check_law(row, answer)
    if row.status == 200 and row.method != "HEAD":
        check_body(row, answer, endpoint)
    if not ELSEWHERE:
        assert row.type in ("", answer.type), told
        assert row.text in answer.body.decode(), told
        check_fields(row, answer)
        if row.problem and row.method != "HEAD":
            check_problem(row, answer)
