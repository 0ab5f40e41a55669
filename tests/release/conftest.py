"""What the tests of releases share: the smallest sources, with an ontology that has earlier versions."""

import shutil
from pathlib import Path

import pytest

FICTIF = Path(__file__).parents[1] / "fictif"


@pytest.fixture
def versioned(tmp_path: Path) -> Path:
    """Return a copy of the smallest sources, whose ontology is the third of its versions, which a test may change."""
    folder = Path(shutil.copytree(FICTIF / "petit", tmp_path / "versioned"))
    return Path(shutil.copytree(FICTIF / "versions", folder, dirs_exist_ok=True))
