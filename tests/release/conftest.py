"""What the tests of releases share: data served as given, the real ontology."""

from collections.abc import Callable

import pytest
from pyoxigraph import Store

from cper_lod.release.build.build import build
from cper_lod.release.docs.documentation import Documentation, Ontology
from cper_lod.release.release import INDEX, Release
from tests.support.paths import ROOT


@pytest.fixture(scope="session")
def release_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Release]:
    """Return a function that builds a release of TriG, served as given."""

    def built(text: str) -> Release:
        folder = tmp_path_factory.mktemp("given")
        (folder / "data.trig").write_text(text, "utf-8")
        return build(folder / "releases", ROOT, data=(folder / "data.trig",))

    return built


@pytest.fixture(scope="session")
def store(release: Release) -> Store:
    """Return the index of the real release, for queries."""
    return Store.read_only(str(release.folder / INDEX))


@pytest.fixture(scope="session")
def ours(release: Release) -> Ontology:
    """Return the ontology of the real release."""
    return Documentation(release).ontology
