"""Definitions, sentences, problems, templates and styles that nothing in the program uses are found."""

import ast
import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from tests.support.paths import ROOT

PROGRAM: Final = ROOT / "cper_lod"
PART: Final = re.compile(r"[a-z0-9-]{3,}")
"""A part of a key that is completed by what the program knows then."""
USED_ELSEWHERE: Final = {
    "emit": "logging",
    "format_usage": "click",
    "format_help_text": "click",
    "EditorHook": "hatchling",
    "initialize": "hatchling",
}
"""Functions and classes that nothing in the program mentions, and who uses them: libraries look them up by name."""


class Used(NamedTuple):
    """What the program defines (routes and commands apart: those are decorated by a call), and what it names.

    `texts` stand in it, `completed` are the patterns of those that it completes; docstrings are not read.
    """

    defined: set[str]
    names: set[str]
    texts: set[str]
    completed: set[str]


def files(kind: str) -> list[Path]:
    return [path for path in sorted(PROGRAM.rglob(f"*.{kind}")) if "_sources" not in path.parts]


@cache
def used() -> Used:
    """Return what the modules, templates and tables of the program name."""
    found = Used(set(), set(), set(), set())
    for path in files("py"):
        docstrings = set[int]()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):  # a node comes before what it contains
            if isinstance(node, ast.Expr):
                docstrings.add(id(node.value))
            elif id(node) not in docstrings:
                _read_node(node, found)
    found.names.update(word for text in found.texts for word in re.findall(r"\w+", text))
    for path in (PROGRAM / "web" / "templates").rglob("*.*"):
        text = path.read_text("utf-8")
        found.names.update(re.findall(r"\w+", text))
        found.texts.update(re.findall(r"'([^'\n]*)'", text), re.findall(r'"([^"\n]*)"', text))
        found.completed.update(re.escape(each) + ".+" for each in re.findall(r"'([a-z0-9-]{3,}-)' *~", text))
        found.completed.update(".+" + re.escape(each) for each in re.findall(r"~ *'(-[a-z0-9-]{3,})'", text))
    for path in files("toml"):
        found.texts.update(re.findall(r'"([^"\n]*)"', path.read_text("utf-8")))
    return found


def _read_node(node: ast.AST, found: Used) -> None:
    match node:
        case ast.FunctionDef(name=name, decorator_list=decorators) | ast.ClassDef(name=name, decorator_list=decorators):
            if not name.startswith("__") and not any(isinstance(each, ast.Call) for each in decorators):
                found.defined.add(name)
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            found.names.add(name)
        case ast.JoinedStr(values=values):
            fixed = "".join(each.value for each in values if isinstance(each, ast.Constant))
            if PART.fullmatch(fixed):
                parts = [re.escape(str(each.value)) if isinstance(each, ast.Constant) else ".+" for each in values]
                found.completed.add("".join(parts))
        case ast.BinOp(left=ast.Constant(value=str(start)), op=ast.Add()) if PART.fullmatch(start):
            found.completed.add(re.escape(start) + ".+")
        case ast.Constant(value=str(text)):
            found.texts.update((text, *text.split()))


def test_every_definition_is_used_by_the_program() -> None:
    """What only tests call is not needed."""
    assert used().defined - used().names == set(USED_ELSEWHERE)


def test_every_sentence_is_said() -> None:
    keys = json.loads((PROGRAM / "core" / "sentences.json").read_text("utf-8"))
    completed = re.compile("|".join(sorted(used().completed)))
    assert [key for key in keys if key not in used().texts and not completed.fullmatch(key)] == []
    assert "sentence-that-nobody-says" not in used().texts
    assert not completed.fullmatch("sentence-that-nobody-says")


def test_every_problem_is_raised() -> None:
    codes = tomllib.loads((PROGRAM / "core" / "problems.toml").read_text("utf-8"))
    assert [code for code in codes if code not in used().texts] == []


def test_every_template_is_rendered() -> None:
    folder = PROGRAM / "web" / "templates"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}
    kinds = tomllib.loads((PROGRAM / "web" / "thing_pages" / "kinds.toml").read_text("utf-8"))
    by_kind = {f"thing_pages/{kind.get('template', name)}.html" for name, kind in kinds.items()}
    assert by_kind <= names
    assert names - used().texts - by_kind == set()


def test_every_style_has_its_element() -> None:
    css = (PROGRAM / "web" / "static" / "style.css").read_text("utf-8")
    classes = set(re.findall(r"\.([a-zA-Z][\w-]+)", re.sub(r"url\([^)]*\)|/\*.*?\*/", "", css, flags=re.DOTALL)))
    pages = "".join(path.read_text("utf-8") for kind in ("html", "py", "js") for path in PROGRAM.rglob(f"*.{kind}"))
    assert classes - {*re.findall(r"[\w-]+", pages)} == set()
