"""The result of an import: its findings, counted by kind, and the report as text and as JSON."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.text import escaped
from cper_lod.importing.csv_file import CsvFile
from cper_lod.importing.findings import MAX_SHOWN, FindingRow

_SEVERITY_SENTENCES: Final = {"error": "import-error", "person": "import-person", "warning": "import-warning"}
"""The severities, most severe first, with the key of their sentence."""
_SEVERITIES: Final = tuple(_SEVERITY_SENTENCES)
_MAX_VALUE_LENGTH: Final = 80


@dataclass
class RowFinding:
    """An error, a natural person that must not be named (`person`), or a warning; and the first rows that have it.

    `count` is the number of all rows with this finding and this value.
    """

    severity: str
    column: str
    code: str
    value: str
    lines: list[int] = field(default_factory=list)
    count: int = 0

    def words(self, lang: Language) -> tuple[str, str]:
        """Return what is wrong and what to do."""
        key = self.code
        return translate(f"finding-{key}", lang, value=self.value), translate(f"remedy-{key}", lang, value=self.value)


@dataclass
class Findings:
    """The findings of one file: counted, each told to `write`, and of each kind in a column the first values kept."""

    write: Callable[[RowFinding], object] = lambda _: None
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    shown: dict[tuple[str, str, str, str], RowFinding] = field(default_factory=dict)
    _values: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, severity: str, line: int, column: str, code: str, value: str = "") -> None:
        """Count a finding; keep its row if its value is among the first of its kind."""
        kind, value = (severity, column, code), printable(value)
        self.counts[kind] += 1
        self.write(RowFinding(*kind, value, [line], 1))
        found = self.shown.get((*kind, value))
        if found is None:
            if self._values[kind] == MAX_SHOWN:
                return
            self._values[kind] += 1
            found = self.shown[*kind, value] = RowFinding(*kind, value)
        found.count += 1
        found.lines = sorted([*found.lines, line])[:MAX_SHOWN]

    def sorted(self) -> list[RowFinding]:
        """Return the findings that are kept: most severe first, then by line."""
        order = _SEVERITIES.index
        return sorted(self.shown.values(), key=lambda each: (order(each.severity), each.lines, each.column, each.code))


@dataclass
class ImportResult:
    """The result for one file: rows read and kept, the first and the last date of these, and findings."""

    rows: int = 0
    kept: int = 0
    not_attached: int = 0
    first: str = ""
    last: str = ""
    written: Path | None = None
    findings: Findings = field(default_factory=Findings)

    def counts(self) -> dict[str, int]:
        """Return the numbers of the report, once all rows are read and compared.

        `persons` are rows that are left out since they seem to name a natural person, `repeated` those that only repeat another
        one, `refused` those with at least one error; `errors` and `warnings` are findings.
        """
        found = Counter[str]()
        for (severity, _, _), count in self.findings.counts.items():
            found[severity] += count
        repeated = self.findings.counts["warning", "", "row-again"]
        return {
            "rows": self.rows,
            "kept": self.kept,
            "refused": self.rows - self.kept - found["person"] - self.not_attached - repeated,
            "repeated": repeated,
            "not_attached": self.not_attached,
            "errors": found["error"],
            "persons": found["person"],
            "warnings": found["warning"],
        }


def printable(text: str) -> str:
    r"""Return `text` shortened, with control characters escaped, so that it can be shown on a terminal.

    >>> printable("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    return escaped(text[:_MAX_VALUE_LENGTH]) + ("…" if len(text) > _MAX_VALUE_LENGTH else "")


_SEPARATORS = {",": ",", ";": ";", "\t": "TAB"}


def as_text(file: CsvFile, result: ImportResult, lang: Language) -> Iterator[str]:
    """Yield the report in lines: the findings, a few lines each, then the counts and the file written."""
    name, counts, findings = file.path.name, result.counts(), result.findings
    for finding in findings.sorted():
        what, remedy = finding.words(lang)
        lines = ", ".join(map(str, finding.lines))
        key = "import-place" if finding.count == 1 else "import-places"
        place = translate(
            key, lang, name=printable(name), line=lines, column=finding.column or "–", count=finding.count
        )
        yield f"{translate(_SEVERITY_SENTENCES[finding.severity], lang)} {place}"
        if finding.value:
            yield "  " + translate("import-value", lang, value=finding.value)
        yield "  " + translate("import-finding", lang, what=what, remedy=remedy)
    if hidden := findings.counts.total() - sum(each.count for each in findings.shown.values()):
        yield translate("findings-hidden", lang, count=hidden, shown=MAX_SHOWN)
    encoding, separator = _encoding(file), _SEPARATORS[file.separator]
    yield translate("import-read", lang, name=name, rows=result.rows, encoding=encoding, separator=separator)
    yield translate("import-counts", lang, **counts)
    yield translate("import-written" if result.written else "import-not-written", lang, path=result.written)


def write_finding(write: Callable[[FindingRow], object], file: CsvFile, lang: Language, finding: RowFinding) -> None:
    """Write a finding about one row to the file of all findings."""
    severity = translate(_SEVERITY_SENTENCES[finding.severity], lang)
    place = (printable(file.path.name), "", str(finding.lines[0]), finding.column)
    write(FindingRow(severity, finding.code, *place, finding.value, *finding.words(lang)))


def as_json_object(file: CsvFile, result: ImportResult) -> dict[str, Any]:
    """Return the report as a JSON object."""
    return {
        "file": file.path.name,
        "sha256": file.sha256,
        "encoding": _encoding(file),
        "separator": file.separator,
        **result.counts(),
        "written": str(result.written) if result.written else None,
        "findings": [
            {
                "severity": finding.severity,
                "code": finding.code,
                "lines": finding.lines,
                "column": finding.column or None,
                "value": finding.value or None,
                "messages": {lang: finding.words(lang)[0] for lang in LANGUAGES},
                "remedies": {lang: finding.words(lang)[1] for lang in LANGUAGES},
                "count": finding.count,
            }
            for finding in result.findings.sorted()
        ],
    }


def _encoding(file: CsvFile) -> str:
    return "Windows-1252" if file.encoding == "cp1252" else "UTF-8"
