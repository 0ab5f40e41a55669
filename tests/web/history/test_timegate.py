"""Memento over HTTP (RFC 7089): which dates are read, TimeGates and mementos, as a table, with Flask alone."""

from collections.abc import Iterator
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

import pytest
from requests.utils import parse_header_links
from werkzeug.test import TestResponse

from cper_lod.release.jobs.locks import discard
from tests.release.history.release_history import MOMENTS, PUBLIC, ServedHistory, app_of, opened, publish_states

FIRST, SECOND, THIRD, LAST = range(4)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHistory]:
    """Four publications."""
    made = ServedHistory(*publish_states(tmp_path_factory.mktemp("past")))
    yield made
    made.app.extensions["cper_lod.pool"].close()


def linked(answer: TestResponse, relation: str) -> list[str]:
    """Return the targets of the links in the header that have a relation among theirs."""
    links = parse_header_links(", ".join(answer.headers.getlist("Link")))
    return [each["url"] for each in links if relation in each["rel"].split(" ")]


CHOSEN = [
    pytest.param(MOMENTS[0] - 1, FIRST, id="before the first: the first"),
    pytest.param(MOMENTS[1] - 1, FIRST, id="just before the second"),
    pytest.param(MOMENTS[1], SECOND, id="at the second"),
    pytest.param(32_503_680_000, LAST, id="in the future"),
]


@pytest.mark.parametrize("suffix", ["", ".jsonld?lang=en&profile=expanded"])
@pytest.mark.parametrize(("at", "place"), CHOSEN)
def test_a_document_is_its_own_timegate(past: ServedHistory, at: int, place: int, suffix: str) -> None:
    """RFC 7089, section 4.1.1: 302, Location, Vary, Link to the original, no Memento-Datetime."""
    path = f"/doc/bac/fictif-1{suffix}"
    answer = past.get(path, at)
    assert (answer.status_code, answer.headers["Location"]) == (302, past.below(place, path))
    assert "accept-datetime" in answer.vary
    assert "Memento-Datetime" not in answer.headers
    assert linked(answer, "original") == linked(answer, "timegate") == [PUBLIC + path]
    memento = past.get(answer.headers["Location"], at)
    assert memento.status_code == 200
    assert parsedate_to_datetime(memento.headers["Memento-Datetime"]).timestamp() == MOMENTS[place]


def test_every_document_has_earlier_states(past: ServedHistory) -> None:
    for path in (
        *("/doc", "/doc/bac.html", "/describe.ttl?iri=https://w3id.org/cper-lod/id/bac/fictif-1", "/links.json"),
        *("/ontology.ttl", "/ontology/term/Bac", "/shapes.ttl", "/catalog.jsonld", "/void.ttl"),
    ):
        answer = past.get(path, MOMENTS[SECOND])
        assert (answer.status_code, answer.headers["Location"]) == (302, past.below(SECOND, path))


def test_without_a_date_there_is_the_state_of_today(past: ServedHistory) -> None:
    path = "/doc/bac/fictif-1"
    answer = past.get(path)
    assert "accept-datetime" in answer.vary, "a cache must not give it to who asks for another time"
    assert "Memento-Datetime" not in answer.headers
    assert linked(answer, "timegate") == [PUBLIC + path]
    again = past.get(path, If_None_Match=answer.headers["ETag"])
    assert (again.status_code, again.headers["Vary"]) == (304, answer.headers["Vary"])


@pytest.mark.parametrize(
    "text",
    ["", "2020-01-01T00:00:00Z", "Sun, 30 Feb 2020 00:00:00 GMT", f"Wed, 01 Jan 2020 00:00:00 +{'9' * 20}", "x" * 8000],
)
def test_a_date_that_is_none_is_refused(past: ServedHistory, text: str) -> None:
    answer = past.get("/doc/bac/fictif-1", Accept_Datetime=text)
    assert len(answer.get_json()["detail"]) < 150
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (400, "accept-datetime-invalid")
    assert "accept-datetime" in answer.vary


def test_a_state_tells_which_it_is(past: ServedHistory) -> None:
    path = "/doc/bac/fictif-1.ttl"
    answer = past.get(past.below(SECOND, path))
    assert parsedate_to_datetime(answer.headers["Memento-Datetime"]).timestamp() == MOMENTS[SECOND]
    assert "accept-datetime" not in answer.vary
    assert linked(answer, "original") == [PUBLIC + path]
    assert linked(answer, "canonical") == [f"{PUBLIC}/doc/bac/fictif-1"]
    describes = past.below(SECOND, "/doc/bac/fictif-1")
    assert linked(answer, "describes") == [PUBLIC + describes]
    again = past.get(past.below(SECOND, path), If_None_Match=answer.headers["ETag"])
    assert (again.status_code, "Memento-Datetime" in again.headers) == (304, True)


def test_what_a_rollback_withdrew_is_not_the_state_after_it(tmp_path: Path) -> None:
    history, ids = publish_states(tmp_path)
    back = history.publish(opened(history, ids[SECOND]), "rollback")
    assert back.at > MOMENTS[LAST]
    rolled = ServedHistory(history, ids, ids[SECOND])
    path = "/doc/bac/fictif-1.ttl"
    for at, place in ((MOMENTS[LAST], LAST), (back.at - 1, LAST), (back.at, SECOND), (back.at + 9, SECOND)):
        assert rolled.get(path, at).headers["Location"] == rolled.below(place, path)


def test_a_state_that_this_program_cannot_read_is_left_out(tmp_path: Path) -> None:
    """Another program's layout, a damaged manifest, a folder that was removed: a redirect there would lead to an error."""
    history, ids = publish_states(tmp_path)
    app, at = app_of(history, ids[LAST]), {"Accept-Datetime": formatdate(MOMENTS[THIRD], usegmt=True)}

    def chosen() -> str:
        return app.test_client().get("/doc/bac/fictif-1", headers=at).headers["Location"].split("/")[2]

    for place, text in ((THIRD, '{"format": 0}'), (SECOND, "[]")):
        assert chosen() == ids[place]
        (history.folders_of(ids[place])[0] / "manifest.json").write_text(text)
        app = app_of(history, ids[LAST])
    assert chosen() == ids[FIRST]
    assert app.test_client().get("/changes").status_code == 200
    discard(history.folders_of(ids[FIRST])[0])
    assert chosen() == ids[LAST]
