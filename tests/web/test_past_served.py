"""Earlier states on a running server: a thing removed from the sources answers 410, and its last state stays."""

from collections.abc import Iterator
from pathlib import Path
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


class Served(ChangingSources):
    """A running server whose sources were changed once: the ferry 2 went, the ferry 3 came in its place."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.data.write_text(self.text + ferry(2), "utf-8")
        self.server = Server(self.flags(), place / "log", often_looking=True)
        self.web = HttpClient(self.server.url)

    def release(self) -> str:
        return str(self.web.get("/health").json()["release"])[:16]

    def change(self, text: str) -> str:
        """Change the sources; return the id of the release that is served then."""
        before = self.release()
        self.data.write_text(self.text + text, "utf-8")
        assert eventually(lambda: self.release() != before), self.server.log.read_text()
        return self.release()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server after the change."""
    made = Served(tmp_path_factory.mktemp("served"))
    yield made
    made.server.close()


@pytest.fixture(scope="module")
def ids(served: Served) -> tuple[str, str]:
    """The ids of the first and of the second release."""
    first = served.release()
    assert served.web.get("/doc/bac/fictif-2.ttl").status == 200
    return first, served.change(ferry(3, REPLACES))


def test_an_earlier_release_is_asked_in_sparql(served: Served, ids: tuple[str, str]) -> None:
    query = f"ASK {{ <{FERRY}2> ?p ?o }}"
    for release, expected in zip(ids, ("true", "false"), strict=True):
        path = f"/release/{release}/sparql"
        asked = served.web.get(f"{path}.csv?" + urlencode({"query": query}))
        assert (asked.status, asked.text.strip().lower()) == (200, expected)
        posted = served.web.post(path, query.encode(), "application/sparql-query", Accept="text/csv")
        assert (posted.status, posted.text.strip().lower()) == (200, expected)
    old, new = (served.web.get(f"{below}/dump/tout.nt.gz").body for below in (f"/release/{ids[0]}", ""))
    assert old != new


@pytest.mark.browser
def test_the_banner_is_seen_and_leads_to_today(served: Served, ids: tuple[str, str], browser: "Browser") -> None:
    from tests.web.chromium import accessibility, overflowing  # noqa: PLC0415  # most modules do without a browser

    page = browser.new_page(locale="fr-FR", viewport={"width": 320, "height": 640})
    for path in ("/changes.html", "/changes/1.html", f"/release/{ids[0]}/doc/bac/fictif-1.html"):
        page.goto(served.server.url + path)
        assert (accessibility(page), overflowing(page)) == ([], []), path
    assert ids[0] in page.locator(".past").inner_text()
    page.get_by_role("link", name="Cette page dans la version en service").click()
    assert page.url == f"{served.server.url}/doc/bac/fictif-1.html"
    assert page.locator(".past").count() == 0
    page.goto(f"{served.server.url}/doc/bac/fictif-2")
    page.get_by_role("link", name="Consulter son dernier état").click()
    assert "Bac fictif n° 2" in page.locator("h1").inner_text()
    page.close()
