"""Asking a sealed release from the command line: a text, a file or a question by name; a table, CSV or JSON."""

import io
import json
import sys
from pathlib import Path
from typing import Any

from cper_lod.engine.embedded import EmbeddedEngine
from cper_lod.engine.engine import Answer, Query
from cper_lod.release.release import INDEX, Release, open_release
from cper_lod.terms.formats import CSV, RESULTS_JSON, TURTLE
from cper_lod.terms.language import say
from cper_lod.terms.namespaces import PREFIXES, shorten
from cper_lod.terms.problems import Language, Problem
from cper_lod.terms.settings import Settings


def text_of(asked: str, release: Release) -> str:
    """Return the SPARQL text of a competency question's name, of a file, of standard input (`-`), or the text itself.

    Our prefixes need no declaration in a text given directly. Raises `question-unknown`, `source-encoding`.
    """
    questions = {each["slug"]: str(each["text"]) for each in release.questions}
    if asked in questions:
        return questions[asked]
    if asked == "-":
        return sys.stdin.read()
    if "{" in asked:
        used = (each for each in PREFIXES if f"{each}:" in asked and f"PREFIX {each}:" not in asked)
        return "".join(f"PREFIX {each}: <{PREFIXES[each]}>\n" for each in used) + asked
    path = Path(asked)
    if not path.is_file():
        raise Problem("question-unknown", name=asked, offers=", ".join(questions))
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Problem("source-encoding", path=path, line=line, byte=f"0x{error.object[error.start]:02X}") from error


def answer(folder: Path, settings: Settings, asked: str, form: str, lang: Language) -> str:
    """Return the answer to a query as text: `table`, `csv` or `json`; a graph comes as Turtle.

    Raises the problems of the engine and of `text_of`.
    """
    release = open_release(folder)
    text = text_of(asked, release)
    with EmbeddedEngine(folder / INDEX, settings, release.graphs) as engine:
        found = engine.ask(Query(text, CSV if form == "csv" else RESULTS_JSON, TURTLE))
    if found.form == "graph" or form in ("csv", "json"):
        shown = found.body.decode()
        return shown if shown.endswith("\n") else shown + "\n"
    return _table(found, lang)


def _table(found: Answer, lang: Language) -> str:
    """Return solutions as a table with aligned columns; IRIs in prefixed form."""
    results: dict[str, Any] = json.loads(found.body)
    if found.form == "ask":
        return say("query-yes" if results["boolean"] else "query-no", lang) + "\n"
    names: list[str] = results["head"]["vars"]
    rows = [[_cell(row.get(name)) for name in names] for row in results["results"]["bindings"]]
    widths = [max(len(row[place]) for row in [names, *rows]) for place in range(len(names))]
    out = io.StringIO()
    for row in [names, ["-" * width for width in widths], *rows]:
        out.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    out.write(say("cli-rows", lang, count=len(rows)) + "\n")
    return out.getvalue()


def _cell(binding: dict[str, Any] | None) -> str:
    """Return one binding on one line, control characters made visible: data must not drive a terminal."""
    if binding is None:
        return ""
    value = binding["value"] if isinstance(binding["value"], str) else json.dumps(binding["value"])
    text = shorten(value) if binding["type"] == "uri" else "_:" + value if binding["type"] == "bnode" else value
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
