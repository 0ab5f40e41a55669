"""The child process that runs queries on a read-only Oxigraph index, one at a time, and can be killed at any moment.

Run as `python -I -S worker.py <socket fd> <index folder> <folder of the pyoxigraph package> <limits as JSON>`: what
runs in Rust cannot be interrupted, a process can. It imports no module of ours, so that it is ready in 50 ms; hence all
that the child does is in this one file.
A message is two lengths, a JSON header and a body; the parent sends a query and waits for its answer. A large answer
is not sent: it is written into a file without a name, which is handed over.
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

from _socket import SCM_RIGHTS, SOL_SOCKET, socket
from pyexpat import ExpatError, ParserCreate

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store, parse, serialize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from pyoxigraph import Triple

LENGTHS = struct.Struct("!IQ")
KEPT = 64 * 1024
"""Bytes of an answer that are kept in memory and sent with the reply; a larger one goes into a file."""
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


WHOLE = frozenset({"turtle", "trig", "rdfxml", "results-xml"})
"""Forms that are gone over once more when they are complete, and are in memory until then."""


class TooLargeError(Exception):
    """The answer exceeds a limit; its argument is the code of the problem."""


class NoRoomError(Exception):
    """There is no room for a file in which the answer would be."""


class ImpossibleError(Exception):
    """The answer cannot be written in the form that is asked for."""


class Rows:
    """How many solutions have been written, told from the bytes as they come.

    Rust writes them: taking each through Python would cost twenty times more. In JSON a solution that binds nothing is
    not counted, since `},{}` could stand in a string as well.
    """

    def __init__(self, form: str) -> None:
        self._mark = {"results-json": b'},{"', "results-xml": b"<result>", "tsv": b"\n", "csv": b"\n"}[form]
        self._quoted = False if form == "csv" else None
        # The header line of a table is none; before the first solution in JSON stands no comma.
        self.count = 1 if form == "results-json" else -1 if form in ("csv", "tsv") else 0
        self._tail = b""

    def take(self, data: bytes) -> int:
        """Return the count after these bytes."""
        if self._quoted is not None:  # a line may end inside a quoted field
            parts = data.split(b'"')
            self.count += sum(part.count(b"\n") for part in parts[self._quoted :: 2])
            self._quoted ^= len(parts) % 2 == 0
            return self.count
        data = self._tail + data
        self.count += data.count(self._mark)
        self._tail = data[1 - len(self._mark) :] if len(self._mark) > 1 else b""
        return self.count


NAMELESS = {"results-json": b'"bnode"', "results-xml": b"<bnode>", "rdfxml": b"nodeID="}
"""What a blank node looks like in an answer, where it is not `_:`; its label may be another each time."""


class Sink:
    """Where an answer is written: memory, then a file without a name, up to a limit of bytes and of rows."""

    def __init__(self, limits: dict[str, Any], form: str = "", rows: Rows | None = None) -> None:
        self.body = bytearray()
        self.nameless = False
        self.file = -1
        self.size = 0
        self._limits = limits
        self._rows = rows
        self._whole = form in WHOLE
        self._mark = NAMELESS.get(form, b"_:")
        self._end = b""

    def write(self, data: bytes) -> int:
        """Keep `data`; raising stops the evaluation, which goes on while the answer is written."""
        self.size += len(data)
        if self.size > self._limits["bytes"]:
            raise TooLargeError("query-result")
        if self._rows and self._rows.take(data) > self._limits["rows"]:
            raise TooLargeError("query-rows")
        if not self.nameless:
            self.nameless = self._mark in data or self._mark in self._end + data[: len(self._mark)]
            self._end = (self._end + data)[-len(self._mark) :]
        self.body += data
        if len(self.body) > KEPT and not self._whole:
            self.spool()
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is written is kept."""

    def __enter__(self) -> Sink:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            self.close()  # what was written is for nobody

    def spool(self) -> None:
        """Move what is in memory to the file; raises NoRoomError."""
        try:
            if self.file < 0:
                self.file = unnamed_file(self._limits["spool"])
            view = memoryview(self.body)
            while view:
                view = view[os.write(self.file, view) :]
        except OSError:
            raise NoRoomError from None
        self.body = bytearray()

    def settle(self) -> None:
        """Bring a large answer whole into the file."""
        if self.file >= 0 or len(self.body) > KEPT:
            self.size = len(self.body) if self.file < 0 else self.size
            self.spool()

    def close(self) -> None:
        """Give up the file."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1


def unnamed_file(folder: str) -> int:
    """Return an open file in `folder` that no other process can find, gone when it is closed."""
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except (OSError, AttributeError):  # a file system or a system without O_TMPFILE
        path = f"{folder}/cper-lod-{os.urandom(12).hex()}"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.unlink(path)  # noqa: PTH108  # pathlib costs 5 ms at start-up
        return file


def counted(triples: Iterable[Triple], limit: int) -> Iterator[Triple]:
    """Yield triples; raises TooLargeError beyond `limit`."""
    for count, triple in enumerate(triples, 1):
        if count > limit:
            raise TooLargeError("query-rows")
        yield triple


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


def lower_limit(kind: int, wanted: int, hardest: int) -> None:
    """Set a soft limit of this process; `hardest` is what it inherited as the most it may have."""
    soft = wanted if hardest == resource.RLIM_INFINITY else min(wanted, hardest)
    resource.setrlimit(kind, (soft, hardest))


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
