"""What holds for the repository as a whole: one version, a citation, no address of a registry or of a machine."""

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.support.pages import text
from tests.support.paths import ROOT, TESTS


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
