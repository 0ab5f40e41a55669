"""Engines on the small index of the tests, and how the tests query them."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from pyoxigraph import Store

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, RESULTS_JSON, TURTLE, Format
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query, QueryLimits
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.engine.remote import RemoteEngine, stored_graph
from cper_lod.push.push import StoreState
from tests.engine.sparql_stores import RunningStore, fill
from tests.support.paths import TESTS
from tests.support.processes import parent

GRAPH = "http://e.org/graph"


def settings(**changes: object) -> Settings:
    """The default settings with `changes`; a fraction of a second is well where the table says whole ones."""
    return replace(Settings(), **cast(dict[str, Any], {"query_workers": 2, **changes}))


LIMITS: dict[str, object] = {"query_timeout": 30, "query_memory": 64}
PATIENT = QueryLimits(wait=600)
"""On a slow machine many queries count as long, and wait for the one place of those."""
SMALL_ANSWERS = PATIENT._replace(size=100_000)
DIGEST = "0123456789abcdef" * 4


def engine_on(
    store: RunningStore | None, index: Path, digest: str, graphs: Sequence[str] = (GRAPH,)
) -> Iterator[ProcessEngine]:
    """Yield an engine on what an index holds: the one inside, or the one elsewhere on a store filled with it."""
    if store is None:
        with ProcessEngine(index, settings(**LIMITS), graphs, limits=SMALL_ANSWERS) as inside:
            yield inside
        return
    bodies = held(index, digest)
    fill(store, bodies, StoreState({stored_graph(digest): digest}))
    default, named = bodies.get(stored_graph(digest), b""), {name: bodies.get(name, b"") for name in graphs}
    triples = {name: body.count(b"\n") for name, body in {"": default, **named}.items()}
    with RemoteEngine(settings(engine=store.query, **LIMITS), digest, triples, SMALL_ANSWERS) as elsewhere:
        assert elsewhere.check_endpoint() is None
        yield elsewhere


def held(index: Path, digest: str) -> dict[str, bytes]:
    """The graphs of an index as N-Triples, by the names that they have in another store."""
    graphs: dict[str, bytes] = {}
    for quad in Store.read_only(str(index)):
        name = getattr(quad.graph_name, "value", stored_graph(digest))
        graphs[name] = graphs.get(name, b"") + f"{quad.triple} .\n".encode()
    return graphs


def differences() -> dict[tuple[str, str], str]:
    """What stores do otherwise than the engine inside: the reason, by the store and the name of the test."""
    rows = tomllib.loads((TESTS / "engine" / "differences.toml").read_text("utf-8"))
    return {(kind, name): reason for kind, names in rows.items() for name, reason in names.items()}


def ask(
    engine: ProcessEngine,
    text: str,
    form: Format | None = RESULTS_JSON,
    graph: Format | None = TURTLE,
    dataset: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
) -> Answer:
    """Ask with the usual forms."""
    return engine.query(Query(text, form, graph, *dataset, accept="image/png"))


def refusal(
    engine: ProcessEngine, text: str, form: Format | None = RESULTS_JSON, graph: Format | None = TURTLE
) -> Problem:
    """Return the problem that a query meets."""
    with pytest.raises(Problem) as caught:
        ask(engine, text, form, graph)
    return caught.value


# Private: an engine shows only how many processes it has, and how many queries run.


def processes(engine: ProcessEngine) -> set[int]:
    """The query processes that an engine has, the spare one included."""
    with engine._pool._lock:
        running = [turn.process for turn in engine._pool._running]
        return {process.pid for process in (*running, *engine._pool._idle) if process}


def busy_processes(engine: ProcessEngine) -> set[int]:
    """The processes of an engine that run a query now."""
    with engine._pool._lock:
        return {turn.process.pid for turn in engine._pool._running if turn.process}


def places_taken(engine: ProcessEngine) -> int:
    """The number of queries of an engine that have a place for long ones."""
    with engine._pool._lock:
        return sum(turn.is_long for turn in engine._pool._running)


def forker(engine: ProcessEngine) -> int:
    """The process from which all query processes of an engine are forked."""
    (found,) = {parent(pid) for pid in processes(engine)}
    return found


def serves(engine: ProcessEngine) -> bool:
    """Whether an engine answers a short query."""
    return ask(engine, SMALL, CSV).body == FAST


ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
GREEDY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i"
LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 5000"
CRASH = "SELECT * { ?s ?p ?o FILTER(" + "!" * 250_000 + "?o) }"
SMALL = "SELECT ?n { <http://schema.org/n7> ?p ?n }"
FAST = b"n\r\nname 7\r\n"
WORKER_LIMITS: dict[str, Any] = {
    "memory": 64,
    "cpu": 10,
    "bytes": 10**7,
    "rows": 10**6,
    "spool": "/var/tmp",  # noqa: S108
    "prefixes": {},
    "base": "",
    "data": "",
}
"""The limits of a query process."""
