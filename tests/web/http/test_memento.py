"""Datetime negotiation by itself: which dates are read, which state is chosen, and links that another reader reads."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.web.http.links import header
from cper_lod.web.http.memento import (
    Memento,
    best_memento,
    gate_links,
    memento_links,
    seconds,
    timemap_json,
    timemap_text,
)
from tests.support.release_history import links, related

MOMENTS = st.integers(-62_000_000_000, 250_000_000_000)
STATES = st.lists(st.integers(0, 4_000_000_000), min_size=1, max_size=9, unique=True).map(
    lambda ats: [Memento(f"http://h.example/release/{at:016x}/doc/x", at, str(at)) for at in sorted(ats)]
)
ORIGINAL, MAP = "http://h.example/doc/x", "http://h.example/timemap/link/doc/x"


@given(MOMENTS)
def test_every_date_of_http_is_read(at: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)
    if 1000 <= moment.year <= 9999:
        assert seconds(format_datetime(moment, usegmt=True)) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2020-01-01T00:00:00Z",
        "1577836800",
        "Wed, 01 Jan 2020 00:00:00",
        "Wed, 01 Jan 2020 00:00:00 UTC",
        "Wed, 01 Jan 2020 00:00:00 +0000",
        "Wed, 01 Jan 2020 00:00:00 gmt",
        "wed, 01 jan 2020 00:00:00 GMT",
        "Wednesday, 01-Jan-20 00:00:00 GMT",
        "Wed Jan  1 00:00:00 2020",
        "Wed, 1 Jan 2020 00:00:00 GMT",
        "Wed, 01 Jan 20 00:00:00 GMT",
        "Wed,  01 Jan 2020 00:00:00 GMT",
        "Thu, 01 Jan 2020 00:00:00 GMT",
        "Sun, 30 Feb 2020 00:00:00 GMT",
        "Wed, 00 Jan 2020 00:00:00 GMT",
        "Sat, 01 Jan 0000 00:00:00 GMT",
        "Wed, 01 Jan 2020 24:00:00 GMT",
        "Wed, 01 Jan 2020 23:59:60 GMT",
        "Wed, 01 Jan 2020 00:00:00 GMT, Wed, 01 Jan 2020 00:00:00 GMT",
        "Wed, ٠١ Jan 2020 00:00:00 GMT",
        "x" * 8000,
    ],
)
def test_what_is_no_such_date_is_refused(text: str) -> None:
    with pytest.raises(Problem) as raised:
        seconds(text)
    assert (raised.value.kind.code, raised.value.kind.status) == ("accept-datetime-invalid", 400)
    assert len(raised.value.words("fr").detail) < 150


@given(st.text(max_size=40))
def test_nothing_else_goes_wrong(text: str) -> None:
    try:
        assert parsedate_to_datetime(text).timestamp() == seconds(text)
    except Problem as problem:
        assert problem.kind.code == "accept-datetime-invalid"
    except (TypeError, ValueError):
        with pytest.raises(Problem):
            seconds(text)


@given(STATES, MOMENTS)
def test_the_last_state_that_is_not_after_is_chosen_else_the_first(mementos: list[Memento], at: int) -> None:
    chosen = best_memento(mementos, [(each.at, each.release) for each in mementos], at)
    before = [each for each in mementos if each.at <= at]
    assert chosen == (before[-1] if before else mementos[0])


X, Y = Memento("/x", 10, "x"), Memento("/y", 20, "y")


@pytest.mark.parametrize(
    ("at", "chosen"), [(9, X), (10, X), (19, X), (20, Y), (29, Y), (30, X), (39, X), (40, X), (49, X), (50, Y)]
)
def test_after_a_rollback_the_state_of_then_is_the_earlier_one(at: int, chosen: Memento) -> None:
    publications = [(10, "x"), (20, "y"), (30, "x"), (40, "which has none"), (50, "y")]
    assert best_memento([X, Y], publications, at) == chosen


@given(STATES, st.data())
def test_a_memento_links_to_itself_and_around(mementos: list[Memento], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(mementos) - 1))
    said = ", ".join(header([*gate_links(ORIGINAL, MAP), *memento_links(mementos, mementos[place])]))
    assert related(said, "original") == related(said, "timegate") == [(ORIGINAL, {"rel": "original timegate"})]
    assert [target for target, _ in related(said, "timemap")] == [MAP]
    found = related(said, "memento")
    assert len({target for target, _ in found}) == len(found)
    assert mementos[place].address in {target for target, _ in found}
    for relation, wanted in (("first", 0), ("last", len(mementos) - 1), ("prev", place - 1), ("next", place + 1)):
        expected = [mementos[wanted].address] if 0 <= wanted < len(mementos) else []
        assert [target for target, _ in related(said, relation)] == expected
    for target, more in found:
        assert (
            parsedate_to_datetime(more["datetime"]).timestamp() == {each.address: each.at for each in mementos}[target]
        )


@given(STATES)
def test_a_timemap_lists_every_state_in_order(mementos: list[Memento]) -> None:
    text = timemap_text(ORIGINAL, MAP, mementos).decode()
    assert related(text, "original") == [(ORIGINAL, {"rel": "original timegate"})]
    ((here, more),) = related(text, "self")
    assert (here, more["type"]) == (MAP, "application/link-format")
    assert [parsedate_to_datetime(more[each]).timestamp() for each in ("from", "until")] == [
        mementos[0].at,
        mementos[-1].at,
    ]
    listed = [
        (target, parsedate_to_datetime(each["datetime"]).timestamp()) for target, each in related(text, "memento")
    ]
    assert listed == [each[:2] for each in mementos]
    assert [target for target, _ in related(text, "first")] == [mementos[0].address]
    assert [target for target, _ in related(text, "last")] == [mementos[-1].address]
    assert len(links(text)) == len(mementos) + 2


@given(STATES)
def test_both_forms_of_a_timemap_say_the_same(mementos: list[Memento]) -> None:
    told = json.loads(timemap_json(ORIGINAL, "http://h.example/timemap/json/doc/x", MAP, mementos))
    listed = [(each["uri"], datetime.fromisoformat(each["datetime"]).timestamp()) for each in told["mementos"]["list"]]
    assert listed == [each[:2] for each in mementos]
    assert (told["mementos"]["first"], told["mementos"]["last"]) == (
        told["mementos"]["list"][0],
        told["mementos"]["list"][-1],
    )
    assert (told["original_uri"], told["timegate_uri"], told["timemap_uri"]["link_format"]) == (ORIGINAL, ORIGINAL, MAP)
