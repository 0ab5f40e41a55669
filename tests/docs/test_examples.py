"""The examples of the documentation print what their pages show."""

import math
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from cper_lod.cli import options
from cper_lod.cli.main import main
from cper_lod.release.release import Release
from tests.docs.pages import FRENCH, GUIDES, blocks, examples, text
from tests.importing.fictitious_workbook import FICTION
from tests.importing.workbooks import from_csv, plain
from tests.support.paths import ROOT
from tests.support.server import ServerAddress

ANY = "…"
ADDRESS = "http://127.0.0.1:8000"
LONG = ("cper-lod build", "cper-lod check", "cper-lod import contract", "cper-lod withdraw contract")
"""Commands that validate all sources: seconds each."""


def is_slow(page: str, command: str) -> bool:
    """Return whether an example takes long, or stands in French: the English pages show the same commands."""
    return page in FRENCH or any(map(command.count, LONG))


EXAMPLES = [
    pytest.param(page, command, shown, id=f"{page}-{place}", marks=[pytest.mark.slow] * is_slow(page, command))
    for page in GUIDES
    for place, (command, shown) in enumerate(examples(page), 1)
]


def matches(shown: list[str], output: list[str]) -> bool:
    """Return whether `output` is what is shown: a lone `…` stands for any number of lines, `…` in a line for any text."""
    lines = [".*".join(map(re.escape, line.rstrip().split(ANY))) + "\n" for line in shown]
    pattern = "".join("(?:.*\n)*?" if told.strip() == ANY else line for told, line in zip(shown, lines, strict=True))
    return re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in output)) is not None


@pytest.fixture(scope="module")
def folder_of(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return how to make the folder of a reader of a page: the sources, a release, the files that the page says to save."""

    @cache
    def folder(page: str) -> Path:
        place = tmp_path_factory.mktemp("reader")
        for name in ("ontology", "shapes", "data"):
            (place / name).symlink_to(ROOT / name, target_is_directory=True)
        (place / "releases").mkdir()
        (place / "releases" / release.folder.name).symlink_to(release.folder, target_is_directory=True)
        for file, body in blocks(page, "turtle", "csv", "toml"):
            if file:
                (place / file).parent.mkdir(exist_ok=True)
                (place / file).write_text(body, "utf-8")
        if (place / "occitanie").exists():
            plain(place / "occitanie.xlsx", from_csv(place / "occitanie"))
        if "import contract contrat.xlsx" in text(page):
            plain(place / "contrat.xlsx", FICTION)
        return place

    return folder


def output_of(command: str) -> str:
    """Return what a command prints in the current folder: one of ours alone in this process, any other in a shell."""
    words = list(shlex.shlex(command, posix=True, punctuation_chars=True))
    if words[0] == "cper-lod" and not any(set(each) <= set("();<>|&") for each in words):
        return CliRunner().invoke(main, shlex.split(command)[1:]).output
    shell = ["bash", "-o", "pipefail", "-c", command]
    ran = subprocess.run(shell, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    return ran.stdout.decode()


@pytest.mark.server
@pytest.mark.parametrize(("page", "command", "shown"), EXAMPLES)
def test_an_example_prints_what_its_page_shows(
    page: str,
    command: str,
    shown: list[str],
    server: ServerAddress,
    folder_of: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = folder_of(page)
    monkeypatch.chdir(folder)
    for name in [each for each in os.environ if each.startswith("CPER_LOD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CPER_LOD_LANG", "fr" if page in FRENCH else "en")
    monkeypatch.setenv("CPER_LOD_RELEASES", str(folder / "releases"))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    monkeypatch.setattr(options, "PROGRESS_DELAY", math.inf)  # on a terminal a bar comes and goes
    output = output_of(command.replace(ADDRESS, server.url)).replace(server.url, ADDRESS).splitlines()
    assert matches(shown, output), "\n".join([f"{page} shows something else for: {command}", *output[:200]])


def test_the_examples_show_something() -> None:
    assert {"README.md", "LISEZMOI.md"} <= {each.values[0] for each in EXAMPLES}
    for page, command, shown in (each.values for each in EXAMPLES):
        assert [line for line in shown if line.strip() not in ("", ANY)], f"{page} shows nothing for: {command}"
