"""Memento over HTTP (RFC 7089): TimeGates, mementos and TimeMaps, as a table, with Flask alone."""

import json
from collections.abc import Iterator
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cper_lod.release.history.history import History
from tests.support.release_history import FERRY, MOMENTS, PUBLIC, app_of, links, opened, publish_states, related

FIRST, SECOND, THIRD, LAST = range(4)


class Past:
    """The application of the last of four publications, and the ids of these."""

    def __init__(self, history: History, ids: list[str]) -> None:
        self.history, self.ids = history, ids
        self.app: Flask = app_of(history, ids[-1])
        self.client: FlaskClient = self.app.test_client()

    def get(self, path: str, at: int | None = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if at is not None:
            named["Accept-Datetime"] = formatdate(at, usegmt=True)
        return self.client.get(path, headers=named, buffered=True)

    def below(self, place: int, path: str) -> str:
        return f"/release/{self.ids[place]}{path}"


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """Four publications."""
    made = Past(*publish_states(tmp_path_factory.mktemp("past")))
    yield made
    made.app.extensions["cper_lod.pool"].close()


def said(answer: TestResponse) -> str:
    return ", ".join(answer.headers.getlist("Link"))


def vary(answer: TestResponse) -> set[str]:
    return {each.strip().lower() for each in answer.headers.get("Vary", "").split(",")}


CHOSEN = [
    pytest.param(MOMENTS[0] - 1, FIRST, id="before the first: the first"),
    pytest.param(-5_000_000_000, FIRST, id="long before"),
    pytest.param(MOMENTS[0], FIRST, id="at the first"),
    pytest.param(MOMENTS[1] - 1, FIRST, id="just before the second"),
    pytest.param(MOMENTS[1], SECOND, id="at the second"),
    pytest.param(MOMENTS[3] + 1, LAST, id="after the last"),
    pytest.param(32_503_680_000, LAST, id="in the future"),
]


@pytest.mark.slow
def test_plain_json_of_an_earlier_release_leads_on_within_it(past: Past) -> None:
    path = past.below(FIRST, "/doc/bac/fictif-1.json?lang=en")
    answer = past.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.get_json()["url"] == PUBLIC + path
    assert "immutable" in answer.headers["Cache-Control"]
    assert {"accept-language"} <= vary(answer)
    gate = past.get("/doc/bac/fictif-1.json?lang=en", MOMENTS[0])
    assert (gate.status_code, gate.headers["Location"]) == (302, path)
    schema = next(each for each in said(answer).split(", ") if "describedby" in each)
    assert past.get(schema[1:].partition(">")[0].removeprefix(PUBLIC)).mimetype == "application/schema+json"


@pytest.mark.parametrize("suffix", ["", ".ttl", ".html", ".jsonld?lang=en&context=inline"])
@pytest.mark.parametrize(("at", "place"), CHOSEN)
def test_a_document_is_its_own_timegate(past: Past, at: int, place: int, suffix: str) -> None:
    """RFC 7089, section 4.1.1: 302, Location, Vary, Link to the original and the TimeMap, no Memento-Datetime."""
    path = f"/doc/bac/fictif-1{suffix}"
    answer = past.get(path, at)
    assert (answer.status_code, answer.headers["Location"]) == (302, past.below(place, path))
    assert "accept-datetime" in vary(answer)
    assert "Memento-Datetime" not in answer.headers
    assert related(said(answer), "original") == related(said(answer), "timegate")
    assert [target for target, _ in related(said(answer), "original")] == [PUBLIC + path]
    ((timemap, more),) = related(said(answer), "timemap")
    assert (timemap, more["type"]) == (f"{PUBLIC}/timemap/link{path}", "application/link-format")
    assert {target for target, _ in related(said(answer), "first")} == {PUBLIC + past.below(FIRST, path)}
    assert {target for target, _ in related(said(answer), "last")} == {PUBLIC + past.below(LAST, path)}
    memento = past.get(answer.headers["Location"], at)
    assert memento.status_code == 200
    assert parsedate_to_datetime(memento.headers["Memento-Datetime"]).timestamp() == MOMENTS[place]


def test_without_a_date_there_is_the_state_of_today(past: Past) -> None:
    for path in ("/doc/bac/fictif-1", "/doc/bac/fictif-1.ttl"):
        answer = past.get(path)
        assert answer.status_code == 200
        assert "accept-datetime" in vary(answer), "a cache must not give it to who asks for another time"
        assert "Memento-Datetime" not in answer.headers
        assert [target for target, _ in related(said(answer), "timegate")] == [PUBLIC + path]
        assert answer.headers["Cache-Control"] == "no-cache"
        again = past.get(path, If_None_Match=answer.headers["ETag"])
        assert (again.status_code, vary(again)) == (304, vary(answer))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_date_that_is_none_is_refused(past: Past, method: str) -> None:
    answer = past.client.open("/doc/bac/fictif-1", method=method, headers={"Accept-Datetime": "the day before"})
    assert answer.status_code == 400
    assert "accept-datetime" in vary(answer)
    if method == "GET":
        assert answer.get_json()["type"].endswith("/accept-datetime-invalid")


def test_a_state_tells_which_it_is_and_what_is_around(past: Past) -> None:
    path = "/doc/bac/fictif-1.ttl"
    answer = past.get(past.below(SECOND, path))
    assert parsedate_to_datetime(answer.headers["Memento-Datetime"]).timestamp() == MOMENTS[SECOND]
    assert "accept-datetime" not in vary(answer)
    assert [target for target, _ in related(said(answer), "original")] == [PUBLIC + path]
    for relation, place in (("first", FIRST), ("prev", FIRST), ("next", THIRD), ("last", LAST)):
        ((target, more),) = related(said(answer), relation)
        assert target == PUBLIC + past.below(place, path)
        assert parsedate_to_datetime(more["datetime"]).timestamp() == MOMENTS[place]
    assert (PUBLIC + past.below(SECOND, path)) in {target for target, _ in related(said(answer), "memento")}
    assert [target for target, _ in related(said(answer), "canonical")] == [f"{PUBLIC}/doc/bac/fictif-1"]
    describes = past.below(SECOND, "/doc/bac/fictif-1")
    assert [target for target, _ in related(said(answer), "describes")] == [PUBLIC + describes]


def test_a_state_ignores_the_date(past: Past) -> None:
    path = past.below(SECOND, "/doc/bac/fictif-1.ttl")
    for header in (formatdate(MOMENTS[FIRST], usegmt=True), "the day before"):
        assert past.get(path, Accept_Datetime=header).data == past.get(path).data


def test_the_way_from_a_name_is_no_state(past: Past) -> None:
    for path in ("/id/bac/fictif-1", past.below(SECOND, "/id/bac/fictif-1")):
        answer = past.get(path, MOMENTS[FIRST])
        assert answer.status_code == 303
        assert "Memento-Datetime" not in answer.headers
    assert answer.headers["Location"] == past.below(SECOND, "/doc/bac/fictif-1.ttl")


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("/doc/bac/fictif-1", range(4)),
        ("/doc/bac/fictif-2", (FIRST, SECOND)),
        ("/doc/bac/fictif-2.ttl", (FIRST, SECOND)),
        ("/doc/bac/fictif-3.jsonld", (THIRD, LAST)),
        ("/doc/bac/fictif-4", (FIRST,)),
        ("/doc/bac/fictif-5", (LAST,)),
        (f"/describe?iri={FERRY}5", (LAST,)),
        (f"/describe.ttl?iri={FERRY}2", range(4)),  # mentioned when it is gone
        ("/doc", range(4)),
        ("/doc/bac", range(4)),
        ("/doc/bac.tableur.csv", range(4)),
        ("/ontology.ttl", range(4)),
        ("/ontology/properties", range(4)),
        ("/catalog.jsonld", range(4)),
        ("/void", range(4)),
    ],
)
def test_a_timemap_lists_the_states_that_there_are(past: Past, path: str, places: range | tuple[int, ...]) -> None:
    answer = past.get(f"/timemap/link{path}")
    assert (answer.status_code, answer.mimetype) == (200, "application/link-format")
    found = [target for target, _ in related(answer.text, "memento")]
    assert found == [PUBLIC + past.below(place, path) for place in places]
    for target in found:
        state = past.get(target.removeprefix(PUBLIC))
        assert state.status_code == 200, target
        assert "Memento-Datetime" in state.headers
    told = past.get(f"/timemap/json{path}")
    assert told.mimetype == "application/json"
    assert [each["uri"] for each in told.get_json()["mementos"]["list"]] == found
    assert [target for target, _ in related(answer.text, "original")] == [told.get_json()["original_uri"]]
    for original in (told.get_json()["original_uri"], told.get_json()["timegate_uri"]):
        assert past.get(original.removeprefix(PUBLIC), MOMENTS[3]).headers["Location"] == found[-1].removeprefix(PUBLIC)


