"""A small Oxigraph index, and engines on it.

The fixture `engine` is the embedded engine, and the remote engine on each real store: a test with this fixture holds for
every engine. Deviations of stores are rows of `differences.toml`: such a test must fail there.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from cper_lod.engine.embedded import ProcessEngine
from tests.engine.engines import DIGEST, GRAPH, differences, engine_on
from tests.engine.sparql_stores import STORES, RunningStore


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index: 500 names, some awkward statements, one named graph."""
    folder = tmp_path_factory.mktemp("engine") / "index"
    store = Store(str(folder))
    name = NamedNode("http://schema.org/name")
    awkward = NamedNode("http://e.org/awkward")
    store.bulk_extend(
        [
            *(Quad(NamedNode(f"http://schema.org/n{i}"), name, Literal(f"name {i}")) for i in range(500)),
            Quad(awkward, NamedNode("http://e.org/ends/"), Literal("slash")),
            Quad(NamedNode("http://e.org/control"), name, Literal("a\x01b")),
            Quad(NamedNode("http://e.org/return"), name, Literal("a\rb & <c>")),
            Quad(NamedNode("http://e.org/s"), name, Literal("in the graph"), NamedNode(GRAPH)),
        ]
    )
    store.flush()
    del store
    return folder


KINDS = [
    "embedded",
    pytest.param("oxigraph", marks=[pytest.mark.oxigraph, pytest.mark.slow]),
    pytest.param("virtuoso", marks=[pytest.mark.virtuoso, pytest.mark.slow]),
]


@pytest.fixture(scope="session")
def embedded(index: Path) -> Iterator[ProcessEngine]:
    """The embedded engine with a short time limit, for tests that do not change it."""
    yield from engine_on(None, index, DIGEST)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads to ask in, which end once the engine of the test has."""
    with ThreadPoolExecutor(12) as made:
        yield made


@pytest.fixture(scope="session")
def running_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], RunningStore]]:
    """What starts a real store when it is first asked for; it runs on until the end, whatever other kinds run meanwhile."""
    with ExitStack() as running:
        yield cache(lambda name: running.enter_context(STORES[name](tmp_path_factory.mktemp("store"))))


@pytest.fixture(scope="session", params=KINDS)
def store(request: pytest.FixtureRequest, running_store: Callable[[str], RunningStore]) -> RunningStore | None:
    """Each real store that the tests start, and None for the embedded engine."""
    return None if request.param == "embedded" else running_store(request.param)


@pytest.fixture(scope="module")  # other modules load other data into the store
def engine(store: RunningStore | None, index: Path) -> Iterator[ProcessEngine]:
    """Each kind of engine with a short time limit, for tests that do not change it."""
    yield from engine_on(store, index, DIGEST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of `differences.toml` as expected to fail; such a test fails if it passes."""
    known = differences()
    for item in items:
        kind = getattr(item, "callspec", None) and item.callspec.params.get("store")  # type: ignore[attr-defined]
        name = item.name.replace(f"[{kind}-", "[").removesuffix(f"[{kind}]").replace(f"-{kind}]", "]")
        if reason := known.get((str(kind), name)):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
