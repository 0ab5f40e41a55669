"""What the server and a query process say to each other: a few bytes of numbers, then a body; JSON for what is rare.

Imported by the query process, which has to be ready in 50 ms: nothing but the standard library, and little of that.
"""

from __future__ import annotations

import json
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, Literal

REQUEST = struct.Struct("!BBIQ")
"""The numbers of the forms wanted of solutions and of a graph, the lengths of the details and of the query."""
REPLY = struct.Struct("!BBdQ")
"""The number of the kind of answer, flags, the processor time of the process so far, the length of the body."""
SOLUTIONS_NAMES = ("", "results-json", "results-xml", "csv", "tsv")
"""The names of the forms of solutions (`terms.formats`) by their numbers; 0 says that none is wanted."""
GRAPH_NAMES = ("", "turtle", "ntriples", "rdfxml", "trig", "nquads", "jsonld")
KINDS: Final[tuple[Literal["", "select", "ask", "graph"], ...]] = ("", "select", "ask", "graph")
"""What was asked; 0 says that the body is no answer, but what there is to tell, as JSON."""
HAS_BLANK_NODES, RETIRE, SPOOLED = 1, 2, 4
"""Flags: there may be a blank node in the answer; the process should serve nobody else; the body is in a file."""


def encode_request(text: str, solutions: str = "", graph: str = "", details: dict[str, Any] | None = None) -> bytes:
    """Return the request to answer the query `text` in one of two forms.

    `details` are what few queries need: `default_graph` and `named_graphs`, or `pieces` (see `beginning`).
    """
    body = text.encode()
    more = json.dumps(details).encode() if details else b""
    return REQUEST.pack(SOLUTIONS_NAMES.index(solutions), GRAPH_NAMES.index(graph), len(more), len(body)) + more + body


def reply_header(kind: str, flags: int, cpu_time: float, size: int) -> bytes:
    """Return the head of a reply; `size` is that of the body which follows or is in a file."""
    return REPLY.pack(KINDS.index(kind), flags, cpu_time, size)


def json_reply(content: dict[str, Any], flags: int = 0, cpu_time: float = 0.0) -> bytes:
    """Return the whole reply that is no answer: an error, or the first word of a process."""
    body = json.dumps(content).encode()
    return reply_header("", flags, cpu_time, len(body)) + body
