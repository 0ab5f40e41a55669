"""A small Oxigraph index, engines on it, and how the tests ask them.

The fixture `engine` is the engine inside, and the one elsewhere on each real store: a test that takes it says what any
engine does. What a store does otherwise is a row of `differences.toml`: its test has to fail there.
"""

import gc
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from cper_lod.core.errors import Problem
from cper_lod.core.formats import RESULTS_JSON, TURTLE, Format
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.engine.process.embedded import EmbeddedEngine
from cper_lod.engine.process.engine import ProcessEngine
from cper_lod.engine.remote.engine import RemoteEngine, stored
from cper_lod.push.push import Marker
from tests.support.sparql_stores import STORES, Running, fill

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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for `localhost`, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    extension = "subjectAltName=DNS:localhost"
    files = ["-addext", extension, "-out", str(folder / "certificate"), "-keyout", str(folder / "key")]
    subprocess.run([*command.split(), *files], check=True, capture_output=True, timeout=20)
    return folder / "certificate", folder / "key"


def settings(**changes: object) -> Settings:
    """The default settings with `changes`; a fraction of a second is well where the table says whole ones."""
    return replace(Settings(), **cast(dict[str, Any], {"query_workers": 2, **changes}))


LIMITS: dict[str, object] = {"query_timeout": 5, "query_bytes": 100_000, "query_memory": 64}
DIGEST = "0123456789abcdef" * 4
KINDS = [
    "embedded",
    pytest.param("oxigraph", marks=[pytest.mark.oxigraph, pytest.mark.slow]),
    pytest.param("virtuoso", marks=[pytest.mark.virtuoso, pytest.mark.slow]),
]


@pytest.fixture(scope="session")
def embedded(index: Path) -> Iterator[EmbeddedEngine]:
    """The engine inside with a short time limit, for all tests that leave it as they found it."""
    with EmbeddedEngine(index, settings(**LIMITS), [GRAPH]) as made:
        yield made


@pytest.fixture(scope="session", params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running | None]:
    """Each real store that the tests start, and nothing for the engine inside."""
    if request.param == "embedded":
        yield None
        return
    with STORES[request.param](tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture(scope="session")
def engine(store: Running | None, index: Path) -> Iterator[ProcessEngine]:
    """Each kind of engine with a short time limit, for all tests that leave it as they found it."""
    yield from engine_on(store, index, DIGEST)


def engine_on(
    store: Running | None, index: Path, digest: str, graphs: Sequence[str] = (GRAPH,)
) -> Iterator[ProcessEngine]:
    """Yield an engine on what an index holds: the one inside, or the one elsewhere on a store filled with it."""
    if store is None:
        with EmbeddedEngine(index, settings(**LIMITS), graphs) as inside:
            yield inside
        return
    fill(store, held(index, digest), Marker({stored(digest): digest}))
    with RemoteEngine(settings(engine=store.query, **LIMITS), digest, graphs) as elsewhere:
        yield elsewhere


def held(index: Path, digest: str) -> dict[str, bytes]:
    """The graphs of an index as N-Triples, by the names that they have in another store."""
    graphs: dict[str, bytes] = {}
    for quad in Store.read_only(str(index)):
        name = getattr(quad.graph_name, "value", stored(digest))
        graphs[name] = graphs.get(name, b"") + f"{quad.triple} .\n".encode()
    return graphs


def differences() -> dict[tuple[str, str], str]:
    """What stores do otherwise than the engine inside: the reason, by the store and the name of the test."""
    rows = tomllib.loads((Path(__file__).parent / "differences.toml").read_text("utf-8"))
    return {(kind, name): reason for kind, names in rows.items() for name, reason in names.items()}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect each difference of the table to be seen: a test that passes all the same fails."""
    known = differences()
    for item in items:
        kind = getattr(item, "callspec", None) and item.callspec.params.get("store")  # type: ignore[attr-defined]
        name = item.name.replace(f"[{kind}-", "[").removesuffix(f"[{kind}]").replace(f"-{kind}]", "]")
        if reason := known.get((str(kind), name)):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def ask(
    engine: ProcessEngine,
    text: str,
    form: Format | None = RESULTS_JSON,
    graph: Format | None = TURTLE,
    dataset: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
) -> Answer:
    """Ask with the usual forms."""
    return engine.ask(Query(text, form, graph, *dataset, accept="image/png"))


def refusal(
    engine: ProcessEngine, text: str, form: Format | None = RESULTS_JSON, graph: Format | None = TURTLE
) -> Problem:
    """Return the problem that a query meets."""
    with pytest.raises(Problem) as caught:
        ask(engine, text, form, graph)
    return caught.value


def processes(engine: ProcessEngine, *, ready: bool = False) -> set[int]:
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
