"""What holds for the repository as a whole: one version, no address of a machine, true examples, no test module imported."""

import doctest
import importlib
import re
import tomllib
from fnmatch import fnmatch

import pytest

from tests.docs.pages import text
from tests.support.paths import ROOT, TESTS
from tests.support.processes import ended


def test_no_folder_of_tests_is_passed_over(pytestconfig: pytest.Config) -> None:
    folders = {name for path in TESTS.rglob("test_*.py") for name in path.relative_to(TESTS).parts[:-1]}
    assert "build" in folders, "a folder that pytest passes over by itself"
    passed_over = pytestconfig.getini("norecursedirs")
    assert passed_over
    assert not [name for name in folders for pattern in passed_over if fnmatch(name, pattern)]


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## \[{re.escape(version)}\]", text("CHANGELOG.md"), re.MULTILINE)
    assert re.search(rf"^version: {re.escape(version)}$", text("CITATION.cff"), re.MULTILINE)


def test_the_program_its_rules_and_its_questions_name_no_contract() -> None:
    """The first contract is one like any other; a list of regions, which grammar or search needs, has more than its own."""
    folders = ("cper_lod", "shapes", "ontology/questions", "ontology/rules")
    suffixes = {".py", ".toml", ".json", ".html", ".js", ".css", ".ttl", ".rq"}
    found = [path for name in folders for path in (ROOT / name).rglob("*") if path.suffix in suffixes]
    read = [path for path in found if not {"profiles", "node_modules", "__pycache__"} & {*path.parts}]
    texts = {path: path.read_text("utf-8") for path in read}
    assert len(texts) > 250
    naming = {path for path, each in texts.items() if re.search("hauts-de-france|communique-2023-01-09", each, re.I)}
    others = ("Bretagne", "Grand Est", "Mayotte", "La Réunion", "Pays de la Loire")
    assert [path for path in naming if sum(each in texts[path] for each in others) < 3] == []
    dated = [path for path, each in texts.items() if "hauts-de-france-20" in each.lower()]
    assert dated == []


@pytest.mark.slow
def test_no_file_names_a_package_registry_or_a_machine() -> None:
    names = "pypi|pythonhosted|npmjs|js" + "delivr|unpkg|cdnjs|esm.sh|googleapis|crates"
    registry = re.compile(rf"https?://[^/\s\"'<>]*(?:{names})")
    machine = re.compile("(?<![\\w.<>:/-])/(?:" + "work|root|farm" + ")/\\w")
    looked = 0
    listed = ended("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    for path in (ROOT / name for name in listed.split("\0") if (ROOT / name).is_file()):
        try:
            content = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        looked += 1
        for pattern in (registry, machine):
            found = pattern.search(content)
            assert found is None, f"{path.relative_to(ROOT)} names {found and found[0]}"
    assert looked > 100


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
    for path in (ROOT / "cper_lod").rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)
"""The modules whose docstrings have examples."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))
    assert result.failed == 0
    assert result.attempted
