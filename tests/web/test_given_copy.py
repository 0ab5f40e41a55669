"""The same data without their sources: what the release contains decides which pages there are."""

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cper_lod.release.release import DUMP, Release
from tests.support.nquads_release import client_without_engine, given_release
from tests.support.web import CONTRACT, HTML
from tests.web.html_page import page


@pytest.fixture(scope="module")
def copy(release: Release, releases: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client that serves the dump of the real sources as given."""
    path = tmp_path_factory.mktemp("copy") / "tout.nq"
    path.write_bytes(gzip.decompress((release.folder / DUMP / "tout.nq.gz").read_bytes()))
    return client_without_engine(given_release(releases, path))


PATHS = (
    *("/", "/doc", f"/doc{CONTRACT}", f"/plan{CONTRACT}.csv", f"/embed{CONTRACT}/parts", f"/cite{CONTRACT}.bib"),
    *("/links", "/catalog", "/void.ttl", "/ontology", "/ontology/term/Subdivision", "/download", "/report"),
    "/openapi.json",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_there_for_what_the_data_contain(copy: FlaskClient, path: str) -> None:
    assert copy.get(path, headers=HTML if "." not in path else {}).status_code == 200


def test_what_they_do_not_contain_is_absent(copy: FlaskClient) -> None:
    """Shapes are no part of the dumps: nothing says that these data conform to them."""
    assert copy.get("/shapes", headers=HTML).status_code == 404
    home = page(copy, "/")
    assert "/shapes" not in home.links
    assert {"/download", "/developers"} <= set(home.links)
    assert copy.get(f"/doc{CONTRACT}.json").get_json()["type"] != "Contrat"
