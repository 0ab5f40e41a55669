"""Rules of the code that no linter checks: nothing unused, one meaning a class name, true examples, no test module imported.

What linters check (ruff, mypy, import-linter, canonical Turtle) is `make lint`.
"""

import ast
import doctest
import importlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

import pytest

from tests.support.cases import each_case
from tests.support.paths import ROOT, TESTS

PACKAGE = ROOT / "cper_lod"
USED_ELSEWHERE = {
    "load_bytecode": "jinja2",
    "dump_bytecode": "jinja2",
    "make_globals": "jinja2",
    "visit_Getattr": "jinja2",
    "visit_Call": "jinja2",
    "ensure_sync": "flask",
    "makefile": "http.client",
    "readable": "io",
    "readinto": "io",
    "format_usage": "click",
    "format_help_text": "click",
    "EditorHook": "hatchling",
    "initialize": "hatchling",
    "cached_queries": "users of pyshacl, as its module says",
}
"""Functions and classes that nothing in the program mentions, and who uses them: libraries look them up by name."""
SHARED_NAMES: dict[str, str] = {}
"""Names of several public classes, and why they are not renamed."""
IMPORT = re.compile(r"^ *(?:from|import) (tests\.[\w.]+)(?: import (\([^)]*\)|.*))?", re.MULTILINE)
"""An import from the tests: the module, and the names imported from it."""


@dataclass
class Names:
    """The names in the program."""

    modules: int = 0
    defined: set[str] = field(default_factory=set)
    """Functions and classes, routes and commands apart."""
    mentioned: set[str] = field(default_factory=set)
    """What code, strings (docstrings apart) and templates mention."""
    public_classes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The modules that define a public class, by its name."""


@cache
def program() -> Names:
    """Return the names in the program; one syntax tree is in memory at a time, walked once."""
    names = Names()
    for path in sorted(PACKAGE.rglob("*.py")):
        if "_sources" not in path.parts:
            names.modules += 1
            tree = ast.parse(path.read_text("utf-8"))
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    names.public_classes[node.name].append(path.relative_to(PACKAGE).as_posix())
            add_names(tree, names)
    for path in PACKAGE.rglob("*.html"):
        names.mentioned.update(re.findall(r"\w+", path.read_text("utf-8")))
    return names


def add_names(tree: ast.Module, names: Names) -> None:
    """Add what a module defines and mentions."""
    docstrings = set()
    for node in ast.walk(tree):  # a node comes before what it contains
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                names.mentioned.add(name)
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                names.mentioned.update(re.findall(r"\w+", text))
            case ast.Expr():
                docstrings.add(id(node.value))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if not node.name.startswith("__"):
                if not any(
                    isinstance(decorator, ast.Call) for decorator in node.decorator_list
                ):  # a route or a command
                    names.defined.add(node.name)


@pytest.mark.slow
def test_each_definition_is_used_by_the_program() -> None:
    """What only tests call is not needed."""
    names = program()
    assert names.modules > 200
    assert len(names.defined) > 1500
    assert names.defined - names.mentioned == set(USED_ELSEWHERE)


@pytest.mark.slow
def test_public_classes_have_different_names() -> None:
    places = program().public_classes
    assert len(places) > 300
    assert {name: paths for name, paths in places.items() if len(paths) > 1 and name not in SHARED_NAMES} == {}
    assert len(SHARED_NAMES) <= 5


def test_no_test_imports_a_test_module_or_a_conftest() -> None:
    """What several tests use is in tests/support."""
    imports = {
        (path.relative_to(ROOT).as_posix(), f"{module}.{name}")
        for path in TESTS.rglob("*.py")
        for module, names in IMPORT.findall(path.read_text("utf-8"))
        for name in re.findall(r"\w+", names) or [""]
    }
    assert len({path for path, _ in imports}) > 100
    assert len({name for _, name in imports if name.startswith("tests.support.")}) > 20
    assert {(path, name) for path, name in imports if re.search(r"\.(test_\w+|conftest)\b", name)} == set()


EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)
"""The modules whose docstrings have examples."""


@each_case("name", EXAMPLES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))
    assert result.failed == 0
    assert result.attempted
    assert len(EXAMPLES) >= 10
