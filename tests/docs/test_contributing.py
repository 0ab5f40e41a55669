"""CONTRIBUTING.md and the map of packages name what is there, and the paths that they tell are those that are taken."""

import re
import tomllib

import pytest

import cper_lod
from cper_lod.core.namespaces import PREFIXES
from tests.docs.pages import name_exists, section, table_rows, text
from tests.support.paths import ROOT

PAGE = "CONTRIBUTING.md"
PACKAGES = sorted(path.parent.name for path in (ROOT / "cper_lod").glob("*/__init__.py"))
ROWS = dict(table_rows(section(PAGE, "Where to add")))
OTHER_WORDS = re.compile(
    r"make [a-z]+|cper-lod [a-z].*|# (?:fr|en): …|(?:finding|remedy|silence)-…|<name>\.csv|raise Problem\(.*"
)
"""What else than a name of a file, of the program or of the ontology stands between backticks in the table."""


def named(markdown: str) -> list[str]:
    return re.findall(r"`([^`]+)`", markdown)


def is_there(name: str, modules: list[str]) -> bool:
    """Return whether a file, a name of the program (or of one of `modules`) or a term of a known vocabulary exists."""
    if ("/" in name and " " not in name) or name.endswith(".toml"):
        return bool(list(ROOT.glob(re.sub("<[^>]*>", "*", name))))
    if re.fullmatch(r"\w+(?:\.\w+)+", name):
        return name_exists(name)
    if re.fullmatch(r"[A-Z_]+", name):
        return any(name_exists(f"{module}.{name}") for module in modules)
    prefix, colon, _ = name.partition(":")
    return bool(colon and prefix in PREFIXES) or OTHER_WORDS.fullmatch(name) is not None


@pytest.mark.parametrize("what", ROWS)
def test_where_to_add_names_what_is_there(what: str) -> None:
    names = named(ROWS[what])
    assert names or "](" in ROWS[what]
    assert [name for name in names if not is_there(name, names)] == []


def test_the_map_and_the_table_name_every_package_and_no_other() -> None:
    assert sorted(re.findall(r"^    (\w+) {2,}", cper_lod.__doc__ or "", re.MULTILINE)) == PACKAGES
    assert sorted(row[0].strip("`") for row in table_rows(section(PAGE, "Where things are"))) == PACKAGES
    arrows = re.search(r"^    (cli .*)$", text(PAGE), re.MULTILINE)
    assert arrows
    assert sorted(re.findall(r"\w+", arrows[1])) == PACKAGES


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
