"""A cheap HTTP/1.1 client on one raw socket, which can also send what a well-behaved client never would."""

import json
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import quote

JSON: Final = "application/sparql-results+json"
DIRECT: Final = "application/sparql-query"
FORM: Final = "application/x-www-form-urlencoded"
BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


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
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
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
        """Return the next answer; raises EOFError ("closed" before it, "cut" within), TimeoutError, OSError."""
        if not (line := self._file.readline()):
            raise EOFError("closed")
        status, headers = int(line.split(b" ", 2)[1]), dict[str, str]()
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if 100 <= status < 200:
            return self.reply(began)
        if "chunked" in headers.get("transfer-encoding", ""):
            body = b"".join(self._chunks())
        elif "content-length" in headers and status != 304:
            body = self._exactly(int(headers["content-length"]))
        else:
            body = b"" if status in (204, 304) else self._file.read()
        return Reply(status, headers, body, time.perf_counter() - began)

    def _exactly(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) < count:
            raise EOFError("cut")
        return data

    def _chunks(self) -> Iterator[bytes]:
        """Yield the chunks of a body (RFC 9112, section 7.1); trailers are not expected."""
        while size := int(self._file.readline().partition(b";")[0] or b"-1", 16):
            if size < 0:
                raise EOFError("cut")
            yield self._exactly(size)
            self._file.readline()
        self._file.readline()
