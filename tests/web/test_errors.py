"""Errors as data: the right status, both languages, no stack trace, no internal information."""

from urllib.parse import quote

import pytest

from cper_lod.core.config import load
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from tests.support.web import CONTRACT, TRACES, HttpClient
from tests.web.counting_engine import CountingEngine

BAD = {
    "unknown thing": ("GET", f"/doc{CONTRACT}/axe/99", 404, "not-found"),
    "unknown page": ("GET", "/nowhere", 404, "page-not-found"),
    "unknown static file": ("GET", "/static/nothing.css", 404, "page-not-found"),
    "deleting": ("DELETE", f"/doc{CONTRACT}", 405, "method-not-allowed"),
    "a method of nobody": ("BREW", "/", 405, "method-not-allowed"),
    "a method in small letters": ("get", "/legal", 405, "method-not-allowed"),
    "two IRIs": ("GET", "/describe?iri=http://a&iri=http://b", 400, "parameter-repeated"),
    "IRI with a line feed": ("GET", "/describe?iri=http://e.org/%0Ax", 400, "iri-invalid"),
    "IRI of nine kilobytes": ("GET", "/describe?iri=http://e.org/" + "a" * 9000, 400, "iri-invalid"),
    "IRI that is a script": ("GET", "/describe?iri=javascript:alert(1)", 404, "not-found"),
}


@pytest.mark.server
@pytest.mark.parametrize(("method", "path", "status", "code"), BAD.values(), ids=BAD.keys())
def test_an_error_is_data_and_a_page_in_a_browser(web: HttpClient, method: str, path: str, status: int, code: str):
    said = {}
    for lang in ("fr", "en"):
        answer = web.ask(method, path, Accept_Language=lang)
        assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
        assert (answer.headers["content-language"], answer.headers["cache-control"]) == (lang, "no-store")
        assert {"Accept", "Accept-Language"} <= answer.vary
        found = answer.json()
        assert (found["type"], found["status"]) == (f"https://w3id.org/cper-lod/problem/{code}", status)
        assert found["detail"] and found["remedy"] and len(answer.body) < 5000
        said[lang] = found["title"]
    assert said["fr"] != said["en"]
    page = web.ask(method, path, Accept="text/html,*/*;q=0.8", Accept_Language="en")
    assert (page.status, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert '<html lang="en">' in page.text and "<script" not in page.text
    assert not any(each in answer.text + page.text for each in TRACES)


@pytest.mark.server
def test_an_encoded_slash_is_a_slash(web: HttpClient):
    path = f"/doc{CONTRACT}.ttl"
    assert web.get("/doc/" + quote(CONTRACT.lstrip("/"), safe="") + ".ttl").body == web.get(path).body


@pytest.mark.server
@pytest.mark.parametrize("path", ["/", f"/id{CONTRACT}", f"/doc{CONTRACT}.jsonld", "/nowhere"])
def test_the_host_header_never_leaks(web: HttpClient, path: str):
    for header in ({"Host": "evil.example"}, {"X_Forwarded_Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
        answer = web.get(path, "text/html, */*;q=0.5", **header)
        assert answer.status < 500
        assert "evil.example" not in answer.text + str(answer.headers)
    assert web.get(path, Host='e"vil<script>').status in (200, 303, 400, 404)


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_fault_of_ours_shows_a_reference_and_is_never_a_404(
    release: Release, accept: str, caplog: pytest.LogCaptureFixture
):
    broken = create_app(release, CountingEngine(RuntimeError("a secret of the house")), load({}, {}).settings)
    answer = broken.test_client().get("/sparql?query=ASK{}", headers={"Accept": f"{accept}, */*;q=0.1"})
    assert answer.status_code == 500
    assert not any(each in answer.text for each in ("secret", *TRACES))
    reference = caplog.records[-1].getMessage().split()[2]
    assert len(reference) == 12 and reference in answer.text
    assert caplog.records[-1].exc_info
