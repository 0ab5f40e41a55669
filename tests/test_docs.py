"""The documentation, held against the program: its command lines are run, and its names exist."""

import importlib
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest

import cper_lod
from cper_lod.cli.main import main
from cper_lod.core.config import OTHERS
from cper_lod.core.settings import Settings, names, variable
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from tests.support.paths import ROOT

LANGUAGES = {"README.md": "en", "LISEZMOI.md": "fr"}
"""The pages whose command lines are run, and the language of the command line in each."""
PAGES = (*LANGUAGES, "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
FENCE = re.compile(r"^```(\S*)[ ]?(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ANY = "…"
ADDRESS = "http://127.0.0.1:8000"


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(page: str, language: str) -> list[tuple[str, str]]:
    """Return the fenced blocks of a page in a language, each with the file name that stands beside it."""
    return [(file, body) for found, file, body in FENCE.findall(text(page)) if found == language]


def prose(page: str) -> str:
    return FENCE.sub("", text(page))


def complete(command: str) -> bool:
    """Whether the quotes of a command are closed and its last line is not continued."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def commands(page: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of the console blocks of a page with the lines of output shown for it.

    A command begins with `$ ` and goes on until its quotes are closed; a line `…` of the output stands for any lines,
    `…` within a line for any text.
    """
    for _, body in blocks(page, "console"):
        command, output = "", list[str]()
        for line in body.splitlines():
            if command and not complete(command):
                command += "\n" + line
            elif line.startswith("$ "):
                if command:
                    yield command, output
                command, output = line[2:], []
            else:
                output.append(line)
        yield command, output


LONG = ("cper-lod check", "cper-lod import contract")
"""Commands that validate all sources: seconds each."""
COMMANDS = [
    pytest.param(page, command, shown, id=f"{page}-{place}", marks=[pytest.mark.slow] * any(map(command.count, LONG)))
    for page in LANGUAGES
    for place, (command, shown) in enumerate(commands(page), 1)
]


def same(shown: str, line: str) -> bool:
    """Whether a line of the page is a line of output."""
    return re.fullmatch(".*".join(map(re.escape, shown.rstrip().split(ANY))), line.rstrip()) is not None


def matches(shown: list[str], output: list[str]) -> bool:
    """Whether `output` is what is shown, each lone `…` standing for any number of lines."""
    parts = [list[str]()]
    for line in shown:
        if line.strip() == ANY:
            parts.append([])
        else:
            parts[-1].append(line)
    first, *middle = parts
    at = len(first)
    if len(output) < at or not all(map(same, first, output)):
        return False
    if not middle:
        return len(output) == at
    *middle, last = middle
    for part in middle:
        starts = range(at, len(output) - len(part) + 1)
        found = next((start for start in starts if all(map(same, part, output[start:]))), None)
        if found is None:
            return False
        at = found + len(part)
    end = len(output) - len(last)
    return end >= at and all(map(same, last, output[end:]))


@pytest.mark.parametrize(
    ("shown", "output", "expected"),
    [
        ("a|b", "a|b", True),
        ("a|b", "a|b|c", False),
        ("a|b", "a", False),
        ("a|…", "a|b|c", True),
        ("…|c", "a|b|c", True),
        ("a|…|c|…|e", "a|b|c|d|e", True),
        ("a|…|c|…|e", "a|b|d|e", False),
        ("…|a|…", "b|c", False),
        ("a|…|b", "a|b|a", False),
        ("a … c", "a b c", True),
        ("a … c", "a b d", False),
    ],
)
def test_the_comparison_sees_differences(shown: str, output: str, expected: bool) -> None:
    assert matches(shown.split("|"), output.split("|")) is expected


@pytest.fixture(scope="module")
def workplace(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which a reader of the pages would stand: the sources, a release, the files to be saved."""
    place = tmp_path_factory.mktemp("reader")
    for name in ("ontology", "shapes", "data"):
        (place / name).symlink_to(ROOT / name, target_is_directory=True)
    (place / "releases").mkdir()
    (place / "releases" / release.folder.name).symlink_to(release.folder, target_is_directory=True)
    for page in LANGUAGES:
        for file, body in (*blocks(page, "turtle"), *blocks(page, "csv")):
            (place / file).write_text(body, "utf-8")
    return place


class Serving(Protocol):
    """What the fixture `server` gives."""

    url: str


@pytest.mark.server
@pytest.mark.parametrize(("page", "command", "shown"), COMMANDS)
def test_a_command_line_answers_what_the_page_shows(
    page: str, command: str, shown: list[str], server: Serving, workplace: Path
) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CPER_LOD_")}
    environment |= {
        "CPER_LOD_LANG": LANGUAGES[page],
        "CPER_LOD_RELEASES": str(workplace / "releases"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command.replace(ADDRESS, server.url)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=workplace,
        env=environment,
        timeout=120,
        check=False,
    )
    output = ran.stdout.decode().replace(server.url, ADDRESS).splitlines()
    assert matches(shown, output), "\n".join([f"{page} shows something else for: {command}", *output[:200]])


def test_every_page_has_command_lines_that_show_something() -> None:
    for page in LANGUAGES:
        found = list(commands(page))
        assert len(found) >= 5
        for command, shown in found:
            assert [line for line in shown if line.strip() not in ("", ANY)], f"{page} shows nothing for: {command}"
    assert [file for file, _ in blocks("README.md", "turtle")] == ["fait.ttl"]
    assert any("cper-lod check fait.ttl" in command for command, _ in commands("README.md"))


def test_every_make_command_of_the_pages_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    for page in PAGES:
        told = [body for _, body in blocks(page, "sh")] + re.findall(r"`(make [^`]*)`", text(page))
        used = {name for body in told for name in re.findall(r"\bmake ([a-z]+)", body)}
        assert used <= targets, f"{page}: {used - targets} is no target of the Makefile"
        if page in ("README.md", "CONTRIBUTING.md"):
            assert {"serve", "test"} & used


def test_readme_names_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", text("README.md"), re.MULTILINE))
    assert list(rows) == names()
    told_in_words = {"sources", "public_url", "lang", "spool", "trusted_proxy", "service_allow"}
    told_in_words |= {"access_log", "contact", "hosting", "link_cache", "engine_store", "engine_login"}
    for name in set(names()) - told_in_words:
        assert rows[name] == f"`{getattr(Settings(), name)}`"


def test_readme_names_no_variable_that_does_not_exist() -> None:
    known = {variable(name) for name in names()} | OTHERS
    for page in PAGES:
        assert set(re.findall(r"CPER_LOD_[A-Z_]+", text(page))) <= known


def test_readme_names_every_command() -> None:
    told = set(re.findall(r"^\| `cper-lod (\w+)", text("README.md"), re.MULTILINE))
    assert told == set(main.commands)


def test_readme_names_every_url(release: Release) -> None:
    app = create_app(release, None, Settings())
    rules = {re.sub(r"<\w+:(\w+)>", r"<\1>", rule.rule) for rule in app.url_map.iter_rules()}
    rows = re.findall(r"^\| (`/.*?) \|", text("README.md"), re.MULTILINE)
    assert {url for row in rows for url in re.findall(r"`([^`]+)`", row)} == rules


def test_contributing_names_every_marker_and_every_dependency() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    for line in project["tool"]["pytest"]["ini_options"]["markers"]:
        assert f"`{line.partition(':')[0]}`" in text("CONTRIBUTING.md")
    wanted = {
        re.match(r"[a-z.-]+", each)[0]
        for each in (
            *project["project"]["dependencies"],
            *project["project"]["optional-dependencies"]["test"],
            *project["build-system"]["requires"],
        )
    }
    section = text("CONTRIBUTING.md").partition("\n## Dependencies\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z.-]+)` \|", section, re.MULTILINE)) == wanted


def dotted(name: str) -> bool:
    """Whether a name such as `rdf.jsonld.write` is a module of the program or something in one."""
    parts = name.removeprefix("cper_lod.").split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(("cper_lod", *parts[:end])))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        return found is not None
    return False


@pytest.mark.parametrize("page", PAGES)
def test_the_files_and_modules_that_a_page_names_exist(page: str) -> None:
    rooms = "|".join(path.name for path in (ROOT / "cper_lod").iterdir() if path.is_dir())
    tops = "ontology|shapes|data|tests|cper_lod|deploy|.ci"
    for name in re.findall(r"`([^`\s]+)`", prose(page)):
        if "<" in name or ANY in name:
            continue
        if re.fullmatch(rf"({tops})/[\w./*-]*|[\w-]+\.(md|toml|cff)|\.[\w-]+\.yaml|Makefile|LICENSE", name):
            assert list(ROOT.glob(name)) or name == "cper-lod.toml", f"{page} names {name}, which is not there"
        elif re.fullmatch(rf"(cper_lod\.)?({rooms}|cli)(\.\w+)+", name):
            assert dotted(name), f"{page} names {name}, which is not there"
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text(page)) if "://" not in link]
    for link in links:
        assert (ROOT / link.partition("#")[0]).exists(), f"{page} links to {link}, which is not there"


def test_the_french_page_lists_every_dataset() -> None:
    questions = ROOT / "ontology" / "questions" / "jeux-de-data-gouv-fr.csv"
    rows = questions.read_text("utf-8").splitlines()[1:]
    assert len(rows) == 8
    plain = re.sub("[\u00a0\u202f]", " ", text("LISEZMOI.md"))
    for row in rows:
        assert re.findall(r"https://www\.data\.gouv\.fr/datasets/[0-9a-f]{24}", row)[0] in plain


def test_french_typography() -> None:
    """No plain space before a high punctuation mark or inside guillemets, outside code."""
    words = re.sub(r"`[^`]*`|\]\([^)]*\)|<[^>]*>", "", prose("LISEZMOI.md"))
    assert re.findall(r".{0,20}(?: [;:!?»]|« |[^\u202f\s][;!?](?:\s|$)|\w'\w).{0,10}", words) == []


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## \[{re.escape(version)}\]", text("CHANGELOG.md"), re.MULTILINE)
    assert re.search(rf"^version: {re.escape(version)}$", text("CITATION.cff"), re.MULTILINE)


def test_the_citation_file_has_what_the_format_requires() -> None:
    keys = re.findall(r"^([a-z-]+):", text("CITATION.cff"), re.MULTILINE)
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= set(keys)
    assert len(keys) == len(set(keys))


def test_the_map_names_every_room_and_no_other() -> None:
    package = ROOT / "cper_lod"
    rooms = {path.name for path in package.iterdir() if path.is_dir() and (path / "__init__.py").exists()} | {"cli"}
    told = cper_lod.__doc__ or ""
    assert set(re.findall(r"^    (\w+) +floor \d", told, re.MULTILINE)) == rooms
    for name in re.findall(r"`([a-z_]+(?:\.\w+)+)`", told):
        assert dotted(name), f"the map names {name}, which is not there"


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
            words = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        looked += 1
        for pattern in (registry, machine):
            found = pattern.search(words)
            assert found is None, f"{path.relative_to(ROOT)} names {found and found[0]}"
    assert looked > 100
