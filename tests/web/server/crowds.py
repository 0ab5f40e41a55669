"""Clients that mean harm: many connections at once, from addresses of this machine, that are held as long as they can."""

import re
import selectors
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from http.client import HTTPResponse

_STATUS = re.compile(rb"HTTP/1\.1 (\d+) ")


def connection(port: int, address: str, *, tls: bool = False, narrow: bool = False) -> socket.socket:
    """Return a connection from an address; a `narrow` one takes little at once that its client does not read."""
    made = socket.socket()
    made.settimeout(30)
    if narrow:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.bind((address, 0))
    made.connect(("127.0.0.1", port))
    if not tls:
        return made
    return _context().wrap_socket(made, server_hostname="data.example.org")


@cache
def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def answer(port: int, address: str, request: bytes, *, tls: bool = False) -> tuple[int, bytes]:
    """Return the status and the body of the answer to a request from an address; it has half a minute to come."""
    with closing(connection(port, address, tls=tls)) as made:
        made.sendall(request)
        response = HTTPResponse(made)
        response.begin()
        return response.status, response.read()


class Crowd:
    """So many connections, each with a request of its own; those that are refused come again at once.

    What is answered otherwise is not read beyond its head. `refused` counts the refusals by their status, `untold` those
    that do not say when to come again.
    """

    def __init__(
        self, port: int, clients: int, request: Callable[[int], bytes], addresses: Sequence[str], *, tls: bool = False
    ) -> None:
        self.refused, self.untold, self.answered = Counter[int](), 0, Counter[int]()
        self._port, self._addresses, self._tls = port, addresses, tls
        self._request, self._selector, self._ended = request, selectors.DefaultSelector(), threading.Event()
        self._held = dict[socket.socket, int]()
        for number in range(clients):
            self._come(number)
        self._thread = threading.Thread(target=self._stay, name="crowd")
        self._thread.start()

    def _come(self, number: int) -> None:
        address = self._addresses[number % len(self._addresses)]
        made = connection(self._port, address, tls=self._tls, narrow=True)
        with suppress(ConnectionError):
            made.sendall(self._request(number))
        self._held[made] = number
        self._selector.register(made, selectors.EVENT_READ)

    def _stay(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._selector.select(0.05):
                made: socket.socket = key.fileobj  # type: ignore[assignment]
                self._selector.unregister(made)
                head = b""
                with suppress(OSError):
                    head = made.recv(2000)
                status = int(match[1]) if (match := _STATUS.match(head)) else 0
                if status in (429, 503):
                    self.refused[status] += 1
                    self.untold += b"retry-after: " not in head.lower()
                    made.close()
                    self._come(self._held.pop(made))
                else:
                    self.answered[status] += 1

    def close(self) -> None:
        """Have all of them leave."""
        self._ended.set()
        self._thread.join()
        for each in self._held:
            each.close()
        self._selector.close()


@contextmanager
def crowd(
    port: int, clients: int, request: Callable[[int], bytes], addresses: Sequence[str], *, tls: bool = False
) -> Iterator[Crowd]:
    """Have a crowd stay as long as the context lasts."""
    with closing(Crowd(port, clients, request, addresses, tls=tls)) as made:
        yield made
