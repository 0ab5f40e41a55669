"""Try a server behind nginx, as nginx.conf has it: `make -C deploy try`.

Starts cper-lod and an nginx with that file (other ports, a certificate of its own, everything in a temporary folder), sends
the requests of the tables below with curl, and prints what came. Exits with 1 if one of them failed.
Arguments are those of `cper-lod serve`: by default your settings and your data.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

NGINX_CONF = Path(__file__).with_name("nginx.conf")
HOST = "data.example.org"
MISSING = """{} is not installed: nothing was tried.
Debian, Ubuntu: sudo apt install nginx curl openssl. Fedora: sudo dnf install nginx curl openssl. macOS: brew install nginx.
nginx need not run by itself (sudo systemctl disable --now nginx): this starts one of its own."""


class Answer(NamedTuple):
    """What curl got: protocol, status, headers by their small name, body."""

    protocol: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Nginx:
    """An nginx with the configuration of the example, before a server at a port."""

    def __init__(
        self, folder: Path, server_port: int, prefix: str = "", changes: Mapping[str, str] | None = None
    ) -> None:
        """Start it in `folder`; `changes` are replacements in the example. Raises RuntimeError with what nginx says."""
        self.folder, self.port = folder, free_port()
        self.url = f"https://127.0.0.1:{self.port}{prefix}"
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj"
        _run(*make.split(), f"/CN={HOST}", "-keyout", key, "-out", certificate)
        site, first_lines = (
            NGINX_CONF.read_text("utf-8"),
            {
                "server 127.0.0.1:8000;": f"server 127.0.0.1:{server_port};",
                "    listen 443 ssl;": f"    listen 127.0.0.1:{self.port} ssl;",
                "    listen [::]:443 ssl;\n": "",
                f"/etc/ssl/{HOST}.pem": str(certificate),
                f"/etc/ssl/{HOST}.key": str(key),
                "location / {": f"location {prefix}/ {{",
            },
        )
        for old, new in (first_lines | dict(changes or {})).items():
            if site.count(old) != 1:
                raise RuntimeError(f"{NGINX_CONF} has not one {old!r}")
            site = site.replace(old, new)
        own = "user root;\n" if os.geteuid() == 0 else ""
        own += f"pid {folder}/nginx.pid;\n" + "\n".join(main_settings(site)) + "\n"
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        (folder / "nginx.conf").write_text(f"{own}http {{\naccess_log off;\n{folders}{site}}}\n", "utf-8")
        command = [program("nginx"), "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]
        if "[warn]" in (said := _run(*command, "-t")):
            raise RuntimeError(said)
        self._process = subprocess.Popen([*map(str, command), "-g", "daemon off;"])
        _wait_until_it_listens(self.port, self._process, folder / "error.log")

    def get(self, path: str, *curl: str, body: bytes = b"") -> Answer:
        """Return the answer to a request, of status 0 if there is none; `curl` are options of curl; a body makes it a POST."""
        (head := self.folder / "head").write_bytes(b"")
        command = ["curl", "-sk", "--http2", "--max-time", "60", "-D", str(head), *curl, self.url + path]
        command += ["-H", "Expect:", "--data-binary", "@-"] if body else []
        answered = subprocess.run(command, input=body, capture_output=True, check=False).stdout
        protocol, status, *_ = [*(head.read_text("latin-1").partition("\n")[0].split()), "", "0"]
        lines = (line.partition(":") for line in head.read_text("latin-1").splitlines()[1:])
        headers = defaultdict(str, {name.lower(): value.strip() for name, _, value in lines})
        return Answer(protocol, int(status), headers, answered)

    def statuses(self, path: str, count: int, *curl: str) -> list[str]:
        """Return the statuses of many requests that are sent together."""
        command = ["curl", "-sk", "--http2", "--parallel", "--parallel-max", "60", "-o", "/dev/null", *curl]
        asked = [*command, "-w", "%{http_code}\n", f"{self.url}{path}#[1-{count}]"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()

    def close(self) -> None:
        """Stop it."""
        _stop(self._process)


def main_settings(site: str) -> list[str]:
    """Return the lines for nginx.conf itself, which the comments of the example give."""
    return re.findall(r"^#   (.*[;}])$", site, re.MULTILINE)


# The requests: what is tried, and a function that says whether it holds.
Check = Callable[[Nginx], bool]
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(9)) + " }"
HTML, ASK = ("-H", "Accept: text/html"), quote("ASK {}")


def _post(nginx: Nginx, size: int = 0, method: str = "POST") -> Answer:
    kind = "Content-Type: application/sparql-query"
    return nginx.get("/sparql", "-X", method, "-H", kind, body=b"ASK {} #" + b"x" * size)


def _validated(nginx: Nginx, name: str) -> int:
    etag = nginx.get("/", *HTML).headers["etag"]
    return nginx.get("/", *HTML, "-H", f"{name}: {etag}").status


def _logged(nginx: Nginx) -> bool:
    """Whether a request of 127.0.0.3 that pretends to be another is logged as its own, without the end of its address."""
    false, path = "203.0.113.9", "/no-such-page"
    nginx.get(path, "--interface", "127.0.0.3", "-H", f"X-Forwarded-For: {false}", "-H", f"Forwarded: for={false}")
    for _ in range(200):  # lines are written when there is time
        lines = (nginx.folder / "server.log").read_text("utf-8").splitlines()
        if found := [each for each in lines if path in each]:
            return all('"client": "127.0.0.0"' in each for each in found)
        time.sleep(0.05)
    return False


def _limited(nginx: Nginx) -> bool:
    """Whether many requests of one address are refused with 429, and those of another are not."""
    found = nginx.statuses("/health", 3000, "--interface", "127.0.0.2")
    return {"200", "429"} == {*found} and nginx.get("/health").status == 200


def _is_problem(answer: Answer, status: int) -> bool:
    return answer.status == status and "json" in answer.headers["content-type"]


ANYWHERE: dict[str, Check] = {
    "the home page": lambda nginx: nginx.get("/", *HTML).status == 200,
    "links below the public address": lambda nginx: nginx.get("/", *HTML).body.count(b'href="' + _prefix(nginx)) > 5,
    "a redirect below the public address": lambda nginx: (
        nginx.get("/metrics/").headers["location"] == _prefix(nginx).decode() + "metrics"
    ),
    "JSON": lambda nginx: "json" in nginx.get("/health").headers["content-type"],
    "HTTP/2": lambda nginx: nginx.get("/", *HTML).protocol == "HTTP/2",
    "HTTP/1.1": lambda nginx: nginx.get("/", *HTML, "--http1.1").protocol == "HTTP/1.1",
}
WHOLE_HOST: dict[str, Check] = {
    "304 with the ETag of before": lambda nginx: _validated(nginx, "If-None-Match") == 304,
    "a header with underscores is dropped": lambda nginx: _validated(nginx, "If_None_Match") == 200,
    "compression": lambda nginx: (
        nginx.get("/", *HTML, "-H", "Accept-Encoding: gzip").headers.get("content-encoding") == "gzip"
    ),
    "a query by GET": lambda nginx: b"true" in nginx.get(f"/sparql?query={ASK}").body,
    "a query by POST": lambda nginx: b"true" in _post(nginx).body,
    "a query by QUERY": lambda nginx: b"true" in _post(nginx, method="QUERY").body,
    "a query by GET of 60 000 characters": lambda nginx: (
        nginx.get(f"/sparql?query={ASK}%23{'x' * 60_000}").status == 200
    ),
    "a longer one: 414 over HTTP/1.1, which HTTP/2 has no answer for": lambda nginx: (
        nginx.get(f"/sparql?query={ASK}%23{'x' * 90_000}", "--http1.1").status == 414
    ),
    "a query by POST of 300 000 characters: 413 of cper-lod": lambda nginx: _is_problem(_post(nginx, 300_000), 413),
    "an upload of 2 MB: 413 of nginx": lambda nginx: _post(nginx, 2_000_000).status == 413,
    "a query without end: 503 of cper-lod": lambda nginx: _is_problem(
        nginx.get(f"/sparql?query={quote(ENDLESS)}"), 503
    ),
    "/metrics is not there": lambda nginx: (
        [nginx.get(path).status for path in ("/metrics", "/%6detrics")] == [404, 404]
    ),
    "/ready": lambda nginx: nginx.get("/ready").status == 200,
    "the log has the address of the client, not what it says of it": _logged,
    "429 for one address that asks too much, not for others": _limited,
}


def _prefix(nginx: Nginx) -> bytes:
    return (nginx.url.partition(str(nginx.port))[2] + "/").encode()


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def program(name: str) -> str:
    """Return the path of a program, nginx often lies outside PATH; exits with what to install if it is missing."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        sys.exit(MISSING.format(name))
    return path


