"""Errors as data: the right status, both languages, no stack trace, no internal information."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from cper_lod.core.config import load
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from tests.support.server import Server
from tests.support.web import CONTRACT, ID, TRACES, HttpClient, HttpResponse, describe


def sound(answer: HttpResponse) -> HttpResponse:
    """An error that a stranger may see: no fault of ours, no trace."""
    assert 400 <= answer.status < 500
    assert not any(each in answer.text for each in TRACES)
    return answer


BAD = {
    "unknown IRI": ("GET", f"/doc{CONTRACT}/axe/99", 404, "not-found"),
    "unknown thing": ("GET", "/id/nothing", 404, "not-found"),
    "unknown page": ("GET", "/nowhere", 404, "page-not-found"),
    "unknown static file": ("GET", "/static/nothing.css", 404, "page-not-found"),
    "unknown form of a document": ("GET", f"/doc{CONTRACT}.docx", 404, "format-unknown"),
    "unknown form of the ontology": ("GET", "/ontology.docx", 404, "format-unknown"),
    "unknown form of the report": ("GET", "/report.pdf", 404, "format-unknown"),
    "unknown form of a description": ("GET", describe(ID, ".pdf"), 404, "format-unknown"),
    "unknown context": ("GET", "/context/9.9.9.jsonld", 404, "page-not-found"),
    "unknown dump": ("GET", "/dump/x", 404, "format-unknown"),
    "deleting": ("DELETE", f"/doc{CONTRACT}", 405, "method-not-allowed"),
    "posting to a document": ("POST", f"/doc{CONTRACT}", 405, "method-not-allowed"),
    "putting a query": ("PUT", "/sparql", 405, "method-not-allowed"),
    "a method of nobody": ("BREW", "/", 405, "method-not-allowed"),
    "no IRI": ("GET", "/describe", 400, "parameter-missing"),
    "two IRIs": ("GET", "/describe?iri=http://a&iri=http://b", 400, "parameter-repeated"),
    "empty IRI": ("GET", "/describe?iri=", 400, "iri-invalid"),
    "relative IRI": ("GET", "/describe?iri=axe/1", 400, "iri-invalid"),
    "IRI without a scheme": ("GET", "/describe?iri=//example.org/x", 400, "iri-invalid"),
    "IRI with spaces": ("GET", "/describe?iri=http://e.org/a%20b", 400, "iri-invalid"),
    "IRI with angle brackets": ("GET", "/describe?iri=http://e.org/%3Cb%3E", 400, "iri-invalid"),
    "IRI with a quote": ("GET", "/describe?iri=http://e.org/%22", 400, "iri-invalid"),
    "IRI with NUL": ("GET", "/describe?iri=http://e.org/%00", 400, "iri-invalid"),
    "IRI with a line feed": ("GET", "/describe?iri=http://e.org/%0Ax", 400, "iri-invalid"),
    "IRI that is a script": ("GET", "/describe?iri=javascript:alert(1)", 404, "not-found"),
    "IRI that is no URL": ("GET", "/describe?iri=http://%5Bbad", 404, "not-found"),
    "IRI in Latin-1": ("GET", "/describe?iri=http://e.org/%E9", 400, "parameter-encoding"),
    "IRI of nine kilobytes": ("GET", "/describe?iri=http://e.org/" + "a" * 9000, 400, "iri-invalid"),
    "a beginning of our names": ("GET", describe("https://w3id.org/cper-lod"), 404, "not-found"),
}


@pytest.mark.server
@pytest.mark.parametrize(("method", "path", "status", "code"), BAD.values(), ids=BAD.keys())
def test_an_error_is_data_and_a_page_in_a_browser(web: HttpClient, method: str, path: str, status: int, code: str):
    said = {}
    for lang in ("fr", "en"):
        answer = sound(web.ask(method, path, Accept_Language=lang))
        assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.headers["content-language"] == lang
        assert answer.headers["cache-control"] == "no-store"
        assert {"Accept", "Accept-Language"} <= answer.vary
        found = answer.json()
        assert found["type"] == f"https://w3id.org/cper-lod/problem/{code}"
        assert found["status"] == status
        assert found["title"]
        assert found["detail"]
        assert found["remedy"]
        assert len(answer.body) < 5000
        said[lang] = found["title"]
    assert said["fr"] != said["en"]
    page = sound(web.ask(method, path, Accept="text/html,*/*;q=0.8", Accept_Language="en"))
    assert (page.status, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert '<html lang="en">' in page.text
    assert 'class="problem"' in page.text
    assert "<script" not in page.text


@pytest.mark.server
@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/problem+json"),
        ("text/turtle", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("application/problem+json, text/html;q=0.5", "application/problem+json"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html;q=0.3, application/problem+json;q=0.2", "text/html; charset=utf-8"),
    ],
)
def test_an_error_is_negotiated(web: HttpClient, accept: str, kind: str):
    assert web.get("/nowhere", accept).headers["content-type"] == kind


@pytest.mark.server
@pytest.mark.parametrize(
    "path", [f"/doc{CONTRACT}", f"/id{CONTRACT}", "/ontology", "/shapes", "/report", describe(ID + CONTRACT)]
)
def test_no_acceptable_form_lists_what_there_is(web: HttpClient, path: str):
    answer = sound(web.get(path, "image/png"))
    assert answer.status == 406
    found = answer.json()
    assert found["accept"] == "image/png"
    assert "text/turtle" in found["offers"]
    assert "text/html" in found["remedy"]
    assert "Accept" in answer.vary


@pytest.mark.server
def test_an_unknown_form_lists_what_there_is(web: HttpClient):
    found = web.get(f"/doc{CONTRACT}.docx").json()
    assert found["suffix"] == ".docx"
    assert found["offers"] == [".ttl", ".html", ".jsonld", ".nt", ".rdf", ".trig", ".json"]


@pytest.mark.server
@pytest.mark.parametrize(
    ("path", "allowed"), [("/", "GET, HEAD, OPTIONS"), ("/sparql", "GET, HEAD, OPTIONS, POST, QUERY")]
)
def test_a_wrong_method_says_which_are_right(web: HttpClient, path: str, allowed: str):
    answer = web.ask("DELETE", path)
    assert (answer.status, answer.headers["allow"]) == (405, allowed)


@pytest.mark.server
def test_an_endless_address_is_refused(web: HttpClient):
    assert web.get("/" + "a" * 100_000).status in (400, 414, 431)
    assert web.get("/health").status == 200


@pytest.mark.server
def test_an_encoded_slash_is_a_slash(web: HttpClient):
    path = f"/doc{CONTRACT}.ttl"
    assert web.get("/doc/" + quote(CONTRACT.lstrip("/"), safe="") + ".ttl").body == web.get(path).body


@pytest.mark.server
@pytest.mark.parametrize(
    "path",
    [
        "/",
        f"/id{CONTRACT}",
        f"/doc{CONTRACT}.html",
        f"/doc{CONTRACT}.jsonld",
        "/nowhere",
        "/sparql",
        "/ontology.html",
        "/health",
        "/doc",
        f"/doc{CONTRACT}/",
        "/static/style.css",
    ],
)
def test_the_host_header_never_leaks(web: HttpClient, path: str):
    for name in ("Host", "X-Forwarded-Host", "Forwarded"):
        value = "host=evil.example" if name == "Forwarded" else "evil.example"
        answer = web.get(path, "text/html, */*;q=0.5", **{name.replace("-", "_"): value})
        assert answer.status < 500
        assert "evil.example" not in answer.text + str(answer.headers)
    assert web.get(path, Host='e"vil<script>').status in (200, 301, 303, 400, 404)


class Broken:
    """An engine with a fault of ours."""

    def query(self, query: object) -> object:
        raise RuntimeError("a secret of the house")

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def broken(release: Release) -> Iterator[FlaskClient]:
    """A client of an application whose engine fails."""
    yield create_app(release, Broken(), load({}, {}).settings).test_client()  # type: ignore[arg-type]


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_fault_of_ours_shows_a_reference_and_is_never_a_404(
    broken: FlaskClient, accept: str, caplog: pytest.LogCaptureFixture
):
    answer = broken.get("/sparql?query=ASK{}", headers={"Accept": f"{accept}, */*;q=0.1"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert not any(each in answer.text for each in TRACES)
    reference = caplog.records[-1].getMessage().split()[2]
    assert len(reference) == 12
    assert reference in answer.text
    assert caplog.records[-1].exc_info


@pytest.mark.server
def test_nothing_unexpected_was_logged(web: HttpClient, server: Server):
    web.get("/nowhere")
    assert "unexpected error" not in server.log.read_text()
