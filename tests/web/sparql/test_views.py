"""The endpoint on the real data: every form of an answer, the dataset, limits, and the query page.

What is sent and what comes back, case by case, is in test_protocol.py; the clients of others in test_clients.py.
"""

import csv
import io
import re
import threading
import time
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from tests.support.cases import each_case
from tests.support.web import CONTRACT, CPER, ID, HttpClient, HttpResponse

pytestmark = pytest.mark.server

SELECT = f"SELECT ?axe ?p WHERE {{ ?axe a <{CPER}Axe> ; <{CPER}part>/<{CPER}pourcentage> ?p }} ORDER BY ?p"
ASK = f"ASK {{ ?c a <{CPER}ContratDePlan> }}"
CONSTRUCT = f"CONSTRUCT {{ ?s <{CPER}pourcentage> ?p }} WHERE {{ ?s <{CPER}pourcentage> ?p }}"
DESCRIBE = f"DESCRIBE <{ID}{CONTRACT}/axe/2>"
LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?d && ?d != ?g && ?c != ?i) }"

SOLUTIONS = {
    "application/sparql-results+json": ("srj", "application/sparql-results+json", QueryResultsFormat.JSON),
    "application/sparql-results+xml": ("srx", "application/sparql-results+xml; charset=utf-8", QueryResultsFormat.XML),
    "text/csv": ("csv", "text/csv; charset=utf-8", None),
    "text/tab-separated-values": ("tsv", "text/tab-separated-values; charset=utf-8", QueryResultsFormat.TSV),
}
GRAPHS = {
    "text/turtle": ("ttl", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
    "application/n-triples": ("nt", "application/n-triples; charset=utf-8", RdfFormat.N_TRIPLES),
    "application/ld+json": ("jsonld", "application/ld+json", RdfFormat.JSON_LD),
    "application/rdf+xml": ("rdf", "application/rdf+xml; charset=utf-8", RdfFormat.RDF_XML),
    "application/n-quads": ("nq", "application/n-quads; charset=utf-8", RdfFormat.N_QUADS),
    "application/trig": ("trig", "application/trig; charset=utf-8", RdfFormat.TRIG),
}


def good(answer: HttpResponse) -> HttpResponse:
    assert answer.status == 200, answer.text
    return answer


def refused(answer: HttpResponse, status: int, code: str) -> dict[str, object]:
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["type"].endswith("/problem/" + code)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(("accept", "row"), SOLUTIONS.items(), ids=[row[0] for row in SOLUTIONS.values()])
def test_solutions_in_every_form(web: HttpClient, accept: str, row: tuple[str, str, QueryResultsFormat | None]):
    suffix, content_type, form = row
    answer = good(web.query(SELECT, accept))
    assert answer.headers["content-type"] == content_type
    assert "Accept" in answer.vary
    fixed = good(web.query(SELECT, "image/png", "." + suffix))
    assert (fixed.headers["content-type"], fixed.body) == (content_type, answer.body)
    assert "Accept" not in fixed.vary
    if form is None:
        rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        shares = [each["p"] for each in rows]
    else:
        shares = [each["p"].value for each in parse_query_results(answer.body, form)]
    assert list(map(Decimal, shares)) == list(map(Decimal, ("8.8", "14.8", "19", "57.3")))


@each_case(("accept", "row"), GRAPHS.items(), ids=[row[0] for row in GRAPHS.values()])
@each_case("query", [CONSTRUCT, DESCRIBE], ids=["construct", "describe"])
def test_graphs_in_every_form(web: HttpClient, accept: str, row: tuple[str, str, RdfFormat], query: str):
    suffix, content_type, form = row
    answer = good(web.query(query, accept))
    assert answer.headers["content-type"] == content_type
    assert good(web.query(query, None, "." + suffix)).body == answer.body
    expected = set(map(str, parse(good(web.query(query, "application/n-triples")).body, RdfFormat.N_TRIPLES)))
    assert len(expected) > 5
    assert {str(quad) for quad in parse(answer.body, form)} == expected


def test_an_answer_can_be_revalidated(web: HttpClient):
    first = good(web.query(SELECT, "text/csv"))
    path = "/sparql?" + urlencode({"query": SELECT})
    assert web.get(path, "text/csv", If_None_Match=first.headers["etag"]).status == 304
    assert web.get(path, "text/turtle, application/json", If_None_Match=first.headers["etag"]).status == 200
    other = good(web.query(SELECT + " LIMIT 1", "text/csv"))
    assert other.headers["etag"] != first.headers["etag"]


# The dataset


def test_the_default_graph_holds_what_is_published_and_the_rest_is_named(web: HttpClient):
    graphs = web.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g", "text/csv").text.split()
    ours = [f"https://w3id.org/cper-lod/graph/{name}" for name in ("catalogue", "documentation", "rapport", "void")]
    assert graphs == ["g", *ours]
    for name, cls in (
        ("catalogue", "http://www.w3.org/ns/dcat#Catalog"),
        ("rapport", "http://www.w3.org/ns/shacl#ValidationReport"),
    ):
        graph = f"https://w3id.org/cper-lod/graph/{name}"
        assert web.query(f"ASK {{ GRAPH <{graph}> {{ ?x a <{cls}> }} }}").json()["boolean"] is True
        assert web.query(f"ASK {{ ?x a <{cls}> }}").json()["boolean"] is False
        assert web.query(f"ASK {{ ?x a <{cls}> }}", None, "", **{"default-graph-uri": graph}).json()["boolean"] is True
        assert web.query(f"ASK FROM <{graph}> {{ ?x a <{cls}> }}").json()["boolean"] is True
        named = {"named-graph-uri": graph}
        assert web.query(f"ASK {{ GRAPH ?g {{ ?x a <{cls}> }} }}", None, "", **named).json()["boolean"] is True


def test_the_ontology_and_the_questions_are_in_the_default_graph(web: HttpClient):
    assert web.query(f"ASK {{ <{CPER}Axe> a <http://www.w3.org/2002/07/owl#Class> }}").json()["boolean"] is True
    assert web.query("ASK { ?q <http://www.w3.org/ns/shacl#select> ?t }").json()["boolean"] is True


# Refusals


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("SELECT * {", 1, 11),
        ("SELECT * {\n  ?s ?p\n}", 3, 1),
        ("PREFIX a: <http://a/>\nSELECT ?x { ?x b:c ?y }", 2, 16),
        ('ASK { ?s ?p "no end }', 1, 13),
    ],
)
def test_a_syntax_fault_has_its_place(web: HttpClient, query: str, line: int, column: int):
    found = refused(web.query(query), 400, "query-syntax")
    assert (found["line"], found["column"]) == (line, column)
    assert f"Ligne {line}, colonne {column}" in str(found["detail"])
    page = web.query(query, "text/html", "", lang="en")
    assert (page.status, page.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert 'role="alert"' in page.text
    assert f"Line {line}, column {column}" in page.text
    assert 'aria-invalid="true"' in page.text
    assert "etag" not in page.headers


@pytest.mark.slow
def test_a_query_without_end_is_ended_and_nobody_waits_for_it(web: HttpClient):
    answers: list[HttpResponse] = []

    def ask(accept: str) -> None:
        answers.append(web.query(LONG, accept))

    threads = [threading.Thread(target=ask, args=(accept,)) for accept in ("application/json", "text/html")]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    for path in ("/health", "/", f"/doc{CONTRACT}.ttl"):
        assert good(web.get(path, "text/html, */*;q=0.1"))
    assert good(web.query(ASK))
    assert all(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join()
    for answer in answers:
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["cache-control"] == "no-store"
    kinds = {answer.headers["content-type"] for answer in answers}
    assert kinds == {"application/problem+json", "text/html; charset=utf-8"}


# The page


def test_the_page_shows_a_form_and_the_questions(web: HttpClient):
    page = good(web.get("/sparql", "text/html", Accept_Language="fr"))
    assert '<textarea id="query" name="query"' in page.text
    assert "Qui a signé le contrat\u00a0?" in page.text
    assert page.text.count("<li><a href=") >= 20
    assert {"Accept", "Accept-Language"} <= page.vary


def test_the_page_shows_results_with_labels_and_where_to_download_them(web: HttpClient):
    page = good(web.query(SELECT, "text/html"))
    assert "Résultats (4)" in page.text
    assert "Soutenir les territoires" in page.text
    assert "57,3" in page.text
    for suffix in ("srj", "srx", "csv", "tsv"):
        assert f'href="/sparql.{suffix}?query=' in page.text
    english = good(web.query(SELECT, "text/html", "", lang="en"))
    assert "Supporting territories" in english.text
    assert '<input type="hidden" name="lang" value="en">' in english.text


def test_the_page_shows_a_truth_a_graph_and_nothing(web: HttpClient):
    assert "Oui (vrai)" in web.query(ASK, "text/html").text
    assert "cper:pourcentage" in web.query(CONSTRUCT, "text/html").text
    assert "Aucune ligne." in web.query("SELECT * { <http://x> ?p ?o }", "text/html").text


def test_the_page_keeps_the_dataset_of_the_query(web: HttpClient):
    graph = "https://w3id.org/cper-lod/graph/catalogue"
    page = good(web.query("SELECT * { ?s ?p ?o } LIMIT 3", "text/html", "", **{"default-graph-uri": graph}))
    assert f'<input type="hidden" name="default-graph-uri" value="{graph}">' in page.text
    assert "default-graph-uri=https%3A%2F%2F" in page.text


def test_the_page_shows_the_first_thousand_rows_and_says_so(web: HttpClient):
    page = good(web.query("SELECT * { ?s ?p ?o } LIMIT 1500", "text/html", "", lang="en"))
    assert "First 1,000 of 1,500 rows" in page.text
    assert page.text.count("<tr>") == 1001


STRANGE = {
    "markup": ('"<script>alert(1)</script>"', "&lt;script&gt;alert(1)&lt;/script&gt;"),
    "a script": ("<javascript:alert(1)>", "javascript:alert(1)"),
    "a number without measure": ('"1E9999999"^^<http://www.w3.org/2001/XMLSchema#decimal>', "1E9999999"),
    "a long number": ('"' + "9" * 60 + '"^^<http://www.w3.org/2001/XMLSchema#integer>', "9" * 60),
    "no date": ('"2023-02-31"^^<http://www.w3.org/2001/XMLSchema#date>', "2023-02-31"),
    "right to left": ('"\u202eabc"@ar', 'dir="auto" lang="ar"'),
    "a quoted triple": ("<<( <http://a> <http://b> '<b>' )>>", "&lt;b&gt;"),
    "an unknown datatype": ("'x'^^<http://e.org/dt>", 'title="http://e.org/dt"'),
}


def scripts(page: HttpResponse) -> list[str]:
    """Return the script elements of a page: those of the editor, and no other."""
    return re.findall(r"<script.*?(?:</script>|$)", page.text, re.IGNORECASE | re.DOTALL)


@each_case(("term", "shown"), STRANGE.values(), ids=STRANGE.keys())
def test_the_page_shows_any_term_as_text(web: HttpClient, term: str, shown: str):
    page = good(web.query(f"SELECT ?x {{ VALUES ?x {{ {term} }} }}", "text/html"))
    assert shown in page.text
    assert scripts(page) == scripts(web.query(SELECT, "text/html"))
    assert 'href="javascript:' not in page.text


def test_the_page_keeps_a_hostile_query_in_its_box(web: HttpClient):
    page = web.query("</textarea><script>alert(1)</script>", "text/html")
    assert page.status == 400
    assert scripts(page) == scripts(web.query(SELECT, "text/html"))
    assert "&lt;/textarea&gt;" in page.text
