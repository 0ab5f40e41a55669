"""Errors as data: the right status, both languages, no stack trace, no internal information."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from cper_lod.core.config import load
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from tests.support.web import CONTRACT, TRACES, HttpClient, HttpResponse, describe


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
    "unknown context": ("GET", "/context/9.9.9.jsonld", 404, "page-not-found"),
    "unknown dump": ("GET", "/dump/x", 404, "format-unknown"),
    "deleting": ("DELETE", f"/doc{CONTRACT}", 405, "method-not-allowed"),
    "a method of nobody": ("BREW", "/", 405, "method-not-allowed"),
    "no IRI": ("GET", "/describe", 400, "parameter-missing"),
    "two IRIs": ("GET", "/describe?iri=http://a&iri=http://b", 400, "parameter-repeated"),
    "relative IRI": ("GET", "/describe?iri=axe/1", 400, "iri-invalid"),
    "IRI with angle brackets": ("GET", "/describe?iri=http://e.org/%3Cb%3E", 400, "iri-invalid"),
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
        "/doc",
        "/catalog.ttl",
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
