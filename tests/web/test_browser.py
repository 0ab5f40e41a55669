"""The pages in a real browser: nothing is wider than the window, and axe finds nothing (WCAG 2.2, A and AA)."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.support.server import ServerAddress, serving_files
from tests.support.web import CONTRACT, CPER, HTML, ID, describe
from tests.web.chromium import FAINT_LABELS, BrowserPage, accessibility, moving, overflowing, reachable

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]

SELECT = f"SELECT ?axe ?p WHERE {{ ?part <{CPER}subdivision> ?axe ; <{CPER}partParSubdivision> ?p }}"
PAGES = {
    "home": ("/", 200),
    "contract": (f"/doc{CONTRACT}", 200),
    "axis": (f"/doc{CONTRACT}/axe/2", 200),
    "derived value": (f"/doc{CONTRACT}/derive/axe-2", 200),
    "statement": (f"/doc{CONTRACT}/enonce/part-axe-2", 200),
    "document": ("/doc/document/communique-2023-01-09", 200),
    "body": ("/doc/organisme/departement-aisne", 200),
    "territory": ("/doc/territoire/hauts-de-france", 200),
    "comparison": ("/compare", 200),
    "signatories": ("/signatories", 200),
    "who signed for a commune": ("/commune/59512", 200),
    "question": ("/search?q=combien+pour+les+trains", 200),
    "only mentioned": (describe("http://id.insee.fr/geo/region/32"), 200),
    "classes": ("/doc", 200),
    "sorted list": ("/doc/part?sort=-part", 200),
    "developers": ("/developers", 200),
    "missing": (f"/doc{CONTRACT}/axe/9", 404),
    "mentions": (f"/describe/list?of=mentions&iri={quote(CPER + 'Subdivision', safe='')}", 200),
    "query": ("/sparql", 200),
    "results": ("/sparql?query=" + quote(SELECT), 200),
    "graph": ("/sparql?query=" + quote(f"DESCRIBE <{CPER}Subdivision>"), 200),
    "fault": ("/sparql?query=" + quote("SELECT * {"), 400),
    "ontology": ("/ontology", 200),
    "class": ("/ontology/term/Part", 200),
    "shapes": ("/shapes", 200),
    "shape": ("/shapes/siren-d-un-seul-organisme", 200),
    "report": ("/report", 200),
    "reconciliation": ("/reconcile", 200),
    "small page": ("/reconcile/{lang}/preview?id=https%3A%2F%2Fw3id.org%2Fcper-lod%2Fid%2Fterritoire%2Fnord", 200),
    "shares": (f"/embed{CONTRACT}/parts", 200),
    "catalogue": ("/catalog", 200),
    "links": ("/links", 200),
    "changes": ("/changes", 200),
    "API": ("/api", 200),
    "legal notice": ("/legal", 200),
    "kinds of errors": ("/problem", 200),
    "lost": ("/nowhere/" + "a-long-name-without-any-space-" * 4, 404),
}
DATA_PAGES = {
    "data home": ("/", 200),
    "hostile": (describe("http://ex.org/a"), 200),
    "list": (describe("http://ex.org/list"), 200),
}
WIDTHS = (320, 1280)
"""Of windows, in pixels: WCAG 1.4.10, and a desk."""
MODES: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "print": {"media": "print"},
    "forced colours": {"forced_colors": "active"},
}
"""In which axe looks at pages: what is not said is as in a light window."""
LOOKS = [(name, "fr", ("light", "dark")[place % 2 :][:1]) for place, name in enumerate(PAGES)]
LOOKS += [(name, "en", tuple(MODES)) for name in ("home", "contract", "sorted list", "results")]
"""Pages, the language of their reader, and in which modes axe looks at them: one of each template, and some in all."""


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Callable[[str, str], BrowserPage]]:
    """Return what returns a window of a reader of a language on a server, the same each time: a new one takes a second."""
    with ExitStack() as contexts:

        @cache
        def opened(url: str, lang: str) -> BrowserPage:
            context = browser.new_context(locale={"fr": "fr-FR", "en": "en-GB"}[lang])
            contexts.callback(context.close)
            return BrowserPage(context, url)

        yield opened


def faults(visit: BrowserPage, lang: str, modes: Sequence[str], path: str, status: int) -> list[object]:
    """Visit a page, all of it unfolded, in windows of every width and in some modes; return what is wrong with it."""
    page, found = visit.page, list[object]()
    visit.wrong.clear()
    page.emulate_media(color_scheme="light", media="screen", forced_colors="none")
    assert visit.go(path.replace("{lang}", lang)) == status
    assert page.get_attribute("html", "lang") == lang
    assert page.locator("h1").count() == 1
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found += [(width, each) for each in overflowing(page)]
    for mode in modes:
        page.emulate_media(**{"color_scheme": "light", "media": "screen", "forced_colors": "none", **MODES[mode]})
        in_print, again = mode == "print", mode != modes[0]
        said = accessibility(page, on_paper=in_print, only_colours=again and not in_print)
        found += [(mode, each) for each in said]
        if mode in ("light", "dark"):  # axe does not look at pictures
            found += [(mode, each) for each in page.evaluate(FAINT_LABELS)]
    return found + visit.wrong


@pytest.mark.parametrize(("name", "lang", "modes"), LOOKS)
def test_a_page_is_sound(
    window: Callable[[str, str], BrowserPage], server: ServerAddress, name: str, lang: str, modes: Sequence[str]
):
    assert faults(window(server.url, lang), lang, modes, *PAGES[name]) == []


@pytest.mark.parametrize("name", DATA_PAGES)
def test_a_page_of_data_as_given_is_sound(
    window: Callable[[str, str], BrowserPage], data_server: ServerAddress, name: str
):
    assert faults(window(data_server.url, "en"), "en", tuple(MODES), *DATA_PAGES[name]) == []


@pytest.mark.parametrize(
    ("shapes", "label", "found"),
    [
        ("", 'fill="#777"', ["Part: 4.48"]),
        ('<rect width="200" height="40" fill="#002"/>', 'fill="#fff"', []),
        ('<g opacity=".3"><rect width="200" height="40" fill="#002"/></g>', 'fill="#fff"', ["Part: 2.10"]),
    ],
)
def test_a_label_that_is_faint_on_what_lies_below_it_is_found(
    visit: BrowserPage, shapes: str, label: str, found: list[str]
):
    visit.page.set_content(
        f'<body><svg width="200" height="40">{shapes}<text x="9" y="25" {label}>Part</text></svg></body>'
    )
    assert visit.page.evaluate(FAINT_LABELS) == found


def test_the_first_tab_skips_to_the_content(visit: BrowserPage):
    visit.go("/")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.className") == "skip"
    box = visit.page.locator(".skip").bounding_box()
    assert box and box["x"] >= 0
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/#content")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_focus_is_seen(visit: BrowserPage):
    visit.go("/sparql")
    for _ in range(12):
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_asking_a_ready_made_question(visit: BrowserPage):
    visit.go("/sparql")
    visit.page.get_by_role("link", name=re.compile("Qui a signé chaque contrat")).click()
    assert visit.page.locator("tbody tr").count() > 9
    assert not visit.page.locator("query-editor").is_visible()
    visit.page.get_by_text("La requête qui donne cette réponse").click()
    if visit.page.locator("script[src*='/static/editor/']").count():  # it takes the place of the text field
        visit.page.locator("query-editor[data-ready]").wait_for(state="attached")
    visit.page.get_by_role("textbox", name="Requête SPARQL").fill("ASK { ?s ?p ?o }")
    visit.page.get_by_role("button", name="Exécuter").click()
    assert visit.page.get_by_text("Oui (vrai)").is_visible()
    assert visit.wrong == []


@pytest.mark.parametrize("address", ["/ontology#contrat", "/shapes#siren-d-un-seul-organisme"])
def test_a_link_to_a_term_or_a_rule_lands_on_it(visit: BrowserPage, address: str):
    visit.go(address)
    box = visit.page.locator(":target").bounding_box()
    assert box and 0 <= box["y"] < 300


@pytest.fixture(scope="module")
def without_script(browser: Browser, server: ServerAddress) -> Iterator[BrowserPage]:
    """Return a window of a reader of French, in which no script runs."""
    context = browser.new_context(locale="fr-FR", java_script_enabled=False)
    yield BrowserPage(context, server.url)
    context.close()


@pytest.mark.parametrize(("name", "width"), [("home", 360), ("contract", 1280), ("document", 360), ("ontology", 1280)])
def test_nothing_stands_elsewhere_as_long_as_a_page_arrives(
    without_script: BrowserPage, server: ServerAddress, name: str, width: int
):
    url, page = server.url + PAGES[name][0], without_script.page
    page.set_viewport_size({"width": width, "height": 800})
    whole = page.request.get(url, headers=HTML).text()
    assert moving(page, url, whole) == []


def test_what_would_stand_elsewhere_is_seen(browser: Browser):
    page = browser.new_page()
    rows = "".join(f"<tr><td>{'wide' * n}</td><td>x</td></tr>" for n in range(20))
    assert moving(page, "http://example.org/", f"<body><header></header><main><table>{rows}</table></main>")
    page.close()


@pytest.mark.parametrize("name", ["home", "axis", "sorted list"])
def test_the_keyboard_alone_reaches_everything(visit: BrowserPage, name: str):
    visit.go(PAGES[name][0])
    assert reachable(visit.page) == []


def test_the_header_is_walked_through_as_it_is_seen(visit: BrowserPage):
    """From left to right, line by line; and a table that does not scroll is no stop."""
    visit.page.set_viewport_size({"width": 360, "height": 800})
    visit.go(PAGES["sorted list"][0])
    places = visit.page.evaluate(
        "[...document.querySelectorAll('header a, header input, header button')]"
        ".map(e => e.getBoundingClientRect()).map(r => [Math.round((r.top + r.bottom) / 2 / 24), r.left])"
    )
    assert len(places) > 6
    assert places == sorted(places)
    assert visit.page.locator("[tabindex='0']").count() == 0


def test_a_command_line_is_copied(browser: Browser, server: ServerAddress):
    context = browser.new_context(locale="fr-FR", permissions=["clipboard-read", "clipboard-write"])
    visit = BrowserPage(context, server.url)
    visit.go(PAGES["axis"][0])
    visit.page.get_by_text("autres formats").click()
    visit.page.get_by_role("button", name="Copier").click()
    visit.page.get_by_role("button", name="Copié").wait_for()
    assert visit.page.evaluate("navigator.clipboard.readText()").startswith("curl -H 'Accept: application/ld+json' ")
    context.close()


def test_a_page_needs_no_script(without_script: BrowserPage):
    without_script.go(PAGES["axis"][0])
    assert without_script.page.get_by_role("button", name="Copier").count() == 0
    properties = without_script.page.get_by_text("Toutes les propriétés, comme dans les données")
    assert not properties.is_visible()
    without_script.page.get_by_text("Données techniques").click()
    assert properties.is_visible()


def test_another_site_may_frame_the_small_page_and_figures_and_no_other(
    browser: Browser, server: ServerAddress, tmp_path: Path
):
    small = PAGES["small page"][0].replace("{lang}", "fr")
    paths = (("small", small), ("whole", "/doc/subdivision"), ("figure", f"/embed{CONTRACT}/parts"))
    frames = {name: server.url + path for name, path in paths}
    page = "".join(f'<iframe name="{name}" src="{url}"></iframe>' for name, url in frames.items())
    (tmp_path / "index.html").write_text(page, "utf-8")
    with serving_files(tmp_path) as url:
        page = browser.new_page()
        page.goto(url)
        small, whole, figure = (page.frame(name) for name in frames)
        assert small and whole and figure
        heading = small.locator("h1 a")
        assert heading.inner_text() == "Nord"
        assert float(heading.evaluate("each => parseFloat(getComputedStyle(each).fontSize)")) < 20, "our style sheet"
        assert whole.url.startswith("chrome-error:")
        assert figure.locator("svg").is_visible()
        page.close()


def test_printing_keeps_the_facts(visit: BrowserPage):
    visit.go("/")
    visit.page.emulate_media(media="print")
    assert not visit.page.locator("header nav").is_visible()
    visit.go(PAGES["axis"][0])
    assert visit.page.locator(".on-paper").inner_text().endswith(PAGES["axis"][0])
    assert not visit.page.locator(".technical").is_visible()
    for path, whole in (
        ("/", "svg.bars"),
        (PAGES["contract"][0], "tr.group"),
        ("/ontology/term/Contrat", "main tr:not(.technical tr)"),
    ):
        visit.go(path)
        shown = [each.is_visible() for each in visit.page.locator(whole).all()]
        assert len(shown) > 2, whole
        assert all(shown), whole


def test_what_is_folded_is_read_on_paper(visit: BrowserPage):
    visit.go(describe(f"{ID}{CONTRACT}"))
    visit.page.evaluate("document.querySelectorAll('.folded details').forEach(each => { each.open = false })")
    folded = "[...document.querySelectorAll('.folded details:not([open])')].map(each => each.offsetHeight)"
    closed = visit.page.evaluate(folded)
    visit.page.emulate_media(media="print")
    printed = visit.page.evaluate(folded)
    assert len(closed) > 5
    assert all(after > before + 15 for before, after in zip(closed, printed, strict=True))
