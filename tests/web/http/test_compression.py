"""Content codings: which one a client accepts (RFC 9110, section 12.5.3), and bytes that are the same each time."""

import gzip
import subprocess
import sys

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.web.http.compression import ENCODE, IDENTITY, MIN_SIZE, choose, is_worthwhile, zstd

BODY = "Contrat de plan État-Région ".encode() * 100
CASES = {
    "no header": (None, "identity"),
    "an empty header": ("", "identity"),
    "what Chrome and Firefox send": ("gzip, deflate, br, zstd", "br"),
    "what curl --compressed sends": ("deflate, gzip, br, zstd", "br"),
    "what requests sends": ("gzip, deflate", "gzip"),
    "an old name": ("x-gzip", "gzip"),
    "capitals": ("GZIP", "gzip"),
    "one alone": ("zstd", "zstd"),
    "weights": ("br;q=0.5, gzip;q=0.8", "gzip"),
    "equal weights: ours decides": ("gzip;q=0.5, zstd;q=0.5", "zstd"),
    "anything": ("*", "br"),
    "anything but one": ("br;q=0, *", "zstd"),
    "a low weight is still a wish": ("gzip;q=0.001", "gzip"),
    "identity preferred": ("identity, gzip;q=0.5", "identity"),
    "identity as good: compressed": ("identity;q=0.5, gzip;q=0.5", "gzip"),
    "only what we have not": ("deflate, compress", "identity"),
    "one refused": ("gzip;q=0", "identity"),
    "all refused but identity": ("*;q=0, identity", "identity"),
    "identity refused, one accepted": ("identity;q=0, gzip", "gzip"),
    "identity refused": ("identity;q=0", None),
    "all refused": ("*;q=0", None),
    "all refused but one": ("*;q=0, gzip;q=0.3", "gzip"),
    "malformed weights": ("br;q=2, gzip;q=x", "identity"),
    "nothing but commas": (",, ;", "identity"),
    "twice: the higher weight": ("gzip;q=0, gzip;q=1", "gzip"),
    "long": (", ".join(f"x{n}" for n in range(200)) + ", gzip", "gzip"),
}


@pytest.mark.parametrize(("header", "expected"), CASES.values(), ids=CASES.keys())
def test_choice(header: str | None, expected: str | None) -> None:
    assert choose(header) == expected


@given(st.text(max_size=80))
def test_any_header_gets_a_coding_or_none(header: str) -> None:
    assert choose(header) in (*ENCODE, IDENTITY, None)


@given(st.lists(st.sampled_from([*ENCODE, "identity", "*", "deflate"]), unique=True, min_size=1))
def test_what_is_refused_is_never_chosen(refused: list[str]) -> None:
    chosen = choose(", ".join(f"{name};q=0" for name in refused))
    assert chosen not in refused
    assert chosen is None or chosen == IDENTITY


def test_each_coding_is_read_back() -> None:
    assert brotli.decompress(ENCODE["br"](BODY)) == BODY
    assert zstd.decompress(ENCODE["zstd"](BODY)) == BODY
    assert gzip.decompress(ENCODE["gzip"](BODY)) == BODY
    assert all(len(encode(BODY)) < len(BODY) / 10 for encode in ENCODE.values())


def test_another_process_compresses_alike() -> None:
    code = (
        "import hashlib, sys; from cper_lod.web.http.compression import ENCODE; body = sys.stdin.buffer.read()\n"
        "print(*(hashlib.sha256(encode(body)).hexdigest() for encode in ENCODE.values()))"
    )
    run = [subprocess.run([sys.executable, "-c", code], input=BODY, capture_output=True, check=True) for _ in range(2)]
    assert run[0].stdout == run[1].stdout
    assert len(run[0].stdout.split()) == len(ENCODE)


@pytest.mark.parametrize(
    ("content_type", "size", "expected"),
    [
        ("text/html; charset=utf-8", MIN_SIZE, True),
        ("text/turtle", MIN_SIZE - 1, False),
        ("application/ld+json", 10_000, True),
        ("image/svg+xml", 10_000, True),
        ("image/png", 10_000, False),
        ("application/gzip", 10_000, False),
        ("", 10_000, False),
    ],
)
def test_what_is_worthwhile(content_type: str, size: int, expected: bool) -> None:
    assert is_worthwhile(content_type, size) is expected
