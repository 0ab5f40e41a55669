"""Messages between the server and a query process: a binary header, then a body; JSON for what is rare."""

from __future__ import annotations

import json
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, Literal

REQUEST = struct.Struct("!BBIQ")
"""Header of a request: numbers of the formats for solutions and for a graph, sizes of the details and of the query."""
REPLY = struct.Struct("!BBdQ")
"""Header of a reply: number of the kind, flags, CPU time of the process so far, size of the body."""
SOLUTIONS_NAMES = ("", "results-json", "results-xml", "csv", "tsv")
"""The formats of solutions (`core.formats`) by number; 0 means that none is accepted."""
GRAPH_NAMES = ("", "turtle", "ntriples", "rdfxml", "trig", "nquads", "jsonld")
KINDS: Final[tuple[Literal["", "select", "ask", "graph"], ...]] = ("", "select", "ask", "graph")
"""The query forms by number; 0 means that the body is a JSON object instead of an answer."""
HAS_BLANK_NODES, RETIRE, SPOOLED = 1, 2, 4
"""Flags: the answer may contain a blank node; the process must not run another query; the body is in a file."""


def encode_request(text: str, solutions: str = "", graph: str = "", details: dict[str, Any] | None = None) -> bytes:
    """Return a request to answer the query `text` in one of two formats.

    `details` are rarely needed: `default_graph` and `named_graphs`, or `chunks` (see `syntax.errors.parser_chunks`).
    """
    body = text.encode()
    more = json.dumps(details).encode() if details else b""
    return REQUEST.pack(SOLUTIONS_NAMES.index(solutions), GRAPH_NAMES.index(graph), len(more), len(body)) + more + body


def reply_header(kind: str, flags: int, cpu_time: float, size: int) -> bytes:
    """Return the header of a reply; `size` is the size of the body, which follows or is in a file."""
    return REPLY.pack(KINDS.index(kind), flags, cpu_time, size)


def json_reply(content: dict[str, Any], flags: int = 0, cpu_time: float = 0.0) -> bytes:
    """Return a complete reply that is not an answer: an error, or the first message of a process."""
    body = json.dumps(content).encode()
    return reply_header("", flags, cpu_time, len(body)) + body
