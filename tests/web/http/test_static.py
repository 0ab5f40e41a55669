"""Static files: their names change with their content, and are kept for a year."""

import re

import pytest
from flask.testing import FlaskClient

from cper_lod.web.http import static
from tests.support.html_page import page

YEAR = "public, max-age=31536000, immutable"


def loaded(client: FlaskClient, path: str) -> list[str]:
    """Return the static files that a page names, except the editor."""
    return [link for link in page(client, path).links if "/static/" in link and "/editor/" not in link]


@pytest.mark.parametrize("path", ["/", "/doc/subdivision", "/nothing"])
def test_pages_load_files_that_never_change(client: FlaskClient, path: str) -> None:
    found = (
        loaded(client, path)
        if path != "/nothing"
        else re.findall('"(/static/[^"]+)"', client.get(path, headers={"Accept": "text/html"}).text)
    )
    assert {each.split(".")[0] for each in found} >= {"/static/style", "/static/logo"}
    for each in set(found):
        answer = client.get(each)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, YEAR)
        plain = client.get(re.sub(r"\.[0-9a-f]{12}\.", ".", each))
        assert (plain.data, plain.headers["Cache-Control"]) == (answer.data, "no-cache")


def test_browsers_find_an_icon_where_they_look_for_it(client: FlaskClient) -> None:
    icon = client.get("/favicon.ico?v=2")
    assert (icon.status_code, icon.mimetype, icon.data) == (200, "image/svg+xml", client.get("/static/logo.svg").data)


def test_a_name_from_before_an_update_gets_the_present_file(client: FlaskClient) -> None:
    answer = client.get("/static/style.0123456789ab.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    for name in ("style.0123456789ab.js", "style.0123456789AB.css", "none.0123456789ab.css"):
        assert client.get(f"/static/{name}").status_code == 404


def test_the_name_changes_with_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    names = set()
    for content in (b"a", b"b", b"a"):
        monkeypatch.setattr(static, "files", lambda content=content: {"x.css": (content, static.TYPES[".css"])})
        static.hashed_name.cache_clear()
        names.add(static.hashed_name("x.css"))
    static.hashed_name.cache_clear()
    assert len(names) == 2
    assert all(re.fullmatch(r"x\.[0-9a-f]{12}\.css", each) for each in names)


def test_templates_name_them_by_the_one_function() -> None:
    texts = [path.read_text("utf-8") for path in (static.FOLDER.parent / "templates").glob("*.html")]
    assert len(texts) > 20
    assert sum(text.count("{{ static('") for text in texts) > 4
    assert not [text for text in texts if re.search(r"url_for\('static'|/static/", text)]
