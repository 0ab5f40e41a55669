"""The reference pages are those that `make docs` writes, and leave nothing out."""

import re
import runpy

import pytest

from cper_lod.core.settings import Settings
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from tests.docs.pages import PAGES, table_rows, text
from tests.support.paths import ROOT

WRITTEN = runpy.run_path(str(ROOT / "docs" / "reference" / "generate.py"))["pages"]()


@pytest.mark.parametrize("page", WRITTEN)
def test_a_reference_page_is_what_its_table_says(page: str) -> None:
    assert text(f"docs/{page}") == WRITTEN[page], "run `make docs`"


def test_the_pages_that_say_so_are_written_by_the_program() -> None:
    marked = {page.removeprefix("docs/") for page in PAGES if re.search(r"<!-- [^>]*`make docs`", text(page))}
    assert marked == set(WRITTEN)


def test_every_url_of_a_release_has_a_row(release: Release) -> None:
    app = create_app(release, None, Settings())
    rules = {re.sub(r"<[^<>:]+:(\w+)>", r"<\1>", rule.rule) for rule in app.url_map.iter_rules()}
    rows = [row for row in table_rows(text("docs/reference/urls.md")) if row[0].startswith("`/")]
    assert {url for row in rows for url in re.findall(r"`([^`]+)`", row[0])} == rules
    assert [row[0] for row in rows if len(row[1]) < 10] == [], "a view without a docstring"
