"""What a query process does: it runs queries on a read-only store, one at a time, and can be killed at any moment.

What runs in Rust cannot be interrupted, a process can. It is a fork of `template`, and imports little of ours, which
keeps it small and soon ready. A large answer is not sent: it is written into a file without a name, handed over.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from _socket import SCM_RIGHTS, SOL_SOCKET, socket

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store, serialize

from cper_lod.engine.worker import messages
from cper_lod.engine.worker.output import (
    BUFFERED_FORMATS,
    BoundedOutput,
    OutputTooLargeError,
    RowCounter,
    SpoolError,
    limit_rows,
)
from cper_lod.engine.worker.postprocess import (
    NotRepresentableError,
    check_well_formed,
    prefix_lines,
    sort_rdfxml_namespaces,
    sort_turtle_prefixes,
)
from cper_lod.engine.worker.sandbox import lower_limit, mapped_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from pyoxigraph import Triple


def count_valid_chunks(text: str, lengths: list[int]) -> int:
    """Return how many of the pieces of `text`, which have these lengths, can together begin a query."""
    ends, end = [], 0
    for length in lengths:
        ends.append(end := end + length)
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if is_query_prefix(text[: ends[middle]]):
            low = middle + 1
        else:
            high = middle
    return low


def is_query_prefix(text: str) -> bool:
    """Whether a query can begin with `text`: followed by many blanks, the parser goes on to their very end."""
    blanks = 40  # more than the longest keyword, by which the parser looks ahead
    try:
        # No query ends with this character: it is never more than parsed.
        Store().query(text + " " * blanks + "\x01")
    except SyntaxError as error:
        place = str(error).removeprefix("error at ").split(":", 2)
        if len(place) < 3 or not (place[0] + place[1]).isdecimal():
            return True
        line, reached = int(place[0]), int(place[1]) - 1
        here = len(text) - text.rfind("\n") - 1
        return line > text.count("\n") and reached >= here + blanks
    return True


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SOLUTIONS_FORMATS = {
    "results-json": QueryResultsFormat.JSON,
    "results-xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "trig": RdfFormat.TRIG,
    "nquads": RdfFormat.N_QUADS,
    "jsonld": RdfFormat.JSON_LD,
}


class Worker:
    """One store, and the limits of a query on it."""

    def __init__(self, store: Store, limits: dict[str, Any]) -> None:
        self._limits = limits
        self._declared = prefix_lines(limits["prefixes"])
        self._store = store
        self._ceiling = 0
        self._worked = self._allowed = 0.0
        self._processor = resource.getrlimit(resource.RLIMIT_CPU)[1]

    def limit_memory(self) -> None:
        """Allow a budget beyond what the process has mapped now: the index alone maps hundreds of MiB."""
        budget = self._limits["memory"] * 1024 * 1024
        mapped = mapped_bytes()
        if not mapped:
            return
        lower_limit(resource.RLIMIT_AS, mapped + budget, resource.getrlimit(resource.RLIMIT_AS)[1])
        self._ceiling = mapped + budget // 8

    def answer(self, text: str, solutions: str, graph: str, details: dict[str, Any]) -> BoundedOutput | dict[str, Any]:
        """Return the answer to one query in one of two forms; a table is what there is to tell in its place."""
        if "pieces" in details:
            return {"good": count_valid_chunks(text, details["pieces"])}
        try:
            return self._run(text, solutions, graph, details)
        except OutputTooLargeError as error:
            told = {"error": str(error)}
        except SpoolError:
            told = {"error": "query-spool"}
        except NotRepresentableError as error:
            told = {"error": "impossible", "iri": str(error)}
        except MemoryError:
            told = {"error": "query-memory"}
        except SyntaxError as error:
            told = {"error": "query-syntax", "message": str(error)}
        except Exception as error:
            told = self._failed(error)
        return told

    def _failed(self, error: Exception) -> dict[str, Any]:
        """Return what there is to tell of any other error."""
        return {"error": "query-failed", "message": str(error)}

    def limit_processor(self) -> tuple[float, bool]:
        """Allow the next query so many seconds of processor time; the system ends a process that takes more (SIGXCPU).

        The system counts the whole seconds of a process: a query has up to one second more, never less. Return how much
        was taken so far, and whether the last query left too much behind: in the allocator, from where it would be
        taken from the budget of the next.
        """
        worked = time.process_time()
        if worked >= self._allowed:
            self._allowed = int(worked) + 1.0
            lower_limit(resource.RLIMIT_CPU, int(worked) + 1 + self._limits["cpu"], self._processor)
        long = worked - self._worked > 0.02
        self._worked = worked
        return worked, long and 0 < self._ceiling < mapped_bytes()

    def _run(self, text: str, solutions: str, graph: str, details: dict[str, Any]) -> BoundedOutput:
        """Evaluate the query and return the whole answer."""
        dataset: dict[str, Any] = {name: [NamedNode(iri) for iri in details[name]] for name in details}
        results = self._store.query(text, **dataset)
        if isinstance(results, QueryTriples):
            return self._graph(results, graph)
        if isinstance(results, QueryBoolean):
            sink = BoundedOutput(self._limits, "ask", solutions)
        else:
            sink = BoundedOutput(self._limits, "select", solutions, RowCounter(solutions) if solutions else None)
        output: Any = sink  # not all of IO[bytes]: pyoxigraph calls write and flush only
        if solutions:
            with sink:
                results.serialize(output, SOLUTIONS_FORMATS[solutions])
                if solutions in BUFFERED_FORMATS:
                    check_well_formed(sink.body)
                sink.settle()
        return sink

    def _graph(self, results: Iterable[Triple], name: str) -> BoundedOutput:
        """Write triples in the form `name`, the same bytes whichever process does it."""
        output: Any = (sink := BoundedOutput(self._limits, "graph", name))
        if not name:
            return sink
        triples = limit_rows(results, self._limits["rows"])
        prefixes = self._limits["prefixes"] if name in BUFFERED_FORMATS else None
        with sink:
            try:
                serialize(triples, output, GRAPH_FORMATS[name], prefixes=prefixes)
            except OSError as error:
                if "reserved syntax term" in str(error):  # rdf:li and its like as a predicate
                    raise NotRepresentableError(RDF) from None
                raise
            if name == "rdfxml":
                sort_rdfxml_namespaces(sink.body)
                check_well_formed(sink.body)
                for withdrawn in ("aboutEach", "aboutEachPrefix", "bagID"):  # well-formed, but no RDF/XML
                    if f"<rdf:{withdrawn}".encode() in sink.body:
                        raise NotRepresentableError(RDF + withdrawn)
            elif prefixes:
                sort_turtle_prefixes(sink.body, self._declared)
            sink.settle()
        return sink


def receive(fd: int) -> tuple[str, str, str, dict[str, Any]]:
    """Return the next request: what `Worker.answer` is given; raises EOFError where the parent is gone."""
    data = os.read(fd, 65536)
    if len(data) < messages.REQUEST.size:
        raise EOFError
    solutions, graph, more, size = messages.REQUEST.unpack_from(data)
    start = messages.REQUEST.size + more
    while len(data) < start + size:
        piece = os.read(fd, 1 << 20)
        if not piece:
            raise EOFError
        data += piece
    details = json.loads(data[messages.REQUEST.size : start]) if more else {}
    return data[start:].decode(), messages.SOLUTIONS_NAMES[solutions], messages.GRAPH_NAMES[graph], details


def send(channel: socket, message: bytes, file: int = -1) -> None:
    """Send a reply in one piece, with the file that goes with it."""
    if file < 0:
        channel.sendall(message)
    else:  # a few bytes: the socket takes them at once
        channel.sendmsg([message], [(SOL_SOCKET, SCM_RIGHTS, file.to_bytes(4, sys.byteorder))])


def serve(fd: int, made: Callable[[], Worker]) -> None:
    """Open the store, say so, and answer queries until the parent goes."""
    channel = socket(fileno=fd)
    try:
        worker = made()
        worker.limit_memory()
    except Exception as error:
        send(channel, messages.json_reply({"error": "release-damaged", "message": str(error)}))
        return
    send(channel, messages.json_reply({"pid": os.getpid()}, worked=worker.limit_processor()[0]))
    while True:
        found = worker.answer(*receive(fd))
        worked, retire = worker.limit_processor()
        flags = messages.RETIRE if retire else 0
        if isinstance(found, dict):
            if found.get("error") == "query-memory":
                flags = messages.RETIRE
            send(channel, messages.json_reply(found, flags, worked))
            continue
        flags |= messages.HAS_BLANK_NODES * found.nameless
        if found.file < 0:
            send(channel, messages.reply_header(found.kind, flags, worked, len(found.body)) + found.body)
        else:
            send(channel, messages.reply_header(found.kind, flags | messages.SPOOLED, worked, found.size), found.file)
            found.close()
