"""What the pages of documentation name exists: links, files, modules, commands, options, packages, layers, dependencies."""

import re
import tomllib
from collections.abc import Iterator

import click
import pytest

import cper_lod
from cper_lod.cli.main import main
from cper_lod.core.settings import ROWS
from tests.docs.pages import GUIDES, PAGES, blocks, code_spans, folder, name_exists, prose, section, table_rows, text
from tests.support.paths import ROOT

PACKAGES = {path.parent.name for path in (ROOT / "cper_lod").glob("*/__init__.py")}
TOPS = {"ontology", "shapes", "data", "tests", "cper_lod", "deploy", "docs", "benchmarks", ".ci"}
ELSEWHERE = {
    *("cper-lod.toml", "data/examples", "data/links/", "data/links/verifications.ttl", "data/withdrawals.ttl"),
    "html__shacl__shapes.ttl",
}
"""Files that a user or the program makes, or that others publish."""


def anchors(page: str) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (folder(page) / path).resolve() if path else ROOT / page
        assert target.exists(), f"{page} links to {link}, which is not there"
        if anchor:
            assert anchor in anchors(target.relative_to(ROOT).as_posix()), f"{page} links to {link}: no such heading"


def test_every_page_is_linked_from_an_index() -> None:
    linked = {
        (folder(index) / link.partition("#")[0]).resolve()
        for index in ("README.md", "docs/README.md", "docs/fr/README.md")
        for link in re.findall(r"\]\(([^)\s]+)\)", text(index))
    }
    docs = [page for page in PAGES if page.startswith("docs/") and not page.endswith("README.md")]
    assert len(docs) > 25
    assert [page for page in docs if ROOT / page not in linked] == []


def names_a_file(name: str) -> bool:
    first, slash, _ = name.partition("/")
    if not slash and name.partition(".")[0] in PACKAGES:
        return False
    if slash:
        return first in TOPS and bool(re.fullmatch(r"[\w./*-]+", name))
    kinds = r"[\w-]+\.(?:md|toml|cff|ttl|service|sh|py)|\.[\w-]+\.yaml|Makefile|Dockerfile|LICENSE"
    return bool(re.fullmatch(kinds, name))


def test_the_files_and_modules_that_pages_name_exist() -> None:
    looked = 0
    for page in PAGES:
        for name in code_spans(page):
            if names_a_file(name):
                looked += 1
                generated = f"{name.rstrip('/')}/" in text(".gitignore").splitlines()
                there = generated or any(list(start.glob(name)) for start in (ROOT, folder(page), ROOT / "ontology"))
                assert there or name in ELSEWHERE or is_example(name), f"{page} names {name}, which is not there"
            elif (found := re.fullmatch(r"(?:cper_lod\.)?(\w+)(?:\.\w+)+", name)) and found[1] in PACKAGES:
                looked += 1
                assert name_exists(name), f"{page} names {name}, which is not there"
    assert looked > 150


def is_example(name: str) -> bool:
    """Return whether a file is one that a page says to save, one that an import writes, or one of a dump."""
    saved = {file for page in GUIDES for file, _ in blocks(page, "turtle", "csv", "sparql")}
    dumped = {f"{each}.ttl" for each in ("tout", "contrat", "enonces", "valeurs-derivees")}
    return name in saved | dumped or name.startswith("data/subventions/")


def command_lines(page: str) -> Iterator[str]:
    """Yield what is typed after `cper-lod`, in code spans and blocks."""
    code = (*code_spans(page), *(body.replace("\\\n", " ") for _, body in blocks(page, "sh", "console")))
    for each in code:
        yield from re.findall(r"(?:^|[\s/$(])cper-lod ((?:[^\n|;&#'\"]|'[^']*'|\"[^\"]*\")+)", each)


def test_every_command_and_option_of_the_pages_exists() -> None:
    settings = {"--settings", "--help", "--version", *("--" + name.replace("_", "-") for name in ROWS)}
    looked = 0
    for page in PAGES:
        for line in command_lines(page):
            words, command = line.split(), main
            if not re.match(r"[a-z]", words[0]) or page == "CHANGELOG.md":
                continue
            while isinstance(command, click.Group) and words and not words[0].startswith("-"):
                default = getattr(command, "default", "")
                name = default if default and words[0] not in command.commands else words.pop(0)
                assert name in command.commands, f"{page}: cper-lod {line}"
                command = command.commands[name]
            known = {option for parameter in command.params for option in parameter.opts} | settings
            for option in re.findall(r"(?<!\S)--[a-z-]+", line):
                assert option in known, f"{page}: cper-lod {line}"
            looked += 1
    assert looked > 60


def test_the_french_guide_lists_every_dataset() -> None:
    joins = (ROOT / "ontology" / "datasets.ttl").read_text("utf-8")
    datasets = re.findall(r"dct:relation <([^>]+)>", joins)
    assert len(datasets) > 10
    assert [each for each in datasets if each not in text("docs/fr/relier.md")] == []


def test_the_map_and_the_table_name_every_package_and_no_other() -> None:
    assert sorted(re.findall(r"^    (\w+) {2,}", cper_lod.__doc__ or "", re.MULTILINE)) == sorted(PACKAGES)
    assert sorted(row[0].strip("`") for row in table_rows(section("CONTRIBUTING.md", "Where things are"))) == sorted(
        PACKAGES
    )


def test_the_layers_are_those_that_import_linter_checks() -> None:
    contracts = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["id"] == "packages")
    checked = [sorted(re.findall(r"cper_lod\.(\w+)", layer)) for layer in layers]
    arrows = re.search(r"^    (cli .*)$", text("CONTRIBUTING.md"), re.MULTILINE)
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
