"""Remote engine: queries are checked here and answered by another SPARQL 1.1 endpoint, within the same limits."""

import io
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from typing import Any, Final

from cper_lod.core.errors import Problem
from cper_lod.core.files import temporary_folder
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.core.i18n import system_language, translate
from cper_lod.core.namespaces import DCT, GRAPH_EMPTY, GRAPH_STORED
from cper_lod.core.settings import Settings
from cper_lod.engine.base import LIMITS, Answer, EngineStatus, Query, QueryLimits
from cper_lod.engine.embedded import ProcessEngine, engine_problem
from cper_lod.engine.rewrite import rewrite

SOLUTIONS_TYPES: Final = ("application/sparql-results+json", "application/json")
"""The accepted media types of solutions, whose end shows that they are complete; the first one is preferred."""
GRAPH_TYPES: Final = ("application/n-triples", "text/turtle")
log = logging.getLogger("cper_lod")
VERIFIED_SECONDS: Final = 10.0
"""Seconds after which a query checks again that the endpoint holds the release, by its name."""
CHECK_INTERVAL: Final = 600.0
RETRY: Final = 5.0
"""Seconds after which name and number of triples are to be checked again: after a good check, and after a fault."""
COUNT_TIMEOUT: Final = 600.0
"""Seconds within which the endpoint must have counted its triples, while no request waits for it."""
_MAX_ROW: Final = 1000
"""Bytes of one row of the counts, besides the name of the graph."""


def stored_graph(digest: str) -> str:
    """Return the name of the graph that holds the default graph of a release in another store, given the digest."""
    return f"{GRAPH_STORED}/{digest[:16]}"


