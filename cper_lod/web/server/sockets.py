"""The address to listen on: whether it is free, and its reservation until the server listens."""

import contextlib
import errno
import socket
from collections.abc import Iterator

from cper_lod.core.errors import Problem


def check_port(host: str, port: int) -> None:
    """Raise `port-in-use` if the address is in use, `settings-invalid` if this machine cannot have it.

    A second granian on the same port would start without an error and share the traffic (SO_REUSEPORT).
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except (OSError, UnicodeError) as error:
        raise _invalid("host", host, error) from error
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # Without this, a port with connections in TIME_WAIT would seem to be in use.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Problem("port-in-use", host=host, port=port, message=error.strerror or error) from error
        name, value = ("port", port) if error.errno == errno.EACCES else ("host", host)
        raise _invalid(name, value, error) from error


@contextlib.contextmanager
def reserved_port(host: str, port: int) -> Iterator[None]:
    """Reserve the address until granian listens, half a second later.

    Two servers of one folder get here at the same moment, because one waits for the other's build. The socket is bound
    and never listens, so that it gets no connections. Raises what `check_port` raises.
    """
    check_port(host, port)
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family, socket.SOCK_STREAM) as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with contextlib.suppress(OSError):  # connections in TIME_WAIT: then without a reservation
            reserved.bind((host, port))
        yield


def _invalid(name: str, value: object, error: Exception) -> Problem:
    expected = getattr(error, "strerror", None) or error
    return Problem("settings-invalid", name=name, value=value, origin=f"--{name}", expected=expected)
