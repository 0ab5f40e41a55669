"""Fixtures for links: a small udata, no waiting, the graph of the data."""

import time
from collections.abc import Iterator

import pytest

from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from tests.support.fake_udata import FakeUdata, running
from tests.support.paths import ROOT
from tests.support.udata_datasets import eleven


@pytest.fixture(autouse=True)
def quick_clients(no_certificates: None) -> None:
    """Make clients of HTTP without certificates."""


@pytest.fixture
def udata() -> Iterator[FakeUdata]:
    """Return a running udata with the eleven datasets."""
    with running(eleven(), recorded=True) as server:
        yield server


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the requested sleeps, which do not happen."""
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", asked.append)
    return asked


@pytest.fixture(scope="session")
def graph() -> Graph:
    """Return the graph of the data."""
    files = sorted((ROOT / "data").rglob("*.ttl"))
    return Graph(quad for number, file in enumerate(files) for quad in read(file, scope=f"f{number}"))
