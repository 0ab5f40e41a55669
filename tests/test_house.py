"""The house as its texts tell it: every module near one that the map names, and where to add a thing is where it is."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

import cper_lod
from cper_lod.cli.main import main
from cper_lod.core.config import names
from cper_lod.core.errors import LANGUAGES, table
from cper_lod.core.namespaces import PREFIXES
from tests.support.paths import ROOT
from tests.test_docs import dotted, text

PACKAGE = ROOT / "cper_lod"
BESIDE = (
    "deploy/README.md",
    "deploy/SCALE.md",
    "benchmarks/README.md",
    "ontology/MIRO.md",
    "ontology/FAIR.md",
    "ontology/versions/README.md",
)
"""Pages beside those of `test_docs`, whose names exist as well."""


@cache
def parsed() -> dict[str, list[ast.AST]]:
    """Return the imports and the collections in each module of the program, by its dotted name, `web.app`."""
    kept = (ast.ImportFrom, ast.Import, ast.Dict, ast.Tuple, ast.List, ast.Set)
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] != "_sources" and "editor" not in parts and path.stat().st_size:
            tree = ast.walk(ast.parse(path.read_text("utf-8")))
            found[".".join(parts).removesuffix(".__init__")] = [node for node in tree if isinstance(node, kept)]
    return found


@cache
def imported(module: str) -> set[str]:
    """Return the modules of the program that a module imports, wherever in it."""
    found = set()
    for node in parsed()[module]:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cper_lod"):
            start = (node.module or "").removeprefix("cper_lod").lstrip(".")
            found |= {start, *(f"{start}.{each.name}".lstrip(".") for each in node.names)}
        elif isinstance(node, ast.Import):
            found |= {each.name.removeprefix("cper_lod.") for each in node.names if each.name.startswith("cper_lod.")}
    return found & set(parsed())


def module_of(name: str) -> str:
    """Return the module that a dotted name is, or is in; nothing where it is none."""
    parts = name.split(".")
    starts = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((each for each in starts if each in parsed()), "")


def test_every_module_is_two_imports_from_one_that_the_map_names() -> None:
    """Whoever reads the map finds each: named, imported by one that is named, or by one that such a one imports."""
    told = re.findall(r"`([a-z_]+(?:\.\w+)+)`", cper_lod.__doc__ or "")
    near = {module_of(name) for name in (*told, "cli")}
    assert "" not in near
    assert len(near) > 50
    for _ in range(2):
        near |= {each for module in near for each in imported(module)}
    apart = {"__init__", "__main__"}  # the map itself, and what `python -m cper_lod` runs
    assert set(parsed()) - near - apart == set(), "name them in the map, cper_lod/__init__.py"


def rows() -> dict[str, str]:
    """Return the table “Where to add”: what, and where."""
    section = text("CONTRIBUTING.md").partition("\n## Where to add\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| (an? .+?) \| (.+) \|$", section, re.MULTILINE))


def exists(name: str, modules: list[str]) -> bool:
    """Return whether what a row names is there: a path, a name of the program (of `modules` for a bare one), a term."""
    room = {module.partition(".")[0] for module in modules}
    if re.fullmatch(r"[\w.]+(/[\w.<>*-]*)+", name):
        return bool(list(ROOT.glob(re.sub("<[^>]*>", "*", name)))) or (PACKAGE / name).is_dir()
    if re.fullmatch(r"[a-z_]+(\.\w+)+", name):
        return dotted(name)
    if re.fullmatch(r"\w+", name):
        return any(dotted(f"{each}.{name}") for each in (*modules, *room)) or name == "__init__"
    prefix, colon, _ = name.partition(":")
    commands = (
        "python -m tests.",
        "cper-lod ",
        "link ",
        "/",
        "# fr: …",
        "# en: …",
        "finding-…",
        "remedy-…",
        "raise Problem(",
    )
    return (
        bool(colon and prefix in PREFIXES)
        or name.startswith(commands)
        or name in ("<name>.csv", "make test", "# <tag>: …")
    )


@pytest.mark.parametrize("what", rows())
def test_where_to_add_names_what_is_there(what: str) -> None:
    named = re.findall(r"`([^`]+)`", rows()[what])
    modules = [module for name in named if re.fullmatch(r"[a-z_]+(\.\w+)+", name) and (module := module_of(name))]
    assert named or "README.md" in rows()[what]
    for name in named:
        assert exists(name, modules), f"{what}: {name} is not there"


def test_a_reader_finds_where_to_add_each_kind_of_thing() -> None:
    told = set(rows())
    assert {"a format", "a class, a property", "a setting, a limit", "a language", "an error", "an address"} <= told
    assert {"a command", "a question", "a shape", "a sentence", "a dataset of the catalogue"} <= told
    assert "`ALL`" in rows()["a format"]
    assert "`engine.messages`" in rows()["a format"]


def test_every_table_of_words_speaks_every_language() -> None:
    """A dictionary of the program that has words in French and English has them in each language."""
    looked, lacking = 0, []
    for name, nodes in parsed().items():
        for node in nodes:
            if isinstance(node, ast.Dict):
                keys = {each.value for each in node.keys if isinstance(each, ast.Constant)}
                if {"fr", "en"} <= keys:
                    looked += 1
                    lacking += [f"{name}, line {node.lineno}"] if set(LANGUAGES) - keys else []
    assert lacking == []
    assert looked > 10


OF_ITS_OWN = {
    "importing.blank_workbook": "a code is told in both languages side by side, in one column",
    "rdf.shacl.words": "what a rule says in neither language is said in any, English first",
    "terms.problems": "the list itself",
}
"""The modules that list languages by themselves, and why."""


def test_the_languages_are_told_once() -> None:
    """Elsewhere the program asks `terms.problems.LANGUAGES`."""
    listed = set()
    for name, nodes in parsed().items():
        for node in nodes:
            if isinstance(node, ast.Tuple | ast.List | ast.Set):
                values = {each.value for each in node.elts if isinstance(each, ast.Constant)}
                listed |= {name} if {"fr", "en"} <= values else set()
    assert listed == set(OF_ITS_OWN)


def leaves(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its whole name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path}{name} ")
        else:
            yield path + name, command


@pytest.mark.parametrize(("name", "command"), list(leaves(main)), ids=[name for name, _ in leaves(main)])
def test_every_command_and_option_is_told(name: str, command: click.Command) -> None:
    section = text("README.md").partition("\n## Commands\n")[2].partition("\n## ")[0]
    assert re.search(rf"`(cper-lod )?{name}[ `]", section), f"README.md tells no command {name}"
    settings = {"--" + each.replace("_", "-") for each in names()} | {"--help"}
    for option in (each for parameter in command.params for each in parameter.opts):
        if option.startswith("--") and option not in settings:
            assert re.search(rf"`[^`]*{option}\b", text("README.md")), f"README.md tells no option {option} of {name}"


@pytest.mark.parametrize("page", ["README.md", "LISEZMOI.md", "deploy/README.md", "CONTRIBUTING.md"])
def test_every_error_that_a_page_names_is_in_the_table(page: str) -> None:
    named = re.findall(r"\b(?:[45]\d\d|exit [12]) `([a-z][a-z-]+)`", text(page))
    assert len(named) > 15 or page != "README.md"
    assert set(named) <= set(table())


@pytest.mark.parametrize("page", BESIDE)
def test_the_names_in_other_pages_exist(page: str) -> None:
    folder = (ROOT / page).parent
    words = re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)
    for name in re.findall(r"`([\w./-]+/[\w./-]*|[\w.-]+\.(?:md|toml|ttl|cff|service|sh))`", words):
        first, slash, _ = name.partition("/")
        if not slash or any((start / first).is_dir() for start in (ROOT, folder) if first):
            made = f"{name.rstrip('/')}/" in text(".gitignore").splitlines()  # by a build, where it was run
            there = made or any((start / name).exists() for start in (ROOT, folder)) or name == "cper-lod.toml"
            assert there, f"{page} names {name}, which is not there"
    for link in re.findall(r"\]\(([^)]+)\)", words):
        assert "://" in link or (folder / link.partition("#")[0]).exists(), f"{page} links to {link}"


def test_the_pages_beside_are_all_that_are_there() -> None:
    """A page that is written later is held to its names as well."""
    kept = {
        path.relative_to(ROOT).as_posix()
        for name in ("deploy", "benchmarks", "ontology")
        for path in pages(ROOT / name)
    }
    assert kept - set(BESIDE) == {each for each in kept if each.startswith("ontology/registrations/")}


def pages(folder: Path) -> Iterator[Path]:
    return folder.rglob("*.md")
