"""The HTTP server: granian with threads (WSGI), in one process, and the address that it listens on."""

import contextlib
import errno
import functools
import gc
import logging
import os
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import system_language, translate
from cper_lod.core.processes import end_with_parent
from cper_lod.core.settings import LOOPBACK, Settings
from cper_lod.web.http.limits import THREADS, Limits
from cper_lod.web.observability.logs import configure

if TYPE_CHECKING:
    from cper_lod.web.http.environ import Application
    from cper_lod.web.observability.recorder import Recorder

MAX_CONNECTIONS = 4096
"""Connections, idle ones included."""
HEAD_TIMEOUT = 4
"""Seconds in which the head of a request must arrive."""
MAX_HEAD = 128 * 1024
"""Bytes of the head of a request; the URL alone may have 64 KiB."""
SHUTDOWN_TIMEOUT = 4
"""Seconds that active requests have when the server is asked to stop."""


def make_application(settings: Settings, folder: Path | None, prefix: str, parent: int) -> "Application":
    """Return the WSGI application of the server process, which opens the release itself.

    `folder` is that of data served as given; without it, the current release of the history is served, and its
    successors.
    """
    gc.disable()  # as in the command `serve`
    # Here, because the main process, which starts this one, answers no request.
    from cper_lod.release.release import open_release  # noqa: PLC0415
    from cper_lod.web.observability.recorder import Recorder  # noqa: PLC0415
    from cper_lod.web.server.release_server import ReleaseLoader, ReleaseRuntime, ReleaseServer  # noqa: PLC0415

    end_with_parent(parent)  # a main process that is killed must leave no server behind
    configure()
    recorder, limits = Recorder(settings, prefix), Limits()
    # Not atexit: granian forks this process, and Python runs no exit handlers of a fork. It waits for such a thread.
    threading.Thread(target=_close_at_end, args=(recorder,), name="end").start()
    if folder:
        runtime, load_next = ReleaseRuntime(settings, open_release(folder), prefix, recorder, limits), None
    else:
        loader = ReleaseLoader(settings, prefix, recorder, limits)
        runtime, load_next = loader.first(), loader.next
    from cper_lod.web.http.templating import keep_compiled  # noqa: PLC0415  # imported with the application

    keep_compiled(settings.releases)
    server = ReleaseServer(runtime, recorder, load_next)
    gc.freeze()  # what there is now is not looked at while the first pages are made
    gc.enable()
    server.start()
    configure(recorder.log)  # from now on messages do not wait for their reader either
    return recorder.wrap(server)


def _close_at_end(recorder: "Recorder") -> None:
    """Write the last lines of the log when the main thread has ended, after the last request."""
    threading.main_thread().join()
    configure()
    recorder.close()


def serve(settings: Settings, folder: Path | None, ready: Callable[[], None], *, watch: bool = True) -> None:
    """Serve the sealed release in `folder` until a signal; call `ready` before the first request is accepted.

    Without a folder, serve the current release of the history, and publish the sources whenever they change (`watch`).

    Raises `port-in-use`.
    """
    _raise_file_limit()
    prefix = _prefix(settings.public_url)
    server = Server(
        "cper_lod.web.server.server",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backpressure=MAX_CONNECTIONS,
        # A stream of HTTP/2 could be left unread without the system seeing it; proxies speak HTTP/1.1 to servers.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_TIMEOUT * 1000, max_buffer_size=MAX_HEAD),
        websockets=False,
        # Its warnings, at every start, are about the number of threads; what ends a worker is an error.
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=SHUTDOWN_TIMEOUT,
    )
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(reserved_port(settings.host, settings.port))
            configure()
            log_unset(settings)
            ready()
            if folder is None and watch:  # in this process, which answers no requests; another builds
                from cper_lod.release.history.watcher import Watcher  # noqa: PLC0415  # what the server process does without

                watcher = Watcher(settings)
                watcher.start()
                stack.callback(watcher.stop)
            loader = functools.partial(_load, settings, folder, prefix, os.getpid())
            server.serve(target_loader=loader, wrap_loader=False)
    except SystemExit:
        # After Ctrl+C, which the workers get too, a worker that ends first is no error.
        if not server.interrupt_signal:
            raise


def log_unset(settings: Settings) -> None:
    """Log what a public server should say and this one does not, unless it is for this machine alone."""
    if settings.is_local and settings.host in LOOPBACK:
        return
    lang = system_language(settings.lang, dict(os.environ))
    for name in settings.unset:
        logging.getLogger("cper_lod").warning("%s", translate(f"unset-{name.replace('_', '-')}", lang))


def _raise_file_limit() -> None:
    """Allow as many open files as the system permits: each connection is one."""
    _, maximum = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS reports a limit that it does not grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (maximum, maximum))


def _load(settings: Settings, folder: Path | None, prefix: str, parent: int, *_: object) -> Any:  # noqa: ANN401 - granian's hints know functions only
    try:
        return make_application(settings, folder, prefix, parent)
    except Problem as problem:
        # This is a worker: an exception would be shown as a traceback. Without workers the server ends.
        words = problem.words(system_language(settings.lang, dict(os.environ)))
        logging.getLogger("cper_lod").error(str(words))  # noqa: TRY400
        os._exit(problem.kind.exit_code)


def _prefix(public_url: str) -> str:
    """Return the path of the public URL, below which a proxy may pass requests unchanged.

    >>> _prefix("https://example.org/cper"), _prefix("https://example.org/a/b")
    ('/cper', '/a/b')
    >>> _prefix("http://127.0.0.1:8000"), _prefix("https://example.org")
    ('', '')
    """
    rest = public_url.partition("://")[2]
    return "/" + path if (path := rest.partition("/")[2]) else ""


def check_port(host: str, port: int) -> socket.AddressFamily:
    """Return the family of an address; raises `port-in-use`, and `settings-invalid` if this machine cannot have it.

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
    return family


@contextlib.contextmanager
def reserved_port(host: str, port: int) -> Iterator[None]:
    """Reserve the address until granian listens, half a second later.

    Two servers of one folder get here at the same moment, because one waits for the other's build. The socket is bound
    and never listens, so that it gets no connections. Raises what `check_port` raises.
    """
    with socket.socket(check_port(host, port), socket.SOCK_STREAM) as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with contextlib.suppress(OSError):  # connections in TIME_WAIT: then without a reservation
            reserved.bind((host, port))
        yield


def _invalid(name: str, value: object, error: Exception) -> Problem:
    expected = getattr(error, "strerror", None) or error
    return Problem("settings-invalid", name=name, value=value, origin=f"--{name}", expected=expected)
