"""Conditional requests and ranges: which of 200, 206, 304, 412 and 416 a whole response becomes."""

from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.web.http.conditional import Conditions, apply
from cper_lod.web.http.response import FileResponse, Response
from tests.support.cases import each_case

DATE = "Tue, 24 Nov 2026 10:00:00 GMT"
EARLIER = "Mon, 23 Nov 2026 10:00:00 GMT"
HEADERS = {"ETag": '"one"', "Last-Modified": DATE, "Cache-Control": "no-cache", "Link": "<x>", "Accept-Ranges": "bytes"}
WHOLE = Response(200, HEADERS, b"0123456789")


def conditions(method: str = "GET", **headers: str) -> Conditions:
    return Conditions.of(method, {name.replace("_", "-"): value for name, value in headers.items()}.get)


@each_case(
    ("headers", "status"),
    [
        ({}, 200),
        ({"if_none_match": '"one"'}, 304),
        ({"if_none_match": 'W/"one"'}, 304),
        ({"if_none_match": '"two", "one"'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"two"', "if_modified_since": DATE}, 200),
        ({"if_modified_since": DATE}, 304),
        ({"if_modified_since": EARLIER}, 200),
        ({"if_modified_since": "yesterday"}, 200),
        ({"if_match": '"one"'}, 200),
        ({"if_match": 'W/"one"'}, 412),
        ({"if_match": '"two"'}, 412),
        ({"if_unmodified_since": DATE}, 200),
        ({"if_unmodified_since": EARLIER}, 412),
        ({"if_match": '"one"', "if_unmodified_since": EARLIER}, 200),
        ({"if_match": '"one"', "if_none_match": '"one"'}, 304),
    ],
)
def test_preconditions(headers: dict[str, str], status: int) -> None:
    if status == 412:
        with pytest.raises(Problem, match="one"):
            apply(WHOLE, conditions(**headers))
        return
    made = apply(WHOLE, conditions(**headers))
    assert made.status == status
    if status == 200:
        assert made is WHOLE
    else:
        assert (made.body, made.headers) == (
            b"",
            {name: HEADERS[name] for name in ("ETag", "Last-Modified", "Cache-Control")},
        )


@each_case("status", [204, 206, 303, 404, 500])
def test_only_a_200_is_conditional(status: int) -> None:
    made = Response(status, HEADERS, b"x")
    for headers in ({"if_none_match": "*"}, {"if_match": '"two"'}, {"range": "bytes=0-0"}):
        assert apply(made, conditions(**headers)) is made


def test_a_response_that_must_not_be_stored_is_never_a_304() -> None:
    unstorable = Response(200, HEADERS | {"Cache-Control": "no-store"}, b"x")
    assert apply(unstorable, conditions(if_none_match="*")) is unstorable
    with pytest.raises(Problem):
        apply(unstorable, conditions(if_match='"two"'))
    plain = Response(200, {"Cache-Control": "no-store"}, b"x")
    assert apply(plain, conditions(if_match='"two"', if_none_match="*")) is plain, "it has no validator either"
    without_validator = Response(200, {"Cache-Control": "no-cache"}, b"x")
    assert apply(without_validator, conditions(if_none_match="*")).status == 304
    assert apply(without_validator, conditions(if_none_match='""')) is without_validator
    with pytest.raises(Problem):
        apply(without_validator, conditions(if_match='"two"'))


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [("0-3", 0, 4), ("4-", 4, 10), ("-3", 7, 10), ("5-5000", 5, 10), ("9-9", 9, 10)],
)
def test_one_range_is_served(header: str, start: int, stop: int, tmp_path: Path) -> None:
    asked = conditions(range=f"bytes={header}")
    made = apply(WHOLE, asked)
    assert (made.status, made.body) == (206, b"0123456789"[start:stop])
    assert made.headers == HEADERS | {"Content-Range": f"bytes {start}-{stop - 1}/10"}
    file = apply(FileResponse(200, HEADERS, b"", 10, tmp_path / "file"), asked)
    assert isinstance(file, FileResponse)
    assert (file.status, file.start, file.size, file.path) == (206, start, stop - start, tmp_path / "file")


@each_case("header", ["bytes=0-1,4-5", "items=0-1", "bytes=", "bytes=a-b", ""])
def test_other_ranges_are_ignored(header: str) -> None:
    assert apply(WHOLE, conditions(range=header)) is WHOLE


def test_ranges_are_for_get_and_for_what_offers_them() -> None:
    assert apply(WHOLE, conditions("HEAD", range="bytes=0-1")) is WHOLE
    without = Response(200, {"ETag": '"one"', "Cache-Control": "no-cache"}, b"0123456789")
    assert apply(without, conditions(range="bytes=0-1")) is without
    empty = Response(200, HEADERS, b"")
    assert apply(empty, conditions(range="bytes=0-1")) is empty


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=9-2"])
def test_a_range_outside_is_refused(header: str) -> None:
    with pytest.raises(Problem) as error:
        apply(WHOLE, conditions(range=header))
    assert (error.value.kind.code, error.value.params["length"]) == ("range-invalid", 10)


@pytest.mark.parametrize(("validator", "status"), [('"one"', 206), ('"two"', 200), (DATE, 206), (EARLIER, 200)])
def test_a_range_is_served_if_the_whole_has_not_changed(validator: str, status: int) -> None:
    assert apply(WHOLE, conditions(range="bytes=0-1", if_range=validator)).status == status


def test_preconditions_come_before_ranges() -> None:
    assert apply(WHOLE, conditions(range="bytes=0-1", if_none_match='"one"')).status == 304
    with pytest.raises(Problem, match="one"):
        apply(WHOLE, conditions(range="bytes=0-1", if_match='"two"'))