@pytest.mark.parametrize(
    "path",
    [
        "/doc/bac/fictif-9",
        "/doc/bac/fictif-1.zzz",
        "/id/bac/fictif-1",
        "/health",
        "/sparql",
        "/describe",
        "/nothing",
        "/shapes.ttl",
        "/shapes/Nothing",
        "/ontology/term/Nothing",
        "/ontology/9.9.9/properties",
        "/describe?iri=no+iri",
        "/release",
    ],
)
def test_what_has_no_states_has_no_timemap(past: Past, path: str) -> None:
    for kind in ("link", "json"):
        answer = past.get(f"/timemap/{kind}{path}")
        assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (404, "timemap-absent")
    assert past.get("/timemap/xml/doc/bac/fictif-1").status_code == 404


def test_what_came_later_is_found_by_whoever_asks_for_a_time_before(past: Past) -> None:
    assert past.get("/doc/bac/fictif-5", MOMENTS[FIRST]).headers["Location"] == past.below(LAST, "/doc/bac/fictif-5")


def test_what_is_gone_is_found_where_it_was(past: Past) -> None:
    for at in (MOMENTS[SECOND], MOMENTS[LAST]):
        answer = past.get("/doc/bac/fictif-2.ttl", at)
        assert answer.headers["Location"] == past.below(SECOND, "/doc/bac/fictif-2.ttl")
    gone = past.get("/doc/bac/fictif-2.ttl")
    assert gone.status_code == 410
    assert [target for target, _ in related(said(gone), "timegate")] == [f"{PUBLIC}/doc/bac/fictif-2.ttl"]


