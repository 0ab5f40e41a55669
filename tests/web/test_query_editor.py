"""The query editor in Chromium: it colours, completes, runs, marks faults; without it the plain form is there."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.server import ServerAddress
from tests.support.web import CPER
from tests.web.chromium import BrowserPage, accessibility, overflowing

pytestmark = [pytest.mark.browser, pytest.mark.editor, pytest.mark.server, pytest.mark.slow]
FAULTY = f"PREFIX cper: <{CPER}>\nSELECT ?axe {{\n  ?axe a cper:Montant ; cpre:axe ?b\n}}"


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("Requête SPARQL|SPARQL query"))


def written(page: Page) -> str:
    """Return the query that the form would send."""
    return str(page.evaluate("document.querySelector('textarea').value"))


def begin(visit: BrowserPage, text: str) -> Page:
    """Open the query page with nothing in the editor but `text`, typed."""
    visit.go("/sparql")
    field(visit.page).fill("")
    field(visit.page).press_sequentially(text)
    return visit.page


def choose(page: Page, proposal: str) -> None:
    """Take a proposal by the keyboard once the list of proposals is the same in two looks; where it went, ask again."""
    option, before = page.get_by_role("option").filter(has=page.get_by_text(proposal, exact=True)), ""
    for look in range(200):
        proposals = page.get_by_role("listbox").all_inner_texts()
        now = "".join(proposals) if option.count() else ""
        if now and now == before:
            if option.get_attribute("aria-selected") == "true":
                page.keyboard.press("Enter")
                return
            page.keyboard.press("ArrowDown")
        elif look % 20 == 19:  # on a busy machine the editor may drop what it was about to propose
            page.keyboard.press("Control+Space")
        before = now
        page.wait_for_timeout(150)  # the editor takes no proposal in the first 75 ms
    raise AssertionError(f"{proposal} cannot be reached")


def test_it_stands_for_the_textarea(visit: BrowserPage):
    visit.go("/sparql")
    assert visit.page.get_attribute("query-editor", "data-ready") == ""
    assert not visit.page.locator("textarea").is_visible()
    assert visit.page.get_by_label("Requête SPARQL").count() == 1
    visit.page.get_by_text("Requête SPARQL", exact=True).click()
    assert field(visit.page).evaluate("e => e === e.getRootNode().activeElement")
    assert visit.page.get_by_text("Tab quitte l’éditeur").is_visible()
    assert visit.wrong == []


SKOS_PREFIX = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
AMOUNT = f"PREFIX cper: <{CPER}>\nSELECT * WHERE {{ ?x a cper:Montant}}"
COMPLETED = {
    "an English label": (["SELECT * WHERE { ?x a amoun", "cper:Montant"], AMOUNT),
    "a prefix, declared once": (
        ["ASK { ?x skos", "skos:", "", "skos:prefLabel", " ?l ; skos:notat", "skos:notation"],
        SKOS_PREFIX + "ASK { ?x skos:prefLabel ?l ; skos:notation}",
    ),
    "keywords and variables": (
        ["sel", "SELECT", " ?contract { ?other ?p ?con", "?contract"],
        "SELECT ?contract { ?other ?p ?contract}",
    ),
}
"""What is typed and which proposal is chosen, in turn; and the query after that."""


@pytest.mark.parametrize(("steps", "query"), COMPLETED.values(), ids=COMPLETED)
def test_proposals_complete_what_is_typed(visit: BrowserPage, steps: list[str], query: str):
    page = begin(visit, steps[0])
    choose(page, steps[1])
    for typed, proposal in zip(steps[2::2], steps[3::2], strict=True):
        page.keyboard.type(typed)
        choose(page, proposal)
    assert written(page) == query
    assert visit.wrong == []


def test_ctrl_enter_runs_the_query(visit: BrowserPage):
    page = begin(visit, "ASK { ?s ?p ?o ")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert parse_qs(urlsplit(page.url).query) == {"query": ["ASK { ?s ?p ?o }"]}
    assert page.get_by_text("Oui (vrai)").is_visible()
    assert visit.wrong == []


def test_a_fault_is_marked_until_its_line_is_edited(visit: BrowserPage):
    assert visit.go("/sparql?query=" + quote(FAULTY)) == 400
    mark = visit.page.locator(".cm-fault")
    assert mark.inner_text() == "cpre:axe"
    assert field(visit.page).get_attribute("aria-invalid") == "true"
    field(visit.page).focus()
    visit.page.keyboard.type("#")
    assert "Montant ; #cpre:axe" in written(visit.page), "the caret waits at the fault"
    assert mark.count() == 0


def test_tab_leaves_it_forwards_and_backwards(visit: BrowserPage):
    page = begin(visit, "ASK { ?s a cper:A")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Exécuter"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.className") == "editor"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.tagName") == "A"
    assert written(page) == "ASK { ?s a cper:A}"


@pytest.mark.parametrize("blocked", ["script", "shadow root"])
def test_where_it_fails_the_textarea_stays(visit: BrowserPage, blocked: str):
    if blocked == "script":
        visit.page.route("**/static/editor/*", lambda route: route.abort())
    else:
        visit.page.add_init_script("Element.prototype.attachShadow = () => { throw new Error('none here') }")
    visit.go("/sparql")
    assert visit.page.locator(".editor").count() == 0
    assert not visit.page.locator("#editor-help").is_visible()
    visit.page.get_by_label("Requête SPARQL").fill("ASK {}")
    visit.page.get_by_role("button", name="Exécuter").click()
    assert visit.page.get_by_text("Oui (vrai)").is_visible()


@pytest.mark.parametrize(("width", "locale", "scheme"), [(360, "fr-FR", "light"), (1280, "en-GB", "dark")])
def test_it_is_sound_in_every_look(browser: Browser, server: ServerAddress, width: int, locale: str, scheme: str):
    context = browser.new_context(locale=locale, color_scheme=scheme, viewport={"width": width, "height": 800})  # type: ignore[arg-type]
    visit = BrowserPage(context, server.url)
    visit.go("/sparql?query=" + quote(FAULTY))
    assert visit.page.get_attribute("query-editor", "data-ready") == ""
    assert (accessibility(visit.page), overflowing(visit.page)) == ([], [])
    field(visit.page).focus()
    visit.page.keyboard.press("Control+End")
    visit.page.keyboard.type(" ?x a cper:Si")
    expect(visit.page.get_by_role("listbox")).to_be_visible()
    assert (accessibility(visit.page), overflowing(visit.page), visit.wrong) == ([], [], [])
    context.close()
