"""Remote engine: queries are checked here and answered by another SPARQL 1.1 endpoint, within the same limits."""

import base64
import json
import logging
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import httpx

from cper_lod.core.errors import Problem
from cper_lod.core.files import temporary_folder
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.core.i18n import system_language, translate
from cper_lod.core.namespaces import DCT, GRAPH_EMPTY, GRAPH_STORED
from cper_lod.core.settings import Settings
from cper_lod.engine.base import LIMITS, Answer, EngineStatus, Query, QueryLimits
from cper_lod.engine.embedded import COUNT_TIMEOUT, ProcessEngine, engine_problem
from cper_lod.engine.endpoint import MAX_ERROR, Bounds, TransferError, client
from cper_lod.engine.rewrite import rewrite
from cper_lod.engine.syntax import one_at_a_time

SOLUTIONS_TYPES: Final = ("application/sparql-results+json", "application/json")
"""The accepted media types of solutions, whose end shows that they are complete; the first one is preferred."""
GRAPH_TYPES: Final = ("application/n-triples", "text/turtle")
log = logging.getLogger("cper_lod")
VERIFIED_SECONDS: Final = 10.0
"""Seconds after which a query checks again that the endpoint holds the release, by its name."""
CHECK_INTERVAL: Final = 600.0
RETRY: Final = 5.0
"""Seconds after which name and number of triples are to be checked again: after a good check, and after a fault."""
_MAX_ROW: Final = 1000
"""Bytes of one row of the counts, besides the name of the graph."""