def test_what_never_was_stays_unknown_at_any_time(past: Past) -> None:
    answer = past.get("/doc/bac/fictif-9", MOMENTS[0])
    assert answer.status_code == 404
    assert not [1 for _, more in links(said(answer)) if "timemap" in more["rel"]]


@pytest.mark.parametrize("name", ["ttl", "jsonld", "nt", "rdf", "trig", "json"])
def test_the_data_of_a_state_never_change_again(past: Past, name: str) -> None:
    answer = past.get(past.below(FIRST, f"/doc/bac/fictif-1.{name}"))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = past.get(past.below(FIRST, f"/doc/bac/fictif-1.{name}"), If_None_Match=answer.headers["ETag"])
    assert (again.status_code, again.headers["Cache-Control"]) == (304, answer.headers["Cache-Control"])
    assert "Memento-Datetime" in again.headers


def test_lists_and_files_of_a_state_never_change_pages_do(past: Past) -> None:
    for path in ("/doc/bac.csv", "/dump/tout.nt.gz", "/dump/bac.csv", "/ontology.ttl", "/context/1.0.0.jsonld"):
        assert "immutable" in past.get(past.below(FIRST, path)).headers["Cache-Control"], path
    for path in ("/doc/bac/fictif-1.html", "/doc/bac.html", "/catalog.ttl", "/void.ttl", "/search?q=bac", "/health"):
        assert "immutable" not in past.get(past.below(FIRST, path)).headers["Cache-Control"], path
    for path in ("/doc/bac/fictif-9.ttl", "/doc/bac/fictif-5.ttl"):
        answer = past.get(past.below(FIRST, path))
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_other_sites_may_ask_and_read_dates(past: Past) -> None:
    answer = past.client.options("/doc/bac/fictif-1")
    assert "Accept-Datetime" in answer.headers["Access-Control-Allow-Headers"]
    assert "Memento-Datetime" in past.get("/doc/bac/fictif-1").headers["Access-Control-Expose-Headers"]


def test_below_a_prefix_the_way_leads_there(past: Past) -> None:
    answer = past.client.get(
        "/doc/bac/fictif-1", headers={"Accept-Datetime": formatdate(MOMENTS[0], usegmt=True)}, base_url=PUBLIC
    )
    assert answer.headers["Location"] == "/cper" + past.below(FIRST, "/doc/bac/fictif-1")
    state = past.client.get(past.below(FIRST, "/doc/bac/fictif-1.ttl"), base_url=PUBLIC)
    assert [target for target, _ in related(said(state), "original")] == [f"{PUBLIC}/doc/bac/fictif-1.ttl"]


def test_the_context_of_a_state_is_its_own(past: Past) -> None:
    address = json.loads(past.get(past.below(FIRST, "/doc/bac/fictif-1.jsonld")).data)["@context"]
    assert address == PUBLIC + past.below(FIRST, "/context/1.0.0.jsonld")


def test_what_a_rollback_withdrew_is_not_the_state_after_it(tmp_path: Path) -> None:
    history, ids = publish_states(tmp_path)
    back = history.publish(opened(history, ids[SECOND]), "rollback")
    assert back.at > MOMENTS[LAST]
    rolled = Past(history, ids)
    rolled.client = app_of(history, ids[SECOND]).test_client()
    path = "/doc/bac/fictif-1.ttl"
    for at, place in ((MOMENTS[LAST], LAST), (back.at - 1, LAST), (back.at, SECOND), (back.at + 9, SECOND)):
        assert rolled.get(path, at).headers["Location"] == rolled.below(place, path)


@pytest.mark.parametrize("text", ["{}", "[]", '{"format": 0}', ""])
def test_a_state_that_this_program_cannot_read_is_not_listed(tmp_path: Path, text: str) -> None:
    """Another program's layout, a damaged manifest: a TimeMap that listed it would lead to an error."""
    history, ids = publish_states(tmp_path)
    (history.folders_of(ids[SECOND])[0] / "manifest.json").write_text(text)
    client = app_of(history, ids[LAST]).test_client()
    listed = client.get("/timemap/json/doc/bac/fictif-1").get_json()["mementos"]["list"]
    assert [each["uri"].split("/")[-4] for each in listed] == [ids[FIRST], ids[THIRD], ids[LAST]]
    assert client.get("/release").status_code == 200
