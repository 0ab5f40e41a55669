"""What runs in the processes that run queries; and in the process from which they are forked. Imports nothing else of cper_lod.

The fork server has one thread and never opens the index on disk, because the threads of RocksDB do not survive a fork. A store
in memory has no threads; its memory is shared until a fork writes to it, and a query writes to all pages it reads (measured).
`multiprocessing` has a fork server too: one for each interpreter, so that two releases could not each have their own; with
the environment of the server, secrets included; and its children import what the server's main module imports.

A query process runs one query at a time, and can be killed at any moment: Rust code cannot be interrupted, but a process can.
"""

import ctypes
import errno
import gc
import gzip
import io
import json
import os
import re
import resource
import signal
import socket
import struct
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from pyexpat import ExpatError, ParserCreate
from typing import Any, Final

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
    serialize,
)

STACK_SIZE: Final = 64 * 1024 * 1024
"""Stack of a query process, for which Linux leaves room; deeply nested groups and long chains crash it when it is exhausted."""
NICENESS: Final = 5
"""Niceness of query processes; the server itself has 0."""
MEMORY_LIMIT: Final = 64 * 1024
"""Bytes of an answer that are sent with the reply; a larger answer is written to a file."""
FEW_TRIPLES: Final = 100
"""Fewer triples are serialized with the prefixes that they may use, more of them with all prefixes."""
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
KINDS: Final = {QuerySolutions: "select", QueryTriples: "graph", QueryBoolean: "ask"}
PREFIXED: Final = (RdfFormat.TURTLE, RdfFormat.RDF_XML)
"""The formats that declare prefixes; pyoxigraph writes all that it is given, sorted."""
_BLANKS: Final = r"(?:[\t\n\r ]++|#[^\r\n]*+)*+"
_STAR: Final = re.compile(
    rf"{_BLANKS}(?:(?:BASE|PREFIX{_BLANKS}[^\s:<]*+:){_BLANKS}<[^<>\s]*+>{_BLANKS})*+"
    rf"SELECT{_BLANKS}(?:(?:DISTINCT|REDUCED){_BLANKS})?\*",
    re.IGNORECASE | re.ASCII,
)
"""A query up to the `*` of its SELECT."""
_VARIABLE: Final = re.compile(r"[?$](\w+)")


# Messages, in both directions: a line of JSON with the size of a body, then the body; or a file that contains it


class Spool(io.FileIO):
    """A large answer in an unnamed file, which disappears when it is closed, or with the last reference to it."""

    def __del__(self) -> None:
        self.close()


Message = tuple[dict[str, Any], bytes | Spool]


def send(channel: socket.socket, details: dict[str, Any], body: bytes = b"", file: int = -1) -> None:
    """Send a message; raises OSError."""
    message = json.dumps([details, len(body), file >= 0]).encode() + b"\n" + body
    sent = socket.send_fds(channel, [message], [file]) if file >= 0 else 0
    channel.sendall(message[sent:])


def receive_piece(channel: socket.socket) -> tuple[bytes, list[int]]:
    """Return what has come of a message, and the file with it; raises EOFError if the other end is closed, and OSError."""
    data, files, _, _ = socket.recv_fds(channel, 65_536, 1)
    if not data:
        raise EOFError
    return data, files


def receive(channel: socket.socket, first: tuple[bytes, list[int]] | None = None) -> Message:
    """Return the next message, of which `first` may have been received; raises EOFError, OSError, QueryError."""
    data, received = first or receive_piece(channel)
    try:
        while (end := data.find(b"\n") + 1) == 0:
            data += receive_piece(channel)[0]
        details, size, has_file = json.loads(data[:end])
        data = data[end:]
        while len(data) < size:
            data += receive_piece(channel)[0]
        if not has_file:
            return details, data
        if not received:  # this process has no file descriptor left
            raise QueryError("query-queue")
        file = Spool(received.pop())
        file.seek(0)  # both ends have one position
        return details, file
    finally:
        for each in received:
            os.close(each)


# The fork server


