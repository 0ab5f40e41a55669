"""The versions of the ontology over HTTP: each at its version IRI, in every format, and listed on the page."""

import html
import shutil
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from cper_lod.core.namespaces import ONTOLOGY, OWL
from cper_lod.release.build.build import build
from tests.support.paths import FICTION, ROOT
from tests.support.web import SUFFIXES, client_of, triples

EARLIER = FICTION / "versions" / "ontology" / "versions"


@pytest.fixture(scope="module")
def versioned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a release whose ontology is the third of its versions."""
    folder = tmp_path_factory.mktemp("versioned")
    shutil.copytree(FICTION / "petit", folder / "sources")
    shutil.copytree(FICTION / "versions", folder / "sources", dirs_exist_ok=True)
    contexts = folder / "sources" / "ontology" / "context"
    (contexts / "1.1.0.jsonld").write_bytes((contexts / "1.0.0.jsonld").read_bytes().replace(b"libelle", b"nom"))
    yield from client_of(build(folder / "releases", folder / "sources"), query_workers=1)


def shown(client: FlaskClient, path: str, lang: str) -> str:
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": lang})
    assert answer.status_code == 200
    return html.unescape(answer.text.replace("\u00a0", " "))


def test_the_version_iri_of_the_real_ontology_answers(client: FlaskClient) -> None:
    """Whatever the files say is the version IRI answers here, with the ontology that says it."""
    (iri,) = {
        quad.object.value
        for quad in parse(path=ROOT / "ontology" / "cper.ttl", format=RdfFormat.TURTLE)
        if quad.predicate.value == OWL + "versionIRI"
    }
    path = iri.removeprefix("https://w3id.org/cper-lod")
    for suffix, (content_type, form) in SUFFIXES.items():
        answer = client.get(f"{path}.{suffix}")
        assert (answer.status_code, answer.content_type) == (200, content_type)
        if form is not RdfFormat.JSON_LD:
            assert triples(answer.data, form) == triples(client.get(f"/ontology.{suffix}").data, form)
        assert answer.headers["Cache-Control"] == "no-cache", "not tagged yet: it may change"
    assert f"{iri}>" in client.get(f"{path}.nt").text
    assert '<h2 id="versions">' in shown(client, path, "fr")
    assert f'href="{path}"' in shown(client, "/ontology", "en")


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "trig"])
def test_an_earlier_version_is_what_was_kept_for_good(versioned: FlaskClient, suffix: str) -> None:
    kept = triples((EARLIER / "0.9.0.ttl").read_bytes(), RdfFormat.TURTLE)
    answer = versioned.get(f"/ontology/0.9.0.{suffix}")
    assert answer.content_type == SUFFIXES[suffix][0]
    assert triples(answer.data, SUFFIXES[suffix][1]) == kept
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    links = ", ".join(answer.headers.getlist("Link"))
    assert 'ontology>; rel="latest-version"' in links
    assert f'<{ONTOLOGY}/0.9.0>; rel="cite-as"' in links
    again = versioned.get(f"/ontology/0.9.0.{suffix}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_an_earlier_context_goes_on_answering(versioned: FlaskClient) -> None:
    """What was written with it names its address; the documents of today name the newest."""
    kept = (FICTION / "petit" / "ontology" / "context" / "1.0.0.jsonld").read_bytes()
    earlier, newest = versioned.get("/context/1.0.0.jsonld"), versioned.get("/context/1.1.0.jsonld")
    assert earlier.data == kept
    assert newest.data == kept.replace(b"libelle", b"nom")
    assert earlier.headers["Cache-Control"] == newest.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert versioned.get("/context/0.9.0.jsonld").status_code == 404
    assert b"/context/1.1.0.jsonld" in versioned.get("/ontology.jsonld").data


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [("text/turtle", "ttl"), ("application/ld+json", "jsonld"), ("text/html", "html"), ("*/*", "ttl")],
)
def test_a_version_is_negotiated(versioned: FlaskClient, accept: str, suffix: str) -> None:
    answer = versioned.get("/ontology/0.10.0", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Location"] == f"/ontology/0.10.0.{suffix}"
    assert "Accept" in answer.vary
    assert answer.headers["Cache-Control"] == "no-cache"
    assert versioned.get(f"/ontology/0.10.0.{suffix}").data == answer.data or suffix == "html"
    assert b"0.10.0" in answer.data
    assert b"2030-01-02" in answer.data or suffix == "html"


def test_forms_and_versions_that_there_are_not(versioned: FlaskClient) -> None:
    for path, code in {
        "/ontology/0.8.0": "version-unknown",
        "/ontology/0.8.0.ttl": "version-unknown",
        "/ontology/latest": "version-unknown",
        "/ontology/1.0.0.pdf": "format-unknown",
        "/ontology/1.0": "version-unknown",
        "/ontology/%0A0.9.0": "version-unknown",
    }.items():
        answer = versioned.get(path, headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (404, code), path
    assert "1.0.0, 0.10.0, 0.9.0" in versioned.get("/ontology/0.8.0").get_json()["remedy"]
    assert versioned.get("/ontology/0.9.0", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "fr",
            ("actuelle", "Changements depuis la 0.10.0", "Ajoutés", "Dépréciés", "Une version publiée ne change plus"),
        ),
        ("en", ("current", "Changes since 0.10.0", "Added", "Deprecated", "A published version never changes")),
    ],
)
def test_the_page_lists_versions_and_what_changed(versioned: FlaskClient, lang: str, words: tuple[str, ...]) -> None:
    text = shown(versioned, "/ontology", lang).partition('<h2 id="versions">')[2]
    for each in words:
        assert each in text
    places = [text.index(f'href="/ontology/{number}"') for number in ("1.0.0", "0.10.0", "0.9.0")]
    assert places == sorted(places)
    for name in ("Pont fictif", "Radeau fictif") if lang == "fr" else ("Fictitious bridge", "Fictitious raft"):
        assert name in text.partition("</dl>")[0]
    assert ("6 mai 2031" if lang == "fr" else "May 6, 2031") in text or "6 May 2031" in text


@pytest.mark.parametrize(
    ("lang", "by", "word"), [("fr", "Remplacé par", "déprécié"), ("en", "Replaced by", "deprecated")]
)
def test_a_deprecated_term_says_so_and_what_replaces_it(versioned: FlaskClient, lang: str, by: str, word: str) -> None:
    text = shown(versioned, "/ontology/term/Radeau", lang)
    assert f"<strong>{word}</strong>" in text
    assert ("un bac suffit" if lang == "fr" else "a ferry will do") in text
    assert by in text
    assert "<code>cper:Bac</code>" in text
    entry = shown(versioned, "/ontology", lang).partition('<li id="Radeau"')[2].partition("</li>")[0]
    assert f'<small class="tag">{word}</small>' in entry
    assert f"<strong>{word}</strong>" not in shown(versioned, "/ontology/term/Pont", lang)


def test_the_page_of_an_earlier_version_says_so_and_stays_with_itself(versioned: FlaskClient) -> None:
    text = shown(versioned, "/ontology/0.10.0", "en")
    assert "This is an earlier version; the current one is 1.0.0." in text
    assert 'href="/ontology/0.10.0/term/Radeau"' in text
    assert 'href="/ontology/0.10.0/term/Bac"' in shown(versioned, "/ontology/0.10.0/term/Radeau", "en")
    since = text.partition("Changes since 0.9.0")[2].partition("</dl>")[0]
    assert 'href="/ontology/0.9.0/term/Gue"' in since
    assert "Withdrawn" in since
    assert 'id="Gue"' in shown(versioned, "/ontology/0.9.0", "en")
    assert 'id="Gue"' in shown(versioned, "/ontology/0.9.0/term/Gue", "en")
    assert versioned.get("/ontology/term/Gue", headers={"Accept": "text/html"}).status_code == 404
    assert "earlier version" not in shown(versioned, "/ontology", "en")


def test_a_version_iri_leads_to_its_page(versioned: FlaskClient) -> None:
    text = shown(versioned, "/ontology", "fr").rpartition("<dl")[2]
    assert 'href="/ontology/0.10.0"' in text
    assert f"{ONTOLOGY}/0.10.0".removeprefix("https://w3id.org") in versioned.get("/ontology.nt").text
    dump = versioned.get("/dump/tout.ttl", buffered=True).data.decode()
    assert "cper:Pont" in dump
    assert "cper:Gue" not in dump, "an earlier version is no part of the data"
