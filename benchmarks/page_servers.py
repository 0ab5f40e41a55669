"""What pages are compared with: the same bytes from nginx and from granian alone, the same application in WSGI servers."""

import grp
import os
import pwd
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks import constant, peers
from benchmarks.client import Reply
from benchmarks.harness import ROOT
from benchmarks.servers import OURS, Material, Server, free_port, running, started
from benchmarks.wsgi import FOLDER, PUBLIC
from cper_lod.release.release import MANIFEST
from cper_lod.web.http import limits
from cper_lod.web.server.server import HEAD_TIMEOUT

NGINX: Final = "nginx"
ALONE: Final = "granian alone"
GUNICORN: Final = "Flask under gunicorn"
GUNICORN_PACKAGE: Final = "gunicorn"
ALL: Final = (NGINX, ALONE, OURS, GUNICORN)
PUBLIC_URL: Final = "http://127.0.0.1:8000"
"""The address that pages name, the same for all: they are to have the same bytes."""
REPLIES: Final = "replies.json"
THREADS: Final = "8"
"""Threads of gunicorn."""


def absent() -> dict[str, str]:
    """Return the peers that are not there and cannot be had, each with what to do."""
    missing = {}
    looks: dict[str, Callable[[], Path]] = {
        NGINX: lambda: peers.program("nginx"),
        GUNICORN: lambda: peers.environment(GUNICORN_PACKAGE),
    }
    for name, look in looks.items():
        try:
            look()
        except peers.MissingPeer as reason:
            missing[name] = str(reason)
    return missing


def log_of(name: str, folder: Path) -> Path:
    """Return the access log of a server."""
    return folder / f"{name.replace(' ', '-')}.access.log"


def configuration(folder: Path, port: int, replies: Mapping[str, Reply]) -> str:
    """Write the bodies of `replies` to files, and return the configuration by which nginx serves each at its path.

    One process as ours has, connections without end; files by sendfile as Debian has it, and kept open, which of seven
    ways to set it costs least here.
    """
    places = []
    for number, (path, reply) in enumerate(sorted(replies.items())):
        (folder / f"{number}").write_bytes(reply.body)
        coding = reply.headers.get("content-encoding", "")
        header = f'add_header Content-Encoding "{coding}";' if coding else ""
        kind = reply.headers["content-type"]
        places.append(
            f'location = {path} {{ alias "{folder / str(number)}"; types {{}} default_type "{kind}"; {header} }}'
        )
    user = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    scratch = " ".join(
        f'{name}_temp_path "{folder / name}";' for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
{f"user {' '.join(user)};" if os.getuid() == 0 else ""}
worker_processes 1;
daemon off;
pid "{folder / "nginx.pid"}";
error_log stderr;
events {{ worker_connections 256; }}
http {{
    sendfile on;
    tcp_nopush on;
    open_file_cache max=100;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    access_log "{log_of(NGINX, folder)}";
    {scratch}
    server {{
        listen 127.0.0.1:{port};
        {(chr(10) + "        ").join(places)}
    }}
}}
"""


def words(name: str, port: int, folder: Path, release: Path) -> list[str]:
    """Return how a peer is started; nginx by the file `nginx.conf` in `folder`, granian alone by its file of replies."""
    if name == NGINX:
        return [str(peers.program(NGINX)), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    paths = [str(ROOT), *([str(peers.packages(GUNICORN_PACKAGE))] if name == GUNICORN else [])]
    environment = [
        "env",
        f"PYTHONPATH={os.pathsep.join(paths)}",
        f"{FOLDER}={release}",
        f"{PUBLIC}={PUBLIC_URL}",
        f"{constant.REPLIES}={folder / REPLIES}",
        f"{constant.LOG}={log_of(ALONE, folder)}",
        sys.executable,
        "-m",
    ]
    granian = ["granian", "--no-ws", "--http", "1", "--port", str(port), "--factory"]
    if name == ALONE:  # with our settings
        flags = ["--interface", "wsgi", "--blocking-threads", str(limits.THREADS)]
        flags += ["--http1-header-read-timeout", str(HEAD_TIMEOUT * 1000)]
        return [*environment, *granian, *flags, "benchmarks.constant:Application"]
    flags = ["--worker-class", "gthread", "--workers", "1", "--threads", THREADS, "--keep-alive", "75"]
    log = ["--access-logfile", str(log_of(GUNICORN, folder)), "--bind", f"127.0.0.1:{port}"]
    return [*environment, "gunicorn", *flags, *log, "benchmarks.wsgi:application()"]


@contextmanager
def ours(data: Material, core: int | None) -> Iterator[Server]:
    """Yield `cper-lod serve` with an access log."""
    flags = ("--access-log", str(log_of(OURS, data.folder)), "--public-url", PUBLIC_URL)
    with running(OURS, data, core=core, more=flags) as server:
        yield server


@contextmanager
def run_all(
    names: Sequence[str], data: Material, replies: Mapping[str, Reply], core: int | None
) -> Iterator[dict[str, Server]]:
    """Yield the peers of these names by name, each with an access log; nginx and granian alone have `replies`, by path.

    Raises RuntimeError for one that does not answer.
    """
    (release,) = (path.parent for path in data.releases.glob(f"[!.]*/{MANIFEST}"))
    page = min(replies)
    with ExitStack() as stack:
        servers = {}
        for name in names:
            port = free_port()
            if name == NGINX:
                (data.folder / "nginx.conf").write_text(configuration(data.folder, port, replies))
            if name == ALONE:
                constant.write(data.folder / REPLIES, replies)
            command = words(name, port, data.folder, release)
            paths = (page, page if name in (NGINX, ALONE) else "/health", page)
            servers[name] = stack.enter_context(started(name, command, port, paths, data.folder, core))
        yield servers
