"""The examples in the documentation of the package are true."""

import doctest
import importlib
import pkgutil

import pytest

import cper_lod

MODULES = sorted(
    each.name for each in pkgutil.walk_packages(cper_lod.__path__, "cper_lod.") if not each.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str):
    result = doctest.testmod(importlib.import_module(name), raise_on_error=False)
    assert result.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [each for name in MODULES for each in finder.find(importlib.import_module(name)) if each.examples]
    assert len(examples) >= 15
