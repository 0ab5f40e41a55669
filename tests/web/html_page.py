"""How the tests read a page: a strict eye for its elements, links and scripts."""

import json
import re
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

OURS = re.compile(
    r'<script type="(?:module" src="(?:/cper)?/static/(?:editor/editor|copy)\.[0-9a-f]{12}\.js|application/ld\+json)">'
)
VOID = {"meta", "link", "img", "br", "input", "base"}


class Page(HTMLParser):
    """A page read by a strict eye: every element closed, every id once; its text, links, elements and JSON-LD."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.text, self.links, self.ids, self.tags = "", [], [], []  # type: tuple[str, list[str], list[str], list[str]]
        self.scripts: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.source = answer.text
        self.feed(self.source)
        assert self._open == []
        assert len(set(self.ids)) == len(self.ids)

    def updatepos(self, i: int, j: int) -> int:
        return j  # nobody asks for lines and columns, and counting them takes a quarter of the time

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert not [name for name in found if name == "style" or name.startswith("on")]
        self.tags.append(tag)
        self.attributes.append((tag, found))
        self.links += [found[name] or "" for name in ("href", "src", "action") if name in found]
        self.ids += [found["id"] or ""] if "id" in found else []
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["script"]:
            self.scripts.append(data)
        else:
            self.text += data

    def having(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements of a name that have these."""
        return [found for name, found in self.attributes if name == tag and wanted.items() <= found.items()]

    def embedded(self) -> list[Any]:
        """Return the JSON-LD in the page."""
        return [json.loads(each) for each in self.scripts if each.strip()]


@cache
def page(client: FlaskClient, path: str, lang: str = "fr", status: int = 200) -> Page:
    """Return a page, fetched once in all; a test that changes what the application shows uses `fresh_page`."""
    return fresh_page(client, path, lang, status)


def fresh_page(client: FlaskClient, path: str, lang: str = "fr", status: int = 200) -> Page:
    """Return a page; nothing in it may run or lead to a script, but for our own files and JSON-LD."""
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": lang})
    assert answer.status_code == status, path
    assert answer.headers["Content-Language"] == lang
    found = Page(answer)
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert [each for each in scripts if not OURS.fullmatch(each)] == []
    assert found.tags.count("script") == len(scripts)
    assert {link[1:] for link in found.links if link.startswith("#")} <= {*found.ids}, "every fragment is there"
    for link in found.links:
        assert urlsplit(link).scheme in ("", "http", "https"), link
        assert not link.startswith("//"), link
    return found
