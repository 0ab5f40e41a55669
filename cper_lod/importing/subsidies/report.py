"""What was found in the rows of a file: of each kind how often, and where first; as text and as JSON."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.importing.subsidies.csv_file import Inspected

SHOWN: Final = 10
"""How many findings of one kind, in one column, are shown; all are counted."""

_HEADS: Final = {"error": "import-error", "person": "import-person", "warning": "import-warning"}
"""The severities, the gravest first, and the sentence that says each."""
_RANK: Final = tuple(_HEADS)
_LONGEST: Final = 80


@dataclass(frozen=True, order=True)
class RowFinding:
    """A fault (`error`), someone not to be named (`person`) or something put up with (`warning`), and its place."""

    line: int
    column: str
    severity: str
    code: str
    value: str

    def words(self, lang: Language) -> tuple[str, str]:
        """Return what is wrong and what to do."""
        key = self.code
        return translate(f"finding-{key}", lang, value=self.value), translate(f"remedy-{key}", lang, value=self.value)


@dataclass
class Findings:
    """The findings of one file."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    first: list[RowFinding] = field(default_factory=list)

    def add(self, severity: str, line: int, column: str, code: str, value: str = "") -> None:
        """Count a finding, and keep it where it is among the first of its kind."""
        kind = (severity, column, code)
        self.counts[kind] += 1
        if self.counts[kind] <= SHOWN:
            self.first.append(RowFinding(line, column, severity, code, printable(value)))

    def sorted(self) -> list[RowFinding]:
        """Return what is kept: the gravest first, then by line."""
        return sorted(self.first, key=lambda each: (_RANK.index(each.severity), each))

    def hidden(self) -> int:
        """Return how many findings are counted and not kept."""
        return self.counts.total() - len(self.first)


@dataclass
class Outcome:
    """What became of a file: how many rows it has, how many are kept, and what was found."""

    rows: int = 0
    kept: int = 0
    not_attached: int = 0
    written: Path | None = None
    findings: Findings = field(default_factory=Findings)

    @property
    def faults(self) -> int:
        """The number of rows, or of their cells, that have a fault."""
        return self.count("error")

    def count(self, severity: str) -> int:
        """Return the number of findings of that severity."""
        return sum(count for (each, _, _), count in self.findings.counts.items() if each == severity)


def printable(text: str) -> str:
    r"""Return `text` as it can be shown on a terminal: short, and without what would steer it.

    >>> printable("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text[:_LONGEST])
    return shown + ("…" if len(text) > _LONGEST else "")


def as_lines(name: str, findings: Findings, lang: Language) -> Iterator[str]:
    """Yield the findings for a reader, each in a block."""
    for each in findings.sorted():
        what, remedy = each.words(lang)
        place = translate("import-place", lang, name=printable(name), line=each.line, column=each.column or "–")
        yield f"{translate(_HEADS[each.severity], lang)} {place}"
        if each.value:
            yield "  " + translate("import-value", lang, value=each.value)
        yield "  " + translate("import-finding", lang, what=what, remedy=remedy)
    if findings.hidden():
        yield translate("import-hidden", lang, count=findings.hidden(), shown=SHOWN)


def as_rows(findings: Findings) -> list[dict[str, Any]]:
    """Return the findings for a program."""
    return [
        {
            "severity": each.severity,
            "code": each.code,
            "line": each.line,
            "column": each.column or None,
            "value": each.value or None,
            "messages": {lang: each.words(lang)[0] for lang in LANGUAGES},
            "remedies": {lang: each.words(lang)[1] for lang in LANGUAGES},
            "count": findings.counts[each.severity, each.column, each.code],
        }
        for each in findings.sorted()
    ]


_SEPARATORS = {",": ",", ";": ";", "\t": "TAB"}


def as_text(file: Inspected, outcome: Outcome, lang: Language) -> Iterator[str]:
    """Yield the report in lines: the findings, then what was read, kept and written."""
    yield from as_lines(file.path.name, outcome.findings, lang)
    counts = {
        "kept": outcome.kept,
        "errors": outcome.faults,
        "persons": outcome.count("person"),
        "warnings": outcome.count("warning"),
        "others": outcome.not_attached,
    }
    yield translate(
        "import-read",
        lang,
        name=file.path.name,
        rows=outcome.rows,
        encoding=_encoding(file),
        separator=_SEPARATORS[file.separator],
    )
    yield translate("import-counts", lang, **counts)
    yield (
        translate("import-written", lang, path=outcome.written)
        if outcome.written
        else translate("import-not-written", lang)
    )


def as_object(file: Inspected, outcome: Outcome) -> dict[str, Any]:
    """Return the report for a program."""
    return {
        "file": file.path.name,
        "sha256": file.sha256,
        "encoding": _encoding(file),
        "separator": file.separator,
        "rows": outcome.rows,
        "kept": outcome.kept,
        "not_attached": outcome.not_attached,
        "errors": outcome.faults,
        "persons": outcome.count("person"),
        "warnings": outcome.count("warning"),
        "written": str(outcome.written) if outcome.written else None,
        "findings": as_rows(outcome.findings),
    }


def _encoding(file: Inspected) -> str:
    return "Windows-1252" if file.encoding == "cp1252" else "UTF-8"
