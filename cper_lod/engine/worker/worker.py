"""Main loop of a query process: runs queries on a read-only store, one at a time. It can be killed at any moment.

Rust code cannot be interrupted, but a process can. A request is one line of JSON, and may come with a file; a reply is a
line of JSON and the answer, or its file if it is large: unnamed, so that nothing is left of a process that is killed.
"""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import sys
import time
from _io import BytesIO
from _socket import CMSG_SPACE, SCM_RIGHTS, SOL_SOCKET, socket
from itertools import chain, islice

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
    serialize,
)

from cper_lod.engine.worker.output import (
    BoundedOutput,
    ReplyError,
    abbreviate_numbers,
    check_well_formed,
    limit_rows,
    prefix_lines,
    sort_rdfxml_namespaces,
    sort_turtle_prefixes,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from pyoxigraph import Triple

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
KINDS = {QuerySolutions: "select", QueryTriples: "graph", QueryBoolean: "ask"}
PREFIXED_FORMATS = frozenset({"turtle", "trig", "rdfxml"})
FEW_TRIPLES = 100
"""Fewer triples are serialized at once, with the prefixes that they may use: passing all prefixes to pyoxigraph takes as long
as a small query."""
UNREADABLE = ("Corruption: ", "IO error: ")
"""How RocksDB begins to say that it cannot read its files (`Status::ToString`)."""
_BLANKS = r"(?:[\t\n\r ]++|#[^\r\n]*+)*+"
_STAR = re.compile(
    rf"{_BLANKS}(?:(?:BASE|PREFIX{_BLANKS}[^\s:<]*+:){_BLANKS}<[^<>\s]*+>{_BLANKS})*+"
    rf"SELECT{_BLANKS}(?:(?:DISTINCT|REDUCED){_BLANKS})?\*",
    re.IGNORECASE | re.ASCII,
)
"""A query up to the `*` of its SELECT."""
_VARIABLE = re.compile(r"[?$](\w+)")


def lower_limit(kind: int, wanted: int, hardest: int) -> None:
    """Set a soft limit of this process; `hardest` is the hard limit it has inherited."""
    soft = wanted if hardest == resource.RLIM_INFINITY else min(wanted, hardest)
    resource.setrlimit(kind, (soft, hardest))


def mapped_bytes() -> int:
    """Return the size of the address space of this process; 0 if the system does not provide it."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  # pathlib costs 5 ms at start-up
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class Worker:
    """Runs queries on one store, within their limits."""

    def __init__(self, store: Store, limits: dict[str, Any]) -> None:
        self._limits = limits
        self._prefix_lines = prefix_lines(limits["prefixes"])
        self._prefixes: dict[str, str] = limits["prefixes"]
        self._by_reversed_name = {name[::-1]: (name, iri) for name, iri in self._prefixes.items()}
        names = "|".join(sorted(self._by_reversed_name, key=len, reverse=True))
        self._reversed_name = re.compile(f":({names})" if names else "(?!)")
        self._names = {iri: name for name, iri in self._prefixes.items()}
        namespaces = "|".join(map(re.escape, self._names))
        self._namespace = re.compile(f"<({namespaces})" if namespaces else "(?!)")
        self._store = store
        self._empty = Store()
        self._memory_ceiling = 0
        self._cpu_time = self._cpu_allowed = 0.0
        self._cpu_hard_limit = resource.getrlimit(resource.RLIMIT_CPU)[1]

    def limit_memory(self) -> None:
        """Allow a budget beyond what is mapped now: the index alone maps hundreds of MiB."""
        budget = self._limits["memory"] * 1024 * 1024
        mapped = mapped_bytes()
        if mapped:
            lower_limit(resource.RLIMIT_AS, mapped + budget, resource.getrlimit(resource.RLIMIT_AS)[1])
            self._memory_ceiling = mapped + budget // 8

    def limit_cpu(self) -> bool:
        """Set the CPU limit of the next query; the system kills a process that exceeds it (SIGXCPU).

        The system counts whole seconds: a query has up to one second more, never less. Return whether the last query left so
        much memory in the allocator that the next would have too little.
        """
        cpu_time = time.process_time()
        if cpu_time >= self._cpu_allowed:
            self._cpu_allowed = int(cpu_time) + 1.0
            lower_limit(resource.RLIMIT_CPU, int(cpu_time) + 1 + self._limits["cpu"], self._cpu_hard_limit)
        worked_long = cpu_time - self._cpu_time > 0.02
        self._cpu_time = cpu_time
        return worked_long and 0 < self._memory_ceiling < mapped_bytes()

    def answer(self, request: dict[str, Any], file: int = -1) -> BoundedOutput | dict[str, Any]:
        """Return the answer to a request; or a dict, the JSON object to send instead.

        A request has a `text` and the formats `solutions` and `graph`, of which "" is not accepted; or `parse`: the form and the
        variables of the query are returned, and its text with variables in place of `*`;
        or it describes the response of another endpoint in `file`, which is serialized in a format (see `_foreign`).
        """
        try:
            if "media" in request:
                return self._foreign(request, file)
            return self._run(request["text"], request)
        except ReplyError as error:
            return error.reply
        except MemoryError:
            return {"error": "query-memory", "retire": True}
        except SyntaxError as error:
            return {"error": "query-syntax", "message": str(error)}
        except Exception as error:
            return {"error": failure_code(error), "message": str(error)}

    def known(self, text: str) -> dict[str, Any]:
        """Return the base IRI and the prefixes that `text` need not declare, as arguments of `Store.query`.

        Only the prefixes that it may use: for pyoxigraph, to read all of them takes as long as to read a small query. They are
        looked for from the end of the text, where `re` finds a colon before a name: a tenth of the time. The colon of `://` has none.
        """
        used = self._reversed_name.findall(text[::-1]) if text.count(":") > text.count("://") else ()
        return {
            "base_iri": self._limits["base"] or None,
            "prefixes": dict(map(self._by_reversed_name.__getitem__, used)),
        }

    def _run(self, text: str, request: dict[str, Any]) -> BoundedOutput | dict[str, Any]:
        """Run the query and return the complete answer; if only its form is wanted, that and its variables."""
        graphs = ("default_graph", "named_graphs")
        dataset: dict[str, Any] = {name: list(map(NamedNode, request[name])) for name in graphs if name in request}
        known = self.known(text)
        if star := _STAR.match(text):
            text = self._with_columns(text, star.end(), known)
        results = self._store.query(text, **known, **dataset)
        if "parse" in request:
            variables = list(map(str, results.variables)) if isinstance(results, QuerySolutions) else []
            return {"form": KINDS[type(results)], "variables": variables, "text": text}
        if isinstance(results, QueryTriples):
            return self._graph(results, request["graph"])
        return self._solutions(results, request["solutions"])

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

    def _solutions(self, results: QuerySolutions | QueryBoolean, name: str) -> BoundedOutput:
        """Serialize solutions or a truth value in the format `name`."""
        output = BoundedOutput(self._limits, KINDS[type(results)], name)
        stream: Any = output  # pyoxigraph only calls write and flush
        if name:
            results.serialize(stream, SOLUTIONS_FORMATS[name])
            if name == "results-xml":
                check_well_formed(output.body)
            elif name == "tsv":
                abbreviate_numbers(output.body)
        output.finish()
        return output

    def _graph(self, results: Iterable[Triple], name: str) -> BoundedOutput:
        """Serialize triples in the format `name`; the bytes do not depend on the process."""
        stream: Any = (output := BoundedOutput(self._limits, "graph", name))
        if not name:
            return output
        triples = limit_rows(results, self._limits["rows"])
        prefixes = self._prefixes if name in PREFIXED_FORMATS else None
        few = list(islice(triples, FEW_TRIPLES))
        try:
            if len(few) < FEW_TRIPLES:
                used = prefixes and self._used_prefixes(few)
                stream.write(serialize(few, format=GRAPH_FORMATS[name], prefixes=used))
            else:
                serialize(chain(few, triples), stream, GRAPH_FORMATS[name], prefixes=prefixes)
        except OSError as error:
            if "reserved syntax term" in str(error):  # for example rdf:li as a predicate
                raise ReplyError("impossible", iri=RDF) from None
            raise
        if name == "rdfxml":
            sort_rdfxml_namespaces(output.body)
            check_well_formed(output.body)
            for withdrawn in ("aboutEach", "aboutEachPrefix", "bagID"):  # well-formed, but not RDF/XML
                if f"<rdf:{withdrawn}".encode() in output.body:
                    raise ReplyError("impossible", iri=RDF + withdrawn)
        elif prefixes:
            sort_turtle_prefixes(output.body, self._prefix_lines)
        output.finish()
        return output

    def _used_prefixes(self, triples: list[Triple]) -> dict[str, str]:
        """Return the prefixes whose namespaces occur in some triples, and perhaps more."""
        text = (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()
        return {self._names[iri]: iri for iri in self._namespace.findall(text)}

    def _foreign(self, request: dict[str, Any], file: int) -> BoundedOutput:
        """Return the response of another endpoint, which is in `file`, in the format `name`.

        `media` is the format of the response, `form` the query form and `variables` those of the query. Raises ReplyError if
        the response is something else, is not complete, or has more after its end.
        """
        media, form, name = request["media"], request["form"], request["name"]
        size = os.fstat(file).st_size
        body = os.pread(file, size, 0)
        try:
            if form == "graph":
                return self._graph((quad.triple for quad in parse(body, GRAPH_FORMATS[media])), name)
            if form == "ask":
                json.loads(body)  # the parser of results stops after the boolean
            source = BytesIO(body)
            results = parse_query_results(source, SOLUTIONS_FORMATS[media])
            if KINDS[type(results)] != form:
                raise ReplyError("engine-answer", reason="engine-unreadable", what=media)
            if isinstance(results, QuerySolutions) and list(map(str, results.variables)) != request["variables"]:
                raise ReplyError("engine-answer", reason="engine-variables", what=" ".join(request["variables"]))
            output = self._solutions(results, name)
            if source.read().strip():
                raise ReplyError("engine-answer", reason="engine-unreadable", what=media)
        except (SyntaxError, ValueError, RecursionError):
            raise ReplyError("engine-answer", reason="engine-unreadable", what=media) from None
        return output


def index_fault(error: Exception) -> str:
    """Return the code of the problem of an index that cannot be read: what the machine lacks, a right, else the index itself."""
    if os.strerror(errno.EACCES) in str(error):
        return "permission"
    lacking = (errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN)
    words = ("file descriptors", *map(os.strerror, lacking))  # the first are Oxigraph's own, before it opens any
    is_lack = isinstance(error, MemoryError) or any(each in str(error) for each in words)
    return "resources" if is_lack else "release-damaged"


def failure_code(error: Exception) -> str:
    """Return the code of the problem of a query: what the machine lacks, an index that cannot be read, or the query."""
    if not str(error).startswith(UNREADABLE):
        return "query-failed"
    return index_fault(error)


def receive(channel: socket) -> tuple[dict[str, Any], int]:
    """Return the next request and its file, -1 if it has none; raises EOFError if the server has closed the socket."""
    data, rights, _, _ = channel.recvmsg(65536, CMSG_SPACE(4))
    parts = [data]
    while not data.endswith(b"\n"):
        if not data:
            raise EOFError
        parts.append(data := channel.recv(1 << 20))
    return json.loads(b"".join(parts)), int.from_bytes(rights[0][2][:4], sys.byteorder) if rights else -1


def send(channel: socket, result: BoundedOutput | dict[str, Any], *, retire: bool = False) -> None:
    """Send a reply; `retire` says that this process must not run another query."""
    if isinstance(result, dict):
        channel.sendall(json.dumps({"retire": retire, **result}).encode() + b"\n")
        return
    head = {"form": result.kind, "size": result.size, "retire": retire}
    if result.file < 0:
        channel.sendall(json.dumps(head).encode() + b"\n" + result.body)
    else:  # a few bytes, which the socket accepts at once
        message = json.dumps({**head, "file": True}).encode() + b"\n"
        channel.sendmsg([message], [(SOL_SOCKET, SCM_RIGHTS, result.file.to_bytes(4, sys.byteorder))])
        result.close()


def serve(channel: socket, index: str, store: Store | Exception | None, limits: dict[str, Any]) -> None:
    """Answer requests until the server closes the socket; the first message says that the process is ready, or why not.

    `store` is the one to use, the error with which it could not be loaded, or None: then the index is opened.
    """
    if store is None:
        try:
            store = Store.read_only(index)
        except Exception as error:
            store = error
    if isinstance(store, Exception):
        send(channel, {"error": index_fault(store), "message": str(store) or os.strerror(errno.ENOMEM)})
        return
    worker = Worker(store, limits)
    worker.limit_memory()
    worker.limit_cpu()
    send(channel, {})
    while True:
        request, file = receive(channel)
        result = worker.answer(request, file)
        if file >= 0:
            os.close(file)
        send(channel, result, retire=worker.limit_cpu())
