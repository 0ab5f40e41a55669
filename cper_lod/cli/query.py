"""The work of `cper-lod query`: runs a SPARQL query on a release and writes the result as a table, CSV, TSV or JSON."""

import io
import json
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final

import click

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import CSV, RESULTS_JSON, TSV, TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import shorten
from cper_lod.core.settings import Settings
from cper_lod.core.text import did_you_mean, escaped, nearest
from cper_lod.engine.base import Answer, Query
from cper_lod.rdf.parse_errors import check_utf8
from cper_lod.rdf.reader import read_bytes
from cper_lod.release.docs.empty_results import EmptyResults, is_empty
from cper_lod.release.release import open_engine, open_release
from cper_lod.release.sources.questions import CompetencyQuestion, in_language

FORMS: Final = {"csv": CSV, "tsv": TSV, "json": RESULTS_JSON}
"""The formats of a result, besides the table, by the value of `--format`."""


def query_text(argument: str, questions: Iterable[CompetencyQuestion], lang: Language) -> str:
    """Return the SPARQL text that the argument of the command names.

    The argument is the name of one of the questions, which then answers in `lang`, a file, `-` for standard input, or
    SPARQL itself. Raises `question-unknown`, and the problems of reading a file.
    """
    texts = {question.slug: question.text for question in questions}
    if argument in texts:
        return in_language(texts[argument], lang)
    if argument == "-":
        return check_utf8(sys.stdin.buffer.read(), Path("-")).decode()
    if "{" in argument:
        return argument
    path = Path(argument)
    if not argument or not _exists(path):
        hint = did_you_mean(nearest(argument, texts))
        raise Problem("question-unknown", name=argument, hint=hint, offers=", ".join(texts))
    return check_utf8(read_bytes(path), path).decode()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # not a valid file name
        return False


def list_questions(questions: Collection[CompetencyQuestion], lang: Language) -> str:
    """Return competency questions, one a line: the name and the question in `lang`."""
    width = max((len(question.slug) for question in questions), default=0)
    return "".join(f"{question.slug:<{width}}  {question.titles[lang]}\n" for question in questions)


def run_query(folder: Path, settings: Settings, text: str, form: str, lang: Language) -> str:
    """Run SPARQL on the release in `folder`; return the result as `table` or in a form of `FORMS`, a graph as Turtle.

    Standard error says why a result is empty. Raises the problems of the engine.
    """
    release = open_release(folder)
    query = Query(text, FORMS.get(form, RESULTS_JSON), TURTLE)
    with open_engine(release, settings) as engine:
        if problem := engine.check_endpoint():
            raise problem
        answer = engine.query(query)
        for reason in EmptyResults(release, settings).reasons(query, engine.query) if is_empty(answer) else ():
            click.echo(escaped(reason.words(lang)), err=True)
    if answer.form == "graph" or form in FORMS:
        text = answer.read().decode()
        return text if text.endswith("\n") else text + "\n"
    return _table(answer, lang)


def _table(answer: Answer, lang: Language) -> str:
    """Return solutions as a table with aligned columns; IRIs in prefixed form."""
    results: dict[str, Any] = json.loads(answer.read())
    if answer.form == "ask":
        return translate("query-yes" if results["boolean"] else "query-no", lang) + "\n"
    names: list[str] = results["head"]["vars"]
    rows = [[_cell(row.get(name)) for name in names] for row in results["results"]["bindings"]]
    widths = [max(len(row[column]) for row in [names, *rows]) for column in range(len(names))]
    out = io.StringIO()
    for row in [names, ["-" * width for width in widths], *rows]:
        out.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    out.write(translate("cli-rows", lang, count=len(rows)) + "\n")
    return out.getvalue()


def _cell(binding: dict[str, Any] | None) -> str:
    """Return a binding on one line; control characters are escaped so that data cannot control the terminal."""
    if binding is None:
        return ""
    value = binding["value"] if isinstance(binding["value"], str) else json.dumps(binding["value"])
    text = shorten(value) if binding["type"] == "uri" else "_:" + value if binding["type"] == "bnode" else value
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
