"""What the tests share: the real sources, one sealed release, one running server, what a machine may lack."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from cper_lod.release.build.build import ensure
from cper_lod.release.release import Release
from tests.support.paths import ROOT

SOURCE = Path(os.environ.get("CPER_LOD_SOURCE", ROOT.parent / "shared" / "source" / "communique-2023-01-09.md"))
DCAT_AP = Path(os.environ.get("CPER_LOD_DCAT_AP", ROOT.parent / "shared" / "dcat-ap-3.0.1"))
CHROMIUM = Path(os.environ.get("CPER_LOD_CHROMIUM", "/usr/bin/chromium"))
hypothesis_settings.register_profile("untimed", deadline=None)  # no test asserts a time
hypothesis_settings.load_profile("untimed")
NEEDS = {
    "source": SOURCE,
    "dcatap": DCAT_AP / "html__shacl__shapes.ttl",
    "browser": CHROMIUM,
    "editor": ROOT / "cper_lod" / "web" / "static" / "editor" / "manifest.json",
    "r": Path(shutil.which("Rscript") or "/usr/bin/Rscript"),
    "nginx": Path(shutil.which("nginx") or "/usr/sbin/nginx"),
    "caddy": Path(shutil.which("caddy") or "/usr/bin/caddy"),
    "systemd": Path(shutil.which("systemd-analyze") or "/usr/bin/systemd-analyze"),
    "oxigraph": Path(sys.executable).parent / "oxigraph",
    "virtuoso": Path(shutil.which("virtuoso-t") or "/usr/bin/virtuoso-t"),
    "node": Path(shutil.which("npm") or "/usr/bin/npm"),
}
"""Markers of tests that need a file which a fresh machine may lack; without it they are left out, and said to be."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch by which .ci/run refuses to leave anything out."""
    parser.addoption(
        "--require-everything",
        action="store_true",
        help="leave nothing out: slow tests too, and no excuse for a missing browser or source",
    )


def _missing() -> list[str]:
    """Return the markers whose file is not there."""
    return sorted(marker for marker, path in NEEDS.items() if not path.exists())


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to start where everything is required and something is missing."""
    if _missing() and config.getoption("--require-everything"):
        raise pytest.UsageError(f"missing: {', '.join(str(NEEDS[marker]) for marker in _missing())}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run, and what is slow where not everything is required."""
    markers = _missing() if config.getoption("--require-everything") else [*_missing(), "slow"]
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in markers)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, and why."""
    if not config.getoption("--require-everything"):
        terminalreporter.write_line(
            "left out: the tests marked 'slow', which --require-everything and .ci/run also run"
        )
    for marker in _missing():
        terminalreporter.write_line(f"left out: the tests marked {marker!r}, since {NEEDS[marker]} is not there")


@pytest.fixture(scope="session")
def sources() -> Path:
    """Return the folder of the real sources."""
    return ROOT


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the release of the real sources is sealed, one for all processes of pytest-xdist."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "real-releases"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def release(releases: Path) -> Release:
    """Return the release of the real sources, built by whichever process comes first."""
    with (releases.parent / "real-releases.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return ensure(releases, ROOT)[0]


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A running `cper-lod serve`, and its address."""

    def __init__(self, arguments: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        command = [sys.executable, "-m", "cper_lod", "serve", "--port", str(self.port), *arguments]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}: {self.log.read_text()}")
            try:
                with urllib.request.urlopen(self.url + "/health", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the server did not answer: {self.log.read_text()}")

    def close(self) -> None:
        """End the server and wait for it."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def server(release: Release, releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return the one server that the HTTP tests share; it serves the release of the real sources."""
    log = tmp_path_factory.mktemp("server") / "log"
    running = Server(["--releases", str(releases), "--sources", str(ROOT), "--query-timeout", "3"], log)
    yield running
    running.close()


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the flags for the smallest sources, and for a folder of releases that the tests of a module share."""
    return [
        "--sources",
        str(ROOT / "tests" / "fictif" / "petit"),
        "--releases",
        str(tmp_path_factory.mktemp("releases")),
        "--query-workers",
        "2",
    ]


@pytest.fixture
def start(where: list[str], tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return what starts a server with more flags; whatever becomes of a test, none is left running."""
    servers: list[Server] = []

    def started(*flags: str) -> Server:
        servers.append(Server([*where, *flags], tmp_path / f"log{len(servers)}"))
        return servers[-1]

    yield started
    for server in servers:
        if server.process.poll() is None:
            server.close()


@pytest.fixture
def copied_sources(tmp_path: Path) -> Path:
    """Return a copy of the real sources that a test may change."""
    for name in ("ontology", "shapes", "data"):
        shutil.copytree(ROOT / name, tmp_path / "sources" / name)
    return tmp_path / "sources"
