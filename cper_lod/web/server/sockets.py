"""The address that is listened on: whether it is free, and an end to connections whose client reads nothing."""

import contextlib
import errno
import os
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from cper_lod.core.errors import Problem


def check_port(host: str, port: int) -> None:
    """Raise `port-in-use` where the address is taken, `settings-invalid` where this machine can have no such address.

    A second granian on the same port would start without a word and share the traffic (SO_REUSEPORT).
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except (OSError, UnicodeError) as error:
        raise _refused("host", host, error) from error
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # Without this a port of connections just closed (TIME_WAIT) would look taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Problem("port-in-use", host=host, port=port, message=error.strerror or error) from error
        name, value = ("port", port) if error.errno == errno.EACCES else ("host", host)
        raise _refused(name, value, error) from error


@contextlib.contextmanager
def held_port(host: str, port: int) -> Iterator[None]:
    """Keep others that check the address from taking it until granian listens, which is half a second later.

    Two servers of one folder come here at the same moment, since one waited for the other's build. The socket is
    bound and never listens, so that no connection comes to it. Raises what `check_port` raises.
    """
    check_port(host, port)
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family, socket.SOCK_STREAM) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with contextlib.suppress(OSError):  # connections just closed (TIME_WAIT): as good as unheld
            held.bind((host, port))
        yield


def _refused(name: str, value: object, error: Exception) -> Problem:
    expected = getattr(error, "strerror", None) or error
    return Problem("settings-invalid", name=name, value=value, origin=f"--{name}", expected=expected)


def cut_unread(port: int, seconds: int) -> int:
    """Have the system end connections on `port` whose client does not read for so long; return how many it knows.

    Those that are accepted later inherit it. granian opens the socket after it has loaded the application, and has no
    setting for this (TCP_USER_TIMEOUT; Linux).
    """
    found = 0
    for file in Path("/proc/self/fd").iterdir() if sys.platform == "linux" else ():
        with contextlib.suppress(OSError):
            if not stat.S_ISSOCK(file.stat().st_mode):
                continue
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as each:
            if each.family in (socket.AF_INET, socket.AF_INET6) and each.getsockname()[1] == port:
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)
                found += 1
    return found
