"""The patterns for Accept headers choose like the program's own negotiation, for any header."""

import random
import re
from collections import Counter

import pytest

from cper_lod.core import i18n
from cper_lod.core.formats import DOCUMENT_FORMATS, HTML, TURTLE, Format, negotiate
from cper_lod.mirror.rules.accept import (
    NONE,
    Pattern,
    encoding_patterns,
    format_patterns,
    language_patterns,
)
from cper_lod.web.documents.class_list import FORMS
from cper_lod.web.http import compression

WEIGHTS = (
    "",
    ";q=1",
    ";q=1.000",
    ";q=0.9",
    ";q=0.85",
    ";q=0.5",
    ";q=0.1",
    ";q=0.01",
    ";q=0",
    "; q=0.3",
    ";charset=utf-8",
)
TYPES = (
    *{name for each in FORMS for name in (each.media_type, *each.aliases)},
    "text/*",
    "application/*",
    "*/*",
    "image/png",
)


def headers(names: tuple[str, ...], count: int) -> list[str]:
    chance = random.Random(3)  # noqa: S311
    return [
        ", ".join(chance.choice(names) + chance.choice(WEIGHTS) for _ in range(chance.randint(1, 4)))
        for _ in range(count)
    ]


def compiled(patterns: list[Pattern]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(each.regex, re.IGNORECASE), each.value) for each in patterns]


def chosen(patterns: list[tuple[re.Pattern[str], str]], header: str, default: str) -> str:
    return next((value for regex, value in patterns if regex.search(header)), default)


@pytest.mark.parametrize(
    "offers", [DOCUMENT_FORMATS, FORMS, (HTML, TURTLE), (HTML,)], ids=["document", "list", "two", "page"]
)
def test_forms(offers: tuple[Format, ...]) -> None:
    patterns, seen = compiled(list(format_patterns(offers))), Counter[str]()
    for header in headers(TYPES, 500):
        form = negotiate(header, offers)
        wanted = form.suffix if form else NONE
        assert chosen(patterns, header, offers[0].suffix) == wanted, header
        seen[wanted] += 1
    assert len(seen) == len([each for each in offers if not each.profile]) + 1


@pytest.mark.parametrize("header", ["", "nonsense", ",", ";q=1", "text/turtle", "TEXT/TURTLE"])
def test_an_invalid_header_gets_the_first_format(header: str) -> None:
    assert chosen(compiled([*format_patterns(DOCUMENT_FORMATS)]), header, "ttl") == "ttl"


def test_a_profile_is_asked_for_by_name() -> None:
    header = 'text/csv;profile="https://w3id.org/cper-lod/profil/tableur", text/csv;q=0.5'
    assert chosen(compiled([*format_patterns(FORMS)]), header, "ttl") == "tableur.csv"


def test_languages() -> None:
    patterns, seen = compiled(list(language_patterns())), Counter[str]()
    for header in headers(("fr", "en", "fr-CA", "en-GB", "de", "*"), 1000):
        wanted = i18n.choose(header)
        assert chosen(patterns, header, "fr") == wanted, header
        seen[wanted] += 1
    assert min(seen["fr"], seen["en"]) > 100


def test_codings() -> None:
    patterns, seen = compiled(list(encoding_patterns())), Counter[str]()
    for header in headers(("br", "gzip", "zstd", "identity", "*", "deflate"), 1000):
        wanted = compression.choose(header) or NONE
        assert chosen(patterns, header, "identity") == wanted, header
        seen[wanted] += 1
    assert len(seen) == 5
