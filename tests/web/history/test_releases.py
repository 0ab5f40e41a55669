"""The list of releases and the description of each, as a page and as RDF."""

import html
import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Quad, RdfFormat, parse

from cper_lod.release.history.history import ENTRY, History
from cper_lod.release.history.provenance import describe_releases
from cper_lod.release.jobs.locks import discard
from tests.support.release_history import PUBLIC, app_of, ferry, opened, publish_states, related
from tests.support.web import SUFFIXES, canonical

BASE = "https://w3id.org/cper-lod/"
PROV, DCT, DCAT = "http://www.w3.org/ns/prov#", "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#"
HYDRA = "http://www.w3.org/ns/hydra/core#"
VOID, OWL, SPDX = "http://rdfs.org/ns/void#", "http://www.w3.org/2002/07/owl#", "http://spdx.org/rdf/terms#"


class ReleasesApp:
    """Five publications, the last a rollback to the third; the first is no longer kept."""

    def __init__(self, history: History, ids: list[str]) -> None:
        self.history, self.ids = history, ids
        history.publish(opened(history, ids[2]), "rollback")
        discard(history.folders_of(ids[0])[0])
        self.client: FlaskClient = app_of(history, ids[2]).test_client()

    def rdf(self, path: str) -> list[Quad]:
        answer = self.client.get(f"{path}.nt")
        assert answer.status_code == 200
        return list(parse(answer.data, RdfFormat.N_TRIPLES))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleasesApp]:
    """The application that tells of them."""
    yield ReleasesApp(*publish_states(tmp_path_factory.mktemp("app")))


def values(quads: list[Quad], subject: str, predicate: str) -> set[str]:
    return {each.object.value for each in quads if (each.subject.value, each.predicate.value) == (subject, predicate)}


def test_every_form_says_the_same(app: ReleasesApp) -> None:
    for path in ("/release", f"/release/{app.ids[1]}"):
        expected = canonical(app.rdf(path))
        assert len(expected) > 15
        for suffix, (content_type, form) in SUFFIXES.items():
            answer = app.client.get(f"{path}.{suffix}")
            assert answer.content_type == content_type
            assert canonical(list(parse(answer.data, form))) == expected, suffix
        chosen = app.client.get(path, headers={"Accept": "text/turtle"})
        assert (chosen.headers["Content-Location"], chosen.headers["Vary"]) == (
            f"{path}.ttl",
            "Accept, Accept-Encoding",
        )
        assert app.client.get(path, headers={"Accept": "application/json"}).status_code == 200
        assert app.client.get(f"{path}.zip").get_json()["type"].endswith("/format-unknown")


def test_a_release_says_who_made_it_when_and_from_what(app: ReleasesApp) -> None:
    release, entry = app.ids[1], app.history.entries()[1]
    quads, own = app.rdf(f"/release/{release}"), f"{BASE}release/{release}"
    (build,) = values(quads, own, PROV + "wasGeneratedBy")
    (sources,) = values(quads, build, PROV + "used")
    assert values(quads, own, PROV + "wasDerivedFrom") == {sources}
    (checksum,) = values(quads, sources, SPDX + "checksum")
    assert values(quads, checksum, SPDX + "checksumValue") == {entry.sources}
    (checksum,) = values(quads, own, SPDX + "checksum")
    assert values(quads, checksum, SPDX + "checksumValue") == {entry.digest}
    (agent,) = values(quads, build, PROV + "wasAssociatedWith")
    assert values(quads, agent, "http://www.w3.org/2000/01/rdf-schema#label") == {f"cper-lod {entry.program}"}
    (sealed,) = values(quads, build, PROV + "endedAtTime")
    assert sealed.endswith("Z")
    assert values(quads, own, DCT + "issued") == {"2022-04-15T05:20:00Z"}
    assert values(quads, own, DCAT + "version") == values(quads, own, DCT + "identifier") == {release}
    assert values(quads, own, DCAT + "isVersionOf") == {f"{BASE}dataset"}
    assert values(quads, own, DCT + "replaces") == {f"{BASE}release/{app.ids[0]}"}
    assert values(quads, own, DCT + "isReplacedBy") == {f"{BASE}release/{app.ids[2]}"}
    dumps = values(quads, own, VOID + "dataDump")
    assert f"{PUBLIC}/release/{release}/dump/tout.nt.gz" in dumps
    for each in dumps:
        with app.client.get(each.removeprefix(PUBLIC)) as answer:
            assert answer.status_code == 200


def test_a_release_that_came_back_replaces_what_it_was_replaced_by(app: ReleasesApp) -> None:
    quads, own = app.rdf(f"/release/{app.ids[2]}"), f"{BASE}release/{app.ids[2]}"
    assert values(quads, own, DCT + "replaces") == {f"{BASE}release/{app.ids[place]}" for place in (1, 3)}
    assert values(quads, own, DCT + "isReplacedBy") == {f"{BASE}release/{app.ids[3]}"}
    published = {each.subject.value for each in quads if "#publication-" in each.subject.value}
    assert published == {f"{own}#publication-{number}" for number in (3, 5)}


