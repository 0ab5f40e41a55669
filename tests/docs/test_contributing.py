"""CONTRIBUTING.md and the map of packages name what is there, and the paths that they tell are those that are taken."""

import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

import cper_lod
from cper_lod.core.namespaces import PREFIXES
from cper_lod.core.settings import Settings
from cper_lod.release.history.publish import publish_sources
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from cper_lod.web.http.limits import Limits
from cper_lod.web.observability.recorder import Recorder
from cper_lod.web.server.release_server import ReleaseLoader
from tests.support.pages import name_exists, section, table_rows, text
from tests.support.paths import ROOT, TINY

PAGE = "CONTRIBUTING.md"
PACKAGES = sorted(path.parent.name for path in (ROOT / "cper_lod").glob("*/__init__.py"))
ROWS = dict(table_rows(section(PAGE, "Where to add")))
OTHER_WORDS = re.compile(
    r"make [a-z]+|cper-lod [a-z].*|python -m tests\.[a-z]+|# (?:fr|en): …|(?:finding|remedy)-…|<name>\.csv|raise Problem\(.*"
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
    assert len((cper_lod.__doc__ or "").splitlines()) <= 40


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
    for name, keeper, licence, size, use in running:
        assert keeper and licence and use, name
        assert re.fullmatch(r"[0-9]+\.[0-9](?: \+ [0-9]+\.[0-9])?", size), name


def package_names(requirements: list[str]) -> list[str]:
    return sorted({re.match(r"[a-z0-9.-]+", each)[0] for each in requirements})


def called(run: Callable[[], object]) -> set[str]:
    """Return the functions, classes and modules of the program in which something is called meanwhile."""
    found = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("cper_lod."):
            name = f"{module.removeprefix('cper_lod.')}.{frame.f_code.co_qualname}"
            found.update((name, name.rpartition(".")[0], module.removeprefix("cper_lod.")))

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found


def path_told(start: str, end: str) -> set[str]:
    """Return the names of the program between two places of the page."""
    found = {name for name in named(text(PAGE).partition(start)[2].partition(end)[0]) if name_exists(name)}
    assert len(found) >= 5, "the page tells the path in other words now"
    return found


def test_the_path_of_a_request(release: Release) -> None:
    client = create_app(release, None, Settings()).test_client()
    path, accept = "/contrat/hauts-de-france-2021-2027", {"Accept": "application/ld+json"}

    def run() -> None:
        assert client.get(f"/id{path}", headers=accept).headers["Location"] == f"/doc{path}.jsonld"
        assert client.get(f"/doc{path}.jsonld").status_code == 200

    assert path_told("The view ", "A SPARQL query takes") - called(run) == set()


def test_the_path_of_a_file(tmp_path: Path) -> None:
    sources = Path(shutil.copytree(TINY, tmp_path / "sources"))
    settings = Settings(sources=sources, releases=tmp_path / "releases", query_workers=1)

    def run() -> None:
        publish_sources(settings)
        runtime = ReleaseLoader(settings, "", Recorder(settings, ""), Limits()).next()
        assert runtime is not None
        runtime.close()

    assert path_told("**One source file**", "Rules that no tool states") - called(run) == set()