_STATUSES: Final = {**dict.fromkeys((429, 503), "query-queue"), **dict.fromkeys((400, 413, 414, 422), "query-failed")}
"""What a status says of a query, if not that the endpoint is wrong."""
_OF_OURS: Final = {
    **dict.fromkeys(("query-timeout", "query-queue"), "engine-unreachable"),
    "query-result": "engine-answer",
    "query-failed": "engine-answer",
}
"""What is no fault of a query where the question is ours."""
T = TypeVar("T")


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
        super().__init__(None, settings, [name for name in triples if name], limits)
        self._digest = digest
        self._triples = {name or stored_graph(digest): count for name, count in triples.items() if count}
        self._client = client()
        if settings.engine_login:
            name, _, password = settings.engine_login.partition(":")
            self._client.auth = httpx.BasicAuth(name, password)
        self._verified_until = 0.0
        self._unverified: Problem | None = engine_problem("engine-release", "engine-uncounted")
        """Why no query is sent although the endpoint names the release."""
        self.next_check = 0.0

    def close(self) -> None:
        """End all child processes and their queries, and close all connections."""
        super().close()
        self._client.close()

    def status(self) -> EngineStatus:
        """Return what the engine is doing, and the last fault of the endpoint."""
        return super().status()._replace(remote=True)

    def query(self, query: Query) -> Answer:
        """Return the complete answer to `query`; raises the problems listed in `Engine.query`."""
        try:
            answer = super().query(query)
        except Problem as problem:
            # Any other error of a client's query may be caused by the query itself.
            if problem.kind.code in ("engine-unreachable", "engine-release"):
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

        def read(answer: Any) -> dict[str, int]:  # noqa: ANN401 - JSON
            rows = answer["results"]["bindings"]
            return {str(row["g"]["value"]): int(row["n"]["value"]) for row in rows if "g" in row}

        size = sum(_MAX_ROW + 6 * len(each) for each in ("", *self._triples))
        return self._question(text, [*self._triples], read, timeout, size)

    def _question(
        self,
        text: str,
        graphs: list[str],
        read: Callable[[Any], T],
        seconds: float,
        size: int = _MAX_ROW,
        *,
        for_query: bool = False,
    ) -> T:
        """Return what `read` makes of the answer to a question of our own about named graphs; no fault of it is a client's.

        Raises TransferError if it was asked for a query, which has no more time.
        """
        dataset = [("default-graph-uri", GRAPH_EMPTY), *(("named-graph-uri", each) for each in graphs)]
        try:
            return read(json.loads(self._transfer(text, dataset, SOLUTIONS_TYPES, Bounds(seconds, size)).content))
        except (LookupError, TypeError, ValueError, RecursionError):
            problem = engine_problem("engine-answer", "engine-unreadable", RESULTS_JSON.media_type)
        except TransferError as error:
            if for_query and error.code == "query-timeout":
                raise
            problem = Problem(_OF_OURS.get(error.code, error.code), message=error.words)
        self._set_fault(problem)
        raise problem

    def _transfer(
        self, text: str, dataset: list[tuple[str, str]], types: tuple[str, ...], bounds: Bounds
    ) -> httpx.Response:
        """Return the response to a query, of one of the media types `types`, within `bounds`.

        SPARQL 1.1 Protocol, section 2.1.2 (POST of a form); the dataset is given in the request (section 2.1.4). Raises
        TransferError, and OSError if the file cannot be written.
        """
        form: dict[str, Any] = {"query": text}
        for name, iri in dataset:
            form.setdefault(name, []).append(iri)
        accepted = ", ".join(f"{name};q={1 - rank / 10:.1f}" if rank else name for rank, name in enumerate(types))
        response = self._client.post(
            self._settings.engine, data=form, headers={"Accept": accepted}, extensions={"bounds": bounds}
        )
        status, headers, media_type = response.status_code, response.headers, _media_type(response)
        # Virtuoso truncates answers at its own limits and reports it only here.
        faults = [f"{name}: {headers[name]}" for name in ("X-SPARQL-MaxRows", "X-SQL-State") if name in headers]
        # The end of JSON shows that it is complete.
        if not ("Content-Length" in headers or "Transfer-Encoding" in headers or "json" in media_type):
            faults.append("Content-Length: ?")
        if status == 200 and media_type in types and not faults:
            return response
        if media_type == "text/plain":
            body = os.pread(bounds.file.fileno(), MAX_ERROR, 0) if bounds.file else response.content
            first, *_ = body.decode("utf-8", "replace").strip().splitlines() or [""]
            faults.append("".join(filter(str.isprintable, first)).rstrip("."))
        what = ", ".join(filter(None, (f"HTTP {status}", media_type, *faults)))
        login = self._settings.engine_login
        for secret in (base64.b64encode(login.encode()).decode(), login, login.partition(":")[2]):
            what = what.replace(secret, "***") if secret else what  # in whatever form the endpoint repeats it
        raise TransferError(_STATUSES.get(status, "engine-answer"), "engine-response", what)

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
        with one_at_a_time(parsed["text"]):
            sent = rewrite(parsed["text"], graph, sorted(self._graphs), *dataset, self._settings.endpoint)
        format_ = self._accepted(query, form)
        types = GRAPH_TYPES if form == "graph" else SOLUTIONS_TYPES
        try:
            if time.monotonic() >= self._verified_until:
                self._verify_release(deadline - time.monotonic(), for_query=True)
            if self._unverified:
                raise self._unverified.copy()
            with tempfile.TemporaryFile(dir=self._limits.spool or temporary_folder()) as file:
                bounds = Bounds(deadline - time.monotonic(), self._limits.size, file)
                media = _media_type(self._transfer(sent.text, sent.dataset, types, bounds))
                # Named graphs keep their names in the next release: they may have been replaced meanwhile.
                if sent.reads_named_graphs:
                    self._verify_release(deadline - time.monotonic(), for_query=True)
                request = {"media": media, "accepted": format_.media_type} | parsed
                _, body = self._ask(query, request, file.fileno(), deadline)
        except OSError:
            raise Problem("query-spool") from None
        except TransferError as error:
            limit = {"query-timeout": self._settings.query_timeout, "query-result": self._limits.size}.get(error.code)
            raise Problem(error.code, **({"limit": limit} if limit else {"message": error.words})) from None
        return Answer(body, format_, form)

    def _verify_release(self, seconds: float, *, for_query: bool = False) -> None:
        """Raise a problem if the endpoint does not name this release within so many seconds (see `_question`)."""
        self._verified_until = 0.0
        release = f'<{stored_graph(self._digest)}> <{DCT}identifier> "{self._digest}"'
        text = f"ASK {{ GRAPH <{GRAPH_STORED}> {{ {release} }} }}"
        if self._question(text, [GRAPH_STORED], lambda told: told["boolean"], seconds, for_query=for_query) is not True:
            self._unverified = engine_problem("engine-release", "engine-uncounted")  # until it was counted anew
            raise engine_problem("engine-release", "engine-other")
        self._verified_until = time.monotonic() + VERIFIED_SECONDS


def _media_type(response: httpx.Response) -> str:
    """Return the media type of a response, without parameters."""
    return str(response.headers.get("Content-Type", "text/plain")).partition(";")[0].strip().lower()


def _identity(problem: Problem | None) -> str:
    """Return what a fault is known by: of a release its words, of others its kind, since what is said of them may vary."""
    return "" if problem is None else str(problem) if problem.kind.code == "engine-release" else problem.kind.code
