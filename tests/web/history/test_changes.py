"""Changes over HTTP: pages, and the Atom feed read by feedparser."""

import re
import warnings
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from flask.testing import FlaskClient

from cper_lod.core.names import PROGRAM
from cper_lod.release.history.changes import CHANGES
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.jobs.locks import discard
from cper_lod.web.history.changes import feed as written
from tests.release.history.release_history import FERRY, PUBLIC, ServedHistory, app_of, opened, publish_states
from tests.release.history.trig_release import history_of, release_of_trig

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ServedHistory:
    """Five publications, of which the last is a rollback to the first release."""
    history, ids = publish_states(tmp_path_factory.mktemp("changes"))
    history.publish(opened(history, ids[0]), "rollback")
    return ServedHistory(history, ids, ids[0])


def feed(body: bytes) -> Any:  # noqa: ANN401 - feedparser has no types
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # feedparser's own
        found = feedparser.parse(body)
    assert (found.bozo, found.version) == (False, "atom10"), found.get("bozo_exception")
    return found


def rules(body: bytes) -> list[str]:
    """Return the ids of the entries of a feed that keeps the rules of RFC 4287, sections 4.1.1 and 4.1.2."""
    root = ET.fromstring(body)  # noqa: S314 - our own bytes
    assert [len(root.findall(ATOM + name)) for name in ("id", "title", "updated")] == [1] * 3
    assert root.findall(f"{ATOM}author/{ATOM}name")
    assert len([link for link in root.findall(ATOM + "link") if link.get("rel") == "self"]) == 1
    ids = []
    for entry in root.findall(ATOM + "entry"):
        assert [len(entry.findall(ATOM + name)) for name in ("id", "title", "updated", "summary")] == [1] * 4
        kinds = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in entry.findall(ATOM + "link")]
        assert len(set(kinds)) == len(kinds), "no two alternates of one type and language"
        ids.append(entry.findtext(ATOM + "id") or "")
    assert len(set(ids)) == len(ids)
    return ids


def test_the_feed_has_the_last_publications(app: ServedHistory) -> None:
    entries = reversed(app.history.entries())
    expected = [f"https://w3id.org/cper-lod/release/{each.release}#publication-{each.number}" for each in entries]
    answer = app.get("/changes.atom")
    assert answer.content_type == "application/atom+xml"
    assert [entry.id for entry in feed(answer.data).entries] == rules(answer.data) == expected
    assert rules(app.get("/changes.atom?size=2").data) == expected[:2]
    assert rules(app.get("/changes.atom?after=999").data) == []


def test_the_feed_in_both_languages_tells_of_a_rollback(app: ServedHistory) -> None:
    french, english = feed(app.get("/changes.atom").data), feed(app.get("/changes.atom", Accept_Language="en").data)
    assert (french.feed.language, english.feed.language) == ("fr", "en")
    last, same = english.entries[0], french.entries[0]
    assert last.title.endswith(app.ids[0]) and last.title != same.title
    assert (last.id, last.tags[0].term) == (same.id, "rollback")
    assert "“Fictitious ferry 2”" in last.content[0].value
    assert last.links[0].href == f"{PUBLIC}/changes/5.html"
    asked = feed(app.get("/changes.atom?lang=en").data)
    assert all(link.href.endswith("?lang=en") for link in asked.feed.links)


def test_a_publication_says_what_changed_what_was_served_and_leads_to_it(app: ServedHistory) -> None:
    page, entry = app.get("/changes/2", Accept="text/html", Accept_Language="en"), app.history.entries()[1]
    assert page.headers["Content-Location"] == "/changes/2.html"
    for said in ("“Fictitious ferry 4”", entry.digest, entry.sources, entry.program, f'href="/release/{app.ids[1]}/"'):
        assert said in page.text
    assert app.get(app.below(1, "")).headers["Location"] == app.below(1, "/")
    assert [app.get(f"/changes/{path}").status_code for path in ("6", "x", "02", "2.ttl")] == [404] * 4


def test_a_history_is_listed_page_by_page(app: ServedHistory) -> None:
    address, found = "/changes.html?lang=en&size=2", list[str]()
    while address:
        page = app.get(address).text
        found += re.findall('id="publication-([0-9]+)"', page)
        following = re.search(r'<a rel="next" href="([^"]*)"', page)
        address = unescape(following[1]) if following else ""
    assert found == ["5", "4", "3", "2", "1"]
    assert app.get("/changes?after=1000000").status_code == 400


@pytest.mark.parametrize("path", ["/release/0000000000000000", "/release/0000000000000000/doc/x", "/changes.atom"])
def test_data_served_as_given_have_no_history(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (404, "history-absent")
    assert "changes.atom" not in client.get("/", headers={"Accept": "text/html"}).text


def test_what_was_noted_outlives_the_release_and_a_damaged_note_hides_no_other(tmp_path: Path) -> None:
    history, ids = publish_states(tmp_path)
    for gone in ids[:2]:
        discard(history.folders_of(gone)[0])
    third, fourth = (history.folder(entry) / CHANGES for entry in history.entries()[2:4])
    third.unlink()
    client = app_of(history, ids[3]).test_client()
    noted = client.get("/changes/2.html?lang=en").get_data(as_text=True)
    assert "“Fictitious ferry 4”" in noted and "/release/" not in noted.partition("<main")[2]
    assert client.get(f"/release/{ids[0]}", follow_redirects=True).status_code == 410
    for text in ("{", "[]", '{"format": 3}'):
        fourth.write_text(text)
        for path in ("/changes.atom", "/changes.html", "/changes/3", "/changes/4"):
            assert client.get(path, headers={"Accept": "*/*"}).status_code == 200


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    hostile = f' <{FERRY}9> a cper:Bac ; skos:prefLabel "<script>alert(1)</script>&amp;]]> onload=x"@fr, "x 1"@en .'
    history, ids = publish_states(tmp_path, ("", hostile), (1_600_000_000, 1_650_000_000))
    client = app_of(history, ids[1]).test_client()
    body = client.get("/changes.atom").data
    rules(body)
    assert "<script>alert(1)</script>&amp;]]>" in feed(body).entries[0].content[0].value
    page = client.get("/changes/2.html").get_data(as_text=True)
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_what_xml_cannot_say_is_left_out_of_the_feed(tmp_path: Path) -> None:
    thing = f"<{FERRY}1> :q 1 ; :p"
    states = ("", thing + ' "\\u0007\\u001B\\uFFFEx\\u202Ey" .', thing + ' "' + "z" * 3000 + '" .')
    history = history_of(tmp_path, [release_of_trig(tmp_path, text) for text in states])
    timeline = Timeline(history, history.entries()[-1].release)
    body = written(timeline, timeline.entries[::-1], PROGRAM, "fr", PUBLIC, "é & <", {})
    assert rules(body)
    assert "http://e.org/p : « \ufffdx y » devient « zzz" in feed(body).entries[0].content[0].value
    assert max(map(len, body.split(b"\n"))) < 1000
