"""Remote engine: queries are checked here and answered by another SPARQL 1.1 endpoint, within the same limits."""

import json
import logging
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any, Final

from cper_lod.core.errors import LANGUAGES, Phrase, Problem
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.core.i18n import system_language, translate
from cper_lod.core.namespaces import DCT, GRAPH_EMPTY, GRAPH_STORED
from cper_lod.core.settings import Settings
from cper_lod.engine.base import LIMITS, Answer, EngineStatus, Query, QueryLimits, Spool
from cper_lod.engine.embedded import ProcessEngine, engine_problem
from cper_lod.engine.pool import Pool, Reply, Turn
from cper_lod.engine.rewrite import rewrite

log = logging.getLogger("cper_lod")
VERIFIED_SECONDS: Final = 10.0
"""Seconds after which to check again that the endpoint holds the release."""


def stored_graph(digest: str) -> str:
    """Return the name of the graph that holds the default graph of a release in another store, given the digest."""
    return f"{GRAPH_STORED}/{digest[:16]}"


class RemoteEngine(ProcessEngine):
    """An `Engine` over the endpoint of the setting `engine`, which holds the release with a digest (see `push`).

    Each query is parsed by a query process, with the parser of the embedded engine; a query that it rejects, an unknown
    function, a vendor name (`bif:`) or a SERVICE is never sent. This process sends the query, and passes the response on as
    it arrives; the query process reads it to its end and serializes it in the requested format, within its limits.
    """

    def __init__(self, settings: Settings, digest: str, graphs: Collection[str], limits: QueryLimits = LIMITS) -> None:
        """Start the processes; nothing is sent yet."""
        from cper_lod.engine.endpoint import Endpoint  # noqa: PLC0415  # HTTP and TLS, which the embedded engine does without

        super().__init__(Pool(None, settings, None, limits), settings, graphs, limits)
        self._digest = digest
        self._endpoint: Endpoint = Endpoint(
            settings.engine, settings.engine_login, settings.query_workers + 1, settings.query_timeout
        )
        self._verified_until = 0.0

    def close(self) -> None:
        """End all child processes and their queries, and close all connections."""
        super().close()
        self._endpoint.close()

    def status(self) -> EngineStatus:
        """Return what the engine is doing, and the last fault of the endpoint."""
        return super().status()._replace(remote=True)

    def query(self, query: Query) -> Answer:
        """Return the complete answer to `query`; raises the problems listed in `Engine.query`."""
        with self._track_fault():
            return super().query(query)

    def check_endpoint(self, timeout: float | None = None) -> Problem | None:
        """Return why the endpoint cannot answer for this release now; None if it can.

        Waits as long as for any query, or `timeout` seconds.
        """

        def check(turn: Turn) -> None:
            limit = self._settings.query_timeout if timeout is None else timeout
            self._verify_release(turn, time.monotonic() + limit)

        try:
            self._pool.run(Query("ASK {}", RESULTS_JSON, None), check)
        except Problem as problem:
            fault = problem
            if problem.kind.code == "query-timeout" and timeout is not None:
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

    def _answer(self, turn: Turn, query: Query, text: str) -> Answer:
        """Return the answer of the endpoint to a query whose text was checked."""
        dataset = query.default_graphs, query.named_graphs
        sent = rewrite(text, stored_graph(self._digest), sorted(self._graphs), *dataset, self._settings.endpoint)
        # On an empty store: gives the query form and variables, or a syntax error.
        parsed = self._checked(turn, text, turn.ask({"text": text, "parse": True})).details
        form, variables, sent_text = parsed["form"], parsed["variables"], sent.text
        if sent.star >= 0 and variables:
            # Engines order the variables of `*` differently: name them in our order.
            sent_text = f"{sent_text[: sent.star]} {' '.join(variables)} {sent_text[sent.star + 1 :]}"
        format_ = self._accepted(query, form)
        if time.monotonic() >= self._verified_until:
            self._verify_release(turn, turn.deadline)
        reply = self._send(turn, form, sent_text, sent.dataset, format_.name, variables, turn.deadline)
        if sent.reads_named_graphs:  # these keep their names in the next release: they may have been replaced meanwhile
            try:
                self._verify_release(turn, turn.deadline)
            except BaseException:
                if isinstance(reply.body, Spool):
                    reply.body.close()
                raise
        return Answer(reply.body, format_, form, has_blank_nodes=reply.details["blank"])

    def _verify_release(self, turn: Turn, deadline: float) -> None:
        """Raise a problem if the endpoint does not hold this release."""
        self._verified_until = 0.0
        graph = stored_graph(self._digest)
        text = f'ASK {{ GRAPH <{GRAPH_STORED}> {{ <{graph}> <{DCT}identifier> "{self._digest}" }} }}'
        dataset = [("default-graph-uri", GRAPH_EMPTY), ("named-graph-uri", GRAPH_STORED)]
        try:
            reply = self._send(turn, "ask", text, dataset, RESULTS_JSON.name, [], deadline)
            if not json.loads(reply.body if isinstance(reply.body, bytes) else b"")["boolean"]:
                raise engine_problem("engine-release", "engine-other")
        except Problem as problem:  # never the fault of a client's query
            code = "engine-answer" if problem.kind.code == "query-failed" else problem.kind.code
            raise Problem(code, **{**problem.params, "own": True}) from None
        self._verified_until = time.monotonic() + VERIFIED_SECONDS

    def _send(
        self,
        turn: Turn,
        form: str,
        text: str,
        dataset: list[tuple[str, str]],
        name: str,
        variables: list[str],
        deadline: float,
    ) -> Reply:
        """Return the endpoint's response in the format `name`; raises a problem unless it has this form and these variables."""
        from cper_lod.engine.endpoint import GRAPH_TYPES, SOLUTIONS_TYPES  # noqa: PLC0415

        types = GRAPH_TYPES if form == "graph" else SOLUTIONS_TYPES
        with self._endpoint.query(text, dataset, types, turn, deadline) as (media, pieces):

            def feed(channel: socket) -> None:
                for piece in pieces:
                    channel.settimeout(max(0.001, deadline - time.monotonic()))
                    try:
                        channel.sendall(piece)
                    except ConnectionError:  # the process has read enough: its reply says what is wrong
                        return

            request: dict[str, Any] = {"media": media, "form": form, "name": name, "variables": variables}
            return self._checked(turn, text, turn.ask(request, feed))
