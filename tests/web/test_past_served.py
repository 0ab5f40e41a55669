"""Earlier states on a running server: a thing removed from the sources answers 410, and its last state stays."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.release.history.release_history import FERRY, REPLACES, ferry
from tests.support.changing_sources import ChangingSources
from tests.support.processes import eventually
from tests.support.server import Server
from tests.support.web import HttpClient

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HttpClient, str, str]]:
    """A running server whose sources were changed once, with the ids of both releases: the ferry 3 came in place of the ferry 2."""
    place = tmp_path_factory.mktemp("served")
    sources = ChangingSources(place)
    sources.data.write_text(sources.text + ferry(2), "utf-8")
    with closing(Server(sources.flags(), place / "log", often_looking=True)) as server:
        web = HttpClient(server.url)
        first = web.get("/health").json()["release"]
        sources.data.write_text(sources.text + ferry(3, REPLACES), "utf-8")
        assert eventually(lambda: web.get("/health").json()["release"] != first), server.log.read_text()
        yield web, first[:16], web.get("/health").json()["release"][:16]


def test_an_earlier_release_is_asked_in_sparql(served: tuple[HttpClient, str, str]) -> None:
    query = f"ASK {{ <{FERRY}2> ?p ?o }}"
    web, *ids = served
    for release, expected in zip(ids, ("true", "false"), strict=True):
        path = f"/release/{release}/sparql"
        asked = web.get(f"{path}.csv?" + urlencode({"query": query}))
        assert (asked.status, asked.text.strip().lower()) == (200, expected)
        posted = web.post(path, query.encode(), "application/sparql-query", Accept="text/csv")
        assert (posted.status, posted.text.strip().lower()) == (200, expected)
    assert web.get(f"/release/{ids[0]}/dump/tout.nt.gz").body != web.get("/dump/tout.nt.gz").body


@pytest.mark.browser
def test_the_banner_is_seen_and_leads_to_today(served: tuple[HttpClient, str, str], browser: "Browser") -> None:
    from tests.web.chromium import accessibility, overflowing  # noqa: PLC0415  # most modules do without a browser

    page = browser.new_page(locale="fr-FR", viewport={"width": 320, "height": 640})
    web, first, _ = served
    for path in ("/changes.html", "/changes/1.html", f"/release/{first}/doc/bac/fictif-1.html"):
        page.goto(web.url + path)
        assert (accessibility(page), overflowing(page)) == ([], []), path
    assert first in page.locator(".past").inner_text()
    page.get_by_role("link", name="Cette page dans la version en service").click()
    assert page.url == f"{web.url}/doc/bac/fictif-1.html"
    assert page.locator(".past").count() == 0
    page.goto(f"{web.url}/doc/bac/fictif-2")
    page.get_by_role("link", name="Consulter son dernier état").click()
    assert "Bac fictif n° 2" in page.locator("h1").inner_text()
    page.close()