def main(descriptor: int, index: str, limits: dict[str, Any]) -> None:
    """Load the data that all query processes share, and fork and end processes until the server closes the socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by the server, which ends its children
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower_limit(resource.RLIMIT_STACK, STACK_SIZE)
    if sys.platform == "linux":
        _die_with_parent()
        _forbid_sockets()
    store: Store | Exception | None = None
    try:
        if limits["data"] or not index:
            store = load_store(limits["data"]) if limits["data"] else Store()
    except Exception as error:  # reported by each query process at its start
        store = error
    gc.collect()
    gc.freeze()  # so that the garbage collector of a fork does not write to every page
    run_commands(socket.socket(fileno=descriptor), lambda channel: serve(channel, index, store, limits))


def load_store(path: str) -> Store:
    """Return an in-memory store with the statements of a compressed N-Quads file, in their order."""
    store = Store()
    with gzip.open(path) as file:
        data = file.read()
    if b"_:" in data:  # bulk_load would rename blank nodes
        store.bulk_extend(parse(data, RdfFormat.N_QUADS))
    else:
        store.bulk_load(data, RdfFormat.N_QUADS)
    return store


def run_commands(channel: socket.socket, run_child: Callable[[socket.socket], None]) -> None:
    """Fork and end processes until the server closes the channel; then end all of them.

    A command is a process to end (the result is its exit code, as `Popen.returncode`, None if it is not a child), or a socket:
    fork a process that serves it (the result is its id, or a negative errno). A child is reaped only here: until then its
    process id is not reused.
    """
    children = set[int]()
    while True:
        data, files, _, _ = socket.recv_fds(channel, 64, 1)
        if not data:
            break
        result = _fork(children, channel, files[0], run_child) if files else _end(children, int(data))
        channel.sendall(json.dumps(result).encode())
    for pid in [*children]:
        _end(children, pid)


def _fork(
    children: set[int], channel: socket.socket, descriptor: int, run_child: Callable[[socket.socket], None]
) -> int:
    """Return the id of a new process that serves a socket, or a negative errno."""
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        os.close(descriptor)
        return -(error.errno or errno.EAGAIN)
    if pid == 0:
        try:
            channel.close()
            if sys.platform == "linux":
                _die_with_parent()
            if os.getppid() == parent:
                run_child(socket.socket(fileno=descriptor))
        finally:  # also if the server is gone
            os._exit(0)
    children.add(pid)
    os.close(descriptor)
    return pid


def _end(children: set[int], pid: int) -> int | None:
    if pid not in children:
        return None
    children.remove(pid)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _die_with_parent() -> None:
    """Make Linux kill this process when the thread that started it ends."""
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL


def _forbid_sockets() -> None:
    """Forbid this process to create sockets (Linux, seccomp), so that no query reaches the network.

    This is a second barrier; the first is the check of the query text.
    """
    machine = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}.get(os.uname().machine)
    if machine is None:
        return
    load, equal, return_, denied, allowed = 0x20, 0x15, 0x06, 0x00050000 | 13, 0x7FFF0000  # 13: EACCES
    program = b"".join(
        struct.pack("=HBBI", *step)
        for step in (
            (load, 0, 0, 4),  # the architecture
            (equal, 0, 3, machine[0]),
            (load, 0, 0, 0),  # the number of the system call
            (equal, 0, 1, machine[1]),
            (return_, 0, 0, denied),
            (return_, 0, 0, allowed),
        )
    )
    steps = ctypes.create_string_buffer(program)
    filter_ = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(steps)))
    libc = ctypes.CDLL(None)
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    libc.prctl(22, 2, filter_)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def _lower_limit(kind: int, wanted: int) -> None:
    """Set a soft limit of this process, at most the hard limit that it has inherited."""
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


# A query process


def serve(channel: socket.socket, index: str, store: Store | Exception | None, limits: dict[str, Any]) -> None:
    """Answer requests until the server closes the socket; the first message says that the process is ready, or why not.

    `store` is the one to use, the error with which it could not be loaded, or None: then the index is opened.
    """
    if store is None:
        try:
            store = Store.read_only(index)
        except Exception as error:
            store = error
    if isinstance(store, Exception):
        send(channel, {"message": str(store) or os.strerror(errno.ENOMEM)})
        return
    worker = Worker(store, limits)
    if sys.platform == "linux":  # a budget beyond what is mapped now: the index alone maps hundreds of MiB
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _lower_limit(resource.RLIMIT_AS, mapped + limits["memory"] * 1024 * 1024)
    os.nice(NICENESS)  # only now: a new process is waited for, and the index is opened beside long queries
    send(channel, {})
    limited = -1
    while True:
        request, body = receive(channel)
        if (used := int(time.process_time())) > limited:
            # The system kills a process that exceeds it (SIGXCPU). It counts whole seconds: up to one more, never less.
            _lower_limit(resource.RLIMIT_CPU, used + 1 + limits["cpu"])
            limited = used
        details, answer, file = worker.answer(request, body)
        send(channel, details, answer, file)
        if file >= 0:
            os.close(file)


class QueryError(Exception):
    """A query that has no answer: the arguments are the code and the parameters of its problem."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.details = {"error": code, **params}


