"""Content codings: which one a client accepts (RFC 9110, section 12.5.3), whatever it sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.web.http.compression import ENCODE, IDENTITY, choose

CASES = {
    "what curl --compressed sends": ("deflate, gzip, br, zstd", "br"),
    "an old name": ("x-gzip", "gzip"),
    "equal weights: ours decides": ("gzip;q=0.5, br;q=0.5", "br"),
    "anything but one": ("br;q=0, *", "gzip"),
    "identity preferred": ("identity, gzip;q=0.5", "identity"),
    "identity refused, one taken": ("identity;q=0, gzip;q=0.2", "gzip"),
    "all refused": ("*;q=0", "identity"),
    "malformed weights": ("br;q=2, gzip;q=x", "identity"),
    "twice: the higher weight": ("gzip;q=0, gzip;q=1", "gzip"),
}


@pytest.mark.parametrize(("header", "expected"), CASES.values(), ids=CASES.keys())
def test_choice(header: str | None, expected: str) -> None:
    assert choose(header) == expected


def test_no_coding_has_the_time_in_it() -> None:
    assert ENCODE["gzip"](b"x" * 1000)[4:8] == bytes(4)


@given(st.text(max_size=80))
def test_any_header_gets_a_coding(header: str) -> None:
    assert choose(header) in (*ENCODE, IDENTITY)


@given(st.lists(st.sampled_from([*ENCODE, "identity", "*", "deflate"]), unique=True, min_size=1))
def test_what_is_refused_is_never_chosen(refused: list[str]) -> None:
    assert choose(", ".join(f"{name};q=0" for name in refused)) == IDENTITY
