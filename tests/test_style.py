"""Rules of the code that no linter checks: nothing unused, true examples, no test module imported.

What linters check (ruff, mypy, import-linter, canonical Turtle) is `make lint`.
"""

import ast
import doctest
import importlib
import re
from collections.abc import Iterator

import pytest

from tests.support.paths import ROOT, TESTS

PACKAGE = ROOT / "cper_lod"
USED_ELSEWHERE = {
    "emit": "logging",
    "format_usage": "click",
    "format_help_text": "click",
    "EditorHook": "hatchling",
    "initialize": "hatchling",
}
"""Functions and classes that nothing in the program mentions, and who uses them: libraries look them up by name."""
IMPORT = re.compile(r"^ *(?:from|import) (tests\.[\w.]+)(?: import (\([^)]*\)|.*))?", re.MULTILINE)
"""An import from the tests: the module, and the names imported from it."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    """Yield the modules of the program and their syntax trees, one at a time."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "_sources" not in path.parts:
            yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8"))


def defined(tree: ast.Module) -> set[str]:
    """Return the functions and classes of a module, routes and commands apart: those are decorated by a call."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))
    return {
        node.name
        for node in found
        if not node.name.startswith("__") and not any(isinstance(each, ast.Call) for each in node.decorator_list)
    }


def mentioned(tree: ast.Module) -> set[str]:
    """Return what code and strings mention, docstrings apart."""
    found, docstrings = set[str](), set[int]()
    for node in ast.walk(tree):  # a node comes before what it contains
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                found.add(name)
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                found.update(re.findall(r"\w+", text))
            case ast.Expr():
                docstrings.add(id(node.value))
    return found


@pytest.mark.slow
def test_each_definition_is_used_by_the_program() -> None:
    """What only tests call is not needed."""
    names = set[str]()
    used = {word for path in PACKAGE.rglob("*.html") for word in re.findall(r"\w+", path.read_text("utf-8"))}
    for _, tree in trees():
        names |= defined(tree)
        used |= mentioned(tree)
    assert names
    assert names - used == set(USED_ELSEWHERE)


def test_no_test_imports_a_test_module_or_a_conftest() -> None:
    """What several tests use is a module beside them, or in tests/support."""
    imports = {
        (path.relative_to(ROOT).as_posix(), f"{module}.{name}")
        for path in TESTS.rglob("*.py")
        for module, names in IMPORT.findall(path.read_text("utf-8"))
        for name in re.findall(r"\w+", names) or [""]
    }
    assert imports
    assert {(path, name) for path, name in imports if re.search(r"\.(test_\w+|conftest)\b", name)} == set()


EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)
"""The modules whose docstrings have examples."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))
    assert result.failed == 0
    assert result.attempted
