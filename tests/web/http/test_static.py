"""Static files: their names change with their content, and are kept for a year."""

import re

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_pages_load_files_that_never_change(client: FlaskClient, path: str) -> None:
    found = re.findall('"(/static/[^"/]+)"', client.get(path, headers={"Accept": "text/html"}).text)
    assert {each.split(".")[0] for each in found} >= {"/static/style", "/static/logo"}
    for each in set(found):
        answer = client.get(each)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
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
