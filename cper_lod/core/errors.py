"""The error table: every error a user can meet, with its status, its exit code and its words in French and English."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, Self, get_args

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
"""The languages that the program speaks, the one that comes first where nothing else decides."""


@dataclass(frozen=True)
class Words:
    """What happened (`title`), where (`detail`) and what to do (`remedy`), in one language."""

    title: str
    detail: str
    remedy: str

    def __str__(self) -> str:
        # What another program says of a fault, and a path, end without a stop: the next sentence needs one.
        stop = "." if self.remedy and self.detail and self.detail[-1] not in ".!?…»”" else ""
        return " ".join(part for part in (self.title, self.detail + stop, self.remedy) if part)


@dataclass(frozen=True)
class Kind:
    """One row of the table: HTTP status, exit code of the command line, and a template of words per language."""

    code: str
    status: int
    exit_code: int
    words: dict[str, Words]


@cache
def table() -> dict[str, Kind]:
    """Return every kind of problem by its code, read from `problems.toml` beside this module."""
    rows = tomllib.loads((Path(__file__).parent / "problems.toml").read_text("utf-8"))
    return {
        code: Kind(code, row["status"], row["exit"], {lang: Words(**{"remedy": "", **row[lang]}) for lang in LANGUAGES})
        for code, row in rows.items()
    }


class Phrase(str):
    """A text in English that fills a template, with the French for it."""

    __slots__ = ("fr",)
    fr: str

    def __new__(cls, en: str, fr: str) -> Self:
        """Return the phrase."""
        phrase = super().__new__(cls, en)
        phrase.fr = fr
        return phrase

    def __reduce__(self) -> tuple[object, ...]:
        return (Phrase, (str(self), self.fr))


class Problem(Exception):
    """An error with a row in the table; `params` fill its templates (file, line, column, parameter, offers…)."""

    def __init__(self, code: str, **params: object) -> None:
        self.kind = table()[code]
        self.params = params
        super().__init__(code, params)

    def __reduce__(self) -> tuple[object, ...]:
        return (_unpickle, (self.kind.code, self.params))

    def words(self, lang: Language) -> Words:
        """Return the words of this problem in `lang`, filled in."""
        words, params = self.kind.words[lang], self.translated_params(lang)
        return Words(words.title, words.detail.format_map(params), words.remedy.format_map(params))

    def translated_params(self, lang: Language) -> dict[str, object]:
        """Return the parameters of the templates, with phrases in `lang`."""
        return {
            name: value.fr if lang == "fr" and isinstance(value, Phrase) else value
            for name, value in self.params.items()
        }

    def __str__(self) -> str:
        return str(self.words("en"))


def _unpickle(code: str, params: dict[str, object]) -> Problem:
    return Problem(code, **params)
