"""Paths without a thing: the answer names what was meant, what lies above, below or beside; names that are escaped."""

import csv
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode

from cper_lod.core.namespaces import DEFINITIONS, VOCABULARY
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines
from cper_lod.web.documents import lookup
from tests.support.nquads_release import LABEL, TYPE, client_without_engine, release_of_quads
from tests.support.web import CONTRACT, HTML, ID

TURTLE = {"Accept": "text/turtle"}


@pytest.mark.parametrize(("path", "place"), [("organisme", "org-formal-organization"), ("territoire", "geo-feature")])
def test_of_a_path_cut_short_the_list_and_what_lies_below_are_named(client: FlaskClient, path: str, place: str):
    for start in ("/id", "/doc"):
        told = client.get(f"{start}/{path}?lang=en").json
        assert (told["status"], f"“/doc/{place}?lang=en”" in told["remedy"]) == (404, True)
        assert len(told["near"]) == lookup.MAX_NEIGHBOURS
        assert {client.get(each).status_code for each in told["near"]} == {200}
        assert all(each.startswith(f"/doc/{path}/") for each in told["near"])


def test_nothing_found_names_the_nearest_list_and_all_lists(client: FlaskClient):
    told = client.get("/doc/signatory.json?lang=en").json
    assert f"{ID}/signatory." in told["detail"]
    assert re.findall(r"/doc\S*?(?=”|\))", told["remedy"]) == ["/doc/signataire.json?lang=en", "/doc.json?lang=en"]
    told = client.get("/doc/rien/du-tout.json").json
    assert told["iri"] == f"{ID}/rien/du-tout"
    assert ("(/doc.json)" in told["remedy"], told["near"]) == (True, [])
    assert client.get(told["list"]).status_code == 200
    assert client.get("/doc/nul.csv").json["iri"] == f"{ID}/nul"
    assert client.get("/id/nul.json").json["iri"] == f"{ID}/nul.json", "names of things have no form"


def test_what_is_missing_has_a_thing_above_and_things_below_or_beside(client: FlaskClient):
    near = [f"/doc{CONTRACT}.json", *(f"/doc{CONTRACT}/axe/{number}.json" for number in range(1, 7))]
    for path in ("axe", "axe/9"):
        assert client.get(f"/doc{CONTRACT}/{path}.json").json["near"] == near
    page = client.get(f"/doc{CONTRACT}/axe/9?lang=en", headers=HTML)
    assert f'<a href="/doc{CONTRACT}/axe/2?lang=en" dir="auto">Supporting territories</a>' in page.text
    assert 'name="q" type="search" value="axe 9"' in page.text


def test_what_is_asked_for_is_shown_as_text(client: FlaskClient, hostile_client: FlaskClient):
    for path in ('/doc/contrat/"><script>alert(1)</script>', "/doc/<b>x</b>/y", "/<script>alert(1)</script>"):
        for each in (client, hostile_client):
            answer = each.get(path, headers=HTML)
            assert answer.status_code == 404
            assert "<script>alert" not in answer.text
            assert "<b>x" not in answer.text


def test_long_paths_are_not_compared(client: FlaskClient):
    answer = client.get("/doc/" + "/".join(["contrats"] * 200))
    assert answer.status_code == 404
    assert "hint" not in answer.json or not answer.json["hint"]


@pytest.mark.parametrize(("path", "page"), [("/ontologie", "/ontology"), ("/Developers/x", "/developers")])
def test_a_page_by_nearly_its_name(client: FlaskClient, path: str, page: str):
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 404
    assert f'<li><a href="{page}" dir="auto">' in answer.text
    assert "<li>" not in client.get("/wp-login.php", headers=HTML).text.partition("<main")[2].partition("</main>")[0]


ESCAPED = ("caf%C3%A9", "un/deux%20trois")
"""Names that escape what a URL must escape."""
ESCAPED_OTHERWISE = ("a%62", "p%2Fq", "L%27Aisne", "dir/x%2fy%28z%29", "caf%c3%a9t", "%61/b")
"""Names that escape what a URL need not escape, or write the escapes otherwise than we do: WSGI does not tell them."""


@pytest.fixture(scope="module")
def escaping(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of data with IRIs that have percent-encoded characters, `both` with and without them."""
    folder = tmp_path_factory.mktemp("escaped")
    names = (*ESCAPED, *ESCAPED_OTHERWISE, "both", "bot%68", "links")
    lines = [f'<{ID}/{name}> <urn:p> "about {name}"' for name in names]
    return client_without_engine(
        release_of_quads(folder, [*lines, *(f"<{ID}/links> <urn:q> <{ID}/{name}>" for name in names)])
    )


@pytest.mark.parametrize("name", [*ESCAPED, *ESCAPED_OTHERWISE])
def test_an_iri_with_escapes_is_found_at_its_address_and_by_links(escaping: FlaskClient, name: str):
    if name in ESCAPED:
        answer = escaping.get(f"/id/{name}", headers=TURTLE)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/doc/{quote(name)}.ttl")
        assert f"about {name}" in escaping.get(f"/doc/{name}.ttl").text
    about = escaping.get(f"/doc/{quote(name)}.nt")
    assert about.text == f'<{ID}/{name}> <urn:p> "about {name}" .\n'
    assert f'href="/doc/{quote(name)}"' in escaping.get("/doc/links.html").text
    assert escaping.get("/describe", query_string={"iri": f"{ID}/{name}"}, headers=TURTLE).status_code == 200


def test_a_table_leads_to_things_whose_names_are_escaped(tmp_path: Path):
    name, cls, of = "l'été#1", "http://e.org/Thing", "http://e.org/of"
    about = f"<{ID}/{name}>"
    lines = [f"{about} {TYPE} <{cls}>", f"{about} <{of}> {about}", f'{about} {LABEL} "l’été"@fr']
    client = client_without_engine(release_of_quads(tmp_path, lines))
    _, row = csv.reader(client.get("/doc.csv", query_string={"class": cls}).text.splitlines())
    address = urlsplit(row[-1])
    assert client.get(f"{address.path}.nt").status_code == 200
    chosen = client.get("/doc.csv", query_string={"class": cls, "of": row[-1]})
    assert len(chosen.text.splitlines()) == 2, "the address chooses the row"


def test_two_iris_of_one_decoded_path(escaping: FlaskClient):
    assert "about both" in escaping.get("/id/both", headers=TURTLE, follow_redirects=True).text
    assert "about both" in escaping.get("/id/bot%68", headers=TURTLE, follow_redirects=True).text
    assert "about bot%68" in escaping.get("/doc/bot%2568.ttl").text


def test_every_name_below_the_address_opens(client: FlaskClient, release: Release):
    """Things of the site and definitions of the program alike: 303, and the document that it leads to is there."""
    quads = parse_lines(release.lines())
    described = {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}
    starts = {f"{VOCABULARY}id/": "/id/", DEFINITIONS: "/def/"}
    paths = [page + iri[len(start) :] for start, page in starts.items() for iri in described if iri.startswith(start)]
    assert {path.split("/")[1] for path in paths} == {"id", "def"}
    assert len(paths) > 700
    opened = {path: client.get(path.partition("#")[0], headers=TURTLE, follow_redirects=True) for path in paths}
    assert {path for path, answer in opened.items() if (answer.status_code, len(answer.history)) != (200, 1)} == set()
    near = client.get("/doc/def/question/total-et-some.json").json
    assert "/doc/def/question/total-et-somme.json" in near["remedy"]
