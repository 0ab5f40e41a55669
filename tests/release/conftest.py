"""What the tests of releases share: the real index and ontology."""

import pytest
from pyoxigraph import Store

from cper_lod.release.docs.documentation import Documentation, Ontology
from cper_lod.release.release import INDEX, Release


@pytest.fixture(scope="session")
def store(release: Release) -> Store:
    """Return the index of the real release, for queries."""
    return Store.read_only(str(release.folder / INDEX))


@pytest.fixture(scope="session")
def ours(release: Release) -> Ontology:
    """Return the ontology of the real release."""
    return Documentation(release).ontology
