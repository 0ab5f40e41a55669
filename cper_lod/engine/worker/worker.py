"""Main loop of a query process: runs queries on a read-only store, one at a time. It can be killed at any moment.

Rust code cannot be interrupted, but a process can. A large answer is not sent through the socket: it is written to an
unnamed file whose descriptor is passed.
"""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import sys
import time
from _socket import SCM_RIGHTS, SOL_SOCKET, socket
from itertools import chain, islice

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


def count_valid_chunks(text: str, lengths: list[int], known: dict[str, Any]) -> int:
    """Return how many chunks of `text`, given their lengths, are together the beginning of a query.

    `known` is what the parser knows besides (`Worker.known`).
    """
    ends, end = [], 0
    for length in lengths:
        ends.append(end := end + length)
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if is_query_prefix(text[: ends[middle]], known):
            low = middle + 1
        else:
            high = middle
    return low


def is_query_prefix(text: str, known: dict[str, Any]) -> bool:
    """Return whether a query can begin with `text`: if many blanks follow, the parser reads to their end."""
    blanks = 40  # longer than the longest keyword, which is how far the parser looks ahead
    try:
        # No query contains this character: the text is parsed, but never run.
        Store().query(text + " " * blanks + "\x01", **known)
    except SyntaxError as error:
        position = str(error).removeprefix("error at ").split(":", 2)
        if len(position) < 3 or not (position[0] + position[1]).isdecimal():
            return True
        line, reached = int(position[0]), int(position[1]) - 1
        column = len(text) - text.rfind("\n") - 1
        return line > text.count("\n") and reached >= column + blanks
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

FEW_TRIPLES = 100
"""Fewer triples are serialized at once, with the prefixes that they may use: passing all prefixes to pyoxigraph takes as long
as a small query."""
UNREADABLE = ("Corruption: ", "IO error: ")
"""How RocksDB begins to say that it cannot read its files (`Status::ToString`)."""


