"""Which tests a command line selects: slow ones only when asked for, and none whose program is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT, TESTS
from tests.support.requirements import NEEDS

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
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout


@pytest.mark.slow
def test_slow_tests_run_when_they_are_asked_for(folder: Path) -> None:
    there, missing = Path(sys.executable), folder / "no-chromium"
    assert "2 passed, 2 deselected" in outcome(folder, chromium=there)[1]
    assert "5 passed" in outcome(folder, "--slow", chromium=there)[1]
    assert "3 passed, 2 deselected" in outcome(folder, "-m", "slow", chromium=there)[1]
    assert "1 deselected" in outcome(folder, "test_none_quick.py", chromium=there)[1]
    assert "2 passed" in outcome(folder, "test_some.py::test_slow", chromium=missing)[1]
    assert "1 passed" in outcome(folder, "test_some.py::test_slow[2]", chromium=missing)[1]


@pytest.mark.slow
def test_a_test_whose_program_is_missing_is_skipped_or_fails(folder: Path) -> None:
    missing = folder / "no-chromium"
    code, said = outcome(folder, chromium=missing)
    assert (code, "1 passed, 1 skipped" in said) == (0, True)
    assert f"needs {missing} (marker 'browser')" in said
    code, said = outcome(folder, "--require-everything", "test_some.py", chromium=missing)
    assert (code, "3 passed, 1 error" in said) == (1, True)
    assert outcome(folder, "--require-everything", "test_some.py::test_slow", chromium=missing)[0] == 0


def test_each_requirement_has_its_marker(pytestconfig: pytest.Config) -> None:
    markers = {line.partition(":")[0] for line in pytestconfig.getini("markers")}
    assert set(NEEDS) <= markers
