"""A small Oxigraph index, engines on it, and how the tests ask them."""

import gc
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from cper_lod.engine.embedded import EmbeddedEngine
from cper_lod.engine.engine import Answer, Query
from cper_lod.terms.formats import RESULTS_JSON, TURTLE, Format
from cper_lod.terms.problems import Problem
from cper_lod.terms.settings import Settings

GRAPH = "http://e.org/graph"
ROWS = 500


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index: 500 names, a few awkward statements, one named graph."""
    folder = tmp_path_factory.mktemp("engine") / "index"
    store = Store(str(folder))
    name = NamedNode("http://schema.org/name")
    awkward = NamedNode("http://e.org/awkward")
    store.bulk_extend(
        [
            *(Quad(NamedNode(f"http://schema.org/n{i}"), name, Literal(f"name {i}")) for i in range(ROWS)),
            Quad(awkward, NamedNode("http://e.org/ends/"), Literal("slash")),
            Quad(NamedNode("http://e.org/control"), name, Literal("a\x01b")),
            Quad(NamedNode("http://e.org/return"), name, Literal("a\rb & <c>")),
            Quad(NamedNode("http://e.org/s"), name, Literal("in the graph"), NamedNode(GRAPH)),
        ]
    )
    store.flush()
    del store
    return folder


def settings(**changes: object) -> Settings:
    """The default settings with `changes`; a fraction of a second is well where the table says whole ones."""
    return replace(Settings(), **cast(dict[str, Any], {"query_workers": 2, **changes}))


@pytest.fixture(scope="session")
def engine(index: Path) -> Iterator[EmbeddedEngine]:
    """An engine with a short time limit, for all tests that leave it as they found it."""
    with EmbeddedEngine(index, settings(query_timeout=5, query_bytes=100_000, query_memory=64), [GRAPH]) as made:
        yield made


def ask(
    engine: EmbeddedEngine,
    text: str,
    form: Format | None = RESULTS_JSON,
    graph: Format | None = TURTLE,
    dataset: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
) -> Answer:
    """Ask with the usual forms."""
    return engine.ask(Query(text, form, graph, *dataset, accept="image/png"))


def refusal(
    engine: EmbeddedEngine, text: str, form: Format | None = RESULTS_JSON, graph: Format | None = TURTLE
) -> Problem:
    """Return the problem that a query meets."""
    with pytest.raises(Problem) as caught:
        ask(engine, text, form, graph)
    return caught.value


def processes(engine: EmbeddedEngine, *, ready: bool = False) -> set[int]:
    """The processes that an engine has, the spare one included; with `ready` not those that are being born."""
    return {child.pid for child in list(engine._pool._keeper._children.values()) if child.ready or not ready}


def children(of: Path = Path("/proc/self")) -> set[int]:
    """The processes below this one that are not reaped: templates, and the forks of those."""
    found: set[int] = set()
    with suppress(OSError):  # it has ended meanwhile
        for task in (of / "task").iterdir():
            with suppress(OSError):  # a thread that has ended
                found.update(map(int, (task / "children").read_text().split()))
    return found.union(*(children(Path(f"/proc/{pid}")) for pid in found))


def open_files() -> int:
    """How many file descriptors this process has, once those that other tests left to the collector are gone."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))
