"""Sentences, problems, templates and styles that nothing in the program uses are found."""

import ast
import json
import re
import tomllib
from functools import cache
from typing import Final, NamedTuple

from tests.support.paths import ROOT

PROGRAM: Final = ROOT / "cper_lod"
PART: Final = re.compile(r"[a-z0-9-]{3,}")
"""A part of a key that is completed by what the program knows then."""


class Used(NamedTuple):
    """The texts that stand in the program, and the patterns of those that it completes."""

    texts: set[str]
    completed: set[str]


@cache
def used() -> Used:
    """Return what the modules, templates and tables of the program name."""
    found = Used(set(), set())
    for path in PROGRAM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            _read_node(node, found)
    for path in (PROGRAM / "web" / "templates").rglob("*.*"):
        text = path.read_text("utf-8")
        found.texts.update(re.findall(r"'([^'\n]*)'", text), re.findall(r'"([^"\n]*)"', text))
        found.completed.update(re.escape(each) + ".+" for each in re.findall(r"'([a-z0-9-]{3,}-)' *~", text))
        found.completed.update(".+" + re.escape(each) for each in re.findall(r"~ *'(-[a-z0-9-]{3,})'", text))
    for path in PROGRAM.rglob("*.toml"):
        found.texts.update(re.findall(r'"([^"\n]*)"', path.read_text("utf-8")))
    return found


def _read_node(node: ast.AST, found: Used) -> None:
    match node:
        case ast.JoinedStr(values=values):
            fixed = "".join(each.value for each in values if isinstance(each, ast.Constant))
            if PART.fullmatch(fixed):
                parts = [re.escape(str(each.value)) if isinstance(each, ast.Constant) else ".+" for each in values]
                found.completed.add("".join(parts))
        case ast.BinOp(left=ast.Constant(value=str(start)), op=ast.Add()) if PART.fullmatch(start):
            found.completed.add(re.escape(start) + ".+")
        case ast.Constant(value=str(text)):
            found.texts.update((text, *text.split()))


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
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.html")]
    kinds = tomllib.loads((PROGRAM / "web" / "thing_pages" / "kinds.toml").read_text("utf-8"))
    by_kind = {f"thing_pages/{kind.get('template', name)}.html" for name, kind in kinds.items()}
    assert by_kind <= {*names}
    assert {*names} - used().texts - by_kind == set()


def test_every_style_has_its_element() -> None:
    css = (PROGRAM / "web" / "static" / "style.css").read_text("utf-8")
    classes = set(re.findall(r"\.([a-zA-Z][\w-]+)", re.sub(r"url\([^)]*\)|/\*.*?\*/", "", css, flags=re.DOTALL)))
    pages = "".join(path.read_text("utf-8") for kind in ("html", "py", "js") for path in PROGRAM.rglob(f"*.{kind}"))
    assert classes - {*re.findall(r"[\w-]+", pages)} == set()
