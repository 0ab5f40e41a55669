"""The endpoint on the real data: the dataset, limits, and the query page.

What is sent and what comes back, case by case, is in test_protocol.py; the clients of others in test_clients.py.
"""

import re
import threading
import time

import pytest

from tests.support.cases import each_case
from tests.support.web import CONTRACT, CPER, HttpClient, HttpResponse

pytestmark = pytest.mark.server

SELECT = f"SELECT ?axe ?p WHERE {{ ?axe a <{CPER}Axe> ; <{CPER}part>/<{CPER}pourcentage> ?p }} ORDER BY ?p"
ASK = f"ASK {{ ?c a <{CPER}ContratDePlan> }}"
CONSTRUCT = f"CONSTRUCT {{ ?s <{CPER}pourcentage> ?p }} WHERE {{ ?s <{CPER}pourcentage> ?p }}"
LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?d && ?d != ?g && ?c != ?i) }"


def good(answer: HttpResponse) -> HttpResponse:
    assert answer.status == 200, answer.text
    return answer


def test_the_default_graph_holds_ontology_and_questions_and_the_rest_is_named(web: HttpClient):
    graphs = web.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g", "text/csv").text.split()
    ours = [f"https://w3id.org/cper-lod/graph/{name}" for name in ("catalogue", "documentation", "rapport", "void")]
    assert graphs == ["g", *ours]
    assert web.query(f"ASK {{ <{CPER}Axe> a <http://www.w3.org/2002/07/owl#Class> }}").json()["boolean"] is True
    assert web.query("ASK { ?q <http://www.w3.org/ns/shacl#select> ?t }").json()["boolean"] is True


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


def test_the_page_shows_a_truth_a_graph_and_nothing(web: HttpClient):
    assert "Oui (vrai)" in web.query(ASK, "text/html").text
    assert "cper:pourcentage" in web.query(CONSTRUCT, "text/html").text
    assert "Aucune ligne." in web.query("SELECT * { <http://x> ?p ?o }", "text/html").text


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
