"""The language of a reader, and the table of sentences."""

import json
import re
import string
from pathlib import Path

import pytest

import cper_lod
from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import requested_language, system_language, translate

PACKAGE = Path(cper_lod.__file__).parent
SOURCE = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*")) if path.suffix in (".py", ".html"))
TABLE = (PACKAGE / "core" / "sentences.json").read_text("utf-8")
SENTENCES = json.loads(TABLE)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        *(("en", "en"), ("fr", "fr"), ("EN", "en"), ("en-GB", "en"), ("fr-CA", "fr"), ("Fr", "fr")),
        *(("de", None), ("", None), ("english", None), ("en_GB", None), ("*", None)),
    ],
)
def test_the_language_that_an_address_names(wanted: str, expected: str | None):
    """An address is read as the header is: in any case, with any region."""
    assert requested_language(wanted) == expected


@pytest.mark.parametrize(
    ("setting", "environment", "expected"),
    [
        ("", {}, "fr"),
        ("en", {"LANG": "fr_FR.UTF-8"}, "en"),
        ("fr", {"LANG": "en_GB.UTF-8"}, "fr"),
        ("", {"LANG": "en_GB.UTF-8"}, "en"),
        ("", {"LANG": "fr_FR.UTF-8"}, "fr"),
        ("", {"LC_ALL": "fr_FR", "LANG": "en_GB"}, "fr"),
        ("", {"LC_ALL": "", "LC_MESSAGES": "en_US", "LANG": "fr_FR"}, "en"),
        ("", {"LANG": "C"}, "fr"),
        ("", {"LANG": "C.UTF-8"}, "fr"),
        ("", {"LC_ALL": "C.UTF-8", "LANG": "en_US.UTF-8"}, "en"),
        ("", {"LC_ALL": "POSIX", "LC_MESSAGES": "C", "LANG": "en_US.UTF-8"}, "en"),
    ],
)
def test_language_of_the_command_line(setting: str, environment: dict[str, str], expected: str):
    assert system_language(setting, environment) == expected


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_sentence_is_there_in_both_languages():
    values = {key: dict.fromkeys(places_of(key), "…") for key in SENTENCES}
    texts = {(key, lang): translate(key, lang, **values[key]) for key in SENTENCES for lang in LANGUAGES}
    assert [place for place, text in texts.items() if not text or text.strip() != text] == []


def test_each_sentence_stands_once_in_the_form_that_json_dumps_gives_it() -> None:
    assert json.dumps(SENTENCES, ensure_ascii=False, indent=1) + "\n" == TABLE


def test_both_languages_have_the_same_places():
    assert [key for key in SENTENCES if places_of(key) != places(SENTENCES[key]["en"])] == []


def places_of(key: str) -> set[str]:
    return places(SENTENCES[key]["fr"])


def test_every_sentence_that_is_said_is_known():
    said = set(re.findall(r"""\btranslate\(["']([a-z-]+)["']""", SOURCE))
    assert said
    assert sorted(said - SENTENCES.keys()) == []
