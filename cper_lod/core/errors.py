"""The error table: every error a user can meet, with its HTTP status, exit code and texts in French and English."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, Self, get_args

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
"""The languages of the program; the first is the default."""


@dataclass(frozen=True)
class ProblemText:
    """What happened (`title`), where (`detail`) and what to do (`remedy`), in one language."""

    title: str
    detail: str
    remedy: str

    def __str__(self) -> str:
        # Messages of other programs, and paths, end without a full stop, which the next sentence needs.
        stop = "." if self.remedy and self.detail and self.detail[-1] not in ".!?…»”" else ""
        return " ".join(part for part in (self.title, self.detail + stop, self.remedy) if part)


@dataclass(frozen=True)
class ProblemKind:
    """One row of the table: code, HTTP status, exit code of the command line, and the text templates by language."""

    code: str
    status: int
    exit_code: int
    words: dict[str, ProblemText]


@cache  # a file of the program
def table() -> dict[str, ProblemKind]:
    """Return all kinds of problems by their codes, from `problems.toml` beside this module."""
    rows = tomllib.loads((Path(__file__).parent / "problems.toml").read_text("utf-8"))
    return {
        code: ProblemKind(
            code, row["status"], row["exit"], {lang: ProblemText(**{"remedy": "", **row[lang]}) for lang in LANGUAGES}
        )
        for code, row in rows.items()
    }


class Phrase(str):
    """A text that fills a template, in English, with its French version."""

    __slots__ = ("fr",)
    fr: str

    def __new__(cls, en: str, fr: str) -> Self:
        """Return the phrase."""
        phrase = super().__new__(cls, en)
        phrase.fr = fr
        return phrase

    def __reduce__(self) -> tuple[object, ...]:
        return (Phrase, (str(self), self.fr))


def translated(params: dict[str, object], lang: Language) -> dict[str, object]:
    """Return values for a template, with phrases in `lang`."""
    return {name: each.fr if lang == "fr" and isinstance(each, Phrase) else each for name, each in params.items()}


class Problem(Exception):
    """An error with a row in the table; `params` fill its templates (file, line, column, parameter, offers…): lists as
    enumerations, None as nothing, which a missing `hint` is too.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.kind = table()[code]
        self.params = params
        super().__init__(code, params)

    def __reduce__(self) -> tuple[object, ...]:
        return (_unpickle, (self.kind.code, self.params))

    def copy(self) -> Self:
        """Return the same problem, to be kept or raised again: without the frames in which this one was raised."""
        return type(self)(self.kind.code, **self.params)

    def words(self, lang: Language) -> ProblemText:
        """Return the texts of this problem in `lang`, filled in."""
        words, params = self.kind.words[lang], {"hint": None} | self.translated_params(lang)
        params |= {name: "" for name, value in params.items() if value is None}
        params |= {name: ", ".join(map(str, each)) or "–" for name, each in params.items() if isinstance(each, list)}
        return ProblemText(words.title, *(each.format_map(params).strip() for each in (words.detail, words.remedy)))

    def translated_params(self, lang: Language) -> dict[str, object]:
        """Return the parameters of the templates, with phrases in `lang`."""
        return translated(self.params, lang)

    def __str__(self) -> str:
        return str(self.words("en"))


def _unpickle(code: str, params: dict[str, object]) -> Problem:
    return Problem(code, **params)
