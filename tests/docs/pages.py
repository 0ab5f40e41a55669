"""The pages of documentation, and what stands in them."""

import pkgutil
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from tests.support.paths import ROOT

FENCE: Final = re.compile(r"^ *```(\S*)[ ]?(\S*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
TOP: Final = ("README.md", "LISEZMOI.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE-data.md")
_BELOW: Final = [page for folder in ("docs", "deploy", "benchmarks") for page in (ROOT / folder).rglob("*.md")]
PAGES: Final = tuple(sorted([*TOP, *(page.relative_to(ROOT).as_posix() for page in _BELOW)]))
"""Every page."""
FRENCH: Final = tuple(page for page in PAGES if page == "LISEZMOI.md" or page.startswith("docs/fr/"))
GUIDES: Final = tuple(page for page in PAGES if page in ("README.md", "LISEZMOI.md") or page.startswith("docs/"))
"""The pages whose examples are run."""


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def folder(page: str) -> Path:
    return (ROOT / page).parent


def blocks(page: str, *languages: str) -> list[tuple[str, str]]:
    """Return the fenced blocks of a page in some languages, each with the file name beside its language."""
    return [(file, body) for found, file, body in FENCE.findall(text(page)) if found in languages]


def prose(page: str) -> str:
    """Return a page without its fenced blocks."""
    return FENCE.sub("", text(page))


def code_spans(page: str) -> list[str]:
    """Return what stands between backticks outside fenced blocks."""
    return re.findall(r"`([^`\n]+)`", prose(page).replace("\\|", "|"))


def section(page: str, title: str) -> str:
    """Return the text below a heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text(page), re.DOTALL | re.MULTILINE)
    assert found, f"{page} has no section “{title}”"
    return found[1]


def table_rows(markdown: str) -> list[list[str]]:
    """Return the cells of the rows of tables, without heads."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    rules = [place for place, row in enumerate(rows) if all(set(cell) <= set("-: ") for cell in row)]
    return [row for place, row in enumerate(rows) if place not in rules and place + 1 not in rules]


def _complete(command: str) -> bool:
    """Return whether the quotes of a command are closed and its last line is not continued."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def examples(page: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of the console blocks of a page with the lines of output shown for it.

    A command begins with `$ ` and goes on until its quotes are closed; a line `…` of the output stands for any lines,
    `…` within a line for any text.
    """
    for _, body in blocks(page, "console"):
        command, output = "", list[str]()
        for line in body.splitlines():
            if command and not _complete(command):
                command += "\n" + line
            elif line.startswith("$ "):
                if command:
                    yield command, output
                command, output = line[2:], []
            else:
                output.append(line)
        yield command, output


def name_exists(dotted: str) -> bool:
    """Return whether a name such as `rdf.jsonld.write` is a module of the program or something in one."""
    try:
        pkgutil.resolve_name("cper_lod." + dotted.removeprefix("cper_lod."))
    except (ImportError, AttributeError):
        return False
    return True
