"""Independent clients, unconfigured: the code blocks of the documentation, and what else each of them can ask."""

import csv
import io
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from rdflib import URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from tests.docs.pages import FENCE, text
from tests.docs.pages import blocks as code_blocks
from tests.support.paths import ROOT
from tests.support.processes import ended
from tests.support.server import ServerAddress, serving_files
from tests.support.web import CONTRACT, CPER, ID

pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    # SPARQLWrapper 2.0 makes an rdflib graph by a name that rdflib 7.6 gives up.
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]

ADDRESS = "http://127.0.0.1:8000"
SELECT = f"SELECT ?x ?p {{ ?x <{CPER}partParSubdivision> ?p }} ORDER BY ?p"
ASK = f"ASK {{ ?c a <{CPER}Contrat> }}"
CONSTRUCT = f"CONSTRUCT {{ ?s <{CPER}partParSubdivision> ?p }} WHERE {{ ?s <{CPER}partParSubdivision> ?p }}"
SHARES = ["8.8", "14.8", "19", "57.3"]


RUN_BY = {
    "sh": ["bash", "-euo", "pipefail"],
    "python": [sys.executable, "-"],
    "r": ["Rscript", "-"],
    "javascript": ["node", "--input-type=module", "-"],
}
RUN = {
    "docs/how-to/use-rdf-from-code.md": ("sh", "javascript", "python", "r"),
    "README.md": ("javascript", "python", "r"),
    "docs/how-to/for-developers.md": ("sh", "javascript"),
    "docs/how-to/for-analysts.md": ("python", "r"),
    "docs/how-to/link-with-data-gouv-fr.md": ("python",),
    "docs/fr/pour-les-developpeurs.md": ("javascript", "python", "sh"),
    "docs/fr/pour-les-analystes.md": ("python", "r"),
    "docs/fr/relier.md": ("python",),
    "docs/fr/annonce-et-retrouve.md": ("python",),
}
"""The pages with code, and the languages of the blocks that are run."""
SAMPLES = ROOT / "tests" / "docs" / "datagouv"
"""Files in the form of those of data.gouv.fr, whose rows are invented."""


def blocks(page: str, wanted: str) -> list[tuple[str, list[str]]]:
    """Return the blocks of a page in a language: their lines, and what they print (after `#>` or `//>`)."""
    found = []
    for language, _, body in FENCE.findall(text(page)):
        if language == wanted:
            lines = [re.fullmatch(r"(?:#|//) >(?: (.*))?|(.*)", line) for line in body.splitlines()]
            run = "\n".join(line[2] for line in lines if line and line[2] is not None)
            found.append((run, [line[1] or "" for line in lines if line and line[2] is None]))
    return found


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder such as a reader of the pages works in, with the query saved and files of data.gouv.fr downloaded."""
    place = tmp_path_factory.mktemp("code")
    shutil.copytree(SAMPLES, place, dirs_exist_ok=True)
    shutil.copy(ROOT / "docs" / "fr" / "depenses-culturelles-regions-2023-lues.csv", place)
    saved = [each for page in RUN for each in code_blocks(page, "sparql")]
    assert len(saved) == 2
    for name, query in saved:
        (place / name).write_text(query, "utf-8")
    return place


NEEDED = {"r": [pytest.mark.r, pytest.mark.jsonlite], "javascript": [pytest.mark.node]}


@pytest.mark.parametrize(
    ("page", "language"),
    [pytest.param(page, each, marks=NEEDED.get(each, ())) for page, languages in RUN.items() for each in languages],
)
def test_a_block_prints_what_its_page_shows(
    page: str, language: str, server: ServerAddress, workplace: Path, request: pytest.FixtureRequest
) -> None:
    modules = workplace / "node_modules"
    if language == "javascript" and not modules.exists():
        modules.symlink_to(request.getfixturevalue("packages"))
    for lines, printed in blocks(page, language):
        ran = ended(*RUN_BY[language], input=lines.replace(ADDRESS, server.url), cwd=workplace)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert [line.rstrip() for line in ran.stdout.splitlines()] == printed, ran.stdout + ran.stderr


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib(server: ServerAddress, method: Literal["GET", "POST", "POST_FORM"]) -> None:
    store = SPARQLStore(f"{server.url}/sparql", method=method)
    assert [str(row[1]) for row in store.query(SELECT)] == SHARES  # type: ignore[index]
    graph = store.query(CONSTRUCT).graph
    assert graph is not None
    share = graph.value(URIRef(f"{ID}{CONTRACT}/part/axe-2"), URIRef(CPER + "partParSubdivision"))
    assert (str(share), len(graph)) == ("57.3", 4)
    assert store.query(ASK).askAnswer is True


PAGE = """<!doctype html><meta charset="utf-8"><title>Elsewhere</title>
<link rel="stylesheet" href="/@zazuko/yasgui/build/yasgui.min.css"><div id="yasgui"></div>
<script src="/@zazuko/yasgui/build/yasgui.min.js"></script>
<script>const yasgui = new Yasgui(document.getElementById("yasgui"),
  {requestConfig: {endpoint: "ENDPOINT"}, copyEndpointOnNewTab: false});
yasgui.getTab().setQuery("QUERY"); yasgui.getTab().query();</script>"""


@pytest.fixture(scope="module")
def other_site(packages: Path, server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a site with YASGUI, which asks our endpoint."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "@zazuko").symlink_to(packages / "@zazuko")
    page = PAGE.replace("ENDPOINT", f"{server.url}/sparql").replace("QUERY", SELECT)
    (folder / "index.html").write_text(page, "utf-8")
    with serving_files(folder) as url:
        yield url


@pytest.fixture(scope="module")
def page(other_site: str, browser: Browser) -> Iterator[Page]:
    """Return a page of the other site; it can reach this machine only."""
    page = browser.new_page()
    page.route(re.compile(r"^https?://(?!127\.0\.0\.1:)"), lambda route: route.abort())
    page.goto(other_site)
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.node
def test_yasgui_on_another_site_shows_the_results(page: Page) -> None:
    cells = page.locator(".yasr table tbody tr")
    expect(cells).to_have_count(len(SHARES), timeout=15_000)
    for share in SHARES:
        expect(page.locator(".yasr table")).to_contain_text(share)


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_another_site_asks_with_a_preflight(page: Page, server: ServerAddress, method: str) -> None:
    """A type of body that no form can send: Chromium asks leave by OPTIONS before it sends the query."""
    found = page.evaluate(
        """async ([address, method, body]) => {
          const headers = {"Content-Type": "application/sparql-query", "Accept": "text/csv", "If-None-Match": '"x"'};
          const answer = await fetch(address, {method, headers, body});
          return [answer.status, answer.headers.get("ETag") !== null || method === "POST", await answer.text()];
        }""",
        [f"{server.url}/sparql", method, SELECT],
    )
    assert found[:2] == [200, True]
    assert [row["p"] for row in csv.DictReader(io.StringIO(found[2], newline=""))] == SHARES
