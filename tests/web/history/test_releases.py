"""Publications, page by page, and the releases that they served."""

import html
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from cper_lod.release.history.history import History
from cper_lod.release.jobs.locks import discard
from tests.release.history.release_history import app_of, opened, publish_states


class ReleasesApp:
    """Five publications, the last a rollback to the third; the first is no longer kept."""

    def __init__(self, history: History, ids: list[str]) -> None:
        self.history, self.ids = history, ids
        history.publish(opened(history, ids[2]), "rollback")
        discard(history.folders_of(ids[0])[0])
        self.client: FlaskClient = app_of(history, ids[2]).test_client()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleasesApp]:
    """The application that tells of them."""
    yield ReleasesApp(*publish_states(tmp_path_factory.mktemp("app")))


def test_a_publication_says_what_was_served_when_and_leads_to_it_while_it_is_kept(app: ReleasesApp) -> None:
    entry = app.history.entries()[2]
    page = app.client.get("/changes/3.html").text
    for each in (entry.digest, entry.sources, entry.program, f'href="/release/{app.ids[2]}/"', " UTC"):
        assert each in page
    assert "/release/" not in app.client.get("/changes/1.html").text.partition("<main")[2], "no longer kept"
    answer = app.client.get(f"/release/{app.ids[2]}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/release/{app.ids[2]}/")
    assert app.client.get(f"/release/{app.ids[0]}", follow_redirects=True).status_code == 410
    with app.client.get(f"/release/{app.ids[2]}/dump/tout.nt.gz") as dump:
        assert dump.status_code == 200


def test_a_release_that_never_was_is_unknown(app: ReleasesApp) -> None:
    for path in ("/release/0000000000000000", "/release/x", "/release/x/y"):
        answer = app.client.get(path)
        assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (404, "release-unknown")
    assert app.client.get(f"/release/{app.ids[1]}/changed").status_code == 404


def test_data_served_as_given_have_no_history(client: FlaskClient) -> None:
    old = "/release/0000000000000000"
    for path in (old, f"{old}/doc/x", f"{old}/changes", "/changes", "/changes.atom"):
        answer = client.get(path)
        assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (404, "history-absent"), path
    assert "changes.atom" not in client.get("/", headers={"Accept": "text/html"}).text


def test_a_history_is_listed_page_by_page(app: ReleasesApp) -> None:
    address, found = "/changes.html?lang=en&size=2", list[str]()
    while address:
        page = app.client.get(address).get_data(as_text=True)
        found += re.findall('id="publication-([0-9]+)"', page)
        following = re.search(r'<a rel="next" href="([^"]*)"', page)
        address = html.unescape(following[1]) if following else ""
    assert found == ["5", "4", "3", "2", "1"]
    assert app.client.get("/changes?after=1000000").status_code == 400
