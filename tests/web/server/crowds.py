"""Clients that mean harm: many connections at once, from addresses of this machine, that are held as long as they can."""

import re
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
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
    """So many clients, each with a connection and a request of its own; those that are refused come again at once.

    What is answered otherwise is not read beyond its head. `refused` counts the refusals by their status, `untold` those
    that do not say when to come again.
    """

    def __init__(
        self, port: int, clients: int, request: Callable[[int], bytes], addresses: Sequence[str], *, tls: bool = False
    ) -> None:
        self.refused, self.untold, self.answered = Counter[int](), 0, Counter[int]()
        self._port, self._request, self._addresses, self._tls = port, request, addresses, tls
        self._held, self._ended = set[socket.socket](), threading.Event()
        self._threads = [threading.Thread(target=self._stay, args=(number,)) for number in range(clients)]
        for each in self._threads:
            each.start()

    def _stay(self, number: int) -> None:
        while not self._ended.is_set():
            address = self._addresses[number % len(self._addresses)]
            with suppress(OSError), closing(connection(self._port, address, tls=self._tls, narrow=True)) as made:
                self._held.add(made)
                made.sendall(self._request(number))
                head = made.recv(2000)
                status = int(match[1]) if (match := _STATUS.match(head)) else 0
                if status in (429, 503):
                    self.refused[status] += 1
                    self.untold += b"retry-after: " not in head.lower()
                    self._held.discard(made)
                elif not self._ended.is_set():
                    self.answered[status] += 1
                    self._ended.wait()

    def close(self) -> None:
        """Have all of them leave."""
        self._ended.set()
        for each in [*self._held]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
