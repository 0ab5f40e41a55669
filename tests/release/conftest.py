"""What the tests of releases share: the smallest sources, with an ontology that has earlier versions."""

import shutil
from pathlib import Path

import pytest

from tests.support.paths import FICTION, TINY


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Return a copy of the smallest sources there are, which a test may change."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


@pytest.fixture
def versioned(tmp_path: Path) -> Path:
    """Return a copy of the smallest sources, whose ontology is the third of its versions, which a test may change."""
    folder = Path(shutil.copytree(FICTION / "petit", tmp_path / "versioned"))
    return Path(shutil.copytree(FICTION / "versions", folder, dirs_exist_ok=True))
