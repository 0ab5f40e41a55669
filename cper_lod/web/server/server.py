"""Serving over HTTP: granian, its worker processes, and the address they listen on."""

import contextlib
import functools
import logging
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import system_language
from cper_lod.core.processes import end_with_parent
from cper_lod.core.settings import Settings
from cper_lod.release.history.watcher import Watcher
from cper_lod.release.release import open_release
from cper_lod.web.observability.log_format import configure
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.server.loader import ReleaseLoader
from cper_lod.web.server.runtime import ReleaseRuntime
from cper_lod.web.server.sockets import held_port
from cper_lod.web.server.worker import ServerWorker

CONNECTIONS = 4096
"""Connections that one server process may have, idle ones too."""
HEAD_SECONDS = 4
"""Seconds in which the head of a request must have come."""
HEAD_BYTES = 128 * 1024
"""Bytes of the head of a request; an address alone may have 64 KiB."""
LAST_WORDS = 4
"""Seconds that requests under way have when the server is told to end."""


def make(
    settings: Settings, folder: Path | None, prefix: str, parent: int, figures: Path | None = None
) -> ServerWorker:
    """Return the application of one server process: it opens the sealed release by itself.

    `folder` is that of files served as given; without it, what the history says is served, and what comes after it.
    `figures` is the folder by which several processes tell each other what they count.
    """
    end_with_parent(parent)  # a main process that is killed must leave no servers behind
    configure(settings)
    observer = RequestRecorder(settings, prefix, figures)
    if folder:
        return ServerWorker(ReleaseRuntime(settings, open_release(folder), prefix, observer), observer)
    following = ReleaseLoader(settings, prefix, observer)
    return ServerWorker(following.first(), observer, following.next)


def serve(settings: Settings, folder: Path | None, ready: Callable[[], None]) -> None:
    """Serve the sealed release in `folder` until a signal; `ready` is called before the first request is taken.

    Without a folder, what the history says is served, and the sources are published whenever they change.

    Raises `port-in-use`.
    """
    _allow_files()
    prefix = _prefix(settings.public_url)
    server = Server(
        "cper_lod.web.server.server",
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
    with held_port(settings.host, settings.port), _figures(settings.workers) as figures:
        configure(settings)
        ready()
        loader = functools.partial(_load, settings, folder, prefix, os.getpid(), figures)
        try:
            with _watched(settings, folder):
                server.serve(target_loader=loader, wrap_loader=False)
        except SystemExit:
            # After Ctrl+C, which reaches the workers too, one that ends first is no fault.
            if not server.interrupt_signal:
                raise


@contextlib.contextmanager
def _watched(settings: Settings, folder: Path | None) -> Iterator[None]:
    """Look at the sources meanwhile: this process answers nothing, and what it starts to build writes."""
    watcher = Watcher(settings) if folder is None and settings.watch else None
    if watcher is None:
        yield
        return
    watcher.start()
    try:
        yield
    finally:
        watcher.stop()


@contextlib.contextmanager
def _figures(workers: int) -> Iterator[Path | None]:
    """Give the folder by which several processes tell each other what they count; one alone needs none."""
    if workers == 1:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="cper-lod-figures-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _allow_files() -> None:
    """Allow as many open files as this process may have: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS names a limit that it does not grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _load(settings: Settings, folder: Path | None, prefix: str, parent: int, figures: Path | None, *_: object) -> Any:  # noqa: ANN401 - granian's hints know functions only
    try:
        return make(settings, folder, prefix, parent, figures)
    except Problem as problem:
        # This is a worker: what it raises would be shown as a trace. Without workers the server ends.
        words = problem.words(system_language(settings.lang, dict(os.environ)))
        logging.getLogger("cper_lod").error(str(words))  # noqa: TRY400
        os._exit(problem.kind.exit_code)


def _prefix(public_url: str) -> str:
    """Return the path of the public address, below which a proxy may pass requests on unchanged.

    >>> _prefix("https://example.org/cper"), _prefix("http://127.0.0.1:8000")
    ('/cper', '')
    """
    rest = public_url.partition("://")[2]
    return "/" + path if (path := rest.partition("/")[2]) else ""
