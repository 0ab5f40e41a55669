"""Copies of one release: behind nginx, each in its own folder, or in front of a store that answers their queries."""

import grp
import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks import peers
from benchmarks.page_servers import NGINX, PUBLIC_URL
from benchmarks.servers import OURS, OXIGRAPH, Material, Server, free_port, running, started
from cper_lod.push.graph_store import GraphStore
from cper_lod.push.push import plan_push, push, read_state
from cper_lod.release.release import MANIFEST, open_release

FLAGS: Final = ("--watch", "0", "--public-url", PUBLIC_URL)
"""A copy looks at no sources: it serves what it was given."""


def configuration(folder: Path, port: int, copies: list[int]) -> str:
    """Return the configuration of a balancer: the copy with the fewest requests under way gets the next one."""
    user = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    scratch = " ".join(
        f'{name}_temp_path "{folder / name}";' for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    servers = " ".join(f"server 127.0.0.1:{each};" for each in copies)
    return f"""
{f"user {' '.join(user)};" if os.getuid() == 0 else ""}
worker_processes 1;
daemon off;
pid "{folder / "nginx.pid"}";
error_log stderr;
events {{ worker_connections 512; }}
http {{
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    access_log off;
    {scratch}
    upstream copies {{ least_conn; {servers} keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://copies; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""


@contextmanager
def release_copies(data: Material, count: int) -> Iterator[list[Server]]:
    """Yield so many servers, each of a copy of the sealed release; raises RuntimeError for one that does not answer."""
    with ExitStack() as stack:
        servers = []
        for number in range(count):
            releases = data.folder / f"copy-{count}-{number}"
            shutil.copytree(data.releases, releases)
            own = Material(data.folder, releases, data.index, data.ntriples, data.graphs, None, data.sources)
            servers.append(stack.enter_context(running(OURS, own, more=FLAGS)))
        yield servers


@contextmanager
def run_balancer(data: Material, servers: list[Server]) -> Iterator[Server]:
    """Yield nginx before these servers; raises RuntimeError where it does not answer."""
    port = free_port()
    folder = data.folder / f"balancer-{len(servers)}"
    folder.mkdir()
    file = folder / "nginx.conf"
    file.write_text(configuration(folder, port, [each.port for each in servers]))
    words = [str(peers.program(NGINX)), "-p", str(folder), "-e", "stderr", "-c", str(file)]
    first = servers[0]
    with started(NGINX, words, port, (first.query, first.health, first.page), data.folder) as server:
        yield server


@contextmanager
def copies_on_remote_engine(data: Material) -> Iterator[tuple[Server, Server]]:
    """Yield a copy whose queries Oxigraph's server answers, and that; raises RuntimeError where one does not answer."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    words = [str(peers.program(OXIGRAPH)), "serve", "--bind", f"127.0.0.1:{port}"]
    (folder,) = (path.parent for path in data.releases.glob(f"[!.]*/{MANIFEST}"))
    with started(OXIGRAPH, words, port, ("/query", "/", "/"), data.folder) as store:
        with GraphStore(f"{url}/store") as client:
            push(client, plan_push(open_release(folder), read_state(client)), lambda *_: None)
        with running(OURS, data, more=(*FLAGS, "--engine", f"{url}/query")) as server:
            yield server, store
