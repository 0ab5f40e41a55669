"""The child process that runs queries on a read-only Oxigraph index, one at a time, and can be killed at any moment.

Run as `python -I -S worker.py <socket fd> <index folder> <folders of packages> <limits as JSON>`: what runs in Rust
cannot be interrupted, a process can. To be ready in 35 ms it imports of ours `beginning`, `sandbox`, `sink` and
`tidying` alone.
A message is two lengths, a JSON header and a body; the parent sends a query and waits for its answer. A large answer
is not sent: it is written into a file without a name, which is handed over.
"""

from __future__ import annotations

import _thread
import json
import os
import resource
import signal
import struct
import sys
import time

if __name__ == "__main__":
    sys.path.extend(sys.argv[3].split(os.pathsep))  # -S: no site-packages by itself

from _socket import SCM_RIGHTS, SOL_SOCKET, socket

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store, parse, serialize

from cper_lod.engine.beginning import good_pieces
from cper_lod.engine.sandbox import die_with_parent, forbid_sockets, lower_limit, mapped_bytes
from cper_lod.engine.sink import WHOLE, NoRoomError, Rows, Sink, TooLargeError, counted
from cper_lod.engine.tidying import ImpossibleError, tidy_rdfxml, tidy_turtle, well_formed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LENGTHS = struct.Struct("!IQ")
STACK = 64 * 1024 * 1024
"""Stack of the thread that runs queries: nested groups and long chains end the process when it is used up."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SOLUTIONS = {
    "results-json": QueryResultsFormat.JSON,
    "results-xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPHS = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "trig": RdfFormat.TRIG,
    "nquads": RdfFormat.N_QUADS,
    "jsonld": RdfFormat.JSON_LD,
}


class Worker:
    """One index, and the limits of a query on it."""

    def __init__(self, index: str, limits: dict[str, Any]) -> None:
        self._limits = limits
        self._store = in_memory(limits["data"]) if limits.get("data") else Store.read_only(index)
        self._ceiling = 0
        self._used = -1
        self._processor = resource.getrlimit(resource.RLIMIT_CPU)[1]

    def limit_memory(self) -> None:
        """Allow a budget beyond what the process has mapped now: the index alone maps hundreds of MiB."""
        budget = self._limits["memory"] * 1024 * 1024
        mapped = mapped_bytes()
        if not mapped:
            return
        lower_limit(resource.RLIMIT_AS, mapped + budget, resource.getrlimit(resource.RLIMIT_AS)[1])
        self._ceiling = mapped + budget // 8

    def answer(self, header: dict[str, Any], text: str) -> tuple[dict[str, Any], Sink]:
        """Return the header of the reply to one query, and where its body is."""
        nothing = Sink(self._limits)
        if "pieces" in header:
            return {"good": good_pieces(text, header["pieces"])}, nothing
        began = time.monotonic()
        self._limit_processor()
        try:
            form, sink = self._run(header, text)
            reply: dict[str, Any] = {"form": form, "nameless": sink.nameless}
            nothing = sink
        except TooLargeError as error:
            reply = {"error": str(error)}
        except NoRoomError:
            reply = {"error": "query-spool"}
        except ImpossibleError as error:
            reply = {"error": "impossible", "iri": str(error)}
        except MemoryError:
            return {"error": "query-memory", "retire": True}, nothing
        except SyntaxError as error:
            reply = {"error": "query-syntax", "message": str(error)}
        except Exception as error:
            reply = {"error": "query-failed", "message": str(error)}
        # What a long query leaves behind in the allocator would be taken from the budget of the next.
        if time.monotonic() - began > 0.02 and self._ceiling and mapped_bytes() > self._ceiling:
            reply["retire"] = True
        return reply, nothing

    def _limit_processor(self) -> None:
        """Allow this query so many seconds of processor time; the system ends a process that takes more (SIGXCPU).

        The system counts the whole seconds of a process: a query has up to one second more, never less.
        """
        used = int(time.process_time()) + 1
        if used != self._used:
            self._used = used
            lower_limit(resource.RLIMIT_CPU, used + self._limits["cpu"], self._processor)

    def _run(self, header: dict[str, Any], text: str) -> tuple[str, Sink]:
        """Evaluate the query, write the whole answer, and return its form and where it is."""
        dataset: dict[str, Any] = {
            name: [NamedNode(iri) for iri in header[name]]
            for name in ("default_graph", "named_graphs")
            if name in header
        }
        results = self._store.query(text, **dataset)
        if isinstance(results, QueryTriples):
            return "graph", self._graph(results, header["graph"])
        name = header["solutions"]
        form = "ask" if isinstance(results, QueryBoolean) else "select"
        sink = Sink(self._limits, name or "", Rows(name) if name and form == "select" else None)
        output: Any = sink  # not all of IO[bytes]: pyoxigraph calls write and flush only
        if name:
            with sink:
                results.serialize(output, SOLUTIONS[name])
                if name in WHOLE:
                    well_formed(sink.body)
                sink.settle()
        return form, sink

    def _graph(self, results: QueryTriples, name: str | None) -> Sink:
        """Write triples in the form `name`, the same bytes whichever process does it."""
        sink = Sink(self._limits, name or "")
        output: Any = sink
        if not name:
            return sink
        triples = counted(results, self._limits["rows"])
        prefixes = self._limits["prefixes"] if name in WHOLE else None
        with sink:
            try:
                serialize(triples, output, GRAPHS[name], prefixes=prefixes)
            except OSError as error:
                if "reserved syntax term" in str(error):  # rdf:li and its like as a predicate
                    raise ImpossibleError(RDF) from None
                raise
            if name == "rdfxml":
                tidy_rdfxml(sink.body)
                well_formed(sink.body)
                for withdrawn in ("aboutEach", "aboutEachPrefix", "bagID"):  # well-formed, but no RDF/XML
                    if f"<rdf:{withdrawn}".encode() in sink.body:
                        raise ImpossibleError(RDF + withdrawn)
            elif prefixes:
                tidy_turtle(sink.body)
            sink.settle()
        return sink


def in_memory(path: str) -> Store:
    """Return a store that holds the statements of an N-Quads file, in their order."""
    store = Store()
    with open(path, "rb") as file:  # noqa: PTH123  # pathlib costs 5 ms at start-up
        data = file.read()
    if b"_:" in data:  # to load a file would give its blank nodes other names in each process
        store.bulk_extend(parse(data, RdfFormat.N_QUADS))
    else:
        store.bulk_load(data, RdfFormat.N_QUADS)
    return store


def receive(fd: int) -> tuple[dict[str, Any], str]:
    """Return the next request; raises EOFError where the parent is gone."""
    data = os.read(fd, 65536)
    if len(data) < LENGTHS.size:
        raise EOFError
    head, body = LENGTHS.unpack_from(data)
    start = LENGTHS.size + head
    while len(data) < start + body:
        more = os.read(fd, 1 << 20)
        if not more:
            raise EOFError
        data += more
    return json.loads(data[LENGTHS.size : start]), data[start:].decode()


def send(channel: socket, header: dict[str, Any], sink: Sink | None = None) -> None:
    """Send a reply in one piece: its header, and its body or the file in which that is."""
    rights = []
    body = bytearray()
    if sink and sink.file >= 0:
        header["size"] = sink.size
        rights = [(SOL_SOCKET, SCM_RIGHTS, sink.file.to_bytes(4, sys.byteorder))]
    elif sink:
        body = sink.body
    head = json.dumps(header).encode()
    message = memoryview(LENGTHS.pack(len(head), len(body)) + head + body)
    sent = channel.sendmsg([message], rights)
    while sent < len(message):
        sent += channel.send(message[sent:])
    if sink:
        sink.close()


def serve(fd: int, index: str, limits: dict[str, Any]) -> None:
    """Open the index, say so, and answer queries until the parent goes."""
    channel = socket(fileno=fd)
    try:
        worker = Worker(index, limits)
        worker.limit_memory()
    except Exception as error:
        send(channel, {"error": "release-damaged", "message": str(error)})
        return
    send(channel, {"pid": os.getpid()})
    while True:
        header, text = receive(fd)
        send(channel, *worker.answer(header, text))


def main() -> None:
    """Prepare the process and run `serve` on a thread with a large stack."""
    fd, index, limits = int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[4])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its children itself
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        die_with_parent()
        forbid_sockets()
    done = _thread.allocate_lock()
    done.acquire()

    def run() -> None:
        try:
            serve(fd, index, limits)
        except (EOFError, OSError):
            return  # the parent is gone
        finally:
            done.release()

    _thread.stack_size(STACK)
    _thread.start_new_thread(run, ())
    done.acquire()
    os._exit(0)


if __name__ == "__main__":
    main()
