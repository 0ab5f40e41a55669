"""French and English: the choice of the language, and the sentences of the pages and of the command line."""

import json
from functools import cache
from pathlib import Path

from cper_lod.core.errors import LANGUAGES, Language, Phrase, translated


@cache
def _sentences() -> dict[str, dict[str, str]]:
    """Return the templates of `sentences.json` by key and language: each command reads them, TOML would take 25 ms."""
    found: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "sentences.json").read_text("utf-8"))
    return found


def sentence(key: str, lang: Language) -> str:
    """Return the sentence `key` in `lang`, with its places for values."""
    return _sentences()[key][lang]


def translate(key: str, lang: Language, **values: object) -> str:
    """Return the sentence `key` in `lang`, filled with `values`; of a phrase, with its version in `lang`."""
    return sentence(key, lang).format_map(translated(values, lang))


def phrase(key: str, **values: object) -> Phrase:
    """Return the sentence `key` in both languages, to fill a problem."""
    return Phrase(translate(key, "en", **values), translate(key, "fr", **values))


def decimal(value: float, lang: Language) -> str:
    """Return a number with one decimal, as written in `lang`.

    >>> decimal(7.44, "fr"), decimal(7.44, "en")
    ('7,4', '7.4')
    """
    return f"{value:.1f}".replace(".", "," if lang == "fr" else ".")


def requested_language(wanted: str | None) -> Language | None:
    """Return the language that an address requests (`?lang=`), in any case and with any region; None if unknown.

    >>> requested_language("EN"), requested_language("fr-CA"), requested_language("de"), requested_language(None)
    ('en', 'fr', None, None)
    """
    primary = (wanted or "").strip().lower().partition("-")[0]
    return next((each for each in LANGUAGES if each == primary), None)


def system_language(setting: str, environment: dict[str, str]) -> Language:
    """Return the language of the command line: the setting, else LC_ALL, LC_MESSAGES or LANG, else French.

    The locales C and POSIX name no language: the next variable decides.

    >>> system_language("", {"LC_ALL": "C.UTF-8", "LANG": "en_GB.UTF-8"}), system_language("", {"LANG": "C.UTF-8"})
    ('en', 'fr')
    """
    locales = [environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    wanted = setting or next((each for each in locales if each.partition(".")[0] not in ("", "C", "POSIX")), "")
    return next((each for each in LANGUAGES if wanted.lower().startswith(each)), LANGUAGES[0])
