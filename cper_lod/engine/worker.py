"""The child process that runs queries on a read-only Oxigraph index, one at a time, and can be killed at any moment.

Run as `python -I -S worker.py <socket fd> <index folder> <folder of the pyoxigraph package> <limits as JSON>`: what
runs in Rust cannot be interrupted, a process can. It imports no module of ours, so that it is ready in 50 ms; hence all
that the child does is in this one file.
A message is two lengths, a JSON header and a body; the parent sends a query and waits for its answer.
"""

from __future__ import annotations

import _thread
import ctypes
import json
import os
import resource
import signal
import struct
import sys
import time
from contextlib import suppress

if __name__ == "__main__":
    sys.path.append(sys.argv[3])  # -S: no site-packages by itself

from pyexpat import ExpatError, ParserCreate

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store, serialize

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


class TooLargeError(Exception):
    """The answer exceeds its limit of bytes."""


class ImpossibleError(Exception):
    """The answer cannot be written in the form that is asked for."""


class Sink:
    """Where an answer is written: memory, up to a limit."""

    def __init__(self, limit: int) -> None:
        self.body = bytearray()
        self._limit = limit

    def write(self, data: bytes) -> int:
        """Keep `data`; raising stops the evaluation, which goes on while the answer is written."""
        if len(self.body) + len(data) > self._limit:
            raise TooLargeError
        self.body += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is written is kept."""


def tidy_turtle(body: bytearray) -> None:
    """Sort the `@prefix` lines and drop those of no use: pyoxigraph writes all, in an order of its own."""
    end, lines = 0, []
    while body.startswith(b"@prefix ", end):
        start, end = end, body.index(b"\n", end) + 1
        lines.append(bytes(body[start:end]))
    del body[:end]
    used = []
    for line in sorted(lines):
        name = line[8 : line.index(b":") + 1]
        if body.startswith(name) or any(mark + name in body for mark in (b" ", b"\t", b"\n", b"^", b"(")):
            used.append(line)
    body[:0] = b"".join(used)


def tidy_rdfxml(body: bytearray) -> None:
    """Sort the namespaces on the root element and drop those of no use."""
    start = body.index(b"<rdf:RDF ") + 9
    end = body.index(b">\n", start)
    used = []
    for declared in bytes(body[start:end]).rstrip(b'"').split(b'" '):
        name = declared[6 : declared.index(b"=")]
        if name == b"rdf" or body.find(b"<" + name + b":", end) > 0 or body.find(b" " + name + b":", end) > 0:
            used.append(declared + b'"')
    body[start:end] = b" ".join(sorted(used))


def well_formed(body: bytearray) -> None:
    """Raise ImpossibleError for what is no XML: pyoxigraph writes control characters and names without a local part.

    A carriage return would be read as a line feed, hence written by its number.
    """
    if b"\r" in body:
        body[:] = body.replace(b"\r", b"&#13;")
    parser = ParserCreate(None, "")
    try:
        parser.Parse(body, True)
    except ExpatError:
        raise ImpossibleError(_fault(body, parser.ErrorByteIndex)) from None


def _fault(body: bytearray, at: int) -> str:
    """Return the IRI of the element at which `body` stops to be XML: its name is no name, or its text no text."""
    mark = b'oxprefix: xmlns:oxprefix="'
    if body.startswith(mark, start := body.rfind(b"<", 0, at) + 1):
        iri = body[start + len(mark) : body.index(b'"', start + len(mark))].decode()
        return iri.replace("&apos;", "'").replace("&amp;", "&")
    met = [""]
    parser = ParserCreate(None, "")
    parser.StartElementHandler = lambda name, _: met.append(name)
    with suppress(ExpatError):
        parser.Parse(body, True)
    return met[-1]


class Worker:
    """One index, and the limits of a query on it."""

    def __init__(self, index: str, limits: dict[str, Any]) -> None:
        self._limits = limits
        self._store = Store.read_only(index)
        self._ceiling = 0

    def limit_memory(self) -> None:
        """Allow a budget beyond what the process has mapped now: the index alone maps hundreds of MiB."""
        budget = self._limits["memory"] * 1024 * 1024
        mapped = mapped_bytes()
        if not mapped:
            return
        resource.setrlimit(resource.RLIMIT_AS, (mapped + budget, mapped + budget))
        self._ceiling = mapped + budget // 8

    def answer(self, header: dict[str, Any], text: str) -> tuple[dict[str, Any], bytearray]:
        """Return the header and the body of the reply to one query."""
        if "pieces" in header:
            return {"good": good_pieces(text, header["pieces"])}, bytearray()
        began = time.monotonic()
        try:
            form, body = self._run(header, text)
            reply: dict[str, Any] = {"form": form}
        except TooLargeError:
            reply, body = {"error": "query-result"}, bytearray()
        except ImpossibleError as error:
            reply, body = {"error": "impossible", "iri": str(error)}, bytearray()
        except MemoryError:
            return {"error": "query-memory", "retire": True}, bytearray()
        except SyntaxError as error:
            reply, body = {"error": "query-syntax", "message": str(error)}, bytearray()
        except Exception as error:
            reply, body = {"error": "query-failed", "message": str(error)}, bytearray()
        # What a long query leaves behind in the allocator would be taken from the budget of the next.
        if time.monotonic() - began > 0.02 and self._ceiling and mapped_bytes() > self._ceiling:
            reply["retire"] = True
        return reply, body

    def _run(self, header: dict[str, Any], text: str) -> tuple[str, bytearray]:
        """Evaluate the query, write the whole answer, and return its form and its bytes."""
        dataset: dict[str, Any] = {
            name: [NamedNode(iri) for iri in header[name]]
            for name in ("default_graph", "named_graphs")
            if name in header
        }
        results = self._store.query(text, **dataset)
        sink = Sink(self._limits["bytes"])
        output: Any = sink  # not all of IO[bytes]: pyoxigraph calls write and flush only
        if isinstance(results, QueryTriples):
            if header["graph"]:
                self._write_graph(results, sink, header["graph"])
            return "graph", sink.body
        if header["solutions"]:
            results.serialize(output, SOLUTIONS[header["solutions"]])
            if header["solutions"] == "results-xml":
                well_formed(sink.body)
        return ("ask" if isinstance(results, QueryBoolean) else "select"), sink.body

    def _write_graph(self, results: QueryTriples, sink: Sink, name: str) -> None:
        """Write triples in the form `name`, the same bytes whichever process does it."""
        output: Any = sink
        if name not in ("turtle", "trig", "rdfxml"):
            results.serialize(output, GRAPHS[name])
            return
        try:
            serialize(results, output, GRAPHS[name], prefixes=self._limits["prefixes"])
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
        else:
            tidy_turtle(sink.body)


def good_pieces(text: str, lengths: list[int]) -> int:
    """Return how many of the pieces of `text`, which have these lengths, can together begin a query."""
    ends, end = [], 0
    for length in lengths:
        ends.append(end := end + length)
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if can_begin(text[: ends[middle]]):
            low = middle + 1
        else:
            high = middle
    return low


def can_begin(text: str) -> bool:
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


def mapped_bytes() -> int:
    """Return how much address space this process has, 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  # pathlib costs 5 ms at start-up
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def die_with_parent() -> None:
    """Ask Linux to kill this process with the thread that bore it."""
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL


