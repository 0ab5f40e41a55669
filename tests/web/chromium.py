"""How the tests look at pages in Chromium: windows that remember what went wrong, axe, and what overflows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.requirements import CHROMIUM

FLAGS = ["--no-sandbox", "--disable-gpu"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "RGAAv4"]
"""What axe looks for: WCAG 2.2, A and AA, what it can see of the RGAA 4, and good practice."""


PLACES = """
[...document.querySelectorAll('body, body *')].map(element => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return [element.tagName + '.' + element.getAttribute('class'), Math.round(x), Math.round(y), width * height > 0 && element.checkVisibility()];
})
"""
"""An expression: where each element of a page begins, and whether it is seen."""
ENDS = re.compile("</(?:p|tr|li|div|section|form|h1|h2|dl|figure|figcaption|ul|ol|table|svg)>")
"""Ends of elements after which a page that arrives slowly may be shown."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium, and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


class BrowserPage:
    """A browser window of one look, that remembers whatever went wrong."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on(
            "request", lambda request: self._note("" if request.url.startswith(url + "/") else "error", request.url)
        )

    def _note(self, kind: str, text: str) -> None:
        """Note an error or a warning; an error page is an error for the console too."""
        if kind in ("error", "warning") and not re.search(r"status of 40[04]", text):
            self.wrong.append(text)

    def go(self, path: str) -> int:
        response = self.page.goto(self.url + path)
        assert response is not None
        return response.status


def moving(page: Page, url: str, whole: str, steps: int = 6) -> list[object]:
    """Return what of the page `whole` at `url` stands elsewhere as long as only a part of it has arrived: nothing, on a sound page.

    The page is shown up to each of some ends of elements; each element that is there must begin where it begins in the
    whole page. No script runs, and no time is measured.
    """
    ends = [each.end() for each in ENDS.finditer(whole) if each.start() > whole.index("<main")]
    shown = ""
    page.route(url, lambda route: route.fulfill(body=shown, content_type="text/html; charset=utf-8"))

    def places(body: str) -> list[list[object]]:
        nonlocal shown
        shown = body
        page.goto(url)
        found: list[list[object]] = page.evaluate(PLACES)
        return found

    last, moved = places(whole), list[object]()
    assert len(ends) > steps
    for cut in [whole.index("</header>"), *ends[:: len(ends) // steps]]:
        part = places(whole[:cut])
        assert [name for name, *_ in part] == [name for name, *_ in last[: len(part)]]
        moved += [
            (before, after)
            for before, after in zip(part, last, strict=False)
            if all((before[3], after[3])) and before != after
        ]
    page.unroute(url)
    return moved


def reachable(page: Page) -> list[str]:
    """Return what can be clicked and is seen, but that the Tab key does not come to: nothing, on a sound page.

    A link of a picture is left out of the order where a link to the same address beside it can be reached.
    """
    page.evaluate("window.reached = new Set(); document.activeElement.blur()")
    every = "a[href], button, input:not([type=hidden]), textarea, select, summary, [tabindex='0']"
    count = page.evaluate(f"[...document.querySelectorAll({every!r})].filter(e => e.checkVisibility()).length")
    for _ in range(count + 2):
        page.keyboard.press("Tab")
        page.evaluate("reached.add(document.activeElement)")
    missed: list[str] = page.evaluate(
        f"[...document.querySelectorAll({every!r})].filter(e => e.checkVisibility() && !reached.has(e))"
        ".filter(e => e.tabIndex >= 0 || ![...reached].some("
        "other => other.getAttribute('href') === e.getAttribute('href')))"
        ".map(e => e.outerHTML.slice(0, 120))"
    )
    assert count > 10
    return missed


def overflowing(page: Page) -> list[str]:
    """Return what reaches beyond the width of the window, regions that scroll by themselves apart."""
    if page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"):
        return []
    found: list[str] = page.evaluate(
        "[...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.outerHTML.slice(0, 120))"
    )
    return found or ["the document"]


FAINT_LABELS = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const over = (paint, opacity, below) => {
    canvas.globalAlpha = 1;
    canvas.fillStyle = `rgb(${below.join()})`;
    canvas.fillRect(0, 0, 1, 1);
    canvas.globalAlpha = opacity;
    canvas.fillStyle = paint;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const opacity = element => element ? getComputedStyle(element).opacity * opacity(element.parentElement) : 1;
  const paper = element => over(getComputedStyle(element).backgroundColor, 1, element.parentElement ? paper(element.parentElement) : [255, 255, 255]);
  const painted = (element, below) => over(getComputedStyle(element).fill, opacity(element) * getComputedStyle(element).fillOpacity, below);
  const luminance = colour => colour.map(each => each / 255).map(each => each <= .04045 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4)
    .reduce((sum, each, index) => sum + each * [.2126, .7152, .0722][index], 0);
  const found = [];
  for (const label of document.querySelectorAll("svg text")) {
    const { left, right, top, bottom, width } = label.getBoundingClientRect();
    if (!label.textContent.trim() || !width || !label.checkVisibility({ visibilityProperty: true })) continue;
    const shapes = [...label.closest("svg").querySelectorAll("rect, path")]
      .filter(each => getComputedStyle(each).fill !== "none" && each.compareDocumentPosition(label) & Node.DOCUMENT_POSITION_FOLLOWING);
    for (const x of [left + 1, (left + right) / 2, right - 1]) {
      const inside = each => { const r = each.getBoundingClientRect(), y = (top + bottom) / 2; return r.left <= x && x <= r.right && r.top <= y && y <= r.bottom; };
      const below = shapes.filter(inside).reduce((colour, each) => painted(each, colour), paper(label.closest("svg")));
      const [dark, light] = [luminance(below), luminance(painted(label, below))].sort((a, b) => a - b);
      const contrast = (light + .05) / (dark + .05);
      if (contrast < 4.5) { found.push(`${label.textContent.trim()}: ${contrast.toFixed(2)}`); break; }
    }
  }
  return found;
})()
"""
"""An expression: the labels of pictures with less than 4.5 to 1 between them and what lies below them, each with its contrast."""


COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of axe that dark and forced colours may break: they change nothing but colours and lines."""


def accessibility(page: Page, *, on_paper: bool = False, only_colours: bool = False) -> list[tuple[str, list[str]]]:
    """Return what axe finds on a page. On paper nothing is touched."""
    options: dict[str, Any] = {"runOnly": COLOURS if only_colours else TAGS, "resultTypes": ["violations"]}
    if on_paper:
        options["rules"] = {"target-size": {"enabled": False}}
    found = Axe().run(page, options=options).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found]
