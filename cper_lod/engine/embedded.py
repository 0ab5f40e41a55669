"""The engine inside: Oxigraph in a few child processes, each ended when its query meets a limit."""

import json
import signal
import time
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn, Self

from cper_lod.engine.engine import Answer, Query
from cper_lod.engine.keeper import Child, Keeper
from cper_lod.engine.places import Places
from cper_lod.engine.query_text import check
from cper_lod.engine.syntax import fault, fault_as_told, pieces, sentence
from cper_lod.engine.worker import LENGTHS
from cper_lod.terms.formats import GRAPH_ANSWER, SOLUTIONS_ANSWER
from cper_lod.terms.namespaces import PREFIXES
from cper_lod.terms.problems import Problem
from cper_lod.terms.settings import Settings

_RESULTS: Final = "http://www.w3.org/2005/sparql-results#"
_SOUGHT: Final = 50_000
"""Characters of a text in which the exact place of a fault is sought: it is parsed some fifteen times for it."""
_UNREAD: Final = 0.05
"""Seconds within which a child that was killed from outside is taken not to have begun its query."""


class EmbeddedEngine:
    """An `Engine` over an Oxigraph index on disk; a context manager.

    It starts `query_workers` processes and a spare one, and keeps them at that number. It does not outlive a fork.
    """

    def __init__(self, index: Path, settings: Settings, graphs: Collection[str]) -> None:
        """Start the processes; raises release-damaged where they cannot open `index`."""
        self._settings = settings
        self._graphs = frozenset(graphs)
        self._places = Places(settings.query_workers, settings.query_queue, settings.query_wait)
        limits = {"memory": settings.query_memory, "bytes": settings.query_bytes, "prefixes": PREFIXES}
        # Resolved: who is born later opens the same index, wherever `current` points by then.
        self._keeper = Keeper(
            index.resolve(), json.dumps(limits), settings.query_workers + 1, self._places.add, self._places.remove
        )
        self._closed = False
        if message := self._keeper.wait_for_birth():
            self.close()
            raise Problem("release-damaged", path=index, message=message)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all child processes, and with them their queries; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._places.close()
            self._keeper.stop()

    def ask(self, query: Query) -> Answer:
        """Return the whole answer to `query`; raises the problems that the port names."""
        check(query.text, self._graphs, query.default_graphs, query.named_graphs)
        header, body = self._exchange(_message(_header(query), query.text))
        if error := header.get("error"):
            self._raise(error, header, query)
        form = header["form"]
        format_ = query.graph if form == "graph" else query.solutions
        if format_ is None:
            offers = GRAPH_ANSWER if form == "graph" else SOLUTIONS_ANSWER
            raise Problem("not-acceptable", accept=query.accept, offers=", ".join(offer.media_type for offer in offers))
        return Answer(body, format_, form)

    def _exchange(self, message: bytes) -> tuple[dict[str, Any], bytes]:
        """Return the reply of a child to `message`; raises query-queue, query-timeout, query-memory, query-crash."""
        while True:
            child = self._places.take()
            began = time.monotonic()
            fit = False
            try:
                deadline = began + self._settings.query_timeout
                child.send(message, deadline)
                header, body = child.receive(deadline)
                fit = not header.get("retire", False)
            except TimeoutError:
                raise Problem("query-timeout", limit=self._settings.query_timeout) from None
            except (EOFError, OSError):
                child.ended.wait(1)
                if child.process.returncode != -signal.SIGKILL or time.monotonic() - began > _UNREAD:
                    raise self._death(child) from None
            else:
                return header, body
            finally:
                # Whatever else ended the exchange (Ctrl-C too): what the child would say is for nobody.
                if not fit:
                    child.kill()
                self._places.leave(child, fit=fit)

    def _death(self, child: Child) -> Problem:
        """Return the problem of a query whose process died of it."""
        if self._closed:
            return Problem("query-queue")
        # Rust and C++ abort where memory is refused; SIGKILL that is not ours comes from a system short of memory.
        if child.process.returncode in (-signal.SIGABRT, -signal.SIGKILL):
            return Problem("query-memory", limit=self._settings.query_memory)
        return Problem("query-crash")

    def _syntax(self, text: str, message: str) -> Problem:
        """Return the problem of a query that the parser refused with `message`, after asking it once more where."""
        if len(text) > _SOUGHT:
            return fault_as_told(message)
        cuts = pieces(text)
        try:
            reply, _ = self._exchange(_message({"pieces": [len(piece) for piece in cuts]}, text))
        except Problem:  # no place is free, or the parser takes too long: the first message has to do
            return fault_as_told(message)
        return fault(text, cuts, reply["good"], message) if "good" in reply else fault_as_told(message)

    def _raise(self, error: str, header: dict[str, Any], query: Query) -> NoReturn:
        """Raise the problem that a child tells of."""
        if error == "query-syntax":
            raise self._syntax(query.text, header["message"])
        if error == "impossible":
            if header["iri"].startswith(_RESULTS):
                raise Problem("resultsxml-impossible")
            raise Problem("rdfxml-impossible", iri=header["iri"])
        limits = {"query-result": self._settings.query_bytes, "query-memory": self._settings.query_memory}
        raise Problem(error, limit=limits.get(error), message=sentence(header.get("message", "")))


def _header(query: Query) -> dict[str, Any]:
    """Return what a child must know of a query beside its text."""
    header: dict[str, Any] = {
        "solutions": query.solutions and query.solutions.name,
        "graph": query.graph and query.graph.name,
    }
    if query.default_graphs or query.named_graphs:
        header |= {"default_graph": query.default_graphs, "named_graphs": query.named_graphs}
    return header


def _message(header: dict[str, Any], text: str) -> bytes:
    """Return the request to a child: a header, and the text of a query."""
    head, body = json.dumps(header).encode(), text.encode()
    return b"".join((LENGTHS.pack(len(head), len(body)), head, body))
