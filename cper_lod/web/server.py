"""Serving over HTTP: granian, its worker processes, and the address they listen on."""

import asyncio
import contextlib
import ctypes
import errno
import functools
import logging
import os
import resource
import signal
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from cper_lod.engine.embedded import EmbeddedEngine
from cper_lod.release.release import DATA, INDEX, open_release
from cper_lod.terms.language import system_language
from cper_lod.terms.problems import Problem
from cper_lod.terms.settings import Settings
from cper_lod.web.app import Site, behind_prefix, create_app
from cper_lod.web.gateway import Gateway
from cper_lod.web.incoming import Scope
from cper_lod.web.warming import expected, warm

PR_SET_PDEATHSIG = 1
CONNECTIONS = 4096
"""Connections that one server process may have, idle ones too."""
HEAD_SECONDS = 4
"""Seconds in which the head of a request must have come."""
HEAD_BYTES = 128 * 1024
"""Bytes of the head of a request; an address alone may have 64 KiB."""
LAST_WORDS = 4
"""Seconds that requests under way have when the server is told to end."""


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


def _refused(name: str, value: object, error: Exception) -> Problem:
    expected = getattr(error, "strerror", None) or error
    return Problem("settings-invalid", name=name, value=value, origin=f"--{name}", expected=expected)


def _follow(parent: int) -> None:
    """End this worker with its parent: a main process that is killed must not leave servers behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class Worker:
    """One server process (an RSGI application): the gateway, and what has to be done once for its sockets."""

    def __init__(self, gateway: Gateway, site: Site) -> None:
        self._gateway = gateway
        self._site = site
        self._limited = False
        self._preparing: asyncio.Task[None] | None = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with the pages that visitors come for, while the first requests are taken already."""
        self._preparing = loop.create_task(self._gateway.prepare(expected(self._site)))

    async def __rsgi__(self, scope: Scope, channel: Any) -> None:  # noqa: ANN401  # granian's own object
        """Answer one request."""
        if not self._limited:
            self._limited = True
            cut_unread(self._site.settings.port, self._site.settings.client_timeout)
        await self._gateway.__rsgi__(scope, channel)

    def __rsgi_del__(self, loop: object) -> None:
        """Leave nothing unwritten (RSGI specification, "application termination")."""
        self._gateway.close()


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


def make(settings: Settings, folder: Path, prefix: str, parent: int) -> Worker:
    """Return the application of one server process: it opens the sealed release by itself."""
    _follow(parent)
    release = open_release(folder)
    engine = EmbeddedEngine(folder / INDEX, settings, release.graphs, folder / DATA)
    app = create_app(release, engine, settings)
    site: Site = app.extensions["cper_lod"]
    warm(app)
    return Worker(Gateway(site, behind_prefix(app, prefix) if prefix else app, prefix), site)


def serve(settings: Settings, folder: Path, ready: Callable[[], None]) -> None:
    """Serve the sealed release in `folder` until a signal; `ready` is called before the first request is taken.

    Raises `port-in-use`.
    """
    check_port(settings.host, settings.port)
    _allow_files()
    logging.getLogger("cper_lod").addHandler(logging.StreamHandler())
    prefix = _prefix(settings.public_url)
    server = Server(
        "cper_lod.web.server",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        backpressure=CONNECTIONS,
        # A stream of HTTP/2 could be left unread without the system seeing it; proxies speak HTTP/1.1 to servers.
        http=HTTPModes.http1,
        loop=Loops.asyncio,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=HEAD_BYTES),
        websockets=False,
        # Its warnings are about our choice of threads, at every start; what ends a worker is an error.
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_WORDS,
    )
    ready()
    try:
        server.serve(target_loader=functools.partial(_load, settings, folder, prefix, os.getpid()), wrap_loader=False)
    except SystemExit:
        # After Ctrl+C, which reaches the workers too, one that ends first is no fault.
        if not server.interrupt_signal:
            raise


def _allow_files() -> None:
    """Allow as many open files as this process may have: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS names a limit that it does not grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _load(settings: Settings, folder: Path, prefix: str, parent: int, *_: object) -> Any:  # noqa: ANN401 - granian's hints know functions only
    try:
        return make(settings, folder, prefix, parent)
    except Problem as problem:
        # This is a worker: what it raises would be shown as a trace. Without workers the server ends.
        words = problem.words(system_language(settings.lang, dict(os.environ)))
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()
        os._exit(problem.kind.exit_code)


def _prefix(public_url: str) -> str:
    """Return the path of the public address, below which a proxy may pass requests on unchanged.

    >>> _prefix("https://example.org/cper"), _prefix("http://127.0.0.1:8000")
    ('/cper', '')
    """
    rest = public_url.partition("://")[2]
    return "/" + path if (path := rest.partition("/")[2]) else ""
