"""What came of a hostile input, in a few words, and whether that is accepted."""

import re
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks.client import FORM, JSON, Connection, Reply, get, post
from benchmarks.hostile_queries import HostileQuery
from benchmarks.servers import Server


@dataclass(frozen=True)
class Outcome:
    """What one client met (`503 query-timeout`, `closed`, `cut`, `no answer in 30 s`), and after how many seconds."""

    what: str
    seconds: float

    def kept(self, wanted: str) -> bool:
        """Return whether this is what the pattern wants, up to a blank: the code of the problem is told, not wanted.

        >>> Outcome("503 query-timeout", 1).kept("400|503"), Outcome("200 cut", 1).kept("200")
        (True, False)
        """
        return re.fullmatch(rf"(?:{wanted})(?: (?!cut)[a-z0-9-]+)?", self.what) is not None


def summarize(outcomes: Sequence[Outcome]) -> str:
    """Return what came of many, counted.

    >>> summed([Outcome("200", 1), Outcome("closed", 1), Outcome("200", 2)])
    '2 × 200, closed'
    """
    counted = Counter(outcome.what for outcome in outcomes).most_common()
    return ", ".join(what if count == 1 else f"{count} × {what}" for what, count in counted)


def format_outcome(reply: Reply) -> str:
    """Return the words for an answer, with what it should never hold."""
    secret = b"root:x:0" in reply.body
    injected = "INJECTED" if "x-injected" in reply.headers else ""
    words = (str(reply.status), "FILE READ" if secret else reply.code(), injected)
    return " ".join(filter(None, words))


def attempt(server: Server, data: bytes, limit: float) -> Outcome:
    """Send bytes on a connection of their own and return what came back within `limit` seconds."""
    began = time.monotonic()
    try:
        with Connection(server.port, limit) as connection:
            what = format_outcome(connection.ask(data))
    except TimeoutError:
        what = f"no answer in {limit:.0f} s"
    except EOFError as error:
        what = str(error)
    except ConnectionRefusedError:
        what = "refused"
    except (OSError, ValueError, IndexError) as error:
        what = "closed" if isinstance(error, OSError) else "no HTTP/1.1"
    return Outcome(what, time.monotonic() - began)


def request(server: Server, query: HostileQuery, text: str) -> bytes:
    """Return the request of a hostile query by its method (SPARQL 1.1 Protocol, section 2.1)."""
    if query.method == "GET":
        return get(f"{server.query}?query={quote(text, safe='')}", JSON)
    if query.method == "form":
        body = b"query=" + quote(text, safe="").encode()
        return post(server.query, body, FORM)
    accept = "text/turtle" if text.startswith("CONSTRUCT") else JSON
    return post(server.query, text.encode(), accept=accept)


def until_closed(connection: Connection, limit: float, drip: bytes = b"", every: float = 1.0) -> Outcome:
    """Return what a server says, or that it closes, to a client that never finishes; `drip` is sent now and then."""
    began = time.monotonic()
    said = b""
    connection.socket.settimeout(every)
    while (passed := time.monotonic() - began) < limit:
        try:
            more = connection.socket.recv(65536)
        except TimeoutError:
            if drip:
                connection.send(drip)
            continue
        except OSError:
            more = b""
        said += more
        if said.startswith(b"HTTP/1.1 "):
            return Outcome(said[9:12].decode("latin-1"), time.monotonic() - began)
        if said or not more:
            return Outcome("no HTTP/1.1" if said else "closed", time.monotonic() - began)
    return Outcome(f"open after {limit:.0f} s", passed)


class Listener:
    """A socket that no server has any business to call; `called` says whether one did."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = int(self._socket.getsockname()[1])

    def called(self) -> bool:
        """Return whether somebody has connected."""
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
