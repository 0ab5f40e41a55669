"""Rules of the code that no linter checks: true examples, no test module imported; `test_unused` finds what nothing uses."""

import doctest
import importlib
import re

import pytest

from tests.support.paths import ROOT, TESTS

PACKAGE = ROOT / "cper_lod"
IMPORT = re.compile(r"^ *(?:from|import) (tests\.[\w.]+)(?: import (\([^)]*\)|.*))?", re.MULTILINE)
"""An import from the tests: the module, and the names imported from it."""


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
