"""What the tests of releases share: the smallest sources, with an ontology that has earlier versions; data served as given."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cper_lod.release.build.build import build_data
from cper_lod.release.release import Release
from tests.support.paths import FICTION, ROOT, TINY


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Return a copy of the smallest sources there are, which a test may change."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


@pytest.fixture
def versioned(tmp_path: Path) -> Path:
    """Return a copy of the smallest sources, whose ontology is the third of its versions, which a test may change."""
    folder = Path(shutil.copytree(FICTION / "petit", tmp_path / "versioned"))
    return Path(shutil.copytree(FICTION / "versions", folder, dirs_exist_ok=True))


@pytest.fixture(scope="session")
def release_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Release]:
    """Return a function that builds a release of TriG, served as given."""

    def built(text: str) -> Release:
        folder = tmp_path_factory.mktemp("given")
        (folder / "data.trig").write_text(text, "utf-8")
        return build_data(folder / "releases", ROOT, (folder / "data.trig",))

    return built