class Worker:
    """Runs queries on one store, within their limits."""

    def __init__(self, store: Store, limits: dict[str, Any]) -> None:
        self._limits = limits
        self._prefix_lines = prefix_lines(limits["prefixes"])
        self._prefixes = {name[::-1]: (name, iri) for name, iri in limits["prefixes"].items()}
        names = "|".join(sorted(self._prefixes, key=len, reverse=True))
        self._prefix = re.compile(f":({names})" if names else "(?!)")  # of a name that is read from its end
        self._names = {iri: name for name, iri in limits["prefixes"].items()}
        namespaces = "|".join(map(re.escape, self._names))
        self._namespace = re.compile(f"<({namespaces})" if namespaces else "(?!)")
        self._store = store
        self._memory_ceiling = 0
        self._cpu_time = self._cpu_allowed = 0.0
        self._cpu_hard_limit = resource.getrlimit(resource.RLIMIT_CPU)[1]

    def limit_memory(self) -> None:
        """Allow a budget beyond what is mapped now: the index alone maps hundreds of MiB."""
        budget = self._limits["memory"] * 1024 * 1024
        mapped = mapped_bytes()
        if not mapped:
            return
        lower_limit(resource.RLIMIT_AS, mapped + budget, resource.getrlimit(resource.RLIMIT_AS)[1])
        self._memory_ceiling = mapped + budget // 8

    def answer(self, text: str, solutions: str, graph: str, details: dict[str, Any]) -> BoundedOutput | dict[str, Any]:
        """Return the answer to one query in one of two formats; or a dict, the JSON object to send instead."""
        if "chunks" in details:
            return {"valid": count_valid_chunks(text, details["chunks"], self.known(text))}
        try:
            return self._run(text, solutions, graph, details)
        except OutputTooLargeError as error:
            failure = {"error": str(error)}
        except SpoolError:
            failure = {"error": "query-spool"}
        except NotRepresentableError as error:
            failure = {"error": "impossible", "iri": str(error)}
        except MemoryError:
            failure = {"error": "query-memory"}
        except SyntaxError as error:
            failure = {"error": "query-syntax", "message": str(error)}
        except Exception as error:
            failure = self._failure(error)
        return failure

    def _failure(self, error: Exception) -> dict[str, Any]:
        """Return the reply to any other error."""
        return {"error": failure_code(error), "message": str(error)}

    def limit_cpu(self) -> tuple[float, bool]:
        """Set the CPU limit of the next query; the system kills a process that exceeds it (SIGXCPU).

        The system counts whole seconds: a query has up to one second more, never less. Return the CPU time so far, and whether
        the last query left so much memory in the allocator that the next would have too little.
        """
        cpu_time = time.process_time()
        if cpu_time >= self._cpu_allowed:
            self._cpu_allowed = int(cpu_time) + 1.0
            lower_limit(resource.RLIMIT_CPU, int(cpu_time) + 1 + self._limits["cpu"], self._cpu_hard_limit)
        worked_long = cpu_time - self._cpu_time > 0.02
        self._cpu_time = cpu_time
        return cpu_time, worked_long and 0 < self._memory_ceiling < mapped_bytes()

    def known(self, text: str) -> dict[str, Any]:
        """Return the base IRI and the prefixes that `text` need not declare, as arguments of `Store.query`.

        Only the prefixes that it may use: to read all of them takes as long as to read a small query. They are looked for
        from the end of the text: `re` finds a colon many times faster than a name before a colon. The colon of `://` has none.
        """
        used = self._prefix.findall(text[::-1]) if text.count(":") > text.count("://") else ()
        return {"base_iri": self._limits["base"] or None, "prefixes": dict(map(self._prefixes.__getitem__, used))}

    def _run(self, text: str, solutions: str, graph: str, details: dict[str, Any]) -> BoundedOutput:
        """Run the query and return the complete answer."""
        dataset: dict[str, Any] = {name: [NamedNode(iri) for iri in details[name]] for name in details}
        results = self._store.query(text, **self.known(text), **dataset)
        if isinstance(results, QueryTriples):
            return self._graph(results, graph)
        if isinstance(results, QueryBoolean):
            output = BoundedOutput(self._limits, "ask", solutions)
        else:
            output = BoundedOutput(self._limits, "select", solutions, RowCounter(solutions) if solutions else None)
        stream: Any = output  # pyoxigraph only calls write and flush
        if solutions:
            with output:
                results.serialize(stream, SOLUTIONS_FORMATS[solutions])
                if solutions in BUFFERED_FORMATS:
                    check_well_formed(output.body)
                output.finish()
        return output

    def _graph(self, results: Iterable[Triple], name: str) -> BoundedOutput:
        """Serialize triples in the format `name`; the bytes do not depend on the process."""
        stream: Any = (output := BoundedOutput(self._limits, "graph", name))
        if not name:
            return output
        triples = limit_rows(results, self._limits["rows"])
        prefixes = self._limits["prefixes"] if name in BUFFERED_FORMATS else None
        with output:
            few = list(islice(triples, FEW_TRIPLES))
            try:
                if len(few) < FEW_TRIPLES:
                    used = prefixes and self._used_prefixes(few)
                    stream.write(serialize(few, format=GRAPH_FORMATS[name], prefixes=used))
                else:
                    serialize(chain(few, triples), stream, GRAPH_FORMATS[name], prefixes=prefixes)
            except OSError as error:
                if "reserved syntax term" in str(error):  # for example rdf:li as a predicate
                    raise NotRepresentableError(RDF) from None
                raise
            if name == "rdfxml":
                sort_rdfxml_namespaces(output.body)
                check_well_formed(output.body)
                for withdrawn in ("aboutEach", "aboutEachPrefix", "bagID"):  # well-formed, but not RDF/XML
                    if f"<rdf:{withdrawn}".encode() in output.body:
                        raise NotRepresentableError(RDF + withdrawn)
            elif prefixes:
                sort_turtle_prefixes(output.body, self._prefix_lines)
            output.finish()
        return output

    def _used_prefixes(self, triples: list[Triple]) -> dict[str, str]:
        """Return the prefixes whose namespaces occur in some triples, and perhaps more."""
        text = (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()
        return {self._names[iri]: iri for iri in self._namespace.findall(text)}


def receive(fd: int) -> tuple[str, str, str, dict[str, Any]]:
    """Return the next request, as arguments of `Worker.answer`; raises EOFError if the server has closed the socket."""
    data = os.read(fd, 65536)
    if len(data) < messages.REQUEST.size:
        raise EOFError
    solutions, graph, details_size, size = messages.REQUEST.unpack_from(data)
    start = messages.REQUEST.size + details_size
    while len(data) < start + size:
        chunk = os.read(fd, 1 << 20)
        if not chunk:
            raise EOFError
        data += chunk
    details = json.loads(data[messages.REQUEST.size : start]) if details_size else {}
    return data[start:].decode(), messages.SOLUTIONS_NAMES[solutions], messages.GRAPH_NAMES[graph], details


def send(channel: socket, message: bytes, file: int = -1) -> None:
    """Send a reply in one message, with its file if there is one."""
    if file < 0:
        channel.sendall(message)
    else:  # a few bytes, which the socket accepts at once
        channel.sendmsg([message], [(SOL_SOCKET, SCM_RIGHTS, file.to_bytes(4, sys.byteorder))])


def lacks_resources(error: Exception) -> bool:
    """Return whether files could not be opened for lack of memory, of file descriptors or of rights."""
    lacking = (errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EACCES)
    words = ("file descriptors", *map(os.strerror, lacking))  # the first are Oxigraph's own, before it opens any
    return isinstance(error, MemoryError) or any(each in str(error) for each in words)


def failure_code(error: Exception) -> str:
    """Return the code of the problem of a query: what the machine lacks, an index that cannot be read, or the query."""
    if not str(error).startswith(UNREADABLE):
        return "query-failed"
    return "engine-resources" if lacks_resources(error) else "index-damaged"


def serve(fd: int, make_worker: Callable[[], Worker]) -> None:
    """Open the store, report that, and answer queries until the server closes the socket."""
    channel = socket(fileno=fd)
    try:
        worker = make_worker()
        worker.limit_memory()
    except Exception as error:
        code = "engine-resources" if lacks_resources(error) else "release-damaged"
        send(channel, messages.json_reply({"error": code, "message": str(error)}))
        return
    send(channel, messages.json_reply({"pid": os.getpid()}, cpu_time=worker.limit_cpu()[0]))
    while True:
        result = worker.answer(*receive(fd))
        cpu_time, retire = worker.limit_cpu()
        flags = messages.RETIRE if retire else 0
        if isinstance(result, dict):
            if result.get("error") == "query-memory":
                flags = messages.RETIRE
            send(channel, messages.json_reply(result, flags, cpu_time))
            continue
        flags |= messages.HAS_BLANK_NODES * result.has_blank_nodes
        if result.file < 0:
            send(channel, messages.reply_header(result.kind, flags, cpu_time, len(result.body)) + result.body)
        else:
            send(
                channel,
                messages.reply_header(result.kind, flags | messages.SPOOLED, cpu_time, result.size),
                result.file,
            )
            result.close()
