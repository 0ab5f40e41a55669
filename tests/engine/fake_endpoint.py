"""A server of the test's own on loopback: it keeps what it is sent, and answers whatever bytes a test wants."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from trustme import LeafCert

Reply = bytes | Callable[[socket.socket], None]


def answer(body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/sparql-results+json") -> bytes:
    """Return a whole HTTP response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def speaking_tls(certificate: "LeafCert", names: list[str]) -> ssl.SSLContext:
    """Return the server's side of TLS, which keeps the names it is asked for (SNI)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    context.sni_callback = lambda _, name, __: names.append(name)
    return context


class Endpoint:
    """A listening socket, and the requests that came; a context manager."""

    def __init__(self, reply: Reply, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.reply = reply
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}/sparql"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with socket.socket() as last:  # not by a name: a test may have replaced the resolver
            last.connect(("127.0.0.1", self.port))
            self._thread.join(10)
        self._socket.close()
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            accepted, _ = self._socket.accept()
            with accepted, suppress(OSError):
                accepted.settimeout(5)
                if self._ended.is_set():
                    return
                if self._tls is None:
                    self._serve(accepted)
                else:
                    with self._tls.wrap_socket(accepted, server_side=True) as wrapped:
                        self._serve(wrapped)

    def _serve(self, accepted: socket.socket) -> None:
        request = _request(accepted)
        self.requests.append(request)
        if isinstance(self.reply, bytes):
            accepted.sendall(self.reply)
        else:
            self.reply(accepted)


def _request(accepted: socket.socket) -> bytes:
    """Return a whole request: its head, and as much body as it announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(accepted)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
    while len(body) < length:
        body += _more(accepted)
    return head + b"\r\n\r\n" + body


def _more(accepted: socket.socket) -> bytes:
    piece = accepted.recv(65_536)
    if not piece:
        raise OSError("the client left")
    return piece