class Worker:
    """Runs queries on one store, within their limits."""

    def __init__(self, store: Store, limits: dict[str, Any]) -> None:
        self._store, self._limits, self._empty = store, limits, Store()
        self._prefixes: dict[str, str] = limits["prefixes"]
        self._names = [(f"{name}:", name) for name in self._prefixes]

    def answer(self, request: dict[str, Any], body: bytes | Spool = b"") -> tuple[dict[str, Any], bytes, int]:
        """Return the reply to a request: its details, and the answer, or the file that contains it if it is large.

        A request has a `text` and the media types `solutions` and `graph`, of which "" is not accepted; or `parse`: the form and the
        variables of the query are returned, and its text with variables in place of `*`;
        or it describes the response of another endpoint in `body`, which is serialized in a format (see `_foreign`).
        """
        try:
            if "media" in request:
                details, answer = self._foreign(request, body if isinstance(body, bytes) else body.read())
            else:
                details, answer = self._run(request["text"], request)
            if len(answer) > MEMORY_LIMIT:
                return details, b"", spooled(answer, self._limits["spool"])
        except QueryError as error:
            return error.details, b"", -1
        except MemoryError:
            return {"error": "query-memory", "limit": self._limits["memory"]}, b"", -1
        except SyntaxError as error:
            return {"error": "query-syntax", "message": str(error)}, b"", -1
        except Exception as error:
            return {"error": "query-failed", "message": str(error)}, b"", -1
        return details, answer, -1

    def _run(self, text: str, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Run the query and return the complete answer; if only its form is wanted, that and its variables."""
        graphs = ("default_graph", "named_graphs")
        dataset: dict[str, Any] = {name: list(map(NamedNode, request[name])) for name in graphs if name in request}
        # For pyoxigraph, to read all prefixes takes as long as to read a small query.
        prefixes = {name: self._prefixes[name] for mark, name in self._names if mark in text}
        known: dict[str, Any] = {"base_iri": self._limits["base"] or None, "prefixes": prefixes}
        if star := _STAR.match(text):
            text = self._with_columns(text, star.end(), known)
        results = self._store.query(text, **known, **dataset)
        if "parse" in request:
            variables = list(map(str, results.variables)) if isinstance(results, QuerySolutions) else []
            return {"form": KINDS[type(results)], "variables": variables, "text": text}, b""
        if isinstance(results, QueryTriples):
            return {"form": "graph"}, self._graph(results, request["graph"])
        return {"form": KINDS[type(results)]}, self._solutions(results, request["solutions"])

    def _with_columns(self, text: str, end: int, known: dict[str, Any]) -> str:
        """Return a query with its variables instead of the `*` that ends at `end`, in the order in which they are written.

        Oxigraph sorts them by name. They are asked on an empty store, where no part of the query is evaluated.
        """
        results = self._empty.query(text, **known)
        variables = {each.value for each in results.variables} if isinstance(results, QuerySolutions) else set()
        order = [name for name in dict.fromkeys(_VARIABLE.findall(text, end)) if name in variables]
        if len(order) != len(variables) or not order:  # written with an escape
            return text
        return f"{text[: end - 1]} ?{' ?'.join(order)} {text[end:]}"

    def _solutions(self, results: QuerySolutions | QueryBoolean, media_type: str) -> bytes:
        """Return solutions or a truth value in a format, b"" for none."""
        form = QueryResultsFormat.from_media_type(media_type)
        if form is None:
            return b""
        results.serialize(output := BoundedOutput(self._limits["bytes"]), form)
        body, most = output.getvalue(), self._limits["rows"]
        if isinstance(results, QuerySolutions) and len(body) > most and count_rows(body, form) > most:
            raise QueryError("query-rows", limit=most)
        return well_formed(body, "resultsxml-impossible") if form == QueryResultsFormat.XML else body

    def _graph(self, results: Iterable[Triple], media_type: str) -> bytes:
        """Return triples in a format, b"" for none; the bytes do not depend on the process."""
        form = RdfFormat.from_media_type(media_type)
        if form is None:
            return b""
        triples, output = self._limited(results), BoundedOutput(self._limits["bytes"])
        few, prefixes = list(islice(triples, FEW_TRIPLES)), self._prefixes if form in PREFIXED else None
        if prefixes and len(few) < FEW_TRIPLES:
            text = "\n".join(map(str, few))
            prefixes = {prefix: iri for prefix, iri in prefixes.items() if iri in text}
        try:
            serialize(chain(few, triples), output, form, prefixes=prefixes)
        except OSError as error:
            if "reserved syntax term" in str(error):  # for example rdf:li as a predicate
                raise QueryError("rdfxml-impossible", iri=RDF) from None
            raise
        body = output.getvalue()
        if form == RdfFormat.RDF_XML:
            for withdrawn in ("aboutEach", "aboutEachPrefix", "bagID"):  # well-formed, but not RDF/XML
                if f"<rdf:{withdrawn}".encode() in body:
                    raise QueryError("rdfxml-impossible", iri=RDF + withdrawn)
            return well_formed(body, "rdfxml-impossible")
        return body

    def _limited(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        for count, triple in enumerate(triples, 1):
            if count > self._limits["rows"]:
                raise QueryError("query-rows", limit=self._limits["rows"])
            yield triple

    def _foreign(self, request: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """Return the response of another endpoint in the format `accepted`.

        `media` is the format of the response, as a media type too, `form` the query form and `variables` those of the query. Raises QueryError if
        the response is something else, is not complete, or has more after its end.
        """
        media, form, accepted = request["media"], request["form"], request["accepted"]
        try:
            if form == "graph":
                quads = parse(body, RdfFormat.from_media_type(media))
                return {"form": form}, self._graph((quad.triple for quad in quads), accepted)
            if form == "ask":
                json.loads(body)  # the parser of results stops after the boolean
            source = io.BytesIO(body)
            results = parse_query_results(source, QueryResultsFormat.from_media_type(media))
            if isinstance(results, QuerySolutions) and list(map(str, results.variables)) != request["variables"]:
                raise QueryError("engine-answer", reason="engine-variables", what=" ".join(request["variables"]))
            answer = self._solutions(results, accepted)
            if KINDS[type(results)] == form and not source.read().strip():
                return {"form": form}, answer
        except (SyntaxError, ValueError, RecursionError):
            pass
        raise QueryError("engine-answer", reason="engine-unreadable", what=media)


# What is written: limited, and the same in each process


class BoundedOutput(io.BytesIO):
    """The bytes of one answer. To raise an error stops the evaluation, which proceeds while the answer is written."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any) -> int:  # noqa: ANN401
        """Append `data`; raises QueryError."""
        if self.tell() + len(data) > self._limit:
            raise QueryError("query-result", limit=self._limit)
        return super().write(data)


def spooled(answer: bytes, folder: str) -> int:
    """Return an open file without a name that contains an answer: nothing is left of it once it is closed."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(answer)
            file.flush()
            return os.dup(file.fileno())
    except OSError:
        raise QueryError("query-spool") from None


def count_rows(body: bytes, form: QueryResultsFormat) -> int:
    """Return how many solutions an answer has; JSON is not parsed, which takes longer than to write it.

    In JSON, an empty solution is not counted, because `},{}` can occur in a string. `},{"` starts another solution, unless the
    quote ends a string: then `}` or `,` follows.
    """
    if form == QueryResultsFormat.JSON:
        return 1 + body.count(b'},{"') - body.count(b'},{"}') - body.count(b'},{",')
    if form == QueryResultsFormat.CSV:  # a quoted field may contain line breaks
        return sum(part.count(b"\n") for part in body.split(b'"')[::2]) - 1
    return body.count(b"<result>") if form == QueryResultsFormat.XML else body.count(b"\n") - 1


def well_formed(body: bytes, code: str) -> bytes:
    """Return `body` as XML; raises QueryError `code` if it is none: pyoxigraph writes control characters and empty local names.

    Carriage returns are replaced by character references, because an XML parser would read them as line feeds.
    """
    body, elements = body.replace(b"\r", b"&#13;"), deque[str]([""], 1)
    parser = ParserCreate(None, "")
    parser.StartElementHandler = lambda name, _: elements.append(name)
    try:
        parser.Parse(body, True)
    except ExpatError:
        iri, at = elements[0], body.rfind(b"<", 0, parser.ErrorByteIndex) + 1
        if nameless := re.compile(rb'oxprefix: xmlns:oxprefix="([^"]*)').match(body, at):
            iri = nameless[1].decode().replace("&apos;", "'").replace("&amp;", "&")
        raise QueryError(code, iri=iri) from None
    return body
