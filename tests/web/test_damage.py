"""Files of a release that are damaged, or may not be read, while it is served: 500, never stored, and /ready red."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cper_lod.core.config import load
from cper_lod.release.files import WholeFile
from cper_lod.release.release import DUMP, QUESTIONS, REPORT, SITE, Release
from cper_lod.web.app import create_app
from cper_lod.web.http import delivery
from tests.support.refusals import refused
from tests.support.web import CONTRACT
from tests.web.counting_engine import CountingEngine


@pytest.fixture
def copy(release: Release, tmp_path: Path) -> Release:
    """A copy of the release of the real sources, to be damaged."""
    return Release(Path(shutil.copytree(release.folder, tmp_path / release.folder.name)), release.manifest)


@pytest.fixture
def damaged(copy: Release) -> FlaskClient:
    """A client that serves the copy; its queries are answered."""
    return create_app(copy, CountingEngine(), load({}, {}).settings).test_client()


def shorten(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("file", "path", "change"),
    [
        (f"{DUMP}/tout.nt.gz", "/dump/tout.nt.gz", shorten),
        (f"{DUMP}/subdivision.csv", "/dump/subdivision.csv", Path.unlink),
        (REPORT, "/report.json", lambda path: path.write_bytes(b"")),
        (QUESTIONS, "/sparql", shorten),
        (SITE, "/search.json?q=train", shorten),
    ],
)
def test_a_damaged_file_is_a_fault_of_the_server(
    damaged: FlaskClient,
    copy: Release,
    file: str,
    path: str,
    change: Callable[[Path], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    change(copy.folder / file)
    for _ in range(2):
        answer = damaged.get(path, headers={"Accept": "text/html, */*;q=0.5"})
        assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
        assert answer.get_json()["type"].endswith("/release-damaged")
        assert (answer.headers["Cache-Control"], answer.headers.get("ETag")) == ("no-store", None)
        assert str(copy.folder.parent) not in answer.text
    assert str(copy.folder / file) in caplog.text
    assert damaged.get("/ready").status_code == 503


def test_damage_met_while_an_error_is_told_is_told_instead(damaged: FlaskClient, copy: Release) -> None:
    """A 404 reads the release to say what is near the address."""
    path = copy.folder / SITE
    path.write_bytes(b"x" * path.stat().st_size)
    answer = damaged.get("/reconcile/suggest/entity")
    assert answer.status_code == 500 and answer.get_json()["type"].endswith("/release-damaged")


def test_files_that_are_shortened_end_no_process(damaged: FlaskClient, copy: Release) -> None:
    assert damaged.get(f"/doc{CONTRACT}/axe/2.html").status_code == 200
    for path in filter(Path.is_file, copy.folder.rglob("*")):
        shorten(path)
    paths = ("/doc/subdivision.html", f"/doc{CONTRACT}/axe/3.ttl", "/search.html?q=train", "/void.ttl")
    statuses = {damaged.get(path, headers={"Accept": "text/html, */*"}).status_code for path in paths}
    assert 500 in statuses and statuses <= {200, 500}


@pytest.mark.parametrize("coding", ["identity", "br"])
def test_a_file_that_is_cut_while_it_is_read_is_not_stored(damaged: FlaskClient, copy: Release, coding: str) -> None:
    path = copy.folder / DUMP / "tout.ttl"
    whole, read = path.read_bytes(), WholeFile.read
    headers = {"Accept-Encoding": coding}

    def cut_first(file: WholeFile, size: int | None = -1, /) -> bytes:
        shorten(path)
        return read(file, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WholeFile, "read", cut_first)
        assert damaged.get("/dump/tout.ttl", headers=headers).status_code == 500
    path.write_bytes(whole)
    answer = damaged.get("/dump/tout.ttl", headers=headers)
    assert (answer.status_code, answer.headers.get("Content-Encoding", "identity")) == (200, coding)
    assert "ETag" in answer.headers


def test_a_large_file_that_is_cut_breaks_off(
    damaged: FlaskClient, copy: Release, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivery, "WHOLE", 1000)
    path = copy.folder / DUMP / "tout.nq.gz"
    size = path.stat().st_size
    for headers, length in (({}, size), ({"Range": f"bytes=10-{size - 1}"}, size - 10)):
        data = path.read_bytes()
        answer = damaged.get("/dump/tout.nq.gz", headers=headers)
        assert answer.content_length == length
        os.truncate(path, 5)
        with refused("release-damaged", f"{size}"):
            list(answer.iter_encoded())
        answer.close()
        path.write_bytes(data)
    assert caplog.text.count(str(path)) == 1
    assert damaged.get("/ready").status_code == 503
