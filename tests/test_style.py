"""Rules of the code that no linter checks: nothing unused, one meaning a class name, no test module imported by another.

What linters check (ruff, mypy, import-linter, canonical Turtle) is `make lint`.
"""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.support.paths import ROOT, TESTS

PACKAGE = ROOT / "cper_lod"
USED_ELSEWHERE = {
    "load_bytecode": "jinja2",
    "dump_bytecode": "jinja2",
    "makefile": "http.client",
    "readable": "io",
    "readinto": "io",
    "format_commands": "click",
    "EditorHook": "hatchling",
    "initialize": "hatchling",
    "cached_queries": "users of pyshacl, as its module says",
}
"""Functions and classes that nothing in the program mentions, and who uses them: libraries look them up by name."""
SHARED_NAMES: dict[str, str] = {}
"""Names of several public classes, and why they are not renamed."""


@cache
def modules() -> dict[Path, ast.Module]:
    """Return the syntax tree of each module of the program."""
    paths = [path for path in PACKAGE.rglob("*.py") if "_sources" not in path.parts]
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(paths)}


def mentioned() -> set[str]:
    """Return the names that code, strings (docstrings apart) and templates of the program mention."""
    names: set[str] = set()
    for tree in modules().values():
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                    names.add(name)
                case ast.Constant(value=str(text)) if id(node) not in docstrings:
                    names.update(re.findall(r"\w+", text))
    return names.union(*(re.findall(r"\w+", path.read_text("utf-8")) for path in PACKAGE.rglob("*.html")))


def test_each_definition_is_used_by_the_program() -> None:
    """What only tests call is not needed."""
    defined = {
        node.name
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("__")
        and not any(isinstance(decorator, ast.Call) for decorator in node.decorator_list)  # a route or a command
    }
    assert len(modules()) > 200
    assert len(defined) > 1500
    assert defined - mentioned() == set(USED_ELSEWHERE)


def test_public_classes_have_different_names() -> None:
    places = defaultdict(list)
    for path, tree in modules().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.relative_to(PACKAGE).as_posix())
    assert len(places) > 300
    assert {name: paths for name, paths in places.items() if len(paths) > 1 and name not in SHARED_NAMES} == {}
    assert len(SHARED_NAMES) <= 5


def test_no_test_imports_a_test_module_or_a_conftest() -> None:
    """What several tests use is in tests/support."""
    imports = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in imported(node)
        if name.startswith("tests.")
    }
    assert len({path for path, _ in imports}) > 100
    assert len({name for _, name in imports if name.startswith("tests.support.")}) > 20
    assert {(path, name) for path, name in imports if re.search(r"\.(test_\w+|conftest)\b", name)} == set()


def imported(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports, and the names that it imports from them."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []
