"""The engine elsewhere: queries are read here and answered by another SPARQL 1.1 endpoint, within the same limits."""

import base64
import logging
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.core.i18n import system_language, translate
from cper_lod.core.namespaces import DCT, GRAPH_EMPTY, GRAPH_STORED
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, CancelToken, EngineStatus, Query
from cper_lod.engine.process.engine import ProcessEngine
from cper_lod.engine.process.exchange import QueryExchange
from cper_lod.engine.process.pool import ProcessPool
from cper_lod.engine.remote.rewrite import StoredGraphs, rewrite

log = logging.getLogger("cper_lod")


def stored_graph(digest: str) -> str:
    """Return the name of the graph in another store where the default graph of a release is, given its digest."""
    return f"{GRAPH_STORED}/{digest[:16]}"


class RemoteEngine(ProcessEngine):
    """An `Engine` over the endpoint of the setting `engine`, which holds the release of a digest (`export.push`).

    Each query is read by a process here, its parser the one of the engine inside; what that refuses, a function that it
    does not know, a name of an engine (`bif:`) and a SERVICE are never sent. The process asks the endpoint for the
    dataset of the request, reads the answer to its end and writes it anew, row for row, in the form that is wanted.
    Ending the process closes the connection. What the endpoint's memory does, and whether it works on, is its own.
    """

    def __init__(self, settings: Settings, digest: str, graphs: Collection[str]) -> None:
        """Start the processes, of which none asks anything yet."""
        super().__init__(ProcessPool(None, settings), settings, graphs)
        self._digest = digest
        self._fault = ""
        login = settings.engine_login.encode()
        self._authorization = f"Basic {base64.b64encode(login).decode()}" if login else ""

    def status(self) -> EngineStatus:
        """Return what the engine is doing, and how the endpoint did last."""
        return super().status()._replace(remote=True, fault=self._fault)

    def query(self, query: Query) -> Answer:
        """Return the whole answer to `query`; raises the problems that the port names."""
        with self._track_fault():
            return super().query(query)

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        """Return the whole answer to `query`; raises the problems that the port names."""
        with self._track_fault():
            return await super().query_async(query, cancel)

    def check_endpoint(self, timeout: float | None = None) -> Problem | None:
        """Return why the endpoint cannot answer for this release now, None where it can.

        It is waited for as long as for any query, or so many seconds: a server that starts has pages to serve.
        """
        try:
            self._threads.submit(self.query, Query("ASK {}", RESULTS_JSON, None)).result(timeout)
        except Problem as problem:
            problem_found = problem
        except TimeoutError:
            english, french = (
                translate("engine-silent", "en", what=f"{timeout:g}"),
                translate("engine-silent", "fr", what=f"{timeout:g}"),
            )
            problem_found = Problem("engine-unreachable", message=Phrase(english, fr=french))
        else:
            return None
        self._set_fault(problem_found.kind.code, problem_found)
        return problem_found

    @contextmanager
    def _track_fault(self) -> Iterator[None]:
        """Remember how the endpoint does; where that changes the log has a line."""
        try:
            yield
        except Problem as problem:
            # Whatever else goes wrong may be the query's doing, where it was a reader's.
            if problem.params.get("own") or problem.kind.code in ("engine-unreachable", "engine-release"):
                self._set_fault(problem.kind.code, problem)
            raise
        self._set_fault("")

    def _set_fault(self, code: str, problem: Problem | None = None) -> None:
        if code == self._fault:
            return
        self._fault = code
        lang = system_language(self._settings.lang, dict(os.environ))
        address = self._settings.engine.partition("?")[0]  # what comes after that may be a key
        log.warning("%s: %s", address, problem.words(lang) if problem else translate("log-engine-again", lang))

    def _exchange(self, query: Query) -> QueryExchange:
        return QueryExchange(query, self._settings, self._graphs, self._details)

    def _details(self, query: Query, text: str) -> dict[str, Any]:
        """Return what a process must know: what is sent, of which dataset, by whose leave, and how to be sure."""
        graph = stored_graph(self._digest)
        rewritten = rewrite(
            text, StoredGraphs(graph, tuple(sorted(self._graphs))), query.default_graphs, query.named_graphs
        )
        return {
            "text": rewritten.text,
            "star": rewritten.star,
            "reads_named_graphs": rewritten.reads_named_graphs,
            "dataset": rewritten.dataset,
            "release_check": f'ASK {{ GRAPH <{GRAPH_STORED}> {{ <{graph}> <{DCT}identifier> "{self._digest}" }} }}',
            "release_check_dataset": (("default-graph-uri", GRAPH_EMPTY), ("named-graph-uri", GRAPH_STORED)),
            "authorization": self._authorization,
        }
