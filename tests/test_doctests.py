"""The examples in the docstrings of the package are true."""

import doctest
import importlib

from tests.support.cases import each_case
from tests.support.paths import ROOT

MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "cper_lod").rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)
"""The modules that have examples."""


@each_case("name", MODULES)
def test_examples(name: str):
    result = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))
    assert result.failed == 0
    assert result.attempted


def test_there_are_examples():
    assert len(MODULES) >= 10