def forbid_sockets() -> None:
    """Take from this process the right to make a socket (Linux): no query reaches the network, whatever it says.

    A second wall, behind the reading of the text: a filter of system calls (seccomp) for `socket` alone.
    """
    machine = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}.get(os.uname().machine)
    if machine is None:
        return
    load, equal, leave, denied, allowed = 0x20, 0x15, 0x06, 0x00050000 | 13, 0x7FFF0000  # 13: EACCES
    program = b"".join(
        struct.pack("=HBBI", *step)
        for step in (
            (load, 0, 0, 4),  # the architecture
            (equal, 0, 3, machine[0]),
            (load, 0, 0, 0),  # the number of the call
            (equal, 0, 1, machine[1]),
            (leave, 0, 0, denied),
            (leave, 0, 0, allowed),
        )
    )
    steps = ctypes.create_string_buffer(program)
    filter_ = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(steps)))
    libc = ctypes.CDLL(None)
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    libc.prctl(22, 2, filter_)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def receive(fd: int) -> tuple[dict[str, Any], str]:
    """Return the next request; raises EOFError where the parent is gone."""
    data = bytearray()

    def read(need: int) -> None:
        while len(data) < need:
            more = os.read(fd, 65536)
            if not more:
                raise EOFError
            data.extend(more)

    read(LENGTHS.size)
    head, body = LENGTHS.unpack_from(data)
    start = LENGTHS.size + head
    read(start + body)
    return json.loads(data[LENGTHS.size : start]), data[start:].decode()


def send(fd: int, header: dict[str, Any], body: bytes | bytearray) -> None:
    """Send a reply whole."""
    head = json.dumps(header).encode()
    head = LENGTHS.pack(len(head), len(body)) + head
    # A small answer goes in one call.
    if len(body) < 65536:
        head, body = head + body, bytearray()
    for part in (head, body):
        view = memoryview(part)
        while view:
            view = view[os.write(fd, view) :]


def serve(fd: int, index: str, limits: dict[str, Any]) -> None:
    """Open the index, say so, and answer queries until the parent goes."""
    try:
        worker = Worker(index, limits)
        worker.limit_memory()
    except Exception as error:
        send(fd, {"error": "release-damaged", "message": str(error)}, b"")
        return
    send(fd, {"pid": os.getpid()}, b"")
    while True:
        header, text = receive(fd)
        send(fd, *worker.answer(header, text))


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
