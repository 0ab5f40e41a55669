"""Why the sources as they are now are not served: written beside the releases by a build, read by those who serve."""

import json
import os
import re
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from cper_lod.core.errors import LANGUAGES, Language, Problem, ProblemText
from cper_lod.core.files import atomic_write
from cper_lod.rdf.report import Report, as_json

FILE: Final = "refused.json"
_ABSOLUTE: Final = re.compile(r"(?<![^\s'\"(:=])(?:/[^\s/'\":;,()<>]+){2,}")
"""A path of this machine amid other words; that of an address follows its host, and is none."""
MAX_FINDINGS: Final = 200
"""Findings that are told; `cper-lod check` tells them all."""


class FirstViolation(NamedTuple):
    """What was found wrong, in words, and in which files, or at which node where no file holds it."""

    path: str
    words: str


@dataclass(frozen=True)
class Rejection:
    """A build that came to nothing, or a release that cannot be opened: when, why, and what was found.

    `sources` is the fingerprint of what was refused, empty where that is not known; `words` are title, detail and
    remedy by language; `report` is that of the sources with its first findings, empty where they were not read.
    """

    at: int
    code: str
    words: dict[str, dict[str, str]]
    sources: str = ""
    report: dict[str, Any] | None = None

    @classmethod
    def of(cls, problem: Problem, below: Path, sources: str = "", report: Report | None = None) -> "Rejection":
        """Return what is told of a problem; its files are named from the folder `below` on: anybody may read it."""
        said = without_local_paths(problem, below)
        told = json.loads(as_json(report)) if report else None
        if told:
            told["findings"] = told["findings"][:MAX_FINDINGS]
        words: dict[str, dict[str, str]] = {lang: asdict(said.words(lang)) for lang in LANGUAGES}
        return cls(int(time.time()), problem.kind.code, words, sources, told)

    @property
    def lasting(self) -> bool:
        """Whether the same sources would be refused again: it is not the disk that refused, nor the system."""
        return self.code not in ("permission", "build-process")

    def say(self, lang: Language) -> ProblemText:
        """Return why, in a language."""
        return ProblemText(**self.words[lang])

    def first(self, lang: Language) -> FirstViolation | None:
        """Return the first thing that was found wrong and where, None where nothing was."""
        found = [each for each in (self.report or {}).get("findings", ()) if each["severity"] == "violation"]
        if not found:
            return None
        words = found[0]["messages"]
        return FirstViolation(
            ", ".join(found[0]["files"]) or found[0]["node"], words.get(lang) or next(iter(words.values()), "")
        )

    def same(self, other: "Rejection | None") -> bool:
        """Whether another tells the same of the same sources, at whatever moment."""
        return bool(other) and {**asdict(self), "at": 0} == {**asdict(other), "at": 0}  # type: ignore[arg-type]


def without_local_paths(problem: Problem, below: Path) -> Problem:
    """Return an error as anybody may read it: its files are named from the folder `below` on, or by their names."""
    named = {name: _named(value, below, path=name == "path") for name, value in problem.params.items()}
    return Problem(problem.kind.code, **named)


def _named(value: object, below: Path, *, path: bool) -> object:
    """Return what an error says as it may be published: of a path nothing of where this machine keeps it.

    The system names a file by a text as well as by a Path, and may name one amid other words.
    """
    if isinstance(value, Path) or (path and type(value) is str):
        whole = Path(value)
        return whole.relative_to(below).as_posix() if whole.is_relative_to(below) else whole.name
    if type(value) is not str:
        return value
    return _ABSOLUTE.sub(lambda found: found[0].rpartition("/")[2], value.replace(f"{below}{os.sep}", ""))


def write_rejection(releases: Path, refusal: Rejection) -> None:
    """Write a refusal in one step, unless it is told already; where the disk refuses that too, nothing is written."""
    if refusal.same(read_rejection(releases)):
        return
    with suppress(OSError):
        atomic_write(releases / FILE, json.dumps(asdict(refusal), ensure_ascii=False, indent=1).encode(), mode=0o644)


def read_rejection(releases: Path) -> Rejection | None:
    """Return why the sources are not served, None where they are, or where what is written cannot be read."""
    try:
        found = Rejection(**json.loads((releases / FILE).read_bytes()))
        whole = {lang: ProblemText(**found.words[lang]) for lang in LANGUAGES}
        findings = found.report["findings"] if found.report else []
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return found if whole and isinstance(findings, list) and isinstance(found.at, int) else None


def clear_rejection(releases: Path) -> None:
    """Remove what was noted: the sources are served."""
    with suppress(OSError):
        (releases / FILE).unlink()