class RemoteEngine(ProcessEngine):
    """An `Engine` over the endpoint of the setting `engine`, which holds the release with a digest (see `push`).

    Each query is parsed by a query process, with the parser of the embedded engine; a query that it rejects, an unknown
    function, a vendor name (`bif:`) or a SERVICE is never sent. This process sends the query and receives the whole response in a
    file; then a query process reads it to its end and serializes it in the requested format, within its limits.
    """

    def __init__(
        self, settings: Settings, digest: str, triples: Mapping[str, int], limits: QueryLimits = LIMITS
    ) -> None:
        """Start and send nothing yet.

        `triples` is the number of triples of each graph of the release, by name, "" being the default graph.
        """
        from cper_lod.engine.endpoint import Endpoint  # noqa: PLC0415  # HTTP and TLS, which the embedded engine does without

        super().__init__(None, settings, [name for name in triples if name], limits)
        self._digest = digest
        self._triples = {name or stored_graph(digest): count for name, count in triples.items() if count}
        self._endpoint: Endpoint = Endpoint(settings.engine, settings.engine_login, settings.query_timeout)
        self._verified_until = 0.0
        self._unverified: Problem | None = engine_problem("engine-release", "engine-uncounted")
        """Why no query is sent although the endpoint names the release."""
        self.next_check = 0.0
        """When to call `check_endpoint` again (`time.monotonic`)."""

    def close(self) -> None:
        """End all child processes and their queries, and close all connections."""
        super().close()
        self._endpoint.close()

    def status(self) -> EngineStatus:
        """Return what the engine is doing, and the last fault of the endpoint."""
        return super().status()._replace(remote=True)

    def query(self, query: Query) -> Answer:
        """Return the complete answer to `query`; raises the problems listed in `Engine.query`."""
        try:
            answer = super().query(query)
        except Problem as problem:
            # Any other error of a client's query may be caused by the query itself.
            if problem.params.get("own") or problem.kind.code in ("engine-unreachable", "engine-release"):
                self._set_fault(problem)
            raise
        self._set_fault(None)
        return answer

    def check_endpoint(self, timeout: float = COUNT_TIMEOUT) -> Problem | None:
        """Return why the endpoint cannot answer for this release now; None if it names it and has all its triples.

        Waits `timeout` seconds for each of both. Queries are sent once this has returned None, and until it returns a problem.
        """
        started = time.monotonic()
        try:
            self._verify_release(timeout)
            problem = self._compare(self.count_triples(timeout))
        except Problem as error:
            problem = error
        self._unverified = problem and problem.copy()
        self._set_fault(problem)
        ended = time.monotonic()
        self.next_check = ended + (max(RETRY, 10 * (ended - started)) if problem else CHECK_INTERVAL)
        return problem

    def _compare(self, found: Mapping[str, int]) -> Problem | None:
        """Return the problem of the first graph that has not all its triples."""
        for graph, expected in self._triples.items():
            if found.get(graph, 0) != expected:
                return engine_problem(
                    "engine-release", "engine-counts", graph, found=found.get(graph, 0), expected=expected
                )
        return None

    def count_triples(self, timeout: float = COUNT_TIMEOUT) -> dict[str, int]:
        """Return how many triples the endpoint has in each graph of the release, by its name there.

        Raises engine-unreachable, also if that takes longer than `timeout` seconds, and engine-answer.
        """
        text = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        dataset = [("default-graph-uri", GRAPH_EMPTY), *(("named-graph-uri", each) for each in self._triples)]
        size = sum(_MAX_ROW + 6 * len(each) for each in ("", *self._triples))
        answer = self._question(text, dataset, size, timeout)
        try:
            rows = answer["results"]["bindings"]
            return {str(row["g"]["value"]): int(row["n"]["value"]) for row in rows if "g" in row}
        except (LookupError, TypeError, ValueError):
            raise engine_problem("engine-answer", "engine-unreadable", RESULTS_JSON.media_type) from None

    def _question(
        self, text: str, dataset: list[tuple[str, str]], size: int, timeout: float, deadline: float = 0
    ) -> Any:  # noqa: ANN401 - JSON
        """Return the answer to a question of our own, of `size` bytes at most; no fault of it is a client's.

        It may take `timeout` seconds, or until `deadline`, that of a query.
        """
        body = io.BytesIO()
        try:
            self._endpoint.query(text, dataset, SOLUTIONS_TYPES, deadline or time.monotonic() + timeout, body, size)
            return json.loads(body.getvalue())
        except (ValueError, RecursionError):
            raise engine_problem("engine-answer", "engine-unreadable", RESULTS_JSON.media_type) from None
        except Problem as problem:
            if problem.kind.code == "query-result":
                problem = engine_problem("engine-answer", "engine-long", size)
            if problem.kind.code == "query-timeout" and not deadline:
                problem = engine_problem("engine-unreachable", "engine-silent", f"{timeout:g}")
            code = {"query-failed": "engine-answer", "query-queue": "engine-unreachable"}.get(problem.kind.code)
            raise Problem(code or problem.kind.code, **problem.params, own=True) from None

    def _set_fault(self, problem: Problem | None) -> None:
        """Remember why the endpoint cannot answer; log it if that is new, and check again soon."""
        known, self._fault = self._fault, problem and problem.copy()
        if _identity(known) == _identity(problem):
            return
        self.next_check = time.monotonic() + RETRY
        lang = system_language(self._settings.lang, dict(os.environ))
        address = self._settings.engine.partition("?")[0]  # the query string may contain a key
        log.warning("%s: %s", address, problem.words(lang) if problem else translate("log-engine-again", lang))

    def _answer(self, query: Query) -> Answer:
        """Return the answer of the endpoint to a query whose text was checked."""
        deadline, dataset = time.monotonic() + self._settings.query_timeout, (query.default_graphs, query.named_graphs)
        # On an empty store: gives the query form and variables, and the text that names them, or a syntax error.
        parsed, _ = self._ask(query, {"text": query.text, "parse": True}, deadline=deadline)
        form, graph = parsed["form"], stored_graph(self._digest)
        sent = rewrite(parsed["text"], graph, sorted(self._graphs), *dataset, self._settings.endpoint)
        format_ = self._accepted(query, form)
        if time.monotonic() >= self._verified_until:
            self._verify_release(deadline=deadline)
        if self._unverified:
            raise self._unverified.copy()
        types = GRAPH_TYPES if form == "graph" else SOLUTIONS_TYPES
        try:
            spool = tempfile.TemporaryFile(dir=self._limits.spool or temporary_folder())  # noqa: SIM115  # used below
        except OSError:
            raise Problem("query-spool") from None
        with spool as file:
            media = self._endpoint.query(sent.text, sent.dataset, types, deadline, file, self._limits.size)
            # Named graphs keep their names in the next release: they may have been replaced meanwhile.
            if sent.reads_named_graphs:
                self._verify_release(deadline=deadline)
            request = {"media": media, "form": form, "accepted": format_.media_type, "variables": parsed["variables"]}
            _, body = self._ask(query, request, file.fileno(), deadline)
        return Answer(body, format_, form)

    def _verify_release(self, timeout: float = 0, deadline: float = 0) -> None:
        """Raise a problem if the endpoint does not name this release."""
        self._verified_until = 0.0
        graph = stored_graph(self._digest)
        text = f'ASK {{ GRAPH <{GRAPH_STORED}> {{ <{graph}> <{DCT}identifier> "{self._digest}" }} }}'
        dataset = [("default-graph-uri", GRAPH_EMPTY), ("named-graph-uri", GRAPH_STORED)]
        answer = self._question(text, dataset, _MAX_ROW, timeout, deadline)
        if not isinstance(answer, dict) or not isinstance(answer.get("boolean"), bool):
            raise engine_problem("engine-answer", "engine-unreadable", RESULTS_JSON.media_type)
        if not answer["boolean"]:
            self._unverified = engine_problem("engine-release", "engine-uncounted")  # until it was counted anew
            raise engine_problem("engine-release", "engine-other")
        self._verified_until = time.monotonic() + VERIFIED_SECONDS


def _identity(problem: Problem | None) -> str:
    """Return what a fault is known by: of a release its words, of others its kind, since what is said of them may vary."""
    return "" if problem is None else str(problem) if problem.kind.code == "engine-release" else problem.kind.code
