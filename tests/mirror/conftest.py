"""Fixtures for the mirror: a small site."""

import pytest

from cper_lod.core.config import load
from cper_lod.core.settings import Settings
from cper_lod.release.build.build import build
from cper_lod.release.release import Release
from tests.support.paths import TINY


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Settings]:
    """Return the release of the small sources as they are, and settings."""
    folder = tmp_path_factory.mktemp("small")
    settings = load({"releases": folder, "public_url": "http://127.0.0.1:8000"}, environment={}).settings
    return build(folder, TINY), settings