def _run(*command: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stderr


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    while process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(log.read_text("utf-8") if log.exists() else "It ended.")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(60)


@contextmanager
def _server(folder: Path, prefix: str, arguments: list[str]) -> Iterator[int]:
    """Start cper-lod as the example has it behind nginx, and return its port."""
    port, log = free_port(), folder / "server.log"
    flags = ["--port", port, "--public-url", f"https://{HOST}{prefix}", "--trusted-proxy", "127.0.0.1"]
    flags += ["--log-level", "info", "--query-timeout", "2"]
    with log.open("wb") as file:
        command = [sys.executable, "-m", "cper_lod", "serve", *map(str, flags), *arguments]
        process = subprocess.Popen(command, stdout=file, stderr=file)
        try:
            _wait_until_it_listens(port, process, log)
            yield port
        finally:
            _stop(process)


def try_all(arguments: list[str]) -> int:
    """Try everything, print a line for each, and return how many failed."""
    for name in ("nginx", "curl", "openssl"):
        program(name)
    failed = 0
    for prefix, table in (("", ANYWHERE | WHOLE_HOST), ("/cper", ANYWHERE)):
        print(f"https://{HOST}{prefix}/", flush=True)
        with tempfile.TemporaryDirectory(prefix="cper-lod-nginx-") as name:
            folder = Path(name)
            with _server(folder, prefix, arguments) as port:
                nginx = Nginx(folder, port, prefix)
                try:
                    for what, holds in table.items():
                        failed += not (good := holds(nginx))
                        print(f"  {'ok    ' if good else 'FAILED'} {what}", flush=True)
                finally:
                    nginx.close()
    return failed


if __name__ == "__main__":
    sys.exit(min(try_all(sys.argv[1:]), 1))
