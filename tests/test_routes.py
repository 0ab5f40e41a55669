"""The routes that README.md and the map tell are those that a request and a file take: what they name is called."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

import cper_lod
from cper_lod.core.settings import Settings
from cper_lod.release.history.publish import publish
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.server.loader import ReleaseLoader
from tests.support.paths import ROOT
from tests.test_docs import text

TINY = ROOT / "tests" / "fictif" / "petit"
NAME = re.compile(r"`([a-z_]+(?:\.\w+)+)`")


def called(run: Callable[[], object]) -> set[str]:
    """Return the functions and classes of the program that are called meanwhile, by their dotted names."""
    found = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("cper_lod."):
            name = f"{module.removeprefix('cper_lod.')}.{frame.f_code.co_qualname}"
            found.update((name, name.rpartition(".")[0]))

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found


def told(page: str, start: str, end: str) -> list[str]:
    """Return the names between two places of a text, in order."""
    found = NAME.findall(page.partition(start)[2].partition(end)[0])
    assert len(found) >= 4, "the text is told otherwise now"
    return found


@pytest.mark.parametrize(
    ("page", "start", "end"),
    [
        (text("README.md"), "(`web.bridge.call`).", "A query does not enter Flask"),
        (cper_lod.__doc__ or "", "\nOne request, ", "POST /sparql"),
    ],
    ids=["README.md", "the map"],
)
def test_the_route_of_a_request(page: str, start: str, end: str, release: Release) -> None:
    client = create_app(release, None, Settings()).test_client()
    path, accept = "/contrat/hauts-de-france-2021-2027", {"Accept": "application/ld+json"}

    def run() -> None:
        assert client.get(f"/id{path}", headers=accept).headers["Location"] == f"/doc{path}.jsonld"
        assert client.get(f"/doc{path}.jsonld").status_code == 200

    assert set(told(page, start, end)) - called(run) == set()


@pytest.fixture(scope="module")
def for_a_file(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return what is called when a file is published, as a command does, and a server process serves it next."""
    folder = tmp_path_factory.mktemp("route")
    sources = Path(shutil.copytree(TINY, folder / "sources"))
    settings = Settings(sources=sources, releases=folder / "releases", query_workers=1)

    def run() -> None:
        publish(settings, by_itself=False)
        stage = ReleaseLoader(settings, "", RequestRecorder(settings)).next()
        assert stage is not None
        stage.close()

    return called(run)


@pytest.mark.parametrize(
    ("page", "start", "end"),
    [
        (text("README.md"), "*The route of one file*", "The map of the"),
        (cper_lod.__doc__ or "", "\nOne file, ", "Every error is"),
    ],
    ids=["README.md", "the map"],
)
def test_the_route_of_a_file(page: str, start: str, end: str, for_a_file: set[str]) -> None:
    assert set(told(page, start, end)) - for_a_file == set()
