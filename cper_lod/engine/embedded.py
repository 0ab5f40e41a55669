"""The engine that runs each query in a child process, on an Oxigraph index."""

import math
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final, Self

from cper_lod.core.errors import Problem
from cper_lod.core.files import index_problem
from cper_lod.core.formats import GRAPH_FORMATS, SOLUTION_FORMATS, Format
from cper_lod.core.i18n import phrase
from cper_lod.core.settings import Settings
from cper_lod.engine.base import LIMITS, Answer, EngineStatus, Form, Query, QueryLimits
from cper_lod.engine.pool import Pool
from cper_lod.engine.syntax import as_sentence, check, decode_escapes, syntax_problem
from cper_lod.engine.worker import Message

_UNREADABLE: Final = ("Corruption: ", "IO error: ")
"""How RocksDB begins to say that it cannot read its files (`Status::ToString`)."""
COUNT_TIMEOUT: Final = 600.0
"""Seconds within which another endpoint must have counted its triples, while no request waits for it."""
_MAX_MESSAGE: Final = 300
"""Characters of a message of another endpoint that are passed on."""


class ProcessEngine:
    """An `Engine` over an Oxigraph index on disk; a context manager. It cannot be used after a fork."""

    def __init__(
        self,
        index: Path | None,
        settings: Settings,
        graphs: Collection[str],
        limits: QueryLimits = LIMITS,
        data: Path | None = None,
    ) -> None:
        """Start nothing yet: the first query does, or `start`, or `with`; `Pool` says what `data` is."""
        self._pool = Pool(index, settings, limits, data)
        self._index, self._settings, self._limits = index, settings, limits
        self._graphs = frozenset(graphs)
        self._fault: Problem | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the processes, unless they run; raises release-damaged if they cannot open the index, resources if they cannot start."""
        self._pool.start()

    def close(self) -> None:
        """End all child processes and their queries; a second call does nothing."""
        self._pool.close()

    def status(self) -> EngineStatus:
        """Return what the engine is doing."""
        return self._pool.status()._replace(fault=self._fault)

    next_check = math.inf
    """When to call `check_endpoint` again (`time.monotonic`)."""

    def check_endpoint(self, timeout: float = COUNT_TIMEOUT) -> Problem | None:
        """Return why another endpoint cannot answer for the release now (see `RemoteEngine`); None, since there is none."""
        return None

    def query(self, query: Query) -> Answer:
        """Return the complete answer to `query`; raises the problems listed in `Engine.query`."""
        query = query._replace(text=decode_escapes(query.text))
        check(query.text, self._graphs, query.default_graphs, query.named_graphs, self._settings.endpoint)
        return self._answer(query)

    def _answer(self, query: Query) -> Answer:
        """Return the answer to a query whose text was checked."""
        request: dict[str, Any] = {
            "text": query.text,
            "solutions": query.solutions.media_type if query.solutions else "",
            "graph": query.graph.media_type if query.graph else "",
        }
        if query.default_graphs or query.named_graphs:
            request |= {"default_graph": query.default_graphs, "named_graphs": query.named_graphs}
        details, body = self._ask(query, request)
        return Answer(body, self._accepted(query, details["form"]), details["form"])

    def _accepted(self, query: Query, form: Form) -> Format:
        """Return the format that the client accepts for the result of a query form; raises not-acceptable."""
        format_ = query.graph if form == "graph" else query.solutions
        if format_ is None:
            offers = GRAPH_FORMATS if form == "graph" else SOLUTION_FORMATS
            raise Problem("not-acceptable", accept=query.accept, offers=[offer.media_type for offer in offers])
        return format_

    def _ask(self, query: Query, request: dict[str, Any], file: int = -1, deadline: float = math.inf) -> Message:
        """Return the reply of a process; raises the problem that it reports."""
        details, body = self._pool.run(query, request, file, deadline)
        code = details.pop("error", "")
        if code == "query-syntax":
            raise syntax_problem(query.text, details["message"])
        if "reason" in details:
            raise engine_problem(code, **details)
        if "message" in details:
            if details["message"].startswith(_UNREADABLE):
                problem = index_problem(details["message"], self._index)
                self._fault = problem.copy() if problem.kind.code != "resources" else self._fault
                raise problem
            details["message"] = as_sentence(details["message"])
        if code:
            raise Problem(code, **details)
        return details, body


def engine_problem(code: str, reason: str, what: object = "", **more: int) -> Problem:
    """Return a problem of another endpoint; `reason` is the key of the sentence that says what is wrong with `what`."""
    return Problem(code, message=phrase(reason, what=str(what)[:_MAX_MESSAGE], **more))
