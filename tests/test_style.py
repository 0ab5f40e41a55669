"""The house rules, run by the tests: ruff, mypy, the floors, canonical Turtle, and how long a module may be."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from cper_lod.rdf.comments import comments
from cper_lod.rdf.formatter import canonical
from tests.support.paths import ROOT

BIN = Path(sys.executable).parent
LONG = 200
REASONS = {
    "engine/lanes.py": "one decision, whose turn it is, under one lock",
    "rdf/nesting.py": "which resource is written inside which: one decision, its cases side by side",
    "rdf/report.py": "a report and its three forms, which have to say the same",
    "terms/settings.py": "the one table of settings, a row for each with its words",
    "terms/formats.py": "the one table of formats, and the one function that chooses among them",
    "web/gateway.py": "the front room: what becomes of a request, decided in one place",
}
"""The modules of the program that are longer than LONG lines, and why."""


CALLED_FROM_OUTSIDE = {
    "engine/outside.py: makefile": "http.client calls it",
    "engine/outside.py: readable": "io calls it",
    "engine/outside.py: readinto": "io calls it",
    "failing.py: format_commands": "click calls it",
    "web/rendering.py: load_bytecode": "jinja2 calls it",
    "web/rendering.py: dump_bytecode": "jinja2 calls it",
    "web/editor/hatch_build.py: EditorHook": "hatchling looks for it",
    "web/editor/hatch_build.py: initialize": "hatchling calls it",
}
"""What no module and no template of the program names, since a library asks for it by that name."""
NAMESAKES = {
    "engine TooLargeError": "one is of the process of a query, which imports nothing of ours",
    "web Line": "a line that is drawn, and a line of a table",
}
"""Classes of one name in one room, and why."""


def said_by(*command: object) -> str:
    """Return what a tool prints; it has to end well."""
    done = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def count(pattern: str, text: str) -> int:
    """Return the number that a tool tells of the files it looked at."""
    found = re.search(pattern, text)
    assert found, text
    return int(found[1])


def test_ruff_finds_nothing() -> None:
    assert "All checks passed!" in said_by(BIN / "ruff", "check", ".")
    looked_at = said_by(BIN / "ruff", "check", "--show-files", ".").splitlines()
    assert len([line for line in looked_at if line.endswith(".py")]) > 60
    assert {"cper_lod", "tests"} <= {Path(line).relative_to(ROOT).parts[0] for line in looked_at}


def test_ruff_would_format_nothing() -> None:
    assert count(r"(\d+) files already formatted", said_by(BIN / "ruff", "format", "--check", ".")) > 60


def test_mypy_is_content() -> None:
    assert count(r"no issues found in (\d+) source files", said_by(BIN / "mypy")) > 40
    assert "strict = true" in (ROOT / "pyproject.toml").read_text("utf-8")


def test_each_room_imports_only_rooms_below_it() -> None:
    told = said_by(BIN / "lint-imports", "--no-cache")
    assert count(r"Analyzed (\d+) files", told) > 40
    assert count(r"Contracts: (\d+) kept, 0 broken", told) >= 4


def turtle() -> list[Path]:
    return sorted(
        path for name in ("ontology", "shapes", "data", "tests/fictif") for path in (ROOT / name).rglob("*.ttl")
    )


def test_there_is_turtle_to_look_at() -> None:
    assert len(turtle()) > 20


@pytest.mark.parametrize("path", turtle(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_turtle_is_canonical_and_has_no_comments(path: Path) -> None:
    assert comments(path.read_text("utf-8")) == []
    assert path.read_bytes() == canonical(path)


def lines() -> dict[str, int]:
    package = ROOT / "cper_lod"
    return {
        path.relative_to(package).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in sorted(package.rglob("*.py"))
        if "_sources" not in path.parts
    }


def test_long_modules_have_their_reason() -> None:
    counted = lines()
    assert len(counted) > 40
    long = {name: length for name, length in counted.items() if length > LONG}
    assert {name: length for name, length in long.items() if name not in REASONS} == {}, "shorten it, or say why not"
    assert set(REASONS) - set(long) == set(), "no longer long: take it off the table"
    assert all(len(reason) > 30 for reason in REASONS.values())
    print(*(f"{length:4} {name}: {REASONS[name]}" for name, length in sorted(long.items())), sep="\n")


@pytest.mark.parametrize("path", [path for path in sorted((ROOT / "cper_lod").rglob("*.py")) if path.stat().st_size])
def test_first_line_of_a_module_says_what_it_holds(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    assert re.match(r'r?"""\S', first)
    assert 25 < len(first) <= 120


def parsed() -> dict[str, ast.Module]:
    return {name: ast.parse((ROOT / "cper_lod" / name).read_text("utf-8")) for name in lines()}


def test_whatever_is_defined_is_used() -> None:
    """By the program: what only tests call is not needed."""
    package = ROOT / "cper_lod"
    texts = [path.read_text("utf-8") for ending in ("*.py", "*.html") for path in package.rglob(ending)]
    used = Counter(word for text in texts for word in re.findall(r"\w+", text))
    unused = set()
    for name, tree in parsed().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                routed = any(isinstance(each, ast.Call) for each in node.decorator_list)
                if used[node.name] == 1 and not routed and not node.name.startswith("__"):
                    unused.add(f"{name}: {node.name}")
    assert unused == set(CALLED_FROM_OUTSIDE)
    assert len(used) > 3000


def test_no_two_classes_of_a_room_have_one_name() -> None:
    rooms = Counter(
        f"{name.partition('/')[0]} {node.name}"
        for name, tree in parsed().items()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert len(rooms) > 100
    assert {name for name, count in rooms.items() if count > 1} == set(NAMESAKES)
