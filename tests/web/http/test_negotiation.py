"""Content negotiation (RFC 9110, sections 12.5.1 and 12.5.3): media types, languages and codings, whatever is sent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.formats import ALL, DOCUMENT_FORMATS, PROFILES, Format
from cper_lod.web.http.compression import ENCODE, IDENTITY, choose
from cper_lod.web.http.negotiation import media_ranges, negotiate, preferred_language
from tests.support.properties import examples

NS = "http://www.w3.org/ns/json-ld#"

CASES = {
    # no wish at all: the first offer
    "no header": (None, "turtle"),
    # malformed elements are left out; where nothing is left, anything is accepted
    "no slash": ("turtle", "turtle"),
    "star before a subtype": ("*/turtle", "turtle"),
    "weight above one": ("text/html;q=2, application/ld+json", "jsonld"),
    "malformed beside none that fits": ("turtle, image/png", None),
    # names
    "capitals": ("Text/HTML", "html"),
    "plain text is N-Triples": ("text/plain", "ntriples"),
    # weights
    "higher weight": ("text/turtle;q=0.5, application/ld+json;q=0.6", "jsonld"),
    "equal weight: our order": ("application/ld+json, text/turtle", "turtle"),
    "what is named wins over a wildcard of equal weight": ("*/*, application/ld+json", "jsonld"),
    "a wildcard of higher weight wins": ("application/ld+json;q=0.5, */*;q=0.8", "turtle"),
    "refused outright": ("text/turtle;q=0, */*", "html"),
    "all refused": ("*/*;q=0", None),
    # specificity
    "a type": ("application/*", "jsonld"),
    "the exact range counts, not the wider": ("text/*;q=0.9, text/turtle;q=0.1, application/ld+json;q=0.5", "html"),
    "an alias refused": ("application/xml;q=0, application/n-triples;q=0.1, application/*;q=0.05", "ntriples"),
    # parameters
    "a profile": (f'application/ld+json;profile="{NS}compacted"', "jsonld-compacted"),
    "several profiles": (f'application/ld+json;profile="{NS}flattened {NS}compacted"', "jsonld-compacted"),
    "an unknown profile": ('application/ld+json;profile="http://ex.org/p"', "jsonld"),
    "a profile, or any": (f'application/ld+json;profile="{NS}expanded", application/ld+json', "jsonld-expanded"),
    "any but one profile": (f'application/ld+json;profile="{NS}expanded";q=0, application/ld+json', "jsonld"),
    "the profile of another type": (f'application/json;profile="{NS}expanded"', "json"),
    "a comma in quotes": ('application/ld+json;profile="a,text/html", text/turtle;q=0.5', "jsonld"),
    "another charset": ("text/turtle;charset=iso-8859-1, text/html;q=0.1", "turtle"),
}


@pytest.mark.parametrize(("accept", "expected"), CASES.values(), ids=CASES.keys())
def test_negotiation(accept: str | None, expected: str | None):
    chosen = negotiate(accept, (*DOCUMENT_FORMATS, *PROFILES.values()))
    assert (chosen.name if chosen else None) == expected


TYPES = st.sampled_from([*(name for each in ALL for name in (each.media_type, *each.aliases)), "*/*", "text/*", "a/b"])
WEIGHTS = st.sampled_from(["", ";q=0", ";q=0.5", ";q=1", ";q=0.001", ";q=x", ";p=1;q=0.3"])
HEADERS = st.lists(st.tuples(TYPES, WEIGHTS).map("".join), min_size=1, max_size=6).map(", ".join)
OFFERS = st.lists(st.sampled_from(ALL), min_size=1, max_size=6, unique=True)


@settings(max_examples=examples(200))
@given(st.one_of(st.none(), st.text(max_size=60), HEADERS), OFFERS)
def test_any_header_gets_an_offer_or_none(accept: str | None, offers: list[Format]):
    assert negotiate(accept, offers) in (None, *offers)
    assert all(0 <= each.weight <= 1 for each in media_ranges(accept or ""))


@settings(max_examples=examples(200))
@given(HEADERS, OFFERS)
def test_a_refused_type_is_never_chosen(accept: str, offers: list[Format]):
    refused = offers[0]
    # Named once, with weight 0: whatever else the header says, this form is not sent.
    kept = [each for each in media_ranges(accept) if each.name != refused.media_type]
    header = ", ".join([f"{each.name};q={each.weight}" for each in kept] + [f"{refused.media_type};q=0"])
    assert negotiate(header, offers) is not refused


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "fr"),
        ("en-GB", "en"),
        ("*, en;q=0.5", "fr"),
        ("*, fr;q=0", "en"),
        ("fr;q=0.5, *;q=0.5", "fr"),
        ("fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7", "fr"),
    ],
)
def test_the_language_of_a_reader(header: str | None, expected: str):
    assert preferred_language(header) == expected


@given(st.text(max_size=40))
def test_any_header_gets_one_of_two_languages(header: str):
    assert preferred_language(header) in LANGUAGES


CODINGS = {
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


@pytest.mark.parametrize(("header", "expected"), CODINGS.values(), ids=CODINGS.keys())
def test_the_coding_of_a_response(header: str | None, expected: str) -> None:
    assert choose(header) == expected


def test_no_coding_has_the_time_in_it() -> None:
    assert ENCODE["gzip"](b"x" * 1000)[4:8] == bytes(4)


@given(st.text(max_size=80))
def test_any_header_gets_a_coding(header: str) -> None:
    assert choose(header) in (*ENCODE, IDENTITY)


@given(st.lists(st.sampled_from([*ENCODE, "identity", "*", "deflate"]), unique=True, min_size=1))
def test_what_is_refused_is_never_chosen(refused: list[str]) -> None:
    assert choose(", ".join(f"{name};q=0" for name in refused)) == IDENTITY
