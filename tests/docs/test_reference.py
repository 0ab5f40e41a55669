"""The reference pages are those that `make docs` writes, and leave nothing out."""

import re
import runpy
import urllib.request
from collections.abc import Iterator

import click
import pytest

from cper_lod.cli.main import main
from cper_lod.core.errors import table
from cper_lod.core.settings import ROWS, Settings
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from tests.support.pages import PAGES, table_rows, text
from tests.support.paths import ROOT
from tests.support.server import Server

WRITTEN = runpy.run_path(str(ROOT / "docs" / "reference" / "generate.py"))["pages"]()


@pytest.mark.parametrize("page", WRITTEN)
def test_a_reference_page_is_what_its_table_says(page: str) -> None:
    assert text(f"docs/{page}") == WRITTEN[page], "run `make docs`"


def test_the_pages_that_say_so_are_written_by_the_program() -> None:
    marked = {page.removeprefix("docs/") for page in PAGES if re.search(r"<!-- [^>]*`make docs`", text(page))}
    assert marked == set(WRITTEN)
    assert len(WRITTEN) == 8


def first_cells(page: str) -> list[str]:
    """Return the first cells of the rows of tables, without the marks of code."""
    return [row[0].strip("`") for row in table_rows(text(page))]


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        *((page, list(ROWS)) for page in ("docs/reference/settings.md", "docs/fr/reglages.md")),
        *((page, sorted(table())) for page in ("docs/reference/errors.md", "docs/fr/erreurs.md")),
    ],
)
def test_every_setting_and_every_error_has_a_row_in_both_languages(page: str, rows: list[str]) -> None:
    assert first_cells(page) == rows


@pytest.mark.server
def test_every_metric_of_a_server_has_a_row(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/metrics") as answer:
        declared = dict(re.findall(r"^# TYPE (\w+) (\w+)$", answer.read().decode(), re.MULTILINE))
    assert {row[0].strip("`"): row[1] for row in table_rows(text("docs/reference/metrics.md"))} == declared
    assert len(declared) > 15


def test_every_url_of_a_release_has_a_row(release: Release) -> None:
    app = create_app(release, None, Settings())
    rules = {re.sub(r"<[^<>:]+:(\w+)>", r"<\1>", rule.rule) for rule in app.url_map.iter_rules()}
    rows = [row for row in table_rows(text("docs/reference/urls.md")) if row[0].startswith("`/")]
    assert {url for row in rows for url in re.findall(r"`([^`]+)`", row[0])} == rules
    assert [row[0] for row in rows if len(row[1]) < 10] == [], "a view without a docstring"


def leaves(group: click.Group, path: str = "cper-lod ") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its whole name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path}{name} ")
        else:
            yield path + name, command


@pytest.mark.parametrize("page", ["docs/reference/commands.md", "docs/fr/commandes.md"])
@pytest.mark.parametrize(("name", "command"), list(leaves(main)), ids=[name for name, _ in leaves(main)])
def test_every_command_and_option_is_explained(page: str, name: str, command: click.Command) -> None:
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text(page), re.DOTALL | re.MULTILINE)
    assert found
    settings = {"--" + each.replace("_", "-") for each in ROWS} | {"--help", "--settings"}
    for option in (each for parameter in command.params for each in parameter.opts):
        if option.startswith("--") and option not in settings:
            assert re.search(rf"^\| `{option}(?: [^`]*)?` \| .+ \|$", found[1], re.MULTILINE), option
    assert " / " not in re.sub(r"`[^`]*`", "", found[1]), "both languages on a page of one"