def test_the_list_names_each_once_and_the_current_one(app: ReleasesApp) -> None:
    quads = app.rdf("/release")
    members = {f"{BASE}release/{each}" for each in app.ids}
    assert values(quads, f"{BASE}release", PROV + "hadMember") == members
    assert sorted(each.subject.value for each in quads if each.predicate.value == DCT + "issued") == sorted(members)
    assert values(quads, f"{BASE}dataset", DCAT + "hasCurrentVersion") == {f"{BASE}release/{app.ids[2]}"}
    link = ", ".join(app.client.get("/release.ttl").headers.getlist("Link"))
    assert f'<{PUBLIC}/release/{app.ids[2]}>; rel="latest-version"' in link


def test_a_release_that_never_was_is_unknown(app: ReleasesApp) -> None:
    for path in ("/release/0000000000000000", "/release/x.ttl", "/release/x/y"):
        answer = app.client.get(path)
        assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (404, "release-unknown")
    assert app.client.get(f"/release/{app.ids[1]}/changed").status_code == 404


def test_data_served_as_given_have_no_history(client: FlaskClient) -> None:
    old = "/release/0000000000000000"
    for path in ("/release", old, f"{old}/doc/x", f"{old}/changes", "/changes", "/changes.atom"):
        answer = client.get(path)
        assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (404, "history-absent"), path
    assert "changes.atom" not in client.get("/", headers={"Accept": "text/html"}).text


LONG = 205
"""Publications of a history of three pages."""


@pytest.fixture(scope="module")
def long_history(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Return the client of an application with a long history, of two releases in turn."""
    history, ids = publish_states(tmp_path_factory.mktemp("long"), ("", ferry(2)), (1000, 2000))
    first, second = history.entries()
    for number in range(3, LONG + 1):
        entry = (second, first)[number % 2]._replace(number=number, at=1000 * number)
        history.folder(entry).mkdir()
        (history.folder(entry) / ENTRY).write_text(json.dumps(entry._asdict()))
    return app_of(history, ids[(LONG + 1) % 2]).test_client()


def test_a_long_history_is_listed_page_by_page(long_history: FlaskClient) -> None:
    address, numbers, seen = "/release.html?lang=en", [], 0
    while address:
        page = long_history.get(address).get_data(as_text=True)
        seen += page.count('<th scope="row"')
        numbers.append(page.count('<th scope="row"'))
        assert page.count("in service") == (len(numbers) == 1)
        found = re.search(r'<a rel="next" href="([^"]*)"', page)
        address = html.unescape(found[1]) if found else ""
    assert (numbers, seen) == ([100, 100, 5], LONG)


def test_the_pages_of_a_list_are_linked_and_together_they_are_the_list(long_history: FlaskClient) -> None:
    timeline = long_history.application.extensions["cper_lod"].timeline
    whole = set(describe_releases(timeline, slice(0, LONG), "urn:x-page:1", {}, PUBLIC))
    found: set[Quad] = set()
    for after, others in ((0, {"next": 100, "last": 200}), (100, {"first": 0, "prev": 0, "next": 200, "last": 200})):
        answer = long_history.get(f"/release.nt?after={after}")
        head = ", ".join(answer.headers.getlist("Link"))
        for name, number in others.items():
            address = f"{PUBLIC}/release.nt" + (f"?after={number}" if number else "")
            assert [target for target, _ in related(head, name)] == [address]
        quads, here = list(parse(answer.data, RdfFormat.N_TRIPLES)), f"{PUBLIC}/release?after={after}"
        assert values(quads, f"{BASE}release", HYDRA + "view") == {here}
        for name, number in others.items():
            relation = HYDRA + ("previous" if name == "prev" else name)
            assert values(quads, here, relation) == {f"{PUBLIC}/release?after={number}"}
        for suffix, (_, form) in SUFFIXES.items():
            answer = long_history.get(f"/release.{suffix}?after={after}")
            assert canonical(list(parse(answer.data, form))) == canonical(quads), suffix
        found |= set(quads)
    found |= set(parse(long_history.get("/release.nt?after=200").data, RdfFormat.N_TRIPLES))
    assert {each for each in found if HYDRA not in str(each)} == {each for each in whole if HYDRA not in str(each)}


@pytest.mark.parametrize("after", ["-1", "1000000", "x", "1&after=2"])
def test_what_is_no_place_in_a_list_is_an_error(long_history: FlaskClient, after: str) -> None:
    for suffix in ("ttl", "html"):
        assert long_history.get(f"/release.{suffix}?after={after}").status_code == 400
