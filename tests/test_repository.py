"""What holds for the repository as a whole: one version, no address of a machine, which tests a command line selects."""

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.support.pages import text
from tests.support.paths import ROOT, TESTS
from tests.support.processes import ended
from tests.support.requirements import NEEDS


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


def test_the_citation_file_has_what_the_format_requires() -> None:
    keys = re.findall(r"^([a-z-]+):", text("CITATION.cff"), re.MULTILINE)
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= set(keys)
    assert len(keys) == len(set(keys))


def committed() -> Iterator[Path]:
    """Yield the files of the project that .gitignore does not leave out."""
    ignored = [".git", *(line.strip("/") for line in text(".gitignore").split())]

    def below(folder: Path) -> Iterator[Path]:
        for path in folder.iterdir():
            if any(fnmatch(path.name, pattern) for pattern in ignored):
                continue
            if path.is_dir():
                yield from below(path)
            else:
                yield path

    return below(ROOT)


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
    hosts = (
        "pypi.",
        "pythonhosted.",
        "npmjs.",
        "js" + "delivr.",
        "unpkg.",
        "cdnjs.",
        "esm.sh",
        "googleapis.",
        "crates.",
    )
    registry = re.compile("https?://[^/\\s\"'<>]*(?:" + "|".join(map(re.escape, hosts)) + ")")
    machine = re.compile("(?<![\\w.<>:/-])/(?:" + "work|root|farm" + ")/\\w")
    looked = 0
    for path in committed():
        try:
            content = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        looked += 1
        for pattern in (registry, machine):
            found = pattern.search(content)
            assert found is None, f"{path.relative_to(ROOT)} names {found and found[0]}"
    assert looked > 100


TESTS_OF_A_FOLDER = """
import pytest

def test_quick(): pass

@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2])
def test_slow(number): pass

@pytest.mark.browser
def test_browser(): pass
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with tests, a module that has none but slow ones, and the conftest.py of this project."""
    folder = tmp_path_factory.mktemp("selection")
    (folder / "conftest.py").write_text((TESTS / "conftest.py").read_text("utf-8"), "utf-8")
    (folder / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\nmarkers = ["slow", "browser"]\naddopts = ["-p", "no:cacheprovider"]'
    )
    (folder / "test_some.py").write_text(TESTS_OF_A_FOLDER)
    (folder / "test_none_quick.py").write_text("""
import pytest, sys

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
]
assert {"--slow", "slow", "test_none_quick.py"} & set(sys.argv), "a module without quick tests is imported"

def test_slow(): pass
""")
    return folder


def outcome(folder: Path, *arguments: str, chromium: Path) -> tuple[int, str]:
    """Return the exit code of pytest in a folder, and its last lines."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CPER_LOD_CHROMIUM": str(chromium)}
    environment.pop("PYTEST_XDIST_WORKER", None)
    done = ended(sys.executable, "-m", "pytest", "-q", "-rs", *arguments, cwd=folder, env=environment)
    return done.returncode, done.stdout


@pytest.mark.slow
def test_slow_tests_run_when_asked_for_and_what_lacks_its_program_is_skipped_or_fails(folder: Path) -> None:
    missing = folder / "no-chromium"
    code, said = outcome(folder, chromium=missing)
    assert (code, "1 passed, 1 skipped, 2 deselected" in said) == (0, True), said
    assert f"needs {missing} (marker 'browser')" in said
    assert "5 passed" in outcome(folder, "--slow", chromium=Path(sys.executable))[1]
    assert "1 passed" in outcome(folder, "test_some.py::test_slow[2]", chromium=missing)[1]
    code, said = outcome(folder, "--require-everything", "test_some.py", chromium=missing)
    assert (code, "3 passed, 1 error" in said) == (1, True), said


def test_each_requirement_has_its_marker(pytestconfig: pytest.Config) -> None:
    markers = {line.partition(":")[0] for line in pytestconfig.getini("markers")}
    assert set(NEEDS) <= markers
