"""A remote engine on an endpoint of the test's own."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, TURTLE, Format
from cper_lod.core.namespaces import GRAPH_STORED
from cper_lod.engine.base import Query, QueryLimits
from cper_lod.engine.remote import RemoteEngine, stored_graph
from tests.engine.engines import DIGEST, GRAPH, PATIENT, settings
from tests.engine.fake_endpoint import Endpoint, Reply, answer

JSON, XML, NT = "application/sparql-results+json", "application/sparql-results+xml", "application/n-triples"
ROW = b'{"x":{"type":"literal","value":"1"}}'
ROWS = b'{"head":{"vars":["x"]},"results":{"bindings":[' + ROW + b"]}}"
TRUE = b'{"head":{},"boolean":true}'
TRIPLES = {"": 3, GRAPH: 2}
"""The release of these tests: how many triples its default graph has, and its only named one."""
SELECT, ASK, CONSTRUCT = "SELECT ?x { ?x ?p ?o }", "ASK { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"


def parameters(request: bytes) -> list[tuple[str, str]]:
    """The parameters of a form that was sent."""
    return parse_qsl(request.partition(b"\r\n\r\n")[2].decode(), strict_parsing=True)


def is_mark(request: bytes) -> bool:
    return f"<{GRAPH_STORED}>" in parameters(request)[0][1]


def is_count(request: bytes) -> bool:
    return "COUNT(*) AS ?n" in parameters(request)[0][1]


def counts(**graphs: int) -> bytes:
    """What an endpoint counts in the graph of the default graph, and in the named one."""
    names = {"default": stored_graph(DIGEST), "named": GRAPH}
    rows = [{"g": {"value": names[name]}, "n": {"value": str(count)}} for name, count in graphs.items()]
    return json.dumps({"head": {"vars": ["g", "n"]}, "results": {"bindings": rows}}).encode()


COUNTED = counts(default=3, named=2)


class ScriptedEndpoint(Endpoint):
    """An endpoint that says of the release what `held` and `counted` are, and answers everything else with `answered`."""

    held: Reply = answer(TRUE)
    counted: Reply = answer(COUNTED)

    def __init__(self, answered: Reply) -> None:
        super().__init__(self._say)
        self.answered = answered

    def _say(self, connection: socket.socket) -> None:
        request = self.requests[-1]
        reply = self.held if is_mark(request) else self.counted if is_count(request) else self.answered
        connection.sendall(reply) if isinstance(reply, bytes) else reply(connection)


@contextmanager
def far(reply: Reply, limits: QueryLimits = PATIENT, **more: object) -> Iterator[tuple[RemoteEngine, ScriptedEndpoint]]:
    """An engine that has checked its endpoint, without the requests of that check."""
    with ScriptedEndpoint(reply) as endpoint:
        changes = {"query_workers": 1, "query_timeout": 5, "engine": endpoint.url, "lang": "en", **more}
        with RemoteEngine(settings(**changes), DIGEST, TRIPLES, limits) as engine:
            if not engine.check_endpoint():
                endpoint.requests.clear()
            yield engine, endpoint


def refused(reply: Reply, text: str = SELECT, form: Format = CSV, **limits: Any) -> Problem:  # noqa: ANN401
    with far(reply, **limits) as (engine, _), pytest.raises(Problem) as caught:
        engine.query(Query(text, form, TURTLE))
    assert str(caught.value)
    assert caught.value.words("fr").detail
    return caught.value
