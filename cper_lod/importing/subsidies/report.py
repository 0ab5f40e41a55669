"""What the import of a file of subsidies tells: its counts and its findings, as text and for a program."""

from collections.abc import Iterator
from typing import Any

from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.importing.subsidies.findings import as_lines, as_rows
from cper_lod.importing.subsidies.importer import Outcome
from cper_lod.importing.subsidies.inspect import Inspected

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
