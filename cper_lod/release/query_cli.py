"""Asking a sealed release from the command line: a text, a file or a question by name; a table, CSV or JSON."""

import io
import json
import sys
from pathlib import Path
from typing import Any

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import CSV, RESULTS_JSON, TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import PREFIXES, shorten
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.engine.syntax.tokenizer import tokens
from cper_lod.rdf.parse_errors import utf8
from cper_lod.rdf.reader import load
from cper_lod.release.engines import engine_of
from cper_lod.release.release import Release, open_release


def text_of(asked: str, release: Release) -> tuple[str, int]:
    """Return the SPARQL text of a competency question's name, of a file, of standard input (`-`), or the text itself.

    Our prefixes need no declaration in a text given directly: they are put before it, on its first line, and are that
    many characters (the second value). Raises `question-unknown`, and what keeps a file from being read.
    """
    questions = {each["slug"]: str(each["text"]) for each in release.questions}
    if asked in questions:
        return questions[asked], 0
    if asked == "-":
        return utf8(sys.stdin.buffer.read(), Path("-")).decode(), 0
    if "{" in asked:
        declared = _prefixes(asked)
        return declared + asked, len(declared)
    path = Path(asked)
    if not asked or not _exists(path):
        raise Problem("question-unknown", name=asked, offers=", ".join(questions))
    return utf8(load(path), path).decode(), 0


def _prefixes(text: str) -> str:
    """Return the declarations of those of our prefixes that `text` uses and does not declare."""
    used: set[str] = set()
    declared: set[str] = set()
    before = ""
    for token in tokens(text):
        if token.kind == "name":
            (declared if before == "PREFIX" else used).add(token.text.partition(":")[0])
        before = token.text.upper()
    return "".join(f"PREFIX {each}: <{PREFIXES[each]}> " for each in sorted(used & set(PREFIXES) - declared))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # no name that a file can have
        return False


def answer(folder: Path, settings: Settings, asked: str, form: str, lang: Language) -> str:
    """Return the answer to a query as text: `table`, `csv` or `json`; a graph comes as Turtle.

    Raises the problems of the engine and of `text_of`.
    """
    release = open_release(folder)
    text, added = text_of(asked, release)
    with engine_of(release, settings) as engine:
        try:
            found = engine.ask(Query(text, CSV if form == "csv" else RESULTS_JSON, TURTLE))
        except Problem as problem:
            if problem.params.get("line") == 1 and isinstance(column := problem.params.get("column"), int):
                problem.params["column"] = max(column - added, 1)
            raise
    if found.form == "graph" or form in ("csv", "json"):
        shown = found.read().decode()
        return shown if shown.endswith("\n") else shown + "\n"
    return _table(found, lang)


def _table(found: Answer, lang: Language) -> str:
    """Return solutions as a table with aligned columns; IRIs in prefixed form."""
    results: dict[str, Any] = json.loads(found.read())
    if found.form == "ask":
        return translate("query-yes" if results["boolean"] else "query-no", lang) + "\n"
    names: list[str] = results["head"]["vars"]
    rows = [[_cell(row.get(name)) for name in names] for row in results["results"]["bindings"]]
    widths = [max(len(row[place]) for row in [names, *rows]) for place in range(len(names))]
    out = io.StringIO()
    for row in [names, ["-" * width for width in widths], *rows]:
        out.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    out.write(translate("cli-rows", lang, count=len(rows)) + "\n")
    return out.getvalue()


def _cell(binding: dict[str, Any] | None) -> str:
    """Return one binding on one line, control characters made visible: data must not drive a terminal."""
    if binding is None:
        return ""
    value = binding["value"] if isinstance(binding["value"], str) else json.dumps(binding["value"])
    text = shorten(value) if binding["type"] == "uri" else "_:" + value if binding["type"] == "bnode" else value
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
