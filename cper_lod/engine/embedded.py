"""The engine inside: Oxigraph in a few child processes, each ended when its query meets a limit."""

import json
import re
import signal
import time
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn, Self

from cper_lod.engine.engine import Answer, Query
from cper_lod.engine.keeper import Child, Keeper
from cper_lod.engine.places import Places
from cper_lod.engine.query_text import check, undeclared_prefix
from cper_lod.engine.worker import LENGTHS
from cper_lod.terms.formats import GRAPH_ANSWER, SOLUTIONS_ANSWER
from cper_lod.terms.namespaces import PREFIXES
from cper_lod.terms.problems import Problem
from cper_lod.terms.settings import Settings

_RESULTS: Final = "http://www.w3.org/2005/sparql-results#"
_UNREAD: Final = 0.05
"""Seconds within which a child that was killed from outside is taken not to have begun its query."""
_PLACE: Final = re.compile(r"error at (\d+):(\d+): (?:expected (?:one of )?)?(.*)", re.DOTALL)
_EXPECTED: Final = re.compile(r"""(\[(?:'(?:\\.|[^'\\])[^']*'|[^\]'])*\])|("(?:[^"\\]|\\.)*")|([^\s,"\[][^,"\[]*)""")


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
        self._keeper = Keeper(
            index, json.dumps(limits), settings.query_workers + 1, self._places.add, self._places.remove
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
        message = _message(query)
        header, body = self._exchange(message)
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
        # Rust and C++ abort where memory is refused; SIGKILL that is not ours comes from a system short of memory.
        if child.process.returncode in (-signal.SIGABRT, -signal.SIGKILL):
            return Problem("query-memory", limit=self._settings.query_memory)
        return Problem("query-crash")

    def _raise(self, error: str, header: dict[str, Any], query: Query) -> NoReturn:
        """Raise the problem that a child tells of."""
        if error == "query-syntax":
            raise undeclared_prefix(query.text) or _syntax(header["message"], query.text)
        if error == "impossible":
            if header["iri"].startswith(_RESULTS):
                raise Problem("resultsxml-impossible")
            raise Problem("rdfxml-impossible", iri=header["iri"])
        limits = {"query-result": self._settings.query_bytes, "query-memory": self._settings.query_memory}
        raise Problem(error, limit=limits.get(error), message=_sentence(header.get("message", "")))


def _message(query: Query) -> bytes:
    """Return the request to a child: a header, and the text of the query."""
    header: dict[str, Any] = {
        "solutions": query.solutions and query.solutions.name,
        "graph": query.graph and query.graph.name,
    }
    if query.default_graphs or query.named_graphs:
        header |= {"default_graph": query.default_graphs, "named_graphs": query.named_graphs}
    head, body = json.dumps(header).encode(), query.text.encode()
    return b"".join((LENGTHS.pack(len(head), len(body)), head, body))


def _sentence(text: str) -> str:
    """Return `text` with a full stop, on one line."""
    return " ".join(text.split()).rstrip(".") + "."


def _syntax(message: str, text: str) -> Problem:
    """Return the query-syntax problem of a message of pyoxigraph's parser about `text`.

    It names all that could have come, with classes of characters written out; what a reader can use is kept.
    """
    found = _PLACE.match(message)
    if not found:
        return Problem("query-syntax", line=1, column=1, message=_sentence(message))
    line, column = int(found[1]), int(found[2])
    items = [(item[1] or item[2]).strip() for item in _EXPECTED.findall(found[3])]
    words = [item for item in items if item not in ("", "SERVICE")]
    causes = [word for word in words if " " in word and not word.startswith('"')]
    lines = text.split("\n")
    if causes:  # "Prefix not found": the parser's own finding
        said = causes[0]
    elif line >= len(lines) and column > len(lines[-1].rstrip()):
        said = "the query ends too early"
    elif words:
        said = "expected " + (words[0] if len(words) == 1 else "one of " + ", ".join(words[:12]))
    else:
        said = "unexpected text"
    return Problem("query-syntax", line=line, column=column, message=_sentence(said))
