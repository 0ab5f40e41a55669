"""Sends queries to other SPARQL endpoints: only to public addresses, with a deadline and a maximum size."""

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextlib import ExitStack, closing, suppress
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final
from urllib.parse import SplitResult, urlencode, urlsplit

from cper_lod.core.errors import Problem

_SPECIAL_4: Final = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
_UNICAST_6: Final = ip_network("2000::/3")
# The first contains Teredo, the third is 6to4: nobody publishes an endpoint there, whatever address they wrap.
_SPECIAL_6: Final = tuple(ip_network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64: Final = ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Return whether a numeric address is global unicast (IANA's special-purpose address registries, RFC 6890).

    `ipaddress.is_global` is not used, since it counts multicast as global and its list changes with the version of Python.
    An address behind NAT64 (RFC 6052), by which an IPv6-only host reaches IPv4, is judged by the IPv4 address it contains;
    no other wrapped address is public.

    >>> is_public("9.9.9.9"), is_public("127.0.0.1"), is_public("::ffff:9.9.9.9"), is_public("64:ff9b::127.0.0.1")
    (True, False, False, False)
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.scope_id is not None:
            return False
        if ip not in _NAT64:
            return ip in _UNICAST_6 and not any(ip in network for network in _SPECIAL_6)
        ip = IPv4Address(int(ip) & 0xFFFFFFFF)
    return not any(ip in network for network in _SPECIAL_4)


def reject_private_endpoints(allowed: Collection[str]) -> None:
    """Raise settings-invalid for an allowed endpoint whose host is not a public address, so that it can never be called."""
    for iri in allowed:
        host = urlsplit(iri).hostname or ""
        with suppress(ValueError):  # a host name: its addresses are checked at each call
            if not is_public(str(ip_address(host))):
                raise Problem(
                    "settings-invalid",
                    name="service_allow",
                    value=iri,
                    origin="service_allow",
                    expected="une adresse publique / a public address",
                )


_TYPES: Final = frozenset({"application/sparql-results+json", "application/json"})
_READ_SIZE: Final = 65_536


class ResponseTooLargeError(Exception):
    """The response exceeds the allowed size."""


def fetch(iri: str, query: str, deadline: float, limit: int, is_public: Callable[[str], bool] = is_public) -> bytes:
    """Return the response of the endpoint `iri` to `query`: SPARQL results in JSON, at most `limit` bytes.

    SPARQL 1.1 Protocol, section 2.1.2 (POST of a form, which every endpoint supports). The name is resolved once, and the
    connection goes to an address that was checked; redirects, proxies, cookies and passwords are not used. `deadline` is a
    time of `time.monotonic`. Raises TimeoutError after it, ResponseTooLargeError, service-address if an address of the host
    is not public, service-failed for any other error.
    """
    parts = urlsplit(iri)
    try:
        addresses = _resolve(parts, deadline)
        if not addresses or not all(is_public(address[-1][0]) for address in addresses):
            raise Problem("service-address", iri=iri)
        with closing(_connect(addresses, deadline)) as connection:
            if parts.scheme == "http":
                return _post(connection, parts, query, deadline, limit)
            connection.settimeout(_remaining(deadline))  # for the whole handshake
            with _context().wrap_socket(connection, server_hostname=parts.hostname) as tls_connection:
                return _post(tls_connection, parts, query, deadline, limit)
    except (OSError, HTTPException, UnicodeError) as error:
        if isinstance(error, TimeoutError) and time.monotonic() > deadline - 0.01:
            raise TimeoutError from None
        raise Problem("service-failed", iri=iri, message=_describe_error(error)) from error


def _remaining(deadline: float) -> float:
    """Return the seconds left; raises TimeoutError if none are."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _resolve(parts: SplitResult, deadline: float) -> list[Any]:
    """Return the addresses of a host, from getaddrinfo in a thread, because getaddrinfo has no time limit."""
    found = Future[list[Any]]()
    port = parts.port or (443 if parts.scheme == "https" else 80)

    def resolve() -> None:
        try:
            found.set_result(socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.set_exception(error)

    threading.Thread(target=resolve, name="resolver", daemon=True).start()
    return found.result(_remaining(deadline))


def _connect(addresses: list[Any], deadline: float) -> socket.socket:
    """Return a connection to the first address that accepts it; each gets its share of the remaining time."""
    failure = OSError()
    for attempt, (family, socket_type, protocol, _, address) in enumerate(addresses):
        try:
            with ExitStack() as stack:
                connection = stack.enter_context(socket.socket(family, socket_type, protocol))
                connection.settimeout(_remaining(deadline) / (len(addresses) - attempt))
                connection.connect(address)
                stack.pop_all()
                return connection
        except OSError as error:
            failure = error
    raise failure


@cache
def _context() -> ssl.SSLContext:
    """Return the TLS context: certificate and host name are verified with the certificates of the system."""
    return ssl.create_default_context()


class _Stream(io.RawIOBase):
    """A connected socket for http.client whose operations all end at the deadline, and whose bytes are counted.

    The time-out of a socket alone would start again with each byte.
    """

    def __init__(self, connection: socket.socket, deadline: float, limit: int) -> None:
        self._socket = connection
        self._deadline = deadline
        self._bytes_left = limit

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # any writable buffer
        self._socket.settimeout(_remaining(self._deadline))
        count = self._socket.recv_into(buffer)
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise ResponseTooLargeError
        return count

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._socket.settimeout(_remaining(self._deadline))
            view = view[self._socket.send(view) :]


def _post(tcp_socket: socket.socket, parts: SplitResult, query: str, deadline: float, limit: int) -> bytes:
    """Send the query and return the body of the response; headers and chunk sizes count towards the limit."""
    connection = HTTPConnection(parts.hostname or "", parts.port or 0)
    stream: Any = _Stream(tcp_socket, deadline, limit)
    connection.sock = stream
    headers = {
        "Host": parts.netloc,
        "Accept": "application/sparql-results+json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "cper-lod",
        "Connection": "close",
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", target, urlencode({"query": query}).encode(), headers)
    with HTTPResponse(stream, method="POST") as response:
        response.begin()
        _check_head(response)
        body = bytearray()
        while chunk := response.read(_READ_SIZE):  # the Content-Length is not trusted
            body += chunk
        if response.length:
            raise IncompleteRead(bytes(body))
        return bytes(body)


def _check_head(response: HTTPResponse) -> None:
    """Raise HTTPException if status or headers of a response are not acceptable."""
    if response.status != 200:
        redirect = ", a redirect, which is not followed" if 300 <= response.status < 400 else ""
        raise HTTPException(f"HTTP status {response.status}{redirect}")
    media_type = response.headers.get_content_type()
    if media_type not in _TYPES:
        raise HTTPException(f"its answer is {media_type}, not SPARQL results in JSON")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise HTTPException("its answer is compressed, which was not asked for")


def _describe_error(error: Exception) -> str:
    """Return the message of an error without numbers and file names of the system."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({error.verify_message})"
    if isinstance(error, IncompleteRead):
        return "its answer is cut short"
    if type(error) is HTTPException:
        return str(error)
    return getattr(error, "strerror", None) or type(error).__name__
