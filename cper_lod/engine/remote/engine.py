"""Remote engine: queries are checked here and answered by another SPARQL 1.1 endpoint, within the same limits."""

import base64
import logging
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from cper_lod.core.errors import LANGUAGES, Phrase, Problem
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.core.i18n import system_language, translate
from cper_lod.core.namespaces import DCT, GRAPH_EMPTY, GRAPH_STORED
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, CancelToken, EngineStatus, Query
from cper_lod.engine.process.engine import ProcessEngine
from cper_lod.engine.process.pool import ProcessPool
from cper_lod.engine.remote.rewrite import rewrite

log = logging.getLogger("cper_lod")


def stored_graph(digest: str) -> str:
    """Return the name of the graph that holds the default graph of a release in another store, given the digest."""
    return f"{GRAPH_STORED}/{digest[:16]}"


class RemoteEngine(ProcessEngine):
    """An `Engine` over the endpoint of the setting `engine`, which holds the release with a digest (see `push`).

    Each query is parsed by a process here, with the parser of the embedded engine; a query that it rejects, an unknown
    function, a vendor name (`bif:`) or a SERVICE is never sent. The process queries the dataset of the request at the
    endpoint, reads the response to the end, and serializes it row by row in the requested format. Killing the process
    closes the connection; whether the endpoint then continues is not under our control.
    """

    def __init__(self, settings: Settings, digest: str, graphs: Collection[str]) -> None:
        """Start the processes; they do not connect yet."""
        super().__init__(ProcessPool(None, settings), settings, graphs)
        self._digest = digest
        login = settings.engine_login.encode()
        self._authorization = f"Basic {base64.b64encode(login).decode()}" if login else ""

    def status(self) -> EngineStatus:
        """Return what the engine is doing, and the last fault of the endpoint."""
        return super().status()._replace(remote=True, fault=self._fault)

    async def _run(self, query: Query, cancel: CancelToken | None) -> Answer:
        with self._track_fault():
            return await super()._run(query, cancel)

    def check_endpoint(self, timeout: float | None = None) -> Problem | None:
        """Return why the endpoint cannot answer for this release now; None if it can.

        Waits as long as for any query, or `timeout` seconds.
        """
        try:
            self._threads.submit(self.query, Query("ASK {}", RESULTS_JSON, None)).result(timeout)
        except Problem as problem:
            fault = problem
        except TimeoutError:
            said = (translate("engine-silent", lang, what=f"{timeout:g}") for lang in reversed(LANGUAGES))
            fault = Problem("engine-unreachable", message=Phrase(*said))
        else:
            return None
        self._set_fault(fault)
        return fault

    @contextmanager
    def _track_fault(self) -> Iterator[None]:
        """Record the state of the endpoint; each change is logged."""
        try:
            yield
        except Problem as problem:
            # Any other error of a client's query may be caused by the query itself.
            if problem.params.get("own") or problem.kind.code in ("engine-unreachable", "engine-release"):
                self._set_fault(problem)
            raise
        self._set_fault(None)

    def _set_fault(self, problem: Problem | None) -> None:
        code = problem.kind.code if problem else ""
        if code == self._fault:
            return
        self._fault = code
        lang = system_language(self._settings.lang, dict(os.environ))
        address = self._settings.engine.partition("?")[0]  # the query string may contain a key
        log.warning("%s: %s", address, problem.words(lang) if problem else translate("log-engine-again", lang))

    def _details(self, query: Query, text: str) -> dict[str, Any]:
        """Return what a process must know: the text to send, its dataset, the login, and how to verify the release."""
        graph = stored_graph(self._digest)
        dataset = query.default_graphs, query.named_graphs
        return {
            **rewrite(text, graph, sorted(self._graphs), *dataset, self._settings.endpoint)._asdict(),
            "release_check": f'ASK {{ GRAPH <{GRAPH_STORED}> {{ <{graph}> <{DCT}identifier> "{self._digest}" }} }}',
            "release_check_dataset": (("default-graph-uri", GRAPH_EMPTY), ("named-graph-uri", GRAPH_STORED)),
            "authorization": self._authorization,
        }
