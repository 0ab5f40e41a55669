"""A cheap HTTP/1.1 client on one raw socket, which can also send what a well-behaved client never would."""

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

JSON: Final = "application/sparql-results+json"
DIRECT: Final = "application/sparql-query"
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Reply:
    """One answer as it came, and how long it took from the first byte sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0

    def code(self) -> str:
        """Return the code of a problem document (RFC 9457), `cut` for results JSON that is not whole, or nothing."""
        kind = self.headers.get("content-type", "")
        if "json" not in kind:
            return ""
        try:
            told = json.loads(self.body)
        except ValueError:
            return "cut"
        return str(told.get("type", "")).rpartition("/")[2] if "problem+json" in kind else ""


def get(target: str, accept: str = JSON, **more: str) -> bytes:
    """Return a GET request; the target is sent as it is, whatever it holds."""
    headers = {"Host": "127.0.0.1", "Accept": accept, **{name.replace("_", "-"): value for name, value in more.items()}}
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def post(target: str, body: bytes, kind: str = DIRECT, length: str | None = None, accept: str = JSON) -> bytes:
    """Return a POST request; `length` is the Content-Length that it claims."""
    lines = [
        f"POST {target} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Accept: {accept}",
        f"Content-Type: {kind}",
        f"Content-Length: {length or len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def asking(path: str, text: str, accept: str = JSON) -> bytes:
    """Return the GET request of a query (SPARQL 1.1 Protocol, section 2.1.1)."""
    return get(f"{path}?query={quote(text, safe='')}", accept)


class Connection:
    """One kept-alive connection; a context manager. `source` is the address of 127.0.0.0/8 that it comes from."""

    def __init__(self, port: int, timeout: float = 30, source: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._timeout = timeout
        self._data = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def ask(self, request: bytes) -> Reply:
        """Return the answer to one request; raises OSError (TimeoutError after the connection's time) or EOFError."""
        began = time.perf_counter()
        self.send(request)
        return self.reply(began)

    def send(self, request: bytes) -> None:
        """Send bytes whole; a server that answers and closes before it has read them all is no error yet."""
        try:
            self.socket.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            return

    def reply(self, began: float) -> Reply:
        """Return the next answer; the connection's time-out is for the whole of it."""
        deadline = time.monotonic() + self._timeout
        head = self._until(b"\r\n\r\n", deadline).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        if 100 <= status < 200:
            return self.reply(began)
        if "chunked" in headers.get("transfer-encoding", ""):
            body = self._chunks(deadline)
        elif "content-length" in headers:
            body = self._exactly(int(headers["content-length"]), deadline)
        else:
            body = b"" if status in (204, 304) else self._rest(deadline)
        return Reply(status, headers, body, time.perf_counter() - began)

    def _more(self, deadline: float) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.socket.settimeout(left)
        return self.socket.recv(1 << 18)

    def _need(self, deadline: float) -> None:
        more = self._more(deadline)
        if not more:
            raise EOFError("closed" if not self._data else "cut")
        self._data += more

    def _until(self, mark: bytes, deadline: float) -> bytes:
        while (at := self._data.find(mark)) < 0:
            self._need(deadline)
        found, self._data = self._data[:at], self._data[at + len(mark) :]
        return found

    def _exactly(self, count: int, deadline: float) -> bytes:
        parts, missing = [self._data[:count]], count - len(self._data)
        self._data = self._data[count:]
        while missing > 0:
            more = self._more(deadline)
            if not more:
                raise EOFError("cut")
            parts.append(more[:missing])
            self._data = more[missing:]
            missing -= len(more)
        return b"".join(parts)

    def _chunks(self, deadline: float) -> bytes:
        parts = []
        while size := int(self._until(b"\r\n", deadline).partition(b";")[0], 16):
            parts.append(self._exactly(size, deadline))
            self._until(b"\r\n", deadline)
        self._until(b"\r\n", deadline)
        return b"".join(parts)

    def _rest(self, deadline: float) -> bytes:
        parts = [self._data]
        self._data = b""
        while more := self._more(deadline):
            parts.append(more)
        return b"".join(parts)
