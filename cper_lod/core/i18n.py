"""French and English: which language a reader gets, and every sentence of the pages and of the command line."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from cper_lod.core.errors import LANGUAGES, Language

_UNNAMED: Final = 0.0005
"""The weight of a language that a header does not name: below all that are wanted, above those that are not."""


@cache
def _sentences() -> dict[str, dict[str, str]]:
    """Return the sentences of `sentences.toml`: key to language to template."""
    return tomllib.loads((Path(__file__).parent / "sentences.toml").read_text("utf-8"))


def keys() -> list[str]:
    """Return the keys of all sentences."""
    return list(_sentences())


def translate(key: str, lang: Language, **values: object) -> str:
    """Return the sentence `key` in `lang`, its places filled with `values`."""
    return _sentences()[key][lang].format_map(values)


def decimal(value: float, lang: Language) -> str:
    """Return a number with one decimal, as people write it in a language.

    >>> decimal(7.44, "fr"), decimal(7.44, "en")
    ('7,4', '7.4')
    """
    return f"{value:.1f}".replace(".", "," if lang == "fr" else ".")


def asked(wanted: str | None) -> Language | None:
    """Return the language that an address asks for (?lang=) where we speak it, in any case and with any region.

    >>> asked("EN"), asked("fr-CA"), asked("de"), asked(None)
    ('en', 'fr', None, None)
    """
    primary = (wanted or "").strip().lower().partition("-")[0]
    return next((each for each in LANGUAGES if each == primary), None)


def choose(accept_language: str | None, wanted: str | None = None) -> Language:
    """Return the language for a reader: `wanted` (?lang=) where it is known, else the better of Accept-Language.

    French comes first at equal weight and where nothing fits; language is never a reason to refuse, and one that a
    reader does not want (`q=0`) comes after one that is not named. Source: RFC 9110, section 12.5.4, with the basic
    filtering of RFC 4647.

    >>> choose("de, en;q=0.8, fr;q=0.5"), choose("fr;q=0")
    ('en', 'en')
    >>> choose(None), choose("en", "fr")
    ('fr', 'fr')
    """
    if known := asked(wanted):
        return known
    weights: dict[str, float] = {}
    for element in (accept_language or "").split(","):
        tag, _, parameter = element.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        if primary not in (*LANGUAGES, "*"):
            continue
        key, _, value = parameter.strip().partition("=")
        try:
            weight = float(value) if key.strip().lower() == "q" else 1.0
        except ValueError:
            continue
        if 0 <= weight <= 1:
            weights[primary] = max(weights.get(primary, 0.0), weight)
    others = weights.get("*", _UNNAMED)
    return max(LANGUAGES, key=lambda each: weights.get(each, others))


def system_language(setting: str, environment: dict[str, str]) -> Language:
    """Return the language of the command line: the setting, else LC_ALL, LC_MESSAGES or LANG, else French.

    >>> system_language("", {"LANG": "en_GB.UTF-8"})
    'en'
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    wanted = setting or next((environment[name] for name in names if environment.get(name)), "")
    return next((each for each in LANGUAGES if wanted.lower().startswith(each)), LANGUAGES[0])
