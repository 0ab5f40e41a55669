"""Fixtures for links: a small data.gouv.fr."""

from collections.abc import Iterator

import pytest

from tests.linking.fake_datagouv import FakeDataGouv, running


@pytest.fixture(autouse=True)
def quick_clients(no_certificates: None) -> None:
    """Make clients of HTTP without certificates."""


@pytest.fixture
def datagouv() -> Iterator[FakeDataGouv]:
    """Return a running data.gouv.fr without datasets but those recorded."""
    with running() as server:
        yield server
