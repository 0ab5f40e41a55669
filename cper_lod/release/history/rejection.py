"""Why the present sources are not served: recorded by a failed build, read by the servers."""

import json
import os
import re
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import LANGUAGES, Language, Problem, ProblemText
from cper_lod.core.files import atomic_write
from cper_lod.rdf.report import Report, as_json

FILE: Final = "refused.json"
_ABSOLUTE: Final = re.compile(r"(?<![^\s'\"(:=])(?:/[^\s/'\":;,()<>]+){2,}")
"""A local path within a text; the path of a URL follows its host and does not match."""
MAX_FINDINGS: Final = 200
"""Most findings that are recorded; `cper-lod check` shows all."""


@dataclass(frozen=True)
class Rejection:
    """A failed build, or a release that cannot be opened: when, why, and what was found.

    `sources` is the fingerprint of the sources, empty if unknown; `words` are title, detail and remedy by language;
    `report` is the validation report with its first findings, None if the sources were not read.
    """

    at: int
    code: str
    words: dict[str, dict[str, str]]
    sources: str = ""
    report: dict[str, Any] | None = None

    @classmethod
    def of(cls, problem: Problem, base: Path, sources: str = "", report: Report | None = None) -> "Rejection":
        """Return the rejection for a problem. It is public, so files are named relative to the folder `base`."""
        summary = json.loads(as_json(report)) if report else None
        if summary:
            summary["findings"] = summary["findings"][:MAX_FINDINGS]
        return cls(int(time.time()), problem.kind.code, public_words(problem, base), sources, summary)

    @property
    def is_permanent(self) -> bool:
        """Whether the same sources would fail again; after errors of the disk, the system and the clock, they may not."""
        passing = ("permission", "disk-full", "resources", "build-process", "clock-behind", "clock-ahead")
        return self.code not in passing

    def explanation(self, lang: Language) -> ProblemText:
        """Return the reason in a language."""
        return ProblemText(**self.words[lang])

    def first_violation(self, lang: Language) -> tuple[str, str] | None:
        """Return the files of the first violation, or its node if no file is known, and its message; None without one."""
        for found in (self.report or {}).get("findings", ()):
            if found["severity"] == "violation":
                words = found["messages"]
                return ", ".join(found["files"]) or found["node"], words.get(lang) or next(iter(words.values()), "")
        return None

    def is_same_as(self, other: "Rejection | None") -> bool:
        """Return whether another rejection has the same reason for the same sources, at any time."""
        return other is not None and replace(self, at=other.at) == other


def without_local_paths(problem: Problem, base: Path) -> Problem:
    """Return a problem as it may be published: files are named relative to the folder `base`, or by name."""
    params = {name: _public_value(value, base, path=name == "path") for name, value in problem.params.items()}
    return Problem(problem.kind.code, **params)


def public_words(problem: Problem, base: Path) -> dict[str, dict[str, str]]:
    """Return title, detail and remedy of a problem by language, as they may be published."""
    public = without_local_paths(problem, base)
    return {lang: asdict(public.words(lang)) for lang in LANGUAGES}


def _public_value(value: object, base: Path, *, path: bool) -> object:
    """Return a parameter of a problem without the local part of paths.

    The system names a file by a text as well as by a Path, and may do so within a sentence.
    """
    if isinstance(value, Path) or (path and type(value) is str):
        whole = Path(value)
        return whole.relative_to(base).as_posix() if whole.is_relative_to(base) else whole.name
    if type(value) is not str:
        return value
    return _ABSOLUTE.sub(lambda found: found[0].rpartition("/")[2], value.replace(f"{base}{os.sep}", ""))


def write_rejection(releases: Path, rejection: Rejection) -> None:
    """Record a rejection atomically, unless it is recorded already; disk errors are ignored."""
    if rejection.is_same_as(read_rejection(releases)):
        return
    with suppress(OSError):
        atomic_write(releases / FILE, json.dumps(asdict(rejection), ensure_ascii=False, indent=1).encode())


def read_rejection(releases: Path) -> Rejection | None:
    """Return the recorded rejection, None if there is none or it cannot be read."""
    try:
        found = Rejection(**json.loads((releases / FILE).read_bytes()))
        whole = {lang: ProblemText(**found.words[lang]) for lang in LANGUAGES}
        findings = found.report["findings"] if found.report else []
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return found if whole and isinstance(findings, list) and isinstance(found.at, int) else None


def clear_rejection(releases: Path) -> None:
    """Remove the record, since the sources are served."""
    with suppress(OSError):
        (releases / FILE).unlink()
