"""A real nginx with the example of deploy/, before a running server."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import trustme

from tests.support.paths import ROOT, TINY
from tests.support.processes import ended, eventually
from tests.support.server import Server, free_port, listening

EXAMPLE = ROOT / "deploy" / "nginx.conf"


class Proxied:
    """A real nginx with the example of deploy/, before a running server."""

    def __init__(
        self,
        place: Path,
        prefix: str = "",
        served: Sequence[object] = ("--sources", TINY),
        own: dict[str, str] | None = None,
    ) -> None:
        """`served` are flags with what is served, `own` are changes to the example."""
        self.prefix, self._place, self._own = prefix, place, own or {}
        flags = ["--public-url", f"https://data.example.org{prefix}", "--trusted-proxy", "127.0.0.1"]
        flags += ["--log-level", "info", "--log-addresses", "full", "--query-timeout", "2"]
        self.server = Server([*map(str, served), "--releases", str(place / "releases"), *flags], place / "server.log")
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}{prefix}"
        try:
            self._start()
        except BaseException:
            self.server.close()
            raise

    def _start(self) -> None:
        place = self._place
        certificate = trustme.CA().issue_cert("data.example.org")
        certificate.private_key_and_cert_chain_pem.write_to_path(place / "certificate.pem")
        (place / "nginx.conf").write_text(self._configuration())
        self._command = ["nginx", "-p", str(place), "-c", str(place / "nginx.conf"), "-e", str(place / "error.log")]
        tested = ended(*self._command, "-t")
        assert tested.returncode == 0, tested.stderr
        assert "[warn]" not in tested.stderr, tested.stderr
        self._nginx = subprocess.Popen([*self._command, "-g", "daemon off;"])
        if not eventually(lambda: listening(self.port), 5):
            self._nginx.kill()
            raise AssertionError((place / "error.log").read_text())

    def _configuration(self) -> str:
        """Return the example, but for addresses, ports and files; below a prefix as its first lines say."""
        site = EXAMPLE.read_text()
        changes = {
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{self.server.port};",
            "    listen 443 ssl;": f"    listen 127.0.0.1:{self.port} ssl;",
            "    listen [::]:443 ssl;\n": "",
            "/etc/ssl/data.example.org.pem": str(self._place / "certificate.pem"),
            "/etc/ssl/data.example.org.key": str(self._place / "certificate.pem"),
            "location / {": f"location {self.prefix}/ {{",
        } | self._own
        for old, new in changes.items():
            assert site.count(old) == 1, old
            site = site.replace(old, new)
        folders = "".join(
            f"{name}_temp_path {self._place}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        who = "user root;\n" if os.geteuid() == 0 else ""
        return (
            f"{who}worker_processes 1;\npid {self._place}/nginx.pid;\nevents {{ worker_connections 4096; }}\n"
            f"http {{\naccess_log off;\n{folders}{site}}}\n"
        )

    def get(self, path: str, *more: str) -> tuple[dict[str, str], bytes]:
        """Return the headers of an answer over HTTP/2, its status and protocol among them, and its body."""
        command = ["curl", "-sk", "--http2", "-D", str(self._place / "headers"), *more, self.url + path]
        body = subprocess.run(command, capture_output=True, check=True, timeout=120).stdout
        first, *lines = (self._place / "headers").read_text().strip().splitlines()
        headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
        return headers | {":version": first.split()[0], ":status": first.split()[1]}, body

    def close(self) -> None:
        self._nginx.send_signal(signal.SIGTERM)
        self._nginx.wait(120)
        self.server.close()
