"""The HTTP server: granian, its worker processes, and the address they listen on."""

import contextlib
import functools
import logging
import os
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import system_language, translate
from cper_lod.core.processes import end_with_parent
from cper_lod.core.settings import LOOPBACK, Settings
from cper_lod.release.history.watcher import Watcher
from cper_lod.release.release import open_release
from cper_lod.web.observability.logs import configure
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.server.loader import ReleaseLoader
from cper_lod.web.server.release_swapper import ReleaseSwapper
from cper_lod.web.server.runtime import ReleaseRuntime
from cper_lod.web.server.sockets import reserved_port

MAX_CONNECTIONS = 4096
"""Connections of one server process, idle ones included."""
HEAD_TIMEOUT = 4
"""Seconds in which the head of a request must arrive."""
MAX_HEAD = 128 * 1024
"""Bytes of the head of a request; the URL alone may have 64 KiB."""
_UNSET = {"public_url": "unset-public-url", "contact": "unset-contact", "hosting": "unset-hosting"}
"""The sentence that says why a setting should be set, by the name of the setting."""
SHUTDOWN_TIMEOUT = 4
"""Seconds that active requests have when the server is asked to stop."""


def make_worker(
    settings: Settings, folder: Path | None, prefix: str, parent: int, counters: Path | None = None
) -> ReleaseSwapper:
    """Return the ASGI application of one server process, which opens the release itself.

    `folder` is that of data served as given; without it, the current release of the history is served, and its
    successors. `counters` is the folder where several processes share their counters.
    """
    end_with_parent(parent)  # a main process that is killed must leave no servers behind
    configure(settings)
    recorder = RequestRecorder(settings, prefix, counters)
    if folder:
        return ReleaseSwapper(ReleaseRuntime(settings, open_release(folder), prefix, recorder), recorder)
    loader = ReleaseLoader(settings, prefix, recorder)
    return ReleaseSwapper(loader.first(), recorder, loader.next)


def serve(settings: Settings, folder: Path | None, ready: Callable[[], None]) -> None:
    """Serve the sealed release in `folder` until a signal; call `ready` before the first request is accepted.

    Without a folder, serve the current release of the history, and publish the sources whenever they change.

    Raises `port-in-use`.
    """
    _raise_file_limit()
    prefix = _prefix(settings.public_url)
    server = Server(
        "cper_lod.web.server.server",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        backpressure=MAX_CONNECTIONS,
        # A stream of HTTP/2 could be left unread without the system seeing it; proxies speak HTTP/1.1 to servers.
        http=HTTPModes.http1,
        loop=Loops.uvloop,
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
            counters = None
            if settings.workers > 1:  # they share their counters
                made = tempfile.TemporaryDirectory(prefix="cper-lod-counters-", ignore_cleanup_errors=True)
                counters = Path(stack.enter_context(made))
            configure(settings)
            log_unset(settings)
            ready()
            if folder is None and settings.watch:  # in this process, which answers no requests; another builds
                watcher = Watcher(settings)
                watcher.start()
                stack.callback(watcher.stop)
            loader = functools.partial(_load, settings, folder, prefix, os.getpid(), counters)
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
        logging.getLogger("cper_lod").warning("%s", translate(_UNSET[name], lang))


def _raise_file_limit() -> None:
    """Allow as many open files as the system permits: each connection is one."""
    _, maximum = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS reports a limit that it does not grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (maximum, maximum))


def _load(settings: Settings, folder: Path | None, prefix: str, parent: int, counters: Path | None, *_: object) -> Any:  # noqa: ANN401 - granian's hints know functions only
    try:
        return make_worker(settings, folder, prefix, parent, counters)
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
