"""The language of a reader, and the table of sentences."""

import json
import re
import string

import pytest

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import system_language, translate
from tests.support.paths import ROOT

PACKAGE = ROOT / "cper_lod"
SOURCE = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*")) if path.suffix in (".py", ".html"))
TABLE = (PACKAGE / "core" / "sentences.json").read_text("utf-8")
SENTENCES = json.loads(TABLE)


@pytest.mark.parametrize(
    ("setting", "environment", "expected"),
    [
        ("en", {"LANG": "fr_FR.UTF-8"}, "en"),
        ("", {"LC_ALL": "fr_FR", "LANG": "en_GB"}, "fr"),
        ("", {"LC_ALL": "", "LC_MESSAGES": "en_US", "LANG": "fr_FR"}, "en"),
        ("", {"LC_ALL": "POSIX", "LC_MESSAGES": "C", "LANG": "en_US.UTF-8"}, "en"),
    ],
)
def test_language_of_the_command_line(setting: str, environment: dict[str, str], expected: str):
    assert system_language(setting, environment) == expected


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_sentence_is_there_in_both_languages_with_the_same_places():
    words = {key: {lang: places(SENTENCES[key][lang]) for lang in LANGUAGES} for key in SENTENCES}
    assert [key for key, found in words.items() if found["fr"] != found["en"]] == []
    texts = {
        (key, lang): translate(key, lang, **dict.fromkeys(words[key][lang], "…")) for key in words for lang in LANGUAGES
    }
    assert [place for place, text in texts.items() if not text or text.strip() != text] == []
    assert json.dumps(SENTENCES, ensure_ascii=False, indent=1) + "\n" == TABLE, "each stands there once"


def test_every_sentence_that_is_said_is_known():
    said = set(re.findall(r"""\btranslate\(["']([a-z-]+)["']""", SOURCE))
    assert said
    assert sorted(said - SENTENCES.keys()) == []
