"""A client of the application that serves the real ontology."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from cper_lod.release.release import Release
from tests.support.web import client_of


@pytest.fixture(scope="module")
def client(release: Release) -> Iterator[FlaskClient]:
    """A client of the application in this process, serving the release of the real sources."""
    yield from client_of(release, query_workers=1)
