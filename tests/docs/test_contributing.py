"""CONTRIBUTING.md and the map of packages name what is there, and the paths that they tell are those that are taken."""

import re
import tomllib

import cper_lod
from tests.docs.pages import section, table_rows, text
from tests.support.paths import ROOT

PAGE = "CONTRIBUTING.md"
PACKAGES = sorted(path.parent.name for path in (ROOT / "cper_lod").glob("*/__init__.py"))


def test_the_map_and_the_table_name_every_package_and_no_other() -> None:
    assert sorted(re.findall(r"^    (\w+) {2,}", cper_lod.__doc__ or "", re.MULTILINE)) == PACKAGES
    assert sorted(row[0].strip("`") for row in table_rows(section(PAGE, "Where things are"))) == PACKAGES


def test_the_layers_are_those_that_import_linter_checks() -> None:
    contracts = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["id"] == "packages")
    checked = [sorted(re.findall(r"cper_lod\.(\w+)", layer)) for layer in layers]
    arrows = re.search(r"^    (cli .*)$", text(PAGE), re.MULTILINE)
    assert arrows
    assert [sorted(re.findall(r"\w+", layer)) for layer in arrows[1].split("→")] == checked


def test_every_marker_and_every_dependency_is_explained() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    markers = [line.partition(":")[0] for line in project["tool"]["pytest"]["ini_options"]["markers"]]
    assert len(markers) > 5
    for marker in markers:
        assert f"`{marker}`" in text("docs/how-to/run-the-tests.md")
    page, extras = "docs/explanation/dependencies.md", project["project"]["optional-dependencies"]["test"]
    running, others = (table_rows(section(page, title)) for title in ("At run time", "To build and to test"))
    assert [row[0].strip("`") for row in running] == package_names(project["project"]["dependencies"])
    assert sorted(row[0].strip("`") for row in others) == package_names([*extras, *project["build-system"]["requires"]])
    assert all(all(row) for row in running)


def package_names(requirements: list[str]) -> list[str]:
    return sorted({re.match(r"[a-z0-9.-]+", each)[0] for each in requirements})
